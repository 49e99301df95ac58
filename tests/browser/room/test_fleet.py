"""The fleet page on a real browser: an engineer takes a dock out of service and puts it back."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import FAR
from tests.browsers import console_on
from tests.controlroom import ControlRoom

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_engineer_holds_a_dock_for_maintenance_and_releases_it(room: ControlRoom, browser: Browser) -> None:
    token = await room.stack.token("engineer")
    name = next(dock["name"] for dock in (await room.get("/api/v1/docks"))["docks"] if dock["id"] == FAR)
    async with console_on(browser, api=room.stack.addresses.api, token=token, path="/docks") as console:
        page = console.page
        card = page.locator("article").filter(has=page.get_by_role("button", name=name, exact=True))
        await expect(card).to_contain_text("Charge cycles")
        await expect(card).to_contain_text("Flown")
        await expect(card.locator(".uplot").first).to_be_visible()
        await card.get_by_role("button", name=name, exact=True).click()
        why = page.get_by_label("Out of service for maintenance: why?")
        await why.fill("rotor blades are changed")
        await page.get_by_role("button", name=re.compile("^Take .* out of service$")).click()
        await expect(card).to_contain_text("held for maintenance by engineer-1: rotor blades are changed")
        shown = await room.report(room.scene(FAR))
        reasons = next(each for each in shown["options"] if each["dock_id"] == FAR)["reasons"]
        assert [each["code"] for each in reasons] == ["maintenance"]
        await page.get_by_role("button", name=re.compile("^Put .* back into service$")).click()
        await expect(card).not_to_contain_text("held for maintenance")
        assert console.wrong == []
    await room.post(f"/api/v1/incidents/{shown['id']}/decline", {"reason": "a test"})
