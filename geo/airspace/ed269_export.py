"""Writes ED-269 by the letter, in either of its wrappers.

Whole metres or feet, identifiers of seven characters, texts of 200: what is shortened stands whole under
``extendedProperties``, which the standard leaves to whoever writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from geo.airspace.authority import NOBODY
from geo.airspace.ed269 import OWN
from geo.airspace.export import (
    MOST_REASONS,
    Export,
    centre,
    country_of,
    days,
    expressible,
    fitted,
    in_unit,
    own_fields,
    rings,
    short_identifier,
    whole,
    widened,
    written_authority,
)
from geo.airspace.finding import Notes
from geo.airspace.period import WEEK, DailyPeriod, Period, moved_days, written_instant
from geo.airspace.zone import Circle, Datum, Limit, Reason, Restriction, Volume, Zone

_DATUMS = frozenset({Datum.AGL, Datum.AMSL})
_LONGEST_OTHER_REASON = 30


class Wrapper(StrEnum):
    """What a document calls its list of zones; the hours of a day stand under the name that its users know."""

    FEATURES = "features"
    UAS_ZONE_LIST = "UASZoneList"


def write_ed269(
    zones: Iterable[Zone],
    *,
    title: str,
    issued_at: datetime,
    country: str,
    wrapper: Wrapper = Wrapper.FEATURES,
) -> Export:
    """A document of the zones; ``country`` (ISO 3166-1 alpha-3) is of those that say none."""
    notes = Notes()
    features = []
    for index, zone in enumerate(zones):
        about = notes.about(index, zone.id)
        written = _feature(zone, country, wrapper, about)
        if written is not None:
            features.append(written)
    head: dict[str, Any]
    if wrapper is Wrapper.FEATURES:
        head = {"title": title, "description": f"issued {written_instant(issued_at)}"}
    else:
        head = {"formatVersion": "1.0.0", "createdAt": written_instant(issued_at)}
    return Export(document={**head, wrapper.value: features}, findings=tuple(notes.findings))


def _feature(zone: Zone, country: str, wrapper: Wrapper, notes: Notes) -> dict[str, Any] | None:
    geometry = [part for volume in zone.volumes if (part := _volume(volume, notes)) is not None]
    if not geometry:
        notes.skipped("no volume of it can be written: it is not in the document")
        return None
    reasons = tuple(dict.fromkeys(Reason.OTHER if reason is Reason.DAR else reason for reason in zone.reasons))
    reasons = reasons[:MOST_REASONS]
    own = own_fields(zone, reasons=reasons)
    restriction = zone.restriction
    if restriction is Restriction.USPACE:
        restriction, own["restriction"] = Restriction.CONDITIONAL, Restriction.USPACE.value
    feature: dict[str, Any] = {
        "identifier": short_identifier(zone.id),
        "country": country_of(zone, country, notes),
        "type": zone.variant,
        "restriction": restriction.value,
        "applicability": [_period(period, wrapper, notes) for period in zone.periods or (Period(),)],
        "zoneAuthority": [
            {**written_authority(one, notes), "purpose": one.purpose.value} for one in zone.authorities or (NOBODY,)
        ],
        "geometry": geometry,
    }
    if zone.name is not None:
        feature["name"] = fitted(zone.name)
    if reasons:
        feature["reason"] = [reason.value for reason in reasons]
    if zone.conditions is not None:
        feature["restrictionConditions"] = zone.conditions
    if zone.other_reason is not None:
        feature["otherReasonInfo"] = fitted(zone.other_reason, _LONGEST_OTHER_REASON)
        if len(zone.other_reason) > _LONGEST_OTHER_REASON:
            own["other_reason"] = zone.other_reason
    if zone.message is not None:
        feature["message"] = fitted(zone.message)
    if own:
        feature["extendedProperties"] = {OWN: own}
    return feature


def _volume(volume: Volume, notes: Notes) -> dict[str, Any] | None:
    limits = expressible(volume, notes, allowed=_DATUMS)
    if limits is None:
        return None
    lower, upper = limits
    circle = volume.circle
    # One unit holds for both limits and a radius; only the limits have to be whole.
    unit = next((unit for unit in ("M", "FT") if _sayable(lower, upper, circle, unit)), None)
    if unit is None:
        lower, upper = widened(lower, upper, notes)
        unit = "M"
    written: dict[str, Any] = {
        "uomDimensions": unit,
        "lowerLimit": whole(lower, unit),
        "lowerVerticalReference": lower.datum.value,
        "upperLimit": whole(upper, unit),
        "upperVerticalReference": (upper or lower).datum.value,
    }
    if circle is not None:
        radius = in_unit(circle.radius_m, unit)
        written["horizontalProjection"] = {"type": "Circle", "center": centre(circle), "radius": radius}
    else:
        written["horizontalProjection"] = {"type": "Polygon", "coordinates": rings(volume.area)}
    return written


def _sayable(lower: Limit, upper: Limit | None, circle: Circle | None, unit: str) -> bool:
    limits = whole(lower, unit) is not None and (upper is None or whole(upper, unit) is not None)
    return limits and (circle is None or in_unit(circle.radius_m, unit) is not None)


def _period(period: Period, wrapper: Wrapper, notes: Notes) -> dict[str, Any]:
    written: dict[str, Any] = {"permanent": "YES" if period.always else "NO"}
    if period.start is not None:
        written["startDateTime"] = written_instant(period.start)
    if period.end is not None:
        written["endDateTime"] = written_instant(period.end)
    if period.daily:
        key = "schedule" if wrapper is Wrapper.FEATURES else "dailyPeriod"
        written[key] = [_daily(daily, notes) for daily in period.daily]
    return written


def _daily(daily: DailyPeriod, notes: Notes) -> dict[str, Any]:
    """ED-269 has no events of the sun: such hours are whole days, the next too, as they may pass midnight."""
    by_sun = daily.start_event is not None or daily.end_event is not None
    if by_sun:
        notes.assumed("its hours hang on the sun, which ED-269 cannot say: written as whole days")
        chosen = {*daily.days, *moved_days(daily.days, 1)}
        daily = DailyPeriod(days=tuple(day for day in WEEK if day in chosen))
    start, end = daily.start or time(), daily.end or time()
    return {"day": days(daily), "startTime": _clock(start), "endTime": _clock(end)}


def _clock(clock: time) -> str:
    return f"{clock:%H:%M:%S}.00Z"
