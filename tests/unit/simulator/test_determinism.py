"""The same seed gives the same flight, to the bit: every frame sent and every state, on the virtual clock."""

from __future__ import annotations

import hashlib
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator.frames import Packer
from simulator.scenario import Scenario
from simulator.station import Station
from simulator.world import STEP_S, World
from tests.unit.simulator.ground import Ground, scenario, square_fence, way_home_mission

WEATHER = {"wind_speed_m_s": 6, "wind_from_deg": 240, "gust_m_s": 12, "temperature_c": 9}
FAULTS: list[dict[str, Any]] = [
    {"at_s": 20, "spread_s": 10, "for_s": 5, "dock": "d1", "kind": "link_lost"},
    {"at_s": 30, "for_s": 20, "over_s": 8, "kind": "weather", "wind_speed_m_s": 10, "wind_from_deg": 10},
    {"at_s": 35, "dock": "d1", "kind": "cell_sag", "volts": 0.3},
    {
        "at_s": 40,
        "kind": "crewed_aircraft",
        "icao": 1,
        "callsign": "HELI1",
        "start": {"lat_deg": 52.41, "lon_deg": -1.51, "alt_amsl_m": 300},
        "end": {"lat_deg": 52.38, "lon_deg": -1.50, "alt_amsl_m": 200},
        "speed_m_s": 60,
    },
]


def two_docks(seed: int) -> Scenario:
    """A second aircraft that stays on the ground, in the same world."""
    whole = scenario(seed=seed, weather=WEATHER, faults=FAULTS).model_dump(by_alias=True)
    whole["aircraft_types"]["quad"]["payload"]["adsb_receiver"] = True
    one = whole["docks"][0]
    other = {**one, "id": "d2", "lat_deg": 52.42, "modbus": "127.0.0.1:15022"}
    mavlink = {"bind": "127.0.0.1:14581", "send_to": "127.0.0.1:14541"}
    other["aircraft"] = {**one["aircraft"], "id": "K2", "system_id": 8, "mavlink": mavlink}
    return Scenario.model_validate({**whole, "docks": [one, other]})


def flown(seed: int) -> tuple[str, int]:
    """A hash over all that two aircraft send at PX4's full rates and all they are, and how many frames it was."""
    world = World(two_docks(seed))
    stations = [Station(vehicle=world.vehicle(name), epoch_us=1_700_000_000_000_000) for name in ("d1", "d2")]
    ground = Packer(system_id=245, component_id=190)
    sums, frames = hashlib.sha256(), 0
    client = Ground(world=world, lid_open=False)
    client.station = stations[0]
    world.places["d1"].dock.lid_open_wanted = True
    for step in range(round(90 / STEP_S)):
        if step % 50 == 0:
            for station in stations:
                station.receive(ground.pack(mav.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3)))
        if step == 400:
            assert client.upload(square_fence(2000), 1) == client.upload(way_home_mission()) == 0
            assert client.command(400, 1) == 0
            assert client.mode(4) == 0
        world.step()
        for station in stations:
            for frame in station.collect():
                sums.update(frame)
                frames += 1
        if step % 25 == 0:
            for place in world.places.values():
                sums.update(repr(place.dock.registers()).encode())
            for name in ("d1", "d2"):
                vehicle = world.vehicle(name)
                sums.update(repr((vehicle.body, vehicle.air, vehicle.battery.charge_left, vehicle.traffic)).encode())
    assert world.vehicle("d1").body.height_m > 20
    return sums.hexdigest(), frames


def test_the_same_seed_gives_the_same_flight_to_the_bit_and_another_seed_another() -> None:
    first, frames = flown(1)
    assert flown(1) == (first, frames)
    assert flown(2)[0] != first
    assert frames > 2 * 90 * 350
