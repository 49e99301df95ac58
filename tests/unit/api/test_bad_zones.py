"""Bad zones all the way through: repaired and told, or refused with a reason; never a crash, never silently dropped."""

from __future__ import annotations

import json
import math
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.airspace import DocumentUnreadable, read_document
from dispatcher.entities import AirspaceDocument
from dispatcher.errors import Invalid
from dispatcher.events import AirspaceLoaded
from dispatcher.journal.canonical import canonical
from dispatcher.presentation import zone_features
from geo.airspace.ed269_export import write_ed269
from geo.airspace.ed318_export import write_ed318
from tests.unit.api.house import House, Json
from tests.unit.geo.airspace.documents import (
    collection,
    drawing,
    feature_318,
    features_269,
    polygon,
    square,
    volume_269,
    zone_269,
)

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
Ring = list[list[Any]]


def circle_of(points: int, *, radius_deg: float = 0.05) -> Ring:
    """A closed ring of so many corners around Coventry."""
    angles = [2 * math.pi * place / points for place in range(points)]
    ring = [[-1.5 + radius_deg * math.cos(a), 52.4 + radius_deg * math.sin(a)] for a in angles]
    return [*ring, ring[0]]


def scribble(points: int) -> Ring:
    """Corners here and there: it crosses itself again and again."""
    rng = random.Random(5)
    ring = [[-1.5 + rng.uniform(-0.05, 0.05), 52.4 + rng.uniform(-0.05, 0.05)] for _ in range(points)]
    return [*ring, ring[0]]


BOW_TIE = [[-1.52, 52.40], [-1.51, 52.41], [-1.51, 52.40], [-1.52, 52.41], [-1.52, 52.40]]
DOUBLED = [*square(), *square()[1:]]
SPIKE = [[-1.52, 52.40], [-1.51, 52.40], [-1.40, 52.40], [-1.51, 52.40], [-1.51, 52.41], [-1.52, 52.40]]
HUGE = [[1e308, 52.4], [1.0, 52.4], [1.0, 52.5], [1e308, 52.4]]
FAR = [[400.0, 52.4], [401.0, 52.4], [401.0, 52.5], [400.0, 52.4]]


async def load(house: House, data: bytes) -> tuple[int, Json]:
    answer = await house.ask("POST", "/airspace", role="engineer", params={"name": "bad.json"}, content=data)
    return answer.status_code, dict(answer.json())


async def everything_still_works(house: House, zones: int) -> None:
    """What is loaded can be shown and exported, whole."""
    shown = (await house.ask("GET", "/airspace", params={"format": "geojson"})).json()
    assert len({feature["properties"]["zone"] for feature in shown["features"]}) == zones
    for format_ in ("ed269", "ed318"):
        assert (await house.ask("GET", "/airspace", params={"format": format_})).status_code == 200
    for zone in house.desk.state.airspace.zones:
        assert all(volume.area.is_valid and volume.area.area > 0 for volume in zone.volumes)


@pytest.mark.parametrize(
    ("ring", "told"),
    [
        (BOW_TIE, "repaired"),
        (DOUBLED, "repaired"),
        (SPIKE, "repaired"),
        (list(reversed(square())), "repaired"),
        (square()[:-1], "repaired"),
        (scribble(60), "repaired"),
        (circle_of(100_000), None),
    ],
    ids=["self-crossing", "doubled", "spike", "wrong winding", "not closed", "scribble", "100,000 corners"],
)
async def test_a_shape_that_can_be_mended_is_mended_and_told(house: House, ring: Ring, told: str | None) -> None:
    status, answer = await load(house, collection(drawing(polygon(ring))))
    assert (status, answer["zones"], answer["skipped"]) == (201, 1, 0)
    assert told is None or answer[told] >= 1
    await everything_still_works(house, 1)


@pytest.mark.parametrize(
    "ring",
    [
        [],
        [[-1.5, 52.4]],
        [[-1.5, 52.4]] * 5,
        [[-1.5, 52.4], [-1.4, 52.4], [-1.5, 52.4]],
        HUGE,
        FAR,
        [["a", "b"], [1, 2], [3, 4], ["a", "b"]],
        [[True, False], [1, 2], [3, 4], [True, False]],
        [[None, 1], [1, 2], [3, 4], [None, 1]],
        "ring",
        7,
        None,
        {"a": 1},
        circle_of(200_001),
        scribble(3_000),
    ],
    ids=lambda ring: str(ring)[:24] if not isinstance(ring, list) or len(ring) < 9 else f"{len(ring)} corners",
)
async def test_a_shape_that_is_none_is_told_and_the_others_are_loaded(house: House, ring: Any) -> None:
    sound, bad = drawing(polygon(square()), id="sound"), drawing(polygon(ring), id="bad")
    status, answer = await load(house, collection(sound, bad))
    assert (status, answer["zones"], answer["features"]) == (201, 1, 2)
    (skipped,) = [finding for finding in answer["findings"] if finding["kind"] == "skipped"]
    assert (skipped["index"], skipped["name"]) == (1, "bad")
    assert skipped["reason"]
    await everything_still_works(house, 1)
    if isinstance(ring, list) and len(ring) > 10_000:
        return
    status, answer = await load(house, collection(bad))
    assert status == 422, "alone it is refused, and takes nothing good away"
    assert answer["findings"][0]["reason"]
    assert [zone.id for zone in house.desk.state.airspace.zones] == ["sound"]


@pytest.mark.nightly
async def test_ten_megabytes_of_zones_are_loaded_or_refused_with_a_reason(house: House) -> None:
    ring = circle_of(1000)
    one = json.dumps(drawing(polygon(ring), id="z"))
    many = [json.loads(one) | {"id": number} for number in range((10 * 1024 * 1024 - 100) // (len(one) + 20))]
    for number, feature in enumerate(many):
        feature["properties"]["id"] = f"z{number}"
    data = collection(*many)
    assert 9_000_000 < len(data) <= 10 * 1024 * 1024
    status, answer = await load(house, data)
    assert status == 201
    assert answer["zones"] == len(many)
    shown = (await house.ask("GET", "/airspace", params={"format": "geojson"})).json()
    assert len(shown["features"]) == len(many)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 200_000,
        b'{"features":' * 50_000,
        b'{"type": "FeatureCollection", "features": {}}',
        b'{"type": "FeatureCollection", "features": [1, null, "x", []]}',
        b'{"features": [{"identifier": 1' + b"0" * 10_000 + b"}]}",
        b"<a>" * 100_000,
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"\x00" * 1000,
        b"\xff\xfe" + b"\x00\xd8" * 100,
    ],
    ids=range(9),
)
async def test_a_document_that_is_none_is_refused_and_changes_nothing(house: House, data: bytes) -> None:
    before = await house.seq()
    status, answer = await load(house, data)
    assert status == 422
    assert answer["detail"]
    assert await house.seq() == before


# --- anything at all ---

numbers = st.integers(-200, 200) | st.floats() | st.sampled_from([0, 52.4, -1.5, 180, -180, 90, 1e308, -0.0])
junk = st.recursive(
    st.none() | st.booleans() | numbers | st.text(st.characters(exclude_categories=()), max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
near = st.tuples(st.floats(-1.6, -1.4), st.floats(52.3, 52.5)).map(list)
rings = st.lists(near, max_size=9) | st.lists(st.lists(numbers, max_size=3), max_size=6) | junk
shapes = st.builds(polygon, rings) | st.builds(polygon, rings, rings) | junk
drawings = st.builds(drawing, shapes) | st.builds(
    lambda shape, properties: {"type": "Feature", "geometry": shape, "properties": properties},
    shapes,
    st.dictionaries(st.sampled_from(["id", "name", "upper_m", "lower_fl", "start", "radius_m", "reason"]), junk),
)
zones = st.builds(
    lambda ring, changes, more: zone_269(geometry=[volume_269(**changes)] if ring is None else ring, **more),
    st.none() | junk,
    st.dictionaries(st.sampled_from(["lowerLimit", "upperLimit", "uomDimensions", "horizontalProjection"]), junk),
    st.dictionaries(st.sampled_from(["identifier", "applicability", "zoneAuthority", "reason", "country"]), junk),
)
documents = (
    st.lists(drawings, max_size=4).map(lambda features: collection(*features))
    | st.lists(zones | junk, max_size=4).map(lambda features: features_269(*features))
    | st.lists(st.builds(feature_318, shapes), max_size=3).map(lambda features: collection(*features))
    | st.binary(max_size=200)
)


def _in_force(loaded: AirspaceLoaded) -> AirspaceDocument:
    return AirspaceDocument(
        name=loaded.name,
        format=loaded.format,
        origin="api",
        texts=loaded.zones,
        features=loaded.features,
        findings=loaded.findings,
        loaded_by="engineer-1",
        loaded_at=NOW,
        revision=1,
    )


@settings(max_examples=200, deadline=None)
@given(documents)
def test_of_any_document_each_feature_is_in_force_or_told_and_all_of_it_can_be_kept_shown_and_exported(
    data: bytes,
) -> None:
    try:
        loaded = read_document(data, name="any", origin="api")
    except (DocumentUnreadable, Invalid) as refused:
        json.dumps({"detail": refused.detail, **refused.extra}, allow_nan=False, ensure_ascii=False).encode()
        return
    kept = AirspaceLoaded.model_validate_json(canonical(loaded.model_dump(mode="json")))
    assert kept == loaded, "what is journalled reads back equal"
    document = _in_force(kept)
    here = {zone.source.index for zone in document.zones if zone.source is not None}
    told = {finding.index for finding in kept.findings if finding.kind == "skipped"}
    assert here | told >= set(range(kept.features))
    for zone in document.zones:
        assert all(volume.area.is_valid and volume.area.area > 0 for volume in zone.volumes)
    shown = [json.dumps(feature, allow_nan=False) for feature in zone_features(document, now=NOW)]
    assert len(shown) == sum(len(zone.volumes) for zone in document.zones)
    for export in (
        write_ed269(document.zones, title="t", issued_at=NOW, country="GBR"),
        write_ed318(document.zones, title="t", issued_at=NOW, country="GBR", provider="p"),
    ):
        written = {finding.index for finding in export.findings if finding.kind.value == "skipped"}
        assert len(export.document["features"]) + len(written) >= len(document.zones)


@settings(max_examples=60, deadline=None)
@given(body=st.dictionaries(st.sampled_from(["circle", "polygon", "lower", "upper", "start", "end", "title"]), junk))
def test_whatever_is_drawn_is_taken_or_refused_by_its_fields(body: Json) -> None:
    from pydantic import ValidationError

    from dispatcher.api.zonebodies import ZoneBody
    from dispatcher.state import State
    from dispatcher.zonedrawing import draw

    whole = {"title": "t", "reason": "r", "circle": {"lat_deg": 52.4, "lon_deg": -1.5, "radius_m": 9.0}}
    whole["end"] = "2026-11-28T13:00:00Z"
    try:
        drawn = draw(State(), ZoneBody.model_validate(whole | body).drawing(), name="drawn-1", now=NOW)
    except (ValidationError, Invalid):
        return
    assert drawn.zone
