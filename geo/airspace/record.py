"""A zone as text for the record, and back: nothing is shortened, rounded or assumed, so that it reads back equal.

ED-269 and ED-318 cannot say all that a zone holds; a record must. The text is JSON in ASCII with sorted keys, the same
for equal zones wherever they came from; what says nothing is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, time
from typing import Any

from shapely.geometry import Polygon

from geo.airspace.errors import ZoneError
from geo.airspace.period import WEEK, DailyPeriod, Day, Period, SunEvent, written_instant
from geo.airspace.zone import (
    GROUND,
    Authority,
    Circle,
    Datum,
    Format,
    Limit,
    Purpose,
    Reason,
    Restriction,
    Source,
    Volume,
    Zone,
)

_TEXTS = ("name", "country", "other_reason", "conditions", "message")
_AUTHORITY_TEXTS = tuple(each.name for each in fields(Authority) if each.name != "purpose")
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode


def written_zone(zone: Zone) -> str:
    """The zone as one line of JSON."""
    said: dict[str, Any] = {
        "id": zone.id,
        "restriction": zone.restriction.value,
        "variant": zone.variant,
        "volumes": [_written_volume(volume) for volume in zone.volumes],
        **{name: value for name in _TEXTS if (value := getattr(zone, name)) is not None},
    }
    if zone.reasons:
        said["reasons"] = [reason.value for reason in zone.reasons]
    if zone.periods:
        said["periods"] = [_written_period(period) for period in zone.periods]
    if zone.authorities:
        said["authorities"] = [_written_authority(authority) for authority in zone.authorities]
    if zone.source is not None:
        source = zone.source
        said["source"] = {"document": source.document, "format": source.format.value, "index": source.index}
    return _encode(said)


def read_zone(text: str) -> Zone:
    """The zone of a text that `written_zone` wrote. Raises `ZoneError` for any other."""
    try:
        return _zone(json.loads(text))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as wrong:
        raise ZoneError(f"this is no zone as it is recorded: {type(wrong).__name__}: {str(wrong)[:200]}") from None


def _zone(said: Mapping[str, Any]) -> Zone:
    source = said.get("source")
    return Zone(
        id=said["id"],
        volumes=tuple(_volume(each) for each in said["volumes"]),
        restriction=Restriction(said["restriction"]),
        variant=said["variant"],
        reasons=tuple(Reason(each) for each in said.get("reasons", ())),
        periods=tuple(_period(each) for each in said.get("periods", ())),
        authorities=tuple(
            Authority(**{**each, "purpose": Purpose(each["purpose"])}) for each in said.get("authorities", ())
        ),
        source=None
        if source is None
        else Source(document=source["document"], format=Format(source["format"]), index=source["index"]),
        **{name: said.get(name) for name in _TEXTS},
    )


def _written_volume(volume: Volume) -> dict[str, Any]:
    area = volume.area
    said: dict[str, Any] = {
        "area": [[list(point) for point in ring.coords] for ring in (area.exterior, *area.interiors)]
    }
    if volume.lower != GROUND:
        said["lower"] = [volume.lower.value_m, volume.lower.datum.value]
    if volume.upper is not None:
        said["upper"] = [volume.upper.value_m, volume.upper.datum.value]
    if volume.circle is not None:
        said["circle"] = [volume.circle.lat_deg, volume.circle.lon_deg, volume.circle.radius_m]
    return said


def _volume(said: Mapping[str, Any]) -> Volume:
    exterior, *holes = said["area"]
    circle = said.get("circle")
    return Volume(
        area=Polygon(exterior, holes),
        lower=_limit(said["lower"]) if "lower" in said else GROUND,
        upper=_limit(said["upper"]) if "upper" in said else None,
        circle=None if circle is None else Circle(lat_deg=circle[0], lon_deg=circle[1], radius_m=circle[2]),
    )


def _limit(said: list[Any]) -> Limit:
    value_m, datum = said
    return Limit(value_m=float(value_m), datum=Datum(datum))


def _written_period(period: Period) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if period.start is not None:
        said["start"] = written_instant(period.start)
    if period.end is not None:
        said["end"] = written_instant(period.end)
    if period.daily:
        said["daily"] = [_written_daily(daily) for daily in period.daily]
    return said


def _period(said: Mapping[str, Any]) -> Period:
    return Period(
        start=datetime.fromisoformat(said["start"]) if "start" in said else None,
        end=datetime.fromisoformat(said["end"]) if "end" in said else None,
        daily=tuple(_daily(each) for each in said.get("daily", ())),
    )


def _written_daily(daily: DailyPeriod) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if daily.days != WEEK:
        said["days"] = [day.value for day in daily.days]
    for name in ("start", "end"):
        clock: time | None = getattr(daily, name)
        event: SunEvent | None = getattr(daily, f"{name}_event")
        if clock is not None:
            said[name] = clock.isoformat()
        if event is not None:
            said[f"{name}_event"] = event.value
    return said


def _daily(said: Mapping[str, Any]) -> DailyPeriod:
    return DailyPeriod(
        days=tuple(Day(day) for day in said["days"]) if "days" in said else WEEK,
        start=time.fromisoformat(said["start"]) if "start" in said else None,
        end=time.fromisoformat(said["end"]) if "end" in said else None,
        start_event=SunEvent(said["start_event"]) if "start_event" in said else None,
        end_event=SunEvent(said["end_event"]) if "end_event" in said else None,
    )


def _written_authority(authority: Authority) -> dict[str, str]:
    texts = {name: value for name in _AUTHORITY_TEXTS if (value := getattr(authority, name)) is not None}
    return {**texts, "purpose": authority.purpose.value}
