"""Strict out: what is written is valid by the standards, and what our own reader makes of it is the same zone."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from shapely.geometry import Polygon

from geo.airspace.ed269_export import Wrapper, write_ed269
from geo.airspace.ed318_export import write_ed318
from geo.airspace.export import Export, short_identifier
from geo.airspace.feature import Limits, circle_volumes
from geo.airspace.finding import Kind, Notes
from geo.airspace.period import WEEK, DailyPeriod, Period, SunEvent
from geo.airspace.zone import GROUND, Authority, Datum, Limit, Purpose, Reason, Restriction, Volume, Zone
from tests.unit.geo.airspace.documents import SAMPLES, read
from tests.unit.geo.airspace.shape269 import ED269

ISSUED = datetime(2026, 11, 23, 12, tzinfo=UTC)
SCHEMAS = SAMPLES / "ed318" / "schema"


def as_269(*zones: Zone, wrapper: Wrapper = Wrapper.FEATURES) -> Export:
    return write_ed269(zones, title="test", issued_at=ISSUED, country="GBR", wrapper=wrapper)


def as_318(*zones: Zone) -> Export:
    return write_ed318(zones, title="test", issued_at=ISSUED, country="GBR", provider="Test force")


def validator_318() -> Draft7Validator:
    if not SCHEMAS.exists():
        pytest.skip(f"the ED-318 schemas are not at {SCHEMAS}")
    base = "https://example.org/ed318/"
    resources: list[tuple[str, Resource[Any]]] = []
    for file in SCHEMAS.glob("*.json"):
        schema = json.loads(file.read_bytes())
        schema["$id"] = base + file.name
        resources.append((base + file.name, Resource.from_contents(schema)))
    registry = Registry().with_resources(resources)
    return Draft7Validator(
        {"$ref": base + "Schema_GeoZones.json"}, registry=registry, format_checker=Draft7Validator.FORMAT_CHECKER
    )


texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=250).map(
    lambda value: "".join(char if char.isprintable() else "x" for char in value).strip() or "x"
)
short_texts = texts.map(lambda value: value[:60].strip() or "x")
seconds = st.builds(
    time, hour=st.integers(0, 23), minute=st.integers(0, 58), second=st.integers(0, 59), tzinfo=st.just(UTC)
)
hours = st.builds(
    DailyPeriod,
    days=st.sets(st.sampled_from(WEEK), min_size=1).map(lambda days: tuple(day for day in WEEK if day in days)),
    start=seconds.filter(lambda clock: clock != time(tzinfo=UTC)),
    end=seconds.filter(lambda clock: clock != time(tzinfo=UTC)),
)
instants = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
periods = st.builds(
    Period,
    start=instants,
    end=st.none() | instants.map(lambda instant: instant.replace(year=2070, day=1)),
    daily=st.lists(hours, max_size=3).map(tuple),
)
authorities = st.builds(
    Authority,
    name=short_texts,
    service=st.none() | short_texts,
    phone=st.none() | st.just("+44 20 7946 0000"),
    email=st.none() | st.just("ops@example.org"),
    purpose=st.sampled_from(Purpose),
)


@st.composite
def volumes(draw: st.DrawFn, *, whole: bool) -> Volume:
    """A circle or a star anywhere, between limits that the format can say."""
    unit_m = draw(st.sampled_from([1.0, 0.3048]))
    metres = st.integers(0, 3000).map(lambda value: value * unit_m) if whole else st.floats(0, 3000)
    datum = draw(st.sampled_from([Datum.AGL, Datum.AMSL]))
    low, high = sorted([draw(metres), draw(metres)])
    upper = None if low == high else Limit(value_m=high, datum=datum)
    lower = Limit(value_m=low, datum=datum) if low else GROUND
    lon, lat = draw(st.floats(-179, 179)), draw(st.floats(-80, 80))
    if draw(st.booleans()):
        (volume,) = circle_volumes(
            lat, lon, draw(st.integers(1, 5000)) * unit_m, Limits(lower=lower, upper=upper), Notes()
        )
        return volume
    radii = draw(st.lists(st.floats(0.01, 0.5), min_size=3, max_size=9))
    angles = [2 * math.pi * place / len(radii) for place in range(len(radii))]
    corners = [(lon + r * math.cos(a), lat + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]
    return Volume(area=Polygon(corners), lower=lower, upper=upper)


def zones(*, whole: bool, reasons: list[Reason]) -> st.SearchStrategy[Zone]:
    return st.builds(
        Zone,
        id=texts,
        volumes=st.lists(volumes(whole=whole), min_size=1, max_size=3).map(tuple),
        restriction=st.sampled_from(Restriction),
        country=st.none() | st.just("GBR") | st.just("FRA"),
        name=st.none() | texts,
        reasons=st.lists(st.sampled_from(reasons), max_size=9, unique=True).map(tuple),
        other_reason=st.none() | texts,
        conditions=st.none() | texts,
        message=st.none() | texts,
        periods=st.lists(periods, max_size=2).map(tuple),
        authorities=st.lists(authorities, max_size=2).map(tuple),
    )


def with_country(zone: Zone) -> Zone:
    """As it is after an export, which needs a country."""
    from dataclasses import replace

    return replace(zone, country=zone.country or "GBR")


@settings(deadline=None, max_examples=50)
@given(zones(whole=True, reasons=list(Reason)), st.sampled_from(Wrapper))
def test_a_zone_written_as_ed269_is_valid_and_read_as_the_same_zone(zone: Zone, wrapper: Wrapper) -> None:
    export = as_269(zone, wrapper=wrapper)
    assert export.findings == ()
    Draft7Validator(ED269).validate(json.loads(export.as_bytes()))
    reading = read(export.as_bytes())
    assert reading.zones == (with_country(zone),)
    assert [finding for finding in reading.findings if "sun" not in finding.reason] == []


@settings(deadline=None, max_examples=50)
@given(zones(whole=False, reasons=list(Reason)))
def test_a_zone_written_as_ed318_is_valid_and_read_as_the_same_zone(zone: Zone) -> None:
    export = as_318(zone)
    assert export.findings == ()
    reading = read(export.as_bytes())
    assert reading.zones == (with_country(zone),)
    assert reading.findings == ()
    if SCHEMAS.exists():
        validator_318().validate(json.loads(export.as_bytes()))


def test_the_ed318_schema_that_we_validate_with_can_refuse() -> None:
    validator = validator_318()
    sound = json.loads(as_318(square_zone()).as_bytes())
    assert list(validator.iter_errors(sound)) == []
    sound["features"][0]["properties"]["type"] = "REQ_AUTHORISATION"
    assert list(validator.iter_errors(sound))


def test_the_published_invalid_example_is_valid_after_reading_and_writing_it() -> None:
    validator = validator_318()
    bad = (SAMPLES / "ed318" / "InvalidExample_GeoZone_2_Layers.json").read_bytes()
    assert list(validator.iter_errors(json.loads(bad)))
    assert list(validator.iter_errors(json.loads(as_318(*read(bad).zones).as_bytes()))) == []


@pytest.mark.parametrize("sample", ["ed269/cis_source_sample_ed269.json", "ed318/cis_source_sample_ed318.json"])
def test_the_swiss_samples_survive_both_exports(sample: str) -> None:
    if not (SAMPLES / sample).exists():
        pytest.skip(f"the sample is not at {SAMPLES / sample}")
    zones = read((SAMPLES / sample).read_bytes()).zones
    for export in (as_269(*zones), as_318(*zones)):
        assert export.findings == ()
        assert read(export.as_bytes()).zones == zones


def square_zone(**changes: Any) -> Zone:
    area = Polygon([(-1.52, 52.40), (-1.51, 52.40), (-1.51, 52.41), (-1.52, 52.41)])
    volume = Volume(area=area, lower=changes.pop("lower", GROUND), upper=changes.pop("upper", None))
    return Zone(**{"id": "SQ1", "volumes": (volume,), "restriction": Restriction.PROHIBITED} | changes)


def test_limits_that_were_feet_are_written_in_feet() -> None:
    zone = square_zone(upper=Limit(value_m=400 * 0.3048, datum=Datum.AGL))
    export = as_269(zone)
    volume = export.document["features"][0]["geometry"][0]
    assert (volume["uomDimensions"], volume["upperLimit"]) == ("FT", 400)
    assert read(export.as_bytes()).zones[0].volumes == zone.volumes


def test_limits_that_are_neither_are_widened_and_told() -> None:
    export = as_269(
        square_zone(lower=Limit(value_m=10.7, datum=Datum.AGL), upper=Limit(value_m=99.2, datum=Datum.AMSL))
    )
    volume = export.document["features"][0]["geometry"][0]
    assert (volume["lowerLimit"], volume["upperLimit"]) == (10, 100)
    assert "widened" in export.findings[0].reason


def test_a_flight_level_above_becomes_no_end_and_is_told() -> None:
    zone = square_zone(upper=Limit(value_m=195 * 30.48, datum=Datum.FL))
    for export in (as_269(zone), as_318(zone)):
        assert read(export.as_bytes()).zones[0].volumes[0].upper is None
        assert "FL195" in export.findings[0].reason
        assert export.findings[0].kind is Kind.ASSUMED


def test_a_flight_level_below_leaves_the_zone_out_and_is_told() -> None:
    zone = square_zone(lower=Limit(value_m=100 * 30.48, datum=Datum.FL))
    for export in (as_269(zone), as_318(zone)):
        assert export.document["features"] == []
        assert all(finding.kind is Kind.SKIPPED for finding in export.findings)
        assert "FL100" in export.findings[0].reason


def test_hours_of_the_sun_stay_in_ed318_and_are_whole_days_in_ed269() -> None:
    night = DailyPeriod(days=(WEEK[0],), start_event=SunEvent.SS, end_event=SunEvent.SR)
    zone = square_zone(periods=(Period(daily=(night,)),))
    assert read(as_318(zone).as_bytes()).zones[0].periods == zone.periods
    export = as_269(zone)
    (period,) = read(export.as_bytes()).zones[0].periods
    assert period.daily == (DailyPeriod(days=WEEK[:2]),)
    assert "sun" in export.findings[0].reason


def test_a_long_identifier_is_shortened_the_same_way_each_time_and_kept_beside() -> None:
    assert short_identifier("EGRU123") == "EGRU123"
    first, second = short_identifier("EGRU123A"), short_identifier("EGRU123B")
    assert len(first) == len(second) == 7
    assert first != second
    assert first == short_identifier("EGRU123A")
    assert read(as_269(square_zone(id="EGRU123A")).as_bytes()).zones[0].id == "EGRU123A"


def test_a_country_that_is_none_is_replaced_and_told() -> None:
    export = as_318(square_zone(country="UK"))
    assert export.document["features"][0]["properties"]["country"] == "GBR"
    assert "UK" in export.findings[0].reason


def test_no_zones_are_a_valid_document_too() -> None:
    Draft7Validator(ED269).validate(json.loads(as_269().as_bytes()))
    assert list(validator_318().iter_errors(json.loads(as_318().as_bytes()))) == []
