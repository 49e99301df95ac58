"""The dock: lid, presence, charger and weather, and what it makes of its aircraft."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mav

from contracts.dock_registers import UNKNOWN_U16, ChargerState, InputRegister, LidState, Presence
from simulator.dock import Dock
from simulator.link import observe
from simulator.localframe import LocalFrame
from simulator.place import ObservedAircraft, ObservedState, Place
from simulator.weather import Weather
from simulator.world import World
from tests.unit.simulator.ground import Ground, Item, place, scenario, way_home_mission

WEATHER = Weather(wind_speed_m_s=4, wind_from_deg=240, gust_m_s=None, rain_mm_h=1.2, temperature_c=-3.5)


def lid_of(box: Dock) -> LidState:
    return box.lid


def charger_of(box: Dock) -> ChargerState:
    return box.charger


def dock(lid_s: float = 6) -> Dock:
    return Dock(name="d", lid_s=lid_s, charge_percent_per_min=2, weather=WEATHER, seed="s")


def test_the_lid_takes_its_time_both_ways_and_turns_round_half_way() -> None:
    box = dock(lid_s=6)
    assert lid_of(box) is LidState.CLOSED
    box.lid_open_wanted = True
    box.step(3.0)
    assert lid_of(box) is LidState.OPENING
    box.lid_open_wanted = False
    box.step(2.9)
    assert lid_of(box) is LidState.CLOSING
    box.step(0.2)
    assert lid_of(box) is LidState.CLOSED
    box.lid_open_wanted = True
    box.step(6.1)
    assert lid_of(box) is LidState.OPEN


def test_the_registers_tell_the_weather() -> None:
    box = dock()
    box.step(2.0)
    read = box.registers()
    assert read[InputRegister.WIND_SPEED_CM_S] == 400
    assert read[InputRegister.WIND_FROM_DECIDEG] == 2400
    assert read[InputRegister.RAIN_DECI_MM_H] == 12
    assert read[InputRegister.TEMPERATURE_DECI_C] == 0x10000 - 35
    assert read[InputRegister.HEARTBEAT] == 2


def test_presence_follows_the_flight_and_charging_brings_the_battery_back() -> None:
    ground = Ground()
    box = ground.world.places["d1"].dock
    assert box.registers()[InputRegister.PRESENCE] == Presence.SEATED
    assert charger_of(box) is ChargerState.FULL
    ground.take_off_on_mission(way_home_mission(watch_s=120))
    ground.run(10)
    assert box.registers()[InputRegister.PRESENCE] == Presence.EMPTY
    assert box.registers()[InputRegister.BATTERY_CHARGE_PERMILLE] == UNKNOWN_U16
    assert charger_of(box) is ChargerState.OFF
    ground.run(900, until=lambda: not ground.vehicle.armed)
    assert box.registers()[InputRegister.PRESENCE] == Presence.SEATED
    assert charger_of(box) is ChargerState.OFF
    left = ground.vehicle.battery.percent
    assert 80 < left < 95
    assert box.registers()[InputRegister.BATTERY_CHARGE_PERMILLE] == pytest.approx(left * 10, abs=1)
    box.lid_open_wanted = False
    box.charger_enabled = True
    ground.world.run(60)
    assert charger_of(box) is ChargerState.CHARGING
    assert ground.vehicle.battery.percent == pytest.approx(left + 2, abs=0.05)
    ground.world.run(60 * 10)
    assert charger_of(box) is ChargerState.FULL


def test_an_aircraft_that_comes_home_to_a_closed_lid_is_not_present() -> None:
    ground = Ground()
    ground.take_off_on_mission([Item(22, up_m=15), Item(16, 30, 0, 15), Item(21)])
    ground.run(20)
    box = ground.world.places["d1"].dock
    box.lid_open_wanted = False
    assert ground.run(300, until=lambda: not ground.vehicle.armed)
    assert ground.vehicle.fault == ""
    assert box.registers()[InputRegister.PRESENCE] == Presence.EMPTY


def test_an_aircraft_landed_beside_the_dock_is_not_present() -> None:
    ground = Ground()
    ground.take_off_on_mission([Item(22, up_m=15), Item(21, 3, 0)])
    assert ground.run(300, until=lambda: not ground.vehicle.armed)
    assert ground.world.places["d1"].dock.registers()[InputRegister.PRESENCE] == Presence.EMPTY


def test_another_docks_aircraft_is_present_where_it_came_down_and_is_charged_there() -> None:
    one = scenario().model_dump(mode="json", by_alias=True)["docks"][0]
    away = place(60, 0)
    aircraft = one["aircraft"] | {
        "id": "K2",
        "system_id": 8,
        "uid": "0102030405060709",
        "mavlink": {"bind": "127.0.0.1:14581", "send_to": "127.0.0.1:14541"},
    }
    other = one | {
        "id": "d2",
        "lat_deg": away[0],
        "lon_deg": away[1],
        "modbus": "127.0.0.1:15022",
        "aircraft": aircraft,
    }
    ground = Ground(world=World(scenario(docks=[one, other])))
    world, box = ground.world, ground.world.places["d2"].dock
    box.lid_open_wanted = True
    elsewhere = world.vehicle("d2")
    elsewhere.body = elsewhere.body._replace(north_m=300.0)
    ground.run(10)
    assert box.registers()[InputRegister.PRESENCE] == Presence.EMPTY
    ground.take_off_on_mission([Item(22, up_m=15), Item(21, 60, 0)])
    assert ground.run(300, until=lambda: not ground.vehicle.armed)
    ground.run(2)
    assert box.registers()[InputRegister.PRESENCE] == Presence.SEATED
    assert world.places["d1"].dock.registers()[InputRegister.PRESENCE] == Presence.EMPTY
    left = ground.vehicle.battery.percent
    assert box.registers()[InputRegister.BATTERY_CHARGE_PERMILLE] == pytest.approx(left * 10, abs=1)
    box.lid_open_wanted = False
    box.charger_enabled = True
    ground.run(9)
    assert charger_of(box) is ChargerState.CHARGING
    ground.run(60)
    assert ground.vehicle.battery.percent > left
    assert charger_of(box) is ChargerState.FULL


def test_a_real_px4_is_present_when_it_says_that_it_stands_here() -> None:
    frame = LocalFrame(lat_deg=52.4, lon_deg=-1.51, alt_amsl_m=90)
    aircraft = ObservedAircraft(frame=frame)
    box = dock()
    box.lid_open_wanted = True
    place = Place(dock=box, occupant=aircraft)
    aircraft.state = ObservedState(lat_deg=52.4, lon_deg=-1.51, alt_amsl_m=120, landed=False)
    place.step(7.0)
    assert box.registers()[InputRegister.PRESENCE] == Presence.EMPTY
    state = ObservedState()
    for message in (
        mav.MAVLink_global_position_int_message(0, 524_000_010, -15_100_000, 90_000, 0, 0, 0, 0, 0),
        mav.MAVLink_extended_sys_state_message(0, 1),
        mav.MAVLink_sys_status_message(0, 0, 0, 0, 16_000, 0, 55, 0, 0, 0, 0, 0, 0),
    ):
        state = observe(state, message)
    aircraft.state = state
    place.step(0.1)
    place.step(0.1)
    assert box.registers()[InputRegister.PRESENCE] == Presence.SEATED
    assert box.registers()[InputRegister.BATTERY_CHARGE_PERMILLE] == 550
    aircraft.state = observe(state, mav.MAVLink_extended_sys_state_message(0, 2))
    place.step(0.1)
    assert box.registers()[InputRegister.PRESENCE] == Presence.EMPTY


def test_a_real_px4_that_stands_in_the_closed_box_from_the_start_is_present() -> None:
    here = mav.MAVLink_global_position_int_message(0, 524_000_000, -15_100_000, 90_000, 0, 0, 0, 0, 0)
    undefined, on_ground, in_air = (mav.MAVLink_extended_sys_state_message(0, landed) for landed in (0, 1, 2))
    for messages in ([here, undefined, on_ground], [on_ground, here]):
        aircraft = ObservedAircraft(frame=LocalFrame(lat_deg=52.4, lon_deg=-1.51, alt_amsl_m=90))
        box = dock()
        place = Place(dock=box, occupant=aircraft)
        place.step(7.0)
        assert box.registers()[InputRegister.PRESENCE] == Presence.SEATED
        for message in messages:
            aircraft.state = observe(aircraft.state, message)
            place.step(0.1)
            assert box.registers()[InputRegister.PRESENCE] == Presence.SEATED
        aircraft.state = observe(aircraft.state, in_air)
        place.step(0.1)
        assert box.registers()[InputRegister.PRESENCE] == Presence.EMPTY


def test_a_real_px4_that_comes_down_as_near_as_gnss_brings_it_is_present() -> None:
    aircraft = ObservedAircraft(frame=LocalFrame(lat_deg=52.4081, lon_deg=-1.5106, alt_amsl_m=88))
    box = dock()
    box.lid_open_wanted = True
    place = Place(dock=box, occupant=aircraft)
    aircraft.state = ObservedState(lat_deg=52.408094, lon_deg=-1.510586, alt_amsl_m=90, landed=False)
    place.step(7.0)
    aircraft.state = ObservedState(lat_deg=52.408094, lon_deg=-1.510586, alt_amsl_m=88.2, landed=True)
    place.step(0.1)
    assert box.registers()[InputRegister.PRESENCE] == Presence.SEATED


def test_a_real_px4_first_heard_elsewhere_is_not_present() -> None:
    aircraft = ObservedAircraft(frame=LocalFrame(lat_deg=52.4, lon_deg=-1.51, alt_amsl_m=90))
    box = dock()
    place = Place(dock=box, occupant=aircraft)
    aircraft.state = ObservedState(lat_deg=52.4001, lon_deg=-1.51, alt_amsl_m=90, landed=True)
    place.step(0.1)
    assert box.registers()[InputRegister.PRESENCE] == Presence.EMPTY
