"""Answers to proposals at the desk: given once, whoever presses, however often and whatever was heard of the first."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from contracts.vocabulary import Phase
from dispatcher import errors, turning
from dispatcher import events as ev
from dispatcher.answering import to_answer
from dispatcher.desk import Desk
from dispatcher.entities import Flight, Proposal, ProposalStatus
from dispatcher.errors import AlreadyAnswered, Conflict
from dispatcher.events import IncidentPlace
from dispatcher.record import SYSTEM
from dispatcher.requests import IncidentAmendment
from dispatcher.state import State, apply
from tests.desks import Scene


async def asked_to_return() -> tuple[Scene, Flight, Proposal]:
    """A call that was closed while its drone is out."""
    scene = await Scene.open(pilots=2)
    incident = await scene.incident()
    flight = await scene.press(incident)
    closed = await scene.desk.close_incident("controller-1", incident.id, "all quiet")
    return scene, flight, closed.proposals[0]


async def asked_to_move() -> tuple[Scene, Flight, Proposal]:
    """A call whose place has moved while its drone flies there."""
    scene = await Scene.open(pilots=2)
    incident = await scene.incident()
    flight = await scene.press(incident)
    await scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
    scene.seen(flight, 52.4095, -1.5105)
    place = IncidentPlace(lat_deg=52.4105, lon_deg=-1.5085)
    amended = await scene.desk.amend_incident("controller-1", incident.id, IncidentAmendment(place=place))
    return scene, flight, amended.proposals[0]


def answers(scene: Scene) -> list[ev.ProposalAnswered]:
    return [each.event for each in scene.log.records if isinstance(each.event, ev.ProposalAnswered)]


def commands(scene: Scene, flight: Flight) -> list[str]:
    return [str(each.action) for each in scene.desk.state.flights[flight.id].commands]


@pytest.mark.parametrize(("accepted", "given"), [(True, ["return"]), (False, [])])
async def test_a_second_press_of_the_same_person_does_nothing_and_gets_the_first_ones_result(
    accepted: bool, given: list[str]
) -> None:
    scene, flight, proposal = await asked_to_return()
    first = await scene.desk.answer_proposal("controller-1", proposal.id, accepted)
    await scene.wait(5)
    again = await scene.desk.answer_proposal("controller-1", proposal.id, accepted)
    assert (again, len(answers(scene)), commands(scene, flight)) == (first, 1, given)


async def test_two_presses_in_the_same_moment_move_a_flight_once() -> None:
    scene, flight, proposal = await asked_to_move()
    desk: Desk = scene.desk
    both = await asyncio.gather(*(desk.answer_proposal(flight.pilot, proposal.id, True) for _ in range(2)))
    assert both[0] == both[1]
    assert (len(answers(scene)), commands(scene, flight)) == (1, ["retask"])


async def test_of_two_people_at_once_one_wins_and_the_other_is_told_who_and_what() -> None:
    scene, flight, proposal = await asked_to_return()
    said = await asyncio.gather(
        scene.desk.answer_proposal("controller-1", proposal.id, True),
        scene.desk.answer_proposal("controller-2", proposal.id, False),
        return_exceptions=True,
    )
    (lost,) = [each for each in said if isinstance(each, AlreadyAnswered)]
    (won,) = [each for each in said if isinstance(each, Proposal)]
    (answer,) = won.answers
    assert (lost.extra["by"], lost.extra["answer"]) == (answer.by, answer.verb)
    assert lost.extra["became"] == won.status
    assert lost.detail.startswith(f"{answer.by} has {'accepted' if answer.verb == 'accept' else 'dismissed'} it at ")
    assert commands(scene, flight) == (["return"] if answer.verb == "accept" else [])


async def test_the_same_person_cannot_say_yes_and_then_no() -> None:
    scene, flight, proposal = await asked_to_return()
    await scene.desk.answer_proposal("controller-1", proposal.id, True)
    with pytest.raises(AlreadyAnswered, match="controller-1 has accepted it"):
        await scene.desk.answer_proposal("controller-1", proposal.id, False)
    assert commands(scene, flight) == ["return"]


async def test_a_repeat_after_a_restart_is_known_from_the_journal() -> None:
    scene, _, proposal = await asked_to_return()
    first = await scene.desk.answer_proposal("controller-1", proposal.id, True)
    state = State()
    for recorded in scene.log.records:
        state = apply(state, recorded)
    assert to_answer(state, proposal.id, "controller-1", "accept") == (first, True)
    with pytest.raises(AlreadyAnswered):
        to_answer(state, proposal.id, "controller-2", "accept")


async def test_what_nobody_answered_says_why_it_waits_no_more() -> None:
    scene, _, proposal = await asked_to_return()
    incident_id = proposal.incident_id
    turn = ev.TurnProposed(
        proposal_id=UUID(int=77),
        incident_id=incident_id,
        incident_revision=1,
        from_incident_id=incident_id,
        flight_id=proposal.flight_id or UUID(int=0),
        callsign="K1",
        rank=0,
        from_rank=1,
        homeward=False,
        gain_s=100,
        time_to_scene_s=60,
        watch_s=300,
        battery_on_return_percent=50,
        otherwise_dock_id=None,
        otherwise_s=None,
        others_s=None,
        told=[],
        countdown_s=20,
        inputs={},
        because="nearer",
        answer_by=scene.clock.mission_now() + timedelta(seconds=60),
    )
    await scene.desk.record([turn])
    waiting, _ = to_answer(scene.desk.state, turn.proposal_id, "pilot-1", "accept")
    with pytest.raises(Conflict, match="no countdown is running"):
        to_answer(scene.desk.state, turn.proposal_id, "pilot-1", "cancel")
    await scene.desk.record([turning.withdrawn(waiting, "K1 is held")])
    with pytest.raises(Conflict, match="waits for no answer: it is void: K1 is held"):
        to_answer(scene.desk.state, turn.proposal_id, "pilot-1", "accept")
    assert scene.desk.state.incidents[incident_id].proposals[-1].status is ProposalStatus.VOID


async def test_there_is_no_answer_to_what_was_never_asked() -> None:
    scene, _, _ = await asked_to_return()
    with pytest.raises(errors.NotFound):
        await scene.desk.answer_proposal(SYSTEM, UUID(int=1), True)
