"""Reads KML 2.2 that a force drew: placemarks with polygons, or points with a radius, and their extended data.

Properties are those of drawn GeoJSON. Where none gives a height, an extruded polygon reaches from the ground to its
points' altitude. Network links, overlays, lines and models are told and skipped.
"""

from __future__ import annotations

from typing import Any

from geo.airspace.errors import FeatureSkipped
from geo.airspace.feature import Limits, circle_volumes, polygon_volumes, read_features, read_parts
from geo.airspace.fields import called, number
from geo.airspace.finding import Notes, Reading
from geo.airspace.geojson import drawn_limits, drawn_zone
from geo.airspace.ring import Array, positions
from geo.airspace.xmltree import Element
from geo.airspace.zone import Format, Source, Volume, Zone

_SHAPES = ("Polygon", "Point", "LineString", "LinearRing", "Model", "Track", "MultiTrack")
_FEATURES = ("Placemark", "NetworkLink", "GroundOverlay", "ScreenOverlay", "PhotoOverlay")
_DATUMS = {"relativeToGround": "AGL", "absolute": "AMSL"}


def read_kml(root: Element, *, document: str, notes: Notes) -> Reading:
    """Zones of the placemarks. What cannot be read is a finding. Raises `DocumentRefused` for too much."""
    return read_features(
        root.below(*_FEATURES),
        document=document,
        format_=Format.KML,
        notes=notes,
        name_of=lambda feature: called(feature.text_of("name"), feature.attributes.get("id")),
        zone_of=_zone,
    )


def _zone(feature: Element, notes: Notes, source: Source) -> Zone:
    if feature.tag != "Placemark":
        raise FeatureSkipped(f"it is a {feature.tag}, not a placemark")
    fields = _properties(feature)
    shapes = feature.below(*_SHAPES)
    if not any(key.startswith("upper_") for key in fields):
        fields |= _extruded(shapes)
    limits = drawn_limits(fields, notes)
    radius_m = number(fields.get("radius_m"))
    volumes = read_parts("geometry", shapes, notes, lambda shape: _volumes(shape, radius_m, limits, notes))
    return drawn_zone(fields, volumes_source=(tuple(volumes), source), notes=notes)


def _properties(feature: Element) -> dict[str, Any]:
    """Extended data by their names in small letters, and what KML has an element for."""
    fields: dict[str, Any] = {
        "name": feature.text_of("name"),
        "description": feature.text_of("description"),
        "id": feature.attributes.get("id"),
        "start": feature.text_of("TimeSpan", "begin"),
        "end": feature.text_of("TimeSpan", "end"),
    }
    for data in feature.below("Data", "SimpleData"):
        value = data.text_of("value") if data.tag == "Data" else data.text
        fields[data.attributes.get("name", "").lower()] = value
    return {key: value for key, value in fields.items() if value}


def _extruded(shapes: list[Element]) -> dict[str, Any]:
    """The highest altitude of extruded polygons, as an upper limit with its datum."""
    highest: float | None = None
    datum = ""
    for shape in shapes:
        mode = _DATUMS.get(shape.text_of("altitudeMode"))
        if shape.tag != "Polygon" or mode is None or shape.text_of("extrude") not in {"1", "true"}:
            return {}
        if datum and mode != datum:
            return {}
        datum = mode
        for coordinates in shape.below("coordinates"):
            heights = [number(tuple_.split(",")[2]) for tuple_ in coordinates.text.split() if tuple_.count(",") == 2]
            if not heights or None in heights:
                return {}
            highest = max([height for height in heights if height is not None] + [highest or 0.0])
    return {"upper_m": highest, "upper_datum": datum} if highest else {}


def _volumes(shape: Element, radius_m: float | None, limits: Limits, notes: Notes) -> list[Volume]:
    if shape.tag == "Point":
        places = _ring(shape)
        if len(places) != 1:
            raise FeatureSkipped("its point is no position")
        if radius_m is None:
            raise FeatureSkipped("it is a point without a radius")
        return circle_volumes(float(places[0, 1]), float(places[0, 0]), radius_m, limits, notes)
    if shape.tag != "Polygon":
        raise FeatureSkipped(f"its {shape.tag} encloses nothing")
    outer = shape.first("outerBoundaryIs", "LinearRing")
    if outer is None:
        raise FeatureSkipped("its polygon has no outline")
    holes = [ring for boundary in shape.all("innerBoundaryIs") for ring in boundary.all("LinearRing")]
    return polygon_volumes(_ring(outer), [_ring(hole) for hole in holes], limits, notes)


def _ring(element: Element) -> Array:
    return positions([tuple_.split(",") for tuple_ in element.text_of("coordinates").split()])
