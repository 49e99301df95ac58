"""Reads ED-318 (EUROCAE, the successor of ED-269): GeoJSON with a layer and an extent in its geometries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.airspace.authority import read_authorities
from geo.airspace.ed269 import OWN, own_reasons
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
from geo.airspace.zone import Format, Source, Volume, Zone


def read_ed318(features: list[Any], *, document: str, notes: Notes) -> Reading:
    """Zones of the features of a document. What cannot be read is a finding. Raises `DocumentRefused` for too much."""
    return read_features(
        features, document=document, format_=Format.ED318, notes=notes, name_of=_name_of, zone_of=_zone
    )


def _name_of(feature: object) -> str:
    fields = mapping(mapping(feature).get("properties"))
    return called(fields.get("identifier"), fields.get("name"))


def _zone(feature: object, notes: Notes, source: Source) -> Zone:
    if not isinstance(feature, dict):
        raise FeatureSkipped("it is no object")
    fields = mapping(feature.get("properties"))
    own = mapping(mapping(fields.get("extendedProperties")).get(OWN))
    parts = flattened(feature.get("geometry"), "layer")
    volumes = read_parts("geometry", parts, notes, lambda part: _volumes(part, notes))
    identifier = text(own.get("id")) or text(fields.get("identifier")) or text(fields.get("name"))
    if identifier is None:
        identifier = f"feature-{source.index}"
        notes.assumed(f"it has no identifier: called {identifier}")
    periods = tuple(
        read_period(period, notes, daily_keys=("schedule",)) for period in items(fields.get("limitedApplicability"))
    )
    return Zone(
        id=identifier,
        country=text(fields.get("country")),
        name=text(own.get("name")) or text(fields.get("name")),
        variant=text(fields.get("variant")) or "COMMON",
        restriction=read_restriction(fields.get("type"), notes),
        reasons=own_reasons(own, read_reasons(items(fields.get("reason")), notes)),
        other_reason=text(own.get("other_reason")) or text(fields.get("otherReasonInfo")),
        conditions=text(fields.get("restrictionConditions")),
        message=text(own.get("message")) or text(fields.get("message")),
        periods=() if Period() in periods else periods,
        authorities=read_authorities(items(fields.get("zoneAuthority"))),
        volumes=tuple(volumes),
        source=source,
    )


def flattened(geometry: object, inherited: str, *, deep: int = 0) -> list[Mapping[str, Any]]:
    """The simple geometries of one; of a member of this name a collection's holds for its parts that have none."""
    fields = mapping(geometry)
    if word(fields.get("type")) != "GEOMETRYCOLLECTION":
        return [fields] if fields else []
    if deep > 8:
        raise FeatureSkipped("its geometries are nested too deeply")
    parts = [part for inner in items(fields.get("geometries")) for part in flattened(inner, inherited, deep=deep + 1)]
    ours = fields.get(inherited)
    return [part if ours is None or inherited in part else {**part, inherited: ours} for part in parts]


def shape_volumes(shape: Mapping[str, Any], radius_m: float | None, limits: Limits, notes: Notes) -> list[Volume]:
    """Polygons, and points with a radius, of GeoJSON. Raises `FeatureSkipped` for everything else."""
    kind, coordinates = word(shape.get("type")), shape.get("coordinates")
    if kind in {"POLYGON", "MULTIPOLYGON"}:
        several = items(coordinates) if kind == "MULTIPOLYGON" else [coordinates]

        def one(rings: object) -> list[Volume]:
            exterior, *holes = [positions(ring) for ring in items(rings)] or [positions([])]
            return polygon_volumes(exterior, holes, limits, notes)

        return read_parts("polygon", several, notes, one)
    if kind == "POINT":
        place = [number(value) for value in items(coordinates)[:2]]
        if len(place) < 2 or place[0] is None or place[1] is None:
            raise FeatureSkipped("its point is no position")
        if radius_m is None:
            raise FeatureSkipped("it is a point without a radius")
        return circle_volumes(place[1], place[0], radius_m, limits, notes)
    raise FeatureSkipped(f"its geometry {short(shape.get('type'))!r} encloses nothing")


def _volumes(part: Mapping[str, Any], notes: Notes) -> list[Volume]:
    layer, extent = mapping(part.get("layer")), mapping(part.get("extent"))
    lower, upper = read_limits(
        lower=layer.get("lower"),
        lower_datum=layer.get("lowerReference"),
        upper=layer.get("upper"),
        upper_datum=layer.get("upperReference"),
        unit=layer.get("uom"),
        notes=notes,
    )
    return shape_volumes(part, number(extent.get("radius")), Limits(lower=lower, upper=upper), notes)
