"""What follows a command that is never refused comes after its answer: soon, once for many, and never lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable

import pytest

from contracts.orders import SafetyAction
from contracts.vocabulary import Phase
from dispatcher.confirmation import Asked
from dispatcher.entities import Flight
from dispatcher.lookout import AGAIN_S, SETTLES_S, looking
from tests.desks import Scene
from tests.unit.dispatcher.test_nearness import ON_SCENE, POLICY, alarms, stacked, told


@contextlib.asynccontextmanager
async def watched(scene: Scene) -> AsyncIterator[None]:
    """The desk's look-out at work inside the block."""
    async with asyncio.TaskGroup() as tasks, looking(tasks, desk=scene.desk, clock=scene.clock):
        yield


async def press_land(scene: Scene, flight: Flight) -> None:
    asked = await scene.desk.land_flight(flight.pilot, flight.id, "motor", None, None)
    assert isinstance(asked, Asked)
    await scene.desk.land_flight(flight.pilot, flight.id, "motor", None, asked.token)


async def answered_at_once(scene: Scene, press: Awaitable[object]) -> None:
    """It is answered while no time passes."""
    before_s = scene.clock.wall_s()
    async with asyncio.timeout(5):
        await press
    assert scene.clock.wall_s() == before_s


async def test_the_answer_does_not_wait_for_the_look_and_the_look_follows_it() -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *ON_SCENE)
    async with watched(scene):
        await answered_at_once(scene, press_land(scene, upper))
        assert (told(scene, upper), told(scene, lower)) == ([("land", upper.pilot)], [])
        await scene.clock.advance(SETTLES_S)
        assert told(scene, lower) == [("return", "system")]
        assert len(alarms(scene)) == 1
        assert not scene.desk.look_due.is_set()


@pytest.mark.parametrize("action", [SafetyAction.RETURN, SafetyAction.CANCEL, SafetyAction.HOLD])
async def test_each_of_them_is_followed_by_a_look(action: SafetyAction) -> None:
    scene = await Scene.open(policy=POLICY)
    _, upper = await stacked(scene, *ON_SCENE)
    spot = scene.desk.state.flights[upper.id].order.route_out[-1]
    scene.seen(upper, spot.lat_deg, spot.lon_deg)
    async with watched(scene):
        await scene.desk.command_flight("controller-1", upper.id, action, "wait", None)
        assert scene.desk.look_due.is_set()
        await scene.clock.advance(SETTLES_S)
        assert not scene.desk.look_due.is_set()


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_return_that_was_proposed_is_followed_by_a_look_once_it_is_accepted(accepted: bool) -> None:
    scene = await Scene.open(policy=POLICY)
    _, upper = await stacked(scene, *ON_SCENE)
    closed = await scene.desk.close_incident("controller-1", upper.incident_id, "all quiet")
    assert not scene.desk.look_due.is_set()
    await answered_at_once(scene, scene.desk.answer_proposal("controller-1", closed.proposals[-1].id, accepted))
    assert (scene.desk.look_due.is_set(), told(scene, upper)) == (
        (True, [("return", "controller-1")]) if accepted else (False, [])
    )


async def test_what_is_pressed_together_is_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *ON_SCENE)
    looks, look = [], scene.desk.look_after_nearness

    async def counted() -> None:
        looks.append(scene.clock.wall_s())
        await look()

    monkeypatch.setattr(scene.desk, "look_after_nearness", counted)
    async with watched(scene):
        for flight in (lower, upper):
            await scene.desk.command_flight("controller-1", flight.id, SafetyAction.HOLD, "all stop", None)
        await scene.clock.advance(1)
    assert len(looks) == 1


async def test_a_look_that_fails_is_logged_counted_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *ON_SCENE)
    async with watched(scene):
        await press_land(scene, upper)
        scene.log.failure = OSError("disk full")
        await scene.clock.advance(SETTLES_S)
        assert told(scene, lower) == []
        assert "could not look whether all flights are apart" in caplog.text
        assert scene.desk.counters.gauges()["desk_looks_failed_total"] == 1.0
        scene.log.failure = None
        await scene.clock.advance(AGAIN_S + SETTLES_S)
        assert told(scene, lower) == [("return", "system")]


async def test_a_look_that_is_due_when_the_process_stops_is_done_before_it_has() -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *ON_SCENE)
    async with watched(scene):
        await press_land(scene, upper)
    assert told(scene, lower) == [("return", "system")]
    assert scene.desk.state.flights[upper.id].phase is Phase.ON_SCENE
