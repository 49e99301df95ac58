"""The fleet file against the state: events for what is new, changed or gone, and for nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.fleet import Fleet
from contracts.vocabulary import Deployment
from dispatcher.events import DockRegistered, DockWithdrawn
from dispatcher.fleetfile import check_deployment, fleet_changes
from dispatcher.journal.upcasters import upcast
from dispatcher.state import State
from kestrel.errors import FileError
from tests.desks import QUAD, SITES, Scene, dock

FLEET_FILE = Path("fleet.yaml")


def fleet_of(*dock_ids: str, lid_s: float = 4.0, deployment: Deployment = Deployment.SIMULATION) -> Fleet:
    """A file with these docks, as `tests.desks` has them but for ``lid_s``."""
    docks = [dock(each, number, *SITES[each]) for number, each in enumerate(SITES, start=1) if each in dock_ids]
    return Fleet(
        schema="kestrel.fleet/1",
        force="test",
        name="Test Police",
        deployment=deployment,
        aircraft_types={"quad": QUAD},
        docks=[each.model_copy(update={"lid_s": lid_s}) for each in docks],
    )


def test_everything_is_new_to_an_empty_journal() -> None:
    changes = fleet_changes(State(), fleet_of("cov-2", "cov-1"))
    assert [change.dock.id for change in changes if isinstance(change, DockRegistered)] == ["cov-1", "cov-2"]
    assert len(changes) == 2


async def test_the_same_file_again_changes_nothing() -> None:
    scene = await Scene.open()
    assert fleet_changes(scene.desk.state, fleet_of(*SITES)) == []


async def test_a_changed_dock_and_a_missing_one_are_the_only_events() -> None:
    scene = await Scene.open()
    fleet = fleet_of("cov-1", "cov-2")
    changed = fleet.docks[1].model_copy(update={"lid_s": 9.0})
    fleet = fleet.model_copy(update={"docks": [fleet.docks[0], changed]})
    assert fleet_changes(scene.desk.state, fleet) == [
        DockRegistered(dock=changed, aircraft_type=QUAD),
        DockWithdrawn(dock_id="cov-3"),
    ]


async def test_a_changed_aircraft_type_registers_every_dock_that_has_it() -> None:
    scene = await Scene.open()
    faster = QUAD.model_copy(update={"cruise_m_s": 20.0})
    fleet = fleet_of(*SITES).model_copy(update={"aircraft_types": {"quad": faster}})
    changes = fleet_changes(scene.desk.state, fleet)
    assert [change.aircraft_type.cruise_m_s for change in changes if isinstance(change, DockRegistered)] == [20.0] * 3


@settings(max_examples=20, deadline=None)
@given(
    files=st.lists(
        st.tuples(st.sets(st.sampled_from(sorted(SITES)), min_size=1), st.sampled_from([4.0, 6.0])), min_size=1
    )
)
async def test_after_any_files_the_state_has_exactly_the_docks_of_the_last(
    files: list[tuple[set[str], float]],
) -> None:
    scene = await Scene.open()
    for dock_ids, lid_s in files:
        fleet = fleet_of(*dock_ids, lid_s=lid_s)
        await scene.desk.record(fleet_changes(scene.desk.state, fleet))
        assert {view.dock.id: view.dock for view in scene.desk.state.docks.values()} == {
            each.id: each for each in fleet.docks
        }
        assert fleet_changes(scene.desk.state, fleet) == []


async def test_a_journal_never_goes_on_under_another_deployment() -> None:
    scene = await Scene.open()
    check_deployment(FLEET_FILE, fleet_of("cov-1"), scene.desk.state)
    check_deployment(FLEET_FILE, fleet_of("cov-1", deployment=Deployment.LIVE), State())
    with pytest.raises(FileError, match="is live, but the journal is of a simulation deployment"):
        check_deployment(FLEET_FILE, fleet_of("cov-1", deployment=Deployment.LIVE), scene.desk.state)


@pytest.mark.parametrize("video", ["rtp://0.0.0.0:0", "rtp://0.0.0.0:99999", "rtp://me@10.0.0.1:5600"])
def test_a_journal_of_the_first_version_is_read_whatever_its_fleet_file_said_of_video(video: str) -> None:
    old = DockRegistered(dock=dock("cov-1", 1, 52.4, -1.5), aircraft_type=QUAD).model_dump(mode="json")
    old["dock"]["links"]["video"] = video
    read = DockRegistered.model_validate(upcast("DockRegistered", old, found=1, wanted=2))
    assert read.dock.links.video == video
