"""Places out of PIDF-LO: the shapes of RFC 5491, and nothing that an XML parser can be talked into."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.feeds.pidf import NotAPlace, address_of, place_of
from tests.unit.feeds.eido_documents import circle, pidf

WGS84 = 'srsName="urn:ogc:def:crs:EPSG::4326"'
WGS84_3D = 'srsName="urn:ogc:def:crs:EPSG::4979"'


def _metres(name: str, value: float) -> str:
    return f'<gs:{name} uom="urn:ogc:def:uom:EPSG::9001">{value}</gs:{name}>'


ELLIPSE = (
    f"<gs:Ellipse {WGS84}><gml:pos>52.41 -1.51</gml:pos>{_metres('semiMajorAxis', 7.75)}"
    f"{_metres('semiMinorAxis', 5.5)}</gs:Ellipse>"
)
SPHERE = f"<gs:Sphere {WGS84_3D}><gml:pos>52.41 -1.51 90</gml:pos>{_metres('radius', 850.24)}</gs:Sphere>"


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        (f"<gml:Point {WGS84}><gml:pos>52.41 -1.51</gml:pos></gml:Point>", (52.41, -1.51, 0.0)),
        (
            '<gml:Point srsName="urn:ogc:def:crs:EPSG::4979"><gml:pos>52.41 -1.51 90</gml:pos></gml:Point>',
            (52.41, -1.51, 0.0),
        ),
        ("<gml:Point><gml:pos> 52.41\n-1.51 </gml:pos></gml:Point>", (52.41, -1.51, 0.0)),
        (ELLIPSE, (52.41, -1.51, 7.75)),
        (SPHERE, (52.41, -1.51, 850.24)),
    ],
)
def test_a_shape_becomes_a_point_and_a_radius(shape: str, place: tuple[float, float, float]) -> None:
    found = place_of(pidf(shape))
    assert (found.lat_deg, found.lon_deg, found.radius_m) == place


@pytest.mark.parametrize(
    "ring",
    [
        "<gml:posList>52.40 -1.52 52.40 -1.50 52.42 -1.50 52.42 -1.52 52.40 -1.52</gml:posList>",
        "".join(f"<gml:pos>{pos}</gml:pos>" for pos in ("52.40 -1.52", "52.40 -1.50", "52.42 -1.50", "52.42 -1.52")),
    ],
)
def test_a_polygon_becomes_the_circle_around_it(ring: str) -> None:
    polygon = f"<gml:Polygon {WGS84}><gml:exterior><gml:LinearRing>{ring}</gml:LinearRing></gml:exterior></gml:Polygon>"
    found = place_of(pidf(polygon))
    assert found.lat_deg == pytest.approx(52.41)
    assert found.lon_deg == pytest.approx(-1.51)
    assert found.radius_m == pytest.approx(1302, rel=0.01)


def test_a_polygon_across_the_antimeridian_stays_small() -> None:
    ring = "<gml:posList>10 179.99 10 -179.99 10.01 -179.99 10 179.99</gml:posList>"
    polygon = f"<gml:Polygon {WGS84}><gml:exterior><gml:LinearRing>{ring}</gml:LinearRing></gml:exterior></gml:Polygon>"
    found = place_of(pidf(polygon))
    assert abs(found.lon_deg) == pytest.approx(180)
    assert found.radius_m < 1500


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        ("", "not XML"),
        ("<presence>", "not XML"),
        ("just here", "not XML"),
        (pidf(""), "no location"),
        (circle(lat_deg=137), "out of range"),
        (circle(lon_deg=181), "out of range"),
        (circle(radius_m=-1), "radius"),
        (circle(radius_m=20_001), "radius"),
        (circle(radius_m=float("nan")), "finite"),
        (circle(lat_deg=float("inf")), "finite"),
        (pidf(f"<gml:Point {WGS84}><gml:pos>52.41</gml:pos></gml:Point>"), "2 numbers"),
        (pidf(f"<gml:Point {WGS84}><gml:pos>52.41 -1.51 90</gml:pos></gml:Point>"), "2 numbers"),
        (pidf(f"<gml:Point {WGS84}><gml:pos>north west</gml:pos></gml:Point>"), "not a number"),
        (pidf(f"<gml:Point {WGS84}></gml:Point>"), "2 numbers"),
        (pidf('<gml:Point srsName="urn:ogc:def:crs:EPSG::27700"><gml:pos>4 2</gml:pos></gml:Point>'), "WGS84"),
        (circle().replace("9001", "9002"), "metres"),
        (pidf(f"<gs:ArcBand {WGS84}><gml:pos>52 -1</gml:pos></gs:ArcBand>"), "ArcBand"),
    ],
)
def test_what_is_no_place_says_why(xml: str, why: str) -> None:
    with pytest.raises(NotAPlace, match=why):
        place_of(xml)


@pytest.mark.parametrize(
    "prologue",
    [
        "<!DOCTYPE presence>",
        '<!DOCTYPE presence SYSTEM "http://127.0.0.1:9/evil.dtd">',
        '<!DOCTYPE presence [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE presence [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]>',
        "<!DOCTYPE presence [<!ENTITY % p '<!ENTITY q \"1\">'> %p;]>",
    ],
)
def test_a_document_type_is_refused_before_anything_comes_of_it(prologue: str) -> None:
    body = circle().split("?>", 1)[1]
    with pytest.raises(NotAPlace, match="document type or entities"):
        place_of(prologue + body)


def test_nesting_costs_nothing() -> None:
    with pytest.raises(NotAPlace):
        place_of(pidf("<a>" * 20_000 + "</a>" * 20_000))


@given(st.text(max_size=200), st.binary(max_size=200))
def test_garbage_is_no_place_and_nothing_else_happens(text: str, raw: bytes) -> None:
    for xml in (text, raw.decode("latin-1"), pidf(text), pidf(f"<gml:Point><gml:pos>{text}</gml:pos></gml:Point>")):
        try:
            found = place_of(xml)
        except NotAPlace as error:
            said = str(error)
        else:
            said = str(found)
        assert said


def _civic(*parts: str) -> str:
    inside = "".join(f"<{name}>{value}</{name}>" for name, _, value in (part.partition("=") for part in parts))
    return f'<civicAddress xmlns="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr">{inside}</civicAddress>'


@pytest.mark.parametrize(
    ("parts", "address"),
    [
        (("A3=Coventry", "RD=High", "STS=Street", "HNO=14", "HNS=A", "PC=CV1 5RE"), "14A High Street, Coventry"),
        (
            ("NAM=The Bull", "PRD=North", "RD=Mill Lane", "A4=Earlsdon", "A3=Coventry"),
            "The Bull, North Mill Lane, Earlsdon, Coventry",
        ),
        (("A6=Station Road", "HNO= 7 "), "7 Station Road"),
        (("RD=A&lt;b&gt;\n  Lane",), "A<b> Lane"),
        (("RD=\u202eteertS\u2066 hgiH\x85", "HNO=1\u200b4"), "14 teertS hgiH"),
        (("country=GB",), ""),
        (("RD=" + "x" * 300,), "x" * 200),
    ],
)
def test_a_civic_address_beside_the_place_is_said_as_people_do(parts: tuple[str, ...], address: str) -> None:
    assert address_of(pidf(_civic(*parts))) == address


def test_without_a_civic_address_there_is_none() -> None:
    assert address_of(circle()) == ""


def test_of_two_addresses_the_first_counts() -> None:
    both = _civic("RD=High Street") + _civic("RD=Low Street", "A3=Coventry")
    assert address_of(pidf(both)) == "High Street"
