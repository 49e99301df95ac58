"""The bytes of an airspace document, of whichever format, as zones and findings: the one way in."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Any

from geo.airspace.aixm import read_aixm
from geo.airspace.ed269 import read_ed269
from geo.airspace.ed318 import flattened, read_ed318
from geo.airspace.errors import DocumentRefused, FeatureSkipped
from geo.airspace.fields import mapping, short, text
from geo.airspace.finding import Notes, Reading
from geo.airspace.geojson import read_geojson
from geo.airspace.jsondocument import check_size, parse_json
from geo.airspace.kml import read_kml
from geo.airspace.xmltree import parse_xml

_GEOMETRIES = frozenset({"Polygon", "MultiPolygon", "Point", "GeometryCollection", "LineString", "MultiLineString"})
_ED318_PROPERTIES = frozenset({"zoneAuthority", "limitedApplicability", "variant"})
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_airspace(data: bytes, *, document: str) -> Reading:
    """Zones and findings of ED-269, ED-318, AIXM 5.1, GeoJSON or KML; ``document`` is named in each zone's source.

    Raises `DocumentRefused` when the document as a whole is none of these, too large, or unsafe.
    """
    check_size(data)
    if data.startswith(b"PK\x03\x04"):
        raise DocumentRefused("it is a ZIP archive (such as KMZ): unpack it, and load what is in it")
    notes = Notes()
    if _looks_like_xml(data):
        return _read_xml(data, document, notes)
    return _read_json(parse_json(data, notes), document, notes)


def _looks_like_xml(data: bytes) -> bool:
    start = data[:256]
    for mark in _MARKS:
        start = start.removeprefix(mark)
    return start.replace(b"\x00", b"").lstrip().startswith(b"<")


def _read_xml(data: bytes, document: str, notes: Notes) -> Reading:
    root = parse_xml(data)
    if root.tag == "kml":
        return read_kml(root, document=document, notes=notes)
    if root.tag == "AIXMBasicMessage" or root.below("AirspaceTimeSlice"):
        return read_aixm(root, document=document, notes=notes)
    raise DocumentRefused(f"it is XML, but neither AIXM nor KML: its root is {short(root.tag)}")


def _read_json(value: Any, document: str, notes: Notes) -> Reading:
    if not isinstance(value, dict):
        raise DocumentRefused("it is JSON, but no object")
    features, listed = _features(value)
    reader: Callable[..., Reading]
    if listed or any(_is_ed269(feature) for feature in features):
        reader = read_ed269
    elif any(_is_ed318(feature) for feature in features):
        reader = read_ed318
    else:
        reader = read_geojson
    if reader is not read_ed269:
        _check_frame(value)
    return reader(features, document=document, notes=notes)


def _features(value: dict[str, Any]) -> tuple[list[Any], bool]:
    """The features, and whether they stand in ED-269's own list."""
    listed = value.get("UASZoneList")
    if isinstance(listed, dict):
        listed = listed.get("features")
    if isinstance(listed, list):
        return listed, True
    if isinstance(value.get("features"), list):
        return value["features"], False
    if value.get("type") == "Feature":
        return [value], False
    if text(value.get("type")) in _GEOMETRIES:
        return [{"type": "Feature", "properties": {}, "geometry": value}], False
    raise DocumentRefused("it is JSON, but has neither UASZoneList nor features")


def _is_ed269(feature: object) -> bool:
    fields = mapping(feature)
    return isinstance(fields.get("geometry"), list) or ("applicability" in fields and "properties" not in fields)


def _is_ed318(feature: object) -> bool:
    fields = mapping(feature)
    if _ED318_PROPERTIES & mapping(fields.get("properties")).keys():
        return True
    try:
        parts = flattened(fields.get("geometry"), "layer")
    except FeatureSkipped:
        return False
    return any("layer" in part or "extent" in part for part in parts)


def _check_frame(value: dict[str, Any]) -> None:
    """GeoJSON before RFC 7946 could name another frame of coordinates."""
    frame = mapping(mapping(value.get("crs")).get("properties")).get("name")
    if isinstance(frame, str) and not frame.upper().endswith(("CRS84", ":4326")):
        raise DocumentRefused(f"its coordinates are in {short(frame)}: only WGS84 is read")
