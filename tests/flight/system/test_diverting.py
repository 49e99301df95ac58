"""A lid that shuts in flight and does not open again: the drone lands in another dock, which opened for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.controlroom import ControlRoom, Json, metres
from tests.stack import running_stack

HOME, OTHER = "cov-1", "cov-2"

pytestmark = [pytest.mark.asyncio, pytest.mark.nightly]


async def _docks(room: ControlRoom) -> dict[str, Json]:
    return {dock["id"]: dock for dock in (await room.get("/api/v1/docks"))["docks"]}


async def test_a_drone_whose_lid_does_not_open_lands_in_the_nearest_free_dock(tmp_path: Path) -> None:
    async with running_stack(folder=tmp_path, dock_ids=(HOME, OTHER), empty=(OTHER,)) as stack:
        room = ControlRoom(stack)
        try:
            await _diverted(room)
        except BaseException:
            print(stack.tails())  # noqa: T201 - pytest shows it with the failure
            raise


async def _diverted(room: ControlRoom) -> None:
    stack = room.stack
    await room.pilots_on_duty()

    async def ready() -> bool:
        docks = await _docks(room)
        return docks[HOME]["state"] in ("ready", "charging") and docks[OTHER]["aircraft"]["seated"] is False

    await stack.until(ready, within_s=60.0, what="one drone ready, and the other dock empty")
    async with stack.sim_control() as simulator:
        await simulator.inject("lid_shuts_in_flight", dock=HOME)
        sent = await room.send(HOME, watch_s=20.0)
        flight = await room.until_ended(sent["id"])
        where = await simulator.aircraft(HOME)

    assert flight["phase"] == "docked", flight["phases"][-1]
    assert flight["plan"]["home_dock_id"] == OTHER
    divert = next(command for command in flight["commands"] if command["action"] == "divert")
    assert (divert["actor"], divert["outcome"]) == ("system", "confirmed")
    alarms = (await room.get("/api/v1/alarms"))["alarms"]
    assert any(alarm["kind"] == "lid" for alarm in alarms)
    assert metres(stack.site(OTHER), (where["lat_deg"], where["lon_deg"])) < 5.0

    docks = await _docks(room)
    assert (docks[OTHER]["guest_of"], docks[HOME]["away_in"]) == (HOME, OTHER)
    options = {option["dock_id"]: option for option in (await room.report(room.scene(OTHER)))["options"]}
    assert not options[OTHER]["eligible"]
    assert not options[HOME]["eligible"]
