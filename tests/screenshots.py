"""Writes docs/images/console-*.png: every screen at three widths, of a running system: ``make screenshots``."""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from pathlib import Path

from playwright.async_api import expect

from tests.browsers import MIDDLE, NARROW, WIDE, Console, console_on, running_browser
from tests.controlroom import ControlRoom, Json, offset
from tests.stack import running_stack

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZES = {"1440": WIDE, "1024": MIDDLE, "390": NARROW}
FACTOR, WATCH_S = 2.0, 900.0
"""Slow enough that one charge lasts for all that is looked at."""
DOCKS = ("cov-1", "cov-2", "cov-3", "cov-4", "cov-5", "cov-6")
CALLS = (
    (
        "1",
        "robbery in progress",
        "two masked persons inside a jeweller's, staff behind the counter",
        "14 High Street",
        420,
        260,
        25,
    ),
    (
        "2",
        "missing person, high risk",
        "older person with dementia, left the house half an hour ago",
        "",
        -900,
        1500,
        300,
    ),
    (
        "1",
        "person on a roof",
        "sits at the edge of a car park's top deck",
        "Barracks car park, top deck",
        -2600,
        300,
        40,
    ),
    ("3", "animals on the road", "two horses loose on a country lane near a bend", "", 3100, -2100, 0),
    ("2", "disorder", "about thirty people after a match, bottles thrown", "Stadium Way", 800, 3600, 120),
)


async def main(folder: Path) -> None:
    """Start everything, fly one drone, look at all of it."""
    with tempfile.TemporaryDirectory() as temporary:
        async with (
            running_stack(folder=Path(temporary), dock_ids=DOCKS, factor=FACTOR, video=True) as stack,
            running_browser() as browser,
        ):
            room = ControlRoom(stack)
            await room.pilots_on_duty()
            await room.docks_ready()
            shown: list[Json] = []
            for grade, category, summary, address, north_m, east_m, radius_m in CALLS:
                at = offset(stack.site("cov-1"), north_m=north_m, east_m=east_m)
                body: Json = room.report_body(at, watch_s=WATCH_S) | {
                    "grade": grade,
                    "category": category,
                    "summary": summary,
                    "reference": f"2026-{4711 + len(shown):06}",
                    "address": address,
                }
                body["place"]["radius_m"] = float(radius_m)
                shown.append(await room.post("/api/v1/incidents", body))
            sent = await room.press(shown[0])
            assert sent.status_code == 201, sent.text
            flight = sent.json()["id"]
            other = await room.press(shown[2])
            assert other.status_code == 201, other.text
            await room.until_phase(flight, "on_scene")
            given = {"given_to": "PC 4711, car 12", "reason": "attending"}
            for name, size in (("390", NARROW), ("landscape", (NARROW[1], NARROW[0]))):
                # Each device has a link of its own.
                link = await room.post(f"/api/v1/incidents/{shown[0]['id']}/links", given)
                async with console_on(
                    browser, api=stack.addresses.api, token=None, path=link["path"], size=size, touch=True
                ) as tablet:
                    await _tablet(tablet, folder, name)
            # The pilot last: a console that was there and is gone is an alarm, as it should be.
            for role in ("controller", "supervisor", "pilot"):
                token = await stack.token(role)
                for name, size in SIZES.items():
                    touch = size == NARROW
                    async with console_on(
                        browser, api=stack.addresses.api, token=token, size=size, touch=touch
                    ) as console:
                        await _look(console, folder, name, role, [each["id"] for each in shown], flight)
                        assert console.wrong == [], console.wrong
    print(f"written to {folder}")  # noqa: T201


async def _tablet(tablet: Console, folder: Path, width: str) -> None:
    page = tablet.page
    passenger = page.get_by_role("button", name=re.compile("passenger"))
    await passenger.wait_for()
    await page.wait_for_timeout(900)
    await page.screenshot(path=folder / f"tablet-moving-{width}.png")
    await passenger.tap()
    fresh = page.locator("[data-age=picture]:not(.stale) b")
    await expect(fresh).to_have_text(re.compile(r"^\d"), timeout=120_000)
    await page.wait_for_timeout(2000)
    await expect(fresh).to_have_text(re.compile(r"^\d"), timeout=120_000)
    await page.screenshot(path=folder / f"tablet-{width}.png")


async def _look(console: Console, folder: Path, width: str, role: str, incidents: list[str], flight: str) -> None:
    page = console.page

    async def keep(name: str) -> None:
        await page.wait_for_timeout(900)
        await page.screenshot(path=folder / f"console-{name}-{width}.png")

    await console.live()
    if role == "controller":
        await page.locator(f"#incident-{incidents[1]}").click()
        await expect(page.locator("#send")).to_be_enabled(timeout=15_000)
        if width != "390":
            await page.get_by_role("heading", name="Incidents").hover()
        await page.wait_for_timeout(1500)
        await keep("control")
        if width == "390":
            for column in ("Queue", "Map"):
                await page.get_by_role("button", name=column, exact=True).click()
                await keep(f"control-{column.lower()}")
        for name, path in (("fleet", "/docks"), ("duty", "/duty")):
            await page.get_by_role("link", name=re.compile(name, re.IGNORECASE)).click()
            await page.wait_for_timeout(6500 if name == "fleet" else 1500)
            assert path in page.url
            await keep(name)
        if width == "1440":
            await page.get_by_role("link", name="Control room").click()
            await page.locator(f"#incident-{incidents[1]}").click()
            await page.get_by_role("button", name="Light colours").click()
            await console.live()
            await page.locator(f"#incident-{incidents[1]}").click()
            await page.wait_for_timeout(1500)
            await keep("control-light")
    elif role == "pilot":
        await page.locator(f"#incident-{incidents[0]}").click()
        await page.get_by_role("button", name="Show the picture of").click()
        figure = page.get_by_role("figure", name="Picture of")
        await expect(figure).to_contain_text("s old", timeout=120_000)
        await figure.scroll_into_view_if_needed()
        await page.wait_for_timeout(2500)
        await keep("flight")
    else:
        await console.open(f"/flights/{flight}", None)
        await page.get_by_role("button", name="Show it").click()
        await page.locator("#scrub").wait_for()
        await page.locator("#scrub").evaluate(
            "range => { range.value = Number(range.min) + 0.6 * (range.max - range.min); "
            "range.dispatchEvent(new Event('input', {bubbles: true})) }"
        )
        await page.wait_for_timeout(1500)
        await keep("replay")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=IMAGES)
    into = parser.parse_args().into
    into.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(into))
