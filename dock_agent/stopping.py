"""Hold and land, whoever wants it: asked for at once, asked for again until telemetry shows it, never taken for done.

A hold is shown by the mode and by standing still: an autopilot that is flying to a point is in the same mode, and stays
on its way there when it is told to hold once more. So one that moves on is told to fly to where it is.
"""

from __future__ import annotations

from contracts.vocabulary import Outcome, Phase
from dock_agent.flight import Asked, StopWish, since
from dock_agent.flight_link import Command, Reply, Target
from dock_agent.readings import Ground, Mode
from dock_agent.turn import Give, Turn

CONFIRM_S = 3.0
"""Wall seconds for telemetry to show an acknowledged command."""
SILENT_S = 5.0
"""Wall seconds after which a command counts as unanswered whatever the link does."""
BRAKE_S = 6.0
"""Mission seconds that coming to a stand may take."""
STILL_M_S = 2.0
"""Slower than this over ground is standing; gusts push that much."""
ASKS_UNTIL_UNKNOWN = 3


def drop(turn: Turn, why: str) -> None:
    """Something else is wanted instead of the hold or landing."""
    if turn.flight.stop is not None:
        _settle(turn, Outcome.UNKNOWN, why)
        turn.set(stop=None)


def carry_out(turn: Turn) -> None:
    """Carry out a wish to hold or land; nothing when there is none or telemetry has shown it."""
    wish = turn.flight.stop
    if wish is None:
        return
    if _shown(turn, wish):
        _settle(turn, Outcome.CONFIRMED, f"telemetry shows {turn.seen.aircraft.mode_name}{_speed(turn)}")
        turn.set(stop=None)
        if wish.command is Command.LAND and turn.flight.phase in (Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING):
            leave_scene(turn)
            turn.enter(Phase.LANDING, wish.because)
        if wish.command is Command.LAND:
            turn.set(told_to_land=True)
        return
    asked = wish.asked
    if asked is not None:
        waited_s = since(asked.at_wall, turn.seen.wall)
        if asked.reply is None and waited_s < SILENT_S:
            return
        unanchored = turn.seen.aircraft.mode is Mode.HOLD and not _at_anchor(wish)
        patience_s = 0.0 if unanchored else _patience_s(turn, wish)
        if asked.reply is Reply.ACKNOWLEDGED and waited_s * turn.seen.factor < patience_s:
            return
        if asked.reply is Reply.DENIED and waited_s < CONFIRM_S and wish.asks > 1:
            return
    _ask(turn, wish)


def answered(turn: Turn, command: Command, reply: Reply, detail: str) -> None:
    """What came back for the hold or landing asked for."""
    wish = turn.flight.stop
    if wish is None or wish.asked is None or wish.asked.command is not command or wish.asked.reply is not None:
        return
    asked = wish.asked.model_copy(update={"reply": reply, "detail": detail[:200]})
    turn.set(stop=wish.model_copy(update={"asked": asked}))
    carry_out(turn)


def on_ground(turn: Turn) -> None:
    """It stands on the ground: a landing is done, a hold cannot be any more."""
    wish = turn.flight.stop
    if wish is not None:
        landed = wish.command is Command.LAND
        _settle(turn, Outcome.CONFIRMED if landed else Outcome.UNKNOWN, "it is on the ground")
        turn.set(stop=None)


def leave_scene(turn: Turn) -> None:
    """Remember when it left the scene, if it was there."""
    if turn.flight.scene_at is not None and turn.flight.left_scene_at is None:
        turn.set(left_scene_at=turn.seen.now)


def here(turn: Turn, *, yaw_deg: float | None = None) -> Target | None:
    """Where it is now, as a target; None while that is not known."""
    position = turn.seen.aircraft.position
    if position is None or turn.seen.place is None:
        return None
    return Target(lat_deg=position.lat_deg, lon_deg=position.lon_deg, alt_amsl_m=position.alt_amsl_m, yaw_deg=yaw_deg)


def _shown(turn: Turn, wish: StopWish) -> bool:
    aircraft = turn.seen.aircraft
    if wish.command is Command.LAND:
        down = aircraft.mode is Mode.LAND or aircraft.ground is Ground.LANDING or turn.seen.on_ground
        return turn.seen.heard and down
    return turn.seen.flying and aircraft.mode is Mode.HOLD and not _moving(turn) and _at_anchor(wish)


def _at_anchor(wish: StopWish) -> bool:
    asked = wish.asked
    if not wish.anchored:
        return True
    return asked is not None and asked.command is Command.GOTO and asked.reply is Reply.ACKNOWLEDGED


def _moving(turn: Turn) -> bool:
    speed = turn.seen.aircraft.ground_speed_m_s
    climb = turn.seen.aircraft.climb_m_s
    return (speed is not None and speed > STILL_M_S) or (climb is not None and abs(climb) > STILL_M_S)


def _patience_s(turn: Turn, wish: StopWish) -> float:
    """Mission seconds."""
    braking = wish.command is Command.HOLD and turn.seen.aircraft.mode is Mode.HOLD
    return turn.seen.patience_s(mission_s=BRAKE_S if braking else 0.0, wall_s=CONFIRM_S)


def _ask(turn: Turn, wish: StopWish) -> None:
    if wish.asks >= ASKS_UNTIL_UNKNOWN and not wish.given_up:
        detail = f"asked {wish.asks} times; telemetry shows {turn.seen.aircraft.mode_name}{_speed(turn)}"
        _settle(turn, Outcome.UNKNOWN, detail)
        wish = (turn.flight.stop or wish).model_copy(update={"given_up": True})
    command, target = wish.command, None
    if command is Command.HOLD and turn.seen.aircraft.mode is Mode.HOLD and wish.asks > 0:
        target = here(turn)
        command = Command.GOTO if target is not None else Command.HOLD
    asked = Asked(command=command, at_wall=turn.seen.wall)
    turn.set(stop=wish.model_copy(update={"asked": asked, "asks": wish.asks + 1}))
    turn.effects.append(Give(command, target=target))
    if command is Command.HOLD and turn.seen.aircraft.mode is Mode.HOLD:
        # In that mode already, and moving all the same: it flies to a point, and only another point ends that.
        target = here(turn)
        if target is not None:
            asked = Asked(command=Command.GOTO, at_wall=turn.seen.wall)
            turn.set(stop=(turn.flight.stop or wish).model_copy(update={"asked": asked}))
            turn.effects.append(Give(Command.GOTO, target=target))


def _settle(turn: Turn, outcome: Outcome, detail: str) -> None:
    wish = turn.flight.stop
    if wish is None:
        return
    for order_id in wish.order_ids:
        turn.settled(order_id, outcome, detail)
    turn.set(stop=wish.model_copy(update={"order_ids": ()}))


def _speed(turn: Turn) -> str:
    speed = turn.seen.aircraft.ground_speed_m_s
    return "" if speed is None else f", {speed:.0f} m/s over ground"
