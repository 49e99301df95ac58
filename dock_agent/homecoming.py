"""Home, whoever wants it: early returns, the way back, the landing, the box closing over it.

An early return jumps to the way home in the mission on board (the cleared corridor), confirmed by telemetry; if that is
not confirmed in time the autopilot's own return is asked for, which follows the same path; that is asked for again, and
reported as unknown meanwhile, for as long as it does not show. A return is safe to ask for twice.
"""

from __future__ import annotations

from contracts.vocabulary import Lid, Outcome, Phase
from dock_agent import moving, precedence, replanning, stopping
from dock_agent.flight import Flight, since
from dock_agent.flight_link import Command, Reply
from dock_agent.mission import return_item
from dock_agent.readings import Ground, Mode
from dock_agent.turn import HEARING_S, Charge, Turn

WATCH_GRACE_S = 5.0
"""Mission seconds by which the mission on board may end the watch later than the agent would."""
CONFIRM_S = 3.0
"""Wall seconds for telemetry to show an acknowledged command."""
SILENT_S = 5.0
"""Wall seconds after which a command counts as unanswered whatever the link does."""
RETURNS_UNTIL_UNKNOWN = 3
NEAR_HOME_M = 5.0
SEAT_S = 6.0
"""Mission seconds for the box to feel the aircraft after its motors stopped."""
UNHEARD_SEATED_S = 30.0
"""Mission seconds that the box must feel an aircraft whose link is lost before it counts as landed."""
LID_PATIENCE = 3.0
"""Times the lid's nominal travel."""
SEATING_S = 3.0
"""Wall seconds for the poll to bring it."""


def come_home(turn: Turn) -> None:
    """Carry out a wish to come home; nothing when there is none or telemetry has shown it."""
    wish, seen, flight = turn.flight.home, turn.seen, turn.flight
    if wish is None:
        return
    lands = seen.aircraft.mode is Mode.LAND and flight.told_to_land
    if turn.homeward and flight.airborne_at is not None and not lands:
        if flight.phase in (Phase.EN_ROUTE, Phase.ON_SCENE):
            start_return(turn, wish.because)
        turn.settle(Outcome.CONFIRMED, f"telemetry shows {seen.aircraft.mode_name}, item {seen.aircraft.mission_item}")
        turn.set(home=None, asked=None, told_to_land=False)
        return
    if not seen.flying and seen.heard:
        return
    asked = flight.asked
    mine = asked is not None and asked.command in (Command.JUMP, Command.RETURN, Command.START) and wish.jumps > 0
    if asked is not None and mine:
        waited_s = since(asked.at_wall, seen.wall)
        if asked.reply is None and waited_s < SILENT_S:
            return
        if asked.reply is Reply.ACKNOWLEDGED and waited_s < CONFIRM_S:
            return
    _ask(turn)


def answer_home(turn: Turn, command: Command) -> None:
    """After a jump the mission must also run; a refusal goes on to the next means without waiting."""
    flight, asked = turn.flight, turn.flight.asked
    if flight.home is None or asked is None:
        return
    acknowledged = asked.reply is Reply.ACKNOWLEDGED
    if command is Command.JUMP and acknowledged and turn.seen.aircraft.mode is not Mode.MISSION:
        turn.give(Command.START)
    elif command in (Command.JUMP, Command.START) and not acknowledged and turn.seen.flying:
        _ask(turn)


def _ask(turn: Turn) -> None:
    wish, place = turn.flight.home, turn.seen.place
    if wish is None:
        return
    if wish.jumps == 0:
        turn.set(home=wish.model_copy(update={"jumps": 1}))
        if place is not None and not turn.flight.board_unsure:
            item = return_item(turn.flight.order, turn.mission, lat_deg=place.lat_deg, lon_deg=place.lon_deg)
            turn.give(Command.JUMP, item=item)
            return
        wish = wish.model_copy(update={"jumps": 1})
    if wish.returns >= RETURNS_UNTIL_UNKNOWN and not wish.given_up:
        turn.settle(Outcome.UNKNOWN, f"asked {wish.returns} times; telemetry does not show a return yet")
        wish = (turn.flight.home or wish).model_copy(update={"given_up": True})
    turn.set(home=wish.model_copy(update={"returns": wish.returns + 1}))
    turn.give(Command.RETURN)


def start_return(turn: Turn, because: str) -> None:
    """Enter RETURNING, leaving the scene if it was there."""
    stopping.leave_scene(turn)
    turn.enter(Phase.RETURNING, because)


def fly_out(turn: Turn) -> None:
    """EN_ROUTE and ON_SCENE: follow the mission's progress, and whatever else brings it home."""
    flight, seen = turn.flight, turn.seen
    if flight.home is None and seen.must_return is not None and seen.heard and not _lands(flight):
        precedence.want_home(turn, seen.must_return)
    _end_watch(turn)
    come_home(turn)
    if turn.flight.phase not in (Phase.EN_ROUTE, Phase.ON_SCENE) or not seen.heard:
        return
    item, mode = turn.item, seen.aircraft.mode
    if mode is Mode.RETURN:
        start_return(turn, _own_return(turn))
    elif mode is Mode.LAND:
        start_return(turn, "the autopilot lands by itself" + turn.words)
    elif item is not None:
        if item >= turn.mission.watch_item and turn.flight.watch_from is None and turn.flight.watches:
            turn.set(watch_from=seen.now)
        if turn.flight.phase is Phase.EN_ROUTE and item >= turn.mission.watch_item:
            passed = item > turn.mission.watch_item
            if not turn.flight.turned:
                # What was promised was another scene, if it has been turned since.
                turn.set(scene_at=seen.now, scene_distance_m=turn.flight.distance_m)
            turn.enter(Phase.ON_SCENE, _inferred(turn) if passed else "at the watch position")
        if turn.flight.phase is Phase.ON_SCENE and item >= turn.mission.homeward_from:
            start_return(turn, _inferred(turn) if turn.flight.resumed else "the watch is over")


def fly_home(turn: Turn) -> None:
    """RETURNING: until it comes down over home, or wherever it comes down."""
    flight, seen = turn.flight, turn.seen
    strays = seen.must_return is not None and seen.flying and not turn.homeward
    if flight.home is None and strays and not _lands(flight) and flight.waiting_at is None:
        precedence.want_home(turn, seen.must_return or "")
    come_home(turn)
    if flight.airborne_at is None and not seen.flying:
        _undo_launch(turn)
        return
    if flight.airborne_at is None:
        turn.set(airborne_at=seen.now)
    keep_box_open(turn)
    if not seen.heard:
        return
    item, mode = seen.aircraft.mission_item, seen.aircraft.mode
    down = seen.aircraft.ground in (Ground.LANDING, Ground.ON_GROUND) or mode is Mode.LAND
    if turn.flight.board_unsure or turn.flight.replanning is not None:
        item = None
    at_land_item = item == turn.mission.land_item and turn.home_m <= NEAR_HOME_M and mode is not Mode.HOLD
    if down or at_land_item:
        turn.enter(Phase.LANDING, "over home" if turn.home_m <= NEAR_HOME_M else "coming down away from home")


def land(turn: Turn) -> None:
    """LANDING: motors off, seated, lid closed, charger on; or on the ground somewhere else."""
    flight, seen = turn.flight, turn.seen
    if flight.landed_at is None:
        come_home(turn)
        keep_box_open(turn)
        if seen.heard and seen.grounded:
            _touch_down(turn)
        return
    if flight.home_dock_id is not None:
        _end_away(turn)
    elif flight.closing:
        _close(turn)
    elif seen.dock.alive and seen.dock.seated:
        turn.set(closing=True, lid_from=seen.now, lid_asked_wall=None)
        _close(turn)
    elif since(flight.landed_at, seen.now) > seen.patience_s(mission_s=SEAT_S, wall_s=SEATING_S):
        if seen.dock.alive or turn.home_m > NEAR_HOME_M:
            where = "beside its box, whose lid did not open: " if flight.beside else ""
            turn.end(Phase.LANDED_AWAY, f"{where}on the ground {turn.home_m:.0f} m from the box")
        elif since(flight.landed_at, seen.now) > seen.patience_s(mission_s=UNHEARD_SEATED_S, wall_s=HEARING_S):
            turn.note_fault("the aircraft stands where the box is, but the box does not answer")
            turn.end(Phase.LANDED_AWAY, "landed at home; the box does not answer")


def find_on_ground(turn: Turn) -> bool:
    """True when an airborne flight turns out to be over: on the ground, or felt by the box while nobody hears it."""
    flight, seen = turn.flight, turn.seen
    if flight.phase not in (Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING):
        return False
    if flight.landed_at is not None or flight.airborne_at is None:
        return False
    own = flight.home_dock_id is None
    seated_unheard = own and not seen.heard and seen.dock.alive and bool(seen.dock.seated)
    if seated_unheard != (flight.seated_unheard_at is not None):
        turn.set(seated_unheard_at=seen.now if seated_unheard else None)
    unheard_at = turn.flight.seated_unheard_at
    patience_s = seen.patience_s(mission_s=UNHEARD_SEATED_S, wall_s=HEARING_S)
    long_seated = unheard_at is not None and since(unheard_at, seen.now) > patience_s
    if not (seen.grounded or long_seated):
        return False
    why = _inferred(turn) if seen.grounded else "the box feels the aircraft; its link is lost"
    if turn.flight.phase in (Phase.EN_ROUTE, Phase.ON_SCENE):
        start_return(turn, why)
    if turn.flight.phase is Phase.RETURNING:
        turn.enter(Phase.LANDING, why)
    _touch_down(turn)
    return True


def keep_box_open(turn: Turn) -> None:
    """The lid must be open for whoever comes home."""
    if turn.flight.home_dock_id is not None:
        return
    if turn.seen.dock.alive and turn.seen.dock.lid not in (Lid.OPEN, Lid.UNKNOWN):
        turn.move_lid(opened=True)


def _touch_down(turn: Turn) -> None:
    percent = turn.seen.aircraft.battery_percent if turn.seen.heard else turn.seen.dock.battery_percent
    turn.settle(Outcome.CONFIRMED, "it is on the ground")
    stopping.on_ground(turn)
    moving.drop(turn, "it is on the ground")
    replanning.abandon(turn, "it is on the ground")
    turn.set(landed_at=turn.seen.now, battery_percent=percent, home=None)


def _close(turn: Turn) -> None:
    flight, seen = turn.flight, turn.seen
    if seen.dock.lid is Lid.CLOSED:
        turn.effects.append(Charge(True))
        turn.end(Phase.DOCKED, _inferred(turn) if flight.resumed else "seated, lid closed")
        return
    if seen.over_dock is not None:
        turn.effects.append(Charge(True))
        turn.end(Phase.DOCKED, f"seated; the lid stays {seen.dock.lid}: something is over the dock")
        return
    patience_s = seen.patience_s(mission_s=LID_PATIENCE * seen.lid_s, wall_s=HEARING_S)
    if seen.dock.lid is Lid.FAULT or since(flight.lid_from, seen.now) > patience_s:
        turn.note_fault(f"the lid is {seen.dock.lid} over the seated aircraft: it did not close")
        turn.effects.append(Charge(True))
        turn.end(Phase.DOCKED, f"seated; the lid is {seen.dock.lid}")
        return
    turn.move_lid(opened=False)


def _end_away(turn: Turn) -> None:
    """It was diverted: its own box has nothing to say about where it is."""
    flight = turn.flight
    if turn.home_m <= NEAR_HOME_M:
        turn.end(Phase.DOCKED, f"in dock {flight.home_dock_id}")
    else:
        turn.end(Phase.LANDED_AWAY, f"on the ground {turn.home_m:.0f} m from dock {flight.home_dock_id}")


def _end_watch(turn: Turn) -> None:
    """The watch is over as ordered and extended, whatever it is doing; flying the mission, that ends it by itself."""
    flight, ends = turn.flight, turn.flight.watch_ends_at
    if ends is None or flight.home is not None or flight.replanning is not None or _lands(flight) or turn.homeward:
        return
    by_itself = turn.item is not None
    if by_itself and flight.resumed:
        # Moments kept over a restart are the time of day, which may have jumped; the mission's own count has not.
        return
    grace_s = turn.seen.patience_s(mission_s=WATCH_GRACE_S, wall_s=CONFIRM_S) if by_itself else 0.0
    if since(ends, turn.seen.now) >= grace_s:
        precedence.want_home(turn, "the watch is over")


def _lands(flight: Flight) -> bool:
    """True while it has been told to come down here, and telemetry does not show it yet."""
    return flight.stop is not None and flight.stop.command is Command.LAND


def _undo_launch(turn: Turn) -> None:
    """A cancel raced arming and the aircraft still stands: disarm it (the autopilot refuses that in the air)."""
    flight, seen, asked = turn.flight, turn.seen, turn.flight.asked
    if flight.landed_at is not None:
        _close(turn)
        return
    if not seen.on_ground:
        return
    waited_s = SILENT_S if asked is None else since(asked.at_wall, seen.wall)
    if asked is not None and asked.reply is None and waited_s < SILENT_S:
        return
    if seen.aircraft.armed:
        if asked is None or asked.command is not Command.DISARM or waited_s >= CONFIRM_S:
            turn.give(Command.DISARM)
    elif waited_s >= CONFIRM_S:
        # By now the heartbeat would show an arming that was still on its way when the cancel came.
        turn.settle(Outcome.CONFIRMED, "disarmed before take-off")
        turn.set(landed_at=seen.now, home=None, closing=True, lid_from=seen.now, lid_asked_wall=None)


def _own_return(turn: Turn) -> str:
    if turn.flight.resumed:
        return "inferred after restart: the autopilot is returning"
    return "the autopilot returns by itself" + turn.words


def _inferred(turn: Turn) -> str:
    return "inferred after restart" if turn.flight.resumed else "passed between two looks"
