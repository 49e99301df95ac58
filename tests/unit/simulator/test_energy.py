"""What flying costs, and the wind it is flown in."""

from __future__ import annotations

import statistics

import pytest

from simulator.battery import MEAN_V, Battery, charge_at, open_circuit_v
from simulator.power import PowerCurve
from simulator.weather import Weather, Wind
from tests.unit.simulator.ground import Ground, way_home_mission

CURVE = PowerCurve(mass_kg=2.5, hover_power_w=270, disc_area_m2=0.25, drag_area_m2=0.018)


def test_hover_costs_what_the_type_says() -> None:
    assert CURVE.watts(0.0, 0.0) == pytest.approx(270)


def test_flying_slowly_is_cheaper_than_hovering_and_flying_fast_is_dearer() -> None:
    curve = [CURVE.watts(speed, 0.0) for speed in range(26)]
    cheapest = curve.index(min(curve))
    assert 5 <= cheapest <= 14
    assert curve[25] > curve[0]
    assert curve[cheapest:] == sorted(curve[cheapest:])


def test_the_paper_s_own_aircraft_comes_out_within_two_percent_at_its_published_points() -> None:
    # Zeng, Xu, Zhang 2019, table I and figure 2: W 20 N, A 0.503 m2, d0 0.6, s 0.05; hover 168.5 W, least near 10 m/s.
    paper = PowerCurve(mass_kg=20 / 9.80665, hover_power_w=168.49, disc_area_m2=0.503, drag_area_m2=0.6 * 0.05 * 0.503)
    assert paper.watts(10.2, 0.0) == pytest.approx(126, rel=0.02)
    assert paper.watts(30.0, 0.0) == pytest.approx(356, rel=0.02)


def test_climbing_adds_the_work_done_and_sinking_saves_less_than_it() -> None:
    weight_n = 2.5 * 9.80665
    assert CURVE.watts(0, 3) - CURVE.watts(0, 0) > weight_n * 3
    assert 0 < CURVE.watts(0, 0) - CURVE.watts(0, -2) < weight_n * 2


def minutes_until_empty(battery: Battery, watts: float) -> float:
    """Of a constant power."""
    seconds = 0
    while not battery.empty:
        battery.drain(watts, 1.0)
        seconds += 1
    return seconds / 60


def test_a_battery_gives_its_energy_but_for_what_its_resistance_keeps() -> None:
    gently, hard = (minutes_until_empty(Battery(capacity_wh=180), watts) for watts in (27, 540))
    assert gently == pytest.approx(400, rel=0.02)
    assert 0.9 * 20 < hard < 0.97 * 20


def test_the_voltage_sags_under_load_and_comes_back() -> None:
    battery = Battery(capacity_wh=150, cells=6, percent=60)
    rested = battery.voltage_v
    battery.drain(400, 0.1)
    sagging = battery.voltage_v
    battery.drain(0, 0.1)
    assert 0.3 < rested - sagging < 1.0
    assert battery.voltage_v == pytest.approx(rested, abs=0.01)
    battery.drain(400, 0.1)
    assert battery.voltage_v * battery.current_a == pytest.approx(400, rel=1e-3)


def test_the_open_circuit_voltage_is_the_paper_s_at_full_half_and_nearly_empty() -> None:
    # Chen and Rincón-Mora 2006, eq. (2), worked out by hand.
    assert open_circuit_v(1.0) == pytest.approx(4.103, abs=0.001)
    assert open_circuit_v(0.5) == pytest.approx(3.803, abs=0.001)
    assert open_circuit_v(0.0) == pytest.approx(2.654, abs=0.001)
    samples = [open_circuit_v(step / 10_000) for step in range(10_001)]
    assert statistics.fmean(samples) == pytest.approx(MEAN_V, abs=0.001)
    assert all(charge_at(open_circuit_v(share)) == pytest.approx(share, abs=0.001) for share in (0.05, 0.3, 0.9))


def test_more_than_the_pack_can_give_is_cut_off_at_what_it_can() -> None:
    battery = Battery(capacity_wh=20, cells=4)
    battery.drain(100_000, 0.1)
    assert battery.voltage_v * battery.current_a < 100_000
    assert battery.empty


def test_a_failing_cell_pulls_down_what_the_autopilot_believes_within_seconds_and_no_faster() -> None:
    battery = Battery(capacity_wh=180, percent=80)
    battery.missing_v = 1.0
    battery.drain(250, 1.0)
    assert battery.percent == pytest.approx(79, abs=0.2)
    for _ in range(120):
        battery.drain(250, 1.0)
    assert battery.percent < 15
    assert battery.charge_left > 0.7
    battery.missing_v = 0.0
    for _ in range(120):
        battery.drain(250, 1.0)
    assert battery.percent == pytest.approx(100 * battery.charge_left)


def test_charging_fills_it_and_no_further() -> None:
    battery = Battery(capacity_wh=180, percent=50)
    battery.charge(30)
    assert battery.percent == pytest.approx(80)
    battery.charge(150)
    assert battery.percent == 100


def test_gusts_have_the_scenario_s_mean_and_spread_and_the_seed_s_order() -> None:
    weather = Weather(wind_speed_m_s=6, wind_from_deg=270, gust_m_s=12)
    wind, again, other = (Wind(weather=weather, seed=seed) for seed in ("a", "a", "b"))
    samples = [wind.step(t * 0.1) for t in range(60_000)]
    assert [again.step(t * 0.1) for t in range(60_000)] == samples
    assert [other.step(t * 0.1) for t in range(100)] != samples[:100]
    assert statistics.fmean(air.east_m_s for air in samples) == pytest.approx(6, abs=0.5)
    assert statistics.pstdev(air.east_m_s for air in samples) == pytest.approx(2, rel=0.15)
    assert statistics.fmean(air.north_m_s for air in samples) == pytest.approx(0, abs=0.5)


def test_steady_air_is_steady_and_blows_from_where_the_scenario_says() -> None:
    wind = Wind(weather=Weather(wind_speed_m_s=5, wind_from_deg=90), seed="")
    first = wind.step(0.0)
    assert wind.step(100.0) == first
    assert first.east_m_s == pytest.approx(-5)
    assert wind.from_deg == pytest.approx(90)


def test_the_wind_grows_with_height_by_the_seventh_root_and_is_the_mast_s_at_ten_metres() -> None:
    def east_m_s(height_m: float) -> float:
        return Wind(weather=Weather(wind_speed_m_s=7, wind_from_deg=270), seed="").step(0.0, height_m).east_m_s

    assert east_m_s(10) == pytest.approx(7)
    assert east_m_s(120) == pytest.approx(7 * 12 ** (1 / 7), rel=0.01)
    assert east_m_s(0) < 6
    assert east_m_s(5000) == east_m_s(300)


def test_gusts_that_are_turned_off_die_away() -> None:
    wind = Wind(weather=Weather(wind_speed_m_s=5, gust_m_s=14), seed="x")
    for tenth in range(100):
        wind.step(tenth * 0.1)
    wind.weather = Weather(wind_speed_m_s=5)
    for tenth in range(100, 500):
        wind.step(tenth * 0.1)
    assert abs(wind.air.gust_north_m_s) < 0.01
    assert wind.speed_m_s == pytest.approx(5, abs=0.02)


def test_what_the_aircraft_tells_of_its_battery_follows_its_load() -> None:
    ground = Ground()
    rested = ground.last("SYS_STATUS")
    ground.take_off_on_mission(way_home_mission(watch_s=300))
    ground.run(60)
    flying, pack = ground.last("SYS_STATUS"), ground.last("BATTERY_STATUS")
    assert rested.current_battery == 0
    assert 1000 < flying.current_battery < 3000
    assert rested.voltage_battery - flying.voltage_battery > 150
    assert pack.voltages[0] == pytest.approx(flying.voltage_battery, abs=100)
    assert pack.current_consumed == pytest.approx(ground.vehicle.battery.drawn_mah, abs=30)
    assert pack.battery_remaining == flying.battery_remaining < 100
