"""Where to put a number of docks for a county, and the fleet and scenario that follow.

Docks stand at calls (k-medoids), so each is a place where people are, and half of the county's calls are near one.
The search is seeded: the same file and number give the same docks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kestrel.callfile import Call
from kestrel.errors import WrongUsage

METRES_PER_DEGREE = 111_195.0
"""Of latitude, on a sphere of 6,371,008.8 m (IUGG mean radius)."""
MAX_SAMPLE = 2500
"""Calls looked at: all pairs of them are measured at once."""
ROUNDS = 40
STARTS = 6
SEED = 911
MIN_SPACING_M = 250.0
"""Two docks closer than this would serve the same streets."""

Floats = npt.NDArray[np.float64]


def place_docks(calls: Sequence[Call], count: int, *, seed: int = SEED) -> list[tuple[float, float]]:
    """``count`` places (latitude, longitude) out of the calls', from north to south.

    Raises `WrongUsage` when there are fewer different places than docks.
    """
    places = np.array(sorted({(call.lat_deg, call.lon_deg) for call in calls}), dtype=np.float64)
    rng = np.random.default_rng(seed)
    if len(places) > MAX_SAMPLE:
        places = places[np.sort(rng.choice(len(places), MAX_SAMPLE, replace=False))]
    distances = _distances_m(places)
    best: npt.NDArray[np.intp] | None = None
    best_cost = np.inf
    for _ in range(STARTS):
        medoids = _improve(distances, _spread(distances, count, rng))
        cost = float(distances[:, medoids].min(axis=1).sum())
        if cost < best_cost:
            best, best_cost = medoids, cost
    if best is None or not _apart(distances, best):
        raise WrongUsage(f"the calls hold no {count} places {MIN_SPACING_M:.0f} m apart: ask for fewer docks")
    chosen = [(float(lat), float(lon)) for lat, lon in places[best]]
    return sorted(chosen, key=lambda place: (-place[0], place[1]))


def county_files(
    *, places: Sequence[tuple[float, float]], force: str, name: str, ports: Sequence[tuple[int, int, int, int]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fleet and scenario for docks at ``places``; ``ports`` of each: MAVLink to agent and aircraft, Modbus, camera.

    The plates stand at 100 m AMSL: the file of calls knows no heights.
    """
    docks, boxes = [], []
    for number, ((lat_deg, lon_deg), (agent_port, aircraft_port, modbus_port, camera_port)) in enumerate(
        zip(places, ports, strict=True), start=1
    ):
        site = {"id": f"dock-{number}", "lat_deg": lat_deg, "lon_deg": lon_deg, "alt_amsl_m": 100.0}
        uid = f"{0xC0DE_0000_0000_0000 + number:016x}"  # 8 bytes; MAVSDK reports 18, filled up with zeros
        docks.append(
            site
            | {
                "name": f"Dock {number}",
                "lid_s": LID_S,
                "aircraft": {
                    "id": f"k{number}",
                    "callsign": f"K{number}",
                    "type": TYPE_NAME,
                    "system_id": number,
                    "uid": uid.ljust(36, "0"),
                },
                "links": {
                    "mavlink_url": f"udpin://127.0.0.1:{agent_port}",
                    "modbus": f"127.0.0.1:{modbus_port}",
                    "camera": f"127.0.0.1:{camera_port}",
                },
            }
        )
        boxes.append(
            site
            | {
                "modbus": f"127.0.0.1:{modbus_port}",
                "camera": f"127.0.0.1:{camera_port}",
                "lid_s": LID_S,
                "charge_percent_per_min": CHARGE_PERCENT_PER_MIN,
                "aircraft": {
                    "id": f"k{number}",
                    "type": TYPE_NAME,
                    "system_id": number,
                    "uid": uid,
                    "mavlink": {"bind": f"127.0.0.1:{aircraft_port}", "send_to": f"127.0.0.1:{agent_port}"},
                },
            }
        )
    fleet = {
        "schema": "kestrel.fleet/1",
        "force": force,
        "name": name,
        "deployment": "simulation",
        "aircraft_types": {TYPE_NAME: FLEET_TYPE},
        "docks": docks,
    }
    scenario = {
        "schema": "kestrel.scenario/1",
        "name": name,
        "seed": SEED,
        "weather": {"wind_speed_m_s": 3.0, "wind_from_deg": 250.0, "gust_m_s": 5.0, "temperature_c": 4.0},
        "aircraft_types": {TYPE_NAME: SCENARIO_TYPE},
        "docks": boxes,
    }
    return fleet, scenario


TYPE_NAME = "px4-quad-x4"
LID_S = 6.0
CHARGE_PERCENT_PER_MIN = 2.5
FLEET_TYPE: dict[str, float | bool] = {
    "cruise_m_s": 15.0,
    "airspeed_max_m_s": 20.0,
    "climb_m_s": 3.0,
    "descent_m_s": 1.5,
    "battery_wh": 184.0,
    "hover_power_w": 270.0,
    "cruise_power_w": 235.0,
    "climb_power_w": 370.0,
    "wind_limit_m_s": 12.0,
    "gust_limit_m_s": 16.0,
    "rain_limit_mm_h": 8.0,
    "temperature_min_c": -10.0,
    "temperature_max_c": 40.0,
}
"""What the fleet file promises of the type: the same figures as in examples/coventry/fleet.yaml."""
SCENARIO_TYPE: dict[str, float] = {
    "mass_kg": 2.5,
    "battery_wh": 184.0,
    "hover_power_w": 270.0,
    "max_speed_m_s": 20.0,
    "climb_m_s": 5.0,
    "descent_m_s": 3.0,
}
"""What the simulated aircraft of the type can do."""


def _distances_m(places: Floats) -> Floats:
    middle = np.radians(places[:, 0].mean())
    north = places[:, 0] * METRES_PER_DEGREE
    east = places[:, 1] * METRES_PER_DEGREE * np.cos(middle)
    result: Floats = np.hypot(north[:, None] - north[None, :], east[:, None] - east[None, :])
    return result


def _spread(distances: Floats, count: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """First medoids, far from each other by chance: k-means++ seeding (Arthur, Vassilvitskii 2007)."""
    if count > len(distances):
        raise WrongUsage(f"{count} docks for {len(distances)} places: ask for fewer docks")
    chosen = [int(rng.integers(len(distances)))]
    while len(chosen) < count:
        weight = distances[:, chosen].min(axis=1) ** 2
        weight = np.where(weight > 0, weight, 0.0)
        if weight.sum() == 0:
            break
        chosen.append(int(rng.choice(len(distances), p=weight / weight.sum())))
    return np.array(chosen, dtype=np.intp)


def _improve(distances: Floats, medoids: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Alternate: each call to its nearest dock, each dock to the middle call of its own (Park, Jun 2009)."""
    for _ in range(ROUNDS):
        nearest = distances[:, medoids].argmin(axis=1)
        moved = medoids.copy()
        for index in range(len(medoids)):
            members = np.flatnonzero(nearest == index)
            if len(members):
                moved[index] = members[distances[np.ix_(members, members)].sum(axis=1).argmin()]
        if np.array_equal(moved, medoids):
            break
        medoids = moved
    return medoids


def _apart(distances: Floats, medoids: npt.NDArray[np.intp]) -> bool:
    between = distances[np.ix_(medoids, medoids)] + np.diag(np.full(len(medoids), np.inf))
    return len(medoids) == 1 or bool(between.min() >= MIN_SPACING_M)
