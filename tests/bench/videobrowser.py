"""A viewer in a real browser: Debian's Chromium, a page that watches by WHEP, and what it has seen."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.bench.errors import MeasurementFailed, NothingToMeasure
from tests.bench.videostage import Stage
from tests.browsers import chromium_path, running_browser

PAGE = "videopage.html"
_HERE = Path(__file__).parent


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextlib.contextmanager
def page_server() -> Iterator[str]:
    """Serves the page; its origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(_HERE))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextlib.asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Chromium; `NothingToMeasure` where it is not installed."""
    if chromium_path() is None:
        raise NothingToMeasure("chromium is not installed: apt-get install chromium")
    async with running_browser("--autoplay-policy=no-user-gesture-required") as running:
        yield running


@contextlib.asynccontextmanager
async def watching(running: Browser, origin: str, stage: Stage) -> AsyncIterator[Page]:
    """A page that has just been opened and begins to watch."""
    context = await running.new_context(viewport={"width": 1300, "height": 760})
    try:
        page = await context.new_page()
        await page.goto(f"{origin}/{PAGE}", wait_until="load")
        ticket = stage.media.ticket(stage.flight_id)
        await page.evaluate("([url, ticket]) => watch(url, ticket)", [stage.whep, ticket])
        yield page
    finally:
        await context.close()


async def seen(page: Page) -> dict[str, Any]:
    """Ages in ms, the first picture (ms after the page was opened), pictures, and how many could not be read."""
    found: dict[str, Any] = await page.evaluate("() => structuredClone(seen)")
    return found


async def first_picture(page: Page, *, within_s: float) -> float:
    """Seconds from the page's opening until a picture is displayed."""
    deadline = asyncio.get_running_loop().time() + within_s
    while asyncio.get_running_loop().time() < deadline:
        first = (await seen(page))["first"]
        if first is not None:
            return float(first) / 1000
        await asyncio.sleep(0.02)
    raise MeasurementFailed(f"no picture within {within_s:.0f} s")
