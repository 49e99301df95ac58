"""A place out of a PIDF-LO document (RFC 4119, shapes of RFC 5491): the geodetic ones, as a point and a radius, and the
civic address that stands beside them (RFC 5139) as a line of text.

Read with a parser that refuses document types and entities outright, so that nothing expands and nothing is fetched.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from contracts.screentext import without_unseen
from dispatcher.events import IncidentPlace

_METRES = "urn:ogc:def:uom:EPSG::9001"
_WGS84 = {"urn:ogc:def:crs:EPSG::4326", "urn:ogc:def:crs:EPSG::4979", "EPSG:4326", "EPSG:4979"}
_SHAPES = {"Point", "Circle", "Sphere", "Ellipse", "Ellipsoid", "Polygon", "Prism", "ArcBand"}
_M_PER_DEG = 111_195.0
"""Along a meridian of the mean sphere."""
MAX_RADIUS_M = 20_000.0


MAX_ADDRESS = 200
_CIVIC = "urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"
_STREET = ("HNO", "HNS", "PRD", "RD", "A6", "STS", "POD")
"""Parts of a street address, in the order in which they are said; A6 is what RFC 4119 called the street."""
_AREA = ("A4", "A3")
_NAMES = ("NAM", "LMK")


class NotAPlace(Exception):
    """The text holds no place that can be flown to; says why."""


@dataclass(slots=True)
class _Shape:
    name: str
    crs: str | None
    positions: list[float] = field(default_factory=list)
    radii_m: list[float] = field(default_factory=list)


class _Reader:
    """Collects the shapes while expat walks through the text."""

    def __init__(self) -> None:
        self.shapes: list[_Shape] = []
        self.civic_addresses = 0
        self.address: dict[str, str] = {}
        self._open: list[_Shape] = []
        self._text: list[str] = []
        self._uom: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._text = []
        self._uom = attributes.get("uom")
        if local == "civicAddress":
            self.civic_addresses += 1
        if local in _SHAPES:
            shape = _Shape(local, attributes.get("srsName"))
            # A shape inside another (the polygon of a prism) is part of it.
            if not self._open:
                self.shapes.append(shape)
            self._open.append(shape)

    def end(self, name: str) -> None:
        space, _, local = name.rpartition(" ")
        if space == _CIVIC and self.civic_addresses == 1:
            self.address.setdefault(local, " ".join("".join(self._text).split()))
        if self._open:
            shape = self._open[0]
            text = "".join(self._text)
            if local in ("pos", "posList"):
                shape.positions += _numbers(text)
            elif local in ("radius", "semiMajorAxis"):
                if self._uom is not None and self._uom != _METRES:
                    raise NotAPlace(f"a radius in {self._uom[:60]} is not taken: give metres ({_METRES})")
                shape.radii_m += _numbers(text)
            if local == self._open[-1].name:
                self._open.pop()
        self._text = []

    def data(self, text: str) -> None:
        self._text.append(text)


def place_of(xml: str) -> IncidentPlace:
    """The first geodetic shape; raises `NotAPlace`. A polygon becomes the circle around its middle."""
    reader = _read(xml)
    if not reader.shapes:
        what = "holds a civic address only" if reader.civic_addresses else "holds no location"
        raise NotAPlace(f"{what}: a drone needs a geodetic point or circle")
    return _place(reader.shapes[0])


def address_of(xml: str) -> str:
    """The first civic address as people say it, "14A High Street, Coventry"; empty without one. Raises `NotAPlace`."""
    said = {part: without_unseen(value, allowed="") for part, value in _read(xml).address.items()}
    number = said.get("HNO", "") + said.get("HNS", "")
    street = " ".join(filter(None, (number, *(said.get(part, "") for part in _STREET[2:]))))
    names = (said.get(part, "") for part in (*_NAMES, *_AREA))
    name, mark, *area = names
    return ", ".join(filter(None, (name, mark, street, *area)))[:MAX_ADDRESS]


def _read(xml: str) -> _Reader:
    reader = _Reader()
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(xml.strip().encode("utf-8"), True)
    except expat.ExpatError as error:
        raise NotAPlace(f"is not XML: line {error.lineno}: {expat.ErrorString(error.code)}") from None
    return reader


def _place(shape: _Shape) -> IncidentPlace:
    if shape.name == "ArcBand":
        raise NotAPlace("an ArcBand is too vague for a drone: give a point or circle")
    if shape.crs is not None and shape.crs not in _WGS84:
        raise NotAPlace(f"coordinates in {shape.crs[:60]} are not taken: give WGS84 (EPSG:4326)")
    size = 3 if (shape.crs or "").endswith("4979") else 2
    if shape.crs is None and len(shape.positions) == 3:
        size = 3
    numbers = shape.positions
    if not numbers or len(numbers) % size:
        raise NotAPlace(f"a position has {size} numbers: latitude and longitude first")
    points = [(numbers[index], numbers[index + 1]) for index in range(0, len(numbers), size)]
    for lat_deg, lon_deg in points:
        if not (-90 <= lat_deg <= 90 and -180 <= lon_deg <= 180):
            raise NotAPlace("latitude or longitude is out of range: latitude comes first")
    radius_m = max(shape.radii_m, default=0.0)
    lat_deg, lon_deg, radius_m = (*points[0], radius_m) if len(points) == 1 else _circle_around(points)
    if not 0 <= radius_m <= MAX_RADIUS_M:
        raise NotAPlace(f"a radius of {radius_m:.0f} m is no place to fly to: at most {MAX_RADIUS_M:.0f} m")
    return IncidentPlace(lat_deg=lat_deg, lon_deg=lon_deg, radius_m=radius_m)


def _circle_around(points: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Middle of the bounding box and the distance to the furthest corner, for areas of some kilometres."""
    first_lon = points[0][1]
    lats = [lat for lat, _ in points]
    # Longitudes relative to the first, so that an area across ±180° stays one.
    lons = [(lon - first_lon + 180.0) % 360.0 - 180.0 for _, lon in points]
    lat_deg = (min(lats) + max(lats)) / 2
    lon_off = (min(lons) + max(lons)) / 2
    narrow = math.cos(math.radians(lat_deg))
    radius_m = max(math.hypot(lat - lat_deg, (lon - lon_off) * narrow) for lat, lon in zip(lats, lons, strict=True))
    return lat_deg, (first_lon + lon_off + 180.0) % 360.0 - 180.0, round(radius_m * _M_PER_DEG, 1)


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(word) for word in text.split()]
    except ValueError:
        raise NotAPlace("a coordinate is not a number") from None
    if not all(math.isfinite(number) for number in numbers):
        raise NotAPlace("a coordinate is not a finite number")
    return numbers


def _refuse(*_: Any) -> None:
    raise NotAPlace("must not have a document type or entities")
