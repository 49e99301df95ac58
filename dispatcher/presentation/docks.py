"""Docks and aircraft as they are shown."""

from __future__ import annotations

from datetime import datetime

from contracts.position import Weather
from contracts.reports import Telemetry
from dispatcher.dockweather import Sample
from dispatcher.entities import (
    DockView,
    Hold,
    Stranger,
    with_raised,
)
from dispatcher.maintenance import beside_holds
from dispatcher.presentation.flights import alarm
from dispatcher.presentation.view import Json, instant, place, text


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
        "flight_id": text(entity.active_flight_id),
        "lid": None if report is None else report.lid.value,
        "charger": None if report is None else report.charger.value,
        "aircraft": _aircraft_of(entity, telemetry),
        "weather": None if report is None or report.weather is None else weather(report.weather),
        "agent": {
            "online": not entity.silent,
            "measured_at": None if report is None else instant(report.measured_at),
            "knows_holds": entity.agent_knows_holds,
        },
        "blockers": with_raised([] if report is None else beside_holds(entity, report.blockers), entity.blocker),
        "traffic": None if report is None else report.traffic.value,
        "picture_age_s": None if report is None else report.picture_age_s,
        "checked_after_flight": report is None or report.checked_after_flight,
        "expects_flight_id": text(entity.expected_flight_id or (report.receiving_flight_id if report else None)),
        "guest_of": entity.guest_of,
        "away_in": entity.away_in,
        "alarms": [alarm(each) for each in entity.alarms],
        "holds": [hold(each) for each in entity.holds],
        "faults": [
            {"at": instant(each.at), "severity": each.severity, "text": each.text} for each in reversed(entity.faults)
        ],
        "usage": {
            "charge_cycles": round(entity.usage.charged_percent / 100.0, 2),
            "flights": entity.usage.flights,
            "flown_h": round(entity.usage.flown_s / 3600.0, 2),
        },
    }


def hold(entity: Hold) -> Json:
    """Who has taken it out of service, when and why."""
    return {"by": entity.by, "at": instant(entity.at), "because": entity.because}


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
        "flight_id": telemetry.flight_id,
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
        "traffic": telemetry.traffic,
        "next_action": telemetry.next_action,
        "next_action_at": None if telemetry.next_action_at is None else instant(telemetry.next_action_at),
        "battery_at_home_percent": telemetry.battery_at_home_percent,
        "must_leave_at": None if telemetry.must_leave_at is None else instant(telemetry.must_leave_at),
        "camera_bearing_deg": telemetry.camera_bearing_deg,
        "camera_pitch_deg": telemetry.camera_pitch_deg,
        "camera_hfov_deg": telemetry.camera_hfov_deg,
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


def dock_sample(sample: Sample, *, now: datetime) -> Json:
    """A minute of a dock's weather; ``age_s`` in mission seconds."""
    return {
        "measured_at": instant(sample.measured_at),
        "age_s": round(max(0.0, (now - sample.measured_at).total_seconds()), 1),
        "wind_speed_m_s": sample.wind_speed_m_s,
        "wind_from_deg": sample.wind_from_deg,
        "gust_m_s": sample.gust_m_s,
        "rain_mm_h": sample.rain_mm_h,
        "temperature_c": sample.temperature_c,
    }


def stranger(entity: Stranger) -> Json:
    """Something that speaks for a dock that is not in the fleet file."""
    return {"dock": entity.name, "first_seen": instant(entity.first_seen), "because": entity.because}
