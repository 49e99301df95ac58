"""The plan for many incidents, and flights that could turn, as they are shown."""

from __future__ import annotations

from dispatcher.assigning import Planned, Turn
from dispatcher.presentation.view import Json


def planned(entity: Planned) -> Json:
    """One incident of the plan."""
    return {
        "incident_id": entity.incident_id,
        "grade": entity.grade,
        "waited_s": entity.waited_s,
        "kind": entity.kind,
        "dock_id": entity.dock_id,
        "time_to_scene_s": entity.time_to_scene_s,
        "flight": None if entity.turn is None else turn(entity.turn),
        "gain_s": entity.gain_s,
        "otherwise_dock_id": entity.otherwise_dock_id,
        "otherwise_s": entity.otherwise_s,
        "because": entity.because,
    }


def turn(entity: Turn) -> Json:
    """A flight in the air as an option for another incident."""
    return {
        "flight_id": entity.flight_id,
        "callsign": entity.callsign,
        "dock_id": entity.dock_id,
        "pilot": entity.pilot,
        "serves_incident_id": entity.serves,
        "phase": entity.phase,
        "eligible": entity.eligible,
        "reasons": list(entity.reasons),
        "time_to_scene_s": entity.time_to_scene_s,
        "watch_s": entity.watch_s,
        "battery_on_return_percent": entity.battery_on_return_percent,
        "energy_wh": entity.energy_wh,
        "others_s": entity.others_s,
        "watched_by": list(entity.watched_by),
        "homeward": entity.homeward,
    }
