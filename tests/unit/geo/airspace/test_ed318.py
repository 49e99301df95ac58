"""ED-318: layers, extents, collections, texts in several languages; the published examples where they are at hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from geo.airspace.finding import Kind
from geo.airspace.zone import Datum, Format, Limit, Restriction
from tests.unit.geo.airspace.documents import SAMPLES, collection, feature_318, polygon, read, reasons, square

LAYER = {"lower": 50, "lowerReference": "AGL", "upper": 500, "upperReference": "AMSL", "uom": "ft"}


def test_a_layer_gives_the_limits_in_its_unit() -> None:
    (zone,) = read(collection(feature_318({**polygon(square()), "layer": LAYER}))).zones
    assert zone.volumes[0].lower == Limit(value_m=50 * 0.3048, datum=Datum.AGL)
    assert zone.volumes[0].upper == Limit(value_m=500 * 0.3048, datum=Datum.AMSL)


def test_a_point_with_an_extent_is_a_circle() -> None:
    point = {"type": "Point", "coordinates": [2.6, 50.1], "extent": {"subType": "Circle", "radius": 3500}}
    (zone,) = read(collection(feature_318(point))).zones
    assert zone.volumes[0].circle is not None
    assert zone.volumes[0].circle.radius_m == 3500.0


def test_a_collection_hands_its_layer_to_those_that_have_none() -> None:
    own = {**polygon(square()), "layer": {"upper": 60, "upperReference": "AGL"}}
    geometry = {"type": "GeometryCollection", "geometries": [polygon(square(0, 10)), own], "layer": LAYER}
    (zone,) = read(collection(feature_318(geometry))).zones
    uppers = [volume.upper and volume.upper.value_m for volume in zone.volumes]
    assert uppers == [500 * 0.3048, 60.0]


def test_the_english_text_is_taken_where_there_is_one() -> None:
    name = [{"text": "Flughafen", "lang": "de-CH"}, {"text": "Airport", "lang": "en-GB"}]
    (zone,) = read(collection(feature_318(polygon(square()), name=name))).zones
    assert zone.name == "Airport"
    (zone,) = read(collection(feature_318(polygon(square()), name=name[:1]))).zones
    assert zone.name == "Flughafen"


def test_hours_that_hang_on_the_sun_are_whole_days_and_told() -> None:
    hours = [{"schedule": [{"day": ["MON"], "startEvent": "SR", "endEvent": "SS"}]}]
    reading = read(collection(feature_318(polygon(square()), limitedApplicability=hours)))
    assert reading.zones[0].applies_at(datetime(2026, 11, 23, 3, tzinfo=UTC))
    assert not reading.zones[0].applies_at(datetime(2026, 11, 26, 12, tzinfo=UTC))
    assert "sun" in reasons(reading, Kind.ASSUMED)[0]


def test_collections_nested_without_end_are_told_not_followed() -> None:
    geometry = polygon(square())
    for _ in range(50):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    reading = read(collection(feature_318(geometry)))
    assert reading.zones == ()
    assert "nested" in reasons(reading, Kind.SKIPPED)[0]


@pytest.mark.parametrize(
    ("name", "zones", "volumes"),
    [
        ("Example_Collection.json", 2, 3),
        ("Example_GeoZone_2_Layers.json", 1, 2),
        ("Example_GeoZone_Circle.json", 1, 1),
        ("Example_GeoZone_with_extension.json", 1, 1),
        ("InvalidExample_GeoZone_2_Layers.json", 1, 2),
        ("cis_source_sample_ed318.json", 3, 3),
    ],
)
def test_the_published_examples_are_understood_even_the_invalid_one(name: str, zones: int, volumes: int) -> None:
    sample = SAMPLES / "ed318" / name
    if not sample.exists():
        pytest.skip(f"the ED-318 example is not at {sample}")
    reading = read(sample.read_bytes())
    assert reading.format is Format.ED318
    assert len(reading.zones) == zones
    assert sum(len(zone.volumes) for zone in reading.zones) == volumes
    assert reading.of_kind(Kind.SKIPPED) == ()
    assert {zone.restriction for zone in reading.zones} <= {Restriction.REQ_AUTHORISATION, Restriction.PROHIBITED}


def test_the_swiss_sample_has_rings_the_wrong_way_round_which_is_told() -> None:
    sample = SAMPLES / "ed318" / "cis_source_sample_ed318.json"
    if not sample.exists():
        pytest.skip(f"the ED-318 sample is not at {sample}")
    reading = read(sample.read_bytes())
    assert len(reading.of_kind(Kind.REPAIRED)) == 3
    assert all(volume.area.exterior.is_ccw for zone in reading.zones for volume in zone.volumes)
