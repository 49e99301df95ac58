"""The replay and its report: calls in order at their gaps, each accounted for, and `ok` only when all is well."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from kestrel.callfile import Call
from kestrel.checker import Verdict
from kestrel.clock import VirtualClock
from kestrel.controller import STALE_TRIES, Controller, Handled
from kestrel.refusals import DockVerdict, RefusalVerdict
from kestrel.replay import Replay
from kestrel.report import build_report
from tests.unit.kestrel.fakedispatcher import FakeDispatcher

SOURCE = "county"


def call(line: int, *, minute: int = 0) -> Call:
    return Call(
        line=line,
        lat_deg=40.1,
        lon_deg=-75.3,
        kind="EMS",
        what="FALL VICTIM",
        recorded_at=datetime(2016, 1, 15, 12, 0) + timedelta(minutes=minute),  # noqa: DTZ001 - local, as in the file
        township="NORRISTOWN",
        streets="A ST & B ST",
    )


async def replayed(fake: FakeDispatcher, calls: list[Call], *, gap_cap_s: float = 600.0) -> tuple[Replay, list[float]]:
    clock = VirtualClock()
    moments: list[float] = []
    async with fake.client(clock) as api:
        controller = Controller(api=api, clock=clock, say=lambda _: None)

        def say(text: str) -> None:
            if text.startswith("call "):
                moments.append(clock.mission_s())

        replay = Replay(
            calls=calls, source=SOURCE, controller=controller, clock=clock, say=say, watch_s=120.0, gap_cap_s=gap_cap_s
        )
        task = asyncio.create_task(replay.run())
        for _ in range(4000):
            if task.done():
                break
            await clock.advance(0.5)
        await task
    return replay, moments


async def test_calls_come_in_order_at_their_gaps_with_the_cap() -> None:
    fake = FakeDispatcher(docks=["d1", "d2", "d3"])
    _, moments = await replayed(fake, [call(1), call(2, minute=1), call(3, minute=40)], gap_cap_s=300.0)
    assert moments == pytest.approx([0.0, 60.0, 360.0], abs=2.0)
    assert list(fake.incidents) == ["incident-line-1", "incident-line-2", "incident-line-3"]
    assert fake.incidents["incident-line-1"]["watch_s"] == 120.0


async def test_a_flight_under_way_does_not_hold_up_the_next_call() -> None:
    fake = FakeDispatcher(docks=["d1", "d2"])
    replay, moments = await replayed(fake, [call(1), call(2)])
    assert moments == pytest.approx([0.0, 0.0], abs=1.0)
    flights = [handled.flight for _, handled in replay.handled if handled]
    assert [flight["dock_id"] for flight in flights if flight] == ["d1", "d2"]


async def test_a_call_that_fails_is_given_up_in_its_own_row() -> None:
    fake = FakeDispatcher(docks=["d1", "d2"], broken={"flight-1"}, stale_answers=STALE_TRIES)
    replay, _ = await replayed(fake, [call(1), call(2), call(3)])
    phases = [handled.flight["phase"] if handled and handled.flight else None for _, handled in replay.handled]
    assert phases == [None, "ordered", "docked"]
    report = build_report(about={}, source=SOURCE, calls=replay.handled, verdict=verdict())
    assert not report["ok"]
    assert report["summary"]["calls_unaccounted"] == [1, 2, 3]  # the verdict here knows of no flight
    assert report["summary"]["flights_not_home"] == ["flight-1"]


async def test_the_report_accounts_for_each_call() -> None:
    replay, _ = await replayed(FakeDispatcher(), [call(1), call(2)])
    report = build_report(
        about={}, source=SOURCE, calls=replay.handled, verdict=verdict("line-2", flights={"flight-1": "docked"})
    )
    assert report["ok"]
    assert report["summary"] == {
        "calls": 2,
        "flown": 1,
        "reached_scene": 1,
        "docked": 1,
        "refused": 1,
        "refused_by_agents": 0,
        "outcomes": {"docked": 1, "refused": 1},
        "flights_not_home": [],
        "calls_unaccounted": [],
        "checker_agrees": True,
    }
    flown, refused = report["calls"]
    assert [entry["phase"] for entry in flown["flight"]["phases"]][-1] == "docked"
    assert flown["flight"]["phases"][-1]["after_order_s"] == 70.0
    assert refused["refusal"]["checker_confirms"] is True
    assert refused["refusal"]["problem"]["reasons"]["d1"][0]["code"] == "busy"


def verdict(*references: str, confirmed: bool = True, flights: dict[str, str | None] | None = None) -> Verdict:
    dock = DockVerdict("d1", ["busy"] if confirmed else [], [])
    refusals = [RefusalVerdict(f"incident-{name}", SOURCE, name, 1, [dock]) for name in references]
    return Verdict(events=1, chain_faults=[], refusals=refusals, rule_faults=[], flights=flights or {})


def flight(phase: str, *, ended: bool = True, phases: tuple[str, ...] = ("ordered", "launching")) -> dict[str, Any]:
    entries = [{"phase": name, "mission_time": "2026-03-01T12:00:00+00:00"} for name in (*phases, phase)]
    return {"id": "f1", "dock_id": "d1", "phase": phase, "ended": ended, "phases": entries}


@pytest.mark.parametrize(
    ("handled", "judged", "ok"),
    [
        (Handled(incident={"id": "i"}, flight=flight("docked")), verdict(flights={"f1": "docked"}), True),
        (Handled(incident={"id": "i"}, flight=flight("landed_away")), verdict(flights={"f1": "landed_away"}), False),
        (Handled(incident={"id": "i"}, flight=flight("missing")), verdict(flights={"f1": "missing"}), False),
        (Handled(incident={"id": "i"}, flight=flight("returning", ended=False)), verdict(flights={"f1": None}), False),
        (Handled(incident={"id": "i"}, flight=flight("docked")), verdict(flights={"f1": "missing"}), False),
        (Handled(incident={"id": "i"}, refusal={"status": 409}), verdict("line-1"), True),
        (Handled(incident={"id": "i"}, refusal={"status": 409}), verdict("line-1", confirmed=False), False),
        (Handled(incident={"id": "i"}, refusal={"status": 409}), verdict(), False),
        (Handled(incident={"id": "i"}), verdict(), False),
        (None, verdict(), False),
        (
            Handled(incident={"id": "i"}, flight=flight("refused", phases=("ordered",))),
            verdict(flights={"f1": "refused"}),
            True,
        ),
        (Handled(incident={"id": "i"}, flight=flight("cancelled")), verdict(flights={"f1": "cancelled"}), False),
    ],
)
def test_all_is_well_only_when_home_accounted_for_and_confirmed(
    handled: Handled | None, judged: Verdict, ok: bool
) -> None:
    report = build_report(about={}, source=SOURCE, calls=[(call(1), handled)], verdict=judged)
    assert report["ok"] is ok
