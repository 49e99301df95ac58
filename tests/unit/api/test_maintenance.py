"""Docks out of service, what they have been through, and what went wrong there, over HTTP."""

from __future__ import annotations

from uuid import UUID

import pytest

from contracts.reports import DockNoted, OrderAccepted
from contracts.vocabulary import Charger, DockState, Phase
from tests.unit.api.house import House, Json

WORD = {"because": "rotor blades are changed"}
SAID = "held for maintenance by engineer-1: rotor blades are changed"


async def dock(house: House, dock_id: str = "cov-1") -> Json:
    docks = (await house.taken("GET", "/docks"))["docks"]
    return dict(next(each for each in docks if each["id"] == dock_id))


async def test_a_dock_on_hold_is_chosen_for_nothing_and_says_by_whose_word(house: House) -> None:
    shown = await house.taken("POST", "/docks/cov-1/hold", json=WORD, role="engineer")
    assert (shown["hold"]["by"], shown["hold"]["because"]) == ("engineer-1", WORD["because"])
    incident = await house.incident()
    option = next(each for each in incident["options"] if each["dock_id"] == "cov-1")
    assert (option["eligible"], option["only_warnings"]) == (False, False)
    assert [(each["code"], each["text"], each["concern"]) for each in option["reasons"]] == [
        ("maintenance", SAID, "blocker")
    ]
    assert incident["best"] != "cov-1"
    assert (await house.dispatch(incident, dock_id="cov-1")).status_code == 409
    briefing = await house.taken("GET", "/duty/briefing")
    assert {"dock_id": "cov-1", "name": "Dock 1", "because": [SAID]} in briefing["docks_unfit"]

    released = await house.taken("DELETE", "/docks/cov-1/hold", role="engineer")
    assert released["hold"] is None
    assert (await house.incident())["best"] == "cov-1"
    kinds = [event["type"] for event in (await house.taken("GET", "/journal?limit=500", role="engineer"))["events"]]
    assert [kind for kind in kinds if kind in ("DockHeld", "DockReleased")] == ["DockHeld", "DockReleased"]


@pytest.mark.parametrize("role", ["controller", "pilot", "supervisor", "officer"])
async def test_only_an_engineer_holds_and_releases(house: House, role: str) -> None:
    assert (await house.ask("POST", "/docks/cov-1/hold", json=WORD, role=role)).status_code == 403
    assert (await house.ask("DELETE", "/docks/cov-1/hold", role=role)).status_code == 403


async def test_what_cannot_be_held_or_released_says_why(house: House) -> None:
    assert (await house.ask("POST", "/docks/cov-9/hold", json=WORD, role="engineer")).status_code == 404
    assert (await house.ask("POST", "/docks/cov-1/hold", json={"because": ""}, role="engineer")).status_code == 422
    free = await house.ask("DELETE", "/docks/cov-1/hold", role="engineer")
    assert (free.status_code, free.json()["detail"]) == (409, "cov-1 is not held for maintenance")


async def test_the_same_hold_twice_is_one(house: House) -> None:
    await house.taken("POST", "/docks/cov-1/hold", json=WORD, role="engineer")
    before = await house.seq()
    await house.taken("POST", "/docks/cov-1/hold", json=WORD, role="engineer")
    assert await house.seq() == before


async def test_charge_cycles_are_what_the_charger_has_put_in(house: House) -> None:
    say = house.scene.status
    await say("cov-1", battery_percent=90.0, charger=Charger.CHARGING, state=DockState.CHARGING)
    await say("cov-1", battery_percent=95.0, charger=Charger.CHARGING, state=DockState.CHARGING)
    await say("cov-1", battery_percent=100.0, charger=Charger.FULL)
    await say("cov-1", battery_percent=60.0, charger=Charger.OFF)
    await say("cov-1", battery_percent=64.0, charger=Charger.OFF)
    assert (await dock(house))["usage"]["charge_cycles"] == 0.1


async def test_flight_hours_count_what_was_off_the_ground_and_came_down(house: House) -> None:
    flight_id = (await house.dispatch(await house.incident())).json()["id"]
    flight = house.desk.state.flights[UUID(flight_id)]
    await house.scene.says("cov-1", OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
    await house.scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
    await house.clock.advance(900)
    await house.scene.fly(flight, Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
    usage = (await dock(house))["usage"]
    assert usage["flights"] == 1
    assert usage["flown_h"] == pytest.approx(0.25, abs=0.02)
    assert (await dock(house, "cov-2"))["usage"] == {"charge_cycles": 0.0, "flights": 0, "flown_h": 0.0}


async def test_faults_stand_with_their_time_the_newest_first_and_not_for_ever(house: House) -> None:
    await house.scene.says("cov-1", DockNoted(severity="info", text="agent started"))
    for number in range(23):
        await house.clock.advance(1)
        await house.scene.says("cov-1", DockNoted(severity="fault", text=f"lid fault {number}"))
    faults = (await dock(house))["faults"]
    assert [each["text"] for each in faults] == [f"lid fault {number}" for number in range(22, 2, -1)]
    assert faults[0]["at"] > faults[1]["at"]
