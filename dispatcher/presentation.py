"""What the world is shown of the dispatcher's entities: plain JSON values, the same for the HTTP API and the live hub.

Pure functions. Keys always come in the same order; times are RFC 3339 in UTC with milliseconds; ids are strings. `View`
decides how much is shown: an officer sees what helps on the way to a scene, and no command, order, decision or duty.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from contracts.position import Place, Weather
from contracts.reports import FlightFlown, Telemetry
from dispatcher.entities import (
    Alarm,
    Command,
    DecisionView,
    Diversion,
    DockView,
    Flight,
    ForeseenRelief,
    HandOver,
    Incident,
    Notice,
    OrderState,
    PhaseEntry,
    PilotOnDuty,
    Proposal,
    State,
    Stranger,
)
from dispatcher.events import IncidentPlace
from dispatcher.record import Recorded
from dispatcher.security.roles import Role

Json = dict[str, Any]


class View(StrEnum):
    """How much of an entity is shown."""

    CONTROL = "control"
    """Everything: controller, pilot, supervisor, engineer."""
    FIELD = "field"
    """Officers on their way."""


def view_of(roles: Collection[Role]) -> View:
    """The widest view that these roles give."""
    return View.CONTROL if any(role is not Role.OFFICER for role in roles) else View.FIELD


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, e.g. ``2026-01-31T09:30:00.000Z``."""
    text = moment.isoformat(timespec="milliseconds")
    if not text.endswith("+00:00"):
        text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text[:-6] + "Z"


def incident(entity: Incident, view: View = View.CONTROL) -> Json:
    """An incident."""
    shown: Json = {
        "id": str(entity.id),
        "source": entity.source,
        "reference": entity.reference,
        "grade": entity.grade,
        "category": entity.category,
        "summary": entity.summary,
        "place": incident_place(entity.place),
        "reported_at": instant(entity.reported_at),
        "received_at": instant(entity.received_at),
        "revision": entity.revision,
        "status": entity.status.value,
        "outcome": entity.outcome,
        "merged_into": _text(entity.merged_into),
        "flight_id": _text(entity.flight_id),
        "flight_ids": [str(each) for each in entity.flight_ids],
    }
    if view is View.CONTROL:
        shown["watch_s"] = entity.watch_s
        shown["watched_from"] = None if entity.watched_from is None else instant(entity.watched_from)
        shown["relief"] = None if entity.relief is None else foreseen_relief(entity.relief)
        shown["relay_ended_because"] = entity.relay_ended_because
        shown["decline_reason"] = entity.decline_reason
        shown["proposals"] = [proposal(each) for each in entity.proposals]
    return shown


def foreseen_relief(entity: ForeseenRelief) -> Json:
    """Who would relieve the flight on scene, and when; with no dock, none can."""
    return {
        "flight_id": str(entity.flight_id),
        "leaves_at": instant(entity.leaves_at),
        "dock_id": entity.dock_id,
        "order_at": None if entity.order_at is None else instant(entity.order_at),
    }


def incident_place(place: IncidentPlace) -> Json:
    """Where an incident is."""
    return {"lat_deg": place.lat_deg, "lon_deg": place.lon_deg, "radius_m": place.radius_m}


def proposal(entity: Proposal) -> Json:
    """A proposal and what became of it."""
    return {
        "id": str(entity.id),
        "incident_id": str(entity.incident_id),
        "flight_id": str(entity.flight_id),
        "kind": entity.kind,
        "because": entity.because,
        "proposed_at": instant(entity.proposed_at),
        "status": entity.status.value,
    }


_OPTION_KEYS = (
    "dock_id",
    "aircraft_id",
    "eligible",
    "rank",
    "reasons",
    "time_to_airborne_s",
    "time_to_scene_s",
    "on_scene_s",
    "watch_s",
    "battery_on_return_percent",
    "distance_m",
    "bearing_deg",
    "energy_wh",
)


def decision(entity: DecisionView) -> Json:
    """A decision: every dock's option, the best first."""
    return {
        "decision_id": str(entity.id),
        "incident_id": str(entity.incident_id),
        "incident_revision": entity.incident_revision,
        "decided_at": instant(entity.decided_at),
        "best": entity.best_dock_id,
        "options": [{key: option.get(key) for key in _OPTION_KEYS} for option in entity.options],
    }


def flight(entity: Flight, view: View = View.CONTROL) -> Json:
    """A flight: what was promised, what it is doing, what was flown."""
    shown: Json = {
        "id": str(entity.id),
        "incident_id": str(entity.incident_id),
        "aircraft_id": entity.order.aircraft_id,
        "callsign": entity.callsign,
        "purpose": entity.order.purpose,
        "phase": entity.phase.value,
        "ended": entity.ended,
        "conditions": sorted(condition.value for condition in entity.conditions),
        "ordered_at": instant(entity.ordered_at),
        "relieves": _text(entity.relieves),
        "phases": [phase_entry(entry, view) for entry in entity.phases],
        "promised": {
            "time_to_airborne_s": entity.promise.time_to_airborne_s,
            "time_to_scene_s": entity.promise.time_to_scene_s,
            "on_scene_s": entity.promise.on_scene_s,
            "battery_on_return_percent": entity.promise.battery_on_return_percent,
            "distance_m": entity.promise.distance_m,
        },
    }
    if view is View.CONTROL:
        shown["flown"] = None if entity.flown is None else flown(entity.flown)
        shown["dock_id"] = entity.dock_id
        shown["pilot"] = entity.pilot
        shown["ordered_by"] = entity.ordered_by
        shown["accepted_by"] = entity.accepted_by
        shown["incident_revision"] = entity.incident_revision
        shown["decision_id"] = str(entity.decision_id)
        shown["scene"] = place(entity.order.scene)
        shown["in_hand"] = entity.in_hand
        shown["plan"] = _plan(entity)
        shown["payload"] = {"with": entity.payload_with or entity.pilot, "now": dict(sorted(entity.payload.items()))}
        shown["hand_over"] = None if entity.hand_over is None else hand_over(entity.hand_over)
        shown["diversion"] = None if entity.diversion is None else _diversion(entity, entity.diversion)
        shown["alarms"] = [alarm(each) for each in entity.alarms]
        shown["order"] = {
            "id": str(entity.order.order_id),
            "state": _ORDER_STATES[entity.order_state],
            "reasons": list(entity.refusal_reasons),
            "issued_at": instant(entity.order.issued_at),
            "expires_at": instant(entity.order.expires_at),
            "watch_s": entity.order.watch_s,
        }
        shown["commands"] = [command(each, flight_id=str(entity.id)) for each in entity.commands]
    return shown


_WAYS = {"route_out", "route_home", "fence"}
_ORDER_STATES = {
    OrderState.WAITING_FOR_PILOT: "waiting_for_pilot",
    # From the outside the outbox is part of the sending: it is sent, and resent, until answered or expired.
    OrderState.TO_SEND: "sent",
    OrderState.ACCEPTED: "accepted",
    OrderState.REFUSED: "refused",
    OrderState.EXPIRED: "expired",
}


def phase_entry(entry: PhaseEntry, view: View = View.CONTROL) -> Json:
    """One line of a flight's history; officers are spared the reasons, which may name people and faults."""
    shown = {
        "phase": entry.phase.value,
        "mission_time": instant(entry.mission_time),
        "wall_time": instant(entry.wall_time),
    }
    if view is View.CONTROL:
        shown["because"] = entry.because
    return shown


def flown(entity: FlightFlown) -> Json:
    """What was flown, beside what had been promised."""
    return {
        "time_to_airborne_s": entity.time_to_airborne_s,
        "time_to_scene_s": entity.time_to_scene_s,
        "on_scene_s": entity.on_scene_s,
        "battery_on_return_percent": entity.battery_on_return_percent,
        "distance_m": entity.distance_m,
        "whole_distance_m": entity.whole_distance_m,
    }


def _plan(entity: Flight) -> Json:
    """What is flown now, after retasks and diversions."""
    plan = entity.plan
    return {
        "scene": place(entity.order.scene if plan is None else plan.scene),
        "watch_s": entity.order.watch_s if plan is None else plan.watch_s,
        "home_dock_id": entity.diverted_to or entity.dock_id,
        "order_id": str(entity.order.order_id if plan is None else plan.order_id),
    }


def hand_over(entity: HandOver) -> Json:
    """An offer of command that waits."""
    return {
        "id": str(entity.id),
        "giver": entity.giver,
        "to": entity.to,
        "offered_at": instant(entity.offered_at),
        "expires_at": None if entity.expires_at is None else instant(entity.expires_at),
        "because": entity.because,
    }


def _diversion(flight: Flight, entity: Diversion) -> Json:
    return {
        "command_id": str(entity.order_id),
        "to_dock_id": entity.to_dock_id,
        "dock_opens": entity.receive_outcome.value,
        "detail": entity.receive_detail,
        "automatic": entity.automatic,
        "because": entity.because,
        "impossible": flight.divert_impossible,
    }


def alarm(entity: Alarm) -> Json:
    """Something that needs an action of somebody."""
    return {
        "id": str(entity.id),
        "kind": entity.kind.value,
        "flight_id": _text(entity.flight_id),
        "dock_id": entity.dock_id,
        "text": entity.text,
        "active": entity.active,
        "raised_at": instant(entity.raised_at),
        "changed_at": instant(entity.changed_at),
        "ended_at": None if entity.ended_at is None else instant(entity.ended_at),
        "bearing_deg": entity.bearing_deg,
        "above_m": entity.above_m,
        "distance_m": entity.distance_m,
        "in_s": entity.in_s,
        "acknowledged_by": entity.acknowledged_by,
        "acknowledged_at": None if entity.acknowledged_at is None else instant(entity.acknowledged_at),
    }


def command(entity: Command, *, flight_id: str) -> Json:
    """What a flight was told, and how it came out; the ways of a retask or divert are left out."""
    return {
        "id": str(entity.order_id),
        "flight_id": flight_id,
        "action": str(entity.action),
        "task": None if entity.task is None else entity.task.model_dump(mode="json", exclude=_WAYS),
        "outcome": entity.outcome.value,
        "detail": entity.detail,
        "because": entity.because,
        "actor": entity.actor,
        "issued_at": instant(entity.issued_at),
        "expires_at": instant(entity.expires_at),
    }


def dock(entity: DockView, *, telemetry: Telemetry | None = None, phase: str | None = None) -> Json:
    """A dock of the fleet and its aircraft as last reported. Links and keys are nobody's business."""
    site, report = entity.dock, entity.report
    return {
        "id": site.id,
        "name": site.name,
        "place": place(site.place),
        "alt_amsl_m": site.alt_amsl_m,
        "registered": report is None or report.registered,
        "unregistered_because": "" if report is None else report.unregistered_because,
        "state": None if report is None else report.state.value,
        "phase": phase,
        "flight_id": _text(entity.active_flight_id),
        "lid": None if report is None else report.lid.value,
        "charger": None if report is None else report.charger.value,
        "aircraft": _aircraft_of(entity, telemetry),
        "weather": None if report is None or report.weather is None else weather(report.weather),
        "agent": {
            "online": not entity.silent,
            "measured_at": None if report is None else instant(report.measured_at),
        },
        "blockers": blockers_of(entity),
        "traffic": None if report is None else report.traffic.value,
        "picture_age_s": None if report is None else report.picture_age_s,
        "checked_after_flight": report is None or report.checked_after_flight,
        "expects_flight_id": _text(entity.expected_flight_id or (report.receiving_flight_id if report else None)),
        "guest_of": entity.guest_of,
        "away_in": entity.away_in,
        "alarms": [alarm(each) for each in entity.alarms],
    }


def blockers_of(entity: DockView) -> list[str]:
    """What keeps the dock shut: the agent's own, and what a person has raised, until the agent shows that it knows."""
    own = [] if entity.report is None else list(entity.report.blockers)
    raised = entity.blocker.order.text if entity.blocker is not None and entity.blocker.order.raised else ""
    return own if not raised or any(raised in each for each in own) else [*own, f"something is over the dock: {raised}"]


def _aircraft_of(entity: DockView, telemetry: Telemetry | None) -> Json:
    aircraft, report = entity.dock.aircraft, entity.report
    where = None if report is None else report.aircraft_position
    shown: Json = {
        "id": aircraft.id,
        "callsign": aircraft.callsign,
        "type": aircraft.type,
        "connected": report is not None and report.aircraft_connected,
        "seated": None if report is None else report.aircraft_seated,
        "battery_percent": None if report is None else report.battery_percent,
        "position": None if where is None else place(where),
    }
    if telemetry is not None:
        shown["battery_percent"] = telemetry.battery_percent
        shown["position"] = {"lat_deg": telemetry.lat_deg, "lon_deg": telemetry.lon_deg}
    return shown


def aircraft(dock_id: str, telemetry: Telemetry, *, callsign: str) -> Json:
    """An aircraft's latest values. The ages were measured at ``mission_time``: a screen adds what has passed since."""
    return {
        "dock_id": dock_id,
        "flight_id": _text(telemetry.flight_id),
        "callsign": callsign,
        "lat_deg": round(telemetry.lat_deg, 7),
        "lon_deg": round(telemetry.lon_deg, 7),
        "alt_amsl_m": round(telemetry.alt_amsl_m, 2),
        "alt_above_home_m": round(telemetry.alt_above_home_m, 2),
        "heading_deg": round(telemetry.heading_deg, 1),
        "ground_speed_m_s": round(telemetry.ground_speed_m_s, 2),
        "climb_m_s": round(telemetry.climb_m_s, 2),
        "battery_percent": telemetry.battery_percent,
        "armed": telemetry.armed,
        "in_air": telemetry.in_air,
        "flight_mode": telemetry.flight_mode,
        "mission_time": instant(telemetry.mission_time),
        "position_age_s": round(telemetry.position_age_s, 2),
        "link_age_s": round(telemetry.link_age_s, 2),
        "traffic": telemetry.traffic.value,
        "next_action": telemetry.next_action,
        "next_action_at": None if telemetry.next_action_at is None else instant(telemetry.next_action_at),
        "battery_at_home_percent": telemetry.battery_at_home_percent,
        "must_leave_at": None if telemetry.must_leave_at is None else instant(telemetry.must_leave_at),
    }


def weather(measured: Weather) -> Json:
    """What a dock's weather station measured; ``age_s`` at the time of the dock's report."""
    return {
        "wind_speed_m_s": measured.wind_speed_m_s,
        "wind_from_deg": measured.wind_from_deg,
        "gust_m_s": measured.gust_m_s,
        "rain_mm_h": measured.rain_mm_h,
        "temperature_c": measured.temperature_c,
        "age_s": measured.age_s,
    }


def stranger(entity: Stranger) -> Json:
    """Something that speaks for a dock that is not in the fleet file."""
    return {"dock": entity.name, "first_seen": instant(entity.first_seen), "because": entity.because}


def pilot(entity: PilotOnDuty, state: State) -> Json:
    """A pilot on duty, the flights in their command, and what they were told of them."""
    in_hand = [str(flight.id) for flight in state.flights_in_hand(entity.id)]
    watched = [str(flight.id) for flight in state.flights_watched(entity.id)]
    return {
        "pilot": entity.id,
        "accepts": entity.accepts,
        "max_flights": entity.max_flights,
        "flights": len(in_hand) + len(watched),
        "in_hand": in_hand,
        "watched": watched,
        "since": instant(entity.since),
        "until": None if entity.until is None else instant(entity.until),
        "console": entity.console,
        "silent_since": None if entity.silent_since is None else instant(entity.silent_since),
        "notices": [notice(each) for each in entity.notices],
    }


def notice(entity: Notice) -> Json:
    """What a pilot was told of something that somebody else did."""
    return {
        "id": str(entity.id),
        "flight_id": str(entity.flight_id),
        "by": entity.by,
        "command_id": _text(entity.order_id),
        "text": entity.text,
        "at": instant(entity.at),
    }


def recorded(entry: Recorded) -> Json:
    """An event of the journal with its place in the chain."""
    return {
        "seq": entry.seq,
        "id": str(entry.id),
        "stream": entry.stream,
        "version": entry.version,
        "type": entry.type,
        "schema_version": entry.schema_version,
        "mission_time": instant(entry.mission_time),
        "wall_time": instant(entry.wall_time),
        "actor": entry.actor,
        "causation_id": _text(entry.causation_id),
        "payload": entry.event.model_dump(mode="json"),
        "hash": entry.hash.hex(),
    }


def place(where: Place) -> Json:
    """A point."""
    return {"lat_deg": where.lat_deg, "lon_deg": where.lon_deg}


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)
