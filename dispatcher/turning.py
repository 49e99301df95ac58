"""Turning a flight from one incident to another: when it may be asked, what ends the question, and what follows.

A drone on a lesser call, or on its way home, is proposed for another call; nothing moves before its pilot in command
has accepted. Where somebody watches it, they are told first, and for so long it can still be stopped. What a person has
declined, stopped or let pass is not proposed again while it is the same question.

Pure: from the state and the moment to events or reasons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.orders import SafetyAction
from contracts.vocabulary import AlarmKind, Condition, Outcome, Phase
from contracts.warnings import WarningCode
from dispatcher import events as ev
from dispatcher import launching
from dispatcher.assigning import Planned
from dispatcher.entities import Command, Flight, Incident, IncidentStatus, Proposal, ProposalStatus, State
from dispatcher.errors import Conflict, Forbidden
from dispatcher.identifiers import NewId
from dispatcher.incidents import active_flight_of
from dispatcher.planrecord import PlanInputs
from dispatcher.policy import PolicyDocument
from dispatcher.policy.document import Grade
from dispatcher.record import SYSTEM
from dispatcher.viewership import withdraw_ticket
from dispatcher.watching import links_of, state_of

TURNABLE = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING})
KEEPS = 0.5
"""A proposal stands while it gains this share of the threshold: one that hovers there is not made again and again."""
_ANSWERED = (ProposalStatus.DISMISSED, ProposalStatus.CANCELLED, ProposalStatus.WITHDRAWN)
_CONDITIONS = {
    Condition.LINK_LOST: "its link is lost",
    Condition.POSITION_UNKNOWN: "it does not know where it is",
    Condition.DIVERTING: "it is on its way to another dock",
}
_NO_OBSTACLE = frozenset({AlarmKind.NO_RELIEF})
_ENDS_IT = frozenset({SafetyAction.RETURN.value, SafetyAction.CANCEL.value, SafetyAction.LAND.value})
_IN_THE_AIR = frozenset(
    {
        WarningCode.WIND_OVER_LIMIT,
        WarningCode.GUST_OVER_LIMIT,
        WarningCode.RAIN_OVER_LIMIT,
        WarningCode.TEMPERATURE_OUT_OF_LIMITS,
    }
)
"""Warnings that also bring a flight home: set aside for one launch, they are for no other incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What a turn that is laid now would come to."""

    time_to_scene_s: float
    watch_s: float
    battery_on_return_percent: float


def policy_of(state: State) -> PolicyDocument:
    """The policy in force."""
    return PolicyDocument.built_in() if state.policy is None else state.policy.document


def grade_of(document: PolicyDocument, incident: Incident) -> tuple[int, Grade]:
    """Its rank and what the policy says of it; a grade that the policy does not know is taken as it says."""
    found = document.grade_called(incident.grade) or document.grade_called(document.unknown_grade)
    return (0, document.grades[0]) if found is None else found


def unfit(flight: Flight) -> list[str]:
    """Why a flight could not be turned anywhere now, in words; empty where it could."""
    if flight.ended or flight.phase not in TURNABLE:
        return [f"it is {flight.phase.value.replace('_', ' ')}"]
    reasons = [text for condition, text in _CONDITIONS.items() if condition in flight.conditions]
    if flight.diverted_to is not None:
        reasons.append(f"it comes home to {flight.diverted_to}")
    alarms = (alarm for alarm in flight.alarms if alarm.active and alarm.kind not in _NO_OBSTACLE)
    reasons += [f"it has an alarm: {alarm.text}" for alarm in alarms]
    for command in flight.commands:
        if command.outcome is Outcome.PENDING and command.action in ("retask", "divert"):
            reasons.append(f"it is being sent elsewhere ({command.action})")
        if command.action == SafetyAction.LAND and command.outcome is not Outcome.REFUSED:
            reasons.append("it has been told to land")
        if command.action in (SafetyAction.RETURN, SafetyAction.CANCEL) and command.outcome is Outcome.PENDING:
            reasons.append("it is being called home")
    last = next((each for each in reversed(flight.commands) if _moved_by_a_person(each)), None)
    if last is not None and last.action in _ENDS_IT and last.outcome is not Outcome.REFUSED:
        reasons.append(f"{last.actor} has called it home ({last.action})")
    reasons += [
        f"it flies with a warning set aside, for that launch alone: {each.text}"
        for each in flight.order.overrides
        if each.warning in _IN_THE_AIR
    ]
    return list(dict.fromkeys(reasons))


def forbidden(state: State, incident: Incident, now: datetime) -> list[str]:
    """The policy's rules for which no drone flies to it, and which nobody who may has overridden; in words."""
    found = launching.stance(state, incident, now)
    return [ruling.text for ruling in launching.forbidding_still(incident, found)]


def watched_by(state: State, flight: Flight, incident: Incident, wall_now: datetime) -> tuple[str, ...]:
    """Who would lose sight: holders of a link to the incident that opens something, and who watches the flight's video
    now, but for its pilot.
    """
    held = {link.given_to for link in links_of(state, incident) if state_of(link, wall_now) in ("given", "bound")}
    tickets = flight.video.tickets
    seen = {tickets[viewer.ticket_id].viewer for viewer in flight.video.viewers if viewer.ticket_id in tickets}
    return tuple(sorted(held | (seen - {flight.pilot})))


def waiting_turns(state: State) -> list[Proposal]:
    """Turns that wait for an answer or count down, the first made first."""
    found = []
    for proposal_id, incident_id in state.open_turns.items():
        incident = state.incidents.get(incident_id)
        found += [each for each in (incident.proposals if incident is not None else ()) if each.id == proposal_id]
    return sorted(found, key=lambda each: (each.proposed_at, each.id.int))


def asks_again(state: State, incident: Incident, flight: Flight, planned: Planned) -> bool:
    """True where this question has not been put, or another answer may be given to it now."""
    document = policy_of(state)
    rank, _ = grade_of(document, incident)
    for proposal in incident.proposals:
        turn = proposal.turn
        if turn is None or proposal.flight_id != flight.id or turn.from_incident_id != flight.incident_id:
            continue
        if proposal.status not in _ANSWERED:
            continue
        graver = rank < turn.rank
        dearer = planned.gain_s is not None and planned.gain_s > turn.gain_s + max(document.diversion.gain_s, 1.0)
        if not (graver or dearer):
            return False
    return True


def propose(
    state: State, planned: Planned, *, inputs: PlanInputs, now: datetime, new_id: NewId
) -> ev.TurnProposed | None:
    """What the plan would turn, as a question to its pilot; None where it may not be asked. ``inputs``: the plan's."""
    document, turn = policy_of(state), planned.turn
    if turn is None or planned.gain_s is None or planned.time_to_scene_s is None or not document.diversion.proposed:
        return None
    incident, flight = state.incidents.get(UUID(planned.incident_id)), state.flights.get(UUID(turn.flight_id))
    if incident is None or flight is None or incident.id not in state.unattended:
        return None
    left = state.incidents.get(flight.incident_id)
    if left is None or str(left.id) != turn.serves or planned.gain_s < document.diversion.gain_s - 1e-6:
        return None
    if _obstacle(state, incident, flight, now, homeward=turn.homeward) is not None:
        return None
    for known in waiting_turns(state):
        if known.flight_id == flight.id or known.incident_id == incident.id:
            return None
    if not asks_again(state, incident, flight, planned):
        return None
    return ev.TurnProposed(
        proposal_id=new_id(),
        incident_id=incident.id,
        incident_revision=incident.revision,
        from_incident_id=left.id,
        flight_id=flight.id,
        callsign=flight.callsign,
        rank=grade_of(document, incident)[0],
        from_rank=grade_of(document, left)[0],
        homeward=turn.homeward,
        gain_s=planned.gain_s,
        time_to_scene_s=planned.time_to_scene_s,
        watch_s=turn.watch_s or 0.0,
        battery_on_return_percent=turn.battery_on_return_percent or 0.0,
        otherwise_dock_id=planned.otherwise_dock_id,
        otherwise_s=planned.otherwise_s,
        others_s=turn.others_s,
        told=list(turn.watched_by),
        countdown_s=document.diversion.countdown_s,
        inputs=inputs.to_json(),
        because=planned.because,
        answer_by=now + timedelta(seconds=document.diversion.answer_s),
    )


def overtaken(state: State, proposal: Proposal, now: datetime) -> str | None:
    """Why what a turn rested on is so no longer; None while it is. What it would gain now is the plan's to say.

    Whoever makes the flight do something meanwhile wants it where they have it: a hold stops a turn as a return does.
    """
    turn, incident = proposal.turn, state.incidents.get(proposal.incident_id)
    flight = None if proposal.flight_id is None else state.flights.get(proposal.flight_id)
    if turn is None or incident is None or flight is None:
        return "its flight or its incident is not known"
    if flight.incident_id != turn.from_incident_id:
        return f"{flight.callsign} is for another incident now"
    homeward = turn.homeward or flight.phase is Phase.RETURNING
    obstacle = _obstacle(state, incident, flight, now, homeward=homeward)
    if obstacle is not None:
        return obstacle
    meanwhile = _moved_meanwhile(flight, proposal.proposed_at, turn.accepted_at)
    if meanwhile is not None:
        return f"{meanwhile.actor} has given {flight.callsign} something else to do meanwhile ({meanwhile.action})"
    if turn.accepted_by is not None and turn.accepted_by != flight.pilot:
        return f"{flight.pilot} is in command of {flight.callsign} now, and has not been asked"
    return None


def look_after(state: State, proposal: Proposal, now: datetime, factor: float = 1.0) -> ev.TurnWithdrawn | None:
    """It has been overtaken, or its time to be answered is over; None: it stands.

    A countdown that ended `launching.LATE` ago (``factor``: mission seconds in a wall second) was not watched to its
    end, and turns nothing.
    """
    because = overtaken(state, proposal, now)
    if because is not None:
        return withdrawn(proposal, because)
    turn = proposal.turn
    if turn is not None and turn.turns_at is not None and now - turn.turns_at > launching.LATE * max(1.0, factor):
        return withdrawn(proposal, "its time ran out while the dispatcher could not look after it")
    if turn is not None and proposal.status is ProposalStatus.OPEN and now >= turn.answer_by:
        return withdrawn(proposal, "its pilot has not answered in time", expired=True)
    return None


def withdrawn(proposal: Proposal, because: str, *, expired: bool = False) -> ev.TurnWithdrawn:
    """It is not asked, or counted down, any more."""
    left_id, flight_id = _turn_of(proposal)
    return ev.TurnWithdrawn(
        proposal_id=proposal.id,
        incident_id=proposal.incident_id,
        from_incident_id=left_id,
        flight_id=flight_id,
        expired=expired,
        because=because[:400],
    )


def check_accept(state: State, proposal: Proposal, actor: str) -> Flight:
    """The flight, where this person may say yes: nobody but its pilot in command, beforehand neither."""
    _, flight_id = _turn_of(proposal)
    flight = state.flights[flight_id]
    if actor != flight.pilot:
        raise Forbidden(
            f"{flight.pilot} is in command of {flight.callsign}: only they can turn it to another incident, and nobody "
            "does so beforehand"
        )
    return flight


def begin_countdown(state: State, proposal: Proposal, told: tuple[str, ...], now: datetime) -> ev.TurnCountdownBegan:
    """Its pilot has accepted, and somebody watches: they are told until then."""
    left_id, flight_id = _turn_of(proposal)
    return ev.TurnCountdownBegan(
        proposal_id=proposal.id,
        incident_id=proposal.incident_id,
        from_incident_id=left_id,
        flight_id=flight_id,
        pilot=state.flights[flight_id].pilot,
        told=list(told),
        turns_at=now + timedelta(seconds=policy_of(state).diversion.countdown_s),
    )


def cancel(proposal: Proposal, because: str) -> ev.TurnCancelled:
    """Stop a countdown; `Conflict` where none is running."""
    if proposal.turn is None or proposal.status is not ProposalStatus.COUNTDOWN:
        raise Conflict(f"no countdown is running: the proposal is {proposal.status}")
    left_id, flight_id = _turn_of(proposal)
    return ev.TurnCancelled(
        proposal_id=proposal.id,
        incident_id=proposal.incident_id,
        from_incident_id=left_id,
        flight_id=flight_id,
        because=because,
    )


def turned(state: State, proposal: Proposal, *, order_id: UUID, promised: Promised, accepted_by: str) -> list[ev.Event]:
    """It is for the other incident now; who watched it by a link to the one that it leaves sees it no longer."""
    left_id, flight_id = _turn_of(proposal)
    flight, incident = state.flights[flight_id], state.incidents[proposal.incident_id]
    return _for_another(
        state,
        ev.FlightTurned(
            incident_id=incident.id,
            incident_revision=incident.revision,
            from_incident_id=left_id,
            flight_id=flight_id,
            proposal_id=proposal.id,
            order_id=order_id,
            accepted_by=accepted_by,
            homeward=flight.phase is Phase.RETURNING,
            time_to_scene_s=promised.time_to_scene_s,
            watch_s=promised.watch_s,
            battery_on_return_percent=promised.battery_on_return_percent,
            because=f"{flight.callsign} has gone to a call of grade {incident.grade}",
        ),
    )


def _for_another(state: State, turned: ev.FlightTurned) -> list[ev.Event]:
    """The flight is for another incident, whether it was turned, did not go or went after all: with what always
    follows. A link opens one incident, so tickets that came through one to any other show its video no more.
    """
    events: list[ev.Event] = [turned]
    for ticket in state.flights[turned.flight_id].video.tickets.values():
        link = None if ticket.link_id is None else state.links.get(ticket.link_id)
        if link is not None and link.incident_id != turned.incident_id:
            events += withdraw_ticket(state, turned.flight_id, ticket.id, "the flight is for another incident now")
    return events


def mend(state: State) -> Iterator[list[ev.Event]]:
    """Flights that are counted for an incident that their agent does not fly to, or the other way round.

    A way that the agent has refused, or of which nothing is known after it expired, is not flown: the call that was to
    have the drone must not wait for it. Should it turn out to be on board after all, it is.
    """
    for flight in state.active_flights():
        if not flight.turns:
            continue
        last = flight.turns[-1]
        command = flight.command(last.order_id)
        flies = last.flown_from is not None or (flight.plan is not None and flight.plan.order_id == last.order_id)
        if not last.undone and not flies and command is not None and command.outcome in _NOT_DONE:
            yield _undone(state, flight, command.detail or command.outcome.value)
        elif last.undone and flies:
            yield _redone(state, flight)


_NOT_DONE = (Outcome.REFUSED, Outcome.UNKNOWN)


def _undone(state: State, flight: Flight, why: str) -> list[ev.Event]:
    last = flight.turns[-1]
    back = state.incidents.get(last.from_incident_id)
    while back is not None and back.merged_into is not None:
        back = state.incidents.get(back.merged_into)
    if back is None:
        return []
    because = f"{flight.callsign} did not take the new way: {why}"[:400]
    undone = _for_another(
        state,
        ev.FlightTurned(
            incident_id=back.id,
            incident_revision=back.revision,
            from_incident_id=flight.incident_id,
            flight_id=flight.id,
            proposal_id=last.proposal_id,
            order_id=last.order_id,
            accepted_by=flight.ordered_by,
            homeward=last.homeward,
            time_to_scene_s=0.0,
            watch_s=0.0,
            battery_on_return_percent=0.0,
            undone=True,
            because=because,
        ),
    )
    told = ev.PilotTold(pilot=flight.pilot, flight_id=flight.id, by=SYSTEM, order_id=last.order_id, text=because)
    return [*undone, told]


def _redone(state: State, flight: Flight) -> list[ev.Event]:
    last = flight.turns[-1]
    first = next((each for each in flight.turns if each.order_id == last.order_id and not each.undone), None)
    incident = state.incidents.get(last.from_incident_id)
    if first is None or incident is None:
        return []
    return _for_another(
        state,
        ev.FlightTurned(
            incident_id=incident.id,
            incident_revision=incident.revision,
            from_incident_id=flight.incident_id,
            flight_id=flight.id,
            proposal_id=last.proposal_id,
            order_id=last.order_id,
            accepted_by=first.accepted_by,
            homeward=first.homeward,
            time_to_scene_s=first.time_to_scene_s,
            watch_s=first.watch_s,
            battery_on_return_percent=first.battery_on_return_percent,
            because=f"{flight.callsign} flies the new way after all",
        ),
    )


def _moved_by_a_person(command: Command) -> bool:
    return command.is_manoeuvre and command.actor != SYSTEM


def _moved_meanwhile(flight: Flight, asked_at: datetime, accepted_at: datetime | None) -> Command | None:
    """What a person has had the flight do since the question was put: its pilot, whose answer is awaited, since they
    have given it.
    """
    for command in reversed(flight.commands):
        since = accepted_at if command.actor == flight.pilot else asked_at
        if _moved_by_a_person(command) and since is not None and command.issued_at >= since:
            return command
    return None


def _obstacle(state: State, incident: Incident, flight: Flight, now: datetime, *, homeward: bool) -> str | None:
    """Why this flight cannot be turned to this incident now, whatever that would gain."""
    if incident.status is not IncidentStatus.OPEN:
        return f"the incident is {incident.status}"
    there = active_flight_of(state, incident)
    if there is not None:
        return f"{there.callsign} is on its way there"
    rules = forbidden(state, incident, now)
    if rules:
        return f"the policy forbids a flight there: {'; '.join(rules)}"
    reasons = unfit(flight)
    if reasons:
        return f"{flight.callsign} cannot be turned: {'; '.join(reasons)}"
    left = state.incidents.get(flight.incident_id)
    if left is None or homeward or left.status is not IncidentStatus.OPEN:
        return None
    document = policy_of(state)
    if grade_of(document, incident)[0] >= grade_of(document, left)[0]:
        return f"the call that {flight.callsign} is on is as grave now"
    return None


def _turn_of(proposal: Proposal) -> tuple[UUID, UUID]:
    if proposal.turn is None or proposal.flight_id is None:
        raise Conflict("this proposal is not of a flight that would be turned")
    return proposal.turn.from_incident_id, proposal.flight_id
