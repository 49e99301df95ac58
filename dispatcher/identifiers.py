"""Where new ids come from: passed in, so that a test's ids are the same each time."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

NewId = Callable[[], UUID]
"""Gives a new UUIDv7."""
