"""A zone as it is recorded reads back equal: nothing that a document said is lost on the way into the journal."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.airspace.errors import DocumentRefused, ZoneError
from geo.airspace.period import DailyPeriod, Period, SunEvent
from geo.airspace.reading import read_airspace
from geo.airspace.record import read_zone, written_zone
from geo.airspace.zone import Format, Reason, Source, Zone
from tests.unit.geo.airspace.documents import SAMPLES
from tests.unit.geo.airspace.test_export import square_zone, zones


@settings(deadline=None, max_examples=50)
@given(zones(whole=False, reasons=list(Reason)))
def test_any_zone_reads_back_equal_and_its_text_is_the_same_again(zone: Zone) -> None:
    text = written_zone(zone)
    again = read_zone(text)
    assert again == zone
    assert written_zone(again) == text
    assert text.isascii()
    assert "\n" not in text


def test_the_sample_documents_read_back_equal() -> None:
    if not SAMPLES.exists():
        pytest.skip(f"the samples are not at {SAMPLES}")
    read = 0
    for file in sorted(SAMPLES.rglob("*.json")):
        with contextlib.suppress(DocumentRefused):  # schemas lie there too
            reading = read_airspace(file.read_bytes(), document=file.name)
            again = tuple(read_zone(written_zone(zone)) for zone in reading.zones)
            assert again == reading.zones
            assert [zone.source for zone in again] == [zone.source for zone in reading.zones]
            read += len(again)
    assert read >= 10


def test_hours_of_the_sun_and_clocks_without_an_offset_read_back_equal() -> None:
    daily = (
        DailyPeriod(start_event=SunEvent.SR, end_event=SunEvent.EECT),
        DailyPeriod(start=time(8, 30), end=time(17, 0, 30)),
    )
    zone = square_zone(periods=(Period(daily=daily),))
    assert read_zone(written_zone(zone)) == zone


@given(st.text(st.characters(), min_size=1, max_size=20))
def test_text_of_any_kind_reads_back_even_halves_of_characters(text: str) -> None:
    zone = square_zone(name=text + "\ud800", message=text)
    assert read_zone(written_zone(zone)) == zone


def test_where_it_was_read_is_recorded_though_equality_does_not_ask_for_it() -> None:
    source = Source(document="national.json", format=Format.ED269, index=7)
    assert read_zone(written_zone(replace(square_zone(), source=source))).source == source


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"id": "x"}', json.dumps({"id": 1, "volumes": [1]})])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ZoneError):
        read_zone(text)
