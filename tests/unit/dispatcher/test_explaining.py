"""A decision in a real journal is derived again to the same bytes; one that was tampered with is not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from contracts.vocabulary import Phase
from dispatcher import events as ev
from dispatcher.decision.version import VERSION
from dispatcher.decision.world import Ground
from dispatcher.explaining import main
from dispatcher.journal import Journal
from dispatcher.record import Draft
from dispatcher.state import State, apply
from dispatcher.streams import stream_of
from dispatcher.terrainfile import bounds_of
from dispatcher.worlds import Worlds
from geo.airspace.record import written_zone
from kestrel.clock import VirtualClock
from tests.desks import SITES, Scene, dock
from tests.journals import spoil
from tests.unit.decision.zones import box_zone
from tests.unit.dispatcher.test_turns import Room
from tests.unit.geo.terrain.rasters import read, write

HOSPITAL = box_zone("hospital", bearing_deg=30, distance_m=700, half_m=150, home=SITES["cov-1"])


async def recorded(tmp_path: Path, *, tamper: bool = False, ground: Ground | None = None) -> tuple[Path, str]:
    """A journal with zones and a decision among them, as a desk made it over ``ground``; and the decision's id."""
    scene = await Scene.open()
    if ground is not None:
        scene.desk.worlds = Worlds(policy=scene.desk.policy, ground=ground)
    await scene.desk.record(
        [
            ev.AirspaceLoaded(
                name="force.geojson",
                format="GeoJSON",
                origin="api",
                zones=(written_zone(HOSPITAL),),
                features=1,
                source_sha256="0" * 64,
            )
        ]
    )
    await scene.desk.worlds.prepare(scene.desk.state, scene.clock.mission_now())
    incident = await scene.incident()
    view = await scene.desk.decide("controller-1", incident.id)
    path = tmp_path / "journal.sqlite3"
    clock, state = VirtualClock(), State()
    async with Journal.open(url=f"sqlite:///{path}", force="test", clock=clock) as journal:
        for entry in scene.log.records:
            event = entry.event
            if tamper and isinstance(event, ev.OptionsDecided):
                options = [dict(option) for option in event.options]
                options[0]["time_to_scene_s"] = 1.0
                event = event.model_copy(update={"options": options})
            (written,) = await journal.append([Draft(stream=stream_of(event, state), event=event, actor=entry.actor)])
            state = apply(state, written)
    return path, str(view.id)


async def test_a_decision_among_zones_is_explained_and_comes_to_the_same_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, decision_id = await recorded(tmp_path)
    assert main([decision_id, str(path)]) == 0
    said = capsys.readouterr().out
    assert "derived again from the record: the same" in said
    assert "airspace revision 1" in said
    assert "on scene in" in said
    assert main(["last", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["decision_id"] == decision_id


async def test_a_record_that_says_otherwise_is_told_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, decision_id = await recorded(tmp_path, tamper=True)
    assert main([decision_id, str(path)]) == 1
    said = capsys.readouterr().out
    assert "NOT the decision that is recorded" in said
    assert "time_to_scene_s: recorded 1," in said


async def test_figures_of_an_older_version_of_the_decision_are_told_as_that_and_not_as_a_spoiled_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, decision_id = await recorded(tmp_path)
    spoil(
        path,
        "UPDATE events SET schema_version = 5, payload = json_remove(payload, '$.decision_version') "
        "WHERE type = 'OptionsDecided'",
    )
    assert main([decision_id, str(path)]) == 0
    said = capsys.readouterr().out
    assert f"made by decision version 5, this is {VERSION}: re-derived figures may differ" in said
    assert "derived again from the record: the same" in said

    spoil(
        path,
        "UPDATE events SET payload = json_set(payload, '$.options[2].time_to_scene_s', 12.5) "
        "WHERE type = 'OptionsDecided'",
    )
    assert main([decision_id, str(path)]) == 3
    said = capsys.readouterr().out
    assert f"made by decision version 5, this is {VERSION}: re-derived figures may differ" in said
    assert "time_to_scene_s: recorded 12.5" in said
    assert "NOT the decision" not in said
    assert main([decision_id, str(path), "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["made_by_version"], told["derived_by_version"]) == (5, VERSION)


async def test_what_cannot_be_derived_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, _ = await recorded(tmp_path)
    assert main(["no-such-decision", str(path)]) == 2
    assert "no decision begins with no-such-decision" in capsys.readouterr().err
    assert main(["last", str(tmp_path / "missing")]) == 2
    (tmp_path / "text").write_text("this is no journal")
    assert main(["last", str(tmp_path / "text")]) == 2
    assert "no journal" in capsys.readouterr().err


@pytest.mark.parametrize("tamper", [False, True])
async def test_a_proposed_turn_is_made_again_from_what_its_plan_rested_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, tamper: bool
) -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.watched()
    await room.graver()
    path, state = tmp_path / "journal.sqlite3", State()
    async with Journal.open(url=f"sqlite:///{path}", force="test", clock=VirtualClock()) as journal:
        for entry in room.scene.log.records:
            event = entry.event
            if tamper and isinstance(event, ev.TurnProposed):
                event = event.model_copy(update={"gain_s": 61.0})
            (written,) = await journal.append([Draft(stream=stream_of(event, state), event=event, actor=entry.actor)])
            state = apply(state, written)
    assert main([str(room.proposal.id), str(path)]) == (1 if tamper else 0)
    said = capsys.readouterr().out
    assert "pilot-1 must accept" in said
    assert ("gain_s: recorded 61.0, derived" in said) is tamper
    assert ("derived again from the record: the same" in said) is not tamper
    assert main([str(room.proposal.id), str(path), "--json"]) == (1 if tamper else 0)
    assert json.loads(capsys.readouterr().out)["assignments"][0]["kind"] == "diversion"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """An elevation model of the country around the docks: 80 m of flat ground, and a ridge towards the scene."""
    heights = np.full((800, 1200), 80.0, dtype=np.float32)
    heights[:, 590:610] = 130.0
    return write(tmp_path / "ground.tif", heights, transform=from_origin(-1.55 - 0.57, 52.42 + 0.4, 0.001, 0.001))


async def over(tmp_path: Path, model: Path, *, tamper: bool = False, sea_level: str | None = None) -> tuple[Path, str]:
    docks = [dock(dock_id, number, *site) for number, (dock_id, site) in enumerate(SITES.items(), start=1)]
    elevation = read(model, sea_level=sea_level, within=bounds_of(docks))
    ground = Ground(terrain_amsl=elevation.cleared_amsl_m, digest=elevation.digest)
    return await recorded(tmp_path, ground=ground, tamper=tamper)


async def test_a_decision_over_terrain_is_derived_again_from_the_model_that_it_was_made_with(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, decision_id = await over(tmp_path, model)
    assert main([decision_id, str(path)]) == 2
    assert "name its file with --terrain" in capsys.readouterr().err
    assert main([decision_id, str(path), "--terrain", str(model)]) == 0
    said = capsys.readouterr().out
    assert "derived again from the record: the same" in said
    assert "over an elevation model" in said


async def test_a_tampered_record_of_a_decision_over_terrain_is_told_where(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, decision_id = await over(tmp_path, model, tamper=True)
    assert main([decision_id, str(path), "--terrain", str(model)]) == 1
    assert "time_to_scene_s: recorded 1," in capsys.readouterr().out


async def test_another_model_than_the_one_it_was_made_with_is_named_as_that(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, decision_id = await over(tmp_path, model)
    with rasterio.open(model, "r+") as raster:
        heights = raster.read(1)
        heights[400, 600] += 1.0
        raster.write(heights, 1)
    assert main([decision_id, str(path), "--terrain", str(model)]) == 2
    said = capsys.readouterr().err
    assert "elevation model" in said


async def test_a_model_that_does_not_say_its_sea_level_is_told_it_as_the_dispatcher_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heights = np.full((800, 1200), 80.0, dtype=np.float32)
    place = from_origin(-1.55 - 0.57, 52.42 + 0.4, 0.001, 0.001)
    silent = write(tmp_path / "silent.tif", heights, crs="EPSG:4326", transform=place)
    path, decision_id = await over(tmp_path, silent, sea_level="EGM96")
    assert main([decision_id, str(path), "--terrain", str(silent)]) == 2
    assert "SEA_LEVEL" in capsys.readouterr().err
    told = ["--terrain", str(silent), "--terrain-sea-level", "EGM96"]
    assert main([*told, decision_id, str(path)]) == 0
