"""Things that go wrong, with MAVSDK in the loop and the faults in the simulator: what is done and who is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.reports import AlarmChanged, ConditionChanged, DockNoted, FlightFlown
from contracts.vocabulary import AlarmKind, Condition, Lid, Phase, Traffic
from geo.flight.position import offset
from tests.flight.rig import DOCK, HOME, HOME_ALT_AMSL_M, Controller, Rig

SPEED = 10.0


def alarms(desk: Controller) -> list[tuple[AlarmKind, bool]]:
    return [(fact.alarm, fact.active) for fact in desk.facts(AlarmChanged)]


async def raised(desk: Controller, kind: AlarmKind, *, within_s: float = 20.0) -> AlarmChanged:
    """Wait for an alarm."""

    def seen() -> AlarmChanged | None:
        return next((fact for fact in desk.facts(AlarmChanged) if fact.alarm is kind and fact.active), None)

    found = await desk.until(seen, within_s=within_s, saying=f"the alarm {kind}")
    assert isinstance(found, AlarmChanged)
    return found


async def checked(desk: Controller, *, within_s: float = 20.0) -> None:
    """Wait until the dock has passed its check after the flight."""
    await desk.until(
        lambda: desk.status is not None and desk.status.checked_after_flight,
        within_s=within_s,
        saying="the check after the flight",
    )


@pytest.mark.nightly
async def test_a_helicopter_that_converges_makes_it_descend_and_the_desk_is_told(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=5.0, carries=("adsb_in",), camera=True)
    async with rig.running() as desk, rig.sim_control() as sim:
        await desk.ready()
        await desk.until(
            lambda: desk.status is not None and desk.status.traffic is Traffic.CLEAR,
            within_s=20.0,
            saying="a receiver that hears nothing",
        )
        assert desk.status is not None
        assert desk.status.picture_age_s is not None
        order = await desk.order(distance_m=300.0, watch_s=110.0, alt_m=60.0)
        await desk.phase(Phase.ON_SCENE, within_s=60.0)
        start = offset(*HOME, bearing_deg=90.0, distance_m=3500.0)
        end = offset(*HOME, bearing_deg=270.0, distance_m=5000.0)
        await sim.inject(
            "crewed_aircraft",
            icao=0x4CA123,
            callsign="GPOLA",
            start={"lat_deg": start[0], "lon_deg": start[1], "alt_amsl_m": HOME_ALT_AMSL_M + 90.0},
            end={"lat_deg": end[0], "lon_deg": end[1], "alt_amsl_m": HOME_ALT_AMSL_M + 90.0},
            speed_m_s=60.0,
        )
        alarm = await raised(desk, AlarmKind.TRAFFIC)
        assert "GPOLA converges from" in alarm.text
        assert alarm.bearing_deg is not None
        assert 60.0 < alarm.bearing_deg < 140.0
        low_m = order.avoidance_alt_above_home_m + 3.0
        await desk.until(
            lambda: desk.telemetry is not None and desk.telemetry.alt_above_home_m < low_m,
            within_s=40.0,
            saying="a descent to the policy's height",
        )
        await desk.until(lambda: (AlarmKind.TRAFFIC, False) in alarms(desk), within_s=60.0, saying="a clear sky again")
        assert desk.telemetry is not None
        assert desk.telemetry.alt_above_home_m < low_m, "it holds there until somebody says what comes next"
        await desk.phase(Phase.DOCKED, within_s=120.0)
        await checked(desk)
        notes = [fact.text for fact in desk.facts(DockNoted)]
        assert any("the dock's picture before the lid opens is" in text for text in notes), notes
        assert any("checked after the flight: seated, lid closed" in text for text in notes), notes


@pytest.mark.nightly
async def test_wind_beyond_the_limits_on_the_way_brings_it_home_with_an_alarm(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED)
    async with rig.running() as desk, rig.sim_control() as sim:
        await desk.ready()
        await desk.order(watch_s=900.0)
        await desk.phase(Phase.ON_SCENE, within_s=40.0)
        await sim.inject("weather", wind_speed_m_s=13.0, gust_m_s=13.0)
        alarm = await raised(desk, AlarmKind.WEATHER)
        assert "limit 12.0 m/s" in alarm.text
        entered = await desk.phase(Phase.RETURNING, within_s=20.0)
        assert "beyond the aircraft's limits" in entered.because
        await desk.phase(Phase.DOCKED, within_s=60.0)


@pytest.mark.nightly
async def test_a_sagging_cell_brings_it_home(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED)
    async with rig.running() as desk, rig.sim_control() as sim:
        await desk.ready()
        await desk.order(watch_s=900.0)
        await desk.phase(Phase.ON_SCENE, within_s=40.0)
        await desk.until(
            lambda: desk.telemetry is not None and desk.telemetry.must_leave_at is not None,
            within_s=10.0,
            saying="a time at which it must leave",
        )
        assert desk.telemetry is not None
        before = desk.telemetry.battery_at_home_percent
        assert before is not None
        await sim.inject("cell_sag", dock=DOCK, volts=3.0)
        await raised(desk, AlarmKind.ENERGY, within_s=40.0)
        entered = await desk.phase(Phase.RETURNING, within_s=20.0)
        assert "brings it home" in entered.because or "by itself" in entered.because
        await desk.phase(Phase.DOCKED, within_s=60.0)


@pytest.mark.nightly
async def test_a_position_that_goes_wrong_by_60_m_holds_and_returns(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED)
    async with rig.running() as desk, rig.sim_control() as sim:
        await desk.ready()
        await desk.order(distance_m=1200.0, bearing_deg=0.0, watch_s=60.0)
        await desk.phase(Phase.EN_ROUTE, within_s=40.0)
        await desk.until(
            lambda: desk.telemetry is not None and desk.telemetry.ground_speed_m_s > 10.0,
            within_s=20.0,
            saying="the way out",
        )
        number = await sim.inject("position_wrong", dock=DOCK, east_m=120.0)
        alarm = await raised(desk, AlarmKind.CORRIDOR)
        assert "off the cleared way" in alarm.text or "outside the fence" in alarm.text
        await desk.until(
            lambda: (
                (Condition.HOLDING, True) in [(fact.condition, fact.active) for fact in desk.facts(ConditionChanged)]
            ),
            within_s=10.0,
            saying="a hold",
        )
        await sim.mend(number)
        await desk.phase(Phase.DOCKED, within_s=120.0)


@pytest.mark.nightly
async def test_a_motor_failure_is_an_alarm_and_it_comes_down_under_its_parachute(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=5.0, carries=("parachute",))
    async with rig.running() as desk, rig.sim_control() as sim:
        await desk.ready()
        await desk.order(watch_s=300.0, alt_m=80.0)
        await desk.phase(Phase.ON_SCENE, within_s=60.0)
        await sim.inject("motor_failed", dock=DOCK)
        motor = await raised(desk, AlarmKind.MOTOR)
        assert "otor failure" in motor.text
        await raised(desk, AlarmKind.PARACHUTE)
        await desk.phase(Phase.LANDED_AWAY, within_s=60.0)
        assert desk.status is not None
        assert not desk.status.checked_after_flight


@pytest.mark.nightly
async def test_gps_lost_in_flight_is_an_alarm_and_it_comes_down_where_it_is(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED)
    async with rig.running() as desk, rig.sim_control() as sim:
        await desk.ready()
        await desk.order(watch_s=300.0)
        await desk.phase(Phase.ON_SCENE, within_s=40.0)
        await sim.inject("gps_lost", dock=DOCK)
        await raised(desk, AlarmKind.POSITION)
        await desk.phase(Phase.LANDED_AWAY, within_s=60.0)


@pytest.mark.nightly
async def test_a_dead_charger_keeps_the_dock_from_being_ready(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED)
    async with rig.running() as desk, rig.sim_control() as sim:
        await desk.ready()
        await desk.order(watch_s=5.0)
        await desk.phase(Phase.ON_SCENE, within_s=40.0)
        number = await sim.inject("charger_dead", dock=DOCK)
        await desk.phase(Phase.DOCKED, within_s=60.0)
        await raised(desk, AlarmKind.CHARGER)
        await desk.blocked("the check after the last flight has not passed: the charger reports a fault")
        await sim.mend(number)
        await checked(desk)
        await desk.ready()


@pytest.mark.nightly
async def test_a_lid_stuck_shut_is_an_alarm_and_the_dock_is_not_asked_again_at_once(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED)
    async with rig.running() as desk, rig.sim_control() as sim:
        await desk.ready()
        await sim.inject("lid_stuck_shut", dock=DOCK)
        await desk.order(watch_s=5.0)
        await desk.phase(Phase.REFUSED, within_s=60.0)
        await raised(desk, AlarmKind.LID)
        await desk.blocked("the lid did not open at the last launch")
        assert desk.status is not None
        assert desk.status.lid is not Lid.OPEN


@pytest.mark.nightly
async def test_the_charge_at_home_comes_out_as_it_was_forecast_on_scene(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED)
    async with rig.running() as desk:
        await desk.ready()
        await desk.order(distance_m=3000.0, watch_s=120.0)
        await desk.phase(Phase.ON_SCENE, within_s=60.0)
        forecasts: list[float] = []

        def home() -> bool:
            """Notes each forecast on the way to the box."""
            telemetry = desk.telemetry
            if Phase.LANDING not in desk.phases() and telemetry and telemetry.battery_at_home_percent is not None:
                forecasts.append(telemetry.battery_at_home_percent)
            return Phase.DOCKED in desk.phases()

        await desk.until(home, within_s=90.0, saying="the box")
        flown = await desk.until(lambda: desk.facts(FlightFlown), within_s=5.0, saying="what was flown")
        left = flown[0].battery_on_return_percent
        on_the_way = forecasts[len(forecasts) // 2 :]
        assert left is not None
        assert len(on_the_way) > 20
        # It leans to the safe side: never much more than what is left in the end, and not absurdly less.
        assert max(on_the_way) < left + 2.0
        assert min(on_the_way) > left - 8.0


@pytest.mark.nightly
async def test_an_upload_that_dies_half_way_is_tried_anew_and_flown(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=5.0)
    async with rig.running() as desk, rig.sim_control() as sim:
        await desk.ready()
        number = await sim.inject("upload_fails", dock=DOCK, at_item=3, end="error", plan="mission")
        await desk.order(watch_s=5.0)
        await desk.until(lambda: '"upload ended"' in rig.log("agent"), within_s=30.0, saying="an upload that ended")
        await sim.mend(number)
        await desk.phase(Phase.EN_ROUTE, within_s=60.0)
        await desk.phase(Phase.DOCKED, within_s=90.0)
        ends = [line for line in rig.log("agent").splitlines() if '"upload ended"' in line]
        assert len(ends) >= 2
        assert '"acknowledged"' in ends[-1]
        assert '"acknowledged"' not in ends[0]


@pytest.mark.nightly
async def test_an_aircraft_that_will_not_arm_ends_the_launch_in_the_autopilots_words(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED)
    async with rig.running() as desk, rig.sim_control() as sim:
        await desk.ready()
        number = await sim.inject("arming_refused", dock=DOCK, reason="Compass needs calibration")
        await desk.order(watch_s=5.0)
        refused = await desk.phase(Phase.REFUSED, within_s=60.0)
        assert "arming was denied" in refused.because
        assert "Compass needs calibration" in refused.because
        await sim.mend(number)
        await desk.ready()
