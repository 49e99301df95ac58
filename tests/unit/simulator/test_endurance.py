"""The published endurance and speed of two real types, flown by the simulated aircraft until their batteries are empty.

DJI Matrice 4D: 54 minutes in flight and 45 minutes hovering, as the trade press reported at its announcement (UAS
Weekly News Update, 4 March 2025). Skydio X10: 40 minutes in flight and 20 m/s (45 mph), as its maker publishes. Both
are of a new aircraft in still air at sea level, until nothing is left.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kestrel.yamlfile import load_yaml
from simulator.identity import Identity
from simulator.localframe import LocalFrame
from simulator.modes import Mode
from simulator.power import PowerCurve
from simulator.scenario import AircraftType, Scenario
from simulator.vehicle import Vehicle
from simulator.weather import STILL_AIR

COVENTRY = load_yaml(Path(__file__).parents[3] / "examples" / "coventry" / "scenario.yaml", Scenario)
MATRICE = COVENTRY.aircraft_types["dji-matrice-4d"]
X10 = COVENTRY.aircraft_types["skydio-x10"]
DT_S = 0.1
HEIGHT_M = 50.0
FAR_M = 200_000.0


def aloft(kind: AircraftType) -> Vehicle:
    """Over its dock with nearly all of its charge, and told to fly until it is empty."""
    frame = LocalFrame(lat_deg=52.4, lon_deg=-1.51, alt_amsl_m=0.0)
    vehicle = Vehicle(identity=Identity(name="K1", system_id=1, uid=bytes(8)), kind=kind, frame=frame)
    for name, value in (("COM_LOW_BAT_ACT", 0), ("MPC_XY_VEL_MAX", 25.0), ("MIS_TAKEOFF_ALT", HEIGHT_M)):
        vehicle.parameters.set(name, value)
    vehicle.on_shore_power = False
    live(vehicle, 6)
    assert vehicle.arm()
    vehicle.command_mode(Mode.TAKEOFF)
    while vehicle.mode is Mode.TAKEOFF:
        live(vehicle, 1)
    vehicle.battery.set_percent(100)
    return vehicle


def live(vehicle: Vehicle, seconds: float) -> None:
    for _ in range(round(seconds / DT_S)):
        vehicle.step(DT_S, STILL_AIR)
    vehicle.outbox.clear()


def minutes_until_empty(vehicle: Vehicle) -> float:
    """From now on; it must be the battery that ends it."""
    since_s = vehicle.sim_s
    while vehicle.armed:
        live(vehicle, 1)
    assert vehicle.fault == "Battery empty"
    return (vehicle.sim_s - since_s) / 60


def go_north(vehicle: Vehicle, speed_m_s: float) -> None:
    vehicle.navigator.goto((FAR_M, 0.0, -HEIGHT_M), 0.0, speed_m_s, vehicle.body)


def cheapest_speed_m_s(kind: AircraftType) -> float:
    """Where the power curve is lowest: what "flight time" is flown at."""
    curve = PowerCurve(
        mass_kg=kind.mass_kg,
        hover_power_w=kind.hover_power_w,
        disc_area_m2=kind.disc_area_m2,
        drag_area_m2=kind.drag_area_m2,
    )
    return min((speed / 10 for speed in range(250)), key=lambda speed: curve.watts(speed, 0.0))


def test_the_matrice_4d_hovers_for_45_minutes() -> None:
    assert minutes_until_empty(aloft(MATRICE)) == pytest.approx(45, rel=0.02)


@pytest.mark.parametrize(("kind", "published_min"), [(MATRICE, 54), (X10, 40)], ids=["matrice-4d", "x10"])
def test_in_flight_at_its_cheapest_speed_it_lasts_as_long_as_published(
    kind: AircraftType, published_min: float
) -> None:
    vehicle = aloft(kind)
    speed_m_s = cheapest_speed_m_s(kind)
    go_north(vehicle, speed_m_s)
    assert minutes_until_empty(vehicle) == pytest.approx(published_min, rel=0.02)
    assert vehicle.body.north_m == pytest.approx(published_min * 60 * speed_m_s, rel=0.05)


def test_the_x10_flies_20_m_s_and_no_faster_whatever_it_is_asked() -> None:
    vehicle = aloft(X10)
    go_north(vehicle, 25.0)
    live(vehicle, 20)
    assert vehicle.body.ground_speed_m_s == pytest.approx(20, abs=0.1)
    flown_m = vehicle.body.north_m
    live(vehicle, 10)
    assert vehicle.body.north_m - flown_m == pytest.approx(200, rel=0.01)


def test_flying_at_its_highest_speed_costs_minutes() -> None:
    vehicle = aloft(X10)
    go_north(vehicle, 20.0)
    assert 0.5 * 40 < minutes_until_empty(vehicle) < 0.8 * 40
