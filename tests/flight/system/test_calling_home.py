"""A drone can be called home at any time, and cancelled before it leaves; a cancel that races arming is a return."""

from __future__ import annotations

import pytest

from tests.controlroom import PHASES, ControlRoom, names
from tests.flight.system.conftest import NEAR, on_mosquitto_by_night

pytestmark = [pytest.mark.asyncio(loop_scope="session"), on_mosquitto_by_night]


async def test_a_drone_called_home_on_its_way_comes_back_without_reaching_the_scene(room: ControlRoom) -> None:
    sent = await room.send(NEAR, north_m=1500.0)
    await room.until_phase(sent["id"], "en_route")
    answer = await room.post(f"/api/v1/flights/{sent['id']}/return", role="pilot")
    assert answer["command"]["action"] == "return"

    flight = await room.until_ended(sent["id"])
    assert names(flight) == [phase for phase in PHASES if phase != "on_scene"]
    assert [given["outcome"] for given in flight["commands"]] == ["confirmed"]
    assert flight["flown"]["time_to_scene_s"] is None


@pytest.mark.nightly
async def test_a_drone_called_home_on_scene_leaves_at_once(room: ControlRoom) -> None:
    sent = await room.send(NEAR, watch_s=600.0)
    await room.until_phase(sent["id"], "on_scene")
    await room.post(f"/api/v1/flights/{sent['id']}/return")
    await room.post(f"/api/v1/flights/{sent['id']}/return")

    flight = await room.until_ended(sent["id"])
    assert names(flight) == PHASES
    assert flight["flown"]["on_scene_s"] < 300
    assert [given["outcome"] for given in flight["commands"]] in (["confirmed"], ["confirmed", "confirmed"])


async def test_a_cancel_before_arming_closes_the_lid_and_nothing_leaves(room: ControlRoom) -> None:
    sent = await room.send(NEAR)
    answer = await room.post(f"/api/v1/flights/{sent['id']}/cancel")
    flight = await room.until_ended(sent["id"])
    if flight["phase"] == "cancelled":
        assert "launching" not in names(flight)
    else:  # it was quicker than we were: then the cancel has become a return
        assert "returning" in names(flight)
    outcomes = {given["id"]: given["outcome"] for given in flight["commands"]}
    assert outcomes[answer["command"]["id"]] == "confirmed"
    await room.docks_ready()
    dock = next(dock for dock in (await room.get("/api/v1/docks"))["docks"] if dock["id"] == NEAR)
    assert dock["lid"] == "closed"
    assert dock["aircraft"]["seated"]


async def test_a_drone_whose_flight_was_cancelled_while_the_plan_went_up_flies_the_next_one(room: ControlRoom) -> None:
    cancelled = await room.send(NEAR)
    await room.until_phase(cancelled["id"], "preparing", "launching")
    await room.post(f"/api/v1/flights/{cancelled['id']}/cancel")
    await room.until_ended(cancelled["id"])
    await room.docks_ready()

    sent = await room.send(NEAR)
    await room.until_phase(sent["id"], "en_route", "on_scene")
    await room.post(f"/api/v1/flights/{sent['id']}/return")
    assert (await room.until_ended(sent["id"]))["phase"] == "docked"


async def test_a_cancel_that_races_arming_brings_the_drone_back_into_its_box(room: ControlRoom) -> None:
    sent = await room.send(NEAR)
    await room.until_phase(sent["id"], "launching", "en_route")
    await room.post(f"/api/v1/flights/{sent['id']}/cancel")

    flight = await room.until_ended(sent["id"])
    assert flight["phase"] == "docked"
    assert "on_scene" not in names(flight)
    assert "returning" in names(flight)
    assert flight["commands"][0]["outcome"] == "confirmed"


async def test_what_has_ended_can_be_called_home_no_more(room: ControlRoom) -> None:
    sent = await room.send(NEAR)
    await room.post(f"/api/v1/flights/{sent['id']}/cancel")
    await room.until_ended(sent["id"])
    answer = await (await room.stack.api("controller")).post(f"/api/v1/flights/{sent['id']}/return")
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/flight-ended"
