"""What a flight in the air may be told, and by whom: pure functions from a state and a wish to the events that follow.

Controllers and pilots may hold a flight or call it home, whoever commands it, and its pilot is told by whom. Only the
pilot in command moves it, resumes it or lands it. Camera, light and speaker are theirs too, until they lend them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from contracts.fleet import AircraftType
from contracts.orders import SafetyAction
from contracts.tasks import PAYLOAD, Nudge, Retask, SelectSensor, Sensor, Task
from contracts.vocabulary import Outcome, Phase
from dispatcher import events as ev
from dispatcher.entities import BY_HAND, Command, Flight, OrderState, State
from dispatcher.errors import Conflict, FlightEnded, Forbidden
from dispatcher.flights import flight_of
from dispatcher.identifiers import NewId
from dispatcher.policy import FlyingPolicy
from dispatcher.record import SYSTEM
from dispatcher.sequence import next_sequence

COMMAND_VALID = timedelta(minutes=10)
"""A safety command is tried this long: coming home late is better than not."""
TASK_VALID = timedelta(seconds=60)
"""What a pilot wanted a minute ago is not what they want now."""
NUDGE_VALID_WALL_S = 1.0
FOR_ANYBODY = frozenset({"avoid", SafetyAction.CANCEL, SafetyAction.RETURN, SafetyAction.HOLD})
"""What makes safer: every controller and every pilot may ask it of every flight."""
TURN = "turn"
"""A retask to another incident: also of a flight on its way home."""
_UNDER_WAY = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING})
_BEFORE_HOME = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE})
_ANYWHERE = frozenset({"resume", "divert", "avoid", "parachute"})
_OUTBOUND = frozenset({"retask", "extend"})


def check_may(flight: Flight, actor: str, action: str) -> None:
    """Raises `Forbidden`, which names the one who may."""
    if actor == SYSTEM or action in FOR_ANYBODY:
        return
    if action in PAYLOAD:
        if actor != (flight.payload_with or flight.pilot):
            raise Forbidden(
                f"the payload of {flight.callsign} is lent to {flight.payload_with}: take it back first"
                if flight.payload_with is not None
                else f"{flight.pilot} has the payload of {flight.callsign}: ask them to lend it"
            )
    elif actor != flight.pilot:
        raise Forbidden(
            f"{flight.pilot} is in command of {flight.callsign}: only they may give it this command ({_words(action)})"
        )


def check_possible(state: State, flight: Flight, actor: str, task_type: str, policy: FlyingPolicy) -> None:
    """Raises `FlightEnded` or `Conflict` when the flight cannot do it now, or its pilot has their hands full."""
    if flight.ended:
        raise FlightEnded(f"the flight has ended: {flight.phase}", phase=flight.phase.value)
    if not flight.phase.is_airborne:
        raise Conflict(f"{flight.callsign} is not in the air ({flight.phase}): no {_words(task_type)} now")
    moves = task_type not in PAYLOAD and task_type not in _ANYWHERE
    if moves and flight.phase not in (_BEFORE_HOME if task_type in _OUTBOUND else _UNDER_WAY):
        raise Conflict(
            f"{flight.callsign} is {flight.phase.value.replace('_', ' ')}: it cannot {_words(task_type)} now"
        )
    if task_type in BY_HAND and not flight.in_hand and actor != SYSTEM:
        others = [other.callsign for other in state.flights_in_hand(flight.pilot) if other.id != flight.id]
        if len(others) >= policy.flights_in_hand:
            raise Conflict(
                f"{flight.pilot} flies {', '.join(others)} by hand already (limit {policy.flights_in_hand}): "
                "resume it, call it home or hand it over first"
            )


def check_fitted(flight: Flight, task: Task, aircraft_type: AircraftType) -> None:
    """Raises `Conflict` for what the aircraft does not have."""
    lacks = {
        "zoom": (aircraft_type.has_zoom, "a zoom"),
        "light": (aircraft_type.has_light, "a light"),
        "speaker": (aircraft_type.has_speaker, "a speaker"),
        "parachute": (aircraft_type.has_parachute, "a parachute"),
    }
    fitted, name = lacks.get(task.type, (True, ""))
    if isinstance(task, SelectSensor) and task.sensor is Sensor.THERMAL:
        fitted, name = aircraft_type.has_thermal, "a thermal camera"
    if not fitted:
        raise Conflict(f"{flight.callsign} has not got {name}")


def give_task(
    state: State,
    flight_id: UUID,
    task: Task,
    *,
    actor: str,
    because: str,
    idempotency_key: str | None,
    policy: FlyingPolicy,
    now: datetime,
    new_id: NewId,
) -> list[ev.Event]:
    """A task for the agent. Raises `Forbidden`, `FlightEnded` or `Conflict`; the agent's own guards come after."""
    flight = flight_of(state, flight_id)
    check_may(flight, actor, task.type)
    turns = isinstance(task, Retask) and task.incident_id is not None
    check_possible(state, flight, actor, TURN if turns else task.type, policy)
    view = state.docks.get(flight.dock_id)
    if view is not None:
        check_fitted(flight, task, view.aircraft_type)
    given = ev.TaskGiven(
        flight_id=flight_id,
        dock_id=flight.dock_id,
        order_id=new_id(),
        task=task,
        sequence=next_sequence(state, flight.dock_id, now),
        expires_at=now + TASK_VALID,
        because=because,
        idempotency_key=idempotency_key,
    )
    return [given, *told(flight, actor, task.type, given.order_id, because)]


def command(
    state: State,
    flight_id: UUID,
    action: SafetyAction,
    *,
    actor: str,
    because: str,
    idempotency_key: str | None,
    now: datetime,
    new_id: NewId,
) -> list[ev.Event]:
    """A safety command. The same one again, while the first is pending and nothing came in between, changes nothing."""
    flight = flight_of(state, flight_id)
    check_may(flight, actor, action)
    if flight.ended and flight.phase is not Phase.MISSING:
        raise FlightEnded(f"the flight has ended: {flight.phase}", phase=flight.phase.value)
    newest = next((given for given in reversed(flight.commands) if given.is_manoeuvre), None)
    if newest is not None and newest.action == action and newest.outcome is Outcome.PENDING:
        return []
    if action is SafetyAction.LAND and not flight.phase.is_airborne:
        raise Conflict(f"{flight.callsign} is not in the air ({flight.phase}): cancel it")
    sequence = next_sequence(state, flight.dock_id, now)
    given = ev.CommandGiven(
        flight_id=flight_id,
        dock_id=flight.dock_id,
        order_id=new_id(),
        action=action,
        sequence=sequence,
        expires_at=now + COMMAND_VALID,
        because=because,
        idempotency_key=idempotency_key,
    )
    if flight.order_state is not OrderState.WAITING_FOR_PILOT:
        return [given, *told(flight, actor, action, given.order_id, because)]
    detail = "the order had not been sent: nothing left the dock"
    return [
        given,
        ev.CommandResolved(flight_id=flight_id, order_id=given.order_id, outcome=Outcome.CONFIRMED, detail=detail),
        ev.FlightEnded(flight_id=flight_id, phase=Phase.CANCELLED, because="called back before its pilot had accepted"),
        *told(flight, actor, action, given.order_id, because),
    ]


def given_before(state: State, flight_id: UUID, actor: str, idempotency_key: str | None) -> Command | None:
    """The command of the same request, when this is a repetition of it."""
    if idempotency_key is None:
        return None
    return next(
        (
            given
            for given in flight_of(state, flight_id).commands
            if given.idempotency_key == idempotency_key and given.actor == actor
        ),
        None,
    )


def expire_command(state: State, flight_id: UUID, order_id: UUID) -> list[ev.Event]:
    """Nobody settled the command in time: its outcome is unknown."""
    flight = state.flights.get(flight_id)
    pending = flight is not None and any(
        given.order_id == order_id and given.outcome is Outcome.PENDING for given in flight.commands
    )
    if not pending:
        return []
    detail = "no answer before it expired"
    return [ev.CommandResolved(flight_id=flight_id, order_id=order_id, outcome=Outcome.UNKNOWN, detail=detail)]


def told(flight: Flight, actor: str, action: str, order_id: UUID | None, because: str) -> list[ev.PilotTold]:
    """Its pilot hears of what somebody else gave a flight of theirs, and from whom."""
    if actor in (flight.pilot, flight.payload_with):
        return []
    text = f"{actor} has given {flight.callsign} a command ({_words(action)}): {because}"
    return [ev.PilotTold(pilot=flight.pilot, flight_id=flight.id, by=actor, order_id=order_id, text=text[:400])]


def is_nudge(task: Task | None) -> bool:
    """True for what is not carried again."""
    return isinstance(task, Nudge)


def just_given(flight: Flight, events: Sequence[ev.Event]) -> Command:
    """The command that these events gave, as the flight now has it."""
    given = next(event for event in events if isinstance(event, ev.CommandGiven | ev.TaskGiven | ev.DivertBegan))
    return next(command for command in flight.commands if command.order_id == given.order_id)


def _words(action: str) -> str:
    return str(action).replace("_", " ")
