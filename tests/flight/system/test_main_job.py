"""The main job of the whole system through its public API alone: from the report to the drone back in its box."""

from __future__ import annotations

import uuid
from datetime import datetime

import pytest

from dispatcher.security.access import PUBLIC, TABLE, WEBSOCKET
from dispatcher.security.roles import EVERYONE, Role
from tests.controlroom import FLIGHT_S, PHASES, ControlRoom, metres, names
from tests.flight.system.conftest import FAR, NEAR, on_mosquitto_by_night
from tests.liveclient import live_client

pytestmark = [pytest.mark.asyncio(loop_scope="session"), on_mosquitto_by_night]

NEAR_M = 60.0
"""The watch is held at a stand-off of 30 m from the scene; the rest is sampling of the track."""
HEARTBEAT = "/api/v1/duty/heartbeat"
OPTION_FIGURES = ("time_to_airborne_s", "time_to_scene_s", "on_scene_s", "battery_on_return_percent", "distance_m")


async def test_one_incident_is_flown_from_report_to_docked_and_its_record_tells_it(room: ControlRoom) -> None:
    stack = room.stack
    place = room.scene(NEAR)
    async with stack.live("controller") as screen:
        await screen.until(lambda live: bool(live.frames), within_s=10, what="the snapshot")
        assert screen.frames[0]["type"] == "snapshot"
        assert screen.frames[0]["deployment"] == "simulation"
        assert set(screen.of("dock")) == {NEAR, FAR}

        shown = await room.report(place)
        assert [option["dock_id"] for option in shown["options"]] == [NEAR, FAR], "ranked, nearest first"
        for option in shown["options"]:
            assert option["eligible"], option["reasons"]
            assert all(option[figure] > 0 for figure in OPTION_FIGURES), option
        assert shown["best"] == NEAR
        shown = await room.get(f"/api/v1/incidents/{shown['id']}/options")

        key = str(uuid.uuid4())
        pressed = await room.press(shown, key=key)
        assert pressed.status_code == 201, pressed.text
        flight_id = pressed.json()["id"]
        again = await room.press(shown, key=key)
        assert (again.status_code, again.json()["id"]) == (200, flight_id)

        await screen.until(
            lambda live: bool(live.of("flight").get(flight_id, {}).get("ended")), within_s=FLIGHT_S, what="the end"
        )
        states = screen.history("flight", flight_id)
        types = [frame["type"] for frame in screen.frames]
        aircraft = screen.history("aircraft", "k1") or screen.history("aircraft", NEAR)

    assert names(states[-1]) == PHASES
    seen = list(dict.fromkeys(state["phase"] for state in states))
    assert seen == [phase for phase in PHASES if phase in seen], "never backwards on the screen"
    assert {"en_route", "on_scene", "returning", "docked"} <= set(seen)
    assert types.count("snapshot") == 1
    assert set(types[1:]) <= {"changes", "tick"}
    assert max(sample["alt_above_home_m"] for sample in aircraft) > 50

    flight = await room.flight(flight_id)
    assert names(flight) == PHASES
    times = [datetime.fromisoformat(entry["mission_time"]) for entry in flight["phases"]]
    assert times == sorted(times)
    assert flight["pilot"] == "pilot-1"
    assert flight["order"]["state"] == "accepted"
    promised, flown = flight["promised"], flight["flown"]
    assert flown["on_scene_s"] >= promised["on_scene_s"] * 0.8
    assert flown["time_to_scene_s"] < promised["time_to_scene_s"] * 2 + 30
    assert abs(flown["distance_m"] - promised["distance_m"]) < 0.1 * promised["distance_m"] + 20
    assert flown["whole_distance_m"] > 2 * (metres(stack.site(NEAR), place) - NEAR_M)
    assert flown["battery_on_return_percent"] > 60

    track = await room.get(f"/api/v1/flights/{flight_id}/track")
    assert track["deployment"] == "simulation"
    line = next(each for each in track["features"] if each["properties"]["kind"] == "track")
    ground = [(lat, lon) for lon, lat, _ in line["geometry"]["coordinates"]]
    assert len(line["properties"]["times"]) == len(ground) > 10
    assert metres(ground[0], stack.site(NEAR)) < NEAR_M
    assert metres(ground[-1], stack.site(NEAR)) < NEAR_M
    assert min(metres(point, place) for point in ground) < NEAR_M
    marked = [each["properties"]["phase"] for each in track["features"] if each["properties"]["kind"] == "phase"]
    assert marked == PHASES

    await room.events_complete(NEAR)
    assert await room.phases_in_journal(flight_id) == PHASES
    assert (await room.get("/api/v1/journal/verify", role="supervisor"))["ok"]


async def test_a_screen_that_was_away_resumes_without_a_second_snapshot(room: ControlRoom) -> None:
    stack = room.stack
    async with stack.live("controller") as before:
        await before.until(lambda live: live.epoch is not None, within_s=10, what="the snapshot")
    incident = await room.report(room.scene(NEAR))
    await room.post(f"/api/v1/incidents/{incident['id']}/close", {"outcome": "seen from the street"})

    async with stack.live("controller", earlier=before, resume=True) as after:
        await after.until(
            lambda live: live.of("incident").get(incident["id"], {}).get("status") == "closed",
            within_s=10,
            what="what happened meanwhile",
        )
        types = [frame["type"] for frame in after.frames]
        assert types[0] == "resumed"
        assert "snapshot" not in types
        assert after.seq > before.seq
        resumed = after.of("incident")
    async with stack.live("controller") as fresh:
        await fresh.until(lambda live: bool(live.frames), within_s=10, what="the snapshot")
        assert fresh.of("incident") == resumed


async def test_an_officer_sees_the_way_to_the_scene_and_nothing_of_the_docks(room: ControlRoom) -> None:
    incident = await room.report(room.scene(NEAR))
    async with room.stack.live("officer") as tablet:
        await tablet.until(lambda live: incident["id"] in live.of("incident"), within_s=10, what="the incident")
        assert not tablet.of("dock")
    await room.post(f"/api/v1/incidents/{incident['id']}/close", {"outcome": "handed over"})


async def test_nobody_without_the_role_gets_anything_on_any_route(room: ControlRoom) -> None:
    known = {
        (method.upper(), path)
        for path, methods in (await room.get("/api/v1/openapi.json"))["paths"].items()
        for method in methods
    }
    assert known <= set(TABLE), f"routes that the table does not know: {known - set(TABLE)}"
    before = await _what_people_did(room)
    for (method, template), access in TABLE.items():
        if access is PUBLIC or method == WEBSOCKET:
            continue
        path = template
        path = path.replace("{dock_id}", "nowhere")
        for name in ("incident_id", "flight_id", "proposal_id", "alarm_id", "ticket_id"):
            path = path.replace("{" + name + "}", str(uuid.uuid4()))
        nobody = await room.stack.api(None)
        assert (await nobody.request(method, path)).status_code == 401, (method, template)
        forged = await nobody.request(method, path, headers={"Authorization": "Bearer e30.e30.e30"})
        assert forged.status_code == 401, (method, template)
        for role in sorted(EVERYONE | {Role.MEDIA}):  # a link's session is walked by the tests of watch links
            if template == HEARTBEAT and role in access:
                continue  # from its first sign of life on that pilot's console is watched, in the tests that follow too
            answer = await (await room.stack.api(role)).request(method, path, json={} if method != "GET" else None)
            refused = answer.status_code == 403
            assert refused == (role not in access), f"{role} {method} {template}: {answer.status_code}"
    assert await _what_people_did(room) == before


async def test_the_live_socket_closes_on_who_does_not_say_who_they_are(room: ControlRoom) -> None:
    url = room.stack.addresses.api.replace("http", "ws", 1) + "/api/v1/live"
    async with live_client(url=url, token="not-a-token") as stranger:  # noqa: S106 - it is none
        await stranger.until(lambda live: live.closed_with is not None, within_s=10, what="the close")
        assert stranger.closed_with == 4401
        assert not stranger.of("incident")


async def _what_people_did(room: ControlRoom) -> int:
    """How many events people have caused; docks go on reporting by themselves. Looking at options is journalled."""
    dull = ("agent:", "system")
    return sum(
        1 for entry in await room.stack.journal() if not entry.actor.startswith(dull) and entry.type != "OptionsDecided"
    )
