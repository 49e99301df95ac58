"""Light, speaker, parachute, remote identification and the traffic receiver, as far as a type has them."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from pymavlink.dialects.v20 import development as mav

from simulator.illuminator import STATUS_ID
from simulator.modes import Health
from simulator.traffic import CrewedAircraft
from simulator.world import World
from tests.unit.simulator.ground import HOME, HOME_ALT_AMSL_M, QUAD, Ground, scenario, way_home_mission

ACCEPTED, REJECTED, DENIED, UNSUPPORTED = 0, 1, 2, 3
HELICOPTER = CrewedAircraft(
    icao=0x406A12,
    callsign="HELIMED9",
    lat_deg=HOME[0] + 0.02,
    lon_deg=HOME[1],
    alt_amsl_m=240.0,
    heading_deg=181.5,
    speed_m_s=62.0,
    climb_m_s=-2.5,
    since_heard_s=1.0,
)


def carrying(*, geoid_m: float = 48.0, **payload: Any) -> Ground:
    kind = QUAD.model_dump() | {"payload": payload}
    return Ground(world=World(scenario(aircraft_types={"quad": kind}, geoid_m=geoid_m)))


def beats(ground: Ground) -> dict[int, Any]:
    """The last heartbeat of each component heard in the next two seconds."""
    ground.heard.clear()
    ground.run(2)
    return {m.get_srcComponent(): m for m in ground.heard if m.get_type() == "HEARTBEAT"}


def test_what_a_type_does_not_carry_is_unsupported_and_not_on_the_link() -> None:
    ground = carrying(gimbal=False, camera=False)
    assert sorted(beats(ground)) == [1]
    for number in (405, 406, 208, 31_010, 1000, 1001, 2000, 531):
        assert ground.command(number, 1, 0, 0) == UNSUPPORTED, number


def test_the_light_is_switched_and_says_so() -> None:
    ground = carrying(light=True)
    assert 243 in beats(ground)

    def told() -> tuple[int, float]:
        """On or off and how bright, from the frames themselves: pymavlink's dialect lacks this message."""
        frames: list[bytes] = []
        for _ in range(60):
            ground.world.step()
            frames += ground.station.collect()
        status = [frame for frame in frames if frame[6:10] == bytes([243]) + STATUS_ID.to_bytes(3, "little")]
        payload = status[-1][10:-2].ljust(35, b"\0")
        return payload[32], struct.unpack_from("<f", payload, 8)[0]

    assert told() == (0, 100.0)
    assert ground.command(405, 1) == ACCEPTED
    assert ground.command(406, 1, 40, 0, 100) == ACCEPTED
    assert told() == (1, 40.0)
    assert ground.command(406, 1, 400, 0, 100) == DENIED
    assert ground.command(405, 0) == ACCEPTED
    assert told() == (0, 40.0)


def test_the_light_answers_for_itself_when_it_is_named() -> None:
    ground = carrying(light=True)
    (ack,) = ground.send(mav.MAVLink_command_long_message(7, 243, 405, 0, 1, 0, 0, 0, 0, 0, 0))
    assert (ack.get_srcComponent(), ack.result) == (243, ACCEPTED)


def test_the_speaker_plays_an_announcement_to_its_end() -> None:
    ground = carrying(speaker=True)
    assert ground.command(31_010, 7) == ACCEPTED
    ground.run(0.5)
    assert ground.last("NAMED_VALUE_INT").value == 7
    ground.run(9)
    assert ground.last("NAMED_VALUE_INT").value == 0
    assert ground.command(31_010, 400) == DENIED


def test_the_parachute_is_released_only_in_the_air_and_only_while_enabled() -> None:
    ground = carrying(parachute=True)
    standby, critical, emergency = 3, 5, 6
    assert beats(ground)[161].system_status == standby
    assert ground.command(208, 2) == REJECTED
    assert ground.command(208, 9) == DENIED
    ground.take_off_on_mission(way_home_mission(watch_s=600))
    ground.run(60)
    assert ground.command(208, 0) == ACCEPTED
    assert beats(ground)[161].system_status == critical
    assert ground.command(208, 2) == DENIED
    assert ground.vehicle.health is Health.ACTIVE
    assert ground.command(208, 1) == ACCEPTED
    assert ground.command(208, 2) == ACCEPTED
    assert beats(ground)[161].system_status == emergency
    assert ground.run(60, until=lambda: ground.vehicle.body.on_ground)
    assert ground.run(10, until=lambda: not ground.vehicle.armed)


def test_a_fitted_parachute_shows_in_the_health_of_the_aircraft() -> None:
    ground = carrying(parachute=True)
    status = ground.last("SYS_STATUS")
    assert status.onboard_control_sensors_present_extended & 1
    assert status.onboard_control_sensors_health_extended & 1
    ground.command(208, 0)
    ground.run(1)
    assert not ground.last("SYS_STATUS").onboard_control_sensors_health_extended & 1


# Crewed traffic -------------------------------------------------------------------------------------------------------


def test_crewed_aircraft_are_told_once_a_second_while_the_receiver_hears_them() -> None:
    ground = carrying(adsb_receiver=True)
    assert 156 in beats(ground)
    ground.vehicle.traffic = (HELICOPTER,)
    ground.heard.clear()
    ground.run(10)
    told = [m for m in ground.heard if m.get_type() == "ADSB_VEHICLE"]
    assert len(told) == pytest.approx(10, abs=1)
    one = told[-1]
    assert (one.ICAO_address, one.callsign, one.get_srcComponent()) == (0x406A12, "HELIMED9", 1)
    assert one.altitude == 240_000  # above the sea, whatever the geoid
    assert (one.heading, one.hor_velocity, one.ver_velocity, one.tslc) == (18_150, 6_200, -250, 1)
    assert one.flags & 0b11111 == 0b11111
    ground.vehicle.traffic = ()
    ground.heard.clear()
    ground.run(3)
    assert not [m for m in ground.heard if m.get_type() == "ADSB_VEHICLE"]
    assert 156 in beats(ground)  # a clear sky is not a lost receiver


@pytest.mark.parametrize("how", ["adsb_silent", "adsb_healthy"])
def test_a_receiver_that_fails_falls_silent_and_is_missed(how: str) -> None:
    ground = carrying(adsb_receiver=True)
    ground.vehicle.traffic = (HELICOPTER,)
    ground.run(3)
    if how == "adsb_silent":
        ground.vehicle.troubles.adsb_silent = True
    else:
        ground.vehicle.adsb_healthy = False
    ground.run(1)
    assert 156 not in beats(ground)
    assert not [m for m in ground.heard if m.get_type() == "ADSB_VEHICLE"]
    ground.vehicle.troubles.adsb_silent = False
    ground.vehicle.adsb_healthy = True
    assert 156 in beats(ground)


def test_a_receiver_s_failure_is_a_text_once() -> None:
    ground = carrying(adsb_receiver=True)
    ground.vehicle.adsb_healthy = False
    ground.run(5)
    ground.vehicle.adsb_healthy = True
    ground.run(5)
    assert [text for text in ground.texts if "raffic" in text] == [
        "Traffic receiver lost\t",
        "Traffic receiver found\t",
    ]


def test_without_a_receiver_no_traffic_is_told() -> None:
    ground = carrying()
    ground.vehicle.traffic = (HELICOPTER,)
    assert 156 not in beats(ground)
    assert not [m for m in ground.heard if m.get_type() == "ADSB_VEHICLE"]


# Remote identification ------------------------------------------------------------------------------------------------


def test_remote_identification_says_who_where_and_whether_it_flies() -> None:
    ground = carrying()
    assert ground.command(512, 12_900) == ACCEPTED
    basic = ground.last("OPEN_DRONE_ID_BASIC_ID")
    assert bytes(basic.uas_id).rstrip(b"\0") == b"0102030405060708"
    assert (basic.id_type, basic.ua_type) == (1, 2)
    on_ground, airborne = 1, 2
    assert ground.last("OPEN_DRONE_ID_LOCATION").status == on_ground
    ground.take_off_on_mission(way_home_mission(watch_s=600))
    ground.heard.clear()
    ground.run(10)
    told = [m for m in ground.heard if m.get_type() == "OPEN_DRONE_ID_LOCATION"]
    assert len(told) == pytest.approx(10, abs=1)
    assert told[-1].status == airborne


def test_remote_identification_of_a_failing_aircraft_is_an_emergency_and_of_a_blind_one_unplaced() -> None:
    ground = carrying()
    ground.take_off_on_mission(way_home_mission(watch_s=600))
    ground.run(60)
    ground.vehicle.troubles.gps_lost = True
    ground.run(8)
    location = ground.last("OPEN_DRONE_ID_LOCATION")
    assert location.status == 3
    assert (location.latitude, location.longitude, location.altitude_geodetic) == (0, 0, -1000)


def test_the_operator_is_who_the_ground_says() -> None:
    ground = carrying()
    assert ground.command(512, 12_905) == DENIED
    ground.send(mav.MAVLink_open_drone_id_operator_id_message(7, 1, [0] * 20, 0, b"GBR-OP-12345"))
    assert ground.command(512, 12_905) == ACCEPTED
    assert ground.last("OPEN_DRONE_ID_OPERATOR_ID").operator_id == "GBR-OP-12345"


def test_a_transmitter_of_its_own_says_whether_it_is_fit_to_fly() -> None:
    ground = carrying(remote_id=True)
    assert beats(ground)[236].type == 34
    assert ground.last("OPEN_DRONE_ID_ARM_STATUS").status == 0
    ground.vehicle.troubles.gps_lost = True
    ground.run(2)
    status = ground.last("OPEN_DRONE_ID_ARM_STATUS")
    assert (status.status, status.error) == (1, "no position")


# Vertical datums ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("geoid_m", [48.0, -31.0])
def test_every_altitude_is_above_what_its_message_says(geoid_m: float) -> None:
    """With a geoid of 0 this cannot fail: there both heights are the same."""
    ground = carrying(geoid_m=geoid_m)
    ground.take_off_on_mission(way_home_mission(watch_s=600))
    ground.run(90)
    ground.heard.clear()
    ground.command(512, 12_904)
    ground.run(3)
    sea_m = HOME_ALT_AMSL_M + ground.vehicle.body.height_m
    home_m = HOME_ALT_AMSL_M
    gps, location, origin = (ground.last(k) for k in ("GPS_RAW_INT", "OPEN_DRONE_ID_LOCATION", "HOME_POSITION"))
    above_the_sea = {
        "GPS_RAW_INT.alt": gps.alt / 1000,
        "GLOBAL_POSITION_INT.alt": ground.last("GLOBAL_POSITION_INT").alt / 1000,
        "ALTITUDE.altitude_amsl": ground.last("ALTITUDE").altitude_amsl,
        "VFR_HUD.alt": ground.last("VFR_HUD").alt,
        "HIGHRES_IMU.pressure_alt": ground.last("HIGHRES_IMU").pressure_alt,
        "OPEN_DRONE_ID_LOCATION.altitude_barometric": location.altitude_barometric,
    }
    above_the_ellipsoid = {
        "GPS_RAW_INT.alt_ellipsoid": gps.alt_ellipsoid / 1000,
        "OPEN_DRONE_ID_LOCATION.altitude_geodetic": location.altitude_geodetic,
    }
    assert above_the_sea == pytest.approx(dict.fromkeys(above_the_sea, sea_m), abs=0.5)
    assert above_the_ellipsoid == pytest.approx(dict.fromkeys(above_the_ellipsoid, sea_m + geoid_m), abs=0.5)
    assert origin.altitude / 1000 == pytest.approx(home_m, abs=0.01)
    operator = ground.last("OPEN_DRONE_ID_SYSTEM").operator_altitude_geo
    assert operator == pytest.approx(home_m + geoid_m, abs=0.01)


def test_an_altitude_above_the_sea_is_flown_as_one_whatever_the_geoid() -> None:
    for geoid_m in (0.0, 48.0):
        ground = carrying(geoid_m=geoid_m)
        ground.take_off_on_mission(way_home_mission(watch_s=600))
        ground.run(90)
        assert ground.goto(100, 0, HOME_ALT_AMSL_M + 60) == ACCEPTED
        ground.run(60)
        assert ground.vehicle.body.height_m == pytest.approx(60, abs=0.5)
