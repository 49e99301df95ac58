"""GeoJSON and KML drawn by a force: what is read, what is assumed where they are silent, and that silence is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from geo.airspace.errors import DocumentRefused
from geo.airspace.finding import Kind, Reading
from geo.airspace.zone import GROUND, Datum, Format, Limit, Reason, Restriction
from tests.unit.geo.airspace.documents import Json, collection, drawing, kml, polygon, read, reasons, square

KML_SQUARE = "-1.52,52.40,80 -1.51,52.40,80 -1.51,52.41,80 -1.52,52.41,80 -1.52,52.40,80"


def drawn(**properties: Any) -> Reading:
    return read(collection(drawing(polygon(square()), **properties)))


def placemark(shape: str, **data: str) -> bytes:
    extended = "".join(f"<Data name='{key}'><value>{value}</value></Data>" for key, value in data.items())
    return kml(f"<Placemark><name>Stadium</name><ExtendedData>{extended}</ExtendedData>{shape}</Placemark>")


def kml_polygon(*, mode: str = "", coordinates: str = KML_SQUARE, inner: str = "") -> str:
    hole = (
        f"<innerBoundaryIs><LinearRing><coordinates>{inner}</coordinates></LinearRing></innerBoundaryIs>"
        if inner
        else ""
    )
    return (
        f"<Polygon>{mode}<outerBoundaryIs><LinearRing><coordinates>{coordinates}</coordinates></LinearRing>"
        f"</outerBoundaryIs>{hole}</Polygon>"
    )


def test_a_drawing_that_says_everything_is_read_without_a_finding() -> None:
    reading = drawn(
        name="Stadium",
        restriction="CONDITIONAL",
        reason=["POPULATION"],
        message="match day",
        lower_m=0,
        upper_ft=400,
        upper_datum="AMSL",
        start="2026-06-01T12:00:00Z",
        end="2026-06-01T18:00:00Z",
        authority="silver-1",
        country="GBR",
    )
    (zone,) = reading.zones
    assert reading.format is Format.GEOJSON
    assert reading.findings == ()
    assert (zone.id, zone.name, zone.restriction, zone.message) == (
        "d1",
        "Stadium",
        Restriction.CONDITIONAL,
        "match day",
    )
    assert zone.reasons == (Reason.POPULATION,)
    assert zone.volumes[0].upper == Limit(value_m=400 * 0.3048, datum=Datum.AMSL)
    assert zone.applies_at(datetime(2026, 6, 1, 15, tzinfo=UTC))
    assert not zone.applies_at(datetime(2026, 6, 1, 18, tzinfo=UTC))
    assert zone.authorities[0].name == "silver-1"


def test_a_bare_drawing_is_prohibited_from_the_ground_without_end_and_always_and_says_so() -> None:
    reading = read(collection({"type": "Feature", "properties": None, "geometry": polygon(square())}))
    (zone,) = reading.zones
    assert (zone.id, zone.restriction, zone.permanent) == ("feature-0", Restriction.PROHIBITED, True)
    assert (zone.volumes[0].lower, zone.volumes[0].upper) == (GROUND, None)
    assert "no restriction" in reasons(reading, Kind.ASSUMED)[0]


def test_a_misspelt_height_does_not_pass_for_no_height() -> None:
    reading = drawn(uper_m=100)
    assert "uper_m" in reasons(reading, Kind.ASSUMED)[0]


def test_what_drawing_programs_write_for_themselves_is_no_finding() -> None:
    assert drawn(**{"stroke": "#f00", "fill-opacity": 0.5, "marker-color": "#fff"}).findings == ()


def test_a_point_with_a_radius_is_a_circle_and_without_one_is_told() -> None:
    point = {"type": "Point", "coordinates": [-1.5, 52.4]}
    reading = read(collection(drawing(point, radius_m=250), drawing(point, id="d2")))
    (zone,) = reading.zones
    assert zone.volumes[0].circle is not None
    assert zone.volumes[0].circle.radius_m == 250.0
    assert "without a radius" in reasons(reading, Kind.SKIPPED)[0]


def test_several_polygons_are_several_volumes_of_one_zone() -> None:
    several = {"type": "MultiPolygon", "coordinates": [[square()], [square(-1.4)]]}
    (zone,) = read(collection(drawing(several))).zones
    assert len(zone.volumes) == 2


@pytest.mark.parametrize("kind", ["LineString", "MultiPoint", "Sphere", None])
def test_what_encloses_nothing_is_told(kind: str | None) -> None:
    reading = read(collection(drawing({"type": kind, "coordinates": [[0, 0], [1, 1]]})))
    assert "encloses nothing" in reasons(reading, Kind.SKIPPED)[0]


@pytest.mark.parametrize("geometry", [None, {}, {"type": "GeometryCollection", "geometries": []}])
def test_a_feature_without_geometry_is_told(geometry: Json | None) -> None:
    reading = read(collection(drawing(geometry)))
    assert reading.zones == ()
    assert len(reading.of_kind(Kind.SKIPPED)) == 1


def test_a_lone_feature_and_a_lone_geometry_are_documents_too() -> None:
    import json

    assert len(read(json.dumps(drawing(polygon(square()))).encode()).zones) == 1
    assert len(read(json.dumps(polygon(square())).encode()).zones) == 1


def test_another_frame_of_coordinates_is_refused() -> None:
    import json

    frame = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    document = {"type": "FeatureCollection", "crs": frame, "features": [drawing(polygon(square()))]}
    with pytest.raises(DocumentRefused, match="27700"):
        read(json.dumps(document).encode())
    frame["properties"] = {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}
    assert len(read(json.dumps(document).encode()).zones) == 1


def test_a_placemark_is_read_with_its_extended_data() -> None:
    reading = read(placemark(kml_polygon(), restriction="CONDITIONAL", upper_m="90", radius_m="5"))
    (zone,) = reading.zones
    assert reading.format is Format.KML
    assert (zone.id, zone.name, zone.restriction) == ("Stadium", "Stadium", Restriction.CONDITIONAL)
    assert zone.volumes[0].upper == Limit(value_m=90.0, datum=Datum.AGL)
    assert zone.volumes[0].area.bounds == (-1.52, 52.40, -1.51, 52.41)


def test_an_extruded_polygon_reaches_to_its_altitude() -> None:
    for mode, datum in (("relativeToGround", Datum.AGL), ("absolute", Datum.AMSL)):
        shape = kml_polygon(mode=f"<extrude>1</extrude><altitudeMode>{mode}</altitudeMode>")
        (zone,) = read(placemark(shape, restriction="PROHIBITED")).zones
        assert zone.volumes[0].upper == Limit(value_m=80.0, datum=datum)


def test_a_flat_polygon_has_no_upper_limit_whatever_its_altitude() -> None:
    (zone,) = read(placemark(kml_polygon(), restriction="PROHIBITED")).zones
    assert zone.volumes[0].upper is None


def test_a_placemark_with_a_radius_is_a_circle() -> None:
    (zone,) = read(placemark("<Point><coordinates>-1.5,52.4,0</coordinates></Point>", radius_m="300")).zones
    assert zone.volumes[0].circle is not None
    assert zone.volumes[0].circle.lat_deg == 52.4


def test_kml_holes_are_kept() -> None:
    inner = "-1.518,52.402 -1.518,52.404 -1.516,52.404 -1.518,52.402"
    (zone,) = read(placemark(kml_polygon(inner=inner), restriction="PROHIBITED")).zones
    assert len(zone.volumes[0].area.interiors) == 1


def test_a_time_span_gives_start_and_end() -> None:
    span = "<TimeSpan><begin>2026-06-01T12:00:00Z</begin><end>2026-06-02</end></TimeSpan>"
    (zone,) = read(placemark(span + kml_polygon())).zones
    assert not zone.applies_at(datetime(2026, 6, 1, 11, tzinfo=UTC))
    assert zone.applies_at(datetime(2026, 6, 1, 23, tzinfo=UTC))


def test_links_overlays_and_lines_are_told_and_skipped() -> None:
    line = "<Placemark><name>way</name><LineString><coordinates>0,0 1,1</coordinates></LineString></Placemark>"
    reading = read(kml("<NetworkLink><name>more</name></NetworkLink>", line, "<GroundOverlay/>"))
    assert reading.zones == ()
    assert [finding.name for finding in reading.of_kind(Kind.SKIPPED)] == ["more", "way", ""]


def test_an_archive_is_refused_with_what_to_do() -> None:
    with pytest.raises(DocumentRefused, match="unpack"):
        read(b"PK\x03\x04" + bytes(40))
