"""Writes ED-318 by the letter: GeoJSON with a layer in every geometry, and a circle as a point with an extent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
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
    own_fields,
    rings,
    short_identifier,
    written_authority,
)
from geo.airspace.finding import Notes
from geo.airspace.period import DailyPeriod, Period, written_instant
from geo.airspace.zone import Authority, Datum, Reason, Restriction, Volume, Zone

_DATUMS = frozenset({Datum.AGL, Datum.AMSL, Datum.WGS84})
_TRANSLATED = ("name", "service", "contactName")
LANGUAGE = "en-GB"


def write_ed318(zones: Iterable[Zone], *, title: str, issued_at: datetime, country: str, provider: str) -> Export:
    """A document of the zones; ``country`` (ISO 3166-1 alpha-3) is of those that say none."""
    notes = Notes()
    features = []
    for index, zone in enumerate(zones):
        written = _feature(zone, country, notes.about(index, zone.id))
        if written is not None:
            features.append(written)
    document = {
        "type": "FeatureCollection",
        "name": fitted(title),
        "metadata": {"issued": written_instant(issued_at), "provider": [_said(provider)]},
        "features": features,
    }
    return Export(document=document, findings=tuple(notes.findings))


def _feature(zone: Zone, country: str, notes: Notes) -> dict[str, Any] | None:
    geometries = [part for volume in zone.volumes if (part := _volume(volume, notes)) is not None]
    if not geometries:
        notes.skipped("no volume of it can be written: it is not in the document")
        return None
    known = (Reason.OTHER if reason is Reason.FOREIGN_TERRITORY else reason for reason in zone.reasons)
    reasons = tuple(dict.fromkeys(known))[:MOST_REASONS]
    own = own_fields(zone, reasons=reasons)
    asked = zone.restriction is Restriction.REQ_AUTHORISATION
    properties: dict[str, Any] = {
        "identifier": short_identifier(zone.id),
        "country": country_of(zone, country, notes),
        "type": "REQ_AUTHORIZATION" if asked else zone.restriction.value,
        "variant": zone.variant if zone.variant in {"COMMON", "CUSTOMIZED"} else "COMMON",
        "zoneAuthority": [_authority(one, notes) for one in zone.authorities or (NOBODY,)],
    }
    if zone.name is not None:
        properties["name"] = [_said(zone.name)]
    if reasons:
        properties["reason"] = [reason.value for reason in reasons]
    if zone.other_reason is not None:
        properties["otherReasonInfo"] = [_said(zone.other_reason)]
        if fitted(zone.other_reason) != zone.other_reason:
            own["other_reason"] = zone.other_reason
    if zone.conditions is not None:
        properties["restrictionConditions"] = zone.conditions
    if zone.message is not None:
        properties["message"] = [_said(zone.message)]
    if zone.periods:
        properties["limitedApplicability"] = [_period(period) for period in zone.periods]
    if own:
        properties["extendedProperties"] = {OWN: own}
    geometry = geometries[0] if len(geometries) == 1 else {"type": "GeometryCollection", "geometries": geometries}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _said(value: str) -> dict[str, str]:
    return {"text": fitted(value), "lang": LANGUAGE}


def _authority(authority: Authority, notes: Notes) -> dict[str, Any]:
    written = {
        key: [_said(value)] if key in _TRANSLATED else value
        for key, value in written_authority(authority, notes).items()
    }
    return {**written, "purpose": authority.purpose.value}


def _volume(volume: Volume, notes: Notes) -> dict[str, Any] | None:
    limits = expressible(volume, notes, allowed=_DATUMS)
    if limits is None:
        return None
    lower, upper = limits
    layer: dict[str, Any] = {"lower": lower.value_m, "lowerReference": lower.datum.value, "uom": "m"}
    if upper is not None:
        layer |= {"upper": upper.value_m, "upperReference": upper.datum.value}
    if volume.circle is not None:
        extent = {"subType": "Circle", "radius": volume.circle.radius_m}
        return {"type": "Point", "coordinates": centre(volume.circle), "extent": extent, "layer": layer}
    return {"type": "Polygon", "coordinates": rings(volume.area), "layer": layer}


def _period(period: Period) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if period.start is not None:
        written["startDateTime"] = written_instant(period.start)
    if period.end is not None:
        written["endDateTime"] = written_instant(period.end)
    if period.daily:
        written["schedule"] = [_daily(daily) for daily in period.daily]
    return written


def _daily(daily: DailyPeriod) -> dict[str, Any]:
    written: dict[str, Any] = {"day": days(daily)}
    if daily.start is not None:
        written["startTime"] = _clock(daily.start)
    if daily.end is not None:
        written["endTime"] = _clock(daily.end)
    if daily.start_event is not None:
        written["startEvent"] = daily.start_event.value
    if daily.end_event is not None:
        written["endEvent"] = daily.end_event.value
    return written


def _clock(clock: time) -> str:
    return f"{clock:%H:%M:%S}Z"
