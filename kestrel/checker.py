"""Judges a journal afterwards, by rules of its own: were those who were refused refused rightly?

For each incident that was declined after a decision without a dock it rebuilds the situation at that decision and asks,
dock by dock, whether the aircraft could have gone. Its physics is coarse, so it has three answers: a dock had a clear
reason; it was so near a limit that both answers are fair; or nothing kept it at home, which contradicts the refusal.
It also checks the hash chain, that no dock had two flights at once, and that no flight's phases went backwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from kestrel.hindsight import ENDS, Hindsight, PastDock, PastFlight, PastIncident
from kestrel.journalfile import ChainFault, Entry, read_journal
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
PHASE_RANK = {
    phase: rank
    for rank, phase in enumerate(
        ("ordered", "preparing", "launching", "en_route", "on_scene", "returning", "landing", *sorted(ENDS))
    )
}


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was found."""

    events: int
    chain_faults: list[ChainFault]
    refusals: list[RefusalVerdict]
    rule_faults: list[str]
    flights: dict[str, str | None] = field(default_factory=dict)
    """How each flight ended; None: it has not."""

    @property
    def agrees(self) -> bool:
        """True when nothing at all speaks against the record."""
        return not self.chain_faults and not self.rule_faults and all(refusal.confirmed for refusal in self.refusals)

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {
            "agrees": self.agrees,
            "events": self.events,
            "chain_faults": [asdict(fault) for fault in self.chain_faults],
            "rule_faults": self.rule_faults,
            "refusals": [asdict(refusal) | {"confirmed": refusal.confirmed} for refusal in self.refusals],
            "flights": self.flights,
        }


def check_journal(path: Path) -> Verdict:
    """Read and judge a journal file; raises `FileError` when it is none."""
    entries, chain_faults = read_journal(path)
    return judge(entries, chain_faults)


def judge(entries: Sequence[Entry], chain_faults: Sequence[ChainFault] = ()) -> Verdict:
    """Judge events in their order."""
    past = Hindsight()
    at_decision: dict[str, RefusalVerdict] = {}
    refusals: list[RefusalVerdict] = []
    rule_faults: list[str] = []
    for index, entry in enumerate(entries):
        rule_faults += _rules_broken(past, entry)
        past.apply(entry)
        if entry.type == "OptionsDecided" and entry.payload is not None:
            incident = past.incidents[entry.payload["incident_id"]]
            at_decision.pop(incident.incident_id, None)
            if entry.payload["best_dock_id"] is None:
                at_decision[incident.incident_id] = _judge_decision(past, incident, entry, entries[index + 1 :])
        if entry.type == "IncidentDeclined" and entry.payload is not None:
            decided = at_decision.get(entry.payload["incident_id"])
            if decided is not None:
                refusals.append(decided)
    rule_faults += [fault for flight in past.flights.values() for fault in _phases_backwards(flight)]
    return Verdict(
        events=len(entries),
        chain_faults=list(chain_faults),
        refusals=refusals,
        rule_faults=rule_faults,
        flights={flight.flight_id: flight.ended for flight in past.flights.values()},
    )


def _rules_broken(past: Hindsight, entry: Entry) -> Iterator[str]:
    if entry.type == "FlightAccepted" and entry.payload is not None:
        accepted = past.flights.get(entry.payload["flight_id"])
        if accepted is not None:
            yield from _sent_while_held(past, entry, accepted.dock_id)
    if entry.type in ("FlightOrdered", "TaskGiven") and entry.payload is not None:
        yield from _sent_through_zones(past, entry)
    if entry.type == "FlightOrdered" and entry.payload is not None:
        yield from _launched_unannounced(past, entry, entry.payload)
        yield from _sent_while_held(past, entry, entry.payload["dock_id"])
        busy = past.flight_at(entry.payload["dock_id"])
        if busy is not None:
            yield f"event {entry.seq}: {entry.payload['dock_id']} was given a second flight beside {busy.flight_id}"


def _sent_while_held(past: Hindsight, entry: Entry, dock_id: str) -> Iterator[str]:
    sent_from = past.docks.get(dock_id)
    if sent_from is not None and sent_from.held:
        yield f"event {entry.seq}: {dock_id} was held for maintenance: {'; '.join(sent_from.held.values())}"


def _launched_unannounced(past: Hindsight, entry: Entry, ordered: dict[str, Any]) -> Iterator[str]:
    """What the system orders by itself is a relief, or was announced, for that dock and to its end, and cancelled by
    nobody."""
    if entry.actor != "system" or ordered.get("relieves") is not None:
        return
    announced = past.announced.get(ordered.get("proposal_id") or "")
    where = f"event {entry.seq}: flight {ordered['flight_id']} launched by itself"
    if announced is None or announced["unanswered"] != "launched":
        yield f"{where} without having been announced"
        return
    if announced["dock_id"] != ordered["dock_id"]:
        yield f"{where} from {ordered['dock_id']}, announced was {announced['dock_id']}"
    if entry.mission_time < datetime.fromisoformat(announced["answer_by"]):
        yield f"{where} before its time"


def _sent_through_zones(past: Hindsight, entry: Entry) -> Iterator[str]:
    """Nobody is ever sent through a prohibited zone: neither out nor home, neither at first nor later on."""
    payload = entry.payload or {}
    order = payload.get("order") or payload.get("task") or {}
    points = [*order.get("route_out", ()), *order.get("route_home", ())]
    if "home" in order and entry.type == "FlightOrdered":
        points.insert(0, order["home"])
    path = [(point["lon_deg"], point["lat_deg"]) for point in points]
    for zone in (each for document in past.zones.values() for each in document):
        if zone.wall and path and zone.crosses(path):
            yield f"event {entry.seq}: flight {payload['flight_id']} was sent through {zone.name}"


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


def _phases_backwards(flight: PastFlight) -> Iterator[str]:
    # Missing is what we did not know; what came after it is what happened.
    known = [phase for phase in flight.phases if phase != "missing"]
    ranks = [PHASE_RANK.get(phase, -1) for phase in known]
    if -1 in ranks:
        yield f"flight {flight.flight_id} has a phase that does not exist: {known[ranks.index(-1)]}"
        return
    anew = flight.turns
    for before, phase in pairwise(known):
        if PHASE_RANK[phase] >= PHASE_RANK[before]:
            continue
        # Turned to another incident, it is on its way out again: once for each turn, and from the air alone.
        if phase != "en_route" or before not in ("on_scene", "returning") or anew == 0:
            yield f"flight {flight.flight_id} went backwards: {', '.join(flight.phases)}"
            return
        anew -= 1


def _judge_decision(past: Hindsight, incident: PastIncident, entry: Entry, later: Sequence[Entry]) -> RefusalVerdict:
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
