"""Fence and corridor: out of either it holds, and after a while returns; a goto may leave the corridor."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dock_agent.confinement import CORRIDOR_HALF_WIDTH_M, HOLDS_S, Confinement
from dock_agent.readings import Mode
from geo.flight.plan import Waypoint, straight_plan
from geo.flight.position import offset

HOME = (52.4081, -1.5106)
PLAN = straight_plan(home=HOME, scene=offset(*HOME, bearing_deg=0.0, distance_m=1000.0))
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def at(*, north_m: float, east_m: float = 0.0, height_m: float = 60.0) -> Waypoint:
    lat_deg, lon_deg = offset(*HOME, bearing_deg=0.0, distance_m=north_m)
    lat_deg, lon_deg = offset(lat_deg, lon_deg, bearing_deg=90.0, distance_m=east_m) if east_m else (lat_deg, lon_deg)
    return Waypoint(lat_deg=lat_deg, lon_deg=lon_deg, alt_above_home_m=height_m)


class Watched:
    """One second after another."""

    def __init__(self) -> None:
        self.state = Confinement()
        self.now = NOW

    def look(
        self, spot: Waypoint | None, mode: Mode = Mode.MISSION, *, taken_over: bool = False, for_s: int = 1
    ) -> None:
        for _ in range(for_s):
            self.now += timedelta(seconds=1)
            self.state = self.state.after(at=spot, mode=mode, plan=PLAN, now=self.now, taken_over=taken_over)

    def demands(self) -> tuple[str | None, str | None]:
        return self.state.must_hold(self.now), self.state.must_return(self.now)


@pytest.fixture
def watched() -> Watched:
    watched = Watched()
    watched.look(at(north_m=200.0))
    return watched


def test_on_the_way_nothing_is_demanded(watched: Watched) -> None:
    watched.look(at(north_m=500.0, east_m=CORRIDOR_HALF_WIDTH_M - 1.0), for_s=5)
    assert watched.demands() == (None, None)


def test_off_the_corridor_it_holds_and_after_a_while_returns(watched: Watched) -> None:
    watched.look(at(north_m=500.0, east_m=45.0))
    assert watched.demands() == (None, None), "one odd fix is none"
    watched.look(at(north_m=500.0, east_m=45.0))
    assert watched.demands() == ("it is 45 m off the cleared way; 40 m is the most", None)
    watched.look(at(north_m=500.0, east_m=46.0), Mode.HOLD, for_s=int(HOLDS_S) - 1)
    assert watched.demands()[0] is not None
    watched.look(at(north_m=500.0, east_m=46.0), Mode.HOLD)
    assert watched.demands() == (
        None,
        "it is 45 m off the cleared way; 40 m is the most: nobody has decided otherwise in 15 s",
    )


def test_outside_the_fence_the_fence_is_named(watched: Watched) -> None:
    watched.look(at(north_m=500.0, east_m=75.0), for_s=2)
    assert watched.demands() == ("it is 25 m outside the fence", None)


def test_a_goto_may_leave_the_corridor_but_not_the_fence(watched: Watched) -> None:
    watched.look(at(north_m=500.0, east_m=45.0), Mode.HOLD, for_s=5)
    assert watched.demands() == (None, None)
    watched.look(at(north_m=500.0, east_m=60.0), Mode.HOLD, for_s=2)
    assert watched.demands() == ("it is 10 m outside the fence", None)


def test_the_way_back_to_the_corridor_is_not_off_it(watched: Watched) -> None:
    watched.look(at(north_m=500.0, east_m=47.0), Mode.HOLD, for_s=3)
    watched.look(at(north_m=500.0, east_m=46.0), Mode.MISSION, for_s=3)
    assert watched.demands() == (None, None)
    watched.look(at(north_m=500.0, east_m=10.0), Mode.MISSION)
    watched.look(at(north_m=500.0, east_m=47.0), Mode.MISSION, for_s=2)
    assert watched.demands()[0] is not None


def test_a_person_who_decides_during_the_hold_is_obeyed_while_it_is_inside_the_fence(watched: Watched) -> None:
    watched.look(at(north_m=500.0, east_m=45.0), for_s=2)
    watched.look(at(north_m=500.0, east_m=45.0), Mode.HOLD, taken_over=True, for_s=2)
    assert watched.demands() == (None, None)
    watched.look(at(north_m=500.0, east_m=45.0), Mode.HOLD, for_s=30)
    assert watched.demands() == (None, None)


def test_outside_the_fence_a_decision_ends_the_hold_but_not_the_return(watched: Watched) -> None:
    watched.look(at(north_m=500.0, east_m=70.0), for_s=2)
    watched.look(at(north_m=500.0, east_m=70.0), Mode.HOLD, taken_over=True)
    assert watched.demands() == (None, None)
    watched.look(at(north_m=500.0, east_m=70.0), Mode.HOLD, for_s=int(HOLDS_S))
    hold, home = watched.demands()
    assert hold is None
    assert home is not None
    assert "outside the fence" in home


def test_back_inside_and_flying_on_the_breach_is_over(watched: Watched) -> None:
    watched.look(at(north_m=500.0, east_m=70.0), for_s=2)
    watched.look(at(north_m=500.0, east_m=20.0), Mode.MISSION)
    assert watched.demands() == (None, None)
    assert watched.state == replace(Confinement(), joined=True)


def test_without_a_fresh_position_nothing_new_is_decided(watched: Watched) -> None:
    watched.look(at(north_m=500.0, east_m=70.0), for_s=2)
    watched.look(None, for_s=3)
    assert watched.demands()[0] == "it is 20 m outside the fence"


def test_near_the_ground_it_is_landing_and_not_watched(watched: Watched) -> None:
    watched.look(at(north_m=500.0, east_m=70.0, height_m=3.0), for_s=5)
    assert watched.demands() == (None, None)
