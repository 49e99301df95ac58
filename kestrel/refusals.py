"""Was a dock that stayed at home rightly kept there? Judged afterwards from the record, by physics of its own.

The physics is coarse, so it has three answers: a dock had a clear reason; it was so near a limit that both answers are
fair; or nothing kept it at home, which contradicts the refusal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kestrel.hindsight import Hindsight, PastDock, PastIncident
from kestrel.journalfile import Entry
from kestrel.pastzones import FORBIDDING, ways_apart_m

EARTH_RADIUS_M = 6_371_008.8
"""IUGG mean radius."""
DISTANCE_MARGIN = 0.01
"""Great circle on a sphere against the ellipsoid: at most 0.6 %."""
CHARGE_MARGIN_PERCENT = 3.0
"""A report may be a minute old, in which a battery charges or settles by so much."""
WEATHER_MARGIN = 0.05
ENERGY_MARGIN = 0.20
TRANSIT_HEIGHT_M = 60.0
LEAST_WATCH_S = 60.0
REPORT_MAX_AGE_S = 180.0
JUST_AFTER = timedelta(seconds=15)
"""Wall time: silence is journalled so long after the last word, at the latest."""
WATCHED_FROM_M = 500.0
"""Deeper inside a zone than this nothing is watched from outside."""
ZONE_MARGIN_M = 120.0
"""A zone this near to the straight way may have kept a flight from it, margin and watch position included."""
APART_M = 250.0
"""A flight whose straight way comes this near may have left no height free: bends and watch positions included."""
SILENT_AFTER_S = 6.0
"""Wall seconds: three heartbeats."""
CLOCK_MARGIN_S = 1.0
"""Wall seconds between hearing and journalling."""


@dataclass(frozen=True, slots=True)
class DockVerdict:
    """What kept one dock at home: clear reasons, reasons within tolerance, or neither."""

    dock_id: str
    clear: list[str]
    near: list[str]

    @property
    def contradicts(self) -> bool:
        """True when nothing kept it at home."""
        return not self.clear and not self.near


@dataclass(frozen=True, slots=True)
class RefusalVerdict:
    """One declined incident."""

    incident_id: str
    source: str
    reference: str
    decided_seq: int
    docks: list[DockVerdict]

    @property
    def confirmed(self) -> bool:
        """True when every dock had its reason."""
        return bool(self.docks) and not any(dock.contradicts for dock in self.docks)


def judge_decision(past: Hindsight, incident: PastIncident, entry: Entry, later: Sequence[Entry]) -> RefusalVerdict:
    about_to_fall_silent = _silent_soon(later, entry.wall_time)
    return RefusalVerdict(
        incident_id=incident.incident_id,
        source=incident.source,
        reference=incident.reference,
        decided_seq=entry.seq,
        docks=[
            _judge_dock(
                past,
                dock_id,
                dock,
                incident,
                entry,
                silent_soon=dock_id in about_to_fall_silent or _unheard(entry, dock_id, dock),
            )
            for dock_id, dock in sorted(past.docks.items())
            if not dock.withdrawn
        ],
    )


def _silent_soon(later: Sequence[Entry], moment: datetime) -> set[str]:
    silent: set[str] = set()
    for entry in later:
        if entry.wall_time - moment > JUST_AFTER:
            break
        if entry.type == "DockSilent" and entry.payload is not None:
            silent.add(entry.payload["dock_id"])
    return silent


def _unheard(decision: Entry, dock_id: str, dock: PastDock) -> bool:
    """True when the decision counted the agent as silent, and nothing of the agent in the journal belies that.

    Heartbeats themselves are not journalled: their age stands in the decision's inputs alone.
    """
    docks = ((decision.payload or {}).get("inputs") or {}).get("docks") or []
    age_s = next((facts.get("heartbeat_age_s") for facts in docks if facts.get("dock_id") == dock_id), None)
    if age_s is None or age_s < SILENT_AFTER_S or dock.heard_at is None:
        return False
    quiet_s = (decision.wall_time - dock.heard_at).total_seconds()
    return bool(quiet_s > age_s - CLOCK_MARGIN_S)


def _judge_dock(
    past: Hindsight, dock_id: str, dock: PastDock, incident: PastIncident, decision: Entry, *, silent_soon: bool
) -> DockVerdict:
    clear, near = [], []
    flight = past.flight_at(dock_id)
    if flight is not None:
        clear.append(f"flight {flight.flight_id} had the dock")
    if not any(past.flights_of(pilot) < most for pilot, most in past.pilots.items()):
        clear.append("no pilot was free")
    if dock.held:
        clear.append(f"it was held for maintenance: {'; '.join(dock.held.values())}")
    if dock.silent:
        clear.append("its agent was silent")
    elif silent_soon:
        near.append("its agent had not been heard for a while")
    if dock.report is None:
        clear.append("its agent had never reported")
    else:
        clear += _state_reasons(dock.report)
        if (
            dock.reported_at is not None
            and (decision.mission_time - dock.reported_at).total_seconds() > REPORT_MAX_AGE_S
        ):
            near.append("its last report was old")
        judged = [
            *_measured_reasons(dock, dock.report, incident, past.reserve_percent),
            *_zone_reasons(past, dock, incident, decision),
            *_flight_reasons(past, dock, incident, decision),
        ]
        for certain, reason in judged:
            (clear if certain else near).append(reason)
    return DockVerdict(dock_id, clear, near)


def _state_reasons(report: dict[str, Any]) -> Iterator[str]:
    if not report["registered"]:
        yield f"unregistered: {report['unregistered_because']}"
    if report["state"] not in ("ready", "charging"):
        yield f"it was {report['state']}"
    if report["flight_id"] is not None:
        yield f"its agent had flight {report['flight_id']}"
    if report["aircraft_seated"] is not True:
        yield "no aircraft was known to be seated"
    if not report["aircraft_connected"]:
        yield "its aircraft was not connected"
    if report["lid"] in ("fault", "unknown"):
        yield f"its lid was {report['lid']}"
    for blocker in report["blockers"]:
        yield f"its agent would not launch: {blocker}"


def _measured_reasons(
    dock: PastDock, report: dict[str, Any], incident: PastIncident, reserve_percent: float
) -> Iterator[tuple[bool, str]]:
    """What measurements speak against, each with True when it is beyond all tolerance."""
    charge, least = report["battery_percent"], dock.limits["min_launch_battery_percent"]
    if charge is None:
        yield True, "its charge was unknown"
        return
    if charge < least + CHARGE_MARGIN_PERCENT:
        yield charge < least, f"charge {charge:.1f} % where {least:.0f} % is needed to launch"
    distance_m = great_circle_m(dock.lat_deg, dock.lon_deg, incident.lat_deg, incident.lon_deg)
    reach_m = dock.limits["max_range_m"]
    if distance_m > reach_m * (1 - DISTANCE_MARGIN):
        beyond = distance_m > reach_m * (1 + DISTANCE_MARGIN)
        yield beyond, f"{distance_m / 1000:.2f} km away, limit {reach_m / 1000:.2f} km"
    weather = report["weather"]
    if weather is None:
        yield True, "its weather was unknown"
        return
    yield from _weather_reasons(weather, dock.aircraft)
    yield from _energy_reasons(dock, charge, distance_m, weather["wind_speed_m_s"], reserve_percent)


def _weather_reasons(weather: dict[str, float], aircraft: dict[str, Any]) -> Iterator[tuple[bool, str]]:
    for measured, limit in (
        ("wind_speed_m_s", "wind_limit_m_s"),
        ("gust_m_s", "gust_limit_m_s"),
        ("rain_mm_h", "rain_limit_mm_h"),
    ):
        value, most = weather[measured], aircraft[limit]
        if value > most * (1 - WEATHER_MARGIN):
            yield value > most, f"{measured} {value:.1f}, limit {most:.1f}"
    celsius = weather["temperature_c"]
    if not aircraft["temperature_min_c"] <= celsius <= aircraft["temperature_max_c"]:
        yield True, f"temperature {celsius:.1f} °C is outside its limits"


def _energy_reasons(
    dock: PastDock, charge_percent: float, distance_m: float, wind_m_s: float, reserve_percent: float
) -> Iterator[tuple[bool, str]]:
    """Out and home over the ground with the least watch: at best in still air, at worst against the wind both ways."""
    aircraft = dock.aircraft
    reserve = max(dock.limits["reserve_percent"], reserve_percent)
    usable_wh = aircraft["battery_wh"] * max(0.0, charge_percent - reserve) / 100
    climb_wh = aircraft["climb_power_w"] * TRANSIT_HEIGHT_M / aircraft["climb_m_s"] / 3600
    descent_wh = aircraft["hover_power_w"] * TRANSIT_HEIGHT_M / aircraft["descent_m_s"] / 3600
    watch_wh = aircraft["hover_power_w"] * LEAST_WATCH_S / 3600

    def needed_wh(ground_speed_m_s: float) -> float:
        way_wh = aircraft["cruise_power_w"] * 2 * distance_m / ground_speed_m_s / 3600
        return float(climb_wh + way_wh + watch_wh + descent_wh)

    best_wh = needed_wh(aircraft["cruise_m_s"]) * (1 - ENERGY_MARGIN)
    worst_speed_m_s = aircraft["cruise_m_s"] - wind_m_s
    worst_wh = needed_wh(worst_speed_m_s) * (1 + ENERGY_MARGIN) if worst_speed_m_s > 0 else math.inf
    if worst_wh > usable_wh:
        yield best_wh > usable_wh, f"needs {best_wh:.0f} to {worst_wh:.0f} Wh, has {usable_wh:.0f} Wh above the reserve"


def great_circle_m(lat1_deg: float, lon1_deg: float, lat2_deg: float, lon2_deg: float) -> float:
    """Metres between two places on a sphere, by the haversine formula."""
    lat1, lat2 = math.radians(lat1_deg), math.radians(lat2_deg)
    half_lat, half_lon = (lat2 - lat1) / 2, math.radians(lon2_deg - lon1_deg) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def _zone_reasons(
    past: Hindsight, dock: PastDock, incident: PastIncident, decision: Entry
) -> Iterator[tuple[bool, str]]:
    """Zones that may leave no way: clear where dock or scene is deep inside a wall, else both answers are fair."""
    here, scene = (dock.lon_deg, dock.lat_deg), (incident.lon_deg, incident.lat_deg)
    facts = ((decision.payload or {}).get("inputs") or {}).get("airspace") or {}
    if facts.get("terrain") is not None:
        yield False, "it was decided over ground that is not known here"
    if facts and not facts.get("ready", True):
        yield False, "zones were being made ready"
    for zone in (each for document in past.zones.values() for each in document):
        if zone.restriction not in FORBIDDING:
            continue
        deep = [place for place in (here, scene) if zone.holds(place) and zone.edge_m(place) > WATCHED_FROM_M]
        if zone.wall and deep:
            yield True, f"{zone.name} holds the {'dock' if deep[0] == here else 'scene'}"
        elif zone.nearest_m([here, scene]) < ZONE_MARGIN_M:
            yield False, f"{zone.name} is on the straight way"


def _flight_reasons(
    past: Hindsight, dock: PastDock, incident: PastIncident, decision: Entry
) -> Iterator[tuple[bool, str]]:
    """Flights in the air that may leave no height free on the way; heights are not judged here, so both are fair."""
    listed = ((decision.payload or {}).get("inputs") or {}).get("apart") or []
    if not any(each["height_m"] is None and past.docks.get(each["dock_id"]) is dock for each in listed):
        return
    way = [(dock.lon_deg, dock.lat_deg), (incident.lon_deg, incident.lat_deg)]
    for flight in past.flights.values():
        home, scene = past.docks.get(flight.dock_id), past.incidents.get(flight.incident_id)
        if flight.ended is not None or home is None or scene is None:
            continue
        theirs = [(home.lon_deg, home.lat_deg), (scene.lon_deg, scene.lat_deg)]
        if ways_apart_m(way, theirs) < APART_M:
            yield False, f"flight {flight.flight_id} was on its way"
