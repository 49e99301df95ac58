"""Parts of the system die in the middle of a flight: the drone carries on, and afterwards the record has no gap.

Each class of fault flies with the real MAVSDK, on the embedded broker by day and on Mosquitto in the nightly run; the
phase machine's own tests of faults at every phase run on the virtual clock.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from contracts.topics import Channel
from tests.controlroom import FLIGHT_S, PHASES, ControlRoom, names
from tests.flight.system.conftest import FAR, NEAR, on_mosquitto_by_night
from tests.overhearing import Said, phase_said

pytestmark = pytest.mark.asyncio(loop_scope="session")

Json = dict[str, Any]
AGENT_BACK_S = 10.0
"""Wall seconds in which a killed agent must have found its drone again."""
WAY_OUT_S = 25.0
"""Mission seconds that the climb and the way to the scene take at the least."""
BROKER_AWAY_S = 20.0
"""Wall seconds: at ten times real time most of a flight."""


async def _whole_record(room: ControlRoom, dock_id: str, flight_id: str) -> None:
    """Every phase once and in order, every event of the agent journalled, the chain whole."""
    await room.events_complete(dock_id)
    assert await room.phases_in_journal(flight_id) == PHASES
    verified = await room.get("/api/v1/journal/verify", role="supervisor")
    assert verified["ok"], verified


@on_mosquitto_by_night
async def test_a_dispatcher_killed_in_mid_flight_picks_the_flight_up_where_it_is(room: ControlRoom) -> None:
    stack = room.stack
    sent = await room.send(NEAR, watch_s=60.0)
    await room.until_phase(sent["id"], "en_route")
    async with stack.overhear() as heard:
        await stack.dispatcher.take_down()
        await heard.until(
            lambda said: _status_of(NEAR)(said) and said.body["phase"] == "on_scene",
            within_s=FLIGHT_S,
            what="on scene without a dispatcher",
        )
        assert "on_scene" not in await room.phases_in_journal(sent["id"]), "nobody wrote it down meanwhile"
        await stack.dispatcher.start()

    assert (await room.until_phase(sent["id"], "on_scene", "returning", "landing"))["id"] == sent["id"]
    flight = await room.until_ended(sent["id"])
    assert names(flight) == PHASES
    await _whole_record(room, NEAR, sent["id"])


@on_mosquitto_by_night
async def test_an_agent_killed_in_mid_flight_finds_its_drone_and_carries_on(room: ControlRoom) -> None:
    stack = room.stack
    sent = await room.send(NEAR, watch_s=45.0)
    await room.until_phase(sent["id"], "en_route")
    async with stack.overhear() as heard:
        old = (await heard.until(_status_of(NEAR), within_s=10, what="a status")).body["boot_id"]
        restarts = stack.agent(NEAR).restarts
        stack.agent(NEAR).kill()
        back = await heard.until(
            lambda said: (
                _status_of(NEAR)(said)
                and said.body["boot_id"] != old
                and said.body["flight_id"] == sent["id"]
                and said.body["aircraft_connected"]
            ),
            within_s=AGENT_BACK_S,
            what="the agent back with its drone and its flight",
        )
    assert back.body["phase"] in ("en_route", "on_scene")
    assert stack.agent(NEAR).restarts == restarts + 1
    flight = await room.until_ended(sent["id"])
    assert names(flight) == PHASES
    assert _out_s(flight) >= WAY_OUT_S + 45.0, "the watch was completed as ordered"
    await _whole_record(room, NEAR, sent["id"])


@pytest.mark.nightly
async def test_the_whole_ground_killed_on_scene_the_drone_is_in_its_box_and_the_record_is_whole(
    room: ControlRoom,
) -> None:
    stack = room.stack
    # The policy's ten minutes: as nobody has asked for them, nobody is sent to go on with them.
    sent = await room.send(NEAR, watch_s=None)
    await room.until_phase(sent["id"], "on_scene")
    for unit in (stack.dispatcher, stack.broker, stack.agent(NEAR)):
        await unit.take_down()
    async with stack.sim_control() as world:

        async def seated() -> bool | None:
            place = (await world.world())["docks"][NEAR]
            return (place["seat"] == "seated" and not place["aircraft"]["armed"]) or None

        await stack.until(seated, within_s=FLIGHT_S, what="the drone in its box, with nobody on the ground")
    for unit in (stack.broker, stack.dispatcher, stack.agent(NEAR)):
        await unit.start()

    flight = await room.until_ended(sent["id"])
    assert names(flight) == PHASES
    assert "restart" in next(entry for entry in flight["phases"] if entry["phase"] == "returning")["because"]
    await _whole_record(room, NEAR, sent["id"])
    await room.docks_ready()


@pytest.mark.nightly
async def test_an_agent_that_stays_away_longer_finds_its_drone_on_its_way_home_or_there(room: ControlRoom) -> None:
    stack = room.stack
    # The policy's ten minutes, longer than the agent is away: it is the autopilot that ends it. And as nobody has asked
    # for them, nobody is sent to go on with them.
    sent = await room.send(NEAR, watch_s=None)
    await room.until_phase(sent["id"], "on_scene")
    async with stack.overhear() as heard:
        await stack.agent(NEAR).take_down()
        await asyncio.sleep(15)  # the policy's 10 s without a link, and a little of the way home
        await stack.agent(NEAR).start()
        await heard.until(phase_said(sent["id"], "returning"), within_s=15, what="the return, found by looking")

    flight = await room.until_ended(sent["id"])
    assert names(flight) == PHASES
    returning = next(entry for entry in flight["phases"] if entry["phase"] == "returning")
    assert returning["because"], "why it came home is on record"
    assert flight["flown"]["on_scene_s"] < 600
    await _whole_record(room, NEAR, sent["id"])


@on_mosquitto_by_night
async def test_a_broker_away_for_twenty_seconds_costs_no_event_of_the_flight(room: ControlRoom) -> None:
    stack = room.stack
    sent = await room.send(NEAR, watch_s=60.0)
    await room.until_phase(sent["id"], "en_route")
    await stack.broker.take_down()
    await asyncio.sleep(BROKER_AWAY_S)
    assert not (await room.flight(sent["id"]))["ended"], "the dispatcher hears nothing without a broker"
    silent = [entry for entry in await stack.journal() if entry.type == "DockSilent"]
    assert {(entry.payload or {})["dock_id"] for entry in silent} == {NEAR, FAR}, "and says so"
    await stack.broker.start()

    flight = await room.until_ended(sent["id"])
    assert names(flight) == PHASES
    assert flight["flown"] is not None
    await _whole_record(room, NEAR, sent["id"])
    await room.docks_ready()


@on_mosquitto_by_night
async def test_ending_the_agent_of_a_flying_drone_sends_nothing_to_the_aircraft(room: ControlRoom) -> None:
    stack = room.stack
    tap = stack.taps[FAR]
    sent = await room.send(FAR, watch_s=45.0)
    await room.until_phase(sent["id"], "en_route")
    assert any(heard.name == "MISSION_ITEM_INT" for heard in tap.from_agent), "the wiretap hears what is sent"
    moment_s = asyncio.get_running_loop().time()
    await stack.agent(FAR).stop()
    deeds = tap.deeds_since(moment_s)
    assert deeds == []

    await stack.agent(FAR).start()
    flight = await room.until_ended(sent["id"])
    assert names(flight) == PHASES
    assert _out_s(flight) >= WAY_OUT_S + 45.0, "the watch was completed as ordered"
    await _whole_record(room, FAR, sent["id"])


@on_mosquitto_by_night
async def test_an_agent_that_hangs_is_found_silent_and_heard_again(room: ControlRoom) -> None:
    stack = room.stack
    stack.agent(FAR).signal(signal.SIGSTOP)
    try:

        async def silent() -> bool:
            docks = (await room.get("/api/v1/docks"))["docks"]
            return not next(dock for dock in docks if dock["id"] == FAR)["agent"]["online"]

        await stack.until(silent, within_s=15, what="the dock shown as silent")
        shown = await room.report(room.scene(FAR))
        option = next(option for option in shown["options"] if option["dock_id"] == FAR)
        assert not option["eligible"]
    finally:
        stack.agent(FAR).signal(signal.SIGCONT)
    await room.docks_ready()


def _out_s(flight: Json) -> float:
    """Mission seconds from off the ground to the way home: an agent may miss the arrival between them."""
    at = {entry["phase"]: datetime.fromisoformat(entry["mission_time"]) for entry in flight["phases"]}
    return (at["returning"] - at["en_route"]).total_seconds()


def _status_of(dock_id: str) -> Callable[[Said], bool]:
    def fits(said: Said) -> bool:
        return said.dock == dock_id and said.channel is Channel.STATUS

    return fits
