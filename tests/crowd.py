"""A city with more in it than any has: incidents, moving drones and zones, in the frames of the live socket.

For what a console must bear: browser tests and the bench say the same crowd to it.
"""

from __future__ import annotations

import json
import math
from typing import Any

Json = dict[str, Any]
NOON = "2026-01-31T12:00:00.000Z"
TURN_STEPS = 126
"""After so many steps a drone is where it began: 126 steps of 1/20 rad are a whole turn, within a metre or two."""


def incident(number: int) -> Json:
    """One of many, all over the city."""
    return {
        "id": f"i{number:05}",
        "source": "cad",
        "reference": f"R-{number}",
        "grade": str(1 + number % 4),
        "category": f"call {number}",
        "summary": "one of many",
        "place": {"lat_deg": 52.3 + (number % 71) / 400, "lon_deg": -1.7 + (number % 53) / 200, "radius_m": 0.0},
        "reported_at": NOON,
        "received_at": f"2026-01-31T11:{number % 60:02}:00.000Z",
        "revision": 1,
        "status": "open",
        **dict.fromkeys(("outcome", "merged_into", "flight_id")),
        "flight_ids": [],
    }


def drone(number: int, step: int) -> Json:
    """One that flies a circle, some 12 m/s at ten steps a second."""
    turn = step / 20 + number
    return {
        "dock_id": f"d{number}",
        "flight_id": None,
        "callsign": f"K{number}",
        "lat_deg": 52.4 + 0.05 * math.sin(number) + 0.002 * math.sin(turn),
        "lon_deg": -1.5 + 0.09 * math.cos(number * 1.7) + 0.003 * math.cos(turn),
        "alt_above_home_m": 60.0,
        "alt_amsl_m": 150.0,
        "heading_deg": math.degrees(turn) % 360,
        "ground_speed_m_s": 12.0,
        "climb_m_s": 0.0,
        "battery_percent": 80.0,
        "armed": True,
        "in_air": True,
        "flight_mode": "MISSION",
        "mission_time": NOON,
        "position_age_s": 0.1,
        "link_age_s": 0.1,
        "traffic": "clear",
        "next_action": "",
        **dict.fromkeys(("next_action_at", "battery_at_home_percent", "must_leave_at")),
    }


def zones(count: int) -> Json:
    """As ``GET /api/v1/airspace`` has them."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": f"zone {n}", "restriction": "PROHIBITED", "applies_now": True, "periods": []},
                "geometry": {"type": "Polygon", "coordinates": [_ring(52.3 + (n % 10) / 50, -1.7 + (n // 10) / 30)]},
            }
            for n in range(count)
        ],
    }


def snapshot(*, incidents: int, drones: int) -> str:
    """All that there is, as the first frame."""
    entities = _entities("incident", {each["id"]: each for each in map(incident, range(incidents))}, 1)
    entities += _entities("aircraft", {f"k{n}": drone(n, 0) for n in range(drones)}, 1)
    return json.dumps(
        {"type": "snapshot", "epoch": "much", "seq": 1, "mission_time": NOON, "deployment": "simulation"}
        | {"entities": entities}
    )


def moved(*, drones: int, step: int) -> str:
    """Every drone one step on; without drones the tick that a quiet hub sends."""
    if drones == 0:
        return json.dumps({"type": "tick", "seq": 1, "mission_time": NOON})
    changed = _entities("aircraft", {f"k{n}": drone(n, step) for n in range(drones)}, step)
    return json.dumps(
        {"type": "changes", "epoch": "much", "seq": step, "mission_time": NOON, "changed": changed, "removed": []}
    )


def _entities(kind: str, data: dict[str, Json], seq: int) -> list[Json]:
    return [{"kind": kind, "id": name, "seq": seq, "data": value} for name, value in data.items()]


def _ring(lat: float, lon: float) -> list[list[float]]:
    return [[lon, lat], [lon + 0.02, lat], [lon + 0.02, lat + 0.01], [lon, lat + 0.01], [lon, lat]]
