"""Warnings at a launch on the screen: each is set aside with its note before anything can be sent."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import NEAR
from tests.browsers import console_on
from tests.controlroom import ControlRoom

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_warning_is_set_aside_by_keyboard_and_stands_on_the_record(room: ControlRoom, browser: Browser) -> None:
    async with room.stack.sim_control() as sim:
        try:
            await sim.inject("weather", rain_mm_h=9.0)
            shown = await room.report(room.scene(NEAR), watch_s=5)

            async def warned() -> bool:
                options = (await room.get(f"/api/v1/incidents/{shown['id']}/options"))["options"]
                return all(each["only_warnings"] for each in options)

            await room.stack.until(warned, within_s=30, what="the rain at the docks")
            token = await room.stack.token("controller+pilot")
            async with console_on(browser, api=room.stack.addresses.api, token=token) as console:
                page = console.page
                await page.locator(f"#incident-{shown['id']}").click()
                send, says = page.locator("#send"), page.locator("#send-says")
                await expect(send).to_be_disabled()
                await expect(says).to_contain_text("not set aside yet: rain 9.0 mm/h, limit 8.0")
                warnings = page.get_by_role("group", name=re.compile("^Warnings that keep"))
                tick = warnings.get_by_role("checkbox", name="Set it aside for this launch")
                await tick.focus()
                await page.keyboard.press("Space")
                await expect(says).to_contain_text("a note is owed")
                await page.keyboard.press("Tab")
                await page.keyboard.type("somebody is in the water")
                await page.keyboard.press("Enter")
                assert (await room.get(f"/api/v1/incidents/{shown['id']}"))["flight_ids"] == [], "Enter sends nothing"
                await expect(send).to_be_enabled()
                await page.wait_for_timeout(500)
                await send.focus()
                await page.keyboard.press("Enter")
                panel = page.get_by_role("region", name="Detail")
                await expect(panel.locator(".asides")).to_contain_text("controller-pilot-1: “somebody is in the water”")
                assert console.wrong == []
            (flight_id,) = (await room.get(f"/api/v1/incidents/{shown['id']}"))["flight_ids"]
            (aside,) = (await room.flight(flight_id))["warnings"]["set_aside"]
            assert (aside["warning"], aside["by"]) == ("rain_over_limit", "controller-pilot-1")
            await room.post(f"/api/v1/flights/{flight_id}/cancel")
            await room.until_ended(flight_id)
            await _left_to_the_pilot(room, browser)
        finally:
            await sim.mend()


async def _left_to_the_pilot(room: ControlRoom, browser: Browser) -> None:
    """A controller who may not leaves it to the pilot, on whose screen the flight waits for it."""
    shown = await room.report(room.scene(NEAR), watch_s=5)
    api = room.stack.addresses.api
    async with (
        console_on(browser, api=api, token=await room.stack.token("controller")) as controller,
        console_on(browser, api=api, token=await room.stack.token("pilot")) as pilot,
    ):
        await controller.page.locator(f"#incident-{shown['id']}").click()
        send = controller.page.locator("#send")
        await expect(send).to_contain_text("if its pilot agrees")
        await expect(send).to_be_enabled()
        await controller.page.wait_for_timeout(500)
        await send.click()
        await pilot.page.locator(f"#incident-{shown['id']}").click()
        take = pilot.page.get_by_role("button", name=re.compile("^Take .*: nothing arms before$"))
        await expect(take).to_be_disabled()
        await pilot.page.get_by_role("checkbox", name="Set it aside for this launch").check()
        await pilot.page.get_by_label("Why (recorded with your name)").fill("somebody is in the water")
        await expect(take).to_be_enabled()
        await take.click()
        await expect(pilot.page.locator(".asides")).to_contain_text("pilot-1: “somebody is in the water”")
        assert controller.wrong == pilot.wrong == []
    (flight_id,) = (await room.get(f"/api/v1/incidents/{shown['id']}"))["flight_ids"]
    await room.post(f"/api/v1/flights/{flight_id}/cancel")
    await room.until_ended(flight_id)
