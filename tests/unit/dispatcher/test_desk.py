"""The desk on a virtual clock: what may be pressed, what is refused and why, and that the record comes first."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import reduce
from uuid import UUID

import pytest

from contracts.orders import SafetyAction
from contracts.reports import CommandSettled, DockNoted, OrderAccepted, OrderRefused, PhaseEntered
from contracts.vocabulary import DockState, Outcome, Phase
from dispatcher import errors, events, streams
from dispatcher.entities import IncidentStatus, OrderState, ProposalStatus
from dispatcher.events import IncidentPlace
from dispatcher.policy.file import policy_loaded
from dispatcher.requests import IncidentAmendment, IncidentReport, Press
from dispatcher.security.roles import Role
from dispatcher.state import State, apply
from dispatcher.turnstile import Turnstile
from tests.desks import Scene
from tests.policies import GRADES, document


@pytest.fixture
async def scene() -> Scene:
    return await Scene.open()


async def test_a_press_sends_the_nearest_ready_dock_and_journals_before_anyone_hears_of_it(scene: Scene) -> None:
    heard: list[list[str]] = []
    scene.desk.on_appended(lambda records: heard.append([record.type for record in records]))
    incident = await scene.incident()
    flight = await scene.press(incident)
    assert flight.dock_id == "cov-1"
    assert flight.pilot == "pilot-1"
    assert flight.order_state is OrderState.TO_SEND
    assert flight.order.expires_at == scene.now_plus(60)
    assert heard[-1] == ["OptionsDecided", "FlightOrdered"]
    assert scene.log.types()[-2:] == ["OptionsDecided", "FlightOrdered"]
    assert scene.desk.state.incidents[incident.id].flight_id == flight.id


async def test_every_dock_has_an_option_or_its_reasons(scene: Scene) -> None:
    await scene.status("cov-2", state=DockState.FAULT)
    incident = await scene.incident()
    shown = await scene.desk.decide("controller-1", incident.id)
    by_dock = {option["dock_id"]: option for option in shown.options}
    assert set(by_dock) == {"cov-1", "cov-2", "cov-3"}
    assert by_dock["cov-1"]["eligible"]
    assert not by_dock["cov-2"]["eligible"]
    assert by_dock["cov-2"]["reasons"]


async def test_the_same_press_twice_is_one_flight(scene: Scene) -> None:
    incident = await scene.incident()
    shown = await scene.desk.decide("controller-1", incident.id)
    press = Press(purpose="p", decision_id=shown.id, incident_revision=1, dock_id=None, idempotency_key="once")
    results = await asyncio.gather(*(scene.desk.dispatch("controller-1", incident.id, press) for _ in range(5)))
    assert {flight.id for flight, _ in results} == {results[0][0].id}
    assert [created for _, created in results].count(True) == 1
    assert scene.log.types().count("FlightOrdered") == 1


async def test_a_key_used_for_another_incident_is_refused(scene: Scene) -> None:
    await scene.press(await scene.incident(), key="k")
    other = await scene.incident(52.43, -1.49)
    with pytest.raises(errors.Invalid, match="another incident"):
        await scene.press(other, key="k")


async def test_two_controllers_on_one_incident_send_one_drone(scene: Scene) -> None:
    incident = await scene.incident()
    flight = await scene.press(incident, key="first")
    with pytest.raises(errors.AlreadyDispatched) as refusal:
        await scene.press(incident, key="second")
    assert refusal.value.extra["flight_id"] == str(flight.id)


@pytest.mark.parametrize(
    ("amendment", "field"),
    [
        (IncidentAmendment(place=IncidentPlace(lat_deg=52.43, lon_deg=-1.49)), "place"),
        (IncidentAmendment(grade="scheduled"), "grade"),
    ],
)
async def test_a_press_on_a_changed_incident_is_answered_with_the_difference(
    scene: Scene, amendment: IncidentAmendment, field: str
) -> None:
    incident = await scene.incident()
    shown = await scene.desk.decide("controller-1", incident.id)
    await scene.desk.amend_incident("controller-2", incident.id, amendment)
    before = scene.log.types()
    with pytest.raises(errors.StaleScreen) as refusal:
        await scene.desk.dispatch(
            "controller-1",
            incident.id,
            Press(purpose="p", decision_id=shown.id, incident_revision=1, dock_id=None, idempotency_key="k"),
        )
    assert set(refusal.value.extra["difference"]) == {field}
    assert scene.log.types() == before


async def test_a_changed_summary_alone_does_not_stop_a_press(scene: Scene) -> None:
    incident = await scene.incident()
    shown = await scene.desk.decide("controller-1", incident.id)
    await scene.desk.amend_incident("controller-2", incident.id, IncidentAmendment(summary="two men"))
    flight, created = await scene.desk.dispatch(
        "controller-1",
        incident.id,
        Press(purpose="p", decision_id=shown.id, incident_revision=1, dock_id=None, idempotency_key="k"),
    )
    assert created
    assert flight.incident_revision == 2


async def test_a_dock_that_went_since_it_was_shown_is_never_silently_replaced(scene: Scene) -> None:
    incident = await scene.incident()
    shown = await scene.desk.decide("controller-1", incident.id)
    await scene.clock.advance(1)
    await scene.status("cov-1", state=DockState.FAULT)
    with pytest.raises(errors.StaleScreen) as refusal:
        await scene.desk.dispatch(
            "controller-1",
            incident.id,
            Press(purpose="p", decision_id=shown.id, incident_revision=1, dock_id=None, idempotency_key="k"),
        )
    assert refusal.value.extra["difference"]["dock"]["shown"] == "cov-1"
    assert refusal.value.extra["difference"]["dock"]["now"] != "cov-1"
    assert "FlightOrdered" not in scene.log.types()


async def test_a_named_dock_that_cannot_go_says_why(scene: Scene) -> None:
    await scene.status("cov-2", battery_percent=12.0)
    incident = await scene.incident()
    with pytest.raises(errors.DockNotEligible) as refusal:
        await scene.press(incident, dock_id="cov-2")
    assert "12.0" in str(refusal.value)


async def test_without_any_dock_every_docks_reasons_are_given_and_journalled(scene: Scene) -> None:
    await scene.clock.advance(30)
    incident = await scene.incident()
    with pytest.raises(errors.NoEligibleDock) as refusal:
        await scene.press(incident)
    assert set(refusal.value.extra["reasons"]) == {"cov-1", "cov-2", "cov-3"}
    assert all(refusal.value.extra["reasons"].values())
    assert UUID(refusal.value.extra["decision_id"]) in scene.desk.state.decisions


async def test_without_a_pilot_nothing_flies() -> None:
    scene = await Scene.open(pilots=0)
    incident = await scene.incident()
    with pytest.raises(errors.NoEligibleDock) as refusal:
        await scene.press(incident)
    codes = {reason["code"] for reasons in refusal.value.extra["reasons"].values() for reason in reasons}
    assert codes == {"no_pilot_free"}


async def test_a_pilot_who_wants_to_be_asked_holds_the_order_back() -> None:
    scene = await Scene.open(pilots=0)
    await scene.desk.sign_on("pilot-9", "ask", 1)
    flight = await scene.press(await scene.incident())
    assert flight.order_state is OrderState.WAITING_FOR_PILOT
    with pytest.raises(errors.Forbidden):
        await scene.desk.accept_flight("pilot-1", flight.id)
    await scene.clock.advance(40)
    accepted = await scene.desk.accept_flight("pilot-9", flight.id)
    assert accepted.order_state is OrderState.TO_SEND
    assert accepted.order.expires_at == scene.now_plus(60)
    assert accepted.order_sequence > flight.order_sequence


async def test_a_flight_called_back_before_its_pilot_accepted_never_leaves() -> None:
    scene = await Scene.open(pilots=0)
    await scene.desk.sign_on("pilot-9", "ask", 1)
    flight = await scene.press(await scene.incident())
    command = await scene.desk.command_flight("controller-1", flight.id, SafetyAction.CANCEL, "false alarm", None)
    assert command.outcome is Outcome.CONFIRMED
    assert scene.desk.state.flights[flight.id].phase is Phase.CANCELLED
    assert scene.desk.state.docks[flight.dock_id].active_flight_id is None


async def test_a_pilot_in_command_cannot_sign_off(scene: Scene) -> None:
    await scene.press(await scene.incident())
    with pytest.raises(errors.Conflict, match="K1"):
        await scene.desk.sign_off("pilot-1")


async def test_closing_proposes_the_return_and_only_acceptance_commands_it(scene: Scene) -> None:
    incident = await scene.incident()
    flight = await scene.press(incident)
    closed = await scene.desk.close_incident("controller-1", incident.id, "all quiet")
    assert closed.status is IncidentStatus.CLOSED
    (proposal,) = closed.proposals
    assert proposal.kind == "return"
    assert scene.desk.state.flights[flight.id].commands == ()
    answered = await scene.desk.answer_proposal("controller-1", proposal.id, True)
    assert answered.status is ProposalStatus.ACCEPTED
    (command,) = scene.desk.state.flights[flight.id].commands
    assert command.action is SafetyAction.RETURN


async def test_a_moved_place_proposes_a_retask(scene: Scene) -> None:
    incident = await scene.incident()
    await scene.press(incident)
    place = IncidentPlace(lat_deg=52.42, lon_deg=-1.51)
    amended = await scene.desk.amend_incident("controller-1", incident.id, IncidentAmendment(place=place))
    assert [proposal.kind for proposal in amended.proposals] == ["retask"]
    nudged = IncidentPlace(lat_deg=52.42001, lon_deg=-1.51)
    amended = await scene.desk.amend_incident("controller-1", incident.id, IncidentAmendment(place=nudged))
    assert len(amended.proposals) == 1


async def test_a_retask_for_a_call_for_which_the_policy_lets_none_fly_is_refused_by_the_rule(scene: Scene) -> None:
    incident = await scene.incident()
    flight = await scene.press(incident)
    await scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
    scene.seen(flight, 52.4095, -1.5105)
    never = document(grades=[{"name": "Immediate", "launch": "never", "override": ["supervisor"]}, *GRADES[1:]])
    await scene.desk.record([policy_loaded(never, source="policy.yaml", lines={})])
    place = IncidentPlace(lat_deg=52.4105, lon_deg=-1.5085)
    amended = await scene.desk.amend_incident("controller-1", incident.id, IncidentAmendment(place=place))
    (proposal,) = amended.proposals
    with pytest.raises(errors.PolicyForbids, match="Immediate"):
        await scene.desk.answer_proposal(flight.pilot, proposal.id, True)
    assert scene.desk.state.flights[flight.id].commands == ()
    await scene.desk.override_policy("supervisor-1", incident.id, [Role.SUPERVISOR], "a life is at stake")
    await scene.desk.answer_proposal(flight.pilot, proposal.id, True)
    assert [each.action for each in scene.desk.state.flights[flight.id].commands] == ["retask"]


async def test_a_merge_keeps_one_flight(scene: Scene) -> None:
    first, second = await scene.incident(), await scene.incident(52.4101, -1.5101)
    flight = await scene.press(first)
    into = await scene.desk.merge_incident("controller-1", first.id, second.id)
    assert into.flight_id == flight.id
    assert scene.desk.state.flights[flight.id].incident_id == second.id
    assert scene.desk.state.incidents[first.id].status is IncidentStatus.MERGED
    with pytest.raises(errors.IncidentNotOpen):
        await scene.press(first, key="again")


async def test_a_merge_of_two_flights_proposes_that_one_comes_home(scene: Scene) -> None:
    first, second = await scene.incident(), await scene.incident(52.43, -1.49)
    await scene.press(first, key="a")
    kept = await scene.press(second, key="b")
    into = await scene.desk.merge_incident("controller-1", first.id, second.id)
    assert into.flight_id == kept.id
    assert [proposal.kind for proposal in into.proposals] == ["return"]


async def test_an_incident_with_a_flight_out_cannot_be_declined(scene: Scene) -> None:
    incident = await scene.incident()
    await scene.press(incident)
    with pytest.raises(errors.Conflict, match="K1 is out"):
        await scene.desk.decline_incident("controller-1", incident.id, "not for us")


async def test_the_same_report_again_is_the_same_incident_and_another_content_is_refused(scene: Scene) -> None:
    first = await scene.incident(reference="X1")
    report = IncidentReport(
        source="cad",
        reference="X1",
        grade="immediate",
        category="robbery",
        summary="",
        place=IncidentPlace(lat_deg=52.41, lon_deg=-1.51),
    )
    again, created = await scene.desk.report_incident("controller-1", report)
    assert (again.id, created) == (first.id, False)
    with pytest.raises(errors.ReferenceConflict) as refusal:
        await scene.incident(reference="X1", grade="scheduled")
    assert refusal.value.extra["difference"] == {"grade": {"known": "immediate", "sent": "scheduled"}}


@pytest.mark.parametrize("days", [365, -30])
async def test_a_report_from_next_year_or_last_month_is_refused_and_changes_nothing(scene: Scene, days: int) -> None:
    before = len(scene.log.records)
    with pytest.raises(errors.Invalid, match="reported_at"):
        await scene.incident(reported_at=scene.clock.mission_now() + timedelta(days=days))
    assert len(scene.log.records) == before


async def test_commands_are_confirmed_by_the_agent_and_asked_twice_are_one(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    await scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
    await scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
    first = await scene.desk.command_flight("pilot-1", flight.id, SafetyAction.RETURN, "enough", None)
    second = await scene.desk.command_flight("controller-1", flight.id, SafetyAction.RETURN, "enough", None)
    assert first.order_id == second.order_id
    assert first.sequence > flight.order_sequence
    await scene.says(
        flight.dock_id, CommandSettled(order_id=first.order_id, flight_id=flight.id, outcome=Outcome.CONFIRMED)
    )
    (settled,) = scene.desk.state.flights[flight.id].commands
    assert settled.outcome is Outcome.CONFIRMED
    await scene.fly(flight, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
    with pytest.raises(errors.FlightEnded):
        await scene.desk.command_flight("pilot-1", flight.id, SafetyAction.RETURN, "late", None)
    ended = scene.desk.state.flights[flight.id]
    assert [entry.phase for entry in ended.phases] == [
        Phase.ORDERED,
        Phase.PREPARING,
        Phase.LAUNCHING,
        Phase.EN_ROUTE,
        Phase.RETURNING,
        Phase.LANDING,
        Phase.DOCKED,
    ]
    assert scene.desk.state.docks[flight.dock_id].active_flight_id is None


async def test_a_refused_order_ends_the_flight_with_all_the_agents_reasons(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    reasons = ["lid not confirmed open", "gust 17.0 m/s, limit 16.0"]
    await scene.says(flight.dock_id, OrderRefused(order_id=flight.order.order_id, flight_id=flight.id, reasons=reasons))
    ended = scene.desk.state.flights[flight.id]
    assert ended.phase is Phase.REFUSED
    assert ended.refusal_reasons == tuple(reasons)
    assert not scene.desk.state.unfinished


async def test_facts_are_journalled_exactly_once_and_gaps_are_not_acknowledged(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    fact = PhaseEntered(flight_id=flight.id, phase=Phase.PREPARING)
    assert await scene.says("cov-1", fact, counter=1)
    assert await scene.says("cov-1", fact, counter=1)
    assert not await scene.says("cov-1", fact, counter=3)
    assert scene.log.types().count("AgentReported") == 1
    assert scene.desk.counters.repeated_events == 1
    assert scene.desk.counters.gaps == 1


async def test_an_expired_order_ends_only_when_the_dock_says_it_never_took_it(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    await scene.wait(61)
    await scene.desk.expire_order(flight.id, flight.order.order_id)
    assert scene.desk.state.flights[flight.id].order_state is OrderState.EXPIRED
    await scene.desk.look_after_flights()
    assert not scene.desk.state.flights[flight.id].ended
    await scene.says(flight.dock_id, DockNoted(severity="info", text="the agent has started"))
    await scene.status(flight.dock_id, battery_percent=99.0, events_said=1)
    await scene.desk.look_after_flights()
    assert scene.desk.state.flights[flight.id].phase is Phase.REFUSED


async def test_a_silent_overdue_flight_is_missing_and_found_again(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    await scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
    await scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
    await scene.clock.advance(3600)
    await scene.desk.look_after_flights()
    assert not scene.desk.state.flights[flight.id].ended
    await scene.desk.dock_silent(flight.dock_id, 7.0)
    await scene.clock.advance(120)
    await scene.desk.look_after_flights()
    assert not scene.desk.state.flights[flight.id].ended
    await scene.clock.advance(120)
    await scene.desk.look_after_flights()
    assert scene.desk.state.flights[flight.id].phase is Phase.MISSING
    await scene.fly(flight, Phase.LANDING, Phase.DOCKED)
    assert scene.desk.state.flights[flight.id].phase is Phase.DOCKED


async def test_a_safety_command_passes_all_who_wait_for_the_journal(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    scene.log.gate = asyncio.Event()
    first = asyncio.create_task(scene.incident(52.42, -1.5))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(scene.incident(52.42, -1.5)) for _ in range(20)]
    await asyncio.sleep(0)
    returning = asyncio.create_task(scene.desk.command_flight("pilot-1", flight.id, SafetyAction.RETURN, "now", None))
    await asyncio.sleep(0)
    scene.log.gate.set()
    await asyncio.gather(first, returning, *waiting)
    types = scene.log.types()
    assert types[types.index("FlightOrdered") + 1 :][:2] == ["IncidentReported", "CommandGiven"]


async def test_a_caller_who_stops_waiting_leaves_state_and_journal_the_same(scene: Scene) -> None:
    scene.log.gate = asyncio.Event()
    asking = asyncio.create_task(scene.incident())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.sleep(0)
    scene.log.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert reduce(apply, scene.log.records, State()) == scene.desk.state


async def test_a_journal_that_fails_changes_nothing(scene: Scene) -> None:
    before = scene.desk.state
    scene.log.failure = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        await scene.incident()
    assert scene.desk.state is before
    scene.log.failure = None
    await scene.incident()


async def test_the_state_is_a_fold_of_the_journal(scene: Scene) -> None:
    incident = await scene.incident()
    flight = await scene.press(incident)
    await scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE)
    await scene.desk.close_incident("controller-1", incident.id, "done")
    assert reduce(apply, scene.log.records, State()) == scene.desk.state


async def test_an_aircraft_that_is_not_the_fleet_files_is_never_ranked(scene: Scene) -> None:
    await scene.clock.advance(1)
    await scene.status("cov-1", aircraft_system_id=77)
    shown = await scene.desk.decide("controller-1", (await scene.incident()).id)
    (option,) = [option for option in shown.options if option["dock_id"] == "cov-1"]
    assert not option["eligible"]
    assert "77" in option["reasons"][0]["text"]
    report = scene.desk.state.docks["cov-1"].report
    assert report is not None
    assert not report.registered


async def test_a_dock_has_no_say_over_another_docks_flight(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    await scene.says("cov-2", PhaseEntered(flight_id=flight.id, phase=Phase.DOCKED))
    await scene.says("cov-2", OrderRefused(order_id=flight.order.order_id, flight_id=flight.id, reasons=["no"]))
    known = scene.desk.state.flights[flight.id]
    assert (known.phase, known.order_state) == (Phase.ORDERED, OrderState.TO_SEND)
    assert scene.desk.state.docks["cov-1"].active_flight_id == flight.id
    assert {record.stream for record in scene.log.records[-2:]} == {"dock/cov-2"}


async def test_a_missing_flight_can_be_called_home_and_its_agent_brings_it_back(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    await scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
    await scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE)
    await scene.desk.dock_silent(flight.dock_id, 7.0)
    await scene.clock.advance(7200)
    await scene.desk.look_after_flights()
    assert scene.desk.state.flights[flight.id].phase is Phase.MISSING
    command = await scene.desk.command_flight("controller-1", flight.id, SafetyAction.RETURN, "come home", None)
    assert command.outcome is Outcome.PENDING
    await scene.status(flight.dock_id, state=DockState.FLYING, flight_id=flight.id, phase=Phase.ON_SCENE)
    await scene.clock.advance(2)
    await scene.status(flight.dock_id, state=DockState.FLYING, flight_id=flight.id, phase=Phase.ON_SCENE)
    await scene.desk.look_after_flights()
    found = scene.desk.state.flights[flight.id]
    assert found.phase is Phase.ON_SCENE
    assert scene.desk.state.docks[flight.dock_id].active_flight_id == flight.id
    with pytest.raises(errors.Conflict):
        await scene.desk.sign_off("pilot-1")


async def test_what_a_dock_denies_counts_only_when_all_that_it_said_is_in_the_journal(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    await scene.wait(61)
    await scene.desk.expire_order(flight.id, flight.order.order_id)
    await scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id), counter=1)
    await scene.clock.advance(60)
    await scene.status(flight.dock_id, events_said=9)
    await scene.desk.look_after_flights()
    assert not scene.desk.state.flights[flight.id].ended
    for counter, phase in enumerate((Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE), start=2):
        await scene.says(flight.dock_id, PhaseEntered(flight_id=flight.id, phase=phase), counter=counter)
    await scene.status(flight.dock_id, events_said=4)
    await scene.desk.look_after_flights()
    assert not scene.desk.state.flights[flight.id].ended
    await scene.clock.advance(60)
    await scene.status(flight.dock_id, events_said=4)
    await scene.desk.look_after_flights()
    assert scene.desk.state.flights[flight.id].phase is Phase.MISSING


async def test_a_flight_that_its_pilot_never_accepts_is_given_up() -> None:
    scene = await Scene.open(pilots=0)
    await scene.desk.sign_on("pilot-9", "ask", 1)
    flight = await scene.press(await scene.incident())
    await scene.clock.advance(299)
    await scene.desk.look_after_flights()
    assert not scene.desk.state.flights[flight.id].ended
    await scene.clock.advance(2)
    await scene.desk.look_after_flights()
    assert scene.desk.state.flights[flight.id].phase is Phase.CANCELLED


async def test_a_flight_cannot_be_accepted_for_an_incident_that_was_closed_or_moved_meanwhile() -> None:
    scene = await Scene.open(pilots=0)
    await scene.desk.sign_on("pilot-9", "ask", 2)
    incident = await scene.incident()
    flight = await scene.press(incident)
    place = IncidentPlace(lat_deg=52.42, lon_deg=-1.51)
    await scene.desk.amend_incident("controller-1", incident.id, IncidentAmendment(place=place))
    with pytest.raises(errors.StaleScreen):
        await scene.desk.accept_flight("pilot-9", flight.id)
    await scene.desk.close_incident("controller-1", incident.id, "over")
    with pytest.raises(errors.IncidentNotOpen):
        await scene.desk.accept_flight("pilot-9", flight.id)


async def test_duty_ends_by_itself_and_takes_no_new_flight_after_it() -> None:
    scene = await Scene.open(pilots=0)
    await scene.desk.sign_on("pilot-9", "beforehand", 1, lasts=timedelta(hours=8))
    flight = await scene.press(await scene.incident())
    await scene.clock.advance(8 * 3600 + 1)
    await scene.all_report()
    with pytest.raises(errors.NoEligibleDock):
        await scene.press(await scene.incident(52.43, -1.49), key="late")
    await scene.desk.look_after_flights()
    assert "pilot-9" in scene.desk.state.pilots
    await scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
    await scene.desk.look_after_flights()
    assert "pilot-9" not in scene.desk.state.pilots


async def test_a_command_asked_for_again_with_its_key_is_answered_with_what_became_of_it(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    first = await scene.desk.command_flight("pilot-1", flight.id, SafetyAction.RETURN, "enough", "key-1")
    await scene.says(
        flight.dock_id, CommandSettled(order_id=first.order_id, flight_id=flight.id, outcome=Outcome.CONFIRMED)
    )
    again = await scene.desk.command_flight("pilot-1", flight.id, SafetyAction.RETURN, "enough", "key-1")
    assert (again.order_id, again.outcome) == (first.order_id, Outcome.CONFIRMED)
    assert scene.log.types().count("CommandGiven") == 1


async def test_a_flight_called_back_before_its_order_arrived_ends_as_cancelled(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    await scene.desk.command_flight("controller-1", flight.id, SafetyAction.CANCEL, "false alarm", None)
    await scene.says(
        flight.dock_id, OrderRefused(order_id=flight.order.order_id, flight_id=flight.id, reasons=["cancelled before"])
    )
    assert scene.desk.state.flights[flight.id].phase is Phase.CANCELLED


async def test_proposals_are_void_when_overtaken_or_when_the_flight_has_ended(scene: Scene) -> None:
    incident = await scene.incident()
    flight = await scene.press(incident)
    for lat_deg in (52.42, 52.43):
        place = IncidentPlace(lat_deg=lat_deg, lon_deg=-1.51)
        await scene.desk.amend_incident("controller-1", incident.id, IncidentAmendment(place=place))
    statuses = [proposal.status for proposal in scene.desk.state.incidents[incident.id].proposals]
    assert statuses == [ProposalStatus.VOID, ProposalStatus.OPEN]
    await scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
    statuses = [proposal.status for proposal in scene.desk.state.incidents[incident.id].proposals]
    assert statuses == [ProposalStatus.VOID, ProposalStatus.VOID]


async def test_each_event_names_the_one_that_it_follows_from(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    command = await scene.desk.command_flight("pilot-1", flight.id, SafetyAction.RETURN, "enough", None)
    await scene.says(
        flight.dock_id, CommandSettled(order_id=command.order_id, flight_id=flight.id, outcome=Outcome.CONFIRMED)
    )
    by_type = {record.type: record for record in scene.log.records}
    assert by_type["FlightOrdered"].causation_id == by_type["OptionsDecided"].id
    assert by_type["AgentReported"].causation_id == by_type["CommandGiven"].id


async def test_order_sequences_go_on_above_those_of_a_journal_that_is_no_longer_there(scene: Scene) -> None:
    flight = await scene.press(await scene.incident())
    other = await Scene.open()
    await other.clock.advance(60)
    await other.all_report()
    later = await other.press(await other.incident())
    assert later.order_sequence > flight.order_sequence


async def test_a_waiting_turn_that_is_given_up_twice_over_leaves_the_turnstile_whole() -> None:
    turnstile = Turnstile()
    release = asyncio.Event()

    async def hold() -> None:
        async with turnstile.passing():
            await release.wait()

    async def wait_for_it() -> None:
        async with turnstile.passing():
            pass

    holder = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(wait_for_it())
    await asyncio.sleep(0)
    waiting.cancel()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await holder
    await asyncio.wait_for(wait_for_it(), 1)


def test_every_type_of_event_has_a_stream() -> None:
    known = {kind for kinds in streams._KINDS.values() for kind in kinds}
    special = {events.DispatcherStarted, events.PolicyLoaded, events.StrangerSeen}
    special |= {events.DockRegistered, events.AgentReported, *streams._OF_PERSON}
    of_flight_or_dock = {*streams._OF_ALARM}
    assert known | special | of_flight_or_dock == set(events.EVENT_TYPES.values())


async def test_a_restarted_agent_whose_clock_went_back_is_believed(scene: Scene) -> None:
    await scene.clock.advance(30)
    earlier = scene.clock.mission_now() - timedelta(hours=1)
    await scene.status("cov-1", boot_id=UUID(int=0xB008), mission_time=earlier, state=DockState.FAULT)
    report = scene.desk.state.docks["cov-1"].report
    assert report is not None
    assert report.state is DockState.FAULT
    await scene.status("cov-1", boot_id=UUID(int=0xB008), mission_time=earlier - timedelta(seconds=9))
    assert scene.desk.counters.old_statuses == 1


async def test_the_mark_of_a_flight_is_its_own_while_it_is_out_and_free_for_the_next_afterwards(scene: Scene) -> None:
    one, other = [await scene.press(await scene.incident(reference=f"CAD-M{n}"), key=f"press-{n}") for n in (1, 2)]
    assert (one.mark, other.mark) == (0, 1)
    await scene.fly(one, Phase.PREPARING, Phase.LAUNCHING, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
    assert scene.desk.state.flights[other.id].mark == 1, "whoever else comes home"
    await scene.all_report()
    third = await scene.press(await scene.incident(reference="CAD-M3"), key="press-3")
    assert third.mark == 0
