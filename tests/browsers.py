"""Debian's Chromium driven by Playwright, and a console signed in on it: shared by browser tests and screenshots."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # WebGL without a graphics card: the map is drawn on the processor.
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)
AXE: Final = Path(__file__).parents[1] / "console" / "node_modules" / "axe-core" / "axe.min.js"
WITHOUT_WEBGL: Final = ("--disable-3d-apis",)
PUT_ON: Final = "theme => { document.documentElement.dataset.theme = theme }"
WIDE, MIDDLE, NARROW = (1440, 900), (1024, 768), (390, 844)
"""The sizes that every screen is looked at in, CSS pixels."""
_NOISE: Final = ("GL Driver Message", "GroupMarkerNotSet", "swiftshader", "AudioContext")


def chromium_path() -> str | None:
    """Where the browser is; None when it is not installed."""
    return shutil.which("chromium")


@contextlib.asynccontextmanager
async def running_browser(*more: str) -> AsyncIterator[Browser]:
    """A browser of its own; ``more`` are further flags."""
    path = chromium_path()
    assert path is not None, "chromium is not installed: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*FLAGS, *more], headless=True)
        try:
            yield browser
        finally:
            await browser.close()


class Console:
    """One page of the console, and all that went wrong on it."""

    def __init__(self, page: Page, context: BrowserContext, api: str) -> None:
        self.page = page
        self.context = context
        self.api = api
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("console", self._said)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(noise in message.text for noise in _NOISE):
            self.wrong.append(f"console: {message.text}")

    async def open(self, path: str, token: str | None) -> None:
        """Go to a page, signed in by the fragment."""
        await self.page.goto(f"{self.api}{path}" + ("" if token is None else f"#token={token}"))

    async def live(self) -> None:
        """Wait until it shows what is now."""
        await self.page.get_by_role("status").filter(has_text="Live").first.wait_for(timeout=15_000)


@contextlib.asynccontextmanager
async def console_on(
    browser: Browser,
    *,
    api: str,
    token: str | None,
    path: str = "/",
    size: tuple[int, int] = WIDE,
    touch: bool = False,
    **context_options: Any,
) -> AsyncIterator[Console]:
    """A person at a console: a context of its own, so that nothing is shared with another."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        has_touch=touch,
        reduced_motion="reduce",
        locale="en-GB",
        **context_options,
    )
    try:
        console = Console(await context.new_page(), context, api)
        await console.open(path, token)
        yield console
    finally:
        await context.close()


async def serious_faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical; it is put in beside the page's own policy, once a page."""
    if not await page.evaluate("'axe' in globalThis"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate(
        """() => {
          document.getAnimations().forEach(each => { try { each.finish() } catch { each.cancel() } })
          return axe.run(document, { resultTypes: ['violations'] })
        }"""
    )
    return [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


async def serious_faults_in(page: Page, *themes: str) -> list[str]:
    """`serious_faults` of what is on the page, in the colours of each theme; its own are put back."""
    own = await page.evaluate("document.documentElement.dataset.theme")
    faults = []
    for theme in themes:
        await page.evaluate(PUT_ON, theme)
        faults += [f"{theme}: {fault}" for fault in await serious_faults(page)]
    await page.evaluate(PUT_ON, own)
    return faults
