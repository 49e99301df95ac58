"""Reads ED-269 (EUROCAE, UAS geographical zones) in both wrappers found in the wild, `UASZoneList` and `features`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.airspace.authority import read_authorities
from geo.airspace.errors import FeatureSkipped
from geo.airspace.feature import (
    Limits,
    circle_volumes,
    polygon_volumes,
    read_features,
    read_parts,
    read_reasons,
    read_restriction,
)
from geo.airspace.fields import called, items, mapping, number, short, text, word
from geo.airspace.finding import Notes, Reading
from geo.airspace.hours import read_period
from geo.airspace.limits import read_limits
from geo.airspace.period import Period
from geo.airspace.ring import positions
from geo.airspace.zone import FOOT_M, Format, Reason, Restriction, Source, Volume, Zone

OWN = "kestrel"
"""Our object in ``extendedProperties``: what the standard has no place for."""


def read_ed269(features: list[Any], *, document: str, notes: Notes) -> Reading:
    """Zones of the features of a document. What cannot be read is a finding. Raises `DocumentRefused` for too much."""
    return read_features(
        features, document=document, format_=Format.ED269, notes=notes, name_of=_name_of, zone_of=_zone
    )


def _name_of(feature: object) -> str:
    fields = mapping(feature)
    return called(fields.get("identifier"), fields.get("name"))


def _zone(feature: object, notes: Notes, source: Source) -> Zone:
    if not isinstance(feature, dict):
        raise FeatureSkipped("it is no object")
    own = mapping(mapping(feature.get("extendedProperties")).get(OWN))
    parts = items(feature.get("geometry"))
    volumes = read_parts("geometry", parts, notes, lambda part: _volumes(part, notes))
    identifier = text(own.get("id")) or text(feature.get("identifier")) or text(feature.get("name"))
    if identifier is None:
        identifier = f"feature-{source.index}"
        notes.assumed(f"it has no identifier: called {identifier}")
    return Zone(
        id=identifier,
        country=text(feature.get("country")),
        name=text(own.get("name")) or text(feature.get("name")),
        variant=text(feature.get("type")) or "COMMON",
        restriction=own_restriction(own, read_restriction(feature.get("restriction"), notes)),
        reasons=own_reasons(own, read_reasons(items(feature.get("reason")), notes)),
        other_reason=text(own.get("other_reason")) or text(feature.get("otherReasonInfo")),
        conditions=text(feature.get("restrictionConditions")),
        message=text(own.get("message")) or text(feature.get("message")),
        periods=_periods(feature.get("applicability"), notes),
        authorities=read_authorities(items(feature.get("zoneAuthority"))),
        volumes=tuple(volumes),
        source=source,
    )


def own_restriction(own: Mapping[str, Any], written: Restriction) -> Restriction:
    """U-space, which ED-269 can only call conditional; our word can make a restriction no lighter."""
    if written is Restriction.CONDITIONAL and own.get("restriction") == Restriction.USPACE:
        return Restriction.USPACE
    return written


def own_reasons(own: Mapping[str, Any], written: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Reasons that the format has no word for, where OTHER stands in their place."""
    exact = [value for value in items(own.get("reasons")) if isinstance(value, str) and value in Reason.__members__]
    return tuple(dict.fromkeys(Reason(value) for value in exact)) if exact else written


def _volumes(part: object, notes: Notes) -> list[Volume]:
    fields = mapping(part)
    shape = mapping(fields.get("horizontalProjection"))
    lower, upper = read_limits(
        lower=fields.get("lowerLimit"),
        lower_datum=fields.get("lowerVerticalReference"),
        upper=fields.get("upperLimit"),
        upper_datum=fields.get("upperVerticalReference"),
        unit=fields.get("uomDimensions"),
        notes=notes,
    )
    limits = Limits(lower=lower, upper=upper)
    kind = word(shape.get("type"))
    if kind == "POLYGON":
        rings = items(shape.get("coordinates"))
        if not rings:
            raise FeatureSkipped("its polygon has no coordinates")
        exterior, *holes = [positions(ring) for ring in rings]
        return polygon_volumes(exterior, holes, limits, notes)
    if kind == "CIRCLE":
        center, radius = items(shape.get("center")), number(shape.get("radius"))
        place = [number(value) for value in center[:2]]
        if len(place) < 2 or place[0] is None or place[1] is None or radius is None:
            raise FeatureSkipped("its circle has no center or no radius")
        metres = FOOT_M if word(fields.get("uomDimensions")) == "FT" else 1.0
        return circle_volumes(place[1], place[0], radius * metres, limits, notes)
    raise FeatureSkipped(f"its shape {short(shape.get('type'))!r} is neither Polygon nor Circle")


def _periods(value: object, notes: Notes) -> tuple[Period, ...]:
    read: list[Period] = []
    for applicability in items(value):
        fields = mapping(applicability)
        permanent = word(fields.get("permanent"))
        period = read_period(fields, notes, daily_keys=("schedule", "dailyPeriod"))
        if permanent == "YES" and not period.always:
            notes.assumed("it is permanent and yet has times: taken as permanent")
            period = Period()
        if permanent == "NO" and period.always:
            notes.assumed("it is not permanent and says no time: taken as permanent")
        read.append(period)
    return () if any(period.always for period in read) else tuple(read)
