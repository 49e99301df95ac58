"""What a pilot presses, and who is in command: two drones out for the whole file, two pilots and a controller."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import FAR, NEAR
from tests.browsers import MIDDLE, Console, console_on, serious_faults_in
from tests.controlroom import ControlRoom, Json, metres
from tests.stack import running_stack

pytestmark = pytest.mark.asyncio(loop_scope="session")
SLOW_MS = 20_000
WATCH_S = 900.0
POLICY: Json = {
    "schema": "kestrel.policy/1",
    "name": "a grade that launches by itself, and one that is pressed",
    "time_zone": "Europe/London",
    "grades": [
        {"name": "Alone", "aliases": ["A"], "launch": "by_itself", "window_s": 120},
        {"name": "Pressed", "aliases": ["1"], "launch": "pressed"},
    ],
    "unknown_grade": "Pressed",
}


@dataclass(frozen=True, kw_only=True)
class Out:
    """Two flights on their scenes, both in command of ``pilot-1``."""

    room: ControlRoom
    near: Json
    far: Json


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ready(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ControlRoom]:
    """A system of its own, slow enough that two charges last for all that is pressed here; nobody waits for the end."""
    folder = tmp_path_factory.mktemp("pilots")
    async with running_stack(folder=folder, dock_ids=(NEAR, FAR), factor=4.0, policy=POLICY) as stack:
        room = ControlRoom(stack)
        await stack.whole()
        await room.pilots_on_duty()
        await room.docks_ready()
        yield room


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def out(ready: ControlRoom) -> Out:
    """Sent once for the whole file."""
    near, far = await asyncio.gather(ready.send(NEAR, watch_s=WATCH_S), ready.send(FAR, watch_s=WATCH_S))
    await asyncio.gather(*(ready.until_phase(each["id"], "on_scene") for each in (near, far)))
    return Out(room=ready, near=near, far=far)


async def chosen(console: Console, flight: Json) -> Locator:
    """The flight's panel, opened from the queue."""
    await console.live()
    await console.page.locator(f"#incident-{flight['incident_id']}").click()
    panel = console.page.get_by_role("region", name="Detail")
    await expect(panel.get_by_role("heading", name=flight["callsign"])).to_be_visible()
    return panel


async def click_map(page: Page, at: tuple[float, float]) -> None:
    """Where on the map, as shares of its width and height."""
    box = await page.get_by_test_id("map").bounding_box()
    assert box is not None
    await page.mouse.click(box["x"] + at[0] * box["width"], box["y"] + at[1] * box["height"])


def _point(place: Json) -> tuple[float, float]:
    return place["lat_deg"], place["lon_deg"]


async def given(out: Out, flight: Json, action: str) -> Json:
    """The last command of that kind, once its outcome is known."""

    async def look() -> Json | None:
        commands = (await out.room.flight(flight["id"]))["commands"]
        found = [each for each in commands if each["action"] == action]
        return found[-1] if found and found[-1]["outcome"] != "pending" else None

    return await out.room.stack.until(look, within_s=30, what=f"the outcome of {action}")


async def test_a_launch_by_itself_counts_down_on_every_screen_and_one_press_stops_it(
    ready: ControlRoom, browser: Browser
) -> None:
    api = ready.stack.addresses.api
    async with console_on(browser, api=api, token=await ready.stack.token("controller"), size=MIDDLE) as console:
        await console.live()
        body = ready.report_body(ready.scene(NEAR)) | {"grade": "A", "address": "14 High Street"}
        shown = await ready.post("/api/v1/incidents", body)
        # Nobody has chosen the incident: it is said above everything all the same.
        launch = console.page.get_by_role("group", name="Proposed launches")
        await expect(launch).to_contain_text("K1 goes by itself")
        await expect(launch).to_contain_text("14 High Street, road traffic collision")
        left = launch.locator(".left")
        first = await left.inner_text()
        await expect(left).not_to_have_text(first)
        stop = launch.get_by_role("button", name="Stop K1")
        await stop.click()
        await expect(stop).to_have_count(0)
        assert console.wrong == []
    assert (await ready.get(f"/api/v1/incidents/{shown['id']}"))["flight_ids"] == []
    await ready.post(f"/api/v1/incidents/{shown['id']}/decline", {"reason": "a test"})


async def test_what_is_clicked_on_the_map_is_where_it_goes_and_looks(out: Out, browser: Browser) -> None:
    token = await out.room.stack.token("pilot")
    async with console_on(browser, api=out.room.stack.addresses.api, token=token) as console:
        page, panel = console.page, await chosen(console, out.near)
        await page.wait_for_timeout(500)
        asked = page.get_by_role("status").filter(has_text="click a place on the map")
        for by, action in (("pointer", "look_at"), ("keyboard", "goto")):
            callsign = out.near["callsign"]
            name = f"{callsign} looks at: click map" if by == "pointer" else f"Move {callsign}: click map"
            button = panel.get_by_role("button", name=name)
            if by == "pointer":
                await button.click()
                await expect(asked).to_be_visible()
                await click_map(page, (0.46, 0.46))
            else:
                await button.focus()
                await page.keyboard.press("Enter")
                await expect(asked).to_be_visible()
                await page.keyboard.press("Enter")
            command = await given(out, out.near, action)
            assert command["outcome"] == "confirmed", command
            away = metres(_point(command["task"]["place"]), _point(out.near["scene"]))
            assert away < 500, "the map comes near enough to choose a place well"
        # Left alone, a click on the map is no command.
        await panel.get_by_role("button", name=f"Move {callsign}: click map").click()
        await page.keyboard.press("Escape")
        await click_map(page, (0.4, 0.6))
        await panel.get_by_role("button", name=f"Orbit {callsign} at").click()
        orbit = await given(out, out.near, "orbit")
        assert orbit["outcome"] == "confirmed", orbit["detail"]
        await panel.get_by_role("button", name=f"{callsign} stays 2 min longer").click()
        assert (await given(out, out.near, "extend"))["task"]["by_s"] == 120.0
        actions = [each["action"] for each in (await out.room.flight(out.near["id"]))["commands"]]
        assert actions == ["look_at", "goto", "orbit", "extend"]
        assert console.wrong == []


async def test_hold_all_mine_holds_each_of_a_pilots_flights(out: Out, browser: Browser) -> None:
    token = await out.room.stack.token("pilot")
    async with console_on(browser, api=out.room.stack.addresses.api, token=token) as console:
        await console.live()
        strip = console.page.get_by_role("region", name="My flights")
        await strip.get_by_role("button", name="Hold all mine").click()
        for flight in (out.near, out.far):
            assert (await given(out, flight, "hold"))["outcome"] == "confirmed"
            card = strip.get_by_role("listitem").filter(has_text=f"Hold {flight['callsign']}")
            await expect(card.get_by_role("button", name=re.compile(f"{flight['callsign']}.*holding"))).to_be_visible()
            await expect(card.get_by_role("status")).to_have_text(f"{flight['callsign']}: hold: done")
        assert console.wrong == []


async def test_axe_finds_nothing_serious_where_drones_fly(out: Out, browser: Browser) -> None:
    token = await out.room.stack.token("pilot")
    async with console_on(browser, api=out.room.stack.addresses.api, token=token, size=MIDDLE) as console:
        page = console.page
        panel = await chosen(console, out.far)
        await panel.get_by_role("button", name="Hand over").click()
        assert await serious_faults_in(page, "dark", "light") == [], "a flight"
        await page.get_by_role("link", name="Record of this flight").click()
        await page.get_by_role("button", name="Show it").wait_for()
        assert await serious_faults_in(page, "dark", "light") == [], "before a record is shown"
        await page.get_by_role("button", name="Show it").click()
        await page.locator("#scrub").wait_for()
        assert await serious_faults_in(page, "dark", "light") == [], "a record"


async def test_land_now_must_be_held_and_return_takes_it_back(out: Out, browser: Browser) -> None:
    token = await out.room.stack.token("pilot")
    async with console_on(browser, api=out.room.stack.addresses.api, token=token) as console:
        page, panel = console.page, await chosen(console, out.near)
        await panel.get_by_role("button", name=f"Land {out.near['callsign']} now").click()
        hold = panel.get_by_role("button", name=f"Hold to land {out.near['callsign']} now")
        await expect(panel.get_by_role("alert")).to_contain_text(f"Land {out.near['callsign']} here and now")
        # A click, and a key let go too soon, do nothing.
        await hold.click()
        await hold.focus()
        await page.keyboard.down("Enter")
        await page.wait_for_timeout(300)
        await page.keyboard.up("Enter")
        assert all(each["action"] != "land" for each in (await out.room.flight(out.near["id"]))["commands"])
        await expect(panel.locator(".told")).to_have_text("")
        await page.keyboard.down("Enter")
        await expect(panel.locator(".told")).to_contain_text("land now")
        await page.keyboard.up("Enter")
        await expect(panel.locator(".commands")).to_contain_text("Land now")
        await panel.get_by_role("button", name=f"Return {out.near['callsign']}").click()
        taken_back = await given(out, out.near, "return")
        assert taken_back["outcome"] == "confirmed", taken_back["detail"]
        assert console.wrong == []
    actions = [each["action"] for each in (await out.room.flight(out.near["id"]))["commands"]]
    assert actions[-2:] == ["land", "return"]


async def test_command_is_offered_read_back_and_taken_and_stays_with_the_giver_until_then(
    out: Out, browser: Browser
) -> None:
    room, api = out.room, out.room.stack.addresses.api
    await room.post("/api/v1/duty", {"action": "sign_on", "accepts": "ask", "max_flights": 2}, role="pilot-2")
    async with (
        console_on(browser, api=api, token=await room.stack.token("pilot"), size=MIDDLE) as giver,
        console_on(browser, api=api, token=await room.stack.token("pilot-2"), size=MIDDLE) as taker,
    ):
        giving, callsign = await chosen(giver, out.far), out.far["callsign"]
        await giving.get_by_role("button", name=f"Hand over {callsign}").click()
        await giving.get_by_label(f"Offer {callsign} to").select_option("pilot-2")
        await giving.get_by_role("button", name=f"Offer {callsign}").click()
        await expect(giving.get_by_text("offered to pilot-2")).to_be_visible()

        taking = await chosen(taker, out.far)
        await expect(taking.get_by_text(f"offers {callsign}")).to_be_visible()
        await expect(taking.get_by_text("In command: pilot-1")).to_be_visible()
        await taking.get_by_role("button", name=f"Read {callsign} back").click()
        await expect(taking.get_by_text(re.compile(f"Read back: {callsign}, on scene.*battery \\d+ %"))).to_be_visible()
        assert (await room.flight(out.far["id"]))["pilot"] == "pilot-1", "reading is not taking"
        await taking.get_by_role("button", name=f"I have {callsign}").click()
        await expect(taking.get_by_text("In command: pilot-2 (you)")).to_be_visible()
        await expect(giving.get_by_text("In command: pilot-2")).to_be_visible()
        await expect(giving.get_by_role("button", name=f"Resume {callsign}")).to_have_count(0)
        await expect(giving.get_by_role("button", name=f"Hold {callsign}")).to_be_enabled()

        # Offered back to everybody, and thought better of.
        await taking.get_by_role("button", name=f"Hand over {callsign}").click()
        await taking.get_by_role("button", name=f"Offer {callsign}").click()
        await expect(giving.get_by_role("button", name=f"Read {callsign} back")).to_be_visible()
        await taking.get_by_role("button", name=f"Take the offer of {callsign} back").click()
        await expect(giving.get_by_role("button", name=f"Read {callsign} back")).to_have_count(0)
        assert giver.wrong == []
        assert taker.wrong == []
    assert (await room.flight(out.far["id"]))["pilot"] == "pilot-2"


async def test_flights_in_the_air_are_offered_as_options_and_only_their_pilot_may_turn_them(
    out: Out, browser: Browser
) -> None:
    room = out.room
    shown = await room.report(room.scene(FAR, north_m=200, east_m=400))
    token = await room.stack.token("controller")
    async with console_on(browser, api=room.stack.addresses.api, token=token, size=MIDDLE) as console:
        await console.live()
        await console.page.locator(f"#incident-{shown['id']}").click()
        aloft = console.page.get_by_role("region", name="In the air already")
        await expect(aloft.get_by_role("listitem").filter(has_text=out.far["callsign"])).to_be_visible(timeout=SLOW_MS)
        await expect(aloft).to_contain_text(re.compile(r"could be there in \d:\d\d: pilot-\d would have to turn it"))
        assert console.wrong == []
    await room.post(f"/api/v1/incidents/{shown['id']}/decline", {"reason": "a test"})


async def test_officers_get_a_link_and_a_line_and_a_link_is_withdrawn(out: Out, browser: Browser) -> None:
    room = out.room
    token = await room.stack.token("controller")
    async with console_on(browser, api=room.stack.addresses.api, token=token, size=MIDDLE) as console:
        page, panel = console.page, await chosen(console, out.near)
        officers = panel.get_by_role("region", name="Officers on their way")
        await officers.get_by_label("A line to the officers").fill("two persons, rear door")
        await officers.get_by_role("button", name="Say").click()
        await expect(officers.get_by_role("listitem").filter(has_text="two persons, rear door")).to_be_visible()
        await officers.get_by_label("Who gets a link").fill("car 12")
        await officers.get_by_label("Why they get it").select_option("commands")
        await officers.get_by_label("How long it opens").select_option("for 1 h")
        await officers.get_by_role("button", name="Give link").focus()
        await page.keyboard.press("Enter")
        url = await officers.get_by_label("Link for car 12").input_value()
        assert url.startswith(f"{room.stack.addresses.api}/watch/")
        await expect(officers.get_by_text(re.compile("car 12 not opened yet"))).to_be_visible()
        await officers.get_by_role("button", name="Withdraw the link of car 12").click()
        await expect(officers.get_by_role("button", name="Withdraw the link of car 12")).to_have_count(0)
        assert console.wrong == []
    links = (await room.get(f"/api/v1/incidents/{out.near['incident_id']}/links"))["links"]
    assert [(each["given_to"], each["reason"]) for each in links if each["revoked_at"] is not None] == [
        ("car 12", "commanding")
    ]
