"""The flight's phases: a pure machine from (flight, input) to (flight, effects).

Inputs are the order, a safety order, the answer to an upload or a command, and a look at the world some times a second.
Everything is decided from what is seen now and what the flight remembers, never from the edge of a signal, so that a
lost message costs time and nothing else. Phases go forward, each said once; a flight that is turned to another incident
begins anew at EN_ROUTE.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from contracts.orders import FlightOrder, SafetyAction, SafetyOrder, TaskOrder
from contracts.reports import OrderAccepted
from contracts.tasks import Avoid
from contracts.vocabulary import Condition, Outcome, Phase
from dock_agent import homecoming, launch, lidwatch, moving, payload, precedence, replanning, stopping, tasks
from dock_agent.flight import Doing, Flight, Seen, since
from dock_agent.flight_link import Answer, Command, Reply
from dock_agent.mission import MissionPlan, OnBoard
from dock_agent.readings import Mode
from dock_agent.turn import Charge, Effect, Give, Turn
from geo.flight.position import distance_m

FLYING = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING})
MISSING_AFTER_S = 300.0
"""Mission seconds of silence, beyond the time that the whole flight may take, after which an aircraft is missing."""
MISSING_HEARING_S = 60.0
"""Wall seconds of silence that are the least for it."""
AWAY_SLACK_S = 10.0
"""Mission seconds: what is written down is up to a stretch of the track old."""
STEP_M = 1.0
"""Shorter hops are noise, not distance flown."""

_BY_WHOM = {
    SafetyAction.CANCEL: "cancelled",
    SafetyAction.RETURN: "called home",
    SafetyAction.HOLD: "told to hold",
    SafetyAction.LAND: "told to land here",
}

Result = tuple[Flight, list[Effect]]


def begin(order: FlightOrder, *, seen: Seen, mission: MissionPlan) -> Result:
    """An order that the guards let pass: it is accepted, the lid opens and the flight goes on board."""
    flight = Flight(order=order, phase=Phase.PREPARING, phase_at=seen.now, accepted_at=seen.now, lid_from=seen.now)
    turn = Turn(flight, seen, mission)
    turn.say(OrderAccepted(order_id=order.order_id, flight_id=order.flight_id))
    turn.enter(Phase.PREPARING, "order accepted")
    turn.effects.append(Charge(False))
    launch.prepare(turn)
    return turn.flight, turn.effects


def resume(flight: Flight, *, seen: Seen, mission: MissionPlan) -> Result:
    """The agent is back after a restart: what was asked is unknown and will be looked at, what was said stays said."""
    turn = Turn(flight, seen, mission)
    _mend_watch(turn)
    replanning.resume(turn)
    turn.set(
        resumed=True,
        asked=None,
        stop=None if flight.stop is None else flight.stop.model_copy(update={"asked": None}),
        task=None if flight.task is None else _unheard(flight.task, turn),
        payload=tuple(_unheard(one, turn) for one in flight.payload),
        recording=None,
        uploading=False,
        upload_tries=0,
        uploaded=flight.uploaded and flight.phase is not Phase.PREPARING,
        lid_asked_wall=None,
        lid_from=seen.now,
        outbound_seen=flight.outbound_seen or flight.phase in FLYING,
        seated_unheard_at=None,
        lost_at=None,
    )
    if flight.phase is Phase.PREPARING and seen.now >= flight.order.expires_at:
        turn.end(Phase.CANCELLED, "the agent was away until the order had expired")
    return turn.flight, turn.effects


def _mend_watch(turn: Turn) -> None:
    """A restart may come with another time of day; a drone still watching was left alone for no longer than it waits.

    With its agent away for longer the autopilot returns by itself: what is beyond that is the clock's, not the watch's.
    """
    flight, now = turn.flight, turn.seen.now
    if flight.watch_from is None or flight.looked_at is None:
        return
    away_s = since(flight.looked_at, now)
    longest_s = flight.order.link_loss_return_s * turn.seen.factor + AWAY_SLACK_S
    if not 0.0 <= away_s <= longest_s:
        turn.set(watch_from=flight.watch_from + timedelta(seconds=away_s - min(max(away_s, 0.0), longest_s)))


def _unheard(doing: Doing, turn: Turn) -> Doing:
    """What was asked for before a restart has an outcome that nobody heard: it is looked for before anything else."""
    asked = doing.asked
    if asked is None:
        return doing
    return doing.model_copy(
        update={"asked": asked.model_copy(update={"reply": Reply.SILENCE, "at_wall": turn.seen.wall})}
    )


def look(flight: Flight, *, seen: Seen, mission: MissionPlan) -> Result:
    """One look at the world."""
    turn = Turn(flight, seen, mission)
    if flight.phase.is_end:
        return flight, []
    _remember(turn)
    _conditions(turn)
    if not homecoming.find_on_ground(turn):
        _step(turn)
    if not turn.flight.phase.is_end:
        _missing(turn)
    if turn.flight.phase is not flight.phase and turn.seen.heard:
        turn.set(resumed=False)
    return turn.flight, turn.effects


def safety(flight: Flight, *, order: SafetyOrder, seen: Seen, mission: MissionPlan) -> Result:
    """A safety order for this flight: cancel, return, hold or land. It passes older tasks, also those yet to come."""
    turn = Turn(flight, seen, mission)
    order_id, action = order.order_id, order.action
    if order.yields_to_avoidance and _avoids(flight, seen):
        turn.settled(order_id, Outcome.REFUSED, "it gives way to a crewed aircraft, which a hold would end")
        return turn.flight, turn.effects
    phase, by_whom = flight.phase, _BY_WHOM[action]
    newest = flight.newest_issued_at
    turn.set(newest_issued_at=order.issued_at if newest is None else max(newest, order.issued_at))
    stops = {SafetyAction.HOLD: Command.HOLD, SafetyAction.LAND: Command.LAND}.get(action)
    homeward = turn.homeward and flight.home is None and flight.stop is None and not flight.told_to_land
    if phase.is_end:
        turn.settled(order_id, Outcome.REFUSED, f"the flight has ended already: {phase}")
    elif phase is Phase.PREPARING:
        turn.settled(order_id, Outcome.CONFIRMED, "cancelled before arming")
        turn.end(Phase.CANCELLED, f"{by_whom} before arming")
    elif flight.landed_at is not None:
        stood = Outcome.REFUSED if stops is Command.HOLD else Outcome.CONFIRMED
        turn.settled(order_id, stood, "it stands on the ground")
    elif stops is not None and (phase is not Phase.LAUNCHING or seen.flying):
        precedence.want_stop(turn, stops, by_whom, (order_id,))
        _step(turn)
    elif phase in (Phase.RETURNING, Phase.LANDING) and homeward:
        turn.settled(order_id, Outcome.CONFIRMED, "it is on its way home already")
    else:
        precedence.want_home(turn, by_whom, (order_id,))
        if phase is Phase.LAUNCHING:
            turn.enter(Phase.RETURNING, f"{by_whom} while arming")
        _step(turn)
    return turn.flight, turn.effects


def _avoids(flight: Flight, seen: Seen) -> bool:
    pressed = flight.task is not None and isinstance(flight.task.order.task, Avoid)
    return flight.phase in FLYING and flight.landed_at is None and (seen.avoid is not None or pressed)


def task(flight: Flight, *, order: TaskOrder, seen: Seen, mission: MissionPlan) -> Result:
    """A task that all guards let pass."""
    turn = Turn(flight, seen, mission)
    tasks.take(turn, order)
    _step(turn)
    return turn.flight, turn.effects


def answered(flight: Flight, *, given: Give, answer: Answer, seen: Seen, mission: MissionPlan) -> Result:
    """What came back for a command. It is not its outcome: that is for the next looks to show."""
    if flight.phase.is_end:
        return flight, []
    turn = Turn(flight, seen, mission)
    reply, detail, order_id = answer.reply, answer.detail, given.for_order
    if order_id is not None:
        _answer_task(turn, order_id, reply, detail)
    elif given.command in (Command.HOLD, Command.LAND, Command.GOTO):
        stopping.answered(turn, given.command, reply, detail)
    elif (asked := flight.asked) is not None and asked.command is given.command and asked.reply is None:
        turn.set(asked=asked.model_copy(update={"reply": reply, "detail": detail[:200]}))
        launch.answer_launch(turn, given.command)
        homecoming.answer_home(turn, given.command)
    return turn.flight, turn.effects


def payload_answered(flight: Flight, *, order_id: UUID, answer: Answer, seen: Seen, mission: MissionPlan) -> Result:
    """What came back for something asked of the payload."""
    turn = Turn(flight, seen, mission)
    if not flight.phase.is_end:
        payload.answered(turn, order_id, answer.reply, answer.detail)
    return turn.flight, turn.effects


def put_on_board(flight: Flight, *, order_id: UUID, answer: Answer, seen: Seen, mission: MissionPlan) -> Result:
    """The transfer of a new plan in the air has ended, one way or the other."""
    turn = Turn(flight, seen, mission)
    if flight.replanning is not None and flight.replanning.order.order_id == order_id:
        replanning.uploaded(turn, answer)
    return turn.flight, turn.effects


def found_on_board(
    flight: Flight, *, order_id: UUID, board: OnBoard | None, seen: Seen, mission: MissionPlan
) -> Result:
    """What is on board has been read back; None: it could not be."""
    turn = Turn(flight, seen, mission)
    if flight.replanning is not None and flight.replanning.order.order_id == order_id:
        replanning.found(turn, board)
        _step(turn)
    return turn.flight, turn.effects


def _answer_task(turn: Turn, order_id: UUID, reply: Reply, detail: str) -> None:
    flight = turn.flight
    if flight.replanning is not None and flight.replanning.order.order_id == order_id:
        replanning.answered(turn, reply, detail)
    elif flight.task is not None and flight.task.order.order_id == order_id:
        moving.answered(turn, reply, detail)
    else:
        payload.answered(turn, order_id, reply, detail)


def uploaded(flight: Flight, *, order_id: UUID, answer: Answer, seen: Seen, mission: MissionPlan) -> Result:
    """The transfer of fence and mission has ended. Until it is acknowledged whole, nothing is on board."""
    if flight.phase is not Phase.PREPARING or flight.order.order_id != order_id:
        return flight, []
    turn = Turn(flight, seen, mission)
    turn.set(uploading=False, uploaded=answer.reply is Reply.ACKNOWLEDGED)
    _step(turn)
    return turn.flight, turn.effects


def _step(turn: Turn) -> None:
    if turn.flight.phase in FLYING:
        if turn.flight.landed_at is None:
            _air(turn)
        else:
            payload.look(turn)
    match turn.flight.phase:
        case Phase.PREPARING:
            launch.prepare(turn)
        case Phase.LAUNCHING:
            launch.launch(turn)
        case Phase.EN_ROUTE | Phase.ON_SCENE:
            homecoming.fly_out(turn)
        case Phase.RETURNING:
            homecoming.fly_home(turn)
        case Phase.LANDING:
            homecoming.land(turn)
        case _:
            pass


def _air(turn: Turn) -> None:
    """What goes on in the air whatever the phase: stops, guards, tasks, a new plan, the payload, the box's lid."""
    stopping.carry_out(turn)
    if turn.seen.heard:
        _guards(turn)
    lidwatch.look(turn)
    replanning.look(turn)
    moving.look(turn)
    payload.look(turn)
    if turn.flight.phase is Phase.ON_SCENE:
        tasks.hold_past_loiter(turn)


def _guards(turn: Turn) -> None:
    """Hold and avoidance without waiting for anyone; each once, so that a person can take it on from there."""
    flight, seen = turn.flight, turn.seen
    if seen.must_hold != flight.held_for:
        turn.set(held_for=seen.must_hold)
        if seen.must_hold is not None and flight.held_for is None and flight.home is None:
            precedence.want_stop(turn, Command.HOLD, seen.must_hold)
    if (seen.avoid is not None) != flight.avoiding:
        turn.set(avoiding=seen.avoid is not None)
        tasks.avoid(turn, seen.avoid)


def _remember(turn: Turn) -> None:
    """What a flight learns at every look: distance flown, charge, that the mission on board is its own."""
    flight, seen = turn.flight, turn.seen
    turn.set(looked_at=seen.now)
    if not seen.heard:
        return
    item = seen.aircraft.mission_item
    if not flight.outbound_seen and flight.phase is not Phase.PREPARING and item is not None:
        turn.set(outbound_seen=item < turn.mission.watch_item)
    place, last = seen.place, flight.last_place
    if place is None or flight.landed_at is not None:
        return
    if last is None:
        turn.set(last_place=place)
    elif flight.phase in FLYING:
        hop_m = distance_m(last.lat_deg, last.lon_deg, place.lat_deg, place.lon_deg)
        if hop_m >= STEP_M:
            turn.set(last_place=place, distance_m=flight.distance_m + hop_m)


def _conditions(turn: Turn) -> None:
    flight, seen = turn.flight, turn.seen
    if flight.phase not in FLYING and flight.phase is not Phase.LAUNCHING:
        return
    age_s = seen.aircraft.link_age_s
    grace = flight.resumed and since(flight.lid_from, seen.now) < 1.0 and not seen.heard
    if not grace:
        silent_for = "since the start" if age_s == float("inf") else f"for {age_s:.0f} s"
        turn.condition(Condition.LINK_LOST, not seen.heard, f"nothing heard {silent_for}" if not seen.heard else "")
    if not seen.heard:
        return
    unknown = seen.place is None or not seen.aircraft.global_position_ok
    turn.condition(Condition.POSITION_UNKNOWN, unknown, "the autopilot has no position" if unknown else "")
    holding = seen.flying and seen.aircraft.mode is Mode.HOLD
    turn.condition(Condition.HOLDING, holding, "the autopilot holds" + turn.words if holding else "")


def _missing(turn: Turn) -> None:
    """An aircraft that is silent for longer than its whole flight can take, and not in its box, is missing."""
    flight, seen = turn.flight, turn.seen
    if flight.phase not in FLYING and flight.phase is not Phase.LAUNCHING and flight.phase is not Phase.RETURNING:
        return
    if seen.heard or flight.seated_unheard_at is not None or flight.landed_at is not None:
        if flight.lost_at is not None:
            turn.set(lost_at=None)
        return
    if flight.lost_at is None:
        turn.set(lost_at=seen.now)
    elif since(flight.lost_at, seen.now) > flight.order.watch_s + seen.patience_s(
        mission_s=MISSING_AFTER_S, wall_s=MISSING_HEARING_S
    ):
        turn.end(Phase.MISSING, "nothing has been heard since " + flight.lost_at.isoformat(timespec="seconds"))
