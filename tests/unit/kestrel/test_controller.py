"""The controller of demo and replay: every call ends as a flight seen home or as a refusal with reasons."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from kestrel.clock import VirtualClock
from kestrel.controller import MAX_REASON_CHARACTERS, Controller, Handled, in_words
from kestrel.errors import ApiRefused
from tests.unit.kestrel.fakedispatcher import FakeDispatcher

T = TypeVar("T")
REPORT = {"source": "test", "reference": "r1", "category": "robbery"}


async def run(clock: VirtualClock, work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` on the virtual clock."""
    task = asyncio.create_task(work)
    for _ in range(2000):
        if task.done():
            return task.result()
        await clock.advance(0.5)
    raise AssertionError("it did not end in 1000 s")


async def whole(fake: FakeDispatcher, *, patience_s: float = 0.0, within_s: float = 900.0) -> tuple[Handled, list[str]]:
    clock, said = VirtualClock(), list[str]()
    async with fake.client(clock) as api:
        controller = Controller(api=api, clock=clock, say=said.append, patience_s=patience_s)

        async def work() -> Handled:
            handled = await controller.take_in(REPORT)
            await controller.answer(handled, purpose="look")
            await controller.see_home(handled, purpose="look", within_s=within_s)
            return handled

        return await run(clock, work()), said


async def test_a_call_with_a_free_dock_is_flown_and_closed() -> None:
    fake = FakeDispatcher()
    handled, said = await whole(fake)
    assert handled.flight is not None
    assert handled.flight["phase"] == "docked"
    assert handled.refusal is None
    assert fake.incidents["incident-r1"]["status"] == "close"
    assert "flight K1: on_scene" in said


async def test_a_call_that_no_dock_can_take_is_declined_with_the_reasons() -> None:
    fake = FakeDispatcher(docks=[])
    handled, _ = await whole(fake)
    assert handled.flight is None
    assert handled.refusal is not None
    assert handled.refusal["reasons"] == {"d1": [{"code": "busy", "text": "busy"}]}
    assert fake.incidents["incident-r1"]["status"] == "decline"
    assert "busy with another flight" in fake.incidents["incident-r1"]["reason"]


async def test_with_patience_a_dock_that_becomes_free_is_sent() -> None:
    fake = FakeDispatcher(docks=[])
    clock = VirtualClock()
    async with fake.client(clock) as api:
        controller = Controller(api=api, clock=clock, say=lambda _: None, patience_s=120.0)
        handled = await controller.take_in(REPORT)

        async def free_later() -> None:
            await clock.sleep_mission(45)
            fake.docks.append("d1")

        async def work() -> None:
            await asyncio.gather(controller.answer(handled, purpose="look"), free_later())

        await run(clock, work())
    assert handled.flight is not None
    assert clock.mission_s() < 120


async def test_a_stale_decision_is_asked_for_anew_under_another_key() -> None:
    fake = FakeDispatcher(stale_answers=2)
    handled, _ = await whole(fake)
    assert handled.flight is not None
    assert len(set(fake.keys)) == 3
    assert None not in fake.keys


async def test_a_decision_that_stays_stale_is_an_error_and_not_a_loop() -> None:
    with pytest.raises(ApiRefused, match="stale-screen"):
        await whole(FakeDispatcher(stale_answers=100))


async def test_a_dispatcher_that_starts_anew_is_waited_for() -> None:
    fake = FakeDispatcher(unavailable=2)
    handled, _ = await whole(fake)
    assert handled.flight is not None
    assert fake.requests.count("POST /incidents") == 3


async def others_first(fake: FakeDispatcher, act: Callable[[str], None]) -> tuple[Handled, list[str]]:
    """A call that somebody else acts on between its report and its answer."""
    clock, said = VirtualClock(), list[str]()
    async with fake.client(clock) as api:
        controller = Controller(api=api, clock=clock, say=said.append)

        async def work() -> Handled:
            handled = await controller.take_in(REPORT)
            act(handled.incident_id)
            await controller.answer(handled, purpose="look")
            await controller.see_home(handled, purpose="look", within_s=900.0)
            return handled

        return await run(clock, work()), said


@pytest.mark.parametrize("docks", [["d1"], []])
async def test_an_incident_that_somebody_else_closed_is_left_to_them(docks: list[str]) -> None:
    fake = FakeDispatcher(docks=docks)

    def close(incident_id: str) -> None:
        fake.incidents[incident_id] |= {"status": "close", "outcome": "theirs"}

    handled, said = await others_first(fake, close)
    assert handled.by_others
    assert handled.flight is None
    assert fake.flights == {}
    assert fake.incidents["incident-r1"]["outcome"] == "theirs"
    assert any("answered by somebody else" in line for line in said)


async def test_a_flight_that_somebody_else_sent_is_followed_and_its_incident_left_to_them() -> None:
    fake = FakeDispatcher(docks=["d1", "d2"])

    def send(incident_id: str) -> None:
        fake.send(incident_id, purpose="theirs")

    handled, _ = await others_first(fake, send)
    assert handled.by_others
    assert handled.flight is not None
    assert (handled.flight["purpose"], handled.flight["phase"]) == ("theirs", "docked")
    assert len(fake.flights) == 1
    assert fake.incidents["incident-r1"]["status"] == "open"


async def test_a_decline_whose_answer_was_lost_stays_a_refusal_with_its_reasons() -> None:
    fake = FakeDispatcher(docks=[], lost={"decline"})
    handled, _ = await whole(fake)
    assert fake.requests.count("POST /incidents/incident-r1/decline") == 2
    assert fake.incidents["incident-r1"]["status"] == "decline"
    assert handled.refusal is not None
    assert handled.refusal["reasons"] == {"d1": [{"code": "busy", "text": "busy"}]}


async def test_an_order_that_the_agent_refuses_is_followed_by_a_new_decision() -> None:
    fake = FakeDispatcher(scripts=[["ordered", "refused"]])
    handled, _ = await whole(fake)
    assert [flight["phase"] for flight in handled.earlier] == ["refused"]
    assert handled.flight is not None
    assert handled.flight["phase"] == "docked"


async def test_refusals_of_the_agent_without_end_stop_after_some() -> None:
    fake = FakeDispatcher(scripts=[["ordered", "refused"]] * 50)
    handled, _ = await whole(fake)
    assert len(handled.earlier) < 10
    assert fake.incidents["incident-r1"]["status"] == "close"


async def test_a_flight_that_does_not_end_is_left_open_after_its_time() -> None:
    fake = FakeDispatcher(scripts=[["ordered", "en_route"]])
    handled, said = await whole(fake, within_s=60.0)
    assert handled.flight is not None
    assert not handled.flight["ended"]
    assert fake.incidents["incident-r1"]["status"] == "open"
    assert "r1: K1 is still en_route" in said


async def test_a_missing_flight_that_is_found_again_is_seen_home() -> None:
    fake = FakeDispatcher(scripts=[["ordered", "returning", "missing", "landing", "docked"]])
    handled, _ = await whole(fake)
    assert handled.flight is not None
    assert handled.flight["phase"] == "docked"


async def test_a_flight_that_stays_missing_is_reported_as_that() -> None:
    fake = FakeDispatcher(scripts=[["ordered", "missing"]])
    handled, said = await whole(fake, within_s=100.0)
    assert handled.flight is not None
    assert handled.flight["phase"] == "missing"
    assert "r1: K1 missing" in said


def test_the_reasons_in_words_always_fit() -> None:
    options = [{"dock_id": f"d{n}", "reasons": [{"code": "busy", "text": "x" * 60}]} for n in range(50)]
    text = in_words({"options": options})
    assert len(text) == MAX_REASON_CHARACTERS
    assert text.endswith("…")
    assert in_words(None) == "no dock can go; "
