"""UUIDv7: ids that sort by the time they were made (RFC 9562, section 5.7). Clock and randomness are passed in."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

RandomBits = Callable[[int], int]
"""Takes a number of bits, returns a non-negative integer of at most so many; `secrets.randbits` in production."""


def uuid7(now: datetime, *, random_bits: RandomBits = secrets.randbits) -> UUID:
    """A version 7 UUID for the moment ``now``, in milliseconds."""
    unix_ms = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    value = unix_ms << 80 | 0x7 << 76 | random_bits(12) << 64 | 0b10 << 62 | random_bits(62)
    return UUID(int=value)
