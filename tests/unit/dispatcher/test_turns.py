"""Flights that are turned from one incident to another, at the desk: asked, answered, counted down, done, undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.orders import SafetyAction
from contracts.reports import CommandSettled, PhaseEntered, PlanChanged, Telemetry
from contracts.tasks import Retask
from contracts.vocabulary import AlarmKind, DockState, Outcome, Phase
from contracts.warnings import WarningCode, WarningOverride
from dispatcher import events as ev
from dispatcher import turning
from dispatcher.entities import Flight, Incident, Proposal, ProposalStatus
from dispatcher.errors import AlreadyAnswered, Conflict, Forbidden
from dispatcher.incidents import active_flight_of
from dispatcher.policy.file import policy_loaded
from dispatcher.record import SYSTEM
from dispatcher.requests import IncidentAmendment
from dispatcher.security.roles import Role
from dispatcher.state import State, apply
from dispatcher.volumes import Air, volume_of
from tests.desks import BOOT, Scene
from tests.policies import document

GRADES = [
    {"name": "Immediate", "aliases": ["1"], "weight": 8},
    {"name": "Priority", "aliases": ["2"], "weight": 2},
    {"name": "Scheduled", "aliases": ["4"], "weight": 1},
]
POLICY: dict[str, Any] = {"grades": GRADES}
NEVER = {"name": "Immediate", "aliases": ["1"], "weight": 8, "launch": "never", "override": ["supervisor"]}
THERE = (52.4095, -1.5105)
NEAR = {"lat_deg": 52.4105, "lon_deg": -1.5085}


class Room:
    """A desk with one drone out for a lesser call, near which a graver one may come."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.desk = scene, scene.desk
        self.lesser_id = self.flight_id = self.graver_id = UUID(int=0)

    @classmethod
    async def open(cls, *, grade: str = "4", phase: Phase = Phase.EN_ROUTE, **policy: Any) -> Room:
        """K1 is out for a call; nobody else can go."""
        room = cls(await Scene.open(pilots=2))
        await room.desk.record([policy_loaded(document(**(POLICY | policy)), source="policy.yaml", lines={})])
        lesser = await room.scene.incident(grade=grade)
        flight = await room.scene.press(lesser)
        room.lesser_id, room.flight_id = lesser.id, flight.id
        upto = [Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING]
        await room.scene.fly(flight, *upto[: upto.index(phase) + 1])
        await room.look()
        return room

    async def graver(self, grade: str = "1", **changes: Any) -> Incident:
        """A call near the drone."""
        incident = await self.scene.incident(grade=grade, **(NEAR | changes))
        self.graver_id = incident.id
        await self.wait(3)
        return self.desk.state.incidents[incident.id]

    async def look(self, *, others: DockState = DockState.FAULT, **changes: Any) -> None:
        """The aircraft and the docks say how they are, and the desk looks."""
        flight = self.flight
        if not flight.ended:
            self.scene.slots.put(flight.dock_id, self.telemetry(**changes))
        for dock_id, view in self.desk.state.docks.items():
            if view.active_flight_id is None:
                await self.scene.status(dock_id, state=others)
        await self.desk.look_after_turns()

    async def wait(self, seconds: int, **changes: Any) -> None:
        """Mission time passes, a second at a time."""
        for _ in range(seconds):
            await self.scene.clock.advance(1)
            await self.look(**changes)

    def telemetry(self, **changes: Any) -> Telemetry:
        """Where the drone is."""
        clock = self.scene.clock
        values: dict[str, Any] = {
            "boot_id": BOOT,
            "counter": 1,
            "deployment": "simulation",
            "aircraft_id": "k1",
            "flight_id": self.flight_id,
            "mission_time": clock.mission_now(),
            "lat_deg": THERE[0],
            "lon_deg": THERE[1],
            "alt_amsl_m": 150.0,
            "alt_above_home_m": 60.0,
            "heading_deg": 0.0,
            "ground_speed_m_s": 10.0,
            "climb_m_s": 0.0,
            "battery_percent": 80.0,
            "armed": True,
            "in_air": True,
            "flight_mode": "MISSION",
            "position_age_s": 0.1,
            "link_age_s": 0.1,
        }
        return Telemetry(**(values | changes))

    @property
    def flight(self) -> Flight:
        return self.desk.state.flights[self.flight_id]

    @property
    def proposals(self) -> list[Proposal]:
        """The turns that were proposed, the first first."""
        made = [each for incident in self.desk.state.incidents.values() for each in incident.proposals]
        return sorted((each for each in made if each.kind == "turn"), key=lambda each: each.proposed_at)

    @property
    def proposal(self) -> Proposal:
        return self.proposals[-1]

    def status(self) -> ProposalStatus:
        """Of the last turn that was proposed."""
        return self.proposal.status

    @property
    def retasks(self) -> list[Retask]:
        return [each.task for each in self.flight.commands if isinstance(each.task, Retask)]

    def incident(self, incident_id: UUID) -> Incident:
        return self.desk.state.incidents[incident_id]

    def events(self, kind: type[ev.Event]) -> list[Any]:
        return [each.event for each in self.scene.log.records if isinstance(each.event, kind)]

    async def watched(self) -> None:
        """An officer holds a link to the lesser call."""
        _, token = await self.desk.give_link(
            "controller-1",
            self.lesser_id,
            given_to="PC 4711",
            reason=ev.ViewReason.ATTENDING,
            lasts=timedelta(hours=1),
        )
        await self.desk.open_link(token, "a tablet")

    async def ticket(self, incident_id: UUID) -> UUID:
        """Somebody with a link to an incident watches the flight's video."""
        link, _ = await self.desk.give_link(
            "controller-1", incident_id, given_to="PC 9", reason=ev.ViewReason.ATTENDING, lasts=timedelta(hours=1)
        )
        given = await self.desk.give_video_ticket(
            "watch",
            self.flight_id,
            ev.ViewReason.ATTENDING,
            live_only=True,
            person_until=self.scene.clock.wall_now() + timedelta(hours=1),
            link_id=link.id,
        )
        return given.ticket_id

    async def done(self, who: str, action: SafetyAction, *phases: Phase) -> None:
        """A person gives a command, and the agent has done it before the desk looks again."""
        command = await self.desk.command_flight(who, self.flight_id, action, "because of that", None)
        for phase in phases:
            await self.scene.says("cov-1", PhaseEntered(flight_id=self.flight_id, phase=phase))
        settled = CommandSettled(
            flight_id=self.flight_id, order_id=command.order_id, outcome=Outcome.CONFIRMED, detail="as told"
        )
        await self.scene.says("cov-1", settled)

    async def settled(self, outcome: Outcome) -> None:
        """The agent says what became of the new way."""
        command = next(each for each in reversed(self.flight.commands) if each.action == "retask")
        if outcome is Outcome.CONFIRMED:
            await self.on_board(command.order_id)
        fact = CommandSettled(flight_id=self.flight_id, order_id=command.order_id, outcome=outcome, detail="as told")
        await self.scene.says("cov-1", fact)

    async def on_board(self, order_id: UUID) -> None:
        """The agent has the new way on board."""
        task = self.retasks[-1]
        await self.scene.clock.advance(1)
        await self.scene.says(
            "cov-1",
            PlanChanged(
                flight_id=self.flight_id,
                order_id=order_id,
                scene=task.scene,
                route_out=task.route_out,
                route_home=task.route_home,
                fence=task.fence,
                watch_s=task.watch_s,
                home=self.flight.order.home,
                home_dock_id="",
            ),
        )

    def replayed(self) -> State:
        """The journal's fold."""
        state = State()
        for recorded in self.scene.log.records:
            state = apply(state, recorded)
        return state


async def test_a_graver_call_asks_the_pilot_of_the_drone_on_a_lesser_one_and_nothing_moves() -> None:
    room = await Room.open()
    graver = await room.graver()
    proposal = room.proposal
    assert (proposal.incident_id, proposal.flight_id, proposal.status) == (graver.id, room.flight_id, "open")
    turn = proposal.turn
    assert turn is not None
    assert (turn.from_incident_id, turn.callsign, turn.homeward) == (room.lesser_id, "K1", False)
    assert turn.gain_s > 60.0
    assert turn.answer_by - proposal.proposed_at == timedelta(seconds=60)
    assert "pilot-1 must accept" in proposal.because
    assert room.flight.incident_id == room.lesser_id
    assert room.retasks == []
    await room.wait(30)
    assert room.retasks == []
    assert len(room.proposals) == 1
    assert room.replayed() == room.desk.state


async def test_accepted_with_nobody_watching_it_goes_at_once_and_the_lesser_call_waits_again_with_its_options() -> None:
    room = await Room.open()
    graver = await room.graver()
    before = len(room.incident(room.lesser_id).decision_ids)
    answered = await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    assert answered.status is ProposalStatus.ACCEPTED
    (task,) = room.retasks
    assert task.incident_id == graver.id
    assert room.flight.incident_id == graver.id
    assert active_flight_of(room.desk.state, room.incident(graver.id)) == room.flight
    left = room.incident(room.lesser_id)
    assert (left.status, left.flight_id, active_flight_of(room.desk.state, left)) == ("open", None, None)
    assert left.id in room.desk.state.unattended
    assert graver.id not in room.desk.state.unattended
    assert len(left.decision_ids) == before + 1
    (turned,) = room.flight.turns
    assert (turned.accepted_by, turned.from_incident_id, turned.to_incident_id) == ("pilot-1", left.id, graver.id)
    (record,) = [each for each in room.scene.log.records if isinstance(each.event, ev.FlightTurned)]
    assert record.actor == "pilot-1"
    assert room.replayed() == room.desk.state


@pytest.mark.parametrize("who", ["controller-1", "pilot-2"])
async def test_nobody_but_the_pilot_in_command_turns_it_though_that_pilot_accepts_beforehand(who: str) -> None:
    room = await Room.open()
    await room.graver()
    with pytest.raises(Forbidden, match="pilot-1 is in command of K1"):
        await room.desk.answer_proposal(who, room.proposal.id, accepted=True)
    assert room.status() is ProposalStatus.OPEN
    assert room.retasks == []


async def test_declined_it_is_not_asked_again_while_it_is_the_same_question() -> None:
    room = await Room.open()
    graver = await room.graver(grade="2")
    declined = await room.desk.answer_proposal("controller-1", room.proposal.id, accepted=False)
    assert declined.status is ProposalStatus.DISMISSED
    await room.wait(40)
    assert len(room.proposals) == 1
    await room.desk.amend_incident("controller-1", graver.id, IncidentAmendment(grade="1"))
    await room.wait(15)
    assert len(room.proposals) == 2, "a graver call is another question"
    assert room.status() is ProposalStatus.OPEN


async def test_what_nobody_answers_ends_by_itself_and_is_not_asked_again() -> None:
    room = await Room.open()
    await room.graver()
    await room.wait(55)
    assert room.status() is ProposalStatus.OPEN
    await room.wait(30)
    assert [each.status for each in room.proposals] == [ProposalStatus.WITHDRAWN]
    assert room.events(ev.TurnWithdrawn)[-1].expired


async def test_a_call_as_grave_takes_nothing_away() -> None:
    room = await Room.open(grade="1")
    await room.graver(grade="1")
    await room.wait(30)
    assert room.proposals == []


async def test_below_the_threshold_nothing_is_asked() -> None:
    room = await Room.open(diversion={"gain_s": 3600})
    incident = await room.scene.incident(grade="1", **NEAR)
    await room.wait(30, others=DockState.READY)
    assert active_flight_of(room.desk.state, room.incident(incident.id)) is None
    assert room.proposals == []


async def test_a_policy_that_wants_no_proposals_gets_none() -> None:
    room = await Room.open(diversion={"proposed": False})
    await room.graver()
    await room.wait(20)
    assert room.proposals == []


async def test_when_the_graver_call_gets_another_drone_or_ends_it_is_asked_no_more() -> None:
    room = await Room.open()
    graver = await room.graver()
    await room.desk.close_incident("controller-1", graver.id, "false alarm")
    await room.wait(1)
    assert room.status() is ProposalStatus.VOID
    assert room.events(ev.TurnWithdrawn)[-1].because == "the incident is closed"
    second = await room.graver()
    assert room.proposal.incident_id == second.id
    await room.scene.status("cov-2")
    await room.scene.press(second, dock_id="cov-2", key="press-2")
    with pytest.raises(Conflict, match="K2 is on its way there"):
        await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    assert room.status() is ProposalStatus.VOID
    assert room.retasks == []


async def test_what_would_gain_nothing_any_more_is_withdrawn_and_no_proposal_flickers() -> None:
    room = await Room.open()
    await room.graver()
    assert room.status() is ProposalStatus.OPEN
    # K1 has flown on, far from the graver call; the dock beside it is ready again.
    far = {"lat_deg": 52.3950, "lon_deg": -1.5400}
    await room.wait(15, others=DockState.READY, **far)
    assert room.status() is ProposalStatus.VOID
    assert "now" in room.events(ev.TurnWithdrawn)[-1].because
    await room.wait(30, others=DockState.READY, **far)
    assert len(room.proposals) == 1


@pytest.mark.parametrize("kind", [AlarmKind.ENERGY, AlarmKind.WEATHER])
async def test_a_drone_with_an_alarm_is_not_asked_for(kind: AlarmKind) -> None:
    room = await Room.open()
    await room.desk.record([ev.AlarmRaised(flight_id=room.flight_id, dock_id="cov-1", alarm=kind, text="something")])
    await room.graver()
    await room.wait(15)
    assert room.proposals == []


async def test_with_somebody_watching_there_is_a_countdown_first_and_it_goes_at_its_end() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.watched()
    graver = await room.graver()
    assert room.proposal.turn is not None
    assert room.proposal.turn.told == ("PC 4711",)
    counting = await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    assert counting.status is ProposalStatus.COUNTDOWN
    assert counting.turn is not None
    assert counting.turn.turns_at == room.scene.clock.mission_now() + timedelta(seconds=20)
    leaving = room.flight.leaving
    assert leaving is not None
    assert leaving.at == counting.turn.turns_at
    await room.wait(19)
    assert (room.retasks, room.flight.incident_id) == ([], room.lesser_id)
    await room.wait(2)
    assert room.flight.incident_id == graver.id
    assert len(room.retasks) == 1
    assert room.flight.leaving is None
    assert room.status() is ProposalStatus.ACCEPTED
    (record,) = [each for each in room.scene.log.records if isinstance(each.event, ev.FlightTurned)]
    (turned,) = room.events(ev.FlightTurned)
    assert (record.actor, turned.accepted_by) == (SYSTEM, "pilot-1")
    assert room.replayed() == room.desk.state


@pytest.mark.parametrize("who", ["pilot-1", "controller-1"])
async def test_a_countdown_that_is_cancelled_leaves_it_where_it_is_for_good(who: str) -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.watched()
    await room.graver()
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    await room.wait(10)
    cancelled = await room.desk.cancel_turn(who, room.proposal.id, "they are at the door")
    assert cancelled.status is ProposalStatus.CANCELLED
    assert room.flight.leaving is None
    await room.wait(40)
    assert (room.retasks, room.flight.incident_id) == ([], room.lesser_id)
    assert len(room.proposals) == 1
    again = await room.desk.cancel_turn(who, room.proposal.id, "the same press, sent again")
    assert (again, len(room.events(ev.TurnCancelled))) == (cancelled, 1)
    with pytest.raises(AlreadyAnswered, match=f"{who} has stopped it at 00:00:.. UTC") as late:
        await room.desk.cancel_turn("controller-2", room.proposal.id, "me too")
    assert (late.value.extra["by"], late.value.extra["answer"]) == (who, "cancel")


async def test_a_countdown_ends_when_the_graver_call_does_or_another_pilot_has_command() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.watched()
    graver = await room.graver()
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    await room.desk.close_incident("controller-1", graver.id, "over")
    await room.wait(25)
    assert (room.proposal.status, room.retasks, room.flight.leaving) == (ProposalStatus.VOID, [], None)
    await room.graver(lat_deg=52.4106)
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    await room.desk.offer_flight("pilot-1", room.flight_id, "pilot-2", "end of shift")
    await room.desk.take_flight("pilot-2", room.flight_id, ev.ReadBack(callsign="K1", phase="on_scene"))
    await room.wait(25)
    assert room.retasks == []
    assert "has not been asked" in room.events(ev.TurnWithdrawn)[-1].because
    assert room.status() is ProposalStatus.OPEN, "who is in command now is asked themselves"


async def test_a_call_home_in_mid_countdown_is_stronger() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.watched()
    await room.graver()
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    await room.desk.command_flight("controller-1", room.flight_id, SafetyAction.RETURN, "wind", None)
    await room.wait(25)
    assert room.retasks == []
    assert room.status() is ProposalStatus.VOID


@pytest.mark.parametrize("who", ["pilot-1", "controller-1"])
async def test_a_hold_in_mid_countdown_stops_it_though_it_was_done_long_before_the_end(who: str) -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.watched()
    await room.graver()
    counted = await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    await room.wait(3)
    await room.done(who, SafetyAction.HOLD)
    await room.wait(25)
    assert (room.retasks, room.flight.incident_id) == ([], room.lesser_id)
    assert room.desk.state.incidents[counted.incident_id].proposals[0].status is ProposalStatus.VOID
    assert room.events(ev.TurnWithdrawn)[0].because == f"{who} has given K1 something else to do meanwhile (hold)"
    assert room.replayed() == room.desk.state


async def test_a_hold_by_somebody_else_ends_the_question_and_one_by_its_pilot_does_not_answer_it() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.graver()
    asked = room.proposal.id
    await room.done("pilot-1", SafetyAction.HOLD)
    await room.wait(2)
    assert (room.proposal.id, room.status()) == (asked, ProposalStatus.OPEN)
    await room.desk.command_flight("controller-1", room.flight_id, SafetyAction.HOLD, "children below", None)
    with pytest.raises(Conflict, match="controller-1 has given K1 something else to do"):
        await room.desk.answer_proposal("pilot-1", asked, accepted=True)
    assert room.retasks == []


async def test_a_return_that_was_done_between_two_looks_is_stronger_and_it_is_not_asked_for_again() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.watched()
    await room.graver()
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    await room.wait(3)
    await room.done("controller-1", SafetyAction.RETURN, Phase.RETURNING)
    await room.wait(40)
    assert (room.retasks, [each.status for each in room.proposals]) == ([], [ProposalStatus.VOID])


async def test_a_drone_that_a_person_called_home_is_proposed_to_nobody() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.done("controller-1", SafetyAction.RETURN, Phase.RETURNING)
    graver = await room.graver()
    await room.wait(15)
    assert room.proposals == []
    (turn,) = room.desk.turns_to(graver.id)
    assert (turn.eligible, turn.reasons) == (False, ("controller-1 has called it home (return)",))
    await room.done("pilot-1", SafetyAction.HOLD)
    (turn,) = room.desk.turns_to(graver.id)
    assert (turn.eligible, turn.reasons) == (True, ())


async def test_no_drone_is_turned_to_a_call_for_which_the_policy_lets_none_fly_until_that_is_overridden() -> None:
    room = await Room.open(grades=[NEVER, *GRADES[1:]])
    graver = await room.graver()
    await room.wait(15)
    assert room.proposals == []
    (turn,) = room.desk.turns_to(graver.id)
    assert not turn.eligible
    assert "Immediate" in turn.reasons[0]
    await room.desk.override_policy("supervisor-1", graver.id, [Role.SUPERVISOR], "a life is at stake")
    await room.wait(15)
    assert room.status() is ProposalStatus.OPEN
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    assert room.flight.incident_id == graver.id


async def test_a_policy_that_lets_none_fly_from_now_on_takes_the_question_back() -> None:
    room = await Room.open()
    await room.graver()
    stricter = document(**(POLICY | {"grades": [NEVER, *GRADES[1:]]}))
    await room.desk.record([policy_loaded(stricter, source="policy.yaml", lines={})])
    with pytest.raises(Conflict, match="the policy forbids a flight there"):
        await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    assert (room.status(), room.retasks) == (ProposalStatus.VOID, [])


async def test_a_countdown_whose_end_nobody_could_look_after_turns_nothing() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.watched()
    await room.graver()
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    await room.scene.clock.advance(20 + 11)
    await room.look()
    assert ([each.status for each in room.proposals], room.retasks) == ([ProposalStatus.VOID, ProposalStatus.OPEN], [])
    assert "could not look after it" in room.events(ev.TurnWithdrawn)[-1].because


async def test_a_countdown_that_is_looked_after_a_little_late_still_turns() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.watched()
    await room.graver()
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    await room.scene.clock.advance(20 + 9)
    await room.look()
    assert len(room.retasks) == 1


@pytest.mark.parametrize(("code", "asked"), [(WarningCode.GUST_OVER_LIMIT, False), (WarningCode.CHARGE_TOO_LOW, True)])
async def test_weather_that_was_set_aside_for_one_launch_lets_it_fly_to_no_other_call(
    code: WarningCode, asked: bool
) -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    at = room.scene.clock.mission_now()
    aside = WarningOverride(warning=code, text="as shown", value=17.0, limit=16.0, note="for this", by="pilot-1", at=at)
    flight = replace(room.flight, order=room.flight.order.model_copy(update={"overrides": [aside]}))
    reasons = turning.unfit(flight)
    assert reasons == ([] if asked else ["it flies with a warning set aside, for that launch alone: as shown"])


async def test_a_restart_in_mid_countdown_moves_nothing_and_asks_anew() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.watched()
    await room.graver()
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    started = ev.DispatcherStarted(
        boot_id=UUID(int=9), deployment=room.desk.deployment, force="test", force_name="Test Police"
    )
    await room.desk.record([started])
    assert (room.proposal.status, room.flight.leaving) == (ProposalStatus.VOID, None)
    assert len(room.desk.state.open_turns) == 0
    await room.wait(25)
    assert room.retasks == []
    assert [each.status for each in room.proposals] == [ProposalStatus.VOID, ProposalStatus.OPEN]
    assert room.replayed() == room.desk.state


async def test_turned_on_scene_its_phases_begin_anew_and_the_watch_counts_from_the_new_scene() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    graver = await room.graver(watch_s=600.0)
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    assert room.incident(graver.id).watched_from is None
    await room.settled(Outcome.CONFIRMED)
    await room.scene.fly(room.flight, Phase.EN_ROUTE)
    assert room.flight.phase is Phase.EN_ROUTE
    assert room.incident(graver.id).watched_from is None
    await room.scene.fly(room.flight, Phase.ON_SCENE)
    assert [entry.phase for entry in room.flight.leg_phases] == [Phase.EN_ROUTE, Phase.ON_SCENE]
    assert room.incident(graver.id).watched_from == room.flight.phases[-1].mission_time
    assert graver.id in room.desk.state.relays
    assert room.lesser_id not in room.desk.state.relays
    await room.scene.fly(room.flight, Phase.EN_ROUTE)
    assert room.replayed() == room.desk.state


async def test_without_a_turn_phases_never_go_back() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.scene.says("cov-1", PhaseEntered(flight_id=room.flight_id, phase=Phase.EN_ROUTE))
    assert room.flight.phase is Phase.ON_SCENE


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.UNKNOWN])
async def test_a_way_that_the_agent_does_not_fly_gives_the_flight_back_and_the_graver_call_waits_again(
    outcome: Outcome,
) -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    graver = await room.graver()
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    await room.settled(outcome)
    await room.wait(1)
    assert room.flight.incident_id == room.lesser_id
    assert active_flight_of(room.desk.state, room.incident(room.lesser_id)) == room.flight
    assert graver.id in room.desk.state.unattended
    assert room.incident(graver.id).flight_id is None
    told = room.events(ev.PilotTold)[-1]
    assert "did not take the new way" in told.text
    assert room.replayed() == room.desk.state


async def test_a_way_that_was_on_board_after_all_counts() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    graver = await room.graver()
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    order_id = room.flight.turns[-1].order_id
    await room.settled(Outcome.UNKNOWN)
    await room.wait(1)
    assert room.flight.incident_id == room.lesser_id
    await room.on_board(order_id)
    await room.wait(1)
    assert room.flight.incident_id == graver.id
    assert room.lesser_id in room.desk.state.unattended


async def test_a_drone_on_its_way_home_is_proposed_with_the_charge_that_it_has_and_nobody_loses_it() -> None:
    room = await Room.open(grade="1", phase=Phase.RETURNING)
    await room.desk.close_incident("controller-1", room.lesser_id, "over")
    graver = await room.graver(grade="4")
    (turn,) = room.desk.turns_to(graver.id)
    assert (turn.eligible, turn.homeward, turn.reasons) == (True, True, ())
    full = turn.battery_on_return_percent
    proposal = room.proposal
    assert proposal.turn is not None
    assert proposal.turn.homeward
    assert "it is on its way home" in proposal.because
    room.scene.slots.put("cov-1", room.telemetry(battery_percent=60.0))
    (turn,) = room.desk.turns_to(graver.id)
    assert full is not None
    assert turn.battery_on_return_percent is not None
    assert turn.battery_on_return_percent < full
    await room.look()
    await room.desk.answer_proposal("pilot-1", proposal.id, accepted=True)
    assert room.flight.incident_id == graver.id
    await room.settled(Outcome.CONFIRMED)
    await room.scene.fly(room.flight, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING)
    assert room.flight.phase is Phase.RETURNING
    assert room.incident(graver.id).flight_id == room.flight_id


async def test_a_drone_on_its_way_home_without_the_charge_is_listed_with_the_reason() -> None:
    room = await Room.open(phase=Phase.RETURNING)
    incident = await room.scene.incident(grade="1", **NEAR)
    room.scene.slots.put("cov-1", room.telemetry(battery_percent=21.0))
    (turn,) = room.desk.turns_to(incident.id)
    assert not turn.eligible
    assert "cannot be sent there" in turn.reasons[0]
    await room.wait(15, battery_percent=21.0)
    assert room.proposals == []


async def test_who_watches_by_a_link_to_the_lesser_call_is_cut_off_from_the_picture_of_the_other_scene() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.watched()
    (link_id,) = room.incident(room.lesser_id).link_ids
    ticket = await room.desk.give_video_ticket(
        "watch",
        room.flight_id,
        ev.ViewReason.ATTENDING,
        live_only=True,
        person_until=room.scene.clock.wall_now() + timedelta(hours=1),
        link_id=link_id,
    )
    await room.graver()
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    assert not room.flight.video.tickets[ticket.ticket_id].withdrawn
    await room.wait(21)
    assert room.flight.video.tickets[ticket.ticket_id].withdrawn


@pytest.mark.parametrize("after_all", [False, True])
async def test_who_watches_by_a_link_to_the_other_call_is_cut_off_when_the_flight_does_not_go_there(
    after_all: bool,
) -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.graver()
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    graver = await room.ticket(room.graver_id)
    order_id = room.flight.turns[-1].order_id
    await room.settled(Outcome.UNKNOWN if after_all else Outcome.REFUSED)
    await room.wait(1)
    assert room.flight.incident_id == room.lesser_id
    assert room.flight.video.tickets[graver].withdrawn
    if after_all:
        lesser = await room.ticket(room.lesser_id)
        await room.on_board(order_id)
        await room.wait(1)
        assert room.flight.incident_id == room.graver_id
        assert room.flight.video.tickets[lesser].withdrawn


async def test_an_incident_that_was_watched_and_stands_open_asks_for_nobody_elses_drone() -> None:
    room = await Room.open()
    watched = await room.scene.incident(grade="1", **NEAR)
    await room.scene.status("cov-2")
    flight = await room.scene.press(watched, dock_id="cov-2", key="press-2")
    await room.scene.fly(
        flight,
        Phase.PREPARING,
        Phase.LAUNCHING,
        Phase.EN_ROUTE,
        Phase.ON_SCENE,
        Phase.RETURNING,
        Phase.LANDING,
        Phase.DOCKED,
    )
    await room.wait(30)
    assert [each for each in room.proposals if each.incident_id == watched.id] == []


async def test_turned_on_its_way_home_it_takes_its_new_way_out_from_the_first_moment() -> None:
    room = await Room.open(grade="1", phase=Phase.RETURNING)
    await room.desk.close_incident("controller-1", room.lesser_id, "over")
    await room.graver(grade="4")
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    task = room.retasks[-1]
    wanted = Air(flight=room.flight, plate_amsl_m=90.0, descending=False).replan(task)

    def taken() -> bool:
        """All that the task takes is taken."""
        now = volume_of(room.desk.state, room.flight, descending=False)
        return now is not None and all(each in now.tubes for each in wanted.tubes)

    assert taken(), "sent, and not confirmed"
    await room.on_board(room.flight.turns[-1].order_id)
    assert (room.flight.phase, room.flight.homeward) == (Phase.RETURNING, False)
    assert taken(), "on board, and not yet said to be en route"
    await room.scene.fly(room.flight, Phase.EN_ROUTE)
    assert taken()
    await room.scene.fly(room.flight, Phase.ON_SCENE, Phase.RETURNING)
    assert (room.flight.phase, room.flight.homeward) == (Phase.RETURNING, True)
    assert not taken(), "on its way home that way alone"
