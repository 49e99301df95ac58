"""What holds of every plan and every order of events: no turn below the threshold or unasked, no call that is lost."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import math
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.orders import SafetyAction
from contracts.vocabulary import Outcome, Phase
from dispatcher import events as ev
from dispatcher.assigning import Turn, Waiting, plan_of
from dispatcher.decision.assignment import Weighing
from dispatcher.entities import IncidentStatus, ProposalStatus
from dispatcher.errors import DispatcherError
from dispatcher.incidents import active_flights_of
from dispatcher.planrecord import PlanInputs
from tests.unit.dispatcher.test_turns import Room

WEIGHTS = (8.0, 4.0, 2.0, 1.0)
seconds = st.floats(min_value=5.0, max_value=900.0)
Town = tuple[list[Waiting], dict[str, list[Turn]]]


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """A few calls, a few docks, a few drones out on some of them or on their way home."""
    docks = [f"dock-{number}" for number in range(draw(st.integers(0, 4)))]
    calls, flights = [], []
    for number in range(draw(st.integers(1, 6))):
        rank, served = draw(st.integers(0, 3)), draw(st.booleans())
        flight_id = f"flight-{number}" if served else None
        calls.append(
            Waiting(
                incident_id=f"call-{number}",
                grade=str(rank),
                rank=rank,
                weight=WEIGHTS[rank],
                waited_s=draw(st.floats(0.0, 600.0)),
                docks={dock_id: draw(seconds) for dock_id in docks if draw(st.booleans())},
                flight_id=flight_id,
            )
        )
        if flight_id is not None:
            flights.append((flight_id, f"call-{number}", False))
    flights += [(f"home-{number}", "elsewhere", True) for number in range(draw(st.integers(0, 2)))]
    turns = {
        call.incident_id: [
            Turn(
                flight_id=flight_id,
                callsign=flight_id,
                dock_id="dock",
                pilot="pilot",
                serves=serves,
                phase="en_route",
                eligible=draw(st.booleans()),
                reasons=(),
                time_to_scene_s=draw(seconds),
                remaining_s=20.0,
                homeward=homeward,
            )
            for flight_id, serves, homeward in flights
        ]
        for call in calls
        if call.flight_id is None
    }
    return calls, turns


@given(town=towns(), threshold_s=st.floats(0.0, 300.0), countdown_s=st.floats(3.0, 60.0))
@settings(max_examples=150, deadline=None)
def test_every_planned_turn_gains_the_threshold_and_takes_from_lesser_calls_alone(
    town: Town, threshold_s: float, countdown_s: float
) -> None:
    calls, turns = town
    weighing = Weighing(late_weight=3.0, gain_s=threshold_s)
    planned = plan_of(calls, turns, weighing=weighing, countdown_s=countdown_s)
    by_id = {call.incident_id: call for call in calls}
    used = [each.turn.flight_id if each.turn is not None else each.dock_id for each in planned if each.kind != "none"]
    assert len(used) == len(set(used)), "one drone is planned once"
    assert {each.incident_id for each in planned} == {call.incident_id for call in calls if call.flight_id is None}
    for each in planned:
        if each.turn is None:
            continue
        assert each.turn.eligible
        assert each.gain_s is not None
        assert each.gain_s >= threshold_s - 0.1
        if not each.turn.homeward:
            assert by_id[each.turn.serves].rank > by_id[each.incident_id].rank


@given(town=towns(), reserve=st.lists(st.floats(0.0, 240.0), min_size=4, max_size=4))
@settings(max_examples=100, deadline=None)
def test_a_plan_is_worth_the_same_without_the_docks_that_no_plan_needs_and_when_read_back(
    town: Town, reserve: list[float]
) -> None:
    calls, turns = town
    kept = {f"dock-{number}": cost for number, cost in enumerate(reserve)}
    whole = PlanInputs(waiting=tuple(calls), turns=turns, weighing=Weighing(), countdown_s=20.0, reserve=kept)
    again = PlanInputs.from_json(json.loads(json.dumps(whole.least().to_json())))
    assert again.planned() == whole.least().planned()
    for call, found in turns.items():
        for turn in found:
            ours, theirs = again.gain_s(call, turn.flight_id), whole.gain_s(call, turn.flight_id)
            assert ours == pytest.approx(theirs, abs=1e-6) or ours == theirs == -math.inf


@given(town=towns())
@settings(max_examples=60, deadline=None)
def test_a_higher_threshold_never_begins_to_turn_a_drone_to_a_call_that_waits_alone(town: Town) -> None:
    calls, turns = town
    served = [call for call in calls if call.flight_id is not None]
    waiting = [call for call in calls if call.flight_id is None][:1]
    counts = [
        sum(each.kind == "diversion" for each in plan_of([*served, *waiting], turns, weighing=Weighing(gain_s=gain)))
        for gain in (0.0, 60.0, 600.0, 3_600.0)
    ]
    assert counts == sorted(counts, reverse=True)


STEPS = (
    *("wait", "accept", "accept as another", "decline", "cancel", "watch"),
    *("graver", "close graver", "close lesser", "confirm", "refuse", "return", "restart", "phase"),
)


@given(steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=12))
@settings(max_examples=25, deadline=None)
def test_whatever_happens_nothing_moves_without_a_yes_and_no_open_call_is_lost(steps: list[str]) -> None:
    asyncio.run(_walk(steps))


async def _walk(steps: list[str]) -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.graver()
    numbers = itertools.count(1)
    for step in steps:
        with contextlib.suppress(DispatcherError):
            await _step(room, step, next(numbers))
        _holds(room)
    await room.wait(25)
    _holds(room)
    assert room.replayed() == room.desk.state


async def _step(room: Room, step: str, number: int) -> None:
    desk = room.desk
    match step:
        case "wait":
            await room.wait(7)
        case "accept":
            await desk.answer_proposal(room.flight.pilot, room.proposal.id, accepted=True)
        case "accept as another":
            with pytest.raises(DispatcherError):
                await desk.answer_proposal("controller-1", room.proposal.id, accepted=True)
        case "decline":
            await desk.answer_proposal("controller-1", room.proposal.id, accepted=False)
        case "cancel":
            await desk.cancel_turn("controller-1", room.proposal.id, "they need it")
        case "watch":
            await room.watched()
        case "graver":
            await room.graver(lat_deg=52.4105 + number * 1e-4)
        case "close graver":
            await desk.close_incident("controller-1", room.graver_id, "over")
        case "close lesser":
            await desk.close_incident("controller-1", room.lesser_id, "over")
        case "confirm" | "refuse" if room.retasks:
            await room.settled(Outcome.CONFIRMED if step == "confirm" else Outcome.REFUSED)
        case "return":
            await desk.command_flight("controller-1", room.flight_id, SafetyAction.RETURN, "wind", None)
        case "restart":
            started = ev.DispatcherStarted(
                boot_id=room.flight_id, deployment=desk.deployment, force="test", force_name="Test Police"
            )
            await desk.record([started])
        case "phase":
            await room.scene.fly(room.flight, Phase.EN_ROUTE)


def _holds(room: Room) -> None:
    state = room.desk.state
    accepted: set[UUID] = set()
    for recorded in room.scene.log.records:
        event = recorded.event
        if isinstance(event, ev.ProposalAnswered) and event.accepted:
            assert recorded.actor == "pilot-1", "nobody but its pilot"
            accepted.add(event.proposal_id)
        if isinstance(event, ev.FlightTurned):
            assert event.proposal_id in accepted, "turned without a yes"
        if isinstance(event, ev.TurnProposed):
            assert event.gain_s >= 60.0 - 0.1
    for incident in state.incidents.values():
        if incident.status is IncidentStatus.OPEN:
            served = bool(active_flights_of(state, incident))
            assert served or incident.id in state.unattended, "an open call that nobody serves and nobody waits for"
            assert (incident.flight_id is not None) == served
    assert sum(len(active_flights_of(state, each)) for each in state.incidents.values()) == 1
    for proposal_id, incident_id in state.open_turns.items():
        waiting = next(each for each in state.incidents[incident_id].proposals if each.id == proposal_id)
        assert waiting.waits
    counting = any(each.status is ProposalStatus.COUNTDOWN for each in room.proposals)
    assert (room.flight.leaving is not None) == counting
