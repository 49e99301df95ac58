"""Who commands a flight over HTTP: hand-over and read-back, lent payload, limits, and consoles that fall silent."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from contracts.vocabulary import Phase
from dispatcher.policy import FlyingPolicy
from tests.unit.api.house import House, Json, open_house

POINT = {"lat_deg": 52.411, "lon_deg": -1.511}
SCENE = (52.4095, -1.5110)


async def _second_pilot(house: House, **changes: object) -> str:
    role = house.person("pilot-2", "pilot")
    body: Json = {"action": "sign_on", "accepts": "ask", **changes}
    await house.taken("POST", "/duty", role=role, json=body)
    return role


async def _pilot(house: House, flight: Json) -> str:
    return str((await house.taken("GET", f"/flights/{flight['id']}"))["pilot"])


async def _notices(house: House, pilot: str) -> list[str]:
    pilots = (await house.taken("GET", "/duty"))["pilots"]
    return [notice["text"] for shown in pilots if shown["pilot"] == pilot for notice in shown["notices"]]


def _reasons(incident: Json, dock_id: str) -> list[Json]:
    return next(list(option["reasons"]) for option in incident["options"] if option["dock_id"] == dock_id)


# --- hand-over ---


async def test_command_changes_hands_by_offer_acceptance_and_read_back(house: House) -> None:
    flight, other = await house.in_the_air(), await _second_pilot(house)
    path = f"/flights/{flight['id']}"
    offered = await house.taken("POST", f"{path}/hand-over", role="pilot", json={"to": "pilot-2", "because": "break"})
    assert (offered["hand_over"]["giver"], offered["hand_over"]["to"]) == ("pilot-1", "pilot-2")
    assert "K1" in (await _notices(house, "pilot-2"))[-1]
    assert await _pilot(house, flight) == "pilot-1", "the giver keeps command until the acceptance"
    assert (await house.ask("POST", f"{path}/goto", role=other, json={"place": POINT})).status_code == 403
    await house.taken("POST", f"{path}/goto", role="pilot", json={"place": POINT})
    await house.taken("POST", f"{path}/resume", role="pilot")

    wrong = await house.ask(
        "POST", f"{path}/hand-over/accept", role=other, json={"callsign": "K7", "phase": "on_scene"}
    )
    assert (wrong.status_code, wrong.json()["type"]) == (409, "/problems/stale-screen")
    assert wrong.json()["difference"] == {
        "callsign": {"shown": "K7", "now": "K1"},
        "phase": {"shown": "on_scene", "now": "en_route"},
    }
    assert await _pilot(house, flight) == "pilot-1"

    read_back = {"callsign": "K1", "phase": "en_route"}
    taken = await house.taken("POST", f"{path}/hand-over/accept", role=other, json=read_back)
    assert (taken["pilot"], taken["hand_over"]) == ("pilot-2", None)
    assert "pilot-2 has taken" in (await _notices(house, "pilot-1"))[-1]
    assert (await house.ask("POST", f"{path}/goto", role="pilot", json={"place": POINT})).status_code == 403
    await house.taken("POST", f"{path}/goto", role=other, json={"place": POINT})
    types = [recorded.type async for recorded in house.journal.read(stream=f"flight/{flight['id']}")]
    assert [name for name in types if name.startswith("HandOver")] == ["HandOverOffered", "HandOverAccepted"]


async def test_an_offer_is_declined_withdrawn_or_expires_and_command_stays(house: House) -> None:
    flight, other = await house.in_the_air(), await _second_pilot(house)
    path = f"/flights/{flight['id']}/hand-over"
    for role in (other, "pilot"):
        await house.taken("POST", path, role="pilot", json={"to": "pilot-2"})
        assert (await house.taken("POST", f"{path}/decline", role=role))["hand_over"] is None
    await house.taken("POST", path, role="pilot", json={"to": "pilot-2"})
    await house.clock.advance(61)
    read_back = {"callsign": "K1", "phase": "en_route"}
    late = await house.ask("POST", f"{path}/accept", role=other, json=read_back)
    assert late.status_code == 409
    assert await _pilot(house, flight) == "pilot-1"
    types = [recorded.event async for recorded in house.journal.read(stream=f"flight/{flight['id']}")]
    assert [event.model_dump()["how"] for event in types if event.type_name() == "HandOverEnded"] == [
        "declined",
        "withdrawn",
        "expired",
    ]


async def test_a_flight_is_offered_to_pilots_on_duty_alone(house: House) -> None:
    flight = await house.in_the_air()
    path = f"/flights/{flight['id']}/hand-over"
    for body in ({"to": "pilot-9"}, {"to": "pilot-1"}, {}):
        assert (await house.ask("POST", path, role="pilot", json=body)).status_code == 409, body
    other = await _second_pilot(house)
    third = house.person("pilot-3", "pilot")
    await house.taken("POST", path, role="pilot", json={"to": "pilot-2"})
    read_back = {"callsign": "K1", "phase": "en_route"}
    assert (await house.ask("POST", f"{path}/accept", role=third, json=read_back)).status_code == 403
    assert (await house.ask("POST", f"{path}/decline", role=third)).status_code == 403
    assert (await house.ask("POST", f"{path}/accept", role=other, json=read_back)).status_code == 200


# --- limits ---


async def test_a_pilot_flies_one_flight_by_hand_and_hold_always_works(house: House) -> None:
    one = await house.in_the_air()
    await house.scene.all_report()
    two = await house.in_the_air(key="two")
    goto = {"place": POINT}
    await house.taken("POST", f"/flights/{one['id']}/goto", role="pilot", json=goto)
    assert (await house.taken("GET", f"/flights/{one['id']}"))["in_hand"]
    full = await house.ask("POST", f"/flights/{two['id']}/goto", role="pilot", json=goto)
    assert full.status_code == 409
    assert "K1" in full.json()["detail"]
    assert (await house.ask("POST", f"/flights/{two['id']}/hold", role="pilot")).status_code == 202
    await house.scene.all_report()
    reasons = _reasons(await house.incident(), "cov-3")
    assert [reason["code"] for reason in reasons] == ["no_pilot_free"]
    assert "by hand" in reasons[0]["text"]
    await house.taken("POST", f"/flights/{one['id']}/resume", role="pilot")
    await house.taken("POST", f"/flights/{two['id']}/resume", role="pilot")
    assert not (await house.taken("GET", f"/flights/{one['id']}"))["in_hand"]
    assert (await house.incident())["best"] == "cov-3"


async def test_a_pilot_with_full_hands_is_not_handed_a_flight_flown_by_hand(tmp_path: Path) -> None:
    async with open_house(tmp_path, flying=FlyingPolicy(flights_watched=1)) as house:
        one = await house.in_the_air()
        other = await _second_pilot(house, max_flights=1)
        await house.scene.all_report()
        two = await house.in_the_air(key="two")
        assert {await _pilot(house, one), await _pilot(house, two)} == {"pilot-1"}, "who accepts beforehand goes first"
        read_back = {"callsign": one["callsign"], "phase": "en_route"}
        for flight in (one, two):
            await house.taken("POST", f"/flights/{flight['id']}/hand-over", role="pilot", json={"to": "pilot-2"})
        await house.taken("POST", f"/flights/{one['id']}/hand-over/accept", role=other, json=read_back)
        read_back = {"callsign": two["callsign"], "phase": "en_route"}
        full = await house.ask("POST", f"/flights/{two['id']}/hand-over/accept", role=other, json=read_back)
        assert full.status_code == 409
        assert "limit 1" in full.json()["detail"]


# --- the payload ---


async def test_the_payload_is_lent_to_a_named_person_and_taken_back(house: House) -> None:
    flight = await house.in_the_air()
    path = f"/flights/{flight['id']}"
    assert (await house.ask("POST", f"{path}/zoom", role="officer", json={"level": 1.0})).status_code == 403
    lent = await house.taken("POST", f"{path}/payload/lend", role="pilot", json={"to": "officer-1"})
    assert lent["payload"]["with"] == "officer-1"
    await house.taken("POST", f"{path}/zoom", role="officer", json={"level": 1.0})
    mine = await house.ask("POST", f"{path}/zoom", role="pilot", json={"level": 0.0})
    assert mine.status_code == 403
    assert "take it back" in mine.json()["detail"]
    assert (await house.ask("POST", f"{path}/goto", role="officer", json={"place": POINT})).status_code == 403
    await house.taken("POST", f"{path}/goto", role="pilot", json={"place": POINT})
    back = await house.taken("POST", f"{path}/payload/take-back", role="pilot")
    assert back["payload"]["with"] == "pilot-1"
    await house.taken("POST", f"{path}/zoom", role="pilot", json={"level": 0.0})
    assert (await house.ask("POST", f"{path}/zoom", role="officer", json={"level": 1.0})).status_code == 403


# --- the console ---


async def _silence(house: House, seconds: float, flight: Json) -> None:
    """Time passes without a heartbeat; the flight is still seen."""
    while seconds > 0:
        await house.clock.advance(1.0)
        house.seen(UUID(flight["id"]), SCENE)
        await house.desk.look_after_pilots()
        seconds -= 1.0


async def test_a_silent_console_is_an_alarm_and_the_flight_is_offered_to_the_others(house: House) -> None:
    flight, other = await house.in_the_air(), await _second_pilot(house)
    await house.taken("POST", "/duty/heartbeat", role="pilot")
    await _silence(house, 9, flight)
    assert (await house.taken("GET", "/alarms"))["alarms"] == []
    await _silence(house, 3, flight)
    alarms = (await house.taken("GET", "/alarms"))["alarms"]
    assert [(alarm["kind"], alarm["flight_id"], alarm["active"]) for alarm in alarms] == [
        ("pilot_silent", flight["id"], True)
    ]
    assert "not the link" in alarms[0]["text"]
    assert any("silent" in text for text in await _notices(house, "pilot-2"))
    shown = await house.taken("GET", f"/flights/{flight['id']}")
    assert (shown["hand_over"]["to"], shown["pilot"]) == (None, "pilot-1")
    read_back = {"callsign": "K1", "phase": "en_route"}
    taken = await house.taken("POST", f"/flights/{flight['id']}/hand-over/accept", role=other, json=read_back)
    assert taken["pilot"] == "pilot-2"
    assert not any(alarm["active"] for alarm in taken["alarms"])
    await _silence(house, 200, flight)
    assert (await house.taken("GET", f"/flights/{flight['id']}/commands"))["commands"] == []


async def test_a_flight_that_nobody_takes_is_held_and_then_called_home(house: House) -> None:
    flight = await house.in_the_air()
    await house.taken("POST", "/duty/heartbeat", role="pilot")
    await _silence(house, 69, flight)
    assert (await house.taken("GET", f"/flights/{flight['id']}/commands"))["commands"] == []
    await _silence(house, 4, flight)
    commands = (await house.taken("GET", f"/flights/{flight['id']}/commands"))["commands"]
    assert [(command["action"], command["actor"]) for command in commands] == [("hold", "system")]
    assert "console of pilot-1" in commands[0]["because"]
    await _silence(house, 70, flight)
    commands = (await house.taken("GET", f"/flights/{flight['id']}/commands"))["commands"]
    assert [command["action"] for command in commands] == ["hold", "return"]


async def test_a_console_that_is_heard_again_keeps_its_flight(house: House) -> None:
    flight = await house.in_the_air()
    await house.taken("POST", "/duty/heartbeat", role="pilot")
    await _silence(house, 15, flight)
    pilots = (await house.taken("GET", "/duty"))["pilots"]
    assert pilots[0]["silent_since"] is not None
    back = await house.taken("POST", "/duty/heartbeat", role="pilot")
    assert (back["silent_since"], back["console"]) == (None, True)
    shown = await house.taken("GET", f"/flights/{flight['id']}")
    assert shown["hand_over"] is None
    assert [alarm["active"] for alarm in shown["alarms"]] == [False]
    for _ in range(30):
        await _silence(house, 3, flight)
        await house.taken("POST", "/duty/heartbeat", role="pilot")
    assert (await house.taken("GET", f"/flights/{flight['id']}/commands"))["commands"] == []


async def test_a_pilot_without_a_console_is_not_missed_and_one_who_declares_it_is(house: House) -> None:
    flight = await house.in_the_air()
    await _silence(house, 100, flight)
    assert (await house.taken("GET", "/alarms"))["alarms"] == []
    await house.taken("POST", "/duty", role="pilot", json={"action": "sign_on", "accepts": "ask", "console": True})
    await _silence(house, 12, flight)
    assert [alarm["kind"] for alarm in (await house.taken("GET", "/alarms"))["alarms"]] == ["pilot_silent"]


async def test_a_silent_pilot_is_sent_no_further_flight(house: House) -> None:
    flight = await house.in_the_air()
    await house.taken("POST", "/duty/heartbeat", role="pilot")
    await _silence(house, 12, flight)
    await house.scene.all_report()
    incident = await house.incident()
    assert incident["best"] is None
    assert "silent" in _reasons(incident, "cov-2")[0]["text"]


async def test_a_silent_pilots_flight_on_its_way_home_is_left_to_come_home(house: House) -> None:
    home = (Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING)
    flight = await house.in_the_air(*home)
    await house.taken("POST", "/duty/heartbeat", role="pilot")
    await _silence(house, 200, flight)
    assert (await house.taken("GET", f"/flights/{flight['id']}/commands"))["commands"] == []


async def test_nobody_off_duty_has_a_heartbeat(house: House) -> None:
    other = house.person("pilot-2", "pilot")
    answer = await house.ask("POST", "/duty/heartbeat", role=other)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")


@pytest.mark.parametrize("console", ["yes", 1])
async def test_a_console_is_declared_in_plain_words(house: House, console: object) -> None:
    body = {"action": "sign_on", "console": console}
    assert (await house.ask("POST", "/duty", role="pilot", json=body)).status_code == 422
