"""Alarms, diversions and blockers over HTTP."""

from __future__ import annotations

from uuid import UUID

import pytest

from contracts.reports import AlarmChanged, CommandSettled, PhaseEntered, PlanChanged
from contracts.vocabulary import AlarmKind, DockState, Lid, Outcome, Phase
from tests.unit.api.house import House, Json

HOME = (Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING)


async def _raise(house: House, flight: Json, kind: AlarmKind, *, active: bool = True, text: str = "") -> None:
    await house.scene.says(
        flight["dock_id"], AlarmChanged(flight_id=UUID(flight["id"]), alarm=kind, active=active, text=text)
    )


async def _settle(house: House, dock_id: str, flight_id: str, order_id: UUID, outcome: Outcome) -> None:
    await house.scene.says(dock_id, CommandSettled(order_id=order_id, flight_id=UUID(flight_id), outcome=outcome))


async def _empty(house: House, dock_id: str, **changes: object) -> None:
    await house.scene.status(dock_id, state=DockState.EMPTY, aircraft_seated=False, aircraft_connected=False, **changes)


# --- alarms ---


async def test_an_alarm_is_shown_until_it_is_over_and_acknowledged_by_name(house: House) -> None:
    flight = await house.in_the_air()
    await house.scene.says(
        flight["dock_id"],
        AlarmChanged(
            flight_id=UUID(flight["id"]),
            alarm=AlarmKind.TRAFFIC,
            active=True,
            text="it goes down",
            bearing_deg=210.0,
            above_m=85.0,
            distance_m=2400.0,
            in_s=40.0,
        ),
    )
    alarm = (await house.taken("GET", "/alarms"))["alarms"][0]
    assert (alarm["kind"], alarm["bearing_deg"], alarm["above_m"], alarm["in_s"]) == ("traffic", 210.0, 85.0, 40.0)
    assert (await house.taken("GET", f"/flights/{flight['id']}"))["alarms"] == [
        {name: value for name, value in alarm.items() if name != "deployment"}
    ]
    await _raise(house, flight, AlarmKind.TRAFFIC, text="nearer")
    alarms = (await house.taken("GET", "/alarms"))["alarms"]
    assert [(each["id"], each["text"]) for each in alarms] == [(alarm["id"], "nearer")], "it is the same one"
    await _raise(house, flight, AlarmKind.TRAFFIC, active=False)
    assert [each["active"] for each in (await house.taken("GET", "/alarms"))["alarms"]] == [False]
    seen = await house.taken("POST", f"/alarms/{alarm['id']}/acknowledge")
    assert seen["acknowledged_by"] == "controller-1"
    assert (await house.taken("GET", "/alarms"))["alarms"] == []
    assert (await house.ask("POST", f"/alarms/{alarm['id']}/acknowledge")).status_code == 404


async def test_the_first_who_acknowledges_stands_in_the_record(house: House) -> None:
    flight = await house.in_the_air()
    await _raise(house, flight, AlarmKind.ENERGY)
    alarm = (await house.taken("GET", "/alarms"))["alarms"][0]
    for role in ("supervisor", "controller"):
        seen = await house.taken("POST", f"/alarms/{alarm['id']}/acknowledge", role=role)
        assert seen["acknowledged_by"] == "supervisor-1"
    assert [each["active"] for each in (await house.taken("GET", "/alarms"))["alarms"]] == [True]


async def test_a_docks_alarm_needs_no_flight_and_another_docks_word_about_a_flight_counts_for_nothing(
    house: House,
) -> None:
    await house.scene.says("cov-2", AlarmChanged(alarm=AlarmKind.CHARGER, active=True, text="charger dead"))
    shown = next(dock for dock in (await house.taken("GET", "/docks"))["docks"] if dock["id"] == "cov-2")
    assert [(alarm["kind"], alarm["dock_id"]) for alarm in shown["alarms"]] == [("charger", "cov-2")]
    flight = await house.in_the_air()
    await house.scene.says(
        "cov-3", AlarmChanged(flight_id=UUID(flight["id"]), alarm=AlarmKind.MOTOR, active=True, text="no")
    )
    assert (await house.taken("GET", f"/flights/{flight['id']}"))["alarms"] == []


async def test_the_alarms_of_a_flight_that_is_home_are_over(house: House) -> None:
    flight = await house.in_the_air(*HOME)
    await _raise(house, flight, AlarmKind.WEATHER)
    await house.scene.fly(house.desk.state.flights[UUID(flight["id"])], Phase.LANDING, Phase.DOCKED)
    assert [each["active"] for each in (await house.taken("GET", "/alarms"))["alarms"]] == [False]


async def test_officers_see_no_alarms(house: House) -> None:
    flight = await house.in_the_air()
    await _raise(house, flight, AlarmKind.ENERGY)
    assert "alarms" not in await house.taken("GET", f"/flights/{flight['id']}", role="officer")
    assert (await house.ask("GET", "/alarms", role="officer")).status_code == 403


# --- to another dock ---


async def test_a_flight_is_diverted_once_the_other_dock_is_open(house: House) -> None:
    flight = await house.in_the_air(*HOME)
    await _empty(house, "cov-2")
    await _empty(house, "cov-3")
    answer = await house.taken("POST", f"/flights/{flight['id']}/divert", role="pilot")
    command = answer["command"]
    assert (command["action"], command["task"], command["outcome"]) == ("divert", None, "pending")
    diversion = house.desk.state.flights[UUID(flight["id"])].diversion
    assert diversion is not None
    assert diversion.to_dock_id == "cov-2", "the nearer of the two"
    shown = {dock["id"]: dock for dock in (await house.taken("GET", "/docks"))["docks"]}
    assert shown["cov-2"]["expects_flight_id"] == flight["id"]

    await _settle(house, "cov-2", flight["id"], diversion.receive.order_id, Outcome.CONFIRMED)
    given = (await house.taken("GET", f"/flights/{flight['id']}/commands"))["commands"][0]
    assert (given["id"], given["task"]["dock_id"], given["actor"]) == (command["id"], "cov-2", "pilot-1")

    task = house.desk.state.flights[UUID(flight["id"])].commands[0].task
    assert task is not None
    assert task.type == "divert"
    await house.scene.says(
        flight["dock_id"],
        PlanChanged(
            flight_id=UUID(flight["id"]),
            order_id=UUID(command["id"]),
            scene=task.scene,
            route_out=task.route_out,
            route_home=task.route_home,
            fence=task.fence,
            watch_s=0,
            home=task.home,
            home_dock_id="cov-2",
        ),
    )
    entity = house.desk.state.flights[UUID(flight["id"])]
    await house.scene.fly(entity, Phase.LANDING)
    await house.scene.says(
        flight["dock_id"], PhaseEntered(flight_id=entity.id, phase=Phase.DOCKED, because="in dock cov-2")
    )
    await house.scene.status("cov-2", state=DockState.EMPTY)
    await _empty(house, "cov-1")
    shown = {dock["id"]: dock for dock in (await house.taken("GET", "/docks"))["docks"]}
    assert (shown["cov-2"]["guest_of"], shown["cov-1"]["away_in"]) == ("cov-1", "cov-2")
    assert shown["cov-2"]["expects_flight_id"] is None
    options = {option["dock_id"]: option for option in (await house.incident())["options"]}
    assert not options["cov-2"]["eligible"]
    assert any("stands in it" in reason["text"] for reason in options["cov-2"]["reasons"])
    assert not options["cov-1"]["eligible"]


async def test_without_a_dock_that_can_take_it_in_every_docks_reasons_are_told(house: House) -> None:
    flight = await house.in_the_air(*HOME)
    await _empty(house, "cov-3", lid=Lid.FAULT)
    answer = await house.ask("POST", f"/flights/{flight['id']}/divert", role="pilot")
    assert answer.status_code == 409
    reasons = answer.json()["reasons"]
    assert set(reasons) == {"cov-1", "cov-2", "cov-3"}
    assert "an aircraft stands in it" in reasons["cov-2"]
    assert any("lid fault" in reason for reason in reasons["cov-3"])
    named = await house.ask("POST", f"/flights/{flight['id']}/divert", role="pilot", json={"dock_id": "cov-2"})
    assert set(named.json()["reasons"]) == {"cov-2"}
    assert (
        await house.ask("POST", f"/flights/{flight['id']}/divert", role="pilot", json={"dock_id": "cov-9"})
    ).status_code == 404


async def test_a_dock_that_will_not_open_refuses_the_divert(house: House) -> None:
    flight = await house.in_the_air(*HOME)
    await _empty(house, "cov-2")
    answer = await house.taken("POST", f"/flights/{flight['id']}/divert", role="pilot")
    diversion = house.desk.state.flights[UUID(flight["id"])].diversion
    assert diversion is not None
    await _settle(house, "cov-2", flight["id"], diversion.receive.order_id, Outcome.REFUSED)
    given = (await house.taken("GET", f"/flights/{flight['id']}/commands"))["commands"][0]
    assert (given["id"], given["outcome"]) == (answer["command"]["id"], "refused")
    shown = {dock["id"]: dock for dock in (await house.taken("GET", "/docks"))["docks"]}
    assert shown["cov-2"]["expects_flight_id"] is None


async def test_a_lid_that_does_not_open_sends_the_flight_to_the_nearest_free_dock_and_then_to_the_next(
    house: House,
) -> None:
    flight = await house.in_the_air(*HOME)
    await _empty(house, "cov-2")
    await _empty(house, "cov-3")
    await _raise(house, flight, AlarmKind.LID, text="the lid does not open")
    entity = house.desk.state.flights[UUID(flight["id"])]
    assert entity.diversion is not None
    assert (entity.diversion.to_dock_id, entity.diversion.automatic) == ("cov-2", True)
    assert entity.commands[0].actor == "system"
    await _settle(house, "cov-2", flight["id"], entity.diversion.receive.order_id, Outcome.REFUSED)
    entity = house.desk.state.flights[UUID(flight["id"])]
    assert entity.diversion is not None
    assert entity.diversion.to_dock_id == "cov-3"
    house.seen(entity.id, (52.4080, -1.5160))
    await house.clock.advance(31)
    house.seen(entity.id, (52.4080, -1.5160))
    await house.desk.look_after_diversions()
    entity = house.desk.state.flights[UUID(flight["id"])]
    assert entity.divert_impossible, "a dock that does not answer is not waited for, and there is no other"
    assert [command.outcome for command in entity.commands] == [Outcome.REFUSED, Outcome.REFUSED]
    shown = await house.taken("GET", f"/flights/{flight['id']}")
    assert "no dock can take K1 in" in shown["divert_impossible"]
    before = await house.seq()
    await house.desk.look_after_diversions()
    assert await house.seq() == before, "it is said once"


# --- what people see over a dock ---


async def test_a_person_over_a_dock_keeps_it_out_of_the_ranking_until_that_is_lifted(house: House) -> None:
    raised = await house.taken("POST", "/docks/cov-1/blockers", role="pilot", json={"text": "a child on the roof"})
    assert any("a child on the roof" in blocker for blocker in raised["blockers"])
    incident = await house.incident()
    assert incident["best"] == "cov-2"
    options = {option["dock_id"]: option for option in incident["options"]}
    assert any("a child on the roof" in reason["text"] for reason in options["cov-1"]["reasons"])
    lifted = await house.taken("DELETE", "/docks/cov-1/blockers")
    assert lifted["blockers"] == []
    assert (await house.incident())["best"] == "cov-1"
    assert (await house.ask("DELETE", "/docks/cov-1/blockers")).status_code == 409
    assert (await house.ask("POST", "/docks/cov-9/blockers", json={"text": "x"})).status_code == 404


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "x" * 201}, {"text": 3}])
async def test_a_blocker_says_what_is_there(house: House, body: Json) -> None:
    assert (await house.ask("POST", "/docks/cov-1/blockers", json=body)).status_code == 422


async def test_an_alarm_is_shelved_by_name_for_a_while_and_a_flights_safety_never_is(house: House) -> None:
    flight = await house.in_the_air()
    await house.scene.says("cov-2", AlarmChanged(alarm=AlarmKind.CHARGER, active=True, text="the charger is at 61 C"))
    await _raise(house, flight, AlarmKind.WEATHER, text="wind over the limit")
    await _raise(house, flight, AlarmKind.ENERGY, text="short of charge")
    by_kind = {each["kind"]: each["id"] for each in (await house.taken("GET", "/alarms"))["alarms"]}
    body = {"for_s": 600.0, "because": "an engineer is on the way"}
    shelved = await house.taken("POST", f"/alarms/{by_kind['charger']}/shelve", json=body)
    assert (shelved["shelf"]["by"], shelved["shelf"]["because"]) == ("controller-1", body["because"])

    async def shelf() -> Json | None:
        causes = (await house.taken("GET", "/alarms"))["causes"]
        return next(each["shelf"] for each in causes if each["kind"] == "charger")  # type: ignore[no-any-return]

    assert await shelf() == shelved["shelf"], "it stays listed"
    back = await house.taken("POST", f"/alarms/{by_kind['charger']}/unshelve", role="pilot")
    assert (back["shelf"], await shelf()) == (None, None)
    refused = await house.ask("POST", f"/alarms/{by_kind['energy']}/shelve", json=body)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")
    refused = await house.ask("POST", f"/alarms/{by_kind['weather']}/shelve", json=body)
    assert refused.status_code == 409, "of priority 2, but of a flight in the air"
    assert "a flight in the air stays in sight" in refused.json()["detail"]
    causes = (await house.taken("GET", "/alarms"))["causes"]
    assert {each["kind"]: each["may_be_shelved"] for each in causes} == {
        "charger": True,
        "weather": False,
        "energy": False,
    }
    not_theirs = await house.ask("POST", f"/alarms/{by_kind['charger']}/shelve", json=body, role="pilot")
    assert not_theirs.status_code == 403


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"because": "known"}, "/for_s"),
        ({"for_s": 59.0, "because": "known"}, "/for_s"),
        ({"for_s": 28_801.0, "because": "known"}, "/for_s"),
        ({"for_s": 600.0}, "/because"),
        ({"for_s": 600.0, "because": " "}, "/because"),
    ],
)
async def test_shelving_needs_a_time_and_a_reason(house: House, body: Json, pointer: str) -> None:
    flight = await house.in_the_air()
    await _raise(house, flight, AlarmKind.WEATHER, text="wind over the limit")
    alarm = (await house.taken("GET", "/alarms"))["alarms"][0]
    answer = await house.ask("POST", f"/alarms/{alarm['id']}/shelve", json=body)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert (await house.taken("GET", "/alarms"))["alarms"][0]["shelf"] is None
