"""Flights over arrays come to what the scalar model says of each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from geo.estimates import Performances, estimate_flights
from geo.flight.energy import Infeasible, Leg, estimate_flight
from geo.flight.performance import Performance
from geo.flight.wind import Wind
from tests.unit.geo.aircraft import bearings, performances

flights = st.tuples(
    performances,
    st.floats(5, 120),
    st.just(0.0) | st.floats(0.5, 9000),
    bearings,
    bearings,
    st.just(0.0) | st.floats(0.1, 60) | st.floats(-60, -0.1),
    st.just(0.0) | st.floats(0.1, 25),
    bearings,
    st.floats(0, 100),
)


@settings(deadline=None, phases=[Phase.explicit, Phase.generate])
@given(many=st.lists(flights, min_size=1, max_size=8), watch_s=st.floats(0, 2000))
def test_many_flights_at_once_are_each_as_it_is_alone(
    many: list[tuple[Performance, float, float, float, float, float, float, float, float]], watch_s: float
) -> None:
    kinds, climb, way, bearing, homeward, rise, speed, from_deg, charge = zip(*many, strict=True)
    got = estimate_flights(
        performances=Performances(kinds),
        climb_m=np.array(climb),
        way_m=np.array(way),
        bearing_deg=np.array(bearing),
        homeward_deg=np.array(homeward),
        rise_m=np.array(rise),
        wind_m_s=np.array(speed),
        wind_from_deg=np.array(from_deg),
        watch_s=watch_s,
        charge_percent=np.array(charge),
        reserve_percent=np.array([kind.reserve_percent for kind in kinds]),
    )
    for i, kind in enumerate(kinds):
        out = [Leg(distance_m=way[i], bearing_deg=bearing[i])] if way[i] > 0 else []
        home = [Leg(distance_m=way[i], bearing_deg=homeward[i])] if way[i] > 0 else []
        if rise[i] != 0:
            out.append(Leg(distance_m=0.0, bearing_deg=0.0, rise_m=rise[i]))
            home.insert(0, Leg(distance_m=0.0, bearing_deg=0.0, rise_m=-rise[i]))
        alone = estimate_flight(
            performance=kind,
            climb_m=climb[i],
            out=out,
            home=home,
            landing_m=climb[i],
            watch_s=watch_s,
            charge_percent=charge[i],
            wind=Wind(speed_m_s=speed[i], from_deg=from_deg[i]),
        )
        assert bool(got.blown_away[i]) is (alone.infeasible is Infeasible.WIND_BEATS_AIRCRAFT)
        if got.blown_away[i]:
            continue
        assert bool(got.short_of_energy[i]) is (alone.infeasible is Infeasible.ENERGY)
        assert got.time_to_scene_s[i] == pytest.approx(alone.time_to_scene_s, rel=1e-9)
        assert got.watch_possible_s[i] == pytest.approx(alone.watch_possible_s, rel=1e-6, abs=1e-6)
        assert got.watch_s[i] == pytest.approx(alone.watch.seconds, rel=1e-6, abs=1e-6)
        assert got.total_s[i] == pytest.approx(alone.total_s, rel=1e-6)
        assert got.energy_wh[i] == pytest.approx(alone.energy_wh, rel=1e-6)
        assert got.battery_on_return_percent[i] == pytest.approx(alone.battery_on_return_percent, rel=1e-6, abs=1e-6)
