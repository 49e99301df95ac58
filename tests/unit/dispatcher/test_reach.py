"""The spatial index in front of the decision never hides a dock that could go."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.fleet import AircraftType
from dispatcher.decision.choice import decide
from dispatcher.decision.facts import DockFacts, IncidentFacts, PilotFacts, Policy, WeatherFacts, performance_from_fleet
from dispatcher.events import DockRegistered
from dispatcher.reach import SLACK_M
from geo.coverage import CoverageIndex, coverage_frame
from geo.flight.position import offset
from geo.site import CoverageSite, CoverageTerms
from tests.desks import QUAD, SITES, Scene, dock

FAR = dock("far-1", 9, 53.4, -1.5)
POLICY = Policy(min_watch_s=60)
THIRSTY = QUAD.model_copy(update={"hover_power_w": 150.0, "cruise_power_w": 230.0, "battery_wh": 60.0})


async def test_a_dock_out_of_reach_is_told_so_without_an_estimate() -> None:
    scene = await Scene.open()
    await scene.desk.record([DockRegistered(dock=FAR, aircraft_type=QUAD)])
    await scene.status("far-1")
    assert scene.reach.candidates(52.41, -1.51) is None
    await scene.reach.keep(scene.desk.state)
    assert scene.reach.candidates(52.41, -1.51) == tuple(SITES)
    shown = await scene.desk.decide("controller-1", (await scene.incident()).id)
    (option,) = [option for option in shown.options if option["dock_id"] == "far-1"]
    assert [reason["code"] for reason in option["reasons"]] == ["out_of_range"]
    assert option["distance_m"] > 100_000


async def test_a_changed_fleet_makes_the_index_void_until_it_is_built_anew() -> None:
    scene = await Scene.open()
    await scene.reach.keep(scene.desk.state)
    await scene.desk.record([DockRegistered(dock=FAR, aircraft_type=QUAD)])
    assert scene.reach.candidates(53.4, -1.5) is None
    await scene.reach.keep(scene.desk.state)
    assert scene.reach.candidates(53.4, -1.5) == ("far-1",)


@pytest.mark.parametrize("kind", [QUAD, THIRSTY], ids=["quad", "thirsty"])
@settings(max_examples=60, deadline=None)
@given(
    bearing_deg=st.floats(0, 359.9),
    share=st.floats(0.85, 1.05),
    wind_m_s=st.floats(0, 12),
    wind_from_deg=st.floats(0, 359.9),
)
def test_no_wind_carries_a_drone_beyond_the_index(
    kind: AircraftType, bearing_deg: float, share: float, wind_m_s: float, wind_from_deg: float
) -> None:
    site = dock("one", 1, 52.4, -1.5)
    limits = site.limits.model_copy(update={"max_range_m": 90_000.0})
    performance = performance_from_fleet(aircraft_type=kind, limits=limits)
    index = CoverageIndex(
        coverage_frame(
            [CoverageSite(dock_id="one", lat_deg=52.4, lon_deg=-1.5, performance=performance, max_range_m=90_000.0)],
            terms=CoverageTerms(min_watch_s=POLICY.min_watch_s),
            seconds=(),
        )
    )
    (reach_m,) = index.frame["max_radius_m"]
    lat_deg, lon_deg = offset(52.4, -1.5, bearing_deg=bearing_deg, distance_m=float(reach_m) * share)
    facts = DockFacts(
        dock_id="one",
        lat_deg=52.4,
        lon_deg=-1.5,
        alt_amsl_m=90,
        aircraft_id="k1",
        performance=performance,
        max_range_m=90_000.0,
        agent_online=True,
        heartbeat_age_s=1,
        charge_percent=100.0,
        seated=True,
        weather=WeatherFacts(
            wind_speed_m_s=wind_m_s,
            wind_from_deg=wind_from_deg,
            gust_m_s=wind_m_s,
            rain_mm_h=0,
            temperature_c=10,
            age_s=1,
        ),
    )
    decision = decide(
        incident=IncidentFacts(incident_id="i", revision=1, lat_deg=lat_deg, lon_deg=lon_deg),
        docks=[facts],
        pilots=[PilotFacts(pilot_id="pilot-1", accepts_beforehand=True)],
        policy=POLICY,
        mission_time=datetime(2026, 1, 1, tzinfo=UTC),
        deployment="simulation",
    )
    out_of_reach = {"out_of_range", "out_of_energy", "watch_too_short", "wind_beats_aircraft"}
    reachable = not out_of_reach & {reason.code.value for reason in decision.options[0].reasons}
    if reachable:
        assert index.candidates(lat_deg, lon_deg, slack_m=SLACK_M) == ("one",)
