"""A drone over a lesser call is turned to a graver one by its pilot, under the eyes of an officer who is told first."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from dispatcher.explaining import main as explain
from kestrel.checker import check_journal
from tests.controlroom import ControlRoom, Json, metres, names
from tests.flight.system.conftest import NEAR, on_mosquitto_by_night
from tests.liveclient import LiveClient, live_client

pytestmark = [pytest.mark.asyncio(loop_scope="session"), on_mosquitto_by_night]


async def _call(room: ControlRoom, grade: str, watch_s: float, **where: float) -> Json:
    body = room.report_body(room.scene(NEAR, **where), watch_s=watch_s)
    return await room.post("/api/v1/incidents", body | {"grade": grade})


async def _officer(room: ControlRoom, incident_id: str) -> str:
    """The token of a session through a link of their own."""
    given = await room.post(
        f"/api/v1/incidents/{incident_id}/links", {"given_to": "PC 4711", "reason": "attending", "lasts_s": 3600}
    )
    opened = await (await room.stack.api(None)).post(
        "/api/v1/watch", json={"token": given["token"], "device_key": "a tablet that is used in this test alone"}
    )
    assert opened.is_success, opened.text
    return str(opened.json()["session"]["token"])


async def _turn(room: ControlRoom, incident_id: str) -> Json:
    async def look() -> Json | None:
        found = (await room.get("/api/v1/proposals", role="pilot"))["proposals"]
        return next((each for each in found if each["kind"] == "turn" and each["incident_id"] == incident_id), None)

    return await room.stack.until(look, within_s=30.0, what="a proposal to turn")


def _leaving(viewer: LiveClient, flight_id: str) -> list[str]:
    return [state["leaving"]["at"] for state in viewer.history("flight", flight_id) if state["leaving"] is not None]


async def test_a_drone_over_a_lesser_call_is_turned_to_a_graver_one_and_who_watches_is_told_first(
    room: ControlRoom,
) -> None:
    lesser = await _call(room, "4", 900.0, north_m=500.0, east_m=0.0)
    pressed = await room.press(lesser, dock_id=NEAR)
    assert pressed.status_code == 201, pressed.text
    flight_id = pressed.json()["id"]
    await room.until_phase(flight_id, "on_scene")
    url = room.stack.addresses.api.replace("http", "ws", 1) + "/api/v1/live"
    async with live_client(url=url, token=await _officer(room, lesser["id"])) as officer:
        await officer.until(lambda seen: flight_id in seen.of("flight"), within_s=20.0, what="the officer sees it")
        graver = await _call(room, "1", 30.0, north_m=650.0, east_m=250.0)
        proposed = await _turn(room, graver["id"])
        assert proposed["turn"]["from_incident_id"] == lesser["id"]
        assert proposed["turn"]["told"] == ["PC 4711"]
        assert proposed["turn"]["gain_s"] > 60.0
        refused = await (await room.stack.api("controller")).post(f"/api/v1/proposals/{proposed['id']}/accept")
        assert refused.status_code == 403, refused.text
        assert (await room.flight(flight_id))["incident_id"] == lesser["id"]

        counting = await room.post(f"/api/v1/proposals/{proposed['id']}/accept", role="pilot")
        assert counting["status"] == "countdown"
        await officer.until(
            lambda seen: bool(_leaving(seen, flight_id)), within_s=20.0, what="the officer sees the countdown"
        )
        assert _leaving(officer, flight_id)[0] == counting["turn"]["turns_at"]
        await officer.until(lambda seen: flight_id not in seen.of("flight"), within_s=30.0, what="it is theirs no more")

    turned = await room.flight(flight_id)
    (turn,) = turned["turns"]
    assert turned["incident_id"] == graver["id"]
    assert turn["accepted_by"] == turned["pilot"]
    assert _after(turn["at"], counting["turn"]["turns_at"]), "never before the countdown was over"
    await _on_the_other_scene(room, flight_id, graver)
    left = await room.get(f"/api/v1/incidents/{lesser['id']}")
    assert (left["status"], left["flight_id"]) == ("open", None)
    flight = await room.until_ended(flight_id)
    assert names(flight) == [
        *("ordered", "preparing", "launching", "en_route", "on_scene"),
        *("en_route", "on_scene", "returning", "landing", "docked"),
    ]
    retask = next(command for command in flight["commands"] if command["action"] == "retask")
    assert retask["outcome"] == "confirmed"
    decision = await room.get(f"/api/v1/flights/{flight_id}/decision")
    assert decision["decision_id"] == flight["decision_id"]
    track = await room.get(f"/api/v1/flights/{flight_id}/track")
    (mark,) = [each["properties"] for each in track["features"] if each["properties"]["kind"] == "turn"]
    assert (mark["from_incident_id"], mark["to_incident_id"]) == (lesser["id"], graver["id"])
    await room.events_complete(NEAR)
    assert await asyncio.to_thread(explain, [proposed["id"], str(room.stack.run.journal_file)]) == 0
    verdict = await asyncio.to_thread(check_journal, room.stack.run.journal_file)
    assert verdict.rule_faults == []
    for call in (lesser, graver):
        await room.post(f"/api/v1/incidents/{call['id']}/close", {"outcome": "over"})


async def _on_the_other_scene(room: ControlRoom, flight_id: str, graver: Json) -> None:
    place = (graver["place"]["lat_deg"], graver["place"]["lon_deg"])

    async def look() -> bool:
        if names(await room.flight(flight_id)).count("on_scene") < 2:
            return False
        docks = (await room.get("/api/v1/docks"))["docks"]
        where: Any = next(dock for dock in docks if dock["id"] == NEAR)["aircraft"]["position"]
        return where is not None and metres(place, (where["lat_deg"], where["lon_deg"])) < 45.0

    await room.stack.until(look, within_s=90.0, what="the drone over the graver call")


def _after(one: str, other: str) -> bool:
    return datetime.fromisoformat(one) >= datetime.fromisoformat(other)


@pytest.mark.nightly
async def test_a_drone_on_its_way_home_is_turned_out_again_with_the_charge_that_it_has_left(room: ControlRoom) -> None:
    first = await _call(room, "1", 5.0, north_m=1500.0, east_m=0.0)
    pressed = await room.press(first, dock_id=NEAR)
    assert pressed.status_code == 201, pressed.text
    flight_id = pressed.json()["id"]
    await room.until_phase(flight_id, "returning")
    later = await _call(room, "3", 20.0, north_m=1100.0, east_m=300.0)
    proposed = await _turn(room, later["id"])
    assert (proposed["flight_id"], proposed["turn"]["homeward"]) == (flight_id, True)
    accepted = await room.post(f"/api/v1/proposals/{proposed['id']}/accept", role="pilot")
    assert accepted["status"] == "accepted", "nobody watches: it goes at once"
    await _on_the_other_scene(room, flight_id, later)
    flight = await room.until_ended(flight_id)
    assert names(flight) == [
        *("ordered", "preparing", "launching", "en_route", "on_scene", "returning"),
        *("en_route", "on_scene", "returning", "landing", "docked"),
    ]
    left = proposed["turn"]["battery_on_return_percent"]
    assert abs(flight["flown"]["battery_on_return_percent"] - left) < 5.0
    for call in (first, later):
        await room.post(f"/api/v1/incidents/{call['id']}/close", {"outcome": "over"})
