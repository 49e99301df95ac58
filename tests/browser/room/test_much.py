"""Much at once: 5,000 incidents, 200 drones and 100 zones, said to a real console by a test."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Browser, WebSocketRoute, expect

from tests import crowd
from tests.browsers import WIDE
from tests.controlroom import ControlRoom

pytestmark = pytest.mark.asyncio(loop_scope="session")
INCIDENTS, DRONES, ZONES = 5000, 200, 100


async def test_five_thousand_incidents_and_two_hundred_drones(room: ControlRoom, browser: Browser) -> None:
    async def speak(socket: WebSocketRoute) -> None:
        greeted = asyncio.Event()
        socket.on_message(lambda _: greeted.set())
        await greeted.wait()
        socket.send(crowd.snapshot(incidents=INCIDENTS, drones=DRONES))
        step = 1
        while True:
            step += 1
            socket.send(crowd.moved(drones=DRONES, step=step))
            await asyncio.sleep(0.1)

    context = await browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, reduced_motion="reduce")
    speaking: list[asyncio.Task[None]] = []
    try:
        page = await context.new_page()
        await page.route_web_socket(
            "**/api/v1/live",
            lambda socket: speaking.append(asyncio.create_task(speak(socket), name="the server's part")),
        )
        await page.route("**/api/v1/airspace*", lambda route: route.fulfill(json=crowd.zones(ZONES)))
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
        await page.get_by_role("searchbox").fill("call 4321")
        await expect(rows).to_have_count(1)
        await expect(rows.first).to_contain_text("call 4321")
        await page.get_by_role("searchbox").fill("")
        await expect(rows.first).to_have_attribute("aria-setsize", str(INCIDENTS))
        arrow = drones.first.locator(".arrow")
        before = await arrow.get_attribute("style")
        await page.wait_for_timeout(500)
        assert await arrow.get_attribute("style") != before, "they turn as they fly"
    finally:
        for each in speaking:
            each.cancel()
        await asyncio.gather(*speaking, return_exceptions=True)
        await context.close()
