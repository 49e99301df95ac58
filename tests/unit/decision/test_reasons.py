"""Each thing that keeps a drone in its dock is told, with the figure that the duty person needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contracts.vocabulary import DockState, Lid
from contracts.warnings import WarningCode, yields
from dispatcher.decision.facts import PilotFacts, Policy
from dispatcher.decision.reason import ReasonCode
from geo.flight.wind import Wind
from tests.unit.decision.scene import (
    DOCK,
    INCIDENT,
    PILOT,
    POLICY,
    WEATHER,
    codes,
    decided,
    dock_at,
    option_of,
)
from tests.unit.geo.aircraft import PATROL

TELLING: list[tuple[ReasonCode, dict[str, Any], str]] = [
    (ReasonCode.UNREGISTERED, {"registered": False, "unregistered_because": "it stands 312 m off"}, "312 m off"),
    (ReasonCode.UNREGISTERED, {"registered": False}, "fleet file"),
    (ReasonCode.WRONG_DEPLOYMENT, {"deployment": "live"}, "live deployment, this one is simulation"),
    (ReasonCode.MAINTENANCE, {"maintenance": True}, "maintenance"),
    (ReasonCode.AGENT_OFFLINE, {"agent_online": False, "heartbeat_age_s": None}, "not been heard yet"),
    (ReasonCode.AGENT_OFFLINE, {"heartbeat_age_s": 45.4}, "last heard 45 s ago (limit 6 s)"),
    (ReasonCode.AGENT_OFFLINE, {"agent_online": False, "heartbeat_age_s": 2.0}, "offline, last heard 2 s ago"),
    (ReasonCode.BUSY, {"flight_id": "flight-7", "state": DockState.FLYING}, "a flight from this dock is under way"),
    (ReasonCode.BUSY, {"state": DockState.RECOVERING}, "recovering"),
    (ReasonCode.STATE_UNKNOWN, {"state": None}, "state is unknown"),
    (ReasonCode.DOCK_FAULT, {"state": DockState.FAULT}, "fault"),
    (ReasonCode.NO_AIRCRAFT, {"state": DockState.EMPTY, "seated": False}, "no aircraft"),
    (ReasonCode.NO_AIRCRAFT, {"seated": False}, "no aircraft"),
    (ReasonCode.PRESENCE_UNKNOWN, {"seated": None}, "unknown whether"),
    (ReasonCode.AIRCRAFT_OFFLINE, {"aircraft_connected": False}, "no link to its aircraft"),
    (ReasonCode.LID_FAULT, {"lid": Lid.FAULT}, "lid reports a fault"),
    (ReasonCode.LID_UNKNOWN, {"lid": Lid.UNKNOWN}, "lid's position is unknown"),
    (ReasonCode.CHARGE_UNKNOWN, {"charge_percent": None}, "charge is unknown"),
    (ReasonCode.CHARGE_UNKNOWN, {"charge_age_s": 180.0}, "measured 180 s ago (limit 120 s)"),
    (ReasonCode.CHARGE_TOO_LOW, {"charge_percent": 54.32}, "charge 54.3 %, a launch needs 60.0 %, measured 2 s ago"),
    (ReasonCode.WEATHER_UNKNOWN, {"weather": None}, "weather is unknown"),
    (ReasonCode.WEATHER_UNKNOWN, {"weather": replace(WEATHER, age_s=301.0)}, "measured 301 s ago (limit 300 s)"),
    (
        ReasonCode.WIND_OVER_LIMIT,
        {"weather": replace(WEATHER, wind_speed_m_s=12.3)},
        "wind 12.3 m/s, limit 12.0, measured 40 s ago",
    ),
    (
        ReasonCode.GUST_OVER_LIMIT,
        {"weather": replace(WEATHER, gust_m_s=15.2)},
        "gust 15.2 m/s, limit 15.0, measured 40 s ago",
    ),
    (
        ReasonCode.RAIN_OVER_LIMIT,
        {"weather": replace(WEATHER, rain_mm_h=2.5)},
        "rain 2.5 mm/h, limit 2.0, measured 40 s ago",
    ),
    (
        ReasonCode.TEMPERATURE_OUT_OF_LIMITS,
        {"weather": replace(WEATHER, temperature_c=-11.0)},
        "temperature -11.0 °C, limits -10.0 to 40.0, measured 40 s ago",
    ),
    (
        ReasonCode.TEMPERATURE_OUT_OF_LIMITS,
        {"weather": replace(WEATHER, temperature_c=41.5)},
        "temperature 41.5 °C, limits -10.0 to 40.0, measured 40 s ago",
    ),
    (ReasonCode.OUT_OF_RANGE, {"max_range_m": 2000.0}, "2500 m away, the site's limit is 2000 m"),
    (ReasonCode.AGENT_REFUSES, {"blockers": ("storage is full",)}, "storage is full"),
]


@pytest.mark.parametrize(("code", "changed", "words"), TELLING)
def test_a_dock_with_one_thing_wrong_gives_that_reason_alone(
    code: ReasonCode, changed: dict[str, Any], words: str
) -> None:
    option = option_of(replace(DOCK, **changed))
    assert not option.eligible
    assert option.rank is None
    assert codes(option) == [code.value]
    assert words in option.reasons[0].text


def test_a_dock_with_nothing_wrong_is_eligible() -> None:
    option = option_of(DOCK)
    assert option.eligible
    assert option.reasons == ()
    assert option.rank == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"state": DockState.CHARGING, "charge_percent": 60.0},
        {"heartbeat_age_s": 6.0},
        {"charge_age_s": 120.0},
        {"charge_age_s": None},
        {"lid": Lid.OPEN},
        {"deployment": None},
        {"max_range_m": 2600.0},
        {
            "weather": replace(
                WEATHER, wind_speed_m_s=12.0, gust_m_s=15.0, rain_mm_h=2.0, temperature_c=-10.0, age_s=300
            )
        },
    ],
)
def test_a_figure_at_its_limit_is_within_it(changed: dict[str, Any]) -> None:
    assert option_of(replace(DOCK, **changed)).eligible


@pytest.mark.parametrize(
    ("changed", "code", "told", "words"),
    [
        ({"weather": replace(WEATHER, wind_speed_m_s=12.04)}, "wind_over_limit", 12.1, "wind 12.1 m/s, limit 12.0"),
        ({"weather": replace(WEATHER, wind_speed_m_s=12.06)}, "wind_over_limit", 12.1, "wind 12.1 m/s"),
        ({"weather": replace(WEATHER, wind_speed_m_s=12.31)}, "wind_over_limit", 12.3, "wind 12.3 m/s"),
        ({"weather": replace(WEATHER, temperature_c=-10.01)}, "temperature_out_of_limits", -10.1, "temperature -10.1"),
        ({"weather": replace(WEATHER, temperature_c=40.01)}, "temperature_out_of_limits", 40.1, "temperature 40.1"),
        ({"charge_percent": 59.97}, "charge_too_low", 59.9, "charge 59.9 %"),
    ],
)
def test_a_figure_just_over_its_limit_is_told_as_over_it_and_can_be_set_aside(
    changed: dict[str, Any], code: str, told: float, words: str
) -> None:
    (reason,) = option_of(replace(DOCK, **changed)).reasons
    assert (reason.code.value, reason.value) == (code, told)
    assert words in reason.text
    assert reason.limit is not None
    assert yields(WarningCode(code), shown=told, value=told, limit=reason.limit)


def test_every_reason_is_told_and_not_only_the_first() -> None:
    worn = replace(
        DOCK,
        maintenance=True,
        seated=False,
        lid=Lid.FAULT,
        charge_percent=10.0,
        weather=replace(WEATHER, wind_speed_m_s=14.0, gust_m_s=18.0),
        max_range_m=100.0,
        blockers=("storage is full", "the clock is wrong"),
    )
    assert codes(option_of(worn, pilots=())) == [
        "maintenance",
        "no_aircraft",
        "lid_fault",
        "charge_too_low",
        "wind_over_limit",
        "gust_over_limit",
        "agent_refuses",
        "agent_refuses",
        "out_of_range",
        "out_of_energy",
        "no_pilot_free",
    ]


def test_a_silent_dock_is_not_asked_what_it_measured_but_what_the_dispatcher_knows() -> None:
    silent = replace(DOCK, heartbeat_age_s=90.0, flight_id="flight-7", lid=Lid.FAULT, weather=None)
    assert codes(option_of(silent)) == ["agent_offline", "busy"]


def test_a_scene_beyond_the_battery_says_what_it_would_take() -> None:
    option = option_of(dock_at("dock-9", bearing_deg=220, distance_m=12_000))
    assert codes(option) == ["out_of_energy"]
    reason = option.reasons[0]
    assert reason.value is not None
    assert reason.limit == 76.0
    assert reason.value > reason.limit
    assert "charge 96.0 %, reserve 20.0 %" in reason.text


def test_a_watch_that_would_be_too_short_is_a_reason() -> None:
    near_limit = replace(DOCK, charge_percent=60.0)
    spare_s = option_of(near_limit).on_scene_s
    assert spare_s is not None
    option = option_of(near_limit, policy=Policy(min_watch_s=spare_s + 1, watch_cap_s=3600))
    assert codes(option) == ["watch_too_short"]
    assert f"leaves {spare_s:.0f} s on scene" in option.reasons[0].text
    assert option_of(near_limit, policy=Policy(min_watch_s=spare_s - 1)).eligible


def test_a_wind_that_beats_the_aircraft_is_a_reason_beside_its_limit() -> None:
    gale = replace(WEATHER, wind_speed_m_s=25.0)
    option = option_of(replace(DOCK, weather=gale))
    assert codes(option) == ["wind_over_limit", "wind_beats_aircraft"]
    assert option.time_to_scene_s is None
    assert gale.wind == Wind(speed_m_s=25.0, from_deg=220.0)


def test_no_pilot_on_duty_and_no_pilot_free_are_told_apart() -> None:
    nobody = option_of(DOCK, pilots=())
    assert codes(nobody) == ["no_pilot_free"]
    assert "no pilot is on duty" in nobody.reasons[0].text
    taken = PilotFacts(pilot_id="pilot-2", accepts_beforehand=True, flights_in_command=2, limit=2)
    busy = option_of(DOCK, pilots=(taken,))
    assert busy.reasons[0].text == "no pilot is free: 1 on duty, 1 with as many flights as allowed"


@pytest.mark.parametrize(
    ("pilots", "text"),
    [
        ([{"silent": True}], "the console of the only pilot on duty is silent"),
        ([{"silent": True}, {"silent": True}], "the consoles of all 2 pilots on duty are silent"),
        (
            [{"silent": True}, {"flights_in_command": 2, "limit": 2}],
            "no pilot is free: 2 on duty, 1 with as many flights as allowed, 1 with a silent console",
        ),
        (
            [{"flights_in_hand": 2}, {"flights_in_command": 1}],
            "no pilot is free: 2 on duty, 1 with as many flights as allowed, 1 flying too many by hand",
        ),
    ],
)
def test_why_no_pilot_is_free_says_what_is_so_and_nothing_else(pilots: list[dict[str, Any]], text: str) -> None:
    known = [PilotFacts(pilot_id=f"pilot-{n}", accepts_beforehand=True, **each) for n, each in enumerate(pilots)]
    assert [reason.text for reason in option_of(DOCK, pilots=tuple(known)).reasons] == [text]


def test_the_pilot_who_accepts_beforehand_and_flies_least_is_named() -> None:
    asks = PilotFacts(pilot_id="pilot-0", accepts_beforehand=False)
    loaded = PilotFacts(pilot_id="pilot-a", accepts_beforehand=True, flights_in_command=1, limit=3)
    decision = decided(DOCK, pilots=(asks, loaded, PILOT))
    assert (decision.pilot_id, decision.pilot_accepts_beforehand) == ("pilot-1", True)
    asked = decided(DOCK, pilots=(asks,))
    assert (asked.pilot_id, asked.pilot_accepts_beforehand) == ("pilot-0", False)
    assert asked.best_dock_id == "dock-1"


def test_a_dock_outside_the_coverage_is_out_of_range_without_an_estimate() -> None:
    decision = decided(DOCK, replace(DOCK, dock_id="dock-2"), within_reach={"dock-2"})
    assert decision.best_dock_id == "dock-2"
    outside = decision.option("dock-1")
    assert codes(outside) == ["out_of_range"]
    assert outside.time_to_scene_s is None


def test_every_code_that_a_dock_can_have_is_tested_here() -> None:
    elsewhere = {
        ReasonCode.OUT_OF_ENERGY,
        ReasonCode.WATCH_TOO_SHORT,
        ReasonCode.WIND_BEATS_AIRCRAFT,
        ReasonCode.NO_PILOT_FREE,
        ReasonCode.NO_HEIGHT_FREE,
        ReasonCode.SCENE_IN_ZONE,
        ReasonCode.NO_WAY,
        ReasonCode.ABOVE_CEILING,
    }
    assert {code for code, _, _ in TELLING} | elsewhere == set(ReasonCode)


def test_an_incident_that_is_closed_or_has_a_flight_takes_none_but_shows_the_options() -> None:
    closed = decided(DOCK, incident=replace(INCIDENT, closed=True))
    assert [blocker.code.value for blocker in closed.blockers] == ["incident_closed"]
    assert closed.best is None
    assert closed.options[0].eligible
    flown = decided(DOCK, incident=replace(INCIDENT, active_flight_id="flight-7"))
    assert [blocker.code.value for blocker in flown.blockers] == ["flight_active"]
    assert flown.blockers[0].text == "a flight is on this incident already"
    assert flown.best_dock_id is None


def test_a_policy_and_a_type_that_hold_back_differently_hold_back_the_more() -> None:
    strict_type = replace(DOCK, performance=replace(PATROL, reserve_percent=35.0))
    lenient, strict = option_of(DOCK), option_of(strict_type)
    assert lenient.on_scene_s is not None
    assert strict.on_scene_s is not None
    assert strict.on_scene_s < lenient.on_scene_s
    assert option_of(DOCK, policy=replace(POLICY, reserve_percent=35.0)).on_scene_s == strict.on_scene_s
