"""What cannot be done is refused in words that the person on duty can act on, and changes nothing."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.controlroom import ControlRoom, offset
from tests.flight.system.conftest import FAR, NEAR

pytestmark = pytest.mark.asyncio(loop_scope="session")

Json = dict[str, Any]


async def _incidents_reported(room: ControlRoom) -> int:
    return sum(1 for entry in await room.stack.journal() if entry.type.startswith("Incident"))


async def test_impossible_incidents_name_the_field_and_change_nothing(room: ControlRoom) -> None:
    next_year = (room.stack.clock.mission_now() + timedelta(days=365)).isoformat()
    good = room.report_body(room.scene(NEAR))
    cases: list[tuple[Json, str]] = [
        (good | {"place": {"lat_deg": 137, "lon_deg": 0}}, "/place/lat_deg"),
        (good | {"place": {"lat_deg": "52.4", "lon_deg": -1.5}}, "/place/lat_deg"),
        (good | {"place": {"lat_deg": 52.4}}, "/place/lon_deg"),
        (good | {"place": None}, "/place"),
        (good | {"reported_at": next_year}, "/reported_at"),
        (good | {"reported_at": "yesterday"}, "/reported_at"),
        (good | {"watch_s": "long"}, "/watch_s"),
        (good | {"watch_s": -1}, "/watch_s"),
        (good | {"grade": ""}, "/grade"),
        (good | {"urgency": 1}, "/urgency"),
        ({name: value for name, value in good.items() if name != "source"}, "/source"),
    ]
    before = await _incidents_reported(room)
    api = await room.stack.api("controller")
    for body, pointer in cases:
        answer = await api.post("/api/v1/incidents", json=body)
        assert 400 <= answer.status_code < 500, (pointer, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert pointer in [fault["pointer"] for fault in answer.json()["errors"]], answer.text
    assert await _incidents_reported(room) == before


async def test_malformed_and_oversized_bodies_are_turned_away(room: ControlRoom) -> None:
    before = await _incidents_reported(room)
    api = await room.stack.api("controller")
    headers = {"Content-Type": "application/json"}
    big = b'{"summary": "' + b"x" * (256 * 1024) + b'"}'
    cases = [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"place": {"lat_deg": NaN}}', 422),
        (b"[" * 5000, 422),
        (b"[]", 422),
        (big, 413),
    ]
    for body, status in cases:
        answer = await api.post("/api/v1/incidents", content=body, headers=headers)
        assert answer.status_code == status, (body[:40], answer.text)
        assert answer.json()["title"]
    assert await _incidents_reported(room) == before


async def test_the_same_report_again_is_the_same_incident(room: ControlRoom) -> None:
    body = room.report_body(room.scene(NEAR))
    api = await room.stack.api("controller")
    first, second = [await api.post("/api/v1/incidents", json=body) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    other = await api.post("/api/v1/incidents", json=body | {"category": "fire"})
    assert (other.status_code, other.json()["type"]) == (409, "/problems/reference-conflict")
    assert "category" in other.json()["difference"]


async def test_a_closed_incident_is_not_dispatched_to(room: ControlRoom) -> None:
    shown = await room.report(room.scene(NEAR))
    await room.post(f"/api/v1/incidents/{shown['id']}/close", {"outcome": "a false alarm"})
    answer = await room.press(shown)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/incident-not-open")


async def test_what_changed_since_it_was_shown_is_told_before_anything_flies(room: ControlRoom) -> None:
    shown = await room.report(room.scene(NEAR))
    lat, lon = room.scene(NEAR, north_m=-300.0)
    api = await room.stack.api("controller")
    moved = await api.patch(f"/api/v1/incidents/{shown['id']}", json={"place": {"lat_deg": lat, "lon_deg": lon}})
    assert moved.status_code == 200, moved.text
    answer = await room.press(shown)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/stale-screen")
    assert set(answer.json()["difference"]["place"]) == {"shown", "now"}


async def test_no_dock_within_reach_is_refused_with_every_docks_reasons(room: ControlRoom) -> None:
    shown = await room.report(offset(room.stack.site(NEAR), north_m=60_000, east_m=0))
    assert shown["best"] is None
    answer = await room.press(shown)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-eligible-dock")
    reasons = answer.json()["reasons"]
    assert set(reasons) == {NEAR, FAR}
    assert all(why and why[0]["text"] for why in reasons.values())


async def test_without_a_pilot_on_duty_nothing_leaves(room: ControlRoom) -> None:
    await room.post("/api/v1/duty", {"action": "sign_off"}, role="pilot")
    try:
        shown = await room.report(room.scene(NEAR))
        answer = await room.press(shown)
    finally:
        await room.pilots_on_duty()
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-eligible-dock")
    assert all("pilot" in why[0]["text"] for why in answer.json()["reasons"].values())


async def test_a_dock_and_an_incident_have_one_flight_at_a_time(room: ControlRoom) -> None:
    shown, other = await room.report(room.scene(NEAR)), await room.report(room.scene(NEAR, north_m=-200.0))
    presses = await asyncio.gather(*(room.press(shown, dock_id=NEAR) for _ in range(4)))
    sent = [press for press in presses if press.status_code == 201]
    assert len(sent) == 1, [press.text for press in presses]
    assert all(press.json()["type"] == "/problems/already-dispatched" for press in presses if press not in sent)
    flight_id = sent[0].json()["id"]
    try:
        busy = await room.press(other, dock_id=NEAR)
        assert (busy.status_code, busy.json()["type"]) == (409, "/problems/dock-not-eligible")
        assert busy.json()["reasons"][NEAR]
    finally:
        await room.post(f"/api/v1/flights/{flight_id}/cancel")
        await room.until_ended(flight_id)


async def test_a_pilot_who_wants_to_be_asked_accepts_before_anything_is_sent(room: ControlRoom) -> None:
    await room.post("/api/v1/duty", {"action": "sign_on", "accepts": "ask", "max_flights": 4}, role="pilot")
    try:
        sent = await room.send(NEAR)
        assert sent["order"]["state"] == "waiting_for_pilot"
        assert (await room.flight(sent["id"]))["phase"] == "ordered"
        await room.post(f"/api/v1/flights/{sent['id']}/accept", role="pilot")
        await room.until_phase(sent["id"], "preparing", "launching", "en_route")
    finally:
        await room.pilots_on_duty()
    await room.post(f"/api/v1/flights/{sent['id']}/cancel")
    await room.until_ended(sent["id"])


async def test_what_does_not_exist_is_not_found(room: ControlRoom) -> None:
    api = await room.stack.api("controller")
    for path in (f"/api/v1/incidents/{uuid.uuid4()}", f"/api/v1/flights/{uuid.uuid4()}", "/api/v1/flights/no-id"):
        answer = await api.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found"), path
