"""The duty page on a real browser: a shift signs on, hands over, and the next one takes over."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browsers import console_on
from tests.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_shift_signs_on_hands_over_and_the_next_takes_over(stack: Stack, browser: Browser) -> None:
    api = stack.addresses.api
    async with (
        console_on(browser, api=api, token=await stack.token("controller"), path="/duty") as one,
        console_on(browser, api=api, token=await stack.token("controller-2"), path="/duty") as next_shift,
    ):
        for console in (one, next_shift):
            page = console.page
            sign_on = page.get_by_role("button", name="Sign on as controller")
            await expect(sign_on).to_be_disabled()
            await page.get_by_label("I have read the weather").check()
            await expect(sign_on).to_be_disabled()
            await page.get_by_label("I have read the restrictions").check()
            await sign_on.click()
            await expect(page.get_by_role("heading", name="You are on duty as controller")).to_be_visible()
            await expect(page.get_by_text("Read and acknowledged: weather and restrictions")).to_be_visible()
        await one.page.get_by_label("Hand over to the next shift").fill("K2 waits for a motor")
        await one.page.get_by_role("button", name="Hand over", exact=True).click()
        note = next_shift.page.get_by_role("article").filter(has_text="K2 waits for a motor")
        await next_shift.page.reload()
        await expect(one.page.get_by_role("article").filter(has_text="K2 waits for a motor")).to_be_visible()
        await expect(one.page.get_by_role("button", name="I have read it and take over")).to_have_count(0)
        await note.get_by_role("button", name="I have read it and take over").click()
        await expect(note).to_have_count(0)
        for console in (one, next_shift):
            await console.page.get_by_role("button", name="Sign off").click()
            await expect(console.page.get_by_role("heading", name="Sign on")).to_be_visible()
            assert console.wrong == []
