"""Docks, pilots and incidents for the tests of the decision: one good one of each, and strategies for any."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from contracts.vocabulary import DockState, Lid
from dispatcher.decision.choice import decide
from dispatcher.decision.facts import DockFacts, IncidentFacts, PilotFacts, Policy, ReportFacts, WeatherFacts
from dispatcher.decision.option import Decision, Option
from geo.flight.position import offset
from tests.unit.geo.aircraft import HOME, PATROL

NOW = datetime(2026, 3, 1, 21, 14, 3, 250_000, tzinfo=UTC)
WEATHER = WeatherFacts(
    wind_speed_m_s=4.0, wind_from_deg=220.0, gust_m_s=6.5, rain_mm_h=0.0, temperature_c=9.0, age_s=40.0
)
DOCK = DockFacts(
    dock_id="dock-1",
    lat_deg=HOME[0],
    lon_deg=HOME[1],
    alt_amsl_m=82.0,
    aircraft_id="aircraft-1",
    performance=PATROL,
    deployment="simulation",
    agent_online=True,
    heartbeat_age_s=1.2,
    state=DockState.READY,
    charge_percent=96.0,
    charge_age_s=2.0,
    lid=Lid.CLOSED,
    seated=True,
    weather=WEATHER,
)
PILOT = PilotFacts(pilot_id="pilot-1", accepts_beforehand=True)
SCENE = offset(*HOME, bearing_deg=40, distance_m=2500)
INCIDENT = IncidentFacts(incident_id="incident-1", revision=3, lat_deg=SCENE[0], lon_deg=SCENE[1], radius_m=25.0)
POLICY = Policy()


def decided(*docks: DockFacts, **changed: Any) -> Decision:
    """A decision about these docks with the good incident, pilot and policy, unless others are given."""
    facts: dict[str, Any] = {
        "incident": INCIDENT,
        "docks": docks,
        "pilots": (PILOT,),
        "policy": POLICY,
        "mission_time": NOW,
        "deployment": "simulation",
    }
    return decide(**(facts | changed))


def option_of(dock: DockFacts, **changed: Any) -> Option:
    """The option of a single dock."""
    return decided(dock, **changed).option(dock.dock_id)


def codes(option: Option) -> list[str]:
    """The codes of an option's reasons."""
    return [reason.code.value for reason in option.reasons]


def dock_at(dock_id: str, *, bearing_deg: float, distance_m: float, **changed: Any) -> DockFacts:
    """The good dock, somewhere else."""
    lat_deg, lon_deg = offset(*HOME, bearing_deg=bearing_deg, distance_m=distance_m)
    return replace(DOCK, dock_id=dock_id, lat_deg=lat_deg, lon_deg=lon_deg, **changed)


maybe = st.none() | st.floats(0, 400)
weathers = st.builds(
    WeatherFacts,
    wind_speed_m_s=st.floats(0, 30),
    wind_from_deg=st.floats(0, 359.9),
    gust_m_s=st.floats(0, 40),
    rain_mm_h=st.floats(0, 10),
    temperature_c=st.floats(-40, 50),
    age_s=st.floats(0, 1000) | st.floats(0, 10_000),
    report=st.none() | st.builds(ReportFacts, station=st.just("EGBE"), distance_m=st.floats(0, 25_000)),
)
any_docks = st.builds(
    lambda number, bearing, way_m, facts: dock_at(f"dock-{number}", bearing_deg=bearing, distance_m=way_m, **facts),
    st.integers(0, 999),
    st.floats(0, 359),
    st.floats(0, 15_000),
    st.fixed_dictionaries(
        {
            "max_range_m": st.none() | st.floats(100, 10_000),
            "lid_s": st.floats(0, 30),
            "registered": st.booleans(),
            "maintenance": st.booleans(),
            "agent_online": st.booleans(),
            "heartbeat_age_s": maybe,
            "state": st.none() | st.sampled_from(DockState),
            "flight_id": st.none() | st.just("flight-7"),
            "charge_percent": st.none() | st.floats(0, 100),
            "charge_age_s": maybe,
            "lid": st.sampled_from(Lid),
            "seated": st.none() | st.booleans(),
            "aircraft_connected": st.booleans(),
            "weather": st.none() | weathers,
            "blockers": st.lists(st.sampled_from(["storage is full", "the clock is wrong"]), max_size=2).map(tuple),
        }
    ),
)
good_docks = st.builds(
    lambda number, bearing, way_m, charge, weather: dock_at(
        f"dock-{number}", bearing_deg=bearing, distance_m=way_m, charge_percent=charge, weather=weather
    ),
    st.integers(0, 999),
    st.floats(0, 359),
    st.floats(0, 9_000),
    st.floats(60, 100),
    st.builds(replace, st.just(WEATHER), wind_speed_m_s=st.floats(0, 12), wind_from_deg=st.floats(0, 359.9)),
)
pilots = st.lists(
    st.builds(
        PilotFacts,
        pilot_id=st.sampled_from(["pilot-1", "pilot-2", "pilot-3"]),
        accepts_beforehand=st.booleans(),
        flights_in_command=st.integers(0, 2),
        limit=st.integers(0, 2),
    ),
    unique_by=lambda pilot: pilot.pilot_id,
    max_size=3,
)


def fleets(docks: st.SearchStrategy[DockFacts], *, least: int = 0) -> st.SearchStrategy[list[DockFacts]]:
    """Several docks of different ids."""
    return st.lists(docks, min_size=least, max_size=6, unique_by=lambda dock: dock.dock_id)
