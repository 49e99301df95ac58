"""The tasks that move the aircraft without a new plan: goto, altitude, orbit, avoid, resume, and the nudge.

One at a time: a newer one supersedes the older. Each is confirmed by what telemetry shows of it: the mode, and that it
is there or comes nearer. An answer confirms nothing; a command that is not shown is given again, three times in all.
"""

from __future__ import annotations

import math

from contracts.position import Place
from contracts.tasks import (
    NUDGE_HOLDS_S,
    NUDGE_M,
    Altitude,
    Avoid,
    Goto,
    Nudge,
    Orbit,
    Resume,
    Turning,
)
from contracts.vocabulary import Outcome
from dock_agent import stopping
from dock_agent.flight import Asked, Doing, Flight, StopWish, since
from dock_agent.flight_link import Command, Reply, Target
from dock_agent.readings import Mode
from dock_agent.turn import Give, Turn
from geo.flight.position import LocalPlane, bearing_deg, distance_m

MOVING = Goto | Altitude | Orbit | Avoid | Resume | Nudge
THERE_M = 5.0
LEVEL_M = 3.0
NEARER_M = 3.0
"""Metres nearer than at the start that show it on its way."""
CLIMBED_M = 1.5
ORBIT_SLACK = 0.25
"""Share of the radius, at least `ORBIT_SLACK_M`, within which it counts as on the circle."""
ORBIT_SLACK_M = 10.0
SHOW_S = 8.0
"""Mission seconds that a turn and the first metres may take before a command counts as not done."""
SHOW_WALL_S = 4.0
SILENT_S = 5.0
ASKS = 3
NUDGE_TURN_DEG = 30.0
NUDGE_SHOWS_M = 0.5
"""Moved by so much, over ground or in height, it has been done."""
NUDGE_TURNED_DEG = 5.0
NUDGE_FLOOR_M = 5.0
"""No nudge goes lower above home than this, or than where it is."""


def target_of(task: MOVING, turn: Turn) -> Target | None:
    """Where a task leads, from where the aircraft is; None without a place, and for a resume."""
    position, place = turn.seen.aircraft.position, turn.seen.place
    if position is None or place is None or isinstance(task, Resume):
        return None
    home_amsl_m = position.alt_amsl_m - position.alt_above_home_m

    def height(above_home_m: float | None) -> float:
        return position.alt_amsl_m if above_home_m is None else home_amsl_m + above_home_m

    match task:
        case Goto():
            yaw = _heading(place, task.place)
            return _target(task.place, height(task.alt_above_home_m), yaw)
        case Altitude():
            return _target(place, height(task.alt_above_home_m), None)
        case Avoid():
            # Down to the policy's height, never up to it.
            down_m = min(position.alt_above_home_m, turn.flight.order.avoidance_alt_above_home_m)
            return _target(place, height(down_m), None)
        case Orbit():
            sign = 1.0 if task.turning is Turning.CLOCKWISE else -1.0
            return Target(
                lat_deg=task.centre.lat_deg,
                lon_deg=task.centre.lon_deg,
                alt_amsl_m=height(task.alt_above_home_m),
                radius_m=sign * task.radius_m,
                speed_m_s=task.speed_m_s,
            )
        case Nudge():
            return _nudged(task, turn)


def begin(turn: Turn, doing: Doing) -> None:
    """Begin a task; an older one gives way."""
    task = doing.order.task
    if isinstance(task, Nudge):
        _begin_nudge(turn, doing, task)
        return
    drop(turn, "superseded by a newer order")
    position = turn.seen.aircraft.position
    turn.set(
        task=doing.model_copy(
            update={
                "target": None if not isinstance(task, MOVING) else target_of(task, turn),
                "from_place": turn.seen.place,
                "from_alt_amsl_m": position.alt_amsl_m if position is not None else None,
            }
        )
    )
    _ask(turn)


def drop(turn: Turn, why: str) -> None:
    """Something else is wanted: the task under way is settled as it stands. What it asked for is not called back."""
    flight = turn.flight
    if flight.task is not None:
        given = flight.task.asks > 0
        turn.settled(flight.task.order.order_id, Outcome.UNKNOWN if given else Outcome.REFUSED, why)
    nudges = flight.nudge_ids if flight.nudging is None else (flight.nudging.order.order_id, *flight.nudge_ids)
    for order_id in nudges:
        turn.settled(order_id, Outcome.UNKNOWN, why)
    if flight.task is not None or flight.nudged_wall is not None:
        turn.set(task=None, nudging=None, nudged_wall=None, nudge_ids=())


def look(turn: Turn) -> None:
    """Has telemetry shown it; must it be asked for again; has the last nudge run out?"""
    _end_nudge(turn)
    doing = turn.flight.task
    if doing is None or not turn.seen.heard:
        return
    if not turn.seen.flying:
        _settle(turn, Outcome.UNKNOWN, "it is not in the air any more")
        return
    shown = _shown(turn, doing)
    if shown is not None:
        _settle(turn, Outcome.CONFIRMED, shown)
        return
    asked = doing.asked
    if asked is not None:
        waited_s = since(asked.at_wall, turn.seen.wall)
        if asked.reply is None and waited_s < SILENT_S:
            return
        patience_s = turn.seen.patience_s(mission_s=SHOW_S, wall_s=SHOW_WALL_S)
        if asked.reply in (Reply.ACKNOWLEDGED, Reply.SILENCE) and waited_s * turn.seen.factor < patience_s:
            return
        if asked.reply is Reply.DENIED:
            _settle(turn, Outcome.REFUSED, f"the autopilot refused it: {asked.detail}{turn.words}")
            return
    if doing.asks >= ASKS:
        _settle(turn, Outcome.UNKNOWN, f"asked {ASKS} times; telemetry does not show it{turn.words}")
        return
    _ask(turn)


def answered(turn: Turn, reply: Reply, detail: str) -> None:
    """What came back for the task's command."""
    doing = turn.flight.task
    if doing is None or doing.asked is None or doing.asked.reply is not None:
        return
    asked = doing.asked.model_copy(update={"reply": reply, "detail": detail[:200]})
    turn.set(task=doing.model_copy(update={"asked": asked}))
    look(turn)


def _ask(turn: Turn) -> None:
    doing = turn.flight.task
    if doing is None:
        return
    command = _command(doing)
    asked = Asked(command=command, at_wall=turn.seen.wall)
    turn.set(task=doing.model_copy(update={"asked": asked, "asks": doing.asks + 1}))
    turn.effects.append(Give(command, target=doing.target, for_order=doing.order.order_id))


def _command(doing: Doing) -> Command:
    match doing.order.task:
        case Resume():
            return Command.START
        case Orbit():
            return Command.ORBIT
        case _:
            return Command.GOTO


def _shown(turn: Turn, doing: Doing) -> str | None:
    """What telemetry shows of it, in words; None while it does not."""
    task, target, seen = doing.order.task, doing.target, turn.seen
    position, mode = seen.aircraft.position, seen.aircraft.mode
    if isinstance(task, Resume):
        return f"telemetry shows MISSION, item {seen.aircraft.mission_item}" if mode is Mode.MISSION else None
    if target is None or position is None or seen.place is None or doing.asked is None:
        return None
    away_m = distance_m(position.lat_deg, position.lon_deg, target.lat_deg, target.lon_deg)
    if isinstance(task, Orbit):
        return _orbiting(turn, doing, away_m)
    if mode is not Mode.HOLD:
        return None
    rise_m = abs(target.alt_amsl_m - position.alt_amsl_m)
    if away_m <= THERE_M and rise_m <= LEVEL_M:
        return "it holds there"
    start, start_alt_m = doing.from_place, doing.from_alt_amsl_m
    if start is not None and away_m > THERE_M:
        before_m = distance_m(start.lat_deg, start.lon_deg, target.lat_deg, target.lon_deg)
        if before_m - away_m >= NEARER_M:
            return f"on its way: {away_m:.0f} m to go"
    if start_alt_m is not None and away_m <= THERE_M and abs(target.alt_amsl_m - start_alt_m) - rise_m >= CLIMBED_M:
        return f"on its way: {rise_m:.0f} m of height to go"
    return None


def _orbiting(turn: Turn, doing: Doing, away_m: float) -> str | None:
    target, start = doing.target, doing.from_place
    if target is None or turn.seen.aircraft.mode is not Mode.OTHER:
        return None
    radius_m = abs(target.radius_m)
    off_m = abs(away_m - radius_m)
    if off_m <= max(ORBIT_SLACK_M, ORBIT_SLACK * radius_m):
        return f"telemetry shows {turn.seen.aircraft.mode_name}, {away_m:.0f} m from the centre"
    if start is None:
        return None
    before_m = abs(distance_m(start.lat_deg, start.lon_deg, target.lat_deg, target.lon_deg) - radius_m)
    return f"on its way to the circle: {off_m:.0f} m to go" if before_m - off_m >= NEARER_M else None


def _settle(turn: Turn, outcome: Outcome, detail: str) -> None:
    doing = turn.flight.task
    if doing is not None:
        turn.settled(doing.order.order_id, outcome, detail)
        turn.set(task=None)


def _begin_nudge(turn: Turn, doing: Doing, task: Nudge) -> None:
    """Move a little further; the first of a burst is a task like any other, the last is settled by the hold."""
    flight, target = turn.flight, target_of(task, turn)
    if target is None:
        turn.settled(doing.order.order_id, Outcome.REFUSED, "its position is unknown")
        return
    if flight.task is not None:
        drop(turn, "superseded by a nudge")
    if flight.nudged_wall is None:
        aircraft = turn.seen.aircraft
        first = doing.model_copy(
            update={
                "target": target,
                "from_place": turn.seen.place,
                "from_alt_amsl_m": aircraft.position.alt_amsl_m if aircraft.position is not None else None,
                "before": f"{aircraft.heading_deg:.0f}",
            }
        )
        turn.set(nudging=first, nudged_wall=turn.seen.wall, nudge_ids=())
    else:
        turn.set(nudged_wall=turn.seen.wall, nudge_ids=(doing.order.order_id,))
    turn.effects.append(Give(Command.GOTO, target=target, for_order=doing.order.order_id))


def _show_nudge(turn: Turn) -> None:
    """The first nudge of a burst is confirmed by the move that follows."""
    first, position, heading = turn.flight.nudging, turn.seen.aircraft.position, turn.seen.aircraft.heading_deg
    if first is None or position is None or turn.seen.place is None or heading is None:
        return
    start, target = first.from_place, first.target
    if start is None or target is None:
        return
    moved_m = distance_m(start.lat_deg, start.lon_deg, position.lat_deg, position.lon_deg)
    alt_m = position.alt_amsl_m if first.from_alt_amsl_m is None else first.from_alt_amsl_m
    climbing = abs(position.alt_amsl_m - alt_m) >= NUDGE_SHOWS_M
    turned = abs((heading - float(first.before) + 180.0) % 360.0 - 180.0) >= NUDGE_TURNED_DEG
    if moved_m >= NUDGE_SHOWS_M or climbing or turned:
        turn.settled(first.order.order_id, Outcome.CONFIRMED, "it moves; it holds when the nudges end")
        turn.set(nudging=None)


def _end_nudge(turn: Turn) -> None:
    _show_nudge(turn)
    flight = turn.flight
    if flight.nudged_wall is None or since(flight.nudged_wall, turn.seen.wall) < NUDGE_HOLDS_S:
        return
    if flight.nudging is not None:
        turn.settled(flight.nudging.order.order_id, Outcome.UNKNOWN, "telemetry has not shown a move")
    turn.set(
        nudged_wall=None,
        nudging=None,
        nudge_ids=(),
        stop=StopWish(command=Command.HOLD, because="the nudges ended", order_ids=flight.nudge_ids, anchored=True),
    )
    stopping.carry_out(turn)


def _nudged(task: Nudge, turn: Turn) -> Target | None:
    position, heading = turn.seen.aircraft.position, turn.seen.aircraft.heading_deg
    if position is None or heading is None or turn.seen.place is None:
        return None
    length = max(1.0, math.hypot(task.forward, task.right, task.up))
    ahead_m, right_m, up_m = (NUDGE_M * part / length for part in (task.forward, task.right, task.up))
    angle = math.radians(heading)
    north_m = ahead_m * math.cos(angle) - right_m * math.sin(angle)
    east_m = ahead_m * math.sin(angle) + right_m * math.cos(angle)
    lat_deg, lon_deg = LocalPlane(position.lat_deg, position.lon_deg).to_position(east_m, north_m)
    floor_m = min(position.alt_above_home_m, NUDGE_FLOOR_M)
    rise_m = max(position.alt_above_home_m + up_m, floor_m) - position.alt_above_home_m
    return Target(
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        alt_amsl_m=position.alt_amsl_m + rise_m,
        yaw_deg=(heading + NUDGE_TURN_DEG * task.turn_right) % 360.0,
    )


def _target(place: Place, alt_amsl_m: float, yaw_deg: float | None) -> Target:
    return Target(lat_deg=place.lat_deg, lon_deg=place.lon_deg, alt_amsl_m=alt_amsl_m, yaw_deg=yaw_deg)


def _heading(start: Place, end: Place) -> float | None:
    """Nose first, where there is a way to go."""
    if distance_m(start.lat_deg, start.lon_deg, end.lat_deg, end.lon_deg) < THERE_M:
        return None
    return bearing_deg(start.lat_deg, start.lon_deg, end.lat_deg, end.lon_deg)


def is_busy(flight: Flight) -> bool:
    """True while a task moves it."""
    return flight.task is not None or flight.nudged_wall is not None
