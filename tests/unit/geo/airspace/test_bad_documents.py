"""Documents that are broken, huge or hostile: a reading that accounts for every feature, or a refusal with a reason."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.airspace.errors import DocumentRefused
from geo.airspace.finding import Budget, Kind, Notes, Reading
from geo.airspace.jsondocument import MOST_BYTES
from geo.airspace.ring import polygons
from tests.unit.geo.airspace.documents import (
    Json,
    airspace,
    arc,
    circle,
    collection,
    component,
    drawing,
    feature_318,
    features_269,
    geodesic,
    kml,
    message,
    polygon,
    read,
    reasons,
    ring,
    square,
    surface,
    volume_269,
    zone_269,
)

KML = kml(
    "<Placemark><name>a</name><TimeSpan><begin>2026-01-01</begin></TimeSpan><Polygon><outerBoundaryIs><LinearRing>"
    "<coordinates>0,50,9 1,50,9 1,51,9 0,50,9</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
)
AIXM = message(
    airspace(
        component(
            surface(
                ring(
                    geodesic((51.0, 0.0), (51.0, 0.1)),
                    arc(51.05, 0.1, radius=3.0, uom="[nmi_i]", start=170, end=20),
                    geodesic((51.1, 0.1), (51.0, 0.0)),
                )
            )
        ),
        component(surface(ring(circle(51.0, 0.0, radius=2.0, uom="KM")))),
    )
)
SOUND = (
    features_269(
        zone_269(),
        zone_269(geometry=[volume_269(horizontalProjection={"type": "Circle", "center": [0, 50], "radius": 9})]),
    ),
    collection(feature_318({**polygon(square()), "layer": {"upper": 60, "upperReference": "AGL", "uom": "m"}})),
    collection(drawing(polygon(square()), upper_m=100)),
    KML,
    AIXM,
)


def accounted_for(reading: Reading) -> bool:
    """Every feature is a zone, or is told to be skipped."""
    zones = {zone.source.index for zone in reading.zones if zone.source is not None}
    skipped = {finding.index for finding in reading.of_kind(Kind.SKIPPED)}
    return zones | skipped == set(range(reading.features)) and all(finding.reason for finding in reading.findings)


def outcome(data: bytes) -> Reading | None:
    """The reading, after the promises that hold for every one; None for a refusal with a reason."""
    try:
        reading = read(data)
    except DocumentRefused as refused:
        if not refused.reason:
            raise
        return None
    assert accounted_for(reading)
    for zone in reading.zones:
        for volume in zone.volumes:
            assert volume.area.is_valid
            assert volume.area.area > 0
            assert all(math.isfinite(edge) for edge in volume.area.bounds)
            assert volume.area.bounds[0] >= -180
            assert volume.area.bounds[2] <= 180
    return reading


anything: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["Polygon", "Circle", "YES", "ANY", "AGL", "2026-01-01T00:00:00Z", "NaN", "\ud800", "[red]"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "day", "radius", "text", "geometries"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value of a document."""
    found = [path] if path else []
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found += places_in(inner, (*path, key))
    return found


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value


@settings(deadline=None, max_examples=150)
@given(st.data(), st.sampled_from(SOUND[:3]))
def test_a_document_with_anything_at_all_in_any_place_is_accounted_for(data: st.DataObject, sound: bytes) -> None:
    document = json.loads(sound)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places_in(document)))
        replaced(document, path, data.draw(anything))
    outcome(json.dumps(document).encode())


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(SOUND), st.data())
def test_a_document_with_damaged_bytes_is_accounted_for(sound: bytes, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(sound)))
    end = data.draw(st.integers(begin, min(len(sound), begin + 60)))
    outcome(sound[:begin] + data.draw(st.binary(max_size=12)) + sound[end:])


@settings(deadline=None, max_examples=100)
@given(st.sampled_from([KML, AIXM]), st.data())
def test_xml_with_any_text_in_any_element_is_accounted_for(sound: bytes, data: st.DataObject) -> None:
    text = sound.decode()
    starts = [place for place, char in enumerate(text[:-1]) if char == ">" and text[place + 1] != "<"]
    start = data.draw(st.sampled_from(starts)) + 1
    end = text.index("<", start)
    words = st.sampled_from(["", "NaN", "1e400", "inf", "-1", "0", "91 0", "UNL", "FL", "FL95", "51 0 51", "x,y", "٣"])
    outcome((text[:start] + data.draw(words) + text[end:]).encode())


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=60))
def test_any_bytes_at_all_are_refused_with_a_reason_or_read(data: bytes) -> None:
    outcome(data)


def test_all_the_sound_documents_of_these_tests_are_sound() -> None:
    for sound in SOUND:
        reading = outcome(sound)
        assert reading is not None
        assert reading.of_kind(Kind.SKIPPED) == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"hello", "neither JSON nor XML"),
        (b'{"features": [', "line 1"),
        (b"[1, 2]", "no object"),
        (b"{}", "neither UASZoneList nor features"),
        (b'{"features": {}}', "neither UASZoneList nor features"),
        (b"[" * 100_000, "nested"),
        (b'{"features": ' + b"9" * 5000 + b"}", "too many digits"),
        (b" " * (MOST_BYTES + 1), "32 MiB"),
        (b"\xff\xfe\x00\xd8", "no UTF-16"),
    ],
)
def test_what_is_no_airspace_document_is_refused_with_its_reason(data: bytes, said: str) -> None:
    with pytest.raises(DocumentRefused, match=said):
        read(data)


def test_an_empty_list_of_zones_is_a_document_without_zones() -> None:
    reading = outcome(b'{"UASZoneList": []}')
    assert reading is not None
    assert (reading.zones, reading.features) == ((), 0)


def test_more_features_than_are_read_are_refused_and_not_cut_off() -> None:
    with pytest.raises(DocumentRefused, match="50001 features"):
        read(json.dumps({"features": [0] * 50_001}).encode())


def test_a_zone_of_a_hundred_thousand_points_is_read_whole() -> None:
    count = 100_000
    circle = [[math.cos(2 * math.pi * i / count), 50 + math.sin(2 * math.pi * i / count)] for i in range(count)]
    reading = outcome(collection(drawing(polygon([*circle, circle[0]]))))
    assert reading is not None
    assert len(reading.zones[0].volumes[0].area.exterior.coords) == count + 1
    assert reading.findings == ()


def test_a_document_of_ten_megabytes_is_read_whole() -> None:
    padding = "x" * 9_000
    zones: list[Json] = [zone_269(identifier=f"Z{place}", message=padding) for place in range(1_150)]
    data = features_269(*zones)
    assert len(data) > 10_000_000
    reading = outcome(data)
    assert reading is not None
    assert len(reading.zones) == 1_150


def test_what_a_terminal_would_act_on_is_taken_out_of_texts() -> None:
    reading = outcome(features_269(zone_269(name="\x1b[31mred\x07", message="a\u202eb\ud800c")))
    assert reading is not None
    (zone,) = reading.zones
    assert zone.name == "[31mred"
    assert zone.message == "a b c"


def test_a_reading_of_numbers_written_as_text_is_a_reading() -> None:
    shape = {"type": "Polygon", "coordinates": [[[str(lon), str(lat)] for lon, lat in square()]]}
    reading = outcome(features_269(zone_269(geometry=[volume_269(horizontalProjection=shape)])))
    assert reading is not None
    assert len(reading.zones) == 1


def test_every_bad_polygon_of_a_document_is_told_by_its_place() -> None:
    rings: list[Any] = [
        [],
        [[0, 0]],
        [[0, 0], [1, 1]],
        [[0, 99], [1, 1], [2, 0], [0, 99]],
        "ring",
        [[0, 0], None, [1, 1], [0, 0]],
    ]
    reading = outcome(collection(*[drawing(polygon(bad), id=f"d{place}") for place, bad in enumerate(rings)]))
    assert reading is not None
    assert reading.zones == ()
    assert [finding.name for finding in reading.of_kind(Kind.SKIPPED)] == [f"d{place}" for place in range(len(rings))]
    assert len(set(reasons(reading, Kind.SKIPPED))) == len(rings)


def test_the_time_of_a_document_is_bounded_by_what_is_in_it() -> None:
    notes = Notes(budget=Budget(left=110))
    outline = np.array(square())
    for _ in range(5):
        polygons(outline, [], notes.about(0))
    with pytest.raises(DocumentRefused, match="too long"):
        polygons(outline, [], notes.about(1))


def test_crossings_are_paid_for_whether_they_are_mended_or_refused() -> None:
    line = np.random.default_rng(2).random((60, 2))
    notes = Notes()
    before = notes.budget.left
    polygons(np.vstack([line, line[:1]]), [], notes)
    assert before - notes.budget.left > 300
    with pytest.raises(DocumentRefused, match="too long"):
        polygons(np.vstack([line, line[:1]]), [], Notes(budget=Budget(left=300)))


def test_findings_are_paid_for_and_never_left_out() -> None:
    notes = Notes(budget=Budget(left=12))
    notes.assumed("one")
    notes.about(1).repaired("two")
    with pytest.raises(DocumentRefused, match="too long"):
        notes.skipped("three")
    assert [finding.reason for finding in notes.findings] == ["one", "two"]
