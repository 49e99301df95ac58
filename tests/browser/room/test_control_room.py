"""The control room on a real browser, against a real dispatcher, agents and simulator."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Route, expect

from tests.browser.conftest import FAR, NEAR
from tests.browsers import NARROW, WITHOUT_WEBGL, console_on, running_browser, serious_faults_in
from tests.controlroom import ControlRoom

pytestmark = pytest.mark.asyncio(loop_scope="session")
FLIGHT_MS = 150_000


async def test_the_main_job_by_keyboard_alone(room: ControlRoom, browser: Browser) -> None:
    shown = await room.report(room.scene(NEAR), watch_s=120)
    token = await room.stack.token("controller")
    async with console_on(browser, api=room.stack.addresses.api, token=token) as console:
        page = console.page
        await console.live()
        assert "token" not in page.url, "the fragment is taken out of the address at once"
        row = page.locator(f"#incident-{shown['id']}")
        await row.wait_for()
        # Another tab is let in by this one; nobody signs out by one press.
        second = await console.context.new_page()
        await second.goto(f"{console.api}/docks")
        await expect(second.get_by_role("heading", name="Fleet")).to_be_visible()
        await second.close()
        await page.get_by_role("button", name="controller-1").click()
        await expect(page.get_by_role("button", name="Sign out controller-1")).to_be_visible()
        await page.get_by_role("button", name="Stay").click()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("listbox")).to_be_focused()
        while await page.get_by_role("listbox").get_attribute("aria-activedescendant") != f"incident-{shown['id']}":
            await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        send = page.locator("#send")
        await expect(send).to_have_text(re.compile(r"^Send \S+ to \d+ m \S+ of .+, road traffic collision, \d:\d\d$"))
        await expect(send).to_be_enabled()
        await page.wait_for_timeout(500)
        # From a dock's radio too.
        await page.get_by_role("radio").first.focus()
        await page.keyboard.press("s")
        await expect(send).to_be_focused()
        await page.keyboard.press("Enter")

        panel = page.get_by_role("region", name="Detail")
        await expect(panel.get_by_role("heading", level=2).first).to_be_visible()
        await expect(panel.get_by_role("button", name=re.compile("^Hold "))).to_be_enabled()
        home = panel.get_by_role("button", name=re.compile("^Return "))
        await expect(home).to_be_enabled()
        await expect(panel.get_by_role("button", name=re.compile("^Cancel "))).to_be_visible()
        before_arming = await home.bounding_box()
        await expect(panel.locator("[aria-current=step]")).to_contain_text("On scene", timeout=FLIGHT_MS)
        await expect(panel.get_by_role("button", name=re.compile("^Cancel "))).to_have_count(0)
        assert await home.bounding_box() == before_arming, "nothing moves under a pointer when cancel goes"
        # Return by a key that is held, with Shift; a short press does nothing.
        await page.keyboard.press("Shift+R")
        await page.wait_for_timeout(900)
        assert await panel.locator(".told").filter(has_text="return").count() == 0
        await page.keyboard.down("Shift")
        await page.keyboard.down("R")
        await expect(panel.locator(".told")).to_contain_text("return")
        await page.keyboard.up("R")
        await page.keyboard.up("Shift")
        await expect(panel.locator("[aria-current=step]")).to_contain_text("Home in its dock", timeout=FLIGHT_MS)
        assert console.wrong == []
    incident = await room.get(f"/api/v1/incidents/{shown['id']}")
    assert len(incident["flight_ids"]) == 1, "one press, one flight"


async def test_enter_in_a_text_field_and_a_held_key_send_nothing(room: ControlRoom, browser: Browser) -> None:
    shown = await room.report(room.scene(NEAR))
    token = await room.stack.token("controller")
    async with console_on(browser, api=room.stack.addresses.api, token=token) as console:
        page = console.page
        await page.locator(f"#incident-{shown['id']}").click()
        send = page.locator("#send")
        await expect(send).to_be_enabled()
        await page.wait_for_timeout(500)
        await page.get_by_role("searchbox").focus()
        for _ in range(3):
            await page.keyboard.press("Enter")
        # A key that was held down before the button had the focus repeats on it.
        await send.evaluate(
            """button => { button.focus(); for (let i = 0; i < 5; i++) {
                const key = new KeyboardEvent('keydown', {key: 'Enter', repeat: true, bubbles: true, cancelable: true})
                if (button.dispatchEvent(key)) button.click()
            } }"""
        )
        await page.wait_for_timeout(700)
    assert (await room.get(f"/api/v1/incidents/{shown['id']}"))["flight_ids"] == []
    await room.post(f"/api/v1/incidents/{shown['id']}/decline", {"reason": "a test"})


async def test_what_has_changed_meanwhile_is_shown_and_nothing_is_sent(room: ControlRoom, browser: Browser) -> None:
    shown = await room.report(room.scene(NEAR))
    token = await room.stack.token("controller")
    async with console_on(browser, api=room.stack.addresses.api, token=token) as console:
        page = console.page
        await page.locator(f"#incident-{shown['id']}").click()
        send = page.locator("#send")
        await expect(send).to_be_enabled()
        await page.wait_for_timeout(500)

        # The dock that somebody chose drops out: that is said, and no other is chosen in its place.
        docks = page.get_by_role("radiogroup", name="The dock to send from").get_by_role("radio")
        await docks.nth(1).check()
        fallen = await docks.nth(1).get_attribute("value")

        async def without_it(route: Route) -> None:
            answer = await route.fetch()
            body = await answer.json()
            reason = {
                "code": "dock_fault",
                "text": "the dock reports a fault",
                "value": None,
                "limit": None,
                "age_s": None,
            }
            gone = {"eligible": False, "only_warnings": False, "reasons": [reason]}
            body["options"] = [each | gone if each["dock_id"] == fallen else each for each in body["options"]]
            await route.fulfill(response=answer, json=body)

        await page.route("**/options", without_it)
        amended = await (await room.stack.api("controller")).patch(
            f"/api/v1/incidents/{shown['id']}", json={"summary": "two cars, one on its roof"}
        )
        assert amended.status_code == 200, amended.text
        await expect(send).to_have_text(re.compile(r"^K\d cannot go any more: choose a dock below$"))
        await expect(send).to_be_disabled()
        await expect(page.get_by_text("which you chose, cannot go any more: the dock reports a fault")).to_be_visible()
        await page.unroute("**/options")
        await docks.first.check()
        await expect(send).to_be_enabled()
        await page.wait_for_timeout(500)

        # The change reaches the server just before the press does: this console has not heard of it yet.
        async def changed_first(route: object) -> None:
            answer = await (await room.stack.api("controller")).patch(
                f"/api/v1/incidents/{shown['id']}", json={"grade": "3"}
            )
            assert answer.status_code == 200, answer.text
            await route.continue_()  # type: ignore[attr-defined]

        await page.route("**/dispatch", changed_first)
        await send.click()
        alert = page.get_by_role("alert").filter(has_text="Not sent")
        await expect(alert).to_contain_text("Grade")
        await expect(alert.locator("td").nth(1)).to_have_text("1")
        await expect(alert.locator("td").nth(2)).to_have_text("3")
    assert (await room.get(f"/api/v1/incidents/{shown['id']}"))["flight_ids"] == []
    await room.post(f"/api/v1/incidents/{shown['id']}/decline", {"reason": "a test"})


async def test_two_controllers_at_once_send_one_drone_and_both_see_it(room: ControlRoom, browser: Browser) -> None:
    shown = await room.report(room.scene(FAR), watch_s=5)
    api = room.stack.addresses.api
    async with (
        console_on(browser, api=api, token=await room.stack.token("controller")) as one,
        console_on(browser, api=api, token=await room.stack.token("controller-2")) as other,
    ):
        for console in (one, other):
            await console.page.locator(f"#incident-{shown['id']}").click()
            await expect(console.page.locator("#send")).to_be_enabled()
            await console.page.wait_for_timeout(500)
        await one.page.locator("#send").click()
        # The other presses what was on the screen, if it is still there.
        await other.page.evaluate("document.getElementById('send')?.click()")
        for console in (one, other):
            await expect(
                console.page.get_by_role("button", name=re.compile("^(Cancel|Hold) K3$")).first
            ).to_be_visible()
        incident = await room.get(f"/api/v1/incidents/{shown['id']}")
        assert len(incident["flight_ids"]) == 1
        # Before arming it is cancelled by one press, and the other console sees that.
        await one.page.get_by_role("button", name=re.compile("^(Cancel|Return) K3$")).first.click()
        for console in (one, other):
            await expect(console.page.locator("[aria-current=step]").first).to_have_text(
                re.compile("Cancelled|Home in its dock"), timeout=FLIGHT_MS
            )


async def test_the_main_job_by_touch_on_a_narrow_screen(room: ControlRoom, browser: Browser) -> None:
    shown = await room.report(room.scene(NEAR), watch_s=5)
    token = await room.stack.token("controller")
    async with console_on(browser, api=room.stack.addresses.api, token=token, size=NARROW, touch=True) as console:
        page = console.page
        await page.locator(f"#incident-{shown['id']}").tap()
        send = page.locator("#send")
        await expect(send).to_be_enabled()
        await page.wait_for_timeout(500)
        await send.tap()
        hold = page.get_by_role("region", name="Detail").get_by_role("button", name=re.compile("^Hold "))
        await expect(hold).to_be_visible()
        box = await hold.bounding_box()
        assert box is not None
        assert box["height"] >= 44, "big enough for a thumb"
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing hangs over the side"
        await (
            page.get_by_role("region", name="Detail")
            .get_by_role("button", name=re.compile("^(Cancel|Return) "))
            .first.tap()
        )
        await expect(page.locator("[aria-current=step]").first).to_have_text(
            re.compile("Cancelled|Home in its dock"), timeout=FLIGHT_MS
        )
        assert console.wrong == []


async def test_a_killed_dispatcher_is_said_across_the_screen_and_a_safety_press_waits_for_it(
    room: ControlRoom, browser: Browser
) -> None:
    flight = await room.send(NEAR, watch_s=600)
    await room.until_phase(flight["id"], "on_scene")
    token = await room.stack.token("controller")
    async with console_on(browser, api=room.stack.addresses.api, token=token) as console:
        page = console.page
        await page.locator(f"#incident-{flight['incident_id']}").click()
        home = page.get_by_role("region", name="Detail").get_by_role("button", name=re.compile("^Return "))
        await expect(home).to_be_enabled()
        fetched = "performance.getEntriesByType('resource').some((each) => /\\/Duty-.*\\.js$/.test(each.name))"
        while not await page.evaluate(fetched):
            await page.wait_for_timeout(200)
        await page.wait_for_timeout(300)
        await room.stack.dispatcher.take_down()
        await expect(page.get_by_text(re.compile(r"NOT LIVE since \d\d:\d\d:\d\d"))).to_be_visible(timeout=10_000)
        # Pages were fetched while all was well; what is flown, and its buttons, stay on every one of them.
        await page.get_by_role("link", name="Duty").click()
        await expect(page.get_by_role("heading", name="Duty", level=1)).to_be_visible()
        await expect(page.get_by_role("button", name=re.compile("^Hold K")).first).to_be_enabled()
        await page.get_by_role("link", name="Control room").click()
        await expect(home).to_be_enabled()
        await home.click()
        await expect(page.locator(".told")).to_contain_text("sending, attempt", timeout=10_000)
        await room.stack.dispatcher.start()
        await expect(page.get_by_text("NOT LIVE")).to_have_count(0, timeout=20_000)
        await expect(page.locator("[aria-current=step]").first).to_have_text(
            re.compile("Coming home|Landing|Home in its dock"), timeout=60_000
        )
    ended = await room.until_ended(flight["id"])
    assert [each["action"] for each in ended["commands"]] == ["return"], "pressed once, given once"


async def test_without_webgl_a_list_does_and_a_drone_can_still_be_sent(room: ControlRoom) -> None:
    shown = await room.report(room.scene(NEAR), watch_s=5)
    async with running_browser(*WITHOUT_WEBGL) as plain:
        token = await room.stack.token("controller")
        async with console_on(plain, api=room.stack.addresses.api, token=token) as console:
            page = console.page
            await expect(page.get_by_text("cannot draw the map")).to_be_visible()
            await page.locator(f"#incident-{shown['id']}").click()
            await expect(page.locator("#send")).to_be_enabled()
            await page.wait_for_timeout(500)
            await page.locator("#send").click()
            await expect(page.get_by_role("button", name=re.compile("^Hold K1")).first).to_be_visible()
            await page.get_by_role("button", name=re.compile("^(Cancel|Return) K1")).first.click()
    incident = await room.get(f"/api/v1/incidents/{shown['id']}")
    await room.until_ended(incident["flight_ids"][0])


async def test_a_name_with_markup_in_it_is_shown_as_it_is(room: ControlRoom, browser: Browser) -> None:
    nasty = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    body = room.report_body(room.scene(NEAR)) | {"category": nasty, "summary": nasty}
    shown = await room.post("/api/v1/incidents", body)
    token = await room.stack.token("controller")
    async with console_on(browser, api=room.stack.addresses.api, token=token) as console:
        page = console.page
        await page.locator(f"#incident-{shown['id']}").click()
        await expect(page.get_by_role("region", name="Detail").get_by_role("heading", level=2)).to_have_text(nasty)
        assert await page.locator("img[src=x]").count() == 0
        assert "owned" not in await page.title()
        # A grave call that comes while the pointer rests in the queue is said, by its grade, until that is pressed.
        await page.get_by_role("listbox").hover()
        grave = await room.post(
            "/api/v1/incidents", room.report_body(room.scene(NEAR)) | {"grade": "Immediate", "category": "shots fired"}
        )
        notice = page.get_by_role("button", name="New: Immediate, shots fired")
        await expect(notice).to_be_visible()
        await page.wait_for_timeout(700)
        await notice.click()
        await expect(notice).to_have_count(0)
        active = await page.get_by_role("listbox").get_attribute("aria-activedescendant")
        assert active == f"incident-{grave['id']}"
        assert console.wrong == []
    await room.post(f"/api/v1/incidents/{grave['id']}/decline", {"reason": "a test"})
    await room.post(f"/api/v1/incidents/{shown['id']}/decline", {"reason": "a test"})


async def test_an_alarm_is_shelved_with_a_reason_stays_listed_and_comes_back(
    room: ControlRoom, browser: Browser
) -> None:
    token = await room.stack.token("controller")
    async with (
        room.stack.sim_control() as simulator,
        console_on(browser, api=room.stack.addresses.api, token=token) as console,
    ):
        await console.live()
        number = await simulator.inject("charger_dead", dock=FAR)
        # On a busy machine a dock may not be heard for a while at this speed: that alarm is none of this test's.
        charger = "Charger of a dock"
        alarms = console.page.get_by_role("region", name="Alarms")
        # It is there on every page, in room that was kept for it; the list opens when somebody asks for it.
        await console.page.get_by_role("link", name="Duty").click()
        first = alarms.locator("[aria-controls=alarms]")
        await expect(first).to_be_enabled(timeout=20_000)
        await first.click()
        await alarms.get_by_role("button", name=f"Shelve: {charger}").click(timeout=20_000)
        await expect(alarms.get_by_role("button", name="Shelve it")).to_be_disabled()
        await alarms.get_by_label("Out of sight for").select_option("15 min")
        await alarms.get_by_label("because").fill("an engineer is on the way")
        await alarms.get_by_role("button", name="Shelve it").click()
        await expect(alarms.get_by_role("button", name=f"Seen: {charger}")).to_have_count(0)
        await alarms.get_by_role("listitem").get_by_role("button", name="1 shelved").click()
        line = alarms.get_by_role("listitem").filter(has_text="shelved by controller-1")
        await expect(line).to_contain_text(re.compile(r"1?\d:\d\d left: an engineer is on the way"))
        await line.get_by_role("button", name=f"Unshelve: {charger}").click()
        await alarms.get_by_role("button", name=f"Seen: {charger}").click()
        await simulator.mend(number)
        await expect(alarms.get_by_role("listitem").filter(has_text=charger)).to_have_count(0, timeout=20_000)
        assert console.wrong == []


async def test_axe_finds_nothing_serious_on_any_screen_in_the_dark_and_in_the_light(
    room: ControlRoom, browser: Browser
) -> None:
    api = room.stack.addresses.api
    shown = await room.report(room.scene(NEAR))
    async with console_on(browser, api=api, token=None) as console:
        page = console.page
        await page.get_by_label("Token").wait_for()
        assert await serious_faults_in(page, "dark", "light") == [], "signing in"
        await console.open("/", await room.stack.token("controller"))
        await page.reload()
        await console.live()
        assert await serious_faults_in(page, "dark", "light") == [], "nothing chosen"
        await page.locator(f"#incident-{shown['id']}").click()
        await expect(page.locator("#send")).to_be_enabled()
        assert await serious_faults_in(page, "dark", "light") == [], "an incident"
        await page.get_by_role("link", name=re.compile("fleet", re.IGNORECASE)).click()
        await page.locator(".uplot").first.wait_for()
        assert await serious_faults_in(page, "dark", "light") == [], "the fleet"
        await page.get_by_role("link", name=re.compile("duty", re.IGNORECASE)).click()
        await page.get_by_label("I have read the weather").wait_for()
        assert await serious_faults_in(page, "dark", "light") == [], "duty"
        assert console.wrong == []
    await room.post(f"/api/v1/incidents/{shown['id']}/decline", {"reason": "a test"})
