"""The control room in Debian's Chromium, drawn by the processor: how smoothly with 200 drones, and how soon usable.

Frames are counted in the page (`requestAnimationFrame`), over the same map with nothing on it, in turns in the same
run. Usable is a queue that is drawn and answers a key.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.bench.consolepages import crowded, token
from tests.bench.figure import Figure, Measured, Say
from tests.bench.rounds import percentile
from tests.bench.videobrowser import browser
from tests.browsers import WIDE

DRONES, ZONES, INCIDENTS = 200, 100, 50
ROUNDS = 5
SETTLE_MS, LOOK_MS = 3_000, 5_000
OPENINGS = 10
MANY, FILTERS = 5_000, 20
_FRAMES = """forMs => new Promise(done => {
  const gaps = []; let last = null, begun = null
  const look = now => {
    if (last !== null) gaps.push(now - last)
    begun ??= now; last = now
    if (now - begun < forMs) requestAnimationFrame(look); else done(gaps)
  }
  requestAnimationFrame(look)
})"""
_USABLE = """() => {
  addEventListener('DOMContentLoaded', () => {
    const look = () => {
      const list = document.querySelector('[role=listbox]')
      if (!list?.querySelector('[role=option]')) { requestAnimationFrame(look); return }
      list.focus()
      list.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, cancelable: true }))
      const answered = () => {
        if (list.getAttribute('aria-activedescendant')) globalThis.usableMs = performance.now()
        else requestAnimationFrame(answered)
      }
      requestAnimationFrame(answered)
    }
    look()
  })
}"""


_ONCE = """() => new Promise(done => {
  const look = () => globalThis.usableMs === undefined ? setTimeout(look, 20) : done(globalThis.usableMs)
  look()
})"""


_FILTER = """text => new Promise(done => {
  const box = document.querySelector('input[type=search]')
  const size = () => document.querySelector('[role=option]')?.getAttribute('aria-setsize')
  const [before, begun] = [size(), performance.now()]
  box.value = text
  box.dispatchEvent(new Event('input', { bubbles: true }))
  const look = () => size() === before ? requestAnimationFrame(look) : done(performance.now() - begun)
  requestAnimationFrame(look)
})"""


@contextlib.asynccontextmanager
async def _page(running: Browser) -> AsyncIterator[Page]:
    """Nothing in its cache."""
    context = await running.new_context(viewport={"width": WIDE[0], "height": WIDE[1]})
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def _open(page: Page, origin: str) -> None:
    await page.goto(f"{origin}/#token={token()}")


async def _frames(page: Page, origin: str, *, drones: int) -> list[float]:
    await _open(page, origin)
    await page.locator(".maplibregl-canvas").wait_for()
    if drones:
        await page.locator(".mark-drone").nth(drones - 1).wait_for(timeout=30_000)
    await page.wait_for_timeout(SETTLE_MS)
    gaps: list[float] = await page.evaluate(_FRAMES, LOOK_MS)
    return gaps


async def _smooth(say: Say, *, share: float | None) -> Measured:
    """Gaps between frames, ms: their mean, or a percentile."""

    def figure(gaps: list[float]) -> float:
        return sum(gaps) / len(gaps) if share is None else percentile(gaps, share)

    ours: list[float] = []
    rival: list[float] = []
    async with (
        crowded(drones=DRONES, zones=ZONES, incidents=INCIDENTS) as crowd,
        crowded(drones=0, zones=0, incidents=0) as empty,
        browser() as running,
    ):
        for number in range(ROUNDS):
            for origin, drones, into in ((empty, 0, rival), (crowd, DRONES, ours)):
                async with _page(running) as page:
                    into.append(figure(await _frames(page, origin, drones=drones)))
            say(f"round {number + 1}: {ours[-1]:.1f} ms with {DRONES} drones, {rival[-1]:.1f} ms without")
    return Measured(ours=tuple(ours), rival=tuple(rival))


async def _mean(_: Path, say: Say) -> Measured:
    return await _smooth(say, share=None)


async def _p95(_: Path, say: Say) -> Measured:
    return await _smooth(say, share=95)


async def _usable(_: Path, say: Say) -> Measured:
    took = []
    async with crowded(drones=6, zones=ZONES, incidents=INCIDENTS) as origin, browser() as running:
        for _each in range(OPENINGS):
            async with _page(running) as page:
                await page.add_init_script(f"({_USABLE})()")
                await _open(page, origin)
                took.append(await page.evaluate(_ONCE) / 1000)
    say(f"{', '.join(f'{each:.2f}' for each in sorted(took))} s")
    return Measured(ours=(percentile(took, 95),))


async def _filter(_: Path, say: Say) -> Measured:
    took: list[float] = []
    async with (
        crowded(drones=0, zones=0, incidents=MANY) as origin,
        browser() as running,
        _page(running) as page,
    ):
        await _open(page, origin)
        await page.locator(f"[role=option][aria-setsize='{MANY}']").first.wait_for()
        for number in range(FILTERS):
            took.append(await page.evaluate(_FILTER, f"call {4000 + number}"))
            await page.evaluate(_FILTER, "")
    say(f"{', '.join(f'{each:.0f}' for each in sorted(took))} ms")
    return Measured(ours=(percentile(took, 95),))


SMOOTH = Figure(
    name="console_200_drones_frame",
    unit="ms",
    about="from frame to frame with 200 drones moving at 10 Hz and 100 zones on the map, over an empty map",
    measure=_mean,
)
SMOOTH_P95 = Figure(
    name="console_200_drones_frame_p95",
    unit="ms",
    about="the same, the slowest frames",
    measure=_p95,
)
USABLE = Figure(
    name="console_usable_p95",
    unit="s",
    about="from the navigation until the queue is drawn and answers a key, nothing in the cache",
    measure=_usable,
)
FILTER = Figure(
    name="console_filter_5000_p95",
    unit="ms",
    about="from a key in the filter of a queue of 5,000 until what is left is drawn",
    measure=_filter,
)
