"""From the accepted order to the air: lid and upload together, then arming, then the mission's start.

Before arming a cancel costs nothing: the lid closes. From the moment that arming has been asked for, the aircraft may
be on its way up, so a cancel becomes a return (`dock_agent.homecoming`).
"""

from __future__ import annotations

from contracts.vocabulary import Lid, Outcome, Phase
from dock_agent.flight import HomeWish, since
from dock_agent.flight_link import Command, Reply
from dock_agent.readings import Mode
from dock_agent.turn import HEARING_S, Turn, Upload

LID_PATIENCE = 3.0
"""Times the lid's nominal travel."""
UPLOAD_TRIES = 3
ARM_TRIES = 20
ARM_AGAIN_S = 0.4
"""Wall seconds between tries: with a data-link failsafe set, PX4 denies arming for about 1 s after connecting."""
LOOK_S = 2.0
"""Wall seconds to look for what a command did before it is given again: the heartbeat comes once a second."""
START_TRIES = 6
READY_S = 60.0
"""Mission seconds from the open lid until the aircraft must be armable."""
LIFT_OFF_S = 40.0
"""Mission seconds from armed until it must be in the air."""


def prepare(turn: Turn) -> None:
    """PREPARING: the lid opens while fence and mission go up; then it arms, at once."""
    flight, seen = turn.flight, turn.seen
    if flight.refusal is not None:
        turn.end(Phase.REFUSED, flight.refusal)
        return
    # Once arming has been asked for it may be on its way up, and a hold never touches a drone in the air.
    why = _came_up(turn) or seen.held
    if why is not None:
        refuse(turn, why)
        return
    if not flight.uploaded and not flight.uploading:
        if flight.upload_tries >= UPLOAD_TRIES:
            refuse(turn, f"the flight plan could not be put on board in {UPLOAD_TRIES} tries")
            return
        if seen.heard:
            turn.set(uploading=True, upload_tries=flight.upload_tries + 1)
            turn.effects.append(Upload())
    waited_s = since(flight.lid_from, seen.now)
    patience_s = seen.patience_s(mission_s=LID_PATIENCE * seen.lid_s, wall_s=HEARING_S)
    if seen.dock.lid is not Lid.OPEN:
        if seen.dock.lid is Lid.FAULT or waited_s > patience_s:
            what = "reports a fault" if seen.dock.lid is Lid.FAULT else f"is {seen.dock.lid} after {waited_s:.0f} s"
            turn.note_fault(f"the lid {what}: the launch is called off")
            refuse(turn, f"the lid {what}")
            return
        turn.move_lid(opened=True)
        return
    if turn.flight.uploaded and seen.heard and seen.aircraft.armable:
        turn.enter(Phase.LAUNCHING, "the lid is open and the flight is on board")
        _arm(turn)
    elif waited_s > patience_s + seen.patience_s(mission_s=READY_S, wall_s=HEARING_S) and not turn.flight.uploading:
        # A transfer is bounded by itself, in wall time.
        refuse(turn, _not_ready(turn))


def launch(turn: Turn) -> None:
    """LAUNCHING: arm (bounded tries), start the mission, until telemetry shows it in the air."""
    flight, seen = turn.flight, turn.seen
    if not seen.heard:
        return
    if seen.flying:
        turn.set(airborne_at=seen.now, asked=None)
        turn.enter(Phase.EN_ROUTE, "off the ground")
        if flight.refusal is not None:
            turn.set(home=HomeWish(because=flight.refusal))
        return
    why = _came_up(turn)
    if why is not None and flight.refusal is None:
        turn.set(refusal=why)
    flight = turn.flight
    if seen.aircraft.armed:
        if flight.armed_at is None:
            turn.set(armed_at=seen.now)
        _start(turn)
    elif flight.refusal is not None:
        if _looked(turn):
            turn.end(Phase.REFUSED, flight.refusal)
    elif flight.armed_at is not None and _looked(turn):
        refuse(turn, "the autopilot disarmed again before take-off" + turn.words)
    else:
        _try_arming(turn)


def answer_launch(turn: Turn, command: Command) -> None:
    """An acknowledged arming is followed by the start at once; telemetry has to show both."""
    asked = turn.flight.asked
    if asked is None or turn.flight.home is not None or turn.flight.phase is not Phase.LAUNCHING:
        return
    if command is Command.ARM and asked.reply is Reply.ACKNOWLEDGED and turn.flight.refusal is None:
        turn.set(start_tries=turn.flight.start_tries + 1)
        turn.give(Command.START)


def refuse(turn: Turn, because: str) -> None:
    """Call the launch off before take-off: the flight ends as refused. Closing the lid is the idle dock's work."""
    if turn.flight.phase is Phase.LAUNCHING:
        turn.set(refusal=because)
        if turn.seen.aircraft.armed:
            if turn.seen.on_ground:
                turn.give(Command.DISARM)
            return
    turn.settle(Outcome.CONFIRMED, "the launch was called off")
    turn.end(Phase.REFUSED, because)


def _came_up(turn: Turn) -> str | None:
    """What has come up over the dock since the order was accepted, and keeps it on the ground."""
    seen = turn.seen
    if seen.over_dock is not None:
        return f"something is over the dock: {seen.over_dock}"
    return None if seen.converging is None else f"a crewed aircraft is near: {seen.converging}"


def _arm(turn: Turn) -> None:
    turn.set(arm_tries=turn.flight.arm_tries + 1)
    turn.give(Command.ARM)


def _try_arming(turn: Turn) -> None:
    flight, asked = turn.flight, turn.flight.asked
    if asked is not None:
        waited_s = since(asked.at_wall, turn.seen.wall)
        denied = asked.command is Command.ARM and asked.reply is Reply.DENIED
        if waited_s < (ARM_AGAIN_S if denied else LOOK_S) or asked.reply is None:
            return
    if flight.arm_tries >= ARM_TRIES:
        refuse(turn, "arming was denied" + turn.words)
    elif turn.seen.on_ground:
        _arm(turn)


def _start(turn: Turn) -> None:
    flight, seen = turn.flight, turn.seen
    asked = flight.asked
    if flight.refusal is not None:
        if _looked(turn) and seen.on_ground:
            turn.give(Command.DISARM)
        return
    armed_s = since(flight.armed_at or seen.now, seen.now)
    if armed_s > seen.patience_s(mission_s=LIFT_OFF_S, wall_s=HEARING_S) and seen.on_ground:
        refuse(turn, "armed, but it did not leave the ground" + turn.words)
        return
    if seen.aircraft.mode in (Mode.MISSION, Mode.TAKEOFF):
        return
    if asked is not None and asked.command is Command.START and not _looked(turn):
        return
    if flight.start_tries >= START_TRIES:
        refuse(turn, "the autopilot did not start the mission" + turn.words)
        return
    turn.set(start_tries=flight.start_tries + 1)
    turn.give(Command.START)


def _looked(turn: Turn) -> bool:
    """True when the last command was answered (or timed out) and telemetry has had time to show what it did."""
    asked = turn.flight.asked
    return asked is None or (asked.reply is not None and since(asked.at_wall, turn.seen.wall) >= LOOK_S)


def _not_ready(turn: Turn) -> str:
    if not turn.seen.heard:
        return "the aircraft's link is silent"
    if not turn.flight.uploaded:
        return "the flight plan is not on board"
    return "the autopilot is not ready to arm" + turn.words
