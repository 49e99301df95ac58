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
    Command,
    DecisionView,
    DockView,
    Flight,
    Incident,
    OrderState,
    PhaseEntry,
    PilotOnDuty,
    Proposal,
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
    }
    if view is View.CONTROL:
        shown["watch_s"] = entity.watch_s
        shown["decline_reason"] = entity.decline_reason
        shown["proposals"] = [proposal(each) for each in entity.proposals]
    return shown


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
        shown["incident_revision"] = entity.incident_revision
        shown["decision_id"] = str(entity.decision_id)
        shown["scene"] = place(entity.order.scene)
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


def command(entity: Command, *, flight_id: str) -> Json:
    """A safety command and how it came out."""
    return {
        "id": str(entity.order_id),
        "flight_id": flight_id,
        "action": str(entity.action),
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
        "blockers": [] if report is None else list(report.blockers),
    }


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


def pilot(entity: PilotOnDuty, *, flights: int) -> Json:
    """A pilot on duty; ``flights`` are those in command now."""
    return {
        "pilot": entity.id,
        "accepts": entity.accepts,
        "max_flights": entity.max_flights,
        "flights": flights,
        "since": instant(entity.since),
        "until": None if entity.until is None else instant(entity.until),
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
