"""The trickle of incidents: one that fails, or that somebody else answers, does not end the demo."""

from __future__ import annotations

import asyncio
import contextlib

from contracts.position import Place
from kestrel.clock import VirtualClock
from kestrel.controller import STALE_TRIES, Controller
from kestrel.trickle import GAP_S, Occurrence, trickle
from tests.unit.kestrel.fakedispatcher import FakeDispatcher

ROBBERY = Occurrence(
    grade="1",
    category="robbery",
    summary="",
    place=Place(lat_deg=52.41, lon_deg=-1.51),
    watch_s=60,
    purpose="look",
)


async def test_an_incident_that_fails_does_not_end_the_trickle() -> None:
    fake, clock, said = FakeDispatcher(stale_answers=STALE_TRIES), VirtualClock(), list[str]()
    async with fake.client(clock) as api:
        controller = Controller(api=api, clock=clock, say=said.append)
        task = asyncio.create_task(trickle([ROBBERY], controller=controller, clock=clock, run_id="run"))
        while clock.mission_s() < 1.5 * GAP_S and not task.done():
            await clock.advance(0.5)
        assert not task.done()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert any(line.startswith("run-1: given up") for line in said)
    assert fake.incidents["incident-run-1"]["status"] == "open"
    assert fake.incidents["incident-run-2"]["status"] == "close"
