"""Faults: each is put in, does what it says, ends, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.dock_registers import UNKNOWN_U16, ChargerState, InputRegister, LidState, Presence
from kestrel.errors import FileError
from kestrel.yamlfile import load_yaml
from simulator.dock import Dock
from simulator.errors import UnknownTarget
from simulator.faults import FAULT
from simulator.scenario import Scenario
from simulator.troubles import ANY_COMMAND, LateAck, Troubles, UploadEnd
from simulator.world import World
from tests.unit.simulator.ground import Ground, Item, scenario, way_home_mission


def put(world: World, kind: str, **fields: Any) -> int:
    """A fault from now on; its number."""
    number = world.inject(FAULT.validate_python({"kind": kind, **fields})).number
    world.step()
    return number


def lid_of(box: Dock) -> LidState:
    return box.lid


def charger_of(box: Dock) -> ChargerState:
    return box.charger


def register(box: Dock, which: InputRegister) -> int:
    return box.registers()[which]


@pytest.fixture
def world() -> World:
    return World(scenario())


@pytest.fixture
def box(world: World) -> Dock:
    return world.places["d1"].dock


def test_a_lid_that_is_stuck_shut_does_not_open_and_becomes_a_fault_until_it_is_freed(world: World, box: Dock) -> None:
    number = put(world, "lid_stuck_shut", dock="d1")
    box.lid_open_wanted = True
    world.run(6.5)
    assert lid_of(box) is LidState.OPENING
    world.run(4.0)
    assert lid_of(box) is LidState.FAULT
    assert box.lid_open_share == 0
    assert world.mend(number) is not None
    world.run(6.5)
    assert lid_of(box) is LidState.OPEN


def test_a_lid_that_is_stuck_open_does_not_shut(world: World, box: Dock) -> None:
    box.lid_open_wanted = True
    world.run(7)
    put(world, "lid_stuck_open", aircraft="K1")
    box.lid_open_wanted = False
    world.run(5)
    assert lid_of(box) is LidState.CLOSING
    world.run(5)
    assert lid_of(box) is LidState.FAULT
    assert box.lid_open_share == 1


def test_a_lid_that_fails_in_flight_shuts_behind_its_drone_and_does_not_open_for_it() -> None:
    ground = Ground()
    box = ground.world.places["d1"].dock
    put(ground.world, "lid_shuts_in_flight", dock="d1")
    ground.run(5)
    assert lid_of(box) is LidState.OPEN
    ground.take_off_on_mission([Item(22, up_m=15), Item(16, 30, 0, 15), Item(21)])
    ground.run(10)
    assert lid_of(box) is LidState.CLOSED
    assert not box.lid_open_wanted
    box.lid_open_wanted = True
    assert ground.run(300, until=lambda: not ground.vehicle.armed)
    assert lid_of(box) is LidState.FAULT
    assert register(box, InputRegister.PRESENCE) == Presence.EMPTY


def test_a_lid_that_has_jammed_stays_jammed_when_another_fault_ends(world: World, box: Dock) -> None:
    box.lid_open_wanted = True
    world.run(7)
    number = put(world, "lid_shuts_in_flight", dock="d1")
    other = put(world, "gps_lost", dock="d1")
    box.settle(landed_here=False)
    box.step(0.1)
    box.settle(landed_here=True)  # on the lid, in the end
    world.mend(other)
    box.lid_open_wanted = True
    for _ in range(200):
        box.step(0.1)
    assert lid_of(box) is LidState.FAULT
    world.mend(number)
    box.step(0.1)
    for _ in range(70):
        box.step(0.1)
    assert lid_of(box) is LidState.OPEN


def test_a_dead_charger_says_so_and_charges_nothing(box: Dock) -> None:
    low = scenario().model_dump(by_alias=True)
    low["docks"][0]["aircraft"]["battery_percent"] = 40
    world = World(Scenario.model_validate(low))
    box = world.places["d1"].dock
    box.charger_enabled = True
    number = put(world, "charger_dead", dock="d1", for_s=60)
    before = world.vehicle("d1").battery.percent
    world.run(50)
    assert charger_of(box) is ChargerState.FAULT
    assert world.vehicle("d1").battery.percent == pytest.approx(before)
    world.run(60)
    assert charger_of(box) is ChargerState.CHARGING
    assert world.vehicle("d1").battery.percent > before
    assert world.mend(number) is None


def test_a_dead_weather_mast_has_no_values(world: World, box: Dock) -> None:
    put(world, "mast_dead", dock="d1")
    assert register(box, InputRegister.WIND_SPEED_CM_S) == UNKNOWN_U16
    assert register(box, InputRegister.WEATHER_AGE_S) == UNKNOWN_U16
    assert register(box, InputRegister.LID_STATE) == LidState.CLOSED


@pytest.mark.parametrize(
    ("fault", "switch", "value"),
    [
        ({"kind": "gps_lost"}, "gps_lost", True),
        ({"kind": "link_lost"}, "link_lost", True),
        ({"kind": "motor_failed"}, "motor_failed", True),
        ({"kind": "parachute_stuck"}, "parachute_stuck", True),
        ({"kind": "adsb_silent"}, "adsb_silent", True),
        ({"kind": "payload_dead"}, "camera_dead", True),
        ({"kind": "acks_doubled"}, "acks_doubled", True),
        ({"kind": "arming_refused", "reason": "Too windy"}, "arming_refused", "Too windy"),
        ({"kind": "cell_sag", "volts": 1.2}, "cell_sag_v", 1.2),
        ({"kind": "clock_jump", "by_s": -3600}, "clock_ahead_s", -3600),
        ({"kind": "position_wrong", "north_m": 80}, "position_offset_m", (80, 0)),
    ],
)
def test_a_fault_of_an_aircraft_sets_its_switch_and_unsets_it(
    world: World, fault: dict[str, Any], switch: str, value: object
) -> None:
    troubles = world.vehicle("d1").troubles
    number = put(world, **fault, aircraft="K1")
    assert getattr(troubles, switch) == value
    world.mend(number)
    assert troubles == Troubles()
    assert world.vehicle("d1").troubles is troubles


def test_uploads_commands_and_identity_are_given_whole(world: World) -> None:
    vehicle = world.vehicle("d1")
    put(world, "upload_fails", dock="d1", at_item=3, end="error", plan="fence")
    put(world, "commands_late", dock="d1", delay_s=4, ack="never", commands=[400, 176])
    put(world, "swapped", dock="d1", system_id=99)
    upload = vehicle.troubles.upload
    assert upload is not None
    assert (upload.at_item, upload.end, upload.plan_type) == (3, UploadEnd.ERROR, 1)
    assert {number: late.ack for number, late in vehicle.troubles.late_commands.items()} == {
        400: LateAck.NEVER,
        176: LateAck.NEVER,
    }
    assert (vehicle.identity.system_id, vehicle.identity.uid.hex()) == (99, "0102030405060708")
    put(world, "commands_late", dock="d1", delay_s=1)
    assert vehicle.troubles.late_commands[ANY_COMMAND].delay_s == 1
    world.mend(3)
    assert vehicle.identity.system_id == 7


def test_of_two_faults_of_one_kind_the_longer_lasts(world: World) -> None:
    troubles = world.vehicle("d1").troubles
    put(world, "gps_lost", dock="d1", for_s=10)
    put(world, "gps_lost", aircraft="K1", for_s=30)
    world.run(15)
    assert troubles.gps_lost
    world.run(20)
    assert not troubles.gps_lost


def test_faults_of_the_file_come_at_their_time_and_end_at_it() -> None:
    faults = [
        {"at_s": 10, "for_s": 5, "dock": "d1", "kind": "link_lost"},
        {"at_s": 12, "aircraft": "K1", "kind": "arming_refused"},
    ]
    world = World(scenario(faults=faults))
    troubles = world.vehicle("d1").troubles
    seen = []
    for _ in range(20):
        world.run(1.0)
        seen.append((troubles.link_lost, bool(troubles.arming_refused)))
    assert seen == [(10 <= second < 15, second >= 12) for second in range(1, 21)]


def test_what_begins_a_little_later_by_chance_does_so_by_the_seed() -> None:
    def begins_s(seed: int) -> float:
        fault = {"at_s": 10, "spread_s": 100, "dock": "d1", "kind": "gps_lost"}
        world = World(scenario(faults=[fault], seed=seed))
        return world.timeline.waiting[0].begins_s

    assert begins_s(1) == begins_s(1)
    assert begins_s(1) != begins_s(2)
    assert all(10 <= begins_s(seed) <= 110 for seed in range(20))


def test_a_fault_mended_before_its_time_never_comes(world: World) -> None:
    number = world.inject(FAULT.validate_python({"kind": "gps_lost", "dock": "d1", "at_s": 5})).number
    assert world.mend(number) is not None
    world.run(10)
    assert not world.vehicle("d1").troubles.gps_lost
    assert world.timeline.active == world.timeline.waiting == ()


def test_the_weather_turns_over_its_time_and_back() -> None:
    world = World(scenario(weather={"wind_speed_m_s": 4, "wind_from_deg": 350, "gust_m_s": 6, "temperature_c": 10}))
    put(world, "weather", over_s=10, for_s=60, wind_speed_m_s=14, wind_from_deg=20, rain_mm_h=30)
    world.run(5)
    assert world.weather.wind_speed_m_s == pytest.approx(9, abs=0.6)
    assert world.weather.wind_from_deg == pytest.approx(5, abs=2)
    world.run(10)
    assert (world.weather.wind_speed_m_s, world.weather.gust_m_s, world.weather.rain_mm_h) == (14, 16, 30)
    box = world.places["d1"].dock
    assert register(box, InputRegister.RAIN_DECI_MM_H) == 300
    assert register(box, InputRegister.TEMPERATURE_DECI_C) == 100
    world.run(70)
    assert (world.weather.wind_speed_m_s, world.weather.gust_m_s, world.weather.rain_mm_h) == (4, 6, 0)


def test_a_later_change_of_the_weather_stands_over_an_earlier_one(world: World) -> None:
    put(world, "weather", temperature_c=35, wind_speed_m_s=8)
    number = put(world, "weather", temperature_c=45)
    assert (world.weather.temperature_c, world.weather.wind_speed_m_s) == (45, 8)
    world.mend(number)
    assert (world.weather.temperature_c, world.weather.wind_speed_m_s) == (35, 8)


def test_a_crewed_aircraft_is_heard_along_its_way_and_no_longer(world: World) -> None:
    put(
        world,
        "crewed_aircraft",
        icao=0x40_62_1A,
        callsign="HELI1",
        start={"lat_deg": 52.41, "lon_deg": -1.51, "alt_amsl_m": 300},
        end={"lat_deg": 52.38, "lon_deg": -1.51, "alt_amsl_m": 200},
        speed_m_s=50,
    )
    vehicle = world.vehicle("d1")
    world.run(1)
    (first,) = vehicle.traffic
    world.run(30)
    (later,) = vehicle.traffic
    assert (later.icao, later.callsign) == (0x40_62_1A, "HELI1")
    assert later.heading_deg == pytest.approx(180)
    assert (first.lat_deg - later.lat_deg) * 111_267 == pytest.approx(50 * 30, rel=0.01)
    assert later.climb_m_s == pytest.approx(-1.5, abs=0.1)
    assert 200 < later.alt_amsl_m < first.alt_amsl_m < 300
    world.run(40)
    assert vehicle.traffic == ()


def test_a_crewed_aircraft_beyond_the_horizon_of_a_small_receiver_is_not_heard(world: World) -> None:
    far = {"lat_deg": 53.4, "lon_deg": -1.51, "alt_amsl_m": 300}
    near = {"lat_deg": 52.4, "lon_deg": -1.51, "alt_amsl_m": 300}
    put(world, "crewed_aircraft", icao=1, callsign="HELI1", start=far, end=near, speed_m_s=50)
    world.run(1)
    assert world.vehicle("d1").traffic == ()


@pytest.mark.parametrize("target", [{"dock": "d9"}, {"aircraft": "K9"}])
def test_a_fault_for_nobody_is_refused(world: World, target: dict[str, str]) -> None:
    with pytest.raises(UnknownTarget, match=r"'[dK]9' is not in the scenario"):
        put(world, "gps_lost", **target)
    with pytest.raises(UnknownTarget, match="is not in the scenario"):
        scenario(faults=[{"at_s": 1, "kind": "gps_lost", **target}]).check()


def test_nothing_here_breaks_a_real_px4_but_its_dock_can_be() -> None:
    whole = scenario().model_dump(by_alias=True)
    whole["docks"][0]["aircraft"] |= {"mavlink": None, "px4": {"observe": "127.0.0.1:14550"}}
    world = World(Scenario.model_validate(whole))
    with pytest.raises(UnknownTarget, match="real PX4"):
        put(world, "gps_lost", dock="d1")
    put(world, "lid_stuck_shut", dock="d1")
    assert world.places["d1"].dock.troubles.lid_stuck_shut
    world.mend(1)
    assert not world.places["d1"].dock.troubles.lid_stuck_shut


FAULTS = """
faults:
  - {at_s: 30, dock: d1, kind: lid_stuck_shut}
  - at_s: 60
    aircraft: K1
    kind: upload_fails
    at_item: 4
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("kind: upload_fails", "kind: upload_flies", 4, "upload_flies"),
        ("    at_item: 4", "    at_item: -4", 7, "greater than or equal to 0"),
        ("    at_item: 4", "    at_items: 4", 7, "unknown field"),
        ("    aircraft: K1", "    dock: d1\n    aircraft: K1", 4, "exactly one of dock and aircraft"),
        ("{at_s: 30", "{at_s: soon", 3, "valid number"),
    ],
)
def test_a_wrong_fault_is_told_with_its_line(tmp_path: Path, right: str, wrong: str, line: int, said: str) -> None:
    rest = yaml.safe_dump(scenario().model_dump(by_alias=True, mode="json", exclude={"faults"}))
    before = len(rest.splitlines())
    file = tmp_path / "scenario.yaml"
    file.write_text(rest + FAULTS.replace(right, wrong), encoding="utf-8")
    with pytest.raises(FileError, match=said) as caught:
        load_yaml(file, Scenario)
    assert f"{file}:{before + line}:" in str(caught.value)


def test_a_flight_with_its_link_lost_and_found_comes_home() -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission(watch_s=20))
    put(ground.world, "link_lost", dock="d1", for_s=5)
    assert ground.run(300, until=lambda: not ground.vehicle.armed)
    assert ground.vehicle.fault == ""
