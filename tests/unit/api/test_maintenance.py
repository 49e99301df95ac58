"""Docks out of service, what they have been through, and what went wrong there, over HTTP."""

from __future__ import annotations

from uuid import UUID

import pytest

from contracts.reports import DockNoted, OrderAccepted
from contracts.vocabulary import Charger, DockState, Phase
from dispatcher import events as ev
from dispatcher.record import SYSTEM
from tests.unit.api.house import House, Json

WORD = {"because": "rotor blades are changed"}
SAID = "held for maintenance by engineer-1: rotor blades are changed"


async def dock(house: House, dock_id: str = "cov-1") -> Json:
    docks = (await house.taken("GET", "/docks"))["docks"]
    return dict(next(each for each in docks if each["id"] == dock_id))


async def test_a_dock_on_hold_is_chosen_for_nothing_and_says_by_whose_word(house: House) -> None:
    shown = await house.taken("POST", "/docks/cov-1/hold", json=WORD, role="engineer")
    assert [(each["by"], each["because"]) for each in shown["holds"]] == [("engineer-1", WORD["because"])]
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

    assert shown["agent"]["knows_holds"] is False
    told = house.desk.state.docks["cov-1"].maintenance
    assert told is not None
    await house.scene.status("cov-1", maintenance_order_id=told.order.order_id, blockers=[SAID])
    known = await dock(house)
    assert (known["agent"]["knows_holds"], known["blockers"]) == (True, [])
    option = next(each for each in (await house.incident())["options"] if each["dock_id"] == "cov-1")
    assert [each["code"] for each in option["reasons"]] == ["maintenance"], "what both know is said once"

    released = await house.taken("DELETE", "/docks/cov-1/hold", role="engineer")
    assert (released["holds"], released["agent"]["knows_holds"]) == ([], False)
    option = next(each for each in (await house.incident())["options"] if each["dock_id"] == "cov-1")
    assert [(each["code"], SAID in each["text"]) for each in option["reasons"]] == [("agent_refuses", True)]
    told = house.desk.state.docks["cov-1"].maintenance
    assert told is not None
    await house.scene.status("cov-1", maintenance_order_id=told.order.order_id)
    assert (await house.incident())["best"] == "cov-1"
    kinds = [event["type"] for event in (await house.taken("GET", "/journal?limit=500", role="engineer"))["events"]]
    assert [kind for kind in kinds if kind in ("DockHeld", "DockReleased")] == ["DockHeld", "DockReleased"]


@pytest.mark.parametrize("role", ["controller", "pilot", "supervisor", "officer"])
async def test_only_an_engineer_holds_and_releases(house: House, role: str) -> None:
    assert (await house.ask("POST", "/docks/cov-1/hold", json=WORD, role=role)).status_code == 403
    assert (await house.ask("DELETE", "/docks/cov-1/hold", role=role)).status_code == 403


async def test_a_pilot_lifts_the_systems_own_hold_and_no_persons(house: House) -> None:
    await house.taken("POST", "/docks/cov-1/hold", json=WORD, role="engineer")
    await house.desk.hold_dock(SYSTEM, "cov-1", "K1 stands in its box again")
    for path in ("/docks/cov-1/hold?held_by=engineer-1", "/docks/cov-1/hold"):
        refused = await house.ask("DELETE", path, role="pilot")
        assert (refused.status_code, "is lifted by an engineer" in refused.json()["detail"]) == (403, True)
    controller = await house.ask("DELETE", "/docks/cov-1/hold?held_by=system", role="controller")
    assert controller.status_code == 403
    lifted = await house.taken("DELETE", "/docks/cov-1/hold?held_by=system", role="pilot")
    assert [each["by"] for each in lifted["holds"]] == ["engineer-1"]


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


async def test_a_dock_that_a_flight_may_still_start_from_or_come_home_to_is_not_held(house: House) -> None:
    flight = (await house.dispatch(await house.incident())).json()
    before = await house.seq()
    ordered = await house.ask("POST", f"/docks/{flight['dock_id']}/hold", json=WORD, role="engineer")
    assert (ordered.status_code, ordered.json()["flight_id"]) == (409, flight["id"])
    assert ordered.json()["detail"] == (
        f"{flight['callsign']} may still start from cov-1: cancel it, or wait until it is home again"
    )
    assert await house.seq() == before
    order = house.desk.state.flights[UUID(flight["id"])]
    await house.scene.says("cov-1", OrderAccepted(order_id=order.order.order_id, flight_id=order.id))
    await house.scene.fly(order, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
    out = await house.ask("POST", "/docks/cov-1/hold", json=WORD, role="engineer")
    assert out.json()["detail"] == f"{flight['callsign']} is out and comes home to cov-1: wait until it is home"
    await house.scene.fly(order, Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
    await house.taken("POST", "/docks/cov-1/hold", json=WORD, role="engineer")


async def test_nobody_accepts_a_flight_out_of_a_dock_that_is_held_all_the_same(house: House) -> None:
    """As a journal from before holds were refused may tell it."""
    await house.taken("POST", "/duty", role="pilot", json={"action": "sign_on", "accepts": "ask"})
    flight = (await house.dispatch(await house.incident())).json()
    assert flight["order"]["state"] == "waiting_for_pilot"
    refused = await house.ask("POST", "/docks/cov-1/hold", json=WORD, role="engineer")
    assert (refused.status_code, refused.json()["flight_id"]) == (409, flight["id"]), "it waits for its pilot"
    await house.desk.record([ev.DockHeld(dock_id="cov-1", because=WORD["because"])])
    before = await house.seq()
    answer = await house.ask("POST", f"/flights/{flight['id']}/accept", role="pilot")
    assert answer.status_code == 409
    assert "rotor blades are changed: nothing is sent from it until it is released" in answer.json()["detail"]
    assert await house.seq() == before
    (held,) = house.desk.state.docks["cov-1"].holds
    await house.taken("DELETE", f"/docks/cov-1/hold?held_by={held.by}", role="engineer")
    await house.taken("POST", f"/flights/{flight['id']}/accept", role="pilot")


async def test_one_engineers_hold_is_lifted_by_another_only_by_name_and_the_record_says_so(house: House) -> None:
    other = house.person("engineer-2", "engineer")
    await house.taken("POST", "/docks/cov-1/hold", json=WORD, role="engineer")
    shown = await house.taken("POST", "/docks/cov-1/hold", json={"because": "the lid is oiled"}, role=other)
    assert [each["by"] for each in shown["holds"]] == ["engineer-1", "engineer-2"]
    left = await house.taken("DELETE", "/docks/cov-1/hold", role="engineer")
    assert [(each["by"], each["because"]) for each in left["holds"]] == [("engineer-2", "the lid is oiled")]
    assert (await house.incident())["best"] != "cov-1"
    not_theirs = await house.ask("DELETE", "/docks/cov-1/hold", role="engineer")
    assert not_theirs.status_code == 409
    assert "cov-1 is held by engineer-2, not by engineer-1: name whose hold" in not_theirs.json()["detail"]
    nobodys = await house.ask("DELETE", "/docks/cov-1/hold?held_by=engineer-3", role="engineer")
    assert nobodys.json()["detail"] == "cov-1 is held by engineer-2, not by engineer-3"
    assert (await house.taken("DELETE", "/docks/cov-1/hold?held_by=engineer-2", role="engineer"))["holds"] == []
    events = (await house.taken("GET", "/journal?limit=500", role="engineer"))["events"]
    lifted = [(each["actor"], each["payload"]["held_by"]) for each in events if each["type"] == "DockReleased"]
    assert lifted == [("engineer-1", "engineer-1"), ("engineer-1", "engineer-2")]


async def test_an_agent_that_is_held_by_a_word_that_the_journal_does_not_know_is_shown_so_with_the_remedy(
    house: House,
) -> None:
    assert (await dock(house))["agent"]["knows_holds"] is True
    old = UUID(int=77)
    await house.scene.status("cov-1", maintenance_order_id=old, blockers=[SAID])
    assert (await dock(house))["agent"]["knows_holds"] is False
    refused = await house.ask("DELETE", "/docks/cov-1/hold", role="engineer")
    assert refused.status_code == 409
    assert refused.json()["detail"] == (
        "cov-1 is not held for maintenance, but its agent goes by a word that is not in this journal: hold it, "
        "then release it"
    )
    await house.taken("POST", "/docks/cov-1/hold", json=WORD, role="engineer")
    released = await house.taken("DELETE", "/docks/cov-1/hold", role="engineer")
    assert released["agent"]["knows_holds"] is False, "not before its agent has heard the newest word"
    told = house.desk.state.docks["cov-1"].maintenance
    assert told is not None
    await house.scene.status("cov-1", maintenance_order_id=told.order.order_id)
    assert (await dock(house))["agent"]["knows_holds"] is True


async def test_another_word_of_the_same_person_takes_the_place_of_the_one_before(house: House) -> None:
    await house.taken("POST", "/docks/cov-1/hold", json=WORD, role="engineer")
    shown = await house.taken("POST", "/docks/cov-1/hold", json={"because": "the lid too"}, role="engineer")
    assert [each["because"] for each in shown["holds"]] == ["the lid too"]


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
