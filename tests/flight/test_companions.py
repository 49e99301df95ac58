"""What speaks beside the autopilot, through MAVSDK: crewed aircraft, their receiver, the parachute, the camera."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from dock_agent.avoidance import Airspace
from dock_agent.mavsdk_link import MavsdkLink
from dock_agent.readings import Parachute
from geo.flight.position import offset
from tests.flight.rig import DOCK, HOME, HOME_ALT_AMSL_M, Rig


async def until(what: Callable[[], bool], *, within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not what():  # noqa: ASYNC110 - what a link reads is never announced
            await asyncio.sleep(0.1)


async def test_crewed_aircraft_their_receiver_the_parachute_and_where_the_video_is_are_heard(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(folder=tmp_path, speed=1.0, carries=("adsb_in", "parachute"))
    start, end = offset(*HOME, bearing_deg=90.0, distance_m=3000.0), offset(*HOME, bearing_deg=270.0, distance_m=3000.0)
    async with rig.simulated() as fleet, rig.sim_control() as sim:
        dock = fleet.dock(DOCK)
        links = dock.links.model_copy(update={"video": "rtsp://10.8.1.8/another"})
        dock = dock.model_copy(update={"links": links})
        link = MavsdkLink(dock=dock, aircraft_type=fleet.type_of(dock), clock=rig.clock, on_change=lambda: None)
        async with link.running():
            await until(lambda: link.reading().identified, within_s=30.0)
            await until(lambda: link.reading().receiver_age_s < 3.0, within_s=10.0)
            await until(lambda: link.reading().parachute is Parachute.READY, within_s=10.0)
            assert link.reading().crewed == ()
            await sim.inject(
                "crewed_aircraft",
                icao=0x4CA123,
                callsign="GPOLA",
                start={"lat_deg": start[0], "lon_deg": start[1], "alt_amsl_m": HOME_ALT_AMSL_M + 100.0},
                end={"lat_deg": end[0], "lon_deg": end[1], "alt_amsl_m": HOME_ALT_AMSL_M + 100.0},
                speed_m_s=60.0,
            )
            await until(lambda: bool(link.reading().crewed), within_s=10.0)
            (crewed,) = link.reading().crewed
            assert (crewed.icao, crewed.callsign) == (0x4CA123, "GPOLA")
            assert crewed.alt_amsl_m == pytest.approx(HOME_ALT_AMSL_M + 100.0, abs=1.0)
            assert crewed.course_deg == pytest.approx(270.0, abs=1.0)
            assert crewed.speed_m_s == pytest.approx(60.0, abs=0.5)
            seen = Airspace().after(own=link.reading(), now=rig.clock.mission_now())
            assert "GPOLA converges from 090°" in seen.words
            await sim.inject("adsb_silent", dock=DOCK)
            await until(lambda: link.reading().receiver_age_s > 5.0, within_s=15.0)
    said = [record.__dict__["why"] for record in caplog.records if "video is not where" in record.message]
    assert said == ["it serves another path than the fleet file has asked for"]
