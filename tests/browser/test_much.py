"""Much at once: 5,000 incidents, 200 drones and 100 zones, said to a real console by a test."""

from __future__ import annotations

import asyncio
import json
import math
from typing import Any

import pytest
from playwright.async_api import Browser, WebSocketRoute, expect

from tests.browsers import WIDE
from tests.controlroom import ControlRoom

pytestmark = pytest.mark.asyncio(loop_scope="session")
Json = dict[str, Any]
INCIDENTS, DRONES = 5000, 200
NOON = "2026-01-31T12:00:00.000Z"


def _incident(number: int) -> Json:
    return {
        "id": f"i{number:05}",
        "source": "cad",
        "reference": f"R-{number}",
        "grade": str(1 + number % 4),
        "category": f"call {number}",
        "summary": "one of many",
        "place": {"lat_deg": 52.3 + (number % 71) / 400, "lon_deg": -1.7 + (number % 53) / 200, "radius_m": 0.0},
        "reported_at": NOON,
        "received_at": f"2026-01-31T11:{number % 60:02}:00.000Z",
        "revision": 1,
        "status": "open",
        **dict.fromkeys(("outcome", "merged_into", "flight_id")),
        "flight_ids": [],
    }


def _drone(number: int, step: int) -> Json:
    turn = step / 20 + number
    return {
        "dock_id": f"d{number}",
        "flight_id": None,
        "callsign": f"K{number}",
        "lat_deg": 52.4 + 0.05 * math.sin(number) + 0.002 * math.sin(turn),
        "lon_deg": -1.5 + 0.09 * math.cos(number * 1.7) + 0.003 * math.cos(turn),
        "alt_above_home_m": 60.0,
        "alt_amsl_m": 150.0,
        "heading_deg": math.degrees(turn) % 360,
        "ground_speed_m_s": 12.0,
        "climb_m_s": 0.0,
        "battery_percent": 80.0,
        "armed": True,
        "in_air": True,
        "flight_mode": "MISSION",
        "mission_time": NOON,
        "position_age_s": 0.1,
        "link_age_s": 0.1,
        "traffic": "clear",
        "next_action": "",
        **dict.fromkeys(("next_action_at", "battery_at_home_percent", "must_leave_at")),
    }


def _entities(kind: str, data: dict[str, Json], seq: int) -> list[Json]:
    return [{"kind": kind, "id": name, "seq": seq, "data": value} for name, value in data.items()]


async def test_five_thousand_incidents_and_two_hundred_drones(room: ControlRoom, browser: Browser) -> None:
    incidents = {f"i{number:05}": _incident(number) for number in range(INCIDENTS)}
    zones = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": f"zone {n}", "restriction": "PROHIBITED", "applies_now": True, "periods": []},
                "geometry": {"type": "Polygon", "coordinates": [_ring(52.3 + (n % 10) / 50, -1.7 + (n // 10) / 30)]},
            }
            for n in range(100)
        ],
    }

    async def speak(socket: WebSocketRoute) -> None:
        greeted = asyncio.Event()
        socket.on_message(lambda _: greeted.set())
        await greeted.wait()
        drones = {f"k{n}": _drone(n, 0) for n in range(DRONES)}
        everything = _entities("incident", incidents, 1) + _entities("aircraft", drones, 1)
        head = {"epoch": "much", "mission_time": NOON}
        socket.send(
            json.dumps({"type": "snapshot", "seq": 1, "deployment": "simulation", "entities": everything} | head)
        )
        step = 1
        while True:
            step += 1
            moved = _entities("aircraft", {f"k{n}": _drone(n, step) for n in range(DRONES)}, step)
            socket.send(json.dumps({"type": "changes", "seq": step, "changed": moved, "removed": []} | head))
            await asyncio.sleep(0.1)

    context = await browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, reduced_motion="reduce")
    speaking: list[asyncio.Task[None]] = []
    try:
        page = await context.new_page()
        await page.route_web_socket(
            "**/api/v1/live",
            lambda socket: speaking.append(asyncio.create_task(speak(socket), name="the server's part")),
        )
        await page.route("**/api/v1/airspace*", lambda route: route.fulfill(json=zones))
        token = await room.stack.token("controller")
        await page.goto(f"{room.stack.addresses.api}/#token={token}")
        drones = page.locator(".mark-drone")
        await expect(drones).to_have_count(DRONES, timeout=30_000)
        listbox = page.get_by_role("listbox", name="Incidents by grade and age")
        rows = listbox.get_by_role("option")
        assert await rows.count() < 60, "only what is seen is drawn"
        await expect(rows.first).to_have_attribute("aria-setsize", str(INCIDENTS))
        await listbox.focus()
        await page.keyboard.press("End")
        await expect(page.locator(f"[aria-posinset='{INCIDENTS}']")).to_be_visible()
        arrow = drones.first.locator(".arrow")
        before = await arrow.get_attribute("style")
        await page.wait_for_timeout(500)
        assert await arrow.get_attribute("style") != before, "they turn as they fly"
    finally:
        for each in speaking:
            each.cancel()
        await asyncio.gather(*speaking, return_exceptions=True)
        await context.close()


def _ring(lat: float, lon: float) -> list[list[float]]:
    return [[lon, lat], [lon + 0.02, lat], [lon + 0.02, lat + 0.01], [lon, lat + 0.01], [lon, lat]]
