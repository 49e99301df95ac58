"""What may be done with a flight: pure functions from the state, a decision and a press to the events that follow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.orders import FlightOrder
from contracts.position import Place, Waypoint
from contracts.reports import DockStatus, Telemetry
from contracts.tasks import Extend, Retask
from contracts.vocabulary import Deployment, Outcome, Phase
from dispatcher import events as ev
from dispatcher import missing, settingaside
from dispatcher.decision.choice import PlannedFlight
from dispatcher.decision.option import Decision, Option
from dispatcher.entities import DecisionView, Flight, Incident, OrderState
from dispatcher.errors import (
    AlreadyDispatched,
    DockNotEligible,
    FlightEnded,
    Forbidden,
    Invalid,
    NoEligibleDock,
    NotFound,
    StaleScreen,
)
from dispatcher.identifiers import NewId
from dispatcher.incidents import active_flight_of, open_incident_of
from dispatcher.maintenance import check_not_held
from dispatcher.policy import FlyingPolicy, WarningRules
from dispatcher.requests import Press, SetAside
from dispatcher.security.roles import Role
from dispatcher.sequence import next_sequence
from dispatcher.state import State

ORDER_VALID = timedelta(seconds=60)
"""A flight order that has not reached its agent by then is dead: the situation is another one."""
OVERDUE_FACTOR = 1.5
OVERDUE_EXTRA_S = 600.0
"""A silent flight is missing when it is out this much longer than it could be."""
PILOT_ANSWERS_WITHIN = timedelta(minutes=5)
"""A flight that its pilot has not accepted by then was planned for another situation."""
FORGOTTEN_FOR = timedelta(seconds=30)
"""How long a dock must deny a flight that it had accepted until it counts as missing."""
SILENT_FOR = timedelta(minutes=3)
"""A dock that fell silent only now may be heard again in a moment."""


def flight_of(state: State, flight_id: UUID) -> Flight:
    """The flight, or `NotFound`."""
    flight = state.flights.get(flight_id)
    if flight is None:
        raise NotFound(f"there is no flight {flight_id}")
    return flight


def pressed_before(state: State, actor: str, incident_id: UUID, press: Press) -> Flight | None:
    """The flight of the same press, when this is a repetition of it."""
    flight_id = state.presses.get((actor, press.idempotency_key))
    if flight_id is None:
        return None
    flight = state.flights[flight_id]
    other_dock = press.dock_id is not None and press.dock_id != flight.dock_id
    if other_dock or press.purpose != flight.order.purpose:
        raise Invalid(
            f"this Idempotency-Key sent {flight.callsign} with another dock or purpose: use a new one for each press",
            errors=[{"pointer": "Idempotency-Key", "detail": "was used for another press"}],
        )
    if incident_id not in (flight.incident_id, flight.order.incident_id):
        raise Invalid(
            "this Idempotency-Key was used for another incident: use a new one for each press",
            errors=[{"pointer": "Idempotency-Key", "detail": "was used for another incident"}],
        )
    return flight


def check_press(state: State, incident_id: UUID, press: Press) -> tuple[Incident, DecisionView]:
    """The incident and the decision that was on the screen, when the press may go on to a new decision."""
    incident = open_incident_of(state, incident_id)
    flight = active_flight_of(state, incident)
    if flight is not None:
        raise AlreadyDispatched(f"{flight.callsign} is on its way", flight_id=str(flight.id), phase=flight.phase.value)
    shown = state.decisions.get(press.decision_id)
    if shown is None or shown.incident_id != incident_id:
        raise StaleScreen(
            "the decision on the screen is not known for this incident: ask for its options again",
            difference={"decision_id": {"shown": str(press.decision_id), "now": _latest_decision(incident)}},
        )
    difference: dict[str, Any] = {
        name: {"shown": was, "now": is_now}
        for name, was, is_now in (
            ("place", shown.place.model_dump(mode="json"), incident.place.model_dump(mode="json")),
            ("grade", shown.grade, incident.grade),
        )
        if was != is_now
    }
    if press.incident_revision != shown.incident_revision:
        difference["incident_revision"] = {"shown": press.incident_revision, "now": incident.revision}
    if difference:
        raise StaleScreen(f"changed since it was shown: {', '.join(difference)}", difference=difference)
    return incident, shown


def chosen_option(
    decision: Decision, shown: DecisionView, press: Press, *, callsign_of: Callable[[str], str]
) -> Option:
    """The dock that was pressed, if it can still go.

    The dock that the screen named is the one that is sent: another is never sent in its place silently.
    """
    dock_id = press.dock_id or shown.best_dock_id
    known = None if dock_id is None else _option(decision, dock_id)
    if press.dock_id is not None and known is None:
        raise NotFound(f"there is no dock {press.dock_id}")
    if known is not None and (known.eligible or (press.dock_id is not None and _may_be_set_aside(known, press))):
        return known
    best = decision.best
    if best is None and (press.dock_id is None or not settingaside.warnings_of(decision.option(press.dock_id))):
        raise NoEligibleDock("no dock can go", reasons=_reasons(decision.options))
    if press.dock_id is not None:
        option = decision.option(press.dock_id)
        held = bool(settingaside.warnings_of(option))
        raise DockNotEligible(
            f"{callsign_of(press.dock_id)} cannot go{' unless its warnings are set aside' if held else ''}: "
            + "; ".join(reason.text for reason in option.reasons),
            reasons=_reasons([option]),
            best_dock_id=None if best is None else best.dock_id,
        )
    raise StaleScreen(
        "the dock that was shown as the best cannot go any more" if dock_id else "a dock can go now, none could before",
        difference={"dock": {"shown": dock_id, "now": None if best is None else best.dock_id}},
        reasons=_reasons([] if known is None else [known]),
    )


def _may_be_set_aside(option: Option, press: Press) -> bool:
    """Whether only warnings keep the named dock at home, and the press speaks of warnings."""
    return bool(settingaside.warnings_of(option)) and (bool(press.overrides) or press.left_to_pilot)


def _option(decision: Decision, dock_id: str) -> Option | None:
    try:
        return decision.option(dock_id)
    except KeyError:
        return None


def order_flight(
    state: State,
    *,
    incident: Incident,
    decision_id: UUID,
    decision: Decision,
    option: Option,
    planned: PlannedFlight,
    press: Press,
    settled: settingaside.Settled = settingaside.NOTHING,
    flying: FlyingPolicy,
    deployment: Deployment,
    now: datetime,
    new_id: NewId,
) -> ev.FlightOrdered:
    """The flight as pressed; the pilot is the decision's."""
    view = state.docks[option.dock_id]
    if decision.pilot_id is None:
        raise NoEligibleDock("no pilot is free", reasons=_reasons(decision.options))
    plan = planned.plan
    flight_id = new_id()
    order = FlightOrder(
        order_id=new_id(),
        flight_id=flight_id,
        incident_id=incident.id,
        deployment=deployment,
        aircraft_id=view.dock.aircraft.id,
        pilot=decision.pilot_id,
        purpose=press.purpose,
        issued_at=now,
        expires_at=now + ORDER_VALID,
        home=Place(lat_deg=plan.home[0], lon_deg=plan.home[1]),
        scene=Place(lat_deg=plan.scene[0], lon_deg=plan.scene[1]),
        route_out=[_waypoint(point.lat_deg, point.lon_deg, point.alt_above_home_m) for point in plan.route_out],
        route_home=[_waypoint(point.lat_deg, point.lon_deg, point.alt_above_home_m) for point in plan.route_home],
        fence=[Place(lat_deg=lat, lon_deg=lon) for lat, lon in plan.fence.vertices],
        ceiling_above_home_m=plan.ceiling_above_home_m,
        cruise_speed_m_s=planned.cruise_m_s,
        watch_s=planned.watch_s,
        reserve_percent=planned.reserve_percent,
        link_loss_return_s=flying.link_loss_return_s,
        avoidance=flying.avoidance,
        avoidance_alt_above_home_m=min(flying.avoidance_alt_above_home_m, plan.ceiling_above_home_m),
        recording_from=flying.recording_from,
        overrides=list(settled.overrides),
    )
    return ev.FlightOrdered(
        flight_id=flight_id,
        incident_id=incident.id,
        incident_revision=incident.revision,
        decision_id=decision_id,
        dock_id=view.dock.id,
        callsign=view.dock.aircraft.callsign,
        order=order,
        sequence=next_sequence(state, view.dock.id, now),
        promise=ev.Promise(
            time_to_airborne_s=option.time_to_airborne_s,
            time_to_scene_s=option.time_to_scene_s or 0.0,
            on_scene_s=option.watch_s or 0.0,
            battery_on_return_percent=option.battery_on_return_percent or 0.0,
            distance_m=option.distance_m,
        ),
        accepted_beforehand=decision.pilot_accepts_beforehand and not settled.left,
        idempotency_key=press.idempotency_key,
        warnings_left=list(settled.left),
    )


def accept(
    state: State,
    flight_id: UUID,
    actor: str,
    *,
    now: datetime,
    given: Sequence[SetAside] = (),
    roles: Collection[Role] = (),
    rules: WarningRules = WarningRules(),  # noqa: B008 - frozen
) -> list[ev.Event]:
    """The named pilot takes a flight that waits for it; a second acceptance changes nothing.

    Nobody launches out of a dock that an engineer holds: `Conflict`. ``given`` are the warnings that were left to them
    and that they set aside: all, or the flight goes on waiting.
    """
    flight = flight_of(state, flight_id)
    if flight.pilot != actor:
        raise Forbidden(f"{flight.callsign} was given to {flight.pilot}: only they can accept it")
    if flight.ended:
        raise FlightEnded(f"the flight has ended: {flight.phase}")
    if flight.order_state is not OrderState.WAITING_FOR_PILOT:
        return []
    check_not_held(state, flight.dock_id)
    incident = open_incident_of(state, flight.incident_id)
    scene = (flight.order.scene.lat_deg, flight.order.scene.lon_deg)
    if scene != (incident.place.lat_deg, incident.place.lon_deg):
        raise StaleScreen(
            "the incident's place has changed since the flight was planned: cancel it and dispatch again",
            difference={"place": {"shown": list(scene), "now": incident.place.model_dump(mode="json")}},
        )
    overrides = settingaside.settle_left(flight, given, actor=actor, roles=roles, rules=rules, now=now)
    sequence = next_sequence(state, flight.dock_id, now)
    order = flight.order.model_copy(
        update={"pilot": actor, "issued_at": now, "expires_at": now + ORDER_VALID, "overrides": overrides}
    )
    return [ev.FlightAccepted(flight_id=flight_id, pilot=actor, order=order, sequence=sequence)]


def expire_order(state: State, flight_id: UUID, order_id: UUID) -> list[ev.Event]:
    """Nobody answered the order in time. Whether it flies is unknown until the dock is heard: see `look_after`."""
    flight = state.flights.get(flight_id)
    if flight is None or flight.order.order_id != order_id or flight.order_state is not OrderState.TO_SEND:
        return []
    return [ev.OrderExpired(flight_id=flight_id, order_id=order_id)]


def look_after(
    state: State,
    *,
    heard: Mapping[str, DockStatus],
    telemetry: Mapping[str, Telemetry],
    now: datetime,
    factor: float,
) -> list[ev.Event]:
    """Flights that no agent will end, and missing ones that are heard of again, or seen in their own box.

    ``heard`` is each dock's newest status, ``telemetry`` its aircraft's newest values. What a dock denies counts only
    when the journal holds all that its agent has said: the facts of a flight may still be on their way.
    """
    events: list[ev.Event] = []
    for flight in state.active_flights():
        ended = _ended_by_us(state, flight, heard.get(flight.dock_id), now)
        if ended is not None:
            phase, because = ended
            events.append(ev.FlightEnded(flight_id=flight.id, phase=phase, because=because))
    for status in heard.values():
        found = state.flights.get(status.flight_id) if status.flight_id else None
        if found is None or status.phase is None or found.phase is not Phase.MISSING:
            continue
        own = heard.get(found.dock_id) is status
        if own and status.mission_time > found.phases[-1].mission_time:
            because = "its dock's agent is heard again"
            events.append(ev.FlightFound(flight_id=found.id, phase=status.phase, because=because))
    return [*events, *missing.seen_at_home(state, heard=heard, telemetry=telemetry, now=now, factor=factor)]


def _ended_by_us(state: State, flight: Flight, status: DockStatus | None, now: datetime) -> tuple[Phase, str] | None:
    if flight.order_state is OrderState.WAITING_FOR_PILOT:
        waited = now - flight.ordered_at
        return (Phase.CANCELLED, f"{flight.pilot} did not accept it in time") if waited > PILOT_ANSWERS_WITHIN else None
    view = state.docks.get(flight.dock_id)
    if status is not None and view is not None and not view.silent and status.flight_id != flight.id:
        cursor = state.agents.get(flight.dock_id)
        told_all = cursor is not None and cursor.boots.get(status.boot_id, 0) >= status.events_said > 0
        if told_all and flight.order_state is OrderState.EXPIRED and status.mission_time > flight.order.expires_at:
            return Phase.REFUSED, "the order expired unanswered, and the dock says that it never took it"
        last = max(flight.phases[-1].mission_time, flight.order.issued_at)
        if told_all and flight.order_state is OrderState.ACCEPTED and status.mission_time > last + FORGOTTEN_FOR:
            return Phase.MISSING, "the dock's agent knows nothing of it any more"
    limit_s = OVERDUE_FACTOR * _longest_s(flight) + OVERDUE_EXTRA_S
    silent = view is None or (view.silent and now - (view.silent_since or flight.order.issued_at) >= SILENT_FOR)
    if silent and (now - flight.order.issued_at).total_seconds() > limit_s:
        return Phase.MISSING, f"nothing heard, and overdue: it could not be out longer than {limit_s / 60:.0f} minutes"
    return None


def _longest_s(flight: Flight) -> float:
    """The way there and back, and the watch with all that was added to it; another scene has a way of its own."""
    watch_s = max(flight.promise.on_scene_s, 0.0 if flight.plan is None else flight.plan.watch_s)
    tasks = [command.task for command in flight.commands if command.outcome is not Outcome.REFUSED]
    watch_s += sum(task.by_s for task in tasks if isinstance(task, Extend))
    ways_s = 2 * flight.promise.time_to_scene_s * (1 + sum(isinstance(task, Retask) for task in tasks))
    return ways_s + watch_s + 300.0


def _waypoint(lat_deg: float, lon_deg: float, alt_above_home_m: float) -> Waypoint:
    return Waypoint(lat_deg=lat_deg, lon_deg=lon_deg, alt_above_home_m=alt_above_home_m)


def _reasons(options: Sequence[Option]) -> dict[str, list[dict[str, str]]]:
    return {
        option.dock_id: [{"code": reason.code.value, "text": reason.text} for reason in option.reasons]
        for option in options
    }


def _latest_decision(incident: Incident) -> str | None:
    return str(incident.decision_ids[-1]) if incident.decision_ids else None
