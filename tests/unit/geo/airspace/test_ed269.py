"""ED-269: both wrappers, marks and nulls, circles and polygons, units, and the cautious reading of what is unclear."""

from __future__ import annotations

import codecs
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from geo.airspace.finding import Kind
from geo.airspace.zone import GROUND, Datum, Format, Limit, Purpose, Reason, Restriction, Zone
from tests.unit.geo.airspace.documents import SAMPLES, Json, features_269, read, reasons, square, volume_269, zone_269


def only_zone(**changes: Any) -> Zone:
    (zone,) = read(features_269(zone_269(**changes))).zones
    return zone


def test_both_wrappers_hold_the_same_zones() -> None:
    listed = json.dumps({"formatVersion": "1.0.0", "UASZoneList": [zone_269()]}).encode()
    nested = json.dumps({"UASZoneList": {"features": [zone_269()]}}).encode()
    expected = read(features_269(zone_269()))
    for data in (listed, nested):
        assert read(data).zones == expected.zones
        assert read(data).format is Format.ED269


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, b""])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-16"])
def test_every_encoding_of_json_is_read_with_and_without_its_mark(mark: bytes, encoding: str) -> None:
    data = features_269(zone_269(name="Zürich")).decode().encode(encoding)
    if encoding == "utf-8":
        data = mark + data
    assert len(read(data).zones) == 1


def test_text_in_an_older_encoding_is_read_and_told() -> None:
    data = json.dumps({"features": [zone_269(name="Zürich")]}, ensure_ascii=False).encode("cp1252")
    reading = read(data)
    assert reading.zones[0].name == "Zürich"
    assert "Windows-1252" in reasons(reading, Kind.ASSUMED)[0]


def test_a_null_message_is_no_message_and_no_fault() -> None:
    reading = read(features_269(zone_269(message=None, reason=None, restrictionConditions=None)))
    assert reading.zones[0].message is None
    assert reading.findings == ()


def test_what_a_zone_says_is_kept() -> None:
    zone = only_zone(message="Ask first", reason=["NATURE", "NOISE"], restriction="REQ_AUTHORISATION")
    assert (zone.id, zone.country, zone.name, zone.message) == ("TST001", "GBR", "Test ground", "Ask first")
    assert zone.restriction is Restriction.REQ_AUTHORISATION
    assert zone.reasons == (Reason.NATURE, Reason.NOISE)
    assert zone.authorities[0].name == "Harbour office"
    assert zone.authorities[0].purpose is Purpose.AUTHORIZATION
    assert zone.source is not None
    assert zone.source.index == 0


def test_limits_in_feet_become_metres_exactly() -> None:
    zone = only_zone(
        geometry=[volume_269(uomDimensions="FT", lowerLimit=100, upperLimit="400", upperVerticalReference="AMSL")]
    )
    assert zone.volumes[0].lower == Limit(value_m=100 * 0.3048, datum=Datum.AGL)
    assert zone.volumes[0].upper == Limit(value_m=400 * 0.3048, datum=Datum.AMSL)


def test_a_missing_upper_limit_is_without_end_and_a_missing_lower_one_is_the_ground() -> None:
    zone = only_zone(geometry=[volume_269(lowerLimit=None, upperLimit=None)])
    assert zone.volumes[0].lower == GROUND
    assert zone.volumes[0].upper is None


@pytest.mark.parametrize(
    ("changes", "lower_m", "upper_m", "said"),
    [
        ({"upperLimit": "high"}, 0.0, None, "without upper limit"),
        ({"lowerLimit": "low"}, 0.0, 120.0, "from the ground"),
        ({"upperLimit": 0}, 0.0, None, "without upper limit"),
        ({"uomDimensions": "CUBIT", "lowerLimit": 10}, 10 * 0.3048, 120.0, "CUBIT"),
        ({"lowerLimit": 200}, 120.0, 200.0, "exchanged"),
        ({"upperVerticalReference": "QNH"}, 0.0, 120.0, "datum"),
    ],
)
def test_an_unclear_limit_makes_the_zone_larger_and_is_told(
    changes: Json, lower_m: float, upper_m: float | None, said: str
) -> None:
    reading = read(features_269(zone_269(geometry=[volume_269(**changes)])))
    (volume,) = reading.zones[0].volumes
    assert volume.lower.value_m == lower_m
    assert (volume.upper and volume.upper.value_m) == upper_m
    assert any(said in finding.reason for finding in reading.findings)


def test_a_circle_is_read_with_its_centre_longitude_first() -> None:
    shape = {"type": "Circle", "center": [-1.5, 52.4], "radius": 500}
    (volume,) = only_zone(geometry=[volume_269(horizontalProjection=shape)]).volumes
    assert volume.circle is not None
    assert (volume.circle.lat_deg, volume.circle.lon_deg, volume.circle.radius_m) == (52.4, -1.5, 500.0)


def test_a_circle_in_feet_has_its_radius_in_feet() -> None:
    shape = {"type": "Circle", "center": [-1.5, 52.4], "radius": 1000}
    (volume,) = only_zone(geometry=[volume_269(horizontalProjection=shape, uomDimensions="FT")]).volumes
    assert volume.circle is not None
    assert volume.circle.radius_m == 1000 * 0.3048


def test_hours_stand_under_either_name_and_are_kept() -> None:
    hours = [{"day": ["MON", "FRI"], "startTime": "08:00Z", "endTime": "17:30:00.00Z"}]
    for key in ("schedule", "dailyPeriod"):
        zone = only_zone(applicability=[{"permanent": "NO", key: hours}])
        assert zone.applies_at(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))  # a Monday
        assert not zone.applies_at(datetime(2026, 11, 23, 17, 30, tzinfo=UTC))
        assert not zone.applies_at(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


def test_a_zone_with_start_and_end_applies_between_them() -> None:
    span = {"permanent": "NO", "startDateTime": "2026-06-01T10:00:00+02:00", "endDateTime": "2026-06-02T00:00:00Z"}
    zone = only_zone(applicability=[span])
    assert not zone.permanent
    assert not zone.applies_at(datetime(2026, 6, 1, 7, 59, tzinfo=UTC))
    assert zone.applies_at(datetime(2026, 6, 1, 8, 0, tzinfo=UTC))
    assert not zone.applies_at(datetime(2026, 6, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    "applicability",
    [
        {"permanent": "NO"},
        {"permanent": "YES", "endDateTime": "2020-01-01T00:00:00Z"},
        {"permanent": "NO", "endDateTime": "whenever"},
        {"permanent": "NO", "startDateTime": "2026-01-02T00:00:00Z", "endDateTime": "2026-01-01T00:00:00Z"},
    ],
)
def test_unclear_times_never_make_a_zone_apply_less(applicability: Json) -> None:
    reading = read(features_269(zone_269(applicability=[applicability])))
    assert reading.zones[0].permanent
    assert reasons(reading, Kind.ASSUMED)


def test_an_unknown_restriction_is_the_gravest() -> None:
    reading = read(features_269(zone_269(restriction="MAYBE")))
    assert reading.zones[0].restriction is Restriction.PROHIBITED
    assert "MAYBE" in reasons(reading, Kind.ASSUMED)[0]


def test_our_own_words_cannot_make_a_foreign_zone_lighter() -> None:
    own = {"kestrel": {"restriction": "NO_RESTRICTION"}}
    assert only_zone(extendedProperties=own).restriction is Restriction.PROHIBITED


def test_each_skipped_feature_is_told_with_its_place_its_name_and_why() -> None:
    broken = [
        zone_269(identifier="NOGEO", geometry=[]),
        zone_269(identifier="NULLGEO", geometry=None),
        zone_269(identifier="LINE", geometry=[volume_269(horizontalProjection={"type": "Line"})]),
        zone_269(
            identifier="NOPOS", geometry=[volume_269(horizontalProjection={"type": "Polygon", "coordinates": [[]]})]
        ),
        None,
    ]
    reading = read(features_269(zone_269(), *broken))
    assert len(reading.zones) == 1
    skipped = reading.of_kind(Kind.SKIPPED)
    assert [finding.index for finding in skipped] == [1, 2, 3, 4, 5]
    assert [finding.name for finding in skipped[:4]] == ["NOGEO", "NULLGEO", "LINE", "NOPOS"]
    assert all(finding.reason for finding in skipped)


def test_a_volume_that_cannot_be_read_is_told_and_the_others_stand() -> None:
    bad = volume_269(horizontalProjection={"type": "Circle", "center": [0, 0], "radius": -5})
    reading = read(features_269(zone_269(geometry=[bad, volume_269()])))
    assert len(reading.zones[0].volumes) == 1
    assert "geometry 0" in reasons(reading, Kind.SKIPPED)[0]


def test_two_zones_of_one_identifier_are_both_kept_and_told() -> None:
    reading = read(features_269(zone_269(), zone_269(name="Another")))
    assert len(reading.zones) == 2
    assert "TST001" in reasons(reading, Kind.ASSUMED)[0]


def test_a_zone_without_an_identifier_is_kept_under_a_name_of_its_own() -> None:
    reading = read(features_269(zone_269(identifier=None, name=None)))
    assert reading.zones[0].id == "feature-0"


def test_the_swiss_sample_is_read_without_a_finding() -> None:
    sample = SAMPLES / "ed269" / "cis_source_sample_ed269.json"
    if not sample.exists():
        pytest.skip(f"the ED-269 sample is not at {sample}")
    reading = read(sample.read_bytes())
    (zone,) = reading.zones
    assert reading.findings == ()
    assert (zone.id, zone.country, zone.permanent) == ("LSXX", "CHE", True)
    assert zone.volumes[0].upper is None
    assert zone.volumes[0].area.exterior.coords[0] == (6.166485701899006, 46.217024450605436)


def test_holes_are_kept() -> None:
    hole = [*reversed(square(-1.517, 52.403, 0.002))]
    shape = {"type": "Polygon", "coordinates": [square(), hole]}
    reading = read(features_269(zone_269(geometry=[volume_269(horizontalProjection=shape)])))
    assert reading.findings == ()
    assert len(reading.zones[0].volumes[0].area.interiors) == 1
