"""Reads AIXM 5.1: the airspaces of a basic message, such as the UAS restriction areas of the United Kingdom.

One zone for each time slice of each airspace. A slice that only changes others, or whose outline is another feature's,
is told and skipped. Where a volume is composed by subtraction the zone is the larger one, without it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from geo.airspace.errors import FeatureSkipped
from geo.airspace.feature import Limits, circle_volumes, polygon_volumes, read_features, read_parts
from geo.airspace.fields import called, short, text
from geo.airspace.finding import Notes, Reading
from geo.airspace.gml import CircleOutline, outline
from geo.airspace.hours import read_daily
from geo.airspace.limits import read_pair
from geo.airspace.period import DailyPeriod, Period, read_instant
from geo.airspace.ring import Array
from geo.airspace.xmltree import Element
from geo.airspace.zone import Authority, Format, Reason, Restriction, Source, Volume, Zone

_PROHIBITED = frozenset({"P"})
_ASKING = frozenset({"R", "D", "CTR", "ATZ", "MATZ", "TSA", "TRA", "RAS", "W", "A", "CTA", "TMA", "RMZ", "TMZ"})
"""AIXM's codes of types that a drone enters only when asked; a danger area may be as closed as a restricted one."""
_BY_NOTAM = re.compile(r"\bNOTAM\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Slice:
    airspace: Element
    slice: Element

    @property
    def name(self) -> str:
        return text(self.slice.text_of("designator")) or text(self.slice.text_of("name")) or ""


def read_aixm(root: Element, *, document: str, notes: Notes) -> Reading:
    """Zones of the airspaces in a message. What cannot be read is a finding. Raises `DocumentRefused` for too much."""
    slices: list[_Slice] = []
    for airspace in root.below("Airspace"):
        found = [child for holder in airspace.all("timeSlice") for child in holder.all("AirspaceTimeSlice")]
        slices += [_Slice(airspace, one) for one in found] or [_Slice(airspace, Element("AirspaceTimeSlice", {}))]
    superseded = _superseded(slices)

    def zone_of(one: _Slice, about: Notes, source: Source) -> Zone:
        if source.index in superseded:
            raise FeatureSkipped("a later correction of this time slice is in the document")
        return _zone(one, about, source)

    return read_features(
        slices,
        document=document,
        format_=Format.AIXM,
        notes=notes,
        name_of=lambda one: called(one.name),
        zone_of=zone_of,
    )


def _superseded(slices: list[_Slice]) -> set[int]:
    """Slices of which the same airspace, interpretation and sequence number has a higher correction number."""
    latest: dict[tuple[int, str, str], tuple[int, int]] = {}
    old: set[int] = set()
    for index, one in enumerate(slices):
        if not one.slice.text_of("sequenceNumber"):
            continue
        key = (id(one.airspace), one.slice.text_of("interpretation"), one.slice.text_of("sequenceNumber"))
        written = one.slice.text_of("correctionNumber")
        correction = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0
        before = latest.get(key)
        if before is None or correction > before[0]:
            latest[key] = (correction, index)
        if before is not None:
            old.add(before[1] if correction > before[0] else index)
    return old


def _zone(one: _Slice, notes: Notes, source: Source) -> Zone:
    here = one.slice
    components = [part for holder in here.all("geometryComponent") for part in holder.all("AirspaceGeometryComponent")]
    if not components:
        what = here.text_of("interpretation") or "time slice"
        raise FeatureSkipped(f"its {short(what)} has no geometry of its own")
    enlarging = [part for part in components if _enlarges(part, notes)]
    volumes = read_parts("geometry", enlarging, notes, lambda part: _volumes(part, notes))
    name, designator = text(here.text_of("name")), text(here.text_of("designator"))
    identifier = designator or text(one.airspace.text_of("identifier")) or name
    if identifier is None:
        identifier = f"feature-{source.index}"
        notes.assumed(f"it has no identifier: called {identifier}")
    remarks = list(dict.fromkeys(text(note.text) or "" for note in here.below("note")))
    return Zone(
        id=identifier,
        name=name,
        restriction=_restriction(here, notes),
        reasons=(Reason.AIR_TRAFFIC,) if here.text_of("type") in {"CTR", "ATZ", "MATZ", "CTA", "TMA"} else (),
        message="\n".join(remark for remark in remarks if remark) or None,
        periods=_periods(here, remarks, notes),
        authorities=_authorities(here),
        volumes=tuple(volumes),
        source=source,
    )


def _enlarges(component: Element, notes: Notes) -> bool:
    operation = component.text_of("operation").upper() or "BASE"
    if operation in {"BASE", "UNION"}:
        return True
    notes.assumed(f"its geometry is composed by {short(operation)}: taken without that, which is the larger zone")
    return False


def _volumes(component: Element, notes: Notes) -> list[Volume]:
    volume = component.first("theAirspaceVolume", "AirspaceVolume")
    if volume is None:
        raise FeatureSkipped("its volume is not in the document")
    surface = volume.first("horizontalProjection", "Surface") or volume.first("horizontalProjection", "ElevatedSurface")
    if surface is None:
        if volume.below("contributorAirspace"):
            raise FeatureSkipped("its volume is made of other airspaces (contributorAirspace), which is not read")
        raise FeatureSkipped("its volume has no horizontal projection")
    lower, upper = volume.first("lowerLimit"), volume.first("upperLimit")
    bottom, top = read_pair(
        lower=lower.text if lower else None,
        lower_datum=volume.text_of("lowerLimitReference"),
        lower_unit=lower.attributes.get("uom") if lower else None,
        upper=upper.text if upper else None,
        upper_datum=volume.text_of("upperLimitReference"),
        upper_unit=upper.attributes.get("uom") if upper else None,
        notes=notes,
    )
    limits = Limits(lower=bottom, upper=top)
    srs = surface.attributes.get("srsName", "")
    patches = [*surface.below("PolygonPatch")]
    if not patches and surface.first("exterior") is not None:
        patches = [surface]
    return read_parts("patch", patches, notes, lambda patch: _patch(patch, srs, limits, notes))


def _patch(patch: Element, srs: str, limits: Limits, notes: Notes) -> list[Volume]:
    exterior = patch.first("exterior")
    rings = exterior.children if exterior is not None else []
    if len(rings) != 1:
        raise FeatureSkipped("it has no single outline")
    outer = outline(rings[0], srs=srs, notes=notes)
    holes: list[Array] = []
    for interior in patch.all("interior"):
        for ring in interior.children:
            try:
                inner = outline(ring, srs=srs, notes=notes)
            except FeatureSkipped as wrong:
                notes.repaired(f"a hole left out, so that the zone is the larger: {wrong.reason}")
                continue
            if isinstance(inner, CircleOutline):
                notes.repaired("a round hole left out, so that the zone is the larger")
            else:
                holes.append(inner)
    if isinstance(outer, CircleOutline):
        if holes:
            notes.repaired("the holes of a circle left out, so that the zone is the larger")
        return circle_volumes(outer.lat_deg, outer.lon_deg, outer.radius_m, limits, notes)
    return polygon_volumes(outer, holes, limits, notes, wound=False)


def _restriction(here: Element, notes: Notes) -> Restriction:
    kind = here.text_of("type").upper()
    if kind in _PROHIBITED:
        return Restriction.PROHIBITED
    if kind not in _ASKING:
        notes.assumed(f"its type {short(kind)!r} says no rule for drones: taken as {Restriction.REQ_AUTHORISATION}")
    return Restriction.REQ_AUTHORISATION


def _periods(here: Element, remarks: list[str], notes: Notes) -> tuple[Period, ...]:
    """The slice's validity with the hours of its activations; what is only switched on by NOTAM is taken as on."""
    start = _instant(here, "beginPosition", notes)
    end = _instant(here, "endPosition", notes)
    if start is not None and end is not None and end <= start:
        notes.assumed("its validity ends before it begins: left out of account")
        start = end = None
    if any(_BY_NOTAM.search(remark) for remark in remarks):
        notes.assumed("it is activated by NOTAM: taken as always active")
    period = Period(start=start, end=end, daily=_hours(here, notes))
    return () if period.always else (period,)


def _instant(here: Element, which: str, notes: Notes) -> datetime | None:
    written = here.text_of("validTime", "TimePeriod", which)
    if not written:
        return None
    instant = read_instant(written)
    if instant is None:
        notes.assumed(f"its {which} {short(written)!r} is no instant: left open")
    return instant


def _hours(here: Element, notes: Notes) -> tuple[DailyPeriod, ...]:
    """Hours in UTC where every activation says them so; otherwise none, which is always."""
    hours: list[DailyPeriod] = []
    for holder in here.all("activation"):
        activation = holder.first("AirspaceActivation")
        sheets = [] if activation is None else activation.below("Timesheet")
        if activation is None or activation.text_of("status").upper() == "INACTIVE":
            continue
        if not sheets:
            return ()
        for sheet in sheets:
            if sheet.text_of("timeReference").upper() not in {"", "UTC"} or sheet.text_of("startDate"):
                notes.assumed("its hours are not in UTC, or only of a season: taken as always active")
                return ()
            daily = _sheet(sheet, notes)
            if daily is None:
                return ()
            hours.append(daily)
    return tuple(hours)


def _sheet(sheet: Element, notes: Notes) -> DailyPeriod | None:
    day, day_until = sheet.text_of("day").upper(), sheet.text_of("dayTil").upper()
    if day_until and day_until != day:
        notes.assumed("its hours run over several days: taken as always active")
        return None
    if sheet.text_of("excluded").upper() == "YES":
        notes.assumed("its hours are of when it is not active: taken as always active")
        return None
    return read_daily(
        {
            "day": [day] if day else [],
            "startTime": sheet.text_of("startTime") or None,
            "endTime": sheet.text_of("endTime") or None,
            "startEvent": sheet.text_of("startEvent") or None,
            "endEvent": sheet.text_of("endEvent") or None,
        },
        notes,
    )


def _authorities(here: Element) -> tuple[Authority, ...]:
    names = [text(element.attributes.get("title", "")) for element in here.below("theOrganisationAuthority")]
    return tuple(Authority(name=name) for name in names if name)
