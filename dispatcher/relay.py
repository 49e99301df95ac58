"""Eyes that never blink: a watch that is longer than one battery goes on with another drone, without a gap.

Who presses dispatch for an incident that says how long a watch it wants has asked for that watch, not for one battery:
the drones that it takes are sent without another press, each at a height of its own, so early that it is on scene
`MARGIN` before the one that it relieves must leave; that one is called home when the other is on scene. What will be
done, and when, is foreseen on record. Where it cannot be done, whoever answers for the incident hears of it while there
are still minutes to act in. Whoever calls a drone of the chain home by hand ends the chain: nothing is sent against
that.

Pure: from the state and the newest telemetry to what follows. Times are mission time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.orders import SafetyAction
from contracts.reports import Telemetry
from contracts.tasks import Extend, Retask
from contracts.vocabulary import PHASE_ORDER, AlarmKind, Outcome, Phase
from dispatcher.entities import Flight, Incident, IncidentStatus, OrderState, State
from dispatcher.record import SYSTEM
from dispatcher.rerouting import on_board

MARGIN = timedelta(seconds=240)
"""A relief is planned to be on scene so long before the other must leave: time to hear that it will not come, to try
another, and to tell people at least three minutes before the picture goes."""
OVERDUE = timedelta(seconds=30)
"""A relief that is later than this is not counted on any more."""
WARNING = timedelta(seconds=600)
"""When nobody can relieve it, this long before it leaves people are told; earlier, a charging dock may yet be ready."""
GIVEN_UP = timedelta(seconds=300)
"""When nobody has been on scene or on the way for so long, nothing is sent by itself any more."""
LEAST_REST = timedelta(seconds=60)
"""No drone is sent for a shorter rest of a watch than this, unless others have taken turns over it before."""
EXTENDED_BEFORE = timedelta(seconds=120)
"""So long before the picture goes the one on scene is given more minutes, where its charge has them."""
EXTENDED_BY_S = 300.0
"""At a time."""
LEAST_EXTENSION_S = 20.0
MOVED = timedelta(seconds=30)
"""What is foreseen is put on record again when it has moved by more."""
TELEMETRY_OLD = timedelta(seconds=20)
LINK_SLACK_S = 5.0
"""Wall seconds beyond the policy's: then an aircraft that nobody hears is on its way home."""

_HOMEWARD = frozenset({SafetyAction.RETURN.value, SafetyAction.CANCEL.value, SafetyAction.LAND.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """A flight that has been relieved is to come home."""

    flight: Flight
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Somebody must relieve ``flight``."""

    flight: Flight
    leaves_at: datetime
    """When it leaves the scene; not later than now where nobody is there any more."""
    watch_s: float
    """So much of the wanted watch is left."""
    tried: Mapping[str, str]
    """Docks whose drone was sent to relieve this very flight and did not get there, and why."""
    unsafe: str | None = None
    """Why nothing is sent there without being asked; None: nothing is known against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """How a watch goes on, as it stands."""

    recalls: tuple[Recall, ...] = ()
    need: Need | None = None
    late: str | None = None
    """Why the relief that is on its way is not counted on, in words; None: it is, or none is on its way."""
    ends: str | None = None
    """Why nothing is sent by itself any more; None: it goes on."""
    flight: Flight | None = None
    """The flight on scene that leaves last, or was there last."""


def look_ahead(
    state: State, incident: Incident, *, telemetry: Mapping[str, Telemetry], now: datetime, factor: float = 1.0
) -> Outlook:
    """What the watch of this incident needs now. ``telemetry``: the newest by dock."""
    if incident.status is not IncidentStatus.OPEN or incident.watch_s is None or incident.watched_from is None:
        return Outlook()
    until = incident.watched_from + timedelta(seconds=incident.watch_s)
    flights = chain_of(state, incident)
    live = [flight for flight in flights if _stays(flight, telemetry.get(flight.dock_id), now, factor)]
    on_scene = [flight for flight in live if flight.phase is Phase.ON_SCENE]
    coming = [flight for flight in live if flight.phase is not Phase.ON_SCENE]
    recalls = tuple(
        Recall(flight=flight, because=f"{other.callsign} has relieved it on scene")
        for flight in on_scene
        for other in on_scene
        if other.relieves == flight.id
    )
    if now >= until:
        return Outlook(recalls=recalls)
    person = next((by for flight in flights if (by := _called_home_by(flight)) is not None), None)
    if person is not None:
        return Outlook(recalls=recalls, ends=f"{person} has called a drone of this watch home")
    leaving = {flight.id: leaves_at(flight, telemetry.get(flight.dock_id), now) for flight in on_scene}
    watcher = max(on_scene, key=lambda flight: leaving[flight.id], default=None)
    last = watcher or next((flight for flight in reversed(flights) if _was_on_scene(flight)), None)
    if last is None:
        return Outlook(recalls=recalls)
    left_at = leaving[last.id] if watcher is not None else _left_at(last) or now
    rest = until - left_at
    if rest <= timedelta(0) or (last.relieves is None and rest <= LEAST_REST):
        return Outlook(recalls=recalls, flight=last)
    if coming:
        return Outlook(recalls=recalls, flight=last, late=_lateness(coming, last, left_at, now))
    if now - left_at >= GIVEN_UP:
        because = f"nobody could go on with the watch of {last.callsign}: dispatch again when a drone can go"
        return Outlook(recalls=recalls, ends=because, flight=last)
    need = Need(
        flight=last,
        leaves_at=left_at,
        watch_s=(until - now).total_seconds(),
        tried=_tried(flights, last),
        unsafe=_unsafe(flights),
    )
    return Outlook(recalls=recalls, need=need, flight=last)


def is_wanted(incident: Incident | None, now: datetime) -> bool:
    """True while the incident's watch lasts and is gone on with by itself."""
    if incident is None or incident.status is not IncidentStatus.OPEN or incident.relay_ended_because is not None:
        return False
    if incident.watch_s is None or incident.watched_from is None:
        return False
    return now < incident.watched_from + timedelta(seconds=incident.watch_s)


def chain_of(state: State, incident: Incident) -> list[Flight]:
    """The flights of the present watch: the one that was pressed for last, and those that relieve."""
    known = [state.flights[flight_id] for flight_id in incident.flight_ids if flight_id in state.flights]
    flights = [flight for flight in known if flight.incident_id == incident.id]
    pressed = max((number for number, flight in enumerate(flights) if flight.relieves is None), default=0)
    return flights[pressed:]


def pressed_by(state: State, incident: Incident) -> str:
    """Who asked for the present watch."""
    first = chain_of(state, incident)[0]
    return first.accepted_by or first.ordered_by


def leaves_at(flight: Flight, telemetry: Telemetry | None, now: datetime) -> datetime:
    """When a flight on scene goes home by itself: its watch is over, or its charge, whichever is earlier."""
    began = next((entry.mission_time for entry in flight.leg_phases if entry.phase is Phase.ON_SCENE), now)
    for command in flight.leg_commands:
        if isinstance(command.task, Retask) and command.outcome is Outcome.CONFIRMED:
            began = max(began, command.issued_at)
    # The agent's word on its plan holds what it was ordered, and every minute that was added.
    over = began + timedelta(seconds=on_board(flight).watch_s)
    if telemetry is None or not _is_of(telemetry, flight, now) or telemetry.must_leave_at is None:
        return over
    return min(over, telemetry.must_leave_at)


def extension_s(incident: Incident, flight: Flight, telemetry: Telemetry | None, now: datetime) -> float | None:
    """By how much a flight on scene may stay longer, when nobody relieves it in time; None: not now, or not at all.

    Its ordered watch may end before its charge does. What the charge allows is the agent's word, and its guard's.
    """
    if incident.watched_from is None or incident.watch_s is None or telemetry is None:
        return None
    if flight.phase is not Phase.ON_SCENE or not _is_of(telemetry, flight, now) or telemetry.must_leave_at is None:
        return None
    asked = [command for command in flight.commands if isinstance(command.task, Extend)]
    recently = any(now - command.issued_at < timedelta(seconds=30) for command in asked)
    over = leaves_at(flight, None, now)
    if recently or over - now > EXTENDED_BEFORE or over <= now:
        return None
    until = incident.watched_from + timedelta(seconds=incident.watch_s)
    by_s = min((telemetry.must_leave_at - over).total_seconds(), (until - over).total_seconds(), EXTENDED_BY_S)
    return math.floor(by_s) if by_s >= LEAST_EXTENSION_S else None


def arrives_at(flight: Flight, now: datetime) -> datetime:
    """When a flight on its way will be on scene, by what was promised and how far it is."""
    if flight.leg is not None:
        return max(now, flight.leg.at + timedelta(seconds=flight.leg.time_to_scene_s))
    promise = flight.promise
    in_flight = timedelta(seconds=promise.time_to_scene_s - promise.time_to_airborne_s)
    if flight.order_state is OrderState.WAITING_FOR_PILOT:
        return now + timedelta(seconds=promise.time_to_scene_s)
    promised = flight.order.issued_at + timedelta(seconds=promise.time_to_scene_s)
    return max(promised, now if flight.phase is Phase.EN_ROUTE else now + in_flight)


def has_alarm(flight: Flight) -> bool:
    """True while the flight's alarm lasts that nobody relieves it."""
    return any(alarm.active and alarm.kind is AlarmKind.NO_RELIEF for alarm in flight.alarms)


def _stays(flight: Flight, telemetry: Telemetry | None, now: datetime, factor: float) -> bool:
    """True for a flight that is on scene or on its way there, and that nothing calls or takes home."""
    if flight.ended or PHASE_ORDER[flight.phase] >= PHASE_ORDER[Phase.RETURNING] or _homeward(flight) is not None:
        return False
    if flight.order_state is OrderState.EXPIRED and flight.phase is Phase.ORDERED:
        # Nobody knows whether it will fly; its height is kept free all the same.
        return False
    if telemetry is None or not _is_of(telemetry, flight, now):
        return True
    silent_s = flight.order.link_loss_return_s / factor + LINK_SLACK_S
    return not telemetry.in_air or telemetry.link_age_s <= silent_s


def _is_of(telemetry: Telemetry, flight: Flight, now: datetime) -> bool:
    return telemetry.flight_id == flight.id and abs(now - telemetry.mission_time) <= TELEMETRY_OLD


def _homeward(flight: Flight) -> str | None:
    """Who first called it home, if anybody did."""
    return next(
        (
            command.actor
            for command in flight.leg_commands
            if command.action in _HOMEWARD and command.outcome is not Outcome.REFUSED
        ),
        None,
    )


def _called_home_by(flight: Flight) -> str | None:
    """The person who called it home while it was wanted on scene; None where nobody did."""
    homeward = next(
        (entry.mission_time for entry in flight.leg_phases if PHASE_ORDER[entry.phase] >= PHASE_ORDER[Phase.RETURNING]),
        None,
    )
    for command in flight.leg_commands:
        if command.action not in _HOMEWARD or command.outcome is Outcome.REFUSED:
            continue
        if command.actor == SYSTEM or (homeward is not None and command.issued_at > homeward):
            return None
        return command.actor
    return None


def _was_on_scene(flight: Flight) -> bool:
    return any(entry.phase is Phase.ON_SCENE for entry in flight.leg_phases)


def _left_at(flight: Flight) -> datetime | None:
    return next(
        (entry.mission_time for entry in flight.leg_phases if PHASE_ORDER[entry.phase] > PHASE_ORDER[Phase.ON_SCENE]),
        None,
    )


def _lateness(coming: Sequence[Flight], last: Flight, left_at: datetime, now: datetime) -> str | None:
    """None when one of those on their way is in time."""
    arrivals = {flight.callsign: arrives_at(flight, now) for flight in coming}
    callsign = min(arrivals, key=lambda name: (arrivals[name], name))
    flight = next(each for each in coming if each.callsign == callsign)
    leg = flight.leg
    promised = (
        flight.order.issued_at + timedelta(seconds=flight.promise.time_to_scene_s)
        if leg is None
        else leg.at + timedelta(seconds=leg.time_to_scene_s)
    )
    waits = flight.order_state is OrderState.WAITING_FOR_PILOT
    overdue = not waits and now > promised + OVERDUE
    if arrivals[callsign] <= left_at and not overdue:
        return None
    where = "waits for its pilot" if waits else f"is {flight.phase.value.replace('_', ' ')}"
    leaves = f"leaves at {left_at:%H:%M:%S} UTC" if left_at > now else "is not on scene any more"
    return (
        f"{last.callsign} {leaves}; {callsign}, which is to relieve it, {where} "
        f"and is not expected before {arrivals[callsign]:%H:%M:%S} UTC"
    )


def _tried(flights: Sequence[Flight], relieved: Flight) -> dict[str, str]:
    """Nothing is sent twice from a dock that has failed: what stopped the first would stop the second."""
    tried: dict[str, str] = {}
    for flight in flights:
        if flight.relieves == relieved.id:
            because = flight.phases[-1].because
            tried[flight.dock_id] = f"{flight.callsign} was sent, and is {flight.phase}" + (
                f": {because}" * bool(because)
            )
    return tried


def _unsafe(flights: Sequence[Flight]) -> str | None:
    """What has been met over the scene that nobody is sent into without a person's press."""
    for flight in flights:
        for alarm in flight.alarms:
            if alarm.active and alarm.kind in (AlarmKind.TRAFFIC, AlarmKind.WEATHER):
                return f"nothing is sent by itself: {flight.callsign} has met this: {alarm.text}"
    return None
