"""The lid of its own box while it is out: it stays open, and when it shuts by itself it is ordered open again.

When it does not open, somebody is told while there is time for a divert. Near home it waits for the lid or for another
dock, a bounded time; then it lands beside its box, where people expect it, and not on top of it. With a person or an
object over the box it waits as long as the charge allows.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid5

from contracts.orders import TaskOrder
from contracts.position import Place
from contracts.tasks import Goto
from contracts.vocabulary import AlarmKind, Lid, Phase
from dock_agent import moving, precedence
from dock_agent.flight import Doing, Flight, since
from dock_agent.flight_link import Command
from dock_agent.readings import Mode
from dock_agent.turn import HEARING_S, Turn
from geo.flight.errors import FlightGeometryError
from geo.flight.fence import Fence
from geo.flight.position import distance_m, offset

LID_PATIENCE = 3.0
"""Times the lid's nominal travel."""
WAITS_WITHIN_M = 30.0
"""Over ground from its box: nearer it would begin to come down."""
WAIT_S = 20.0
"""Mission seconds near home for a divert, or for the lid."""
BESIDE_M = 8.0
"""From the middle of the box to where it lands beside it: clear of the lid's leaves, near enough to be found."""
AT_SPOT_M = 3.0
_BEARINGS_DEG = (180.0, 0.0, 90.0, 270.0, 135.0, 225.0, 45.0, 315.0)


def look(turn: Turn) -> None:
    """One look at the lid, in the air."""
    flight, dock = turn.flight, turn.seen.dock
    if flight.home_dock_id is not None:
        _over(turn, "it is diverted")
        if dock.alive:
            turn.move_lid(opened=False)
        return
    over = turn.seen.over_dock
    if over is not None:
        if not flight.lid_alarm:
            turn.set(lid_alarm=True)
            text = f"something is over the dock: {over}: it holds near home; divert it, or say that the dock is clear"
            turn.alarm(AlarmKind.LID, True, text)
        _keep_off(turn, "something is over its box", patient=turn.seen.must_return is None)
        return
    if not dock.alive or dock.lid in (Lid.UNKNOWN, Lid.OPEN):
        if dock.lid is Lid.OPEN:
            _opened(turn)
        return
    turn.move_lid(opened=True)
    if flight.lid_shut_at is None:
        turn.set(lid_shut_at=turn.seen.now)
    shut_s = since(turn.flight.lid_shut_at or turn.seen.now, turn.seen.now)
    patience_s = turn.seen.patience_s(mission_s=LID_PATIENCE * turn.seen.lid_s, wall_s=HEARING_S)
    if not flight.lid_alarm and (dock.lid is Lid.FAULT or shut_s > patience_s):
        turn.set(lid_alarm=True)
        text = f"the lid is {dock.lid} and does not open: divert it to another dock, or it lands beside its box"
        turn.alarm(AlarmKind.LID, True, text)
    if turn.flight.lid_alarm:
        _keep_off(turn, "its lid is shut")


def _over(turn: Turn, why: str) -> None:
    if turn.flight.lid_alarm:
        turn.alarm(AlarmKind.LID, False, why)
    if turn.flight.lid_alarm or turn.flight.lid_shut_at is not None:
        turn.set(lid_alarm=False, lid_shut_at=None)


def _opened(turn: Turn) -> None:
    waited = turn.flight.waiting_at is not None
    _over(turn, "the box is open and clear")
    if waited and not turn.flight.told_to_land:
        turn.set(waiting_at=None, beside=False)
        if turn.flight.replanning is None:
            precedence.want_home(turn, "the box is open and clear")


def _keep_off(turn: Turn, because: str, *, patient: bool = False) -> None:
    """Hold near home; then, unless it is ``patient``, land beside the box."""
    flight, seen = turn.flight, turn.seen
    if flight.phase not in (Phase.RETURNING, Phase.LANDING) or not seen.flying or flight.replanning is not None:
        return
    if flight.waiting_at is None:
        if turn.home_m <= WAITS_WITHIN_M and not flight.told_to_land:
            turn.set(waiting_at=seen.now)
            precedence.want_stop(turn, Command.HOLD, because)
        return
    if patient:
        return
    if since(flight.waiting_at, seen.now) < seen.patience_s(mission_s=WAIT_S, wall_s=HEARING_S):
        return
    spot = _spot(flight)
    if not flight.beside:
        turn.set(beside=True)
        _fly_to(turn, spot)
    elif flight.task is None and flight.stop is None and not flight.told_to_land:
        place = seen.place
        there = place is not None and distance_m(place.lat_deg, place.lon_deg, spot.lat_deg, spot.lon_deg) <= AT_SPOT_M
        if there and seen.aircraft.mode is Mode.HOLD:
            precedence.want_stop(turn, Command.LAND, f"beside its box: {because}")
        elif since(flight.waiting_at, seen.now) > 3 * seen.patience_s(mission_s=WAIT_S, wall_s=HEARING_S):
            precedence.want_stop(turn, Command.LAND, f"near its box: {because}")


def _fly_to(turn: Turn, spot: Place) -> None:
    now, order = turn.seen.now, turn.flight.order
    precedence.clear(turn, "superseded: it lands beside its box")
    mine = TaskOrder(
        order_id=uuid5(order.flight_id, "beside the box"),
        flight_id=order.flight_id,
        deployment=order.deployment,
        given_by="the agent",
        issued_at=now,
        expires_at=now + timedelta(minutes=5),
        task=Goto(place=spot),
    )
    moving.begin(turn, Doing(order=mine, begun=now))


def _spot(flight: Flight) -> Place:
    """Beside the box and inside the fence."""
    home = flight.order.home
    try:
        fence: Fence | None = Fence(vertices=tuple((one.lat_deg, one.lon_deg) for one in flight.order.fence))
    except FlightGeometryError:
        fence = None
    spots = [offset(home.lat_deg, home.lon_deg, bearing_deg=bearing, distance_m=BESIDE_M) for bearing in _BEARINGS_DEG]
    inside = next((spot for spot in spots if fence is not None and fence.contains(*spot)), spots[0])
    return Place(lat_deg=inside[0], lon_deg=inside[1])
