"""The flight's phases: a pure machine from (flight, input) to (flight, effects).

Inputs are the order, a safety order, the answer to an upload or a command, and a look at the world some times a second.
Everything is decided from what is seen now and what the flight remembers, never from the edge of a signal, so that a
lost message costs time and nothing else. Phases only ever go forward; each is said once.
"""

from __future__ import annotations

from uuid import UUID

from contracts.orders import FlightOrder, SafetyAction
from contracts.reports import CommandSettled, OrderAccepted
from contracts.vocabulary import Condition, Outcome, Phase
from dock_agent import homecoming, launch
from dock_agent.flight import Flight, HomeWish, Seen, since
from dock_agent.flight_link import Answer, Command, Reply
from dock_agent.mission import MissionPlan
from dock_agent.readings import Mode
from dock_agent.turn import Charge, Effect, Turn
from geo.flight.position import distance_m

FLYING = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING})
MISSING_AFTER_S = 300.0
"""Mission seconds of silence, beyond the time that the whole flight may take, after which an aircraft is missing."""
MISSING_HEARING_S = 60.0
"""Wall seconds of silence that are the least for it."""
STEP_M = 1.0
"""Shorter hops are noise, not distance flown."""

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
    turn.set(
        resumed=True,
        asked=None,
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


def call_home(flight: Flight, *, order_id: UUID, action: SafetyAction, seen: Seen, mission: MissionPlan) -> Result:
    """A safety order for this flight: cancel or return."""
    turn = Turn(flight, seen, mission)
    phase, by_whom = flight.phase, "cancelled" if action is SafetyAction.CANCEL else "called home"
    if phase.is_end:
        turn.say(_settled(turn, order_id, Outcome.REFUSED, f"the flight has ended already: {phase}"))
    elif phase is Phase.PREPARING:
        turn.say(_settled(turn, order_id, Outcome.CONFIRMED, "cancelled before arming"))
        turn.end(Phase.CANCELLED, f"{by_whom} before arming")
    elif phase in (Phase.RETURNING, Phase.LANDING) and flight.home is None:
        turn.say(_settled(turn, order_id, Outcome.CONFIRMED, "it is on its way home already"))
    else:
        _wish(turn, order_id, by_whom)
        if phase is Phase.LAUNCHING:
            turn.enter(Phase.RETURNING, f"{by_whom} while arming")
        _step(turn)
    return turn.flight, turn.effects


def answered(flight: Flight, *, command: Command, answer: Answer, seen: Seen, mission: MissionPlan) -> Result:
    """What came back for a command. It is not its outcome: that is for the next looks to show."""
    asked = flight.asked
    if flight.phase.is_end or asked is None or asked.command is not command or asked.reply is not None:
        return flight, []
    turn = Turn(flight, seen, mission)
    turn.set(asked=asked.model_copy(update={"reply": answer.reply, "detail": answer.detail[:200]}))
    launch.answer_launch(turn, command)
    homecoming.answer_home(turn, command)
    return turn.flight, turn.effects


def uploaded(flight: Flight, *, answer: Answer, seen: Seen, mission: MissionPlan) -> Result:
    """The transfer of fence and mission has ended. Until it is acknowledged whole, nothing is on board."""
    if flight.phase is not Phase.PREPARING:
        return flight, []
    turn = Turn(flight, seen, mission)
    turn.set(uploading=False, uploaded=answer.reply is Reply.ACKNOWLEDGED)
    _step(turn)
    return turn.flight, turn.effects


def _step(turn: Turn) -> None:
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


def _wish(turn: Turn, order_id: UUID, because: str) -> None:
    wish = turn.flight.home
    if wish is None:
        wish = HomeWish(because=because)
        if turn.flight.phase is not Phase.LAUNCHING:
            turn.set(asked=None)
    turn.set(home=wish.model_copy(update={"order_ids": (*wish.order_ids, order_id)}))


def _settled(turn: Turn, order_id: UUID, outcome: Outcome, detail: str) -> CommandSettled:
    flight_id = turn.flight.order.flight_id
    return CommandSettled(order_id=order_id, flight_id=flight_id, outcome=outcome, detail=detail)


def _remember(turn: Turn) -> None:
    """What a flight learns at every look: distance flown, charge, that the mission on board is its own."""
    flight, seen = turn.flight, turn.seen
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
