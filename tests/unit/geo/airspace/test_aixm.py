"""AIXM 5.1 as the United Kingdom's UAS restriction areas are written; and XML that is not read at all."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from pyproj import Geod

from geo.airspace.errors import DocumentRefused
from geo.airspace.finding import Kind
from geo.airspace.zone import GROUND, Datum, Format, Limit, Restriction, Zone
from tests.unit.geo.airspace.documents import (
    airspace,
    arc,
    circle,
    component,
    geodesic,
    message,
    read,
    reasons,
    ring,
    surface,
)

GEOD = Geod(ellps="WGS84")
BOX = [(52.40, -1.52), (52.40, -1.50), (52.41, -1.50), (52.41, -1.52), (52.40, -1.52)]


def zone_of(*components: str, **changes: str) -> Zone:
    (zone,) = read(message(airspace(*components, **changes))).zones
    return zone


def test_a_geodesic_string_is_a_polygon_with_its_limits() -> None:
    reading = read(message(airspace(component(surface(ring(geodesic(*BOX)))))))
    (zone,) = reading.zones
    assert reading.format is Format.AIXM
    assert reading.findings == ()
    assert (zone.id, zone.name, zone.restriction) == ("EGRU123A", "TEST RING", Restriction.REQ_AUTHORISATION)
    assert zone.volumes[0].lower == GROUND
    assert zone.volumes[0].upper == Limit(value_m=2000 * 0.3048, datum=Datum.AGL)
    assert zone.volumes[0].area.bounds == (-1.52, 52.40, -1.50, 52.41)


def test_a_circle_by_centre_point_is_a_circle_of_nautical_miles() -> None:
    zone = zone_of(component(surface(ring(circle(51.47, -0.45, radius=2.5, uom="[nmi_i]")))))
    found = zone.volumes[0].circle
    assert found is not None
    assert (found.lat_deg, found.lon_deg, found.radius_m) == (51.47, -0.45, 2.5 * 1852)


@pytest.mark.parametrize(("uom", "metres"), [("NM", 1852.0), ("M", 1.0), ("KM", 1000.0), ("[ft_i]", 0.3048)])
def test_radii_are_read_in_the_units_that_are_written(uom: str, metres: float) -> None:
    zone = zone_of(component(surface(ring(circle(51.47, -0.45, radius=3.0, uom=uom)))))
    assert zone.volumes[0].circle is not None
    assert zone.volumes[0].circle.radius_m == pytest.approx(3 * metres)


def place(bearing: float, radius_m: float = 4630.0) -> tuple[float, float]:
    lon, lat, _ = GEOD.fwd(-0.45, 51.47, bearing, radius_m)
    return lat, lon


def sector(start: float, end: float, written: tuple[float, float]) -> bytes:
    """A slice of a cake: from the centre out at one bearing, along the arc, and back."""
    outline = ring(
        geodesic((51.47, -0.45), place(start)),
        arc(51.47, -0.45, radius=2.5, uom="[nmi_i]", start=written[0], end=written[1]),
        geodesic(place(end), (51.47, -0.45)),
    )
    return message(airspace(component(surface(outline))))


def test_an_arc_runs_clockwise_from_north_where_its_end_angle_is_the_larger() -> None:
    reading = read(sector(30, 120, (30, 120)))
    assert reading.findings == ()
    area = reading.zones[0].volumes[0].area
    assert GEOD.geometry_area_perimeter(area)[0] == pytest.approx(np.pi * 4630**2 / 4, rel=1e-3)
    lat, lon = place(75, 3000)
    assert area.covers(type(area.centroid)(lon, lat))


def test_an_arc_runs_anticlockwise_where_its_end_angle_is_the_smaller_and_north_is_passed() -> None:
    area = read(sector(30, 300, (30, -60))).zones[0].volumes[0].area
    assert GEOD.geometry_area_perimeter(area)[0] == pytest.approx(np.pi * 4630**2 / 4, rel=1e-3)


def test_an_arc_in_mathematical_angles_is_told_by_its_ends() -> None:
    reading = read(sector(30, 120, (60, -30)))
    assert "anticlockwise from east" in reasons(reading, Kind.REPAIRED)[0]
    assert GEOD.geometry_area_perimeter(reading.zones[0].volumes[0].area)[0] == pytest.approx(
        np.pi * 4630**2 / 4, rel=1e-3
    )


def test_an_arc_that_meets_nothing_is_joined_by_lines_and_told() -> None:
    reading = read(sector(30, 120, (200, 250)))
    assert len(reading.zones) == 1
    assert any("joined by a line" in reason for reason in reasons(reading, Kind.ASSUMED))


def test_a_long_geodesic_is_followed_within_a_metre() -> None:
    corners = [(55.0, -3.0), (55.0, 1.0), (56.0, 1.0), (56.0, -3.0), (55.0, -3.0)]
    area = zone_of(component(surface(ring(geodesic(*corners))))).volumes[0].area
    lons, lats = np.array(GEOD.npts(-3.0, 55.0, 1.0, 55.0, 200)).T
    assert lats.max() > 55.01, "a geodesic leaves its parallel"
    from shapely import LineString, Point, distance

    outline = LineString(area.exterior.coords)
    off_deg = [distance(outline, Point(lon, lat)) for lon, lat in zip(lons, lats, strict=True)]
    assert max(off_deg) * 111_000 < 1.0


def test_positions_in_crs84_have_their_longitude_first() -> None:
    swapped = [(lon, lat) for lat, lon in BOX]
    zone = zone_of(component(surface(ring(geodesic(*swapped)), srs="urn:ogc:def:crs:OGC:1.3:CRS84")))
    assert zone.volumes[0].area.bounds == (-1.52, 52.40, -1.50, 52.41)


def test_flight_levels_and_sea_level_keep_their_datum() -> None:
    lower = "<aixm:lowerLimit uom='FT'>1500</aixm:lowerLimit><aixm:lowerLimitReference>MSL</aixm:lowerLimitReference>"
    upper = "<aixm:upperLimit uom='FL'>195</aixm:upperLimit><aixm:upperLimitReference>STD</aixm:upperLimitReference>"
    volume = zone_of(component(surface(ring(geodesic(*BOX))), lower=lower, upper=upper)).volumes[0]
    assert volume.lower == Limit(value_m=1500 * 0.3048, datum=Datum.AMSL)
    assert volume.upper is not None
    assert volume.upper.datum is Datum.FL
    assert volume.upper.value_m == pytest.approx(19500 * 0.3048)


def test_unlimited_and_ground_are_words_too() -> None:
    lower = "<aixm:lowerLimit>GND</aixm:lowerLimit>"
    upper = "<aixm:upperLimit>UNL</aixm:upperLimit>"
    volume = zone_of(component(surface(ring(geodesic(*BOX))), lower=lower, upper=upper)).volumes[0]
    assert (volume.lower, volume.upper) == (GROUND, None)


def test_a_subtraction_is_left_out_so_that_the_zone_is_the_larger_and_told() -> None:
    base = component(surface(ring(geodesic(*BOX))))
    less = component(surface(ring(circle(52.405, -1.51, radius=100, uom="M"))), operation="SUBTR")
    reading = read(message(airspace(base, less)))
    assert len(reading.zones[0].volumes) == 1
    assert "SUBTR" in reasons(reading, Kind.ASSUMED)[0]


def test_a_union_adds_a_volume() -> None:
    base = component(surface(ring(geodesic(*BOX))))
    more = component(surface(ring(circle(52.5, -1.51, radius=100, uom="M"))), operation="UNION")
    assert len(zone_of(base, more).volumes) == 2


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        ("<gml:Ring><gml:curveMember xlink:href='#border'/></gml:Ring>", "another feature's"),
        (ring("<gml:Arc><gml:posList>0 0 1 1 2 0</gml:posList></gml:Arc>"), "Arc"),
        (ring(circle(51, 0, radius=1, uom="furlong")), "furlong"),
        (ring(geodesic((51, 0), (52, 0))), "no area"),
        (ring(arc(51, 0, radius=1, uom="KM", start=10, end=10)), "same angle"),
        ("<gml:Ring/>", "empty"),
        ("", "outline"),
    ],
)
def test_an_outline_that_is_not_read_skips_the_feature_with_its_reason(outline: str, said: str) -> None:
    reading = read(message(airspace(component(surface(outline)))))
    assert reading.zones == ()
    (finding,) = reading.of_kind(Kind.SKIPPED)
    assert said in finding.reason
    assert finding.name == "EGRU123A"


def test_another_frame_of_coordinates_is_told() -> None:
    reading = read(message(airspace(component(surface(ring(geodesic(*BOX)), srs="urn:ogc:def:crs:EPSG::27700")))))
    assert "27700" in reasons(reading, Kind.SKIPPED)[0]


def test_an_airspace_without_geometry_is_told() -> None:
    assert "no geometry" in reasons(read(message(airspace())), Kind.SKIPPED)[0]


def test_an_earlier_correction_gives_way_to_the_later_one() -> None:
    def numbered(correction: int, designator: str) -> str:
        extra = (
            f"<aixm:sequenceNumber>1</aixm:sequenceNumber><aixm:correctionNumber>{correction}</aixm:correctionNumber>"
        )
        return airspace(component(surface(ring(geodesic(*BOX)))), designator=designator, extra=extra)

    first, second = numbered(0, "EGR1"), numbered(1, "EGR2")
    slices = (
        first.replace("</aixm:timeSlice></aixm:Airspace></message:hasMember>", "</aixm:timeSlice>")
        + second.partition("</gml:identifier>")[2]
    )
    reading = read(message(slices))
    assert [zone.id for zone in reading.zones] == ["EGR2"]
    assert "later correction" in reasons(reading, Kind.SKIPPED)[0]


def test_validity_gives_start_and_end() -> None:
    valid = (
        "<gml:validTime><gml:TimePeriod><gml:beginPosition>2026-11-01T00:00:00Z</gml:beginPosition>"
        "<gml:endPosition indeterminatePosition='unknown'/></gml:TimePeriod></gml:validTime>"
    )
    zone = zone_of(component(surface(ring(geodesic(*BOX)))), valid=valid)
    assert not zone.applies_at(datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    assert zone.applies_at(datetime(2040, 1, 1, tzinfo=UTC))


def test_hours_of_an_activation_are_kept_and_a_notam_is_taken_as_active() -> None:
    sheet = (
        "<aixm:activation><aixm:AirspaceActivation><aixm:timeInterval><aixm:Timesheet><aixm:timeReference>UTC"
        "</aixm:timeReference><aixm:day>MON</aixm:day><aixm:startTime>08:00</aixm:startTime><aixm:endTime>16:00"
        "</aixm:endTime></aixm:Timesheet></aixm:timeInterval></aixm:AirspaceActivation></aixm:activation>"
    )
    zone = zone_of(component(surface(ring(geodesic(*BOX)))), extra=sheet)
    assert zone.applies_at(datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert not zone.applies_at(datetime(2026, 11, 24, 9, tzinfo=UTC))
    note = (
        "<aixm:activation><aixm:AirspaceActivation><aixm:annotation><aixm:Note><aixm:translatedNote>"
        "<aixm:LinguisticNote><aixm:note lang='eng'>Activated by NOTAM.</aixm:note></aixm:LinguisticNote>"
        "</aixm:translatedNote></aixm:Note></aixm:annotation></aixm:AirspaceActivation></aixm:activation>"
    )
    reading = read(message(airspace(component(surface(ring(geodesic(*BOX)))), extra=note)))
    assert reading.zones[0].permanent
    assert reading.zones[0].message == "Activated by NOTAM."
    assert "NOTAM" in reasons(reading, Kind.ASSUMED)[0]


def test_a_prohibited_area_is_prohibited_and_an_unknown_type_asks() -> None:
    square = component(surface(ring(geodesic(*BOX))))
    assert zone_of(square, kind="P").restriction is Restriction.PROHIBITED
    reading = read(message(airspace(square, kind="OTHER:UAS")))
    assert reading.zones[0].restriction is Restriction.REQ_AUTHORISATION
    assert "OTHER:UAS" in reasons(reading, Kind.ASSUMED)[0]


def test_a_hole_is_kept() -> None:
    inside = ring(geodesic((52.403, -1.515), (52.406, -1.515), (52.406, -1.512), (52.403, -1.515)))
    area = zone_of(component(surface(ring(geodesic(*BOX)), inside=inside))).volumes[0].area
    assert len(area.interiors) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        b"<!DOCTYPE a SYSTEM 'file:///etc/hostname'><a/>",
        b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><a>&b;</a>",
        b"<a>&undefined;</a>",
        b"<a><b></a>",
        b"<" + b"a" * 10,
        b"<a>" * 5000,
        b"<?xml version='1.0' encoding='no-such'?><a/>",
        b"<html><body>Not found</body></html>",
    ],
)
def test_xml_that_declares_lies_or_is_something_else_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read(data)
    assert refused.value.reason
