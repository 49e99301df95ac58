"""Signing on and off: no aircraft is armed without a named pilot on duty who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.vocabulary import DockState
from dispatcher import events as ev
from dispatcher.authority import heard_again
from dispatcher.entities import DockView, Handover, with_raised
from dispatcher.errors import Conflict, Invalid, NotFound
from dispatcher.fleet import away_because
from dispatcher.identifiers import NewId
from dispatcher.maintenance import beside_holds, held_because
from dispatcher.state import State

DEFAULT_MAX_FLIGHTS = 4
"""Flights in transit or on watch that one pilot may have, where they do not say less."""


def sign_on(
    state: State,
    pilot: str,
    accepts: Literal["beforehand", "ask"],
    max_flights: int,
    until: datetime | None,
    console: bool | None = None,
) -> list[ev.Event]:
    """On duty until then; signing on again changes how flights are accepted, how many, and for how long."""
    known = state.pilots.get(pilot)
    if console is None:
        console = known is not None and known.console
    same = (accepts, max_flights, until, console)
    if known is not None and (known.accepts, known.max_flights, known.until, known.console) == same:
        return heard_again(state, pilot) if known.silent_since is not None else []
    signed_on = ev.PilotSignedOn(pilot=pilot, accepts=accepts, max_flights=max_flights, until=until, console=console)
    silent = known is not None and known.silent_since is not None
    return [signed_on, *(heard_again(state, pilot) if silent else [])]


def end_shifts(state: State, *, now: datetime) -> list[ev.Event]:
    """Duty that is over and has no flight left. Until its last flight is home a pilot stays in command of it."""
    return [
        ev.PilotSignedOff(pilot=pilot.id)
        for pilot in state.pilots.values()
        if pilot.until is not None and now >= pilot.until and state.flights_of_pilot(pilot.id) == 0
    ]


def end_controllers(state: State, *, now: datetime) -> list[ev.Event]:
    """Controllers whose time is over; no flight hangs on one."""
    return [
        ev.ControllerSignedOff(person=controller.id)
        for controller in state.controllers.values()
        if controller.until is not None and now >= controller.until
    ]


def controller_on(state: State, person: str, until: datetime | None) -> list[ev.Event]:
    """On duty until then; again, for longer."""
    known = state.controllers.get(person)
    return [] if known is not None and known.until == until else [ev.ControllerSignedOn(person=person, until=until)]


def controller_off(state: State, person: str) -> list[ev.Event]:
    """Off duty."""
    return [ev.ControllerSignedOff(person=person)] if person in state.controllers else []


def acknowledge(state: State, person: str, role: ev.DutyRole, what: Sequence[ev.Briefed], seq: int) -> list[ev.Event]:
    """``person`` has read the briefing that knew events up to ``seq``; nothing read is nothing recorded."""
    if not what:
        return []
    if seq > state.seq:
        raise Invalid.field("/briefing_seq", f"is ahead of the record ({state.seq}): read the briefing again")
    return [
        ev.BriefingAcknowledged(
            person=person,
            role=role,
            what=sorted(set(what)),
            seq=seq,
            airspace_revision=state.airspace.revision,
        )
    ]


def hand_over(state: State, person: str, role: ev.DutyRole, note: str, new_id: NewId) -> list[ev.Event]:
    """What this shift leaves to the next one: a note, and what is open now. Whoever hands over stays on duty."""
    if person not in (state.pilots if role is ev.DutyRole.PILOT else state.controllers):
        raise Conflict(f"{person} is not on duty as a {role}: sign on first")
    return [
        ev.ShiftHandedOver(
            person=person,
            role=role,
            handover_id=new_id(),
            note=note,
            flights=[flight.id for flight in state.active_flights()],
            alarms=sorted(state.open_alarms, key=lambda each: each.int),
            docks_unfit=[dock_id for dock_id, view in sorted(state.docks.items()) if unfit_because(view)],
        )
    ]


def accept_shift(state: State, person: str, handover_id: UUID) -> tuple[Handover, list[ev.Event]]:
    """Somebody else takes it over; twice is once."""
    handover = next((each for each in state.handovers if each.id == handover_id), None)
    if handover is None:
        raise NotFound(f"there is no hand-over {handover_id}")
    if handover.accepted_by == person:
        return handover, []
    if handover.accepted_by is not None:
        raise Conflict(f"{handover.accepted_by} has accepted it already")
    if handover.by == person:
        raise Conflict("the next shift accepts it, not the one that handed over")
    if person not in (state.pilots if handover.role is ev.DutyRole.PILOT else state.controllers):
        raise Conflict(f"{person} is not on duty as a {handover.role}: sign on first")
    return handover, [ev.ShiftAccepted(person=person, handover_id=handover_id)]


def unfit_because(view: DockView) -> list[str]:
    """Why a dock cannot launch now, in words; empty when it can, or flies."""
    report = view.report
    if report is None or view.silent:
        return [*filter(None, [held_because(view)]), "its agent is not heard"]
    because = [] if report.registered else [f"unregistered: {report.unregistered_because}"]
    because += [held] if (held := held_because(view)) else []
    because += ["the dock reports a fault"] if report.state is DockState.FAULT else []
    because += ["no aircraft is in it"] if report.state is DockState.EMPTY and view.active_flight_id is None else []
    because += [away] if (away := away_because(view)) else []
    return because + with_raised(beside_holds(view, report.blockers), view.blocker)


def sign_off(state: State, pilot: str) -> list[ev.Event]:
    """Off duty; not with flights in command."""
    if pilot not in state.pilots:
        return []
    flights = [flight for flight in state.active_flights() if flight.pilot == pilot]
    if flights:
        names = ", ".join(flight.callsign for flight in flights)
        raise Conflict(
            f"{pilot} is in command of {names}: hand them over or bring them home first",
            flights=[str(flight.id) for flight in flights],
        )
    return [ev.PilotSignedOff(pilot=pilot)]
