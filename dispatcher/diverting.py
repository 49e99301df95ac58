"""Sending a flight home to another dock: which can take it in, and what follows when one has opened, or will not.

Pure. First the dock opens (`ReceiveOrder`), then the flight is told: an aircraft is never sent to a lid that is shut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from contracts.orders import ReceiveOrder
from contracts.position import Waypoint
from contracts.reports import DockStatus, Telemetry
from contracts.tasks import Divert
from contracts.vocabulary import AlarmKind, Deployment, DockState, Lid, Outcome
from dispatcher import events as ev
from dispatcher.apart import apart_task, heights_for
from dispatcher.commanding import TASK_VALID, told
from dispatcher.decision.facts import Policy, performance_from_fleet
from dispatcher.decision.world import World
from dispatcher.detours import Surroundings
from dispatcher.entities import Diversion, DockView, Flight, State
from dispatcher.errors import Conflict, DispatcherError, NotApart, NotFound
from dispatcher.identifiers import NewId
from dispatcher.maintenance import held_because
from dispatcher.rerouting import affordable, lay_divert
from dispatcher.sequence import next_sequence
from dispatcher.volumes import Sky
from geo.flight.position import distance_m
from geo.flight.wind import CALM, Wind, wind_at

WAITS_FACTOR = 1.5
WAITS_EXTRA = timedelta(minutes=3)
"""A dock waits with its lid open for so much longer than the way there should take."""
ANSWER_WITHIN = timedelta(seconds=30)
"""A dock that has not opened by then is not waited for: the next one is asked."""
OLD_S = 15.0
"""Mission seconds: from an older position no way is laid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Where a flight is now, and with what charge."""

    at: Waypoint
    charge_percent: float


def present_of(flight: Flight, telemetry: Telemetry | None, *, now: datetime) -> Present:
    """From the aircraft's last telemetry; raises `Conflict` where that is not its own or too old."""
    if telemetry is None or telemetry.flight_id != flight.id or telemetry.battery_percent is None:
        raise Conflict(f"where {flight.callsign} is now is not known: no way can be laid")
    age_s = (now - telemetry.mission_time).total_seconds() + telemetry.position_age_s
    if age_s > OLD_S:
        raise Conflict(f"the position of {flight.callsign} is {age_s:.0f} s old: no way can be laid from there")
    at = Waypoint(
        lat_deg=telemetry.lat_deg,
        lon_deg=telemetry.lon_deg,
        alt_above_home_m=min(500.0, max(0.0, telemetry.alt_above_home_m)),
    )
    return Present(at=at, charge_percent=telemetry.battery_percent)


def wind_of(status: DockStatus | None, policy: Policy, *, height_m: float) -> Wind:
    """The wind that a dock measures, as it blows at a height above it; calm where none is known."""
    weather = None if status is None else status.weather
    if weather is None:
        return CALM
    measured = Wind(speed_m_s=weather.wind_speed_m_s, from_deg=weather.wind_from_deg)
    return wind_at(measured, height_m, exponent=policy.wind_shear)


def surroundings_of(state: State, flight: Flight, *, wind: Wind, world: World) -> Surroundings:
    """What a flight in the air must find its way through."""
    home = state.docks[flight.dock_id]
    return Surroundings(
        world=world,
        plate_amsl_m=home.dock.alt_amsl_m,
        performance=performance_from_fleet(aircraft_type=home.aircraft_type, limits=home.dock.limits),
        wind=wind,
    )


def not_free(view: DockView, flight: Flight, status: DockStatus | None) -> list[str]:
    """Why a dock cannot take the flight in, in words; empty when it can."""
    if view.dock.id == flight.dock_id:
        return ["it took off from here"]
    reasons = []
    if status is None or view.silent:
        return ["the dock's agent is not heard"]
    if view.active_flight_id is not None:
        reasons.append("its own aircraft is out and comes home to it")
    if view.expected_flight_id not in (None, flight.id) or status.receiving_flight_id not in (None, flight.id):
        reasons.append("another flight has been sent here")
    if status.aircraft_seated is not False or view.guest_of is not None:
        reasons.append("an aircraft stands in it" if status.aircraft_seated else "its plate is not known to be free")
    if status.state is DockState.FAULT or status.lid in (Lid.FAULT, Lid.UNKNOWN):
        reasons.append(f"the dock does not work: state {status.state}, lid {status.lid}")
    if view.holds:
        reasons.append(held_because(view))
    if view.blocker is not None and view.blocker.order.raised:
        reasons.append(f"something is over it: {view.blocker.order.text}")
    return reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The task that brings a flight to another dock, and how long that should take."""

    task: Divert
    takes: timedelta


def way_to(
    state: State,
    flight: Flight,
    view: DockView,
    *,
    present: Present,
    wind: Wind,
    policy: Policy,
    world: World,
    sky: Sky,
    must: bool = False,
) -> Way:
    """How it gets there from where it is, apart from all that fly; raises a `DispatcherError` where it cannot.

    ``must``: it has no home to go to but another one, and goes even where it cannot be kept apart.
    """
    home = state.docks[flight.dock_id]
    around = surroundings_of(state, flight, wind=wind, world=world)

    def laid_at(height_m: float | None) -> Way:
        task = lay_divert(
            flight=flight,
            present=present.at,
            dock=view.dock,
            home=home.dock,
            policy=policy,
            around=around,
            height_m=height_m,
        )
        estimate = affordable(
            task=task,
            flight=flight,
            present=present.at,
            performance=around.performance,
            charge_percent=present.charge_percent,
            wind=wind,
            otherwise=view.dock.id,
        )
        return Way(task=task, takes=timedelta(seconds=estimate.total_s))

    usual = laid_at(None)
    try:
        task = apart_task(
            state,
            flight,
            lay_at=lambda height_m: usual.task if height_m is None else laid_at(height_m).task,
            heights_m=heights_for(flight),
            sky=sky,
        )
    except NotApart:
        if must:
            return usual
        raise
    return usual if task == usual.task else laid_at(task.route_out[0].alt_above_home_m)


def begin(
    state: State,
    flight: Flight,
    dock_id: str | None,
    *,
    actor: str,
    because: str,
    idempotency_key: str | None,
    automatic: bool,
    present: Present,
    heard: Mapping[str, DockStatus],
    policy: Policy,
    world: World,
    sky: Sky,
    deployment: Deployment,
    now: datetime,
    new_id: NewId,
) -> list[ev.Event]:
    """The named dock, or the nearest that can, is asked to open. Raises `Conflict` with every dock's ``reasons``."""
    if dock_id is not None and dock_id not in state.docks:
        raise NotFound(f"there is no dock {dock_id}")
    waits = waiting(flight)
    if waits is not None:
        raise Conflict(f"{flight.callsign} waits for {waits.to_dock_id} to open already", order_id=str(waits.order_id))
    tried = {each.to_dock_id for each in flight.diversions if each.receive_outcome is not Outcome.CONFIRMED}
    where = (present.at.lat_deg, present.at.lon_deg)
    nearest = sorted(state.docks.values(), key=lambda view: distance_m(*where, view.dock.lat_deg, view.dock.lon_deg))
    reasons: dict[str, list[str]] = {}
    wind = wind_of(heard.get(flight.dock_id), policy, height_m=present.at.alt_above_home_m)
    lay = partial(way_to, state, flight, present=present, wind=wind, policy=policy, world=world, sky=sky)
    found: tuple[DockView, Way] | None = None
    crowded: list[DockView] = []
    for view in nearest if dock_id is None else [state.docks[dock_id]]:
        against = not_free(view, flight, heard.get(view.dock.id))
        if automatic and view.dock.id in tried:
            against.append("it did not open when it was asked before")
        if not against:
            try:
                found = view, lay(view)
                break
            except DispatcherError as error:
                against.append(error.detail)
                crowded += [view] * isinstance(error, NotApart)
        reasons[view.dock.id] = against
    if found is None and automatic and crowded:
        # Its own dock is shut: it comes down somewhere. Who is in the way is moved, or told (`dispatcher.nearness`).
        found = crowded[0], lay(crowded[0], must=True)
    if found is not None:
        view, way = found
        until = now + WAITS_FACTOR * way.takes + WAITS_EXTRA
        began = _begin(state, flight, view, because, idempotency_key, automatic, deployment, now, until, new_id)
        return [began, *told(flight, actor, "divert", began.order_id, because)]
    named = f"{dock_id} cannot" if dock_id is not None else "no dock can"
    first = "; ".join(f"{name}: {', '.join(words)}" for name, words in list(reasons.items())[:3])
    raise Conflict(f"{named} take {flight.callsign} in: {first}", reasons=reasons)


def waiting(flight: Flight) -> Diversion | None:
    """The diversion whose dock has not answered yet."""
    diversion = flight.diversion
    return diversion if diversion is not None and diversion.receive_outcome is Outcome.PENDING else None


def opened(flight: Flight) -> Diversion | None:
    """The diversion whose dock is open, and of which the flight has not been told."""
    diversion = flight.diversion
    if flight.ended or diversion is None or diversion.receive_outcome is not Outcome.CONFIRMED:
        return None
    command = flight.command(diversion.order_id)
    return diversion if command is not None and command.task is None and command.outcome is Outcome.PENDING else None


def failed(flight: Flight) -> Diversion | None:
    """The diversion whose dock will not open, while its command is not settled yet."""
    diversion = flight.diversion
    if diversion is None or diversion.receive_outcome not in (Outcome.REFUSED, Outcome.UNKNOWN):
        return None
    command = flight.command(diversion.order_id)
    return diversion if command is not None and command.outcome is Outcome.PENDING else None


def tell_flight(state: State, flight: Flight, diversion: Diversion, task: Divert, *, now: datetime) -> list[ev.Event]:
    """The dock is open: the flight is told to go there."""
    return [
        ev.TaskGiven(
            flight_id=flight.id,
            dock_id=flight.dock_id,
            order_id=diversion.order_id,
            task=task,
            sequence=next_sequence(state, flight.dock_id, now),
            expires_at=now + TASK_VALID,
            because=diversion.because,
            idempotency_key=None,
        )
    ]


def give_up(flight: Flight, diversion: Diversion, why: str) -> list[ev.Event]:
    """The dock does not open, or cannot be reached any more: the command is refused, and the flight goes on."""
    detail = f"{diversion.to_dock_id}: {why}"[:400]
    return [
        ev.CommandResolved(flight_id=flight.id, order_id=diversion.order_id, outcome=Outcome.REFUSED, detail=detail)
    ]


def needs_another_home(flight: Flight) -> bool:
    """True for a flight whose own lid does not open, and for which nothing is under way yet."""
    if flight.ended or not flight.phase.is_airborne or flight.divert_impossible or flight.diverted_to is not None:
        return False
    if not any(alarm.active and alarm.kind is AlarmKind.LID for alarm in flight.alarms):
        return False
    diversion = flight.diversion
    if diversion is None:
        return True
    command = flight.command(diversion.order_id)
    return command is not None and command.outcome is Outcome.REFUSED


def _begin(
    state: State,
    flight: Flight,
    view: DockView,
    because: str,
    idempotency_key: str | None,
    automatic: bool,
    deployment: Deployment,
    now: datetime,
    until: datetime,
    new_id: NewId,
) -> ev.DivertBegan:
    receive = ReceiveOrder(
        order_id=new_id(),
        flight_id=flight.id,
        deployment=deployment,
        aircraft_id=flight.order.aircraft_id,
        from_dock=flight.dock_id,
        issued_at=now,
        expires_at=until,
    )
    return ev.DivertBegan(
        flight_id=flight.id,
        order_id=new_id(),
        to_dock_id=view.dock.id,
        receive=receive,
        receive_sequence=next_sequence(state, view.dock.id, now),
        automatic=automatic,
        because=because,
        idempotency_key=idempotency_key,
    )
