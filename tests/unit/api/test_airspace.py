"""Airspace over HTTP: lenient in, told in full, in the journal before it is in force, strict out."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatcher import airspace as documents
from dispatcher.api import intake
from dispatcher.entities import Airspace
from dispatcher.presentation import View
from dispatcher.state import State, apply
from geo.airspace.reading import read_airspace
from kestrel.errors import FileError
from tests.unit.api.house import House, Json
from tests.unit.geo.airspace.documents import (
    airspace,
    circle,
    collection,
    component,
    drawing,
    features_269,
    message,
    polygon,
    ring,
    square,
    surface,
    zone_269,
)

KML = (
    b'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>P</name><Polygon><outerBoundaryIs><LinearRing>'
    b"<coordinates>-1.5,52.4 -1.49,52.4 -1.49,52.41 -1.5,52.4</coordinates></LinearRing></outerBoundaryIs>"
    b"</Polygon></Placemark></kml>"
)
SOUND = features_269(zone_269(), zone_269(identifier="TST002"))


async def load(house: House, data: bytes, name: str = "national.json", **query: Any) -> Json:
    """A document that must be taken."""
    return await house.taken("POST", "/airspace", role="engineer", params={"name": name} | query, content=data)


def drawn(house: House, **changes: Any) -> Json:
    """The body of a zone for the next hour."""
    end = house.clock.mission_now() + timedelta(hours=1)
    body: Json = {
        "title": "fire at the tyre works",
        "reason": "air ambulance expected",
        "circle": {"lat_deg": 52.4081, "lon_deg": -1.5106, "radius_m": 400.0},
        "upper": {"height_m": 300.0, "datum": "AGL"},
        "end": end.isoformat(),
    }
    return body | changes


async def test_a_document_is_in_force_once_it_is_in_the_journal(house: House) -> None:
    answer = await load(house, SOUND)
    assert (answer["format"], answer["zones"], answer["changed"]) == ("ED-269", 2, True)
    now = house.desk.state.airspace
    assert [zone.id for zone in now.zones] == ["TST001", "TST002"]
    assert now.zones == read_airspace(SOUND, document="national.json").zones
    assert now.revision == 1
    state = State()
    async for recorded in house.journal.read():
        state = apply(state, recorded)
    assert state.airspace == now
    assert state.airspace.digest == now.digest != Airspace().digest


async def test_the_same_document_again_changes_nothing_and_another_of_its_name_replaces_it(house: House) -> None:
    await load(house, SOUND)
    before, digest = await house.seq(), house.desk.state.airspace.digest
    answer = await house.ask("POST", "/airspace", role="engineer", params={"name": "national.json"}, content=SOUND)
    assert answer.status_code == 200
    assert answer.json()["changed"] is False
    assert await house.seq() == before
    await load(house, features_269(zone_269(identifier="NEW")))
    assert [zone.id for zone in house.desk.state.airspace.zones] == ["NEW"]
    assert house.desk.state.airspace.revision == 2
    assert house.desk.state.airspace.digest != digest


async def test_every_feature_that_is_skipped_is_told_with_its_reason_and_the_rest_is_in_force(house: House) -> None:
    answer = await load(house, features_269(zone_269(), zone_269(identifier="GONE", geometry=[])))
    assert (answer["features"], answer["zones"], answer["skipped"]) == (2, 1, 1)
    (finding,) = answer["findings"]
    assert finding == {"kind": "skipped", "index": 1, "name": "GONE", "reason": finding["reason"]}
    assert "no geometry" in finding["reason"]
    shown = await house.taken("GET", "/airspace")
    assert shown["documents"][0]["findings"] == [finding]


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (SOUND, "ED-269"),
        (collection(drawing(polygon(square()))), "GeoJSON"),
        (message(airspace(component(surface(ring(circle(52.4, -1.5, radius=500, uom="m")))))), "AIXM 5.1"),
        (KML, "KML"),
    ],
)
async def test_what_a_document_is_is_seen_from_what_is_in_it(house: House, data: bytes, format_: str) -> None:
    assert (await load(house, data, name="any"))["format"] == format_


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"hello", "neither JSON nor XML"),
        (b"<html></html>", "neither AIXM nor KML"),
        (b"PK\x03\x04....", "ZIP"),
        (b"  ", "empty"),
        (features_269(zone_269(geometry=[])), "none of its 1 features can be read"),
    ],
)
async def test_what_cannot_be_read_is_refused_and_changes_nothing(house: House, data: bytes, why: str) -> None:
    await load(house, SOUND)
    before = await house.seq()
    answer = await house.ask("POST", "/airspace", role="engineer", params={"name": "national.json"}, content=data)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/airspace-unreadable"
    assert why in answer.json()["detail"]
    assert await house.seq() == before
    assert len(house.desk.state.airspace.zones) == 2


async def test_a_dry_run_says_what_would_be_loaded_and_loads_nothing(house: House) -> None:
    before = await house.seq()
    answer = await load(house, features_269(zone_269(), zone_269(geometry=[])), dry_run="true")
    assert (answer["zones"], answer["features"], answer["dry_run"], len(answer["findings"])) == (1, 2, True, 1)
    assert await house.seq() == before


@pytest.mark.parametrize("name", ["", "a/b", "../x", "drawn-1", "ü", "x" * 81, "-x"])
async def test_a_name_that_is_none_is_refused(house: House, name: str) -> None:
    answer = await house.ask("POST", "/airspace", role="engineer", params={"name": name}, content=SOUND)
    assert answer.status_code == 422
    assert "name" in answer.json()["detail"]


async def test_documents_may_be_ten_megabytes_and_every_other_body_no_more_than_before(house: House) -> None:
    padded = SOUND[:-1] + b', "x": "' + b"x" * (9 * 1024 * 1024) + b'"}'
    assert (await load(house, padded))["zones"] == 2
    too_large = b" " * (intake.RAW["POST", "/api/v1/airspace"] + 1)
    answer = await house.ask("POST", "/airspace", role="engineer", params={"name": "x"}, content=too_large)
    assert answer.status_code == 413
    assert "10 MB" in answer.json()["detail"]
    answer = await house.ask("POST", "/incidents", json=house.report(summary="x" * intake.MAX_BODY_BYTES))
    assert answer.status_code == 413
    assert "256 KB" in answer.json()["detail"]


async def test_a_document_is_withdrawn_and_then_there_is_none(house: House) -> None:
    await load(house, SOUND)
    await load(house, features_269(zone_269(identifier="OTHER")), name="other.json")
    kept = house.desk.state.airspace.documents["other.json"].zones
    left = await house.taken("DELETE", "/airspace/national.json", role="supervisor")
    assert (left["revision"], left["documents"], left["zones"]) == (3, 1, 1)
    assert house.desk.state.airspace.zones == kept
    assert house.desk.state.airspace.zones[0] is kept[0], "what has been made once is kept"
    assert (await house.ask("DELETE", "/airspace/national.json", role="supervisor")).status_code == 404


@pytest.mark.parametrize("format_", ["ed269", "ed318"])
async def test_what_is_exported_reads_back_as_the_same_zones(house: House, format_: str) -> None:
    await load(house, SOUND)
    answer = await house.ask("GET", "/airspace", params={"format": format_})
    assert answer.status_code == 200
    assert answer.headers["Kestrel-Findings"] == "0"
    assert read_airspace(answer.content, document="again").zones == house.desk.state.airspace.zones
    one = await house.ask("GET", "/airspace", params={"format": format_, "document": "national.json"})
    assert read_airspace(one.content, document="again").zones == house.desk.state.airspace.zones


async def test_what_a_format_cannot_say_is_counted_and_told(house: House) -> None:
    height = {"lower_fl": 20, "upper_fl": 60}
    await load(house, collection(drawing(polygon(square()), **height)), name="levels.json")
    answer = await house.ask("GET", "/airspace", params={"format": "ed269"})
    assert int(answer.headers["Kestrel-Findings"]) > 0
    told = await house.taken("GET", "/airspace", params={"format": "ed269", "findings": "true"})
    assert len(told["findings"]) == int(answer.headers["Kestrel-Findings"])
    assert any("FL20" in finding["reason"] for finding in told["findings"])


async def test_the_map_gets_zones_with_heights_times_and_whether_they_apply_now(house: House) -> None:
    now = house.clock.mission_now()
    later = {"start": (now + timedelta(hours=1)).isoformat(), "end": (now + timedelta(hours=2)).isoformat()}
    await load(
        house,
        collection(drawing(polygon(square()), upper_ft=400), drawing(polygon(square(west=-1.4)), id="d2", **later)),
        name="force.json",
    )
    answer = await house.ask("GET", "/airspace", params={"format": "geojson"})
    assert answer.headers["content-type"] == "application/geo+json"
    shown = answer.json()
    assert (shown["type"], shown["revision"]) == ("FeatureCollection", 1)
    first, second = (feature["properties"] for feature in shown["features"])
    assert (first["upper_m"], first["upper_datum"], first["applies_now"]) == (pytest.approx(121.92), "AGL", True)
    assert second["applies_now"] is False
    assert second["periods"][0]["end"].startswith((now + timedelta(hours=2)).isoformat()[:19])
    await house.clock.leap(3600)
    shown = (await house.ask("GET", "/airspace", params={"format": "geojson"})).json()
    assert shown["features"][1]["properties"]["applies_now"] is True


async def test_an_unknown_document_is_said_to_be_unknown(house: House) -> None:
    answer = await house.ask("GET", "/airspace", params={"document": "nothing"})
    assert answer.status_code == 404


async def test_a_drawn_zone_is_in_force_at_once_and_withdrawn_at_its_end(house: House) -> None:
    answer = await house.ask("POST", "/airspace/zones", json=drawn(house))
    assert answer.status_code == 201
    zone = house.desk.state.airspace.zones[0]
    assert (zone.id, zone.name, zone.message) == (
        answer.json()["name"],
        "fire at the tyre works",
        "air ambulance expected",
    )
    assert zone.applies_at(house.clock.mission_now())
    circle = zone.volumes[0].circle
    assert circle is not None
    assert circle.radius_m == 400
    await house.clock.advance(3599)
    await house.desk.look_after_zones()
    assert house.desk.state.airspace.zones
    await house.clock.advance(1)
    await house.desk.look_after_zones()
    assert house.desk.state.airspace.zones == ()
    assert not zone.applies_at(house.clock.mission_now())


async def test_a_drawn_zone_is_lifted_by_a_controller_and_not_as_a_document(house: House) -> None:
    name = (await house.taken("POST", "/airspace/zones", json=drawn(house)))["name"]
    assert (await house.ask("DELETE", f"/airspace/{name}", role="engineer")).status_code == 404
    assert (await house.ask("DELETE", f"/airspace/zones/{name}", role="pilot")).status_code == 403
    await house.taken("DELETE", f"/airspace/zones/{name}", params={"because": "it is out"})
    assert house.desk.state.airspace.zones == ()


async def test_a_polygon_that_crosses_itself_is_mended_and_told(house: House) -> None:
    corners = [(52.40, -1.52), (52.41, -1.51), (52.40, -1.51), (52.41, -1.52)]
    polygon = [{"lat_deg": lat, "lon_deg": lon} for lat, lon in corners]
    answer = await house.taken("POST", "/airspace/zones", json=drawn(house, circle=None, polygon=polygon))
    assert answer["repaired"] == 1
    assert all(volume.area.is_valid for volume in house.desk.state.airspace.zones[0].volumes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"circle": None}, ""),
        ({"polygon": [{"lat_deg": 52.4, "lon_deg": -1.5}] * 3}, ""),
        ({"circle": None, "polygon": [{"lat_deg": 52.4, "lon_deg": -1.5}] * 3}, "polygon"),
        ({"end": "2020-01-01T00:00:00Z"}, "end"),
        ({"end": "2099-01-01T00:00:00Z"}, "end"),
        ({"upper": {"height_m": 100.0}}, "upper"),
        ({"upper": {"height_m": 100.0, "height_ft": 10.0, "datum": "AGL"}}, "upper"),
        ({"upper": {"flight_level": 10, "datum": "AGL"}}, "upper"),
        ({"lower": {"height_m": 400.0, "datum": "AGL"}}, "upper"),
        ({"restriction": "SOMETHING"}, "restriction"),
        ({"circle": {"lat_deg": 95.0, "lon_deg": 0.0, "radius_m": 1.0}}, "lat_deg"),
        ({"circle": {"lat_deg": 5.0, "lon_deg": 0.0, "radius_m": -1.0}}, "radius_m"),
        ({"reason": ""}, "reason"),
    ],
)
async def test_a_drawing_that_is_none_is_refused_with_the_field(house: House, changes: Json, field: str) -> None:
    before = await house.seq()
    answer = await house.ask("POST", "/airspace/zones", json=drawn(house, **changes))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert await house.seq() == before


async def test_the_live_view_tells_maps_of_a_new_revision_and_officers_nothing(house: House) -> None:
    def shown(view: View) -> list[Json]:
        entities = json.loads(house.hub.snapshot(view).text)["entities"]
        return [entity["data"] for entity in entities if entity["kind"] == "airspace"]

    assert shown(View.CONTROL) == []
    await load(house, SOUND)
    async with asyncio.timeout(5):
        while not shown(View.CONTROL):
            await house.clock.advance(0.1)
    airspace = house.desk.state.airspace
    assert shown(View.CONTROL) == [{"revision": 1, "digest": airspace.digest, "documents": 1, "zones": 2}]
    assert shown(View.FIELD) == []


# --- files of the settings ---


async def test_files_are_journalled_only_when_they_have_changed(house: House, tmp_path: Path) -> None:
    file = tmp_path / "city.json"
    file.write_bytes(SOUND)

    async def start(*files: Path) -> int:
        changes = documents.file_changes(house.desk.state, documents.read_files(files))
        await house.desk.record(changes)
        return len(changes)

    assert await start(file) == 1
    assert await start(file) == 0
    file.write_bytes(features_269(zone_269()))
    assert await start(file) == 1
    assert len(house.desk.state.airspace.zones) == 1
    refused = await house.ask("POST", "/airspace", role="engineer", params={"name": "city.json"}, content=SOUND)
    assert refused.status_code == 409
    await load(house, SOUND, name="by-hand")
    assert await start() == 1
    assert list(house.desk.state.airspace.documents) == ["by-hand"]


def test_a_file_that_cannot_be_read_stops_the_start_and_says_why(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("hello")
    with pytest.raises(FileError, match="neither JSON nor XML"):
        documents.read_files([wrong])
    with pytest.raises(FileError, match="No such file"):
        documents.read_files([tmp_path / "nothing.json"])
