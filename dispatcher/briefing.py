"""What a shift begins with reading, as one value of the state: pure, so that it can be read again as it was."""

from __future__ import annotations

from datetime import datetime

from contracts.warnings import WarningOverride
from dispatcher import presentation
from dispatcher.duty import unfit_because
from dispatcher.entities import DockView, Flight, Incident, IncidentStatus, Override, State
from dispatcher.presentation import Json, instant


def briefing(state: State, *, now: datetime) -> Json:
    """Weather by dock, restrictions, docks that cannot launch, open alarms, overrides, flights, the last hand-overs."""
    docks = [state.docks[dock_id] for dock_id in sorted(state.docks)]
    alarms = [alarm for alarm_id in state.open_alarms if (alarm := state.alarm(alarm_id)) is not None]
    flights = state.active_flights()
    return {
        "seq": state.seq,
        "mission_time": instant(now),
        "weather": [_weather(view, now) for view in docks],
        "restrictions": {
            **presentation.airspace(state.airspace),
            "temporary": [
                presentation.airspace_document(each, most_findings=0)
                for each in state.airspace.in_order
                if each.temporary
            ],
        },
        "docks_unfit": [
            {"dock_id": view.dock.id, "name": view.dock.name, "because": because}
            for view in docks
            if (because := unfit_because(view))
        ],
        "alarms": [presentation.alarm(each) for each in sorted(alarms, key=lambda alarm: alarm.id.int, reverse=True)],
        "overrides": [
            _override(incident, each)
            for incident in state.incidents.values()
            if incident.status is IncidentStatus.OPEN
            for each in incident.overrides
        ]
        + [_set_aside(state, flight, each) for flight in flights for each in flight.order.overrides],
        "flights": [_flight(each) for each in flights],
        "incidents_open": sum(1 for each in state.incidents.values() if each.status is IncidentStatus.OPEN),
        "handovers": [presentation.handover(each) for each in reversed(state.handovers[-5:])],
        "pilots": [presentation.pilot(state.pilots[each], state) for each in sorted(state.pilots)],
        "controllers": [presentation.controller(state.controllers[each]) for each in sorted(state.controllers)],
    }


def _weather(view: DockView, now: datetime) -> Json:
    """As its station measured, beside its drone's limits; None where it has not. ``age_s`` is what it is now."""
    report, kind = view.report, view.aircraft_type
    measured = None if report is None else report.weather
    shown: Json = {
        "dock_id": view.dock.id,
        "name": view.dock.name,
        "measured": None,
        "limits": {
            "wind_speed_m_s": kind.wind_limit_m_s,
            "gust_m_s": kind.gust_limit_m_s,
            "rain_mm_h": kind.rain_limit_mm_h,
            "temperature_min_c": kind.temperature_min_c,
            "temperature_max_c": kind.temperature_max_c,
        },
        "over": [],
    }
    if report is None or measured is None:
        return shown
    age_s = measured.age_s + max(0.0, (now - report.measured_at).total_seconds())
    shown["measured"] = {**presentation.weather(measured), "age_s": round(age_s, 1)}
    limits = (
        ("wind", measured.wind_speed_m_s, kind.wind_limit_m_s),
        ("gust", measured.gust_m_s, kind.gust_limit_m_s),
        ("rain", measured.rain_mm_h, kind.rain_limit_mm_h),
    )
    shown["over"] = [name for name, value, limit in limits if value > limit]
    if not kind.temperature_min_c <= measured.temperature_c <= kind.temperature_max_c:
        shown["over"].append("temperature")
    return shown


def _override(incident: Incident, override: Override) -> Json:
    return {
        "incident_id": str(incident.id),
        "category": incident.category,
        "rules": list(override.rules),
        "by": override.by,
        "at": instant(override.at),
        "note": override.note,
        "flight_id": None,
        "callsign": None,
    }


def _set_aside(state: State, flight: Flight, override: WarningOverride) -> Json:
    """A warning that was set aside for a launch whose flight is still out."""
    incident = state.incidents.get(flight.incident_id)
    return {
        "incident_id": str(flight.incident_id),
        "category": "" if incident is None else incident.category,
        "rules": [override.text],
        "by": override.by,
        "at": instant(override.at),
        "note": override.note,
        "flight_id": str(flight.id),
        "callsign": flight.callsign,
    }


def _flight(flight: Flight) -> Json:
    return {
        "id": str(flight.id),
        "callsign": flight.callsign,
        "incident_id": str(flight.incident_id),
        "dock_id": flight.dock_id,
        "pilot": flight.pilot,
        "phase": flight.phase.value,
        "in_hand": flight.in_hand,
        "conditions": sorted(each.value for each in flight.conditions),
    }
