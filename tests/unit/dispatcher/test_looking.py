"""Looking at the plan for many incidents: made once for all who look, with rests, and with all that has changed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dispatcher.decision.option import Decision
from dispatcher.entities import Incident
from kestrel.clock import VirtualClock
from tests.desks import Scene

WORK_S = 0.1


class Working(VirtualClock):
    """Time that work takes passes while nothing else can."""

    def work(self, seconds: float) -> None:
        self._wall_elapsed_s += seconds


class Room:
    """A desk with open calls, on which deciding takes its time."""

    def __init__(self, scene: Scene, clock: Working) -> None:
        self.scene, self.clock = scene, clock
        self.began_s: list[float] = []

    def look(self) -> asyncio.Task[Any]:
        return asyncio.create_task(self.scene.desk.assignments())


@pytest.fixture
async def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    scene, clock = await Scene.open(pilots=3), Working()
    for _ in range(3):
        await scene.incident()
    scene.desk.clock = clock
    room, decide = Room(scene, clock), scene.desk._decide

    def slowly(incident: Incident, **changes: Any) -> Decision:
        room.began_s.append(clock.wall_s())
        clock.work(WORK_S)
        return decide(incident, **changes)

    monkeypatch.setattr(scene.desk, "_decide", slowly)
    return room


async def test_the_loop_is_free_for_as_long_as_each_decision_took(room: Room) -> None:
    looked = room.look()
    await room.clock.advance(5)
    assert len(looked.result()) == 3
    assert room.began_s == pytest.approx([0.0, 2 * WORK_S, 4 * WORK_S])


async def test_however_many_look_one_plan_is_made_for_all(room: Room) -> None:
    looks = [room.look() for _ in range(20)]
    await room.clock.advance(6 * WORK_S)
    looks += [room.look() for _ in range(20)]
    await room.clock.advance(WORK_S)
    assert len(room.began_s) == 3
    assert len({id(each.result()) for each in looks}) == 1
    await room.clock.advance(10)
    again = room.look()
    await room.clock.advance(5)
    assert again.result() is not looks[0].result()


async def test_who_gives_up_looking_takes_the_plan_from_nobody(room: Room) -> None:
    first, second = room.look(), room.look()
    await room.clock.advance(WORK_S)
    first.cancel()
    await room.clock.advance(5)
    assert len(second.result()) == 3


async def test_what_has_changed_meanwhile_is_in_the_plan(room: Room) -> None:
    early = room.look()
    await room.clock.advance(WORK_S)
    gone = next(iter(room.scene.desk.state.incidents))
    await room.scene.desk.close_incident("controller-1", gone, "over")
    late = room.look()
    await room.clock.advance(5)
    assert str(gone) in [each.incident_id for each in early.result()]
    assert str(gone) not in [each.incident_id for each in late.result()]
