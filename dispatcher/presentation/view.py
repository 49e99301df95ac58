"""How much is shown to whom, and the few forms that all entities share."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from contracts.position import Place
from dispatcher.security.roles import Role

Json = dict[str, Any]


class View(StrEnum):
    """How much of an entity is shown."""

    CONTROL = "control"
    """Everything: controller, pilot, supervisor, engineer."""
    FIELD = "field"
    """Officers on their way, and who looks through a link."""


_FIELD = frozenset({Role.OFFICER, Role.WATCH, Role.MEDIA})


def view_of(roles: Collection[Role]) -> View:
    """The widest view that these roles give."""
    return View.CONTROL if any(role not in _FIELD for role in roles) else View.FIELD


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, e.g. ``2026-01-31T09:30:00.000Z``."""
    text = moment.isoformat(timespec="milliseconds")
    if not text.endswith("+00:00"):
        text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text[:-6] + "Z"


def place(where: Place) -> Json:
    """A point."""
    return {"lat_deg": where.lat_deg, "lon_deg": where.lon_deg}


def text(value: object | None) -> str | None:
    """An id as text; null where there is none."""
    return None if value is None else str(value)
