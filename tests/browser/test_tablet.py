"""What officers watch, in a real browser: a socket dropped, a dispatcher killed, a hole, a link withdrawn."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Route, WebSocket, expect

from kestrel.supervisor import leashed
from tests.badrelay import bad_relay
from tests.browser.conftest import FAR_NAME
from tests.browsers import console_on, serious_faults_in
from tests.farend import FarEnd, NoFarEnd
from tests.standingbetween import Between, standing_between

pytestmark = pytest.mark.asyncio(loop_scope="session")
ROOT = Path(__file__).parents[2]
SMALL: Any = {"width": 360, "height": 640}
LOW: Any = {"width": 640, "height": 360}
LIGHTS = ("dark", "night", "light")
SLOW_MS = 40_000
"""Patience with a machine that has other work."""
WATCH_AGES = """() => {
  globalThis.ages = {}
  for (const age of document.querySelectorAll('[data-age]')) {
    const seen = globalThis.ages[age.dataset.age] = { fresh: 0, stale: null }
    const look = () => {
      const seconds = parseFloat(age.querySelector('b').textContent)
      if (age.classList.contains('stale')) seen.stale = seconds
      else {
        seen.fresh = Math.max(seen.fresh, seconds)
        requestAnimationFrame(look)
      }
    }
    look()
  }
}"""
"""At every frame that is painted: the oldest that each age was without a mark, and with which age it got the mark."""
CUT = """() => [...document.querySelectorAll('.said')].filter(said => {
  const range = document.createRange()
  range.selectNodeContents(said)
  return [...range.getClientRects()].some(({ left, top, right, bottom }) =>
    [[left + 1, top + 1], [right - 1, bottom - 1]].some(([x, y]) => {
      const seen = document.elementFromPoint(x, y)
      return !seen || !(said === seen || said.contains(seen) || seen.contains(said))
    }))
}).map(said => said.textContent)"""
"""Each corner of each row of the text is where it is seen, and nothing lies over it."""
KEEP_AWAY = (
    "Two armed persons at the back door of number nine. Do not go past the corner of Park Road until the firearms "
    "team says so; the first ambulance waits at the school"
)
FRAMES = "document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames"
AN_HOUR_AHEAD = """
const real = Date
const ahead = 3_600_000
globalThis.Date = class extends real {
  constructor(...given) { super(...(given.length === 0 ? [real.now() + ahead] : given)) }
  static now() { return real.now() + ahead }
}
"""


def free_port() -> int:
    """One that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Dispatcher:
    """The stage in a process of its own, and the control room's hand on it."""

    def __init__(self, folder: Path, far: FarEnd | None) -> None:
        self._folder = folder
        self._far = far
        self.host = "127.0.0.1" if far is None else far.guest
        self.port, self._video_port = free_port(), free_port()
        self.origin = f"http://{self.host if far is None else FAR_NAME}:{self.port}"
        self.origins = [self.origin]
        self._process: asyncio.subprocess.Process | None = None
        self.incident_id = ""
        self._token = self.pilot = ""

    async def start(self) -> None:
        """Begin, or go on from the journal."""
        command = (sys.executable, "-m", "tests.watchstage", str(self._folder), self.host)
        argv = (*command, str(self.port), str(self._video_port), *self.origins)
        self._process = await asyncio.create_subprocess_exec(
            *leashed(argv if self._far is None else self._far.inside(*argv)),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        said = await self._line()
        self.incident_id, self._token, self.pilot = said["incident_id"], said["controller"], said["pilot"]

    async def kill(self) -> None:
        """As a power cut does."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def do(self, what: str) -> str:
        """Something happens on the stage."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n".encode())
        await self._process.stdin.drain()
        return str((await self._line())["token"])

    async def _line(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 60)
        return dict(json.loads(line))

    async def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The control room asks the API."""
        headers = {"Authorization": f"Bearer {self._token}"}
        async with httpx.AsyncClient(headers=headers, timeout=30, trust_env=False) as http:
            answer = await http.request(method, f"http://{self.host}:{self.port}/api/v1{path}", json=body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def link(self) -> dict[str, Any]:
        """A new link to the incident."""
        body = {"given_to": "PC 4711, car 12", "reason": "attending"}
        return await self.ask("POST", f"/incidents/{self.incident_id}/links", body)

    async def notes(self) -> list[dict[str, Any]]:
        """What stands on the incident."""
        return list((await self.ask("GET", f"/incidents/{self.incident_id}/notes"))["notes"])

    async def say(self, text: str) -> None:
        """The control room writes a line."""
        await self.ask("POST", f"/incidents/{self.incident_id}/notes", {"text": text})


class Tablet:
    """One device with the page on it, and all that went over its wires."""

    def __init__(self, page: Page, context: BrowserContext, origin: str) -> None:
        self.page = page
        self.context = context
        self.origin = origin
        self.urls: list[str] = []
        self.frames: list[dict[str, Any]] = []
        self.wrong: list[str] = []
        self.tries = 0
        """Live sockets that it has opened, or tried to."""
        page.on("request", lambda request: self.urls.append(request.url))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("websocket", self._socket)

    def _socket(self, opened: WebSocket) -> None:
        if opened.url.endswith("/api/v1/live"):
            self.tries += 1
            opened.on("framereceived", self._frame)

    def _frame(self, payload: Any) -> None:
        with contextlib.suppress(ValueError, UnicodeDecodeError):
            self.frames.append(json.loads(payload))

    async def open(self, path: str) -> None:
        """The link as it was sent."""
        await self.page.goto(self.origin + path, timeout=SLOW_MS)

    async def live(self) -> None:
        """It shows what is."""
        await expect(self.page.locator("[data-age=position]:not(.stale)")).to_be_visible(timeout=SLOW_MS)
        await expect(self.page.locator("footer:not(.old)")).to_be_visible(timeout=SLOW_MS)

    async def filmed(self) -> None:
        """It shows what the drone sees, now."""
        age = self.page.locator("[data-age=picture]:not(.stale) b")
        await expect(age).to_have_text(re.compile(r"^\d"), timeout=SLOW_MS)

    async def passenger(self) -> None:
        """Somebody else drives."""
        await self.page.get_by_role("button", name="I am a passenger").click()

    async def cut(self) -> list[str]:
        """Texts of the control room of which something cannot be seen without scrolling."""
        return list(await self.page.evaluate(CUT))

    async def ago(self, what: str) -> float:
        """Seconds that the foot tells of ``Last data`` or ``Last attempt``."""
        text = await self.page.locator("footer dl div", has_text=what).locator("dd").inner_text()
        told = re.search(r"(?:(\d+) min )?([\d.]+) s ago", text)
        assert told is not None, text
        return float(told[2]) + 60 * float(told[1] or 0)

    async def until(self, true: str) -> None:
        """Wait for something on the page that nobody sees; its policy lets nothing poll there."""
        async with asyncio.timeout(SLOW_MS / 1000):
            while not await self.page.evaluate(true):  # noqa: ASYNC110  # nothing tells us
                await asyncio.sleep(0.2)

    async def until_tried(self, *, again: int) -> None:
        """It has tried so many live sockets after the first."""
        async with asyncio.timeout(SLOW_MS / 1000):
            while self.tries < 1 + again:  # noqa: ASYNC110  # nothing tells us
                await asyncio.sleep(0.1)

    async def over(self, title: str) -> None:
        """It says that the link is over, and keeps nothing."""
        await expect(self.page.get_by_role("heading", name=title)).to_be_visible(timeout=SLOW_MS)
        kept = await self.page.evaluate("Object.keys(localStorage).filter((name) => name !== 'kestrel.watch.device')")
        assert [name for name in kept if "data" in name or "picture" in name or "link" in name] == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def between_and_dispatcher(
    tmp_path_factory: pytest.TempPathFactory, far_or_why: FarEnd | NoFarEnd
) -> AsyncIterator[tuple[Between, Dispatcher]]:
    """One dispatcher for this module, at the far end of a link where there can be one, and somebody between it and the
    pages who do not use the link.
    """
    far = far_or_why if isinstance(far_or_why, FarEnd) else None
    dispatcher = Dispatcher(tmp_path_factory.mktemp("watch"), far)
    async with standing_between(dispatcher.port, to_host=dispatcher.host) as between:
        dispatcher.origins.append(f"http://127.0.0.1:{between.port}")
        await dispatcher.start()
        try:
            yield between, dispatcher
        finally:
            await dispatcher.kill()


@pytest.fixture
def between(between_and_dispatcher: tuple[Between, Dispatcher]) -> Between:
    return between_and_dispatcher[0]


@pytest.fixture
def far(far_or_why: FarEnd | NoFarEnd) -> FarEnd:
    if isinstance(far_or_why, NoFarEnd):
        pytest.skip(f"NO BLACK HOLE WAS TRIED: {far_or_why}")
    return far_or_why


@pytest.fixture
def dispatcher(between_and_dispatcher: tuple[Between, Dispatcher]) -> Dispatcher:
    return between_and_dispatcher[1]


@contextlib.asynccontextmanager
async def tablet_on(
    browser: Browser, by: Between | Dispatcher, *, script: str = "", **options: Any
) -> AsyncIterator[Tablet]:
    """A device of its own, which reaches the dispatcher by somebody in between or by the real link."""
    settings: dict[str, Any] = {"viewport": SMALL, "has_touch": True} | options
    context = await browser.new_context(**settings)
    if script:
        await context.add_init_script(script)
    try:
        origin = by.origin if isinstance(by, Dispatcher) else f"http://127.0.0.1:{by.port}"
        yield Tablet(await context.new_page(), context, origin)
    finally:
        await context.close()


async def test_a_moving_tablet_begins_without_a_picture_and_the_token_is_in_no_url(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    link = await dispatcher.link()
    await dispatcher.say("wait at the corner of Park Road")
    async with tablet_on(browser, between) as tablet:
        await tablet.open(link["path"])
        await tablet.live()
        page = tablet.page
        await expect(page.get_by_text("K1 is on its way")).to_be_visible()
        await expect(page.get_by_text("On scene in")).to_be_visible()
        await expect(page.locator(".hero")).to_have_text(re.compile(r"^\d:\d\d$"))
        await expect(page.get_by_text("wait at the corner of Park Road")).to_be_visible()
        await expect(page.locator("video")).to_have_count(0)
        assert page.url == f"{tablet.origin}/watch/"
        assert not any(link["token"] in url for url in tablet.urls)
        assert not any("/video" in url for url in tablet.urls), "no picture is even asked for"
        assert await serious_faults_in(page, *LIGHTS) == [], "driving"
        await tablet.passenger()
        await tablet.filmed()
        await expect(page.get_by_role("button", name="Map in front")).to_be_visible()
        assert await serious_faults_in(page, *LIGHTS) == [], "the picture first"
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        heights = [
            box["height"]
            for button in await page.locator(".notes button").all()
            if (box := await button.bounding_box())
        ]
        assert min(heights) >= 48, "big enough for a thumb in a moving car"
        await dispatcher.say(KEEP_AWAY)
        for button, size in (("I am a passenger", SMALL), ("I drive now", SMALL), ("I am a passenger", LOW)):
            await page.set_viewport_size(size)
            await expect(page.locator(".said")).to_contain_text(KEEP_AWAY)
            assert await tablet.cut() == [], "no word of the control room's line is out of sight"
            if await page.get_by_role("button", name=button).count():
                await page.get_by_role("button", name=button).click()
        assert tablet.wrong == []


async def test_one_tap_reaches_the_control_room_once_though_the_link_is_a_hole_meanwhile(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    async with tablet_on(browser, between) as tablet:
        await tablet.open((await dispatcher.link())["path"])
        await tablet.live()
        await tablet.passenger()
        before = len(await dispatcher.notes())
        between.swallow()
        await tablet.page.get_by_role("button", name="Suspect running west").click()
        await expect(tablet.page.get_by_text("Sending “Suspect running west”")).to_be_visible()
        await asyncio.sleep(7)
        between.forward()
        await expect(tablet.page.get_by_text("Told: Suspect running west")).to_be_visible(timeout=SLOW_MS)
        await asyncio.sleep(1)
        made = (await dispatcher.notes())[before:]
        assert [(note["origin"], note["by"], note["text"]) for note in made] == [
            ("field", "PC 4711, car 12", "Suspect running west")
        ]


async def test_a_dropped_socket_is_resumed_where_it_was_and_nothing_is_missed(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    async with tablet_on(browser, between) as tablet:
        await tablet.open((await dispatcher.link())["path"])
        await tablet.live()
        between.drop()
        await dispatcher.say("two more cars are coming")
        await expect(tablet.page.get_by_text("two more cars are coming")).to_be_visible(timeout=SLOW_MS)
        await tablet.live()
        assert [frame["type"] for frame in tablet.frames if frame["type"] in ("snapshot", "resumed")] == [
            "snapshot",
            "resumed",
        ]


@pytest.mark.namespace
async def test_in_a_black_hole_tablet_and_console_say_so_try_again_and_go_on_where_they_were(
    browser: Browser, far: FarEnd, dispatcher: Dispatcher
) -> None:
    async with (
        tablet_on(browser, dispatcher) as tablet,
        console_on(browser, api=dispatcher.origin, token=dispatcher.pilot) as console,
    ):
        await tablet.open((await dispatcher.link())["path"])
        await tablet.live()
        await tablet.passenger()
        await tablet.filmed()
        await tablet.page.evaluate(WATCH_AGES)
        desk = console.page
        await console.live()
        await desk.locator(f"#incident-{dispatcher.incident_id}").click()
        hold = desk.get_by_role("region", name="Detail").get_by_role("button", name="Hold K1")

        await far.swallow()
        await dispatcher.do("say the road is blocked behind the station")
        for what in ("position", "picture"):
            await expect(tablet.page.locator(f"[data-age={what}].stale")).to_be_visible(timeout=SLOW_MS)
            seen = await tablet.page.evaluate(f"ages.{what}")
            assert seen["fresh"] <= 2.0 <= seen["stale"], f"{what}: nothing older than two seconds looks fresh"
        await expect(tablet.page.locator("footer.old")).to_be_visible(timeout=SLOW_MS)
        await expect(desk.get_by_text(re.compile(r"NOT LIVE since \d\d:\d\d:\d\d"))).to_be_visible(timeout=SLOW_MS)
        await expect(hold).to_be_enabled()
        await hold.click()
        await expect(desk.locator(".told")).to_contain_text("sending, attempt", timeout=SLOW_MS)
        await tablet.until_tried(again=1)
        data, attempt = await tablet.ago("Last data"), await tablet.ago("Last attempt")
        assert attempt < data - 4, "an attempt is never taken for data"
        assert far.carrier(), "a hole, and not a line that is down"
        assert "the road is blocked" not in await tablet.page.locator("body").inner_text()

        await far.forward()
        await tablet.live()
        await expect(tablet.page.get_by_text("the road is blocked behind the station")).to_be_visible(timeout=SLOW_MS)
        await tablet.filmed()
        await expect(desk.get_by_text("NOT LIVE")).to_have_count(0, timeout=SLOW_MS)
        begun = [frame for frame in tablet.frames if frame["type"] in ("snapshot", "resumed")]
        assert [frame["type"] for frame in begun] == ["snapshot", "resumed"], "no second snapshot"
        assert begun[0]["epoch"] == begun[1]["epoch"]
        assert tablet.wrong == []
        # The press was one, however often it was tried.
        await expect(desk.locator(".told")).not_to_contain_text("sending", timeout=SLOW_MS)
    flight = (await dispatcher.ask("GET", f"/incidents/{dispatcher.incident_id}"))["flight_ids"][-1]
    commands = (await dispatcher.ask("GET", f"/flights/{flight}"))["commands"]
    assert [each["action"] for each in commands] == ["hold"]


async def test_a_killed_dispatcher_is_said_and_found_again_without_a_hand(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    async with tablet_on(browser, between) as tablet:
        await tablet.open((await dispatcher.link())["path"])
        await tablet.live()
        await dispatcher.kill()
        await expect(tablet.page.locator("footer.old")).to_be_visible(timeout=SLOW_MS)
        await expect(tablet.page.get_by_text("K1 is on its way")).to_be_visible()
        await dispatcher.start()
        await tablet.live()
        assert tablet.wrong == []


async def test_a_withdrawn_link_goes_dark_at_once_and_leaves_nothing_on_the_device(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    link = await dispatcher.link()
    async with tablet_on(browser, between) as tablet:
        await tablet.open(link["path"])
        await tablet.live()
        await dispatcher.ask("DELETE", f"/incidents/{dispatcher.incident_id}/links/{link['link']['id']}")
        await tablet.over("This link has been withdrawn")
        assert await serious_faults_in(tablet.page, *LIGHTS) == []
        await tablet.page.reload()
        await tablet.over("No link")
        # The next one, opened in the same tab: only the fragment changes.
        await tablet.open("/watch/#" + "f" * 43)
        await tablet.over("This link opens nothing")
        another = await dispatcher.link()
        await tablet.open(another["path"])
        await tablet.live()
        assert tablet.page.url == f"{tablet.origin}/watch/"


async def test_a_delayed_stream_is_as_old_as_it_is_and_looks_it(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    async with bad_relay(loss_percent=0, delay_ms=0) as relay, tablet_on(browser, between) as tablet:

        async def through(route: Route) -> None:
            if route.request.method != "POST":
                await route.continue_()
                return
            # Nor does the server learn of a shorter way.
            offer = re.sub(r"a=candidate:[^\n]*\n", "", route.request.post_data or "")
            answer = await route.fetch(post_data=offer)
            await route.fulfill(response=answer, body=await relay.answer_through(await answer.text()))

        relay.back = 0.0
        await tablet.page.route("**/whep", through)
        await tablet.open((await dispatcher.link())["path"])
        await tablet.live()
        await tablet.passenger()
        await tablet.filmed()
        # By and by: a link that is dead for seconds is given up, and another made.
        for step in range(1, 13):
            relay.there_s = 0.25 * step
            await asyncio.sleep(0.6)
        age = tablet.page.locator("[data-age=picture].stale b")
        await expect(age).to_have_text(re.compile(r"^[3-9]\.\d s$"), timeout=SLOW_MS)
        await expect(tablet.page.get_by_text("Not live")).to_be_visible()
        shown = await tablet.page.evaluate(FRAMES)
        await asyncio.sleep(2)
        assert await tablet.page.evaluate(FRAMES) > shown, "pictures come all the while"
        assert float((await age.inner_text()).split()[0]) >= 3.0


async def test_an_expired_and_a_forged_link_say_what_helps(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    brief = await dispatcher.do("brief")
    async with tablet_on(browser, between) as tablet:
        await tablet.open(f"/watch/#{brief}")
        await tablet.over("This link has expired")
        await expect(tablet.page.get_by_text("Ask the control room for a new one")).to_be_visible()
    async with tablet_on(browser, between) as tablet:
        await tablet.open("/watch/#" + "f" * 43)
        await tablet.over("This link opens nothing")


async def test_a_second_device_is_refused_the_first_goes_on_and_the_control_room_knows(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    link = await dispatcher.link()
    async with tablet_on(browser, between) as first, tablet_on(browser, between) as second:
        await first.open(link["path"])
        await first.live()
        await second.open(link["path"])
        await second.over("This link belongs to another device")
        await first.live()
        told = [note for note in await dispatcher.notes() if note["origin"] == "system"]
        assert len(told) == 1
        await expect(first.page.get_by_text("another device has tried")).to_have_count(0)


async def test_a_clock_that_is_an_hour_off_changes_no_age_and_no_countdown(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    async with tablet_on(browser, between, script=AN_HOUR_AHEAD) as off, tablet_on(browser, between) as right:
        for tablet in (off, right):
            await tablet.open((await dispatcher.link())["path"])
            await tablet.live()
        assert await off.page.evaluate("Date.now()") - await right.page.evaluate("Date.now()") > 3_500_000
        shown = [await tablet.page.locator(".hero").inner_text() for tablet in (off, right)]
        seconds = [60 * int(text.split(":")[0]) + int(text.split(":")[1]) for text in shown]
        assert abs(seconds[0] - seconds[1]) <= 3
        assert await off.ago("Last data") < 3


async def test_without_a_signal_the_page_opens_with_what_it_knew_and_how_old_that_is(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    async with tablet_on(browser, between) as tablet:
        page = tablet.page
        await tablet.open((await dispatcher.link())["path"])
        await tablet.live()
        await tablet.passenger()
        await tablet.until("localStorage['kestrel.watch.picture'] !== undefined")
        await tablet.until(
            "caches.open('kestrel-watch-1').then((kept) => kept.match('/basemap.pmtiles')).then((found) => !!found)"
        )
        await dispatcher.kill()
        await asyncio.sleep(2)
        try:
            await page.reload(timeout=SLOW_MS)
            await expect(page.get_by_text("K1 is on its way")).to_be_visible(timeout=SLOW_MS)
            await expect(page.locator("footer.old")).to_be_visible()
            await expect(page.locator("[data-age=position].stale")).to_be_visible()
            assert await tablet.ago("Last data") >= 2
            assert await tablet.ago("Last attempt") < await tablet.ago("Last data") + 60
            await tablet.passenger()
            await expect(page.get_by_alt_text("What the drone last saw")).to_be_visible()
            await expect(page.get_by_text("Not live")).to_be_visible()
            assert await serious_faults_in(page, *LIGHTS) == [], "without a signal"
            await expect(page.locator(".maplibregl-canvas")).to_be_visible(timeout=SLOW_MS)
        finally:
            await dispatcher.start()
        await tablet.live()


async def test_at_rest_the_picture_comes_by_itself_and_goes_when_the_tablet_moves(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    here: Any = {"latitude": 52.405, "longitude": -1.512, "accuracy": 8}
    async with tablet_on(browser, between, geolocation=here, permissions=["geolocation"]) as tablet:
        page = tablet.page
        await tablet.open((await dispatcher.link())["path"])
        await tablet.live()
        await page.get_by_role("button", name="Use this device").click()
        await expect(page.locator("video")).to_have_count(1, timeout=SLOW_MS)
        await expect(page.get_by_text(re.compile(r"60 m up, .* of you"))).to_be_visible()
        for step in range(1, 12):
            there: Any = {**here, "longitude": -1.512 + step * 0.0006}
            await tablet.context.set_geolocation(there)
            await asyncio.sleep(1)
            if await page.locator("video").count() == 0:
                break
        await expect(page.locator("video")).to_have_count(0, timeout=SLOW_MS)
        await expect(page.locator(".way")).to_contain_text(re.compile(r"\d+ m|\d\.\d km"))


async def test_before_its_drone_goes_to_a_graver_call_a_countdown_runs_that_the_pilot_can_stop(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    async with (
        tablet_on(browser, between) as tablet,
        console_on(browser, api=dispatcher.origin, token=dispatcher.pilot) as console,
    ):
        await tablet.open((await dispatcher.link())["path"])
        await tablet.live()
        await tablet.passenger()
        await dispatcher.do("graver")
        (proposal,) = [each for each in (await dispatcher.ask("GET", "/proposals"))["proposals"] if each["turn"]]
        page = console.page
        await page.locator(f"#incident-{proposal['incident_id']}").click()
        await page.get_by_role("button", name="Turn K1", exact=True).first.click()
        for screen in (page, tablet.page):
            await expect(screen.get_by_text(re.compile("^K1 leaves for ")).first).to_be_visible(timeout=SLOW_MS)
        await expect(tablet.page.get_by_text("Tell the control room now if you need it here")).to_be_visible()
        due = tablet.page.locator(".due b")
        first = await due.inner_text()
        await expect(due).not_to_have_text(first)
        assert await serious_faults_in(tablet.page, *LIGHTS) == [], "it may leave"
        await page.get_by_role("button", name="Stop: K1 stays").first.click()
        await expect(tablet.page.get_by_text(re.compile("^K1 leaves for "))).to_have_count(0)
    told = await dispatcher.ask("GET", f"/incidents/{proposal['incident_id']}")
    assert [each["status"] for each in told["proposals"] if each["kind"] == "turn"] == ["cancelled"]
    assert (await dispatcher.ask("GET", f"/flights/{proposal['flight_id']}"))["incident_id"] == dispatcher.incident_id


async def test_on_scene_the_watch_left_is_told_then_that_the_flight_is_over_and_that_the_incident_is(
    browser: Browser, between: Between, dispatcher: Dispatcher
) -> None:
    """The last of this file: nothing flies after it."""
    async with tablet_on(browser, between) as tablet:
        page = tablet.page
        await tablet.open((await dispatcher.link())["path"])
        await tablet.live()
        await dispatcher.do("arrive")
        await expect(page.get_by_text("K1 is on scene")).to_be_visible(timeout=SLOW_MS)
        await expect(page.get_by_text("Leaving in")).to_be_visible()
        assert await serious_faults_in(page, *LIGHTS) == [], "driving, on scene"
        await tablet.passenger()
        await tablet.filmed()
        await page.get_by_role("button", name="Map in front").click()
        await expect(page.get_by_role("button", name="Picture in front")).to_be_visible()
        assert await serious_faults_in(page, *LIGHTS) == [], "the map first, on scene"
        await dispatcher.do("home")
        await expect(page.get_by_text("K1 has landed")).to_be_visible(timeout=SLOW_MS)
        assert await serious_faults_in(page, *LIGHTS) == [], "the flight is over"
        await dispatcher.ask("POST", f"/incidents/{dispatcher.incident_id}/close", {"outcome": "all is quiet"})
        await expect(page.get_by_text("The incident is closed")).to_be_visible(timeout=SLOW_MS)
        assert await serious_faults_in(page, *LIGHTS) == [], "the incident is over"
        assert tablet.wrong == []
