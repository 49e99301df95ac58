"""GML 3.2 surfaces as AIXM 5.1 uses them: geodesics, lines, and arcs by centre point.

After OGC 12-028r1 (use of GML for aviation data): with EPSG:4326 positions are latitude first and angles are bearings,
clockwise from true north; an end angle below the start angle makes the arc run anticlockwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.airspace import arc
from geo.airspace.errors import FeatureSkipped
from geo.airspace.fields import number, short
from geo.airspace.finding import Notes
from geo.airspace.ring import MOST_POINTS, Array
from geo.airspace.xmltree import Element
from geo.airspace.zone import FOOT_M

_METRES = {
    "m": 1.0,
    "km": 1000.0,
    "nm": 1852.0,
    "nmi": 1852.0,
    "[nmi_i]": 1852.0,
    "ft": FOOT_M,
    "[ft_i]": FOOT_M,
    "mi": 1609.344,
    "[mi_i]": 1609.344,
}
"""Symbols of AIXM's and UCUM's units, in small letters."""
_DEGREES = frozenset({"", "deg", "°", "degree", "degrees"})
_NEAR_M = 100.0
"""An arc's end within so much, or a hundredth of its radius, of its neighbour's is the same point, angles rounded."""


@dataclass(frozen=True, slots=True)
class CircleOutline:
    """A whole ring that is one circle."""

    lat_deg: float
    lon_deg: float
    radius_m: float


def outline(ring: Element, *, srs: str, notes: Notes) -> Array | CircleOutline:
    """A Ring or LinearRing as points (longitude, latitude), or the circle that it is. Raises `FeatureSkipped`."""
    srs = ring.attributes.get("srsName", srs)
    if ring.tag == "LinearRing":
        return _points(ring, srs)
    pieces: list[tuple[Element, str]] = []
    for member in ring.all("curveMember"):
        curve = member.first("Curve") or member.first("ElevatedCurve")
        if curve is None:
            linked = member.attributes.get("href")
            if linked:
                raise FeatureSkipped(f"a part of its outline is another feature's ({short(linked)})")
            raise FeatureSkipped(f"its outline has a {short(_inner(member))} that is not read")
        inner_srs = curve.attributes.get("srsName", srs)
        segments = curve.first("segments")
        pieces += [(segment, inner_srs) for segment in (segments.children if segments else [])]
    if not pieces:
        raise FeatureSkipped("its outline is empty")
    if len(pieces) == 1 and pieces[0][0].tag == "CircleByCenterPoint":
        lat, lon, radius_m = _centre(*pieces[0])
        return CircleOutline(lat, lon, radius_m)
    return _joined(pieces, notes)


def _joined(pieces: list[tuple[Element, str]], notes: Notes) -> Array:
    """The segments one after the other; what joins two that do not meet is a straight line."""
    straight: list[Array | None] = [_line(segment, srs) if segment.tag in _LINES else None for segment, srs in pieces]
    run: list[Array] = []
    for place, (segment, srs) in enumerate(pieces):
        line = straight[place]
        if line is None:
            before = straight[place - 1]
            after = straight[(place + 1) % len(pieces)]
            line = _arc(segment, srs, before=before, after=after, notes=notes)
        run.append(line)
    joined = np.vstack(run)
    # Where one segment ends the next begins: the same point twice is no repair.
    fresh = np.append(True, (np.abs(joined[1:] - joined[:-1]) > 1e-12).any(axis=1))
    joined = joined[fresh]
    # An arc's computed end and its neighbour's published point differ by rounding; the ring closes on its first point.
    if len(joined) > 3 and arc.distance_m(joined[0], joined[-1]) < 1.0:
        joined[-1] = joined[0]
    elif len(joined) > 2:
        joined = np.vstack([joined, joined[:1]])
    return joined


_LINES = frozenset({"GeodesicString", "Geodesic", "LineStringSegment"})


def _line(segment: Element, srs: str) -> Array:
    points = _points(segment, segment.attributes.get("srsName", srs))
    return points if segment.tag == "LineStringSegment" else arc.geodesic(points)


def _arc(segment: Element, srs: str, *, before: Array | None, after: Array | None, notes: Notes) -> Array:
    if segment.tag == "CircleByCenterPoint":
        raise FeatureSkipped("its outline has a whole circle among other parts")
    if segment.tag != "ArcByCenterPoint":
        raise FeatureSkipped(f"its outline has a {short(segment.tag)} that is not read")
    lat, lon, radius_m = _centre(segment, srs)
    start, end = _angle(segment, "startAngle"), _angle(segment, "endAngle")
    sweep = end - start
    if sweep == 0:
        raise FeatureSkipped("an arc of its outline begins and ends at the same angle")
    found = arc.arc(lat, lon, radius_m=radius_m, start_deg=start, sweep_deg=sweep)
    near_m = max(_NEAR_M, radius_m / 100)
    off_m = _off_m(found, before, after)
    if off_m <= near_m:
        return found
    # Some writers take angles as in mathematics, anticlockwise from east.
    other = arc.arc(lat, lon, radius_m=radius_m, start_deg=90.0 - start, sweep_deg=-sweep)
    if _off_m(other, before, after) <= near_m:
        notes.repaired("an arc of its outline has angles anticlockwise from east: read so, as its ends fit")
        return other
    notes.assumed(f"an arc of its outline ends {off_m:.0f} m away from its neighbours: joined by a line")
    return found


def _off_m(points: Array, before: Array | None, after: Array | None) -> float:
    gaps = [0.0]
    if before is not None and len(before):
        gaps.append(arc.distance_m(before[-1], points[0]))
    if after is not None and len(after):
        gaps.append(arc.distance_m(points[-1], after[0]))
    return max(gaps)


def _centre(segment: Element, srs: str) -> tuple[float, float, float]:
    """Latitude, longitude and radius in metres."""
    points = _points(segment, segment.attributes.get("srsName", srs))
    if len(points) != 1:
        raise FeatureSkipped("an arc of its outline has no single centre")
    radius = segment.first("radius")
    amount = number(radius.text) if radius is not None else None
    unit = radius.attributes.get("uom", "") if radius is not None else ""
    if amount is None or unit.lower() not in _METRES:
        raise FeatureSkipped(f"the radius of an arc of its outline cannot be read (unit {short(unit)!r})")
    return float(points[0, 1]), float(points[0, 0]), amount * _METRES[unit.lower()]


def _angle(segment: Element, name: str) -> float:
    element = segment.first(name)
    angle = number(element.text) if element is not None else None
    if element is None or angle is None or element.attributes.get("uom", "").lower() not in _DEGREES:
        raise FeatureSkipped(f"an arc of its outline has no {name} in degrees")
    return angle


def _points(element: Element, srs: str) -> Array:
    """What it holds of pos, posList and pointProperty, in their order."""
    rows: list[tuple[float, float]] = []
    for child in element.children:
        here = child
        child_srs = srs
        if child.tag == "pointProperty":
            point = child.first("Point") or child.first("ElevatedPoint")
            position = point.first("pos") if point is not None else None
            if point is None or position is None:
                raise FeatureSkipped("a point of its outline is another feature's")
            child_srs, here = point.attributes.get("srsName", srs), position
        if here.tag in {"pos", "posList"}:
            rows += _pairs(here, here.attributes.get("srsName", child_srs))
        if len(rows) > MOST_POINTS:
            raise FeatureSkipped(f"its outline has more than {MOST_POINTS} points")
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def _pairs(element: Element, srs: str) -> list[tuple[float, float]]:
    numbers = [number(part) for part in element.text.replace(",", " ").split()]
    width = 3 if element.attributes.get("srsDimension") == "3" else 2
    if not numbers or len(numbers) % width or None in numbers:
        raise FeatureSkipped("positions of its outline are not pairs of numbers")
    values = [value for value in numbers if value is not None]
    first, second = values[0::width], values[1::width]
    return list(zip(first, second, strict=True) if _east_first(srs) else zip(second, first, strict=True))


def _east_first(srs: str) -> bool:
    """Whether positions have their longitude first. Raises `FeatureSkipped` for anything but WGS84 in degrees."""
    name = srs.upper()
    if "CRS84" in name or "CRS:84" in name:
        return True
    if name == "" or name.endswith((":4326", "/4326", "#4326")):
        return False
    raise FeatureSkipped(f"its coordinates are in {short(srs)}: only WGS84 (EPSG:4326, CRS84) is read")


def _inner(element: Element) -> str:
    return element.children[0].tag if element.children else "part"
