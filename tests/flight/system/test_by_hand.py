"""A flight by hand through the public API alone: held, moved, circled, handed over, resumed, and called home."""

from __future__ import annotations

import pytest

from tests.controlroom import ControlRoom, Json, metres
from tests.flight.system.conftest import NEAR, on_mosquitto_by_night

pytestmark = [pytest.mark.asyncio(loop_scope="session"), on_mosquitto_by_night]


async def _told(room: ControlRoom, flight_id: str, name: str, body: Json | None = None, *, role: str = "pilot") -> str:
    """Give a command, and wait until telemetry shows what became of it: the outcome."""
    given = await room.post(f"/api/v1/flights/{flight_id}/{name}", body, role=role)
    order_id = given["command"]["id"]

    async def look() -> Json | None:
        commands = (await room.get(f"/api/v1/flights/{flight_id}/commands"))["commands"]
        command: Json = next(each for each in commands if each["id"] == order_id)
        return command if command["outcome"] != "pending" else None

    command = await room.stack.until(look, within_s=60.0, what=f"an outcome of {name}")
    assert command["outcome"] == "confirmed", f"{name}: {command}"
    return str(command["id"])


async def _near(room: ControlRoom, dock_id: str, place: tuple[float, float], within_m: float) -> None:
    async def look() -> bool:
        docks = (await room.get("/api/v1/docks"))["docks"]
        where = next(dock for dock in docks if dock["id"] == dock_id)["aircraft"]["position"]
        return where is not None and metres(place, (where["lat_deg"], where["lon_deg"])) <= within_m

    await room.stack.until(look, within_s=60.0, what=f"the aircraft of {dock_id} within {within_m} m")


async def test_a_flight_is_flown_by_hand_handed_over_resumed_and_called_home(room: ControlRoom) -> None:
    sent = await room.send(NEAR, watch_s=900.0)
    flight_id = sent["id"]
    await room.until_phase(flight_id, "on_scene")

    await _told(room, flight_id, "hold", role="controller")
    notices = (await room.get("/api/v1/duty"))["pilots"][0]["notices"]
    assert any(notice["by"] != "pilot-1" and "hold" in notice["text"] for notice in notices), (
        "its pilot is told by whom"
    )

    place = room.scene(NEAR, north_m=190.0, east_m=114.0)
    point = {"lat_deg": place[0], "lon_deg": place[1]}
    await _told(room, flight_id, "goto", {"place": point})
    await _near(room, NEAR, place, 10.0)
    assert (await room.flight(flight_id))["in_hand"]

    await _told(room, flight_id, "orbit", {"centre": point, "radius_m": 25.0, "speed_m_s": 4.0})

    await room.post("/api/v1/duty", {"action": "sign_on", "accepts": "ask"}, role="pilot-2")
    await room.post(f"/api/v1/flights/{flight_id}/hand-over", {"to": "pilot-2"}, role="pilot")
    read_back = {"callsign": sent["callsign"], "phase": "on_scene"}
    taken = await room.post(f"/api/v1/flights/{flight_id}/hand-over/accept", read_back, role="pilot-2")
    assert taken["pilot"] == "pilot-2"
    refused = await (await room.stack.api("pilot")).post(f"/api/v1/flights/{flight_id}/resume", json={})
    assert refused.status_code == 403, "who has handed it over moves it no more"

    await _told(room, flight_id, "resume", role="pilot-2")
    assert not (await room.flight(flight_id))["in_hand"]
    await _told(room, flight_id, "return", role="pilot")
    flight = await room.until_ended(flight_id)
    assert flight["phase"] == "docked"
    assert [command["action"] for command in flight["commands"]] == ["hold", "goto", "orbit", "resume", "return"]
    await room.post("/api/v1/duty", {"action": "sign_off"}, role="pilot-2")
