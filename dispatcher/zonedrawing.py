"""Zones that somebody in the control room draws for a time: a fire, a search, an air ambulance on its way. Pure.

What is drawn must be exact: a person sits there who can put it right. Nothing but the shape is mended, and that is
told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher import events as ev
from dispatcher.airspace import MOST_DOCUMENTS, recorded_findings
from dispatcher.errors import Conflict, Invalid
from dispatcher.state import State
from geo.airspace.errors import DocumentRefused, FeatureSkipped
from geo.airspace.feature import Limits, circle_volumes, polygon_volumes
from geo.airspace.finding import Notes
from geo.airspace.period import Period
from geo.airspace.record import written_zone
from geo.airspace.ring import positions
from geo.airspace.zone import GROUND, Limit, Reason, Restriction, Volume, Zone

LONGEST = timedelta(days=30)
"""What lasts longer belongs into a document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCircle:
    """WGS84 degrees, and metres."""

    lat_deg: float
    lon_deg: float
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What somebody drew. A polygon is its corners as (latitude, longitude)."""

    title: str
    reason: str
    shape: DrawnCircle | Sequence[tuple[float, float]]
    end: datetime
    restriction: Restriction = Restriction.PROHIBITED
    lower: Limit = GROUND
    upper: Limit | None = None
    """None: without end."""
    start: datetime | None = None
    """None: now."""


def draw(state: State, drawing: Drawing, *, name: str, now: datetime) -> ev.ZoneDrawn:
    """The event that puts it in force. Raises `Invalid` for what is none, `Conflict` when there are too many."""
    start = now if drawing.start is None else drawing.start
    if drawing.end <= max(start, now):
        raise Invalid.field("/end", "must be after the start, and in the future")
    if drawing.end - start > LONGEST:
        raise Invalid.field("/end", f"must be at most {LONGEST.days} days after the start: load a document for longer")
    lower, upper = drawing.lower, drawing.upper
    if upper is not None and upper.datum is lower.datum and upper.value_m <= lower.value_m:
        raise Invalid.field("/upper", "must be above the lower limit")
    if len(state.airspace.documents) >= MOST_DOCUMENTS:
        raise Conflict(f"{MOST_DOCUMENTS} documents and zones are in force, more are not taken: withdraw some")
    notes = Notes()
    zone = Zone(
        id=name,
        name=drawing.title,
        volumes=tuple(_volumes(drawing, notes)),
        restriction=drawing.restriction,
        reasons=(Reason.EMERGENCY,),
        message=drawing.reason,
        periods=(Period(start=start, end=drawing.end),),
    )
    findings, _ = recorded_findings(notes.findings)
    return ev.ZoneDrawn(
        name=name, zone=written_zone(zone), reason=drawing.reason, start=start, end=drawing.end, findings=findings
    )


def _volumes(drawing: Drawing, notes: Notes) -> list[Volume]:
    limits, shape = Limits(lower=drawing.lower, upper=drawing.upper), drawing.shape
    try:
        if isinstance(shape, DrawnCircle):
            return circle_volumes(shape.lat_deg, shape.lon_deg, shape.radius_m, limits, notes)
        ring = positions([[lon_deg, lat_deg] for lat_deg, lon_deg in shape])
        closed = ring if (ring[0] == ring[-1]).all() else ring[[*range(len(ring)), 0]]
        return polygon_volumes(closed, [], limits, notes, wound=False)
    except (FeatureSkipped, DocumentRefused) as wrong:
        raise Invalid.field("/circle" if isinstance(shape, DrawnCircle) else "/polygon", wrong.reason) from None
