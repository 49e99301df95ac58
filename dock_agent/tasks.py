"""A task order that the guards let pass: which part does it, and what has to give way to it.

``own_reasons`` are the agent's: the order's life, the phase, what the aircraft has. What the air allows (place, height,
charge, age of the position) is for `dock_agent.guards`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid5

from contracts.fleet import AircraftType
from contracts.orders import TaskOrder
from contracts.tasks import PAYLOAD as PAYLOAD_TYPES
from contracts.tasks import (
    Avoid,
    Divert,
    Extend,
    Light,
    Nudge,
    Parachute,
    Resume,
    Retask,
    SelectSensor,
    Sensor,
    Speaker,
    Task,
    Zoom,
)
from contracts.vocabulary import Avoidance, Deployment, Outcome, Phase
from dock_agent import moving, payload, precedence, replanning
from dock_agent.flight import Doing, Flight
from dock_agent.flight_link import Command
from dock_agent.readings import Mode
from dock_agent.turn import Turn

_OUT = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE})
_UP = _OUT | {Phase.RETURNING}
_ANY = _UP | {Phase.LANDING, Phase.LAUNCHING}


def own_reasons(
    order: TaskOrder, flight: Flight, *, now: datetime, deployment: Deployment, aircraft_type: AircraftType
) -> list[str]:
    """Every reason of the agent's own not to begin a task; ``now`` is mission time."""
    task, reasons = order.task, []
    if order.deployment != deployment:
        reasons.append(f"the order is for {order.deployment}; this dock is {deployment}")
    if order.expires_at <= now:
        reasons.append("the order has expired")
    if flight.landed_at is not None or flight.airborne_at is None:
        reasons.append("the aircraft is not in the air")
    elif flight.phase not in _phases(task):
        reasons.append(f"a flight that is {flight.phase.replace('_', ' ')} takes no {task.type.replace('_', ' ')}")
    newest = flight.newest_issued_at
    if task.type not in PAYLOAD_TYPES and newest is not None and order.issued_at < newest:
        reasons.append("a newer order has been taken already")
    if isinstance(task, Resume) and flight.board_unsure:
        reasons.append("what is on board is not known: retask or return")
    return reasons + _fitted(task, aircraft_type)


def take(turn: Turn, order: TaskOrder) -> None:
    """Begin a task."""
    task = order.task
    doing = Doing(order=order, begun=turn.seen.now)
    if task.type in PAYLOAD_TYPES or isinstance(task, Parachute):
        payload.begin(turn, doing)
        return
    if isinstance(task, Extend):
        _extend(turn, order, task)
        return
    turn.set(newest_issued_at=order.issued_at)
    if isinstance(task, Resume) and turn.flight.phase in (Phase.RETURNING, Phase.LANDING):
        precedence.want_home(turn, "going on home", (order.order_id,))
        return
    precedence.clear(turn, "superseded by a newer order", tasks=not isinstance(task, Nudge))
    if isinstance(task, Retask | Divert):
        replanning.begin(turn, order, task)
    else:
        moving.begin(turn, doing)


def _extend(turn: Turn, order: TaskOrder, task: Extend) -> None:
    """More time on scene, without an upload: past the ordered time it holds, and the agent ends the watch.

    With the agent gone the autopilot returns by itself, so that a hold needs no item of the mission to end it.
    """
    flight = turn.flight
    turn.set(extended_s=flight.extended_s + task.by_s, holds_longer=False)
    turn.say(replanning.plan_changed(turn.flight, order))
    watching = flight.watch_from is not None and turn.seen.aircraft.mode is Mode.MISSION
    if watching and flight.home is None and flight.replanning is None:
        turn.set(holds_longer=True)
        precedence.want_stop(turn, Command.HOLD, "the watch was extended", (order.order_id,))
        return
    ends = turn.flight.watch_ends_at
    total_s = turn.flight.order.watch_s + turn.flight.extended_s
    words = f"the watch ends at {ends:%H:%M:%S}" if ends is not None else f"the watch will last {total_s:.0f} s"
    turn.settled(order.order_id, Outcome.CONFIRMED, words)


def hold_past_loiter(turn: Turn) -> None:
    """On scene with more time than the mission on board has: the agent holds, and ends the watch itself."""
    flight = turn.flight
    free = flight.stop is None and flight.home is None and flight.replanning is None and not moving.is_busy(flight)
    extended = flight.extended_s > 0 and not flight.holds_longer
    if free and extended and turn.item is not None and turn.item == turn.mission.watch_item:
        turn.set(holds_longer=True)
        precedence.want_stop(turn, Command.HOLD, "the watch was extended")


def avoid(turn: Turn, what: Avoidance | None) -> None:
    """Fly the policy's avoidance, now. When the air is clear again it stays as it is: a person says what comes next."""
    now, order = turn.seen.now, turn.flight.order
    match what:
        case Avoidance.HOLD:
            precedence.want_stop(turn, Command.HOLD, "a crewed aircraft converges")
        case Avoidance.RETURN if not turn.homeward:
            precedence.want_home(turn, "a crewed aircraft converges")
        case Avoidance.DESCEND:
            precedence.clear(turn, "superseded: a crewed aircraft converges")
            mine = TaskOrder(
                order_id=uuid5(order.flight_id, f"avoid {now.isoformat()}"),
                flight_id=order.flight_id,
                deployment=order.deployment,
                given_by="the agent",
                issued_at=now,
                expires_at=now + timedelta(minutes=5),
                task=Avoid(),
            )
            moving.begin(turn, Doing(order=mine, begun=now))
        case _:
            pass


def _phases(task: Task) -> frozenset[Phase]:
    match task.type:
        case "retask" if isinstance(task, Retask) and task.incident_id is not None:
            return _UP
        case "retask" | "extend":
            return _OUT
        case "goto" | "orbit" | "altitude" | "nudge":
            return _UP
        case "resume":
            return _UP | {Phase.LANDING}
        case "divert":
            return _UP | {Phase.LANDING}
        case _:
            return _ANY


def _fitted(task: Task, aircraft: AircraftType) -> list[str]:
    match task:
        case Zoom() if not aircraft.has_zoom:
            return ["the camera has no zoom"]
        case SelectSensor(sensor=Sensor.THERMAL) if not aircraft.has_thermal:
            return ["the aircraft has no thermal camera"]
        case Light() if not aircraft.has_light:
            return ["the aircraft has no light"]
        case Speaker() if not aircraft.has_speaker:
            return ["the aircraft has no speaker"]
        case Parachute() if not aircraft.has_parachute:
            return ["the aircraft has no parachute"]
        case _:
            return []
