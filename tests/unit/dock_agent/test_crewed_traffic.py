"""Who converges on us and when: the geometry of closest approach, its volume, its ages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.vocabulary import Avoidance, Traffic
from dock_agent.avoidance import CLEAR_FOR_S, Airspace
from dock_agent.crewed_traffic import (
    CLEAR_FACTOR,
    HALF_HEIGHT_M,
    LOOK_AHEAD_S,
    RADIUS_M,
    RECEIVER_OLD_S,
    REPORT_OLD_S,
    conflicts,
    encounter,
)
from dock_agent.readings import AircraftReading, CrewedAircraft, Position
from geo.flight.position import offset

HERE = (52.4081, -1.5106)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def own(*, north_m_s: float = 0.0, east_m_s: float = 0.0, climb_m_s: float = 0.0) -> AircraftReading:
    position = Position(lat_deg=HERE[0], lon_deg=HERE[1], alt_amsl_m=148.0, alt_above_home_m=60.0)
    return AircraftReading(
        position=position,
        position_age_s=0.1,
        velocity_north_m_s=north_m_s,
        velocity_east_m_s=east_m_s,
        climb_m_s=climb_m_s,
        receiver_age_s=0.5,
    )


def crewed(
    *,
    bearing_deg: float = 90.0,
    distance_m: float = 3000.0,
    course_deg: float = 270.0,
    speed_m_s: float = 60.0,
    above_m: float = 0.0,
    climb_m_s: float = 0.0,
    age_s: float = 0.0,
    icao: int = 1,
) -> CrewedAircraft:
    lat_deg, lon_deg = offset(*HERE, bearing_deg=bearing_deg, distance_m=distance_m)
    return CrewedAircraft(
        icao=icao,
        callsign=f"G{icao:03d}",
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        alt_amsl_m=148.0 + above_m,
        course_deg=course_deg,
        speed_m_s=speed_m_s,
        climb_m_s=climb_m_s,
        age_s=age_s,
    )


def test_one_that_comes_straight_at_us_is_in_conflict_when_it_enters_the_volume() -> None:
    met = encounter(own=own(), other=crewed())
    assert met is not None
    assert met.conflict
    assert met.bearing_deg == pytest.approx(90.0, abs=0.1)
    assert met.distance_m == pytest.approx(3000.0, rel=1e-3)
    assert met.in_s == pytest.approx((3000.0 - RADIUS_M) / 60.0, abs=0.2)
    assert met.closest_m == pytest.approx(0.0, abs=5.0)


@pytest.mark.parametrize(
    "other",
    [
        crewed(course_deg=90.0),
        crewed(distance_m=RADIUS_M + 60.0 * LOOK_AHEAD_S + 100.0),
        crewed(above_m=HALF_HEIGHT_M + 10.0),
        crewed(above_m=-HALF_HEIGHT_M - 10.0),
        crewed(speed_m_s=0.0),
        crewed(course_deg=255.0, distance_m=3000.0),
    ],
    ids=["flies away", "comes too late", "passes above", "passes below", "hovers far away", "passes beside"],
)
def test_one_that_stays_outside_the_volume_is_no_conflict(other: CrewedAircraft) -> None:
    met = encounter(own=own(), other=other)
    assert met is not None
    assert not met.conflict


def test_one_that_descends_into_the_volume_is_in_conflict_only_when_both_hold_at_once() -> None:
    still_above = crewed(above_m=400.0, climb_m_s=-1.0)
    assert not conflicts(own=own(), others=[still_above])
    low_in_time = crewed(above_m=400.0, climb_m_s=-6.0)
    (met,) = conflicts(own=own(), others=[low_in_time])
    assert met.in_s == pytest.approx(max((3000.0 - RADIUS_M) / 60.0, (400.0 - HALF_HEIGHT_M) / 6.0), abs=0.3)


def test_one_that_is_inside_now_is_in_conflict_now_whatever_its_course() -> None:
    (met,) = conflicts(own=own(), others=[crewed(distance_m=300.0, course_deg=90.0)])
    assert met.in_s == 0.0


def test_our_own_movement_counts() -> None:
    hovering = crewed(distance_m=1200.0, speed_m_s=0.0)
    assert not conflicts(own=own(), others=[hovering])
    assert conflicts(own=own(east_m_s=15.0), others=[hovering])
    assert not conflicts(own=own(east_m_s=-15.0), others=[hovering])


def test_a_report_is_carried_on_along_its_course_by_its_age_in_mission_time() -> None:
    met = encounter(own=own(), other=crewed(age_s=1.0), factor=10.0)
    assert met is not None
    assert met.distance_m == pytest.approx(3000.0 - 600.0, rel=1e-3)
    assert encounter(own=own(), other=crewed(age_s=REPORT_OLD_S + 1.0)) is None


def test_without_a_position_of_ours_nothing_is_said() -> None:
    assert encounter(own=AircraftReading(), other=crewed()) is None


def test_the_soonest_comes_first_and_ties_are_broken_by_address() -> None:
    later, sooner = crewed(distance_m=3400.0, icao=1), crewed(distance_m=2500.0, icao=9)
    twin = crewed(distance_m=2500.0, icao=3)
    found = conflicts(own=own(), others=[later, sooner, twin])
    assert [met.aircraft.icao for met in found] == [3, 9, 1]


def test_the_avoidance_stands_until_the_larger_volume_has_been_clear_for_a_while() -> None:
    space = Airspace().after(own=replace(own(), crewed=(crewed(distance_m=800.0),)), now=NOW)
    assert space.traffic is Traffic.CONVERGING
    assert space.avoid(Avoidance.DESCEND) is Avoidance.DESCEND
    edge = replace(own(), crewed=(crewed(distance_m=RADIUS_M * 1.1, speed_m_s=0.0),))
    assert not conflicts(own=edge, others=edge.crewed)
    space = space.after(own=edge, now=NOW + timedelta(seconds=30))
    assert space.avoid(Avoidance.HOLD) is Avoidance.HOLD, "its edge is beyond the volume, but not the larger one"
    away = replace(own(), crewed=(crewed(distance_m=RADIUS_M * CLEAR_FACTOR * 1.1, course_deg=90.0),))
    space = space.after(own=away, now=NOW + timedelta(seconds=31))
    assert space.avoid(Avoidance.HOLD) is Avoidance.HOLD
    assert space.words
    space = space.after(own=away, now=NOW + timedelta(seconds=31 + CLEAR_FOR_S))
    assert space.avoid(Avoidance.HOLD) is None
    assert space.traffic is Traffic.CLEAR
    assert space.words == ""


def test_a_silent_receiver_reads_unknown_and_never_clear() -> None:
    assert Airspace().after(own=own(), now=NOW).traffic is Traffic.CLEAR
    stale = replace(own(), receiver_age_s=RECEIVER_OLD_S + 0.1)
    assert Airspace().after(own=stale, now=NOW).traffic is Traffic.UNKNOWN
    assert Airspace().after(own=AircraftReading(), now=NOW).traffic is Traffic.UNKNOWN
    lost = replace(own(), position_age_s=4.0)
    assert Airspace().after(own=lost, now=NOW).traffic is Traffic.UNKNOWN
    assert Airspace().after(own=replace(own(), position=None), now=NOW).traffic is Traffic.UNKNOWN


def test_the_warning_says_who_from_where_how_high_and_when() -> None:
    space = Airspace().after(own=replace(own(), crewed=(crewed(above_m=-40.0),)), now=NOW)
    assert space.words == ("G001 converges from 090°, 3000 m away, 40 m below ours: within 0 m, near in 40 s")
