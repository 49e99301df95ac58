"""Airspace documents written for tests: each builder makes a sound one, and takes what a test wants otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from geo.airspace.finding import Kind, Reading
from geo.airspace.reading import read_airspace

Json = dict[str, Any]
SAMPLES = Path(__file__).parents[5] / "shared" / "samples" / "airspace"


def square(west: float = -1.52, south: float = 52.40, size: float = 0.01) -> list[list[float]]:
    """A closed ring, counter-clockwise."""
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def volume_269(**changes: Any) -> Json:
    return {
        "uomDimensions": "M",
        "lowerLimit": 0,
        "lowerVerticalReference": "AGL",
        "upperLimit": 120,
        "upperVerticalReference": "AGL",
        "horizontalProjection": {"type": "Polygon", "coordinates": [square()]},
    } | changes


def zone_269(**changes: Any) -> Json:
    return {
        "identifier": "TST001",
        "country": "GBR",
        "name": "Test ground",
        "type": "COMMON",
        "restriction": "PROHIBITED",
        "reason": ["SENSITIVE"],
        "message": None,
        "applicability": [{"permanent": "YES"}],
        "zoneAuthority": [{"name": "Harbour office", "purpose": "AUTHORIZATION"}],
        "geometry": [volume_269()],
    } | changes


def features_269(*zones: Any) -> bytes:
    return json.dumps({"title": "test", "features": list(zones)}).encode()


def feature_318(geometry: Any, **properties: Any) -> Json:
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {
            "identifier": "TST318",
            "country": "GBR",
            "type": "REQ_AUTHORIZATION",
            "variant": "COMMON",
            "zoneAuthority": [{"purpose": "INFORMATION"}],
        }
        | properties,
    }


def drawing(geometry: Any, **properties: Any) -> Json:
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"id": "d1", "restriction": "PROHIBITED"} | properties,
    }


def polygon(*rings: Any) -> Json:
    return {"type": "Polygon", "coordinates": list(rings)}


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def point_property(lat: float, lon: float) -> str:
    return f"<gml:pointProperty><aixm:Point><gml:pos>{lat} {lon}</gml:pos></aixm:Point></gml:pointProperty>"


def geodesic(*places: tuple[float, float]) -> str:
    return f"<gml:GeodesicString>{''.join(point_property(*place) for place in places)}</gml:GeodesicString>"


def arc(lat: float, lon: float, *, radius: float, uom: str, start: float, end: float) -> str:
    return (
        f"<gml:ArcByCenterPoint numArc='1'>{point_property(lat, lon)}<gml:radius uom='{uom}'>{radius}</gml:radius>"
        f"<gml:startAngle uom='deg'>{start}</gml:startAngle><gml:endAngle uom='deg'>{end}</gml:endAngle>"
        "</gml:ArcByCenterPoint>"
    )


def circle(lat: float, lon: float, *, radius: float, uom: str) -> str:
    return (
        f"<gml:CircleByCenterPoint numArc='1'>{point_property(lat, lon)}<gml:radius uom='{uom}'>{radius}</gml:radius>"
        "</gml:CircleByCenterPoint>"
    )


def ring(*segments: str) -> str:
    members = "".join(
        f"<gml:curveMember><gml:Curve><gml:segments>{segment}</gml:segments></gml:Curve></gml:curveMember>"
        for segment in segments
    )
    return f"<gml:Ring>{members}</gml:Ring>"


def surface(outline: str, *, inside: str = "", srs: str = "urn:ogc:def:crs:EPSG::4326") -> str:
    inner = f"<gml:interior>{inside}</gml:interior>" if inside else ""
    return (
        f"<aixm:horizontalProjection><aixm:Surface srsName='{srs}'><gml:patches><gml:PolygonPatch>"
        f"<gml:exterior>{outline}</gml:exterior>{inner}</gml:PolygonPatch></gml:patches></aixm:Surface>"
        "</aixm:horizontalProjection>"
    )


def component(projection: str, *, operation: str = "BASE", lower: str = "", upper: str = "") -> str:
    lower = (
        lower or "<aixm:lowerLimit uom='FT'>0</aixm:lowerLimit><aixm:lowerLimitReference>SFC</aixm:lowerLimitReference>"
    )
    upper = (
        upper
        or "<aixm:upperLimit uom='FT'>2000</aixm:upperLimit><aixm:upperLimitReference>SFC</aixm:upperLimitReference>"
    )
    return (
        f"<aixm:geometryComponent><aixm:AirspaceGeometryComponent><aixm:operation>{operation}</aixm:operation>"
        f"<aixm:theAirspaceVolume><aixm:AirspaceVolume>{upper}{lower}{projection}</aixm:AirspaceVolume>"
        "</aixm:theAirspaceVolume></aixm:AirspaceGeometryComponent></aixm:geometryComponent>"
    )


def airspace(*components: str, designator: str = "EGRU123A", kind: str = "R", extra: str = "", valid: str = "") -> str:
    return (
        "<message:hasMember><aixm:Airspace><gml:identifier codeSpace='urn:uuid:'>a1</gml:identifier><aixm:timeSlice>"
        f"<aixm:AirspaceTimeSlice>{valid}<aixm:interpretation>BASELINE</aixm:interpretation>{extra}"
        f"<aixm:type>{kind}</aixm:type><aixm:designator>{designator}</aixm:designator><aixm:name>TEST RING</aixm:name>"
        f"{''.join(components)}</aixm:AirspaceTimeSlice></aixm:timeSlice></aixm:Airspace></message:hasMember>"
    )


def message(*members: str) -> bytes:
    return (
        "<?xml version='1.0' encoding='UTF-8'?><message:AIXMBasicMessage xmlns:aixm='http://www.aixm.aero/schema/5.1'"
        " xmlns:gml='http://www.opengis.net/gml/3.2' xmlns:message='http://www.aixm.aero/schema/5.1/message'"
        f" xmlns:xlink='http://www.w3.org/1999/xlink'>{''.join(members)}</message:AIXMBasicMessage>"
    ).encode()


def kml(*placemarks: str) -> bytes:
    return (
        "<?xml version='1.0'?><kml xmlns='http://www.opengis.net/kml/2.2'><Document><Folder>"
        f"{''.join(placemarks)}</Folder></Document></kml>"
    ).encode()


def read(data: bytes) -> Reading:
    return read_airspace(data, document="test")


def reasons(reading: Reading, kind: Kind) -> list[str]:
    return [finding.reason for finding in reading.of_kind(kind)]
