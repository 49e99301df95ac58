"""Things that go wrong, each alone, on the virtual clock: what the aircraft does, and what the controller is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.orders import SafetyAction
from contracts.reports import DockNoted
from contracts.tasks import Goto, Parachute
from contracts.vocabulary import AlarmKind, Avoidance, Condition, DockState, Lid, Phase, Traffic
from dock_agent.confinement import HOLDS_S
from dock_agent.flight_link import Command
from dock_agent.readings import CrewedAircraft, Mode
from dock_agent.readings import Parachute as Canopy
from dock_agent.status import dock_state
from dock_agent.weatherwatch import BEYOND_LASTS_S
from geo.flight.position import bearing_deg, offset
from tests.unit.dock_agent.fakeaircraft import ACK, DENIED, GROUND_AMSL_M, HOME
from tests.unit.dock_agent.fakes import CALM, QUAD, Bench


@pytest.fixture
async def seeing(tmp_path: Path) -> AsyncIterator[Bench]:
    """A dock with a camera, and an aircraft with a receiver of crewed aircraft and a parachute."""
    kind = QUAD.model_copy(update={"has_adsb_in": True, "has_parachute": True})
    bench = Bench.set_up(tmp_path, aircraft_type=kind, camera=True)
    bench.aircraft.base = replace(bench.aircraft.base, receiver_age_s=0.5)
    bench.aircraft.chute = Canopy.READY
    yield bench
    await bench.agent.drain()
    bench.store.close()


def helicopter(bench: Bench, *, distance_m: float, above_m: float = 60.0, course_deg: float = 270.0) -> None:
    """One east of home, on its way west unless it says otherwise."""
    lat_deg, lon_deg = offset(*HOME, bearing_deg=90.0, distance_m=distance_m)
    heard = CrewedAircraft(
        icao=0x4CA123,
        callsign="GPOLA",
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        alt_amsl_m=GROUND_AMSL_M + above_m,
        course_deg=course_deg,
        speed_m_s=60.0,
        climb_m_s=0.0,
    )
    bench.aircraft.base = replace(bench.aircraft.base, crewed=(heard,))


def traffic(bench: Bench) -> Traffic:
    return bench.agent.standing.watch.traffic


def checked(bench: Bench) -> bool:
    return bench.agent.standing.checked


def notes(bench: Bench) -> str:
    return " | ".join(fact.text for fact in bench.facts(DockNoted))


# The box.


async def test_a_lid_stuck_shut_calls_the_launch_off_raises_an_alarm_and_blocks_for_a_while(bench: Bench) -> None:
    bench.hardware.stuck = Lid.CLOSED
    bench.fly()
    await bench.until(Phase.REFUSED, within_s=30.0)
    await bench.run(2.0)
    assert Command.ARM not in bench.given()
    assert bench.alarms() == [(AlarmKind.LID, True)]
    assert bench.alarm(AlarmKind.LID).flight_id is None
    blockers = bench.blockers()
    assert any("the lid did not open at the last launch; it is tried again in 10 min" in one for one in blockers)
    bench.hardware.stuck = None
    await bench.run(601.0)
    assert bench.alarms() == [(AlarmKind.LID, True), (AlarmKind.LID, False)]
    assert bench.blockers() == []


async def test_a_dead_charger_keeps_the_dock_from_being_ready_after_a_landing(bench: Bench) -> None:
    bench.hardware.charger_dead = True
    bench.fly()
    await bench.until(Phase.DOCKED)
    await bench.run(2.0)
    assert not checked(bench)
    assert bench.alarms()[-1] == (AlarmKind.CHARGER, True)
    assert "charger reports a fault" in bench.alarm(AlarmKind.CHARGER).text
    assert any("has not passed: the charger reports a fault" in one for one in bench.blockers())
    await bench.restart()
    assert not checked(bench), "a restart makes no dock ready that nobody has looked at"
    bench.hardware.charger_dead = False
    await bench.run(5.0)
    assert checked(bench)
    assert bench.blockers() == []
    assert bench.alarms()[-1] == (AlarmKind.CHARGER, False)
    assert "checked after the flight: seated, lid closed, the charger is charging" in notes(bench)


async def test_a_dock_is_not_ready_between_the_landing_and_the_check(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.DOCKED)
    reading = bench.hardware.reading()
    state = dock_state(None, aircraft=bench.aircraft.reading(), hardware=reading, checked=False)
    assert state is DockState.RECOVERING
    await bench.run(5.0)
    assert checked(bench)
    assert bench.alarms() == []


async def test_a_launch_that_never_left_the_ground_owes_no_check(bench: Bench) -> None:
    bench.aircraft.answers[Command.ARM] = DENIED
    bench.fly()
    await bench.until(Phase.REFUSED, within_s=60.0)
    assert checked(bench)


async def test_the_docks_picture_is_on_record_before_the_lid_opens_and_at_the_landing(seeing: Bench) -> None:
    assert seeing.camera is not None
    seeing.fly()
    await seeing.until(Phase.LANDING)
    assert "the dock's picture before the lid opens is 0.5 s old, sha256" in notes(seeing)
    assert seeing.camera.looks == 2
    seeing.camera.frozen = True
    await seeing.run(60.0)
    assert (seeing.agent.picture_age_s or 0.0) > 50.0
    seeing.fly()
    await seeing.run(1.0)
    assert "no picture of the dock before the lid opens: the last is 60 s old" in notes(seeing)


# The ground.


async def test_gps_lost_on_the_ground_refuses_the_launch_and_says_why(bench: Bench) -> None:
    bench.aircraft.base = replace(bench.aircraft.base, global_position_ok=False, armable=False, last_text="No GPS")
    bench.fly()
    assert bench.phases() == []
    blockers = bench.blockers()
    assert blockers == ["the aircraft's position is unknown", "the autopilot is not ready to arm: No GPS"]


async def test_arming_that_is_refused_ends_the_launch_with_the_autopilots_words(bench: Bench) -> None:
    bench.aircraft.answers[Command.ARM] = DENIED
    bench.fly()
    await bench.run(6.0)
    bench.aircraft.base = replace(bench.aircraft.base, last_text="Arming denied: compass")
    await bench.until(Phase.REFUSED, within_s=60.0)
    assert bench.because(Phase.REFUSED).endswith("Arming denied: compass")
    await bench.run(10.0)
    assert bench.hardware.lid is Lid.CLOSED


async def test_an_upload_that_dies_half_way_is_tried_anew_and_flown(bench: Bench) -> None:
    bench.aircraft.upload_answer = DENIED
    bench.fly()
    await bench.run(0.1)
    tried = len(bench.aircraft.uploads)
    assert tried in (1, 2)
    bench.aircraft.upload_answer = ACK
    await bench.until(Phase.EN_ROUTE, within_s=30.0)
    assert len(bench.aircraft.uploads) == tried + 1


async def test_a_clock_that_jumped_an_hour_over_a_restart_changes_no_flight(bench: Bench) -> None:
    bench.fly(watch_s=60.0)
    await bench.until(Phase.ON_SCENE)
    await bench.restart(clock_jumps_s=3600.0)
    await bench.run(5.0)
    assert bench.phases()[-1] is Phase.ON_SCENE, "nobody is called home by the time of day"
    await bench.until(Phase.DOCKED)


async def test_a_clock_that_jumped_back_an_hour_over_a_restart_changes_no_flight(bench: Bench) -> None:
    bench.fly(watch_s=60.0)
    await bench.until(Phase.ON_SCENE)
    await bench.restart(clock_jumps_s=-3600.0)
    await bench.until(Phase.DOCKED, within_s=300.0)


# The link.


@pytest.mark.parametrize("lost_s", [5.0, 60.0])
async def test_a_link_lost_for_a_while_is_told_and_the_flight_ends_in_its_box(bench: Bench, lost_s: float) -> None:
    bench.fly(watch_s=120.0)
    await bench.until(Phase.ON_SCENE)
    with bench.aircraft.link_cut():
        for second in range(int(lost_s)):
            await bench.run(1.0)
            if second == 11:  # PX4's own return: link loss time, and a second of hold
                bench.aircraft.return_by_itself()
    await bench.until(Phase.DOCKED)
    assert bench.conditions() == [(Condition.LINK_LOST, True), (Condition.LINK_LOST, False)]
    assert bench.given() == [Command.ARM, Command.START]


async def test_a_link_lost_for_good_is_told_and_the_box_feels_the_aircraft_come_home(bench: Bench) -> None:
    bench.fly(watch_s=120.0)
    await bench.until(Phase.ON_SCENE)
    with bench.aircraft.link_cut():
        await bench.run(11.0)
        bench.aircraft.return_by_itself()
        await bench.until(Phase.DOCKED)
        assert bench.conditions()[0] == (Condition.LINK_LOST, True)
        assert bench.hardware.lid is Lid.CLOSED
        await bench.run(3.0)
        assert any("the aircraft is not connected" in one for one in bench.blockers())


# In the air.


async def test_gps_lost_in_flight_is_an_alarm_and_nothing_but_safety_is_taken(bench: Bench) -> None:
    order = bench.fly(watch_s=120.0)
    await bench.until(Phase.ON_SCENE)
    good = bench.aircraft.base
    bench.aircraft.base = replace(good, global_position_ok=False)
    await bench.run(5.0)
    assert bench.alarms() == [(AlarmKind.POSITION, True)]
    assert (Condition.POSITION_UNKNOWN, True) in bench.conditions()
    refused = bench.task(order, Goto(place=order.scene))
    assert await bench.settled(refused) == "refused"
    assert "only hold, return and land until it is fresh" in bench.detail(refused)
    held = bench.call(order, SafetyAction.HOLD)
    assert await bench.settled(held) == "confirmed"
    bench.aircraft.base = good
    await bench.run(3.0)
    assert bench.alarms() == [(AlarmKind.POSITION, True), (AlarmKind.POSITION, False)]


async def test_positions_older_than_a_second_let_nothing_but_safety_pass(bench: Bench) -> None:
    order = bench.fly(watch_s=120.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.position_age_s = 1.2
    refused = bench.task(order, Goto(place=order.scene))
    assert await bench.settled(refused) == "refused"
    assert "position is 1.2 s old" in bench.detail(refused)
    home = bench.call(order, SafetyAction.RETURN)
    assert await bench.settled(home) == "confirmed"


async def test_a_sagging_cell_brings_it_home_and_says_so(bench: Bench) -> None:
    bench.fly(watch_s=900.0, distance_m=1500.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.battery -= 62.0
    await bench.until(Phase.RETURNING, within_s=15.0)
    assert "brings it home" in bench.because(Phase.RETURNING)
    await bench.until(Phase.LANDING)
    assert bench.alarms() == [(AlarmKind.ENERGY, True)], "it stands all the way, and flutters not"
    await bench.until(Phase.DOCKED)
    assert bench.alarms() == [(AlarmKind.ENERGY, True), (AlarmKind.ENERGY, False)]


async def test_a_charge_that_no_longer_reaches_home_asks_for_a_divert(bench: Bench) -> None:
    bench.fly(watch_s=900.0, distance_m=4000.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.battery = 14.0
    await bench.run(2.0)
    assert "it may not reach home; divert it to a nearer dock" in bench.alarm(AlarmKind.ENERGY).text
    await bench.until(Phase.RETURNING, within_s=10.0)


async def test_the_forecast_falls_with_the_charge_and_says_when_it_must_leave(bench: Bench) -> None:
    bench.fly(watch_s=900.0)
    await bench.until(Phase.ON_SCENE)
    await bench.run(2.0)
    first = bench.agent.standing.watch.forecast
    assert first is not None
    assert first.must_leave_at is not None
    bench.aircraft.battery -= 30.0
    await bench.run(2.0)
    then = bench.agent.standing.watch.forecast
    assert then is not None
    assert then.must_leave_at is not None
    assert then.must_leave_at < first.must_leave_at
    assert first.at_home_percent - then.at_home_percent > 29.0


async def test_a_motor_failure_is_an_alarm_that_stands_until_the_flight_is_over(seeing: Bench) -> None:
    order = seeing.fly(watch_s=300.0)
    await seeing.until(Phase.ON_SCENE)
    early = seeing.task(order, Parachute())
    assert await seeing.settled(early) == "refused"
    assert "it is not falling" in seeing.detail(early)
    seeing.aircraft.base = replace(seeing.aircraft.base, motor_text="Motor failure: motors stopped")
    seeing.aircraft.falls_m_s = 6.0
    await seeing.run(1.2)
    assert seeing.alarm(AlarmKind.MOTOR).text == (
        "the autopilot says: Motor failure: motors stopped: send somebody to where it comes down; "
        "deploy the parachute if it falls"
    )
    released = seeing.task(order, Parachute())
    assert await seeing.settled(released, within_s=5.0) == "confirmed"
    await seeing.until(Phase.LANDED_AWAY, within_s=60.0)
    kinds = seeing.alarms()
    assert (AlarmKind.PARACHUTE, True) in kinds
    assert (AlarmKind.MOTOR, False) in kinds
    assert Command.PARACHUTE in seeing.given()


async def test_wind_beyond_the_limits_on_the_way_brings_it_home_with_an_alarm(bench: Bench) -> None:
    bench.fly(watch_s=600.0)
    await bench.until(Phase.ON_SCENE)
    bench.hardware.weather = CALM.model_copy(update={"wind_speed_m_s": 13.5, "gust_m_s": 14.0})
    await bench.run(BEYOND_LASTS_S - 5.0)
    assert Phase.RETURNING not in bench.phases(), "one gust over the limit brings nobody home"
    await bench.until(Phase.RETURNING, within_s=15.0)
    assert "wind 13.5 m/s, limit 12.0 m/s" in bench.because(Phase.RETURNING)
    await bench.run(1.0)
    assert (AlarmKind.WEATHER, True) in bench.alarms()
    await bench.until(Phase.DOCKED)


async def test_a_mast_that_dies_in_flight_is_told_and_the_worst_is_reckoned_with(bench: Bench) -> None:
    bench.fly(watch_s=600.0)
    await bench.until(Phase.ON_SCENE)
    await bench.run(1.0)
    calm = bench.agent.standing.watch.forecast
    bench.hardware.weather = None
    await bench.run(2.0)
    worst = bench.agent.standing.watch.forecast
    assert "the weather is unknown" in bench.alarm(AlarmKind.WEATHER).text
    assert calm is not None
    assert worst is not None
    assert worst.home_percent > calm.home_percent
    assert Phase.RETURNING not in bench.phases()


async def test_a_mast_that_dies_in_more_than_the_limit_never_makes_the_way_home_look_shorter(bench: Bench) -> None:
    watch = bench.fly(watch_s=600.0, distance_m=3000.0).route_out[-1]
    await bench.until(Phase.ON_SCENE)
    ahead_deg = bearing_deg(watch.lat_deg, watch.lon_deg, *HOME)
    bench.hardware.weather = CALM.model_copy(update={"wind_speed_m_s": 14.0, "wind_from_deg": ahead_deg})
    await bench.run(2.0)
    measured = bench.agent.standing.watch.forecast
    bench.hardware.weather = None
    await bench.run(2.0)
    silent = bench.agent.standing.watch.forecast
    assert measured is not None
    assert silent is not None
    assert silent.home_percent > measured.home_percent - 0.05


async def test_blown_out_of_the_fence_it_holds_and_then_returns(bench: Bench) -> None:
    bench.fly(watch_s=300.0, distance_m=1500.0)
    await bench.until(Phase.EN_ROUTE)
    await bench.run(20.0)
    bench.aircraft.drift_m_s = (25.0, -25.0)
    for _ in range(100):
        await bench.run(0.2)
        if Command.HOLD in bench.given():
            break
    bench.aircraft.drift_m_s = (0.0, 0.0)
    assert Command.HOLD in bench.given()
    text = bench.alarm(AlarmKind.CORRIDOR).text
    assert "off the cleared way" in text or "outside the fence" in text
    await bench.run(HOLDS_S - 3.0)
    assert Phase.RETURNING not in bench.phases()
    await bench.until(Phase.RETURNING, within_s=10.0)
    assert "nobody has decided otherwise" in bench.because(Phase.RETURNING)
    await bench.until(Phase.DOCKED)
    assert bench.alarms()[-1] == (AlarmKind.CORRIDOR, False)


async def test_blown_out_on_the_way_home_it_holds_and_goes_on_home(bench: Bench) -> None:
    bench.fly(watch_s=1.0, distance_m=1500.0)
    await bench.until(Phase.RETURNING)
    await bench.run(20.0)
    bench.aircraft.drift_m_s = (25.0, -25.0)
    for _ in range(100):
        await bench.run(0.2)
        if Command.HOLD in bench.given():
            break
    bench.aircraft.drift_m_s = (0.0, 0.0)
    assert Command.HOLD in bench.given()
    await bench.until(Phase.DOCKED, within_s=300.0)


async def test_another_aircraft_on_the_link_is_an_alarm_and_is_commanded_nothing(bench: Bench) -> None:
    order = bench.fly(watch_s=120.0)
    await bench.until(Phase.ON_SCENE)
    ours = bench.aircraft.base
    why = "the aircraft's uid is 99; the fleet file says 01"
    bench.aircraft.base = replace(ours, identified=False, trouble=why)
    await bench.run(3.0)
    given = len(bench.given())
    assert bench.alarm(AlarmKind.AIRCRAFT).text == f"{why}: nothing is commanded to it; look for our own"
    assert (Condition.LINK_LOST, True) in bench.conditions()
    bench.aircraft.answers = dict.fromkeys(Command, DENIED)
    bench.call(order, SafetyAction.RETURN)
    await bench.run(2.0)
    assert bench.phases()[-1] is Phase.ON_SCENE
    bench.aircraft.base, bench.aircraft.answers = ours, {}
    await bench.until(Phase.DOCKED)
    assert (AlarmKind.AIRCRAFT, False) in bench.alarms()
    assert len(bench.given()) > given


# Crewed aircraft.


async def test_a_converging_helicopter_makes_it_descend_by_itself_and_hold_until_told(seeing: Bench) -> None:
    order = seeing.fly(watch_s=300.0)
    await seeing.until(Phase.ON_SCENE)
    await seeing.run(2.0)
    assert traffic(seeing) is Traffic.CLEAR
    helicopter(seeing, distance_m=3000.0)
    await seeing.run(2.0)
    fact = seeing.alarm(AlarmKind.TRAFFIC)
    assert fact.bearing_deg is not None
    assert 80.0 < fact.bearing_deg < 110.0
    assert fact.above_m == pytest.approx(20.0, abs=2.0)
    assert fact.in_s is not None
    assert "it descends to 30 m above home by itself and holds there" in fact.text
    assert traffic(seeing) is Traffic.CONVERGING
    await seeing.run(15.0)
    assert seeing.aircraft.height_m == pytest.approx(order.avoidance_alt_above_home_m, abs=1.0)
    refused = seeing.task(order, Goto(place=order.scene, alt_above_home_m=60.0))
    assert await seeing.settled(refused) == "refused"
    assert "a crewed aircraft converges" in seeing.detail(refused)
    helicopter(seeing, distance_m=4000.0, course_deg=90.0)
    await seeing.run(15.0)
    assert (AlarmKind.TRAFFIC, False) in seeing.alarms()
    assert seeing.aircraft.mode is Mode.HOLD, "what comes next is for the pilot to say"
    assert seeing.aircraft.height_m == pytest.approx(30.0, abs=1.0)
    assert Phase.RETURNING not in seeing.phases()


@pytest.mark.parametrize("policy", [Avoidance.HOLD, Avoidance.RETURN])
async def test_the_policys_other_avoidances_are_flown_too(seeing: Bench, policy: Avoidance) -> None:
    seeing.fly(watch_s=300.0, avoidance=policy)
    await seeing.until(Phase.EN_ROUTE)
    helicopter(seeing, distance_m=2500.0)
    await seeing.run(4.0)
    if policy is Avoidance.HOLD:
        assert seeing.aircraft.mode is Mode.HOLD
        assert seeing.given()[-1] is Command.HOLD
    else:
        assert seeing.phases()[-1] is Phase.RETURNING


async def test_a_watch_ends_although_it_still_holds_after_an_avoidance(seeing: Bench) -> None:
    seeing.fly(watch_s=60.0)
    await seeing.until(Phase.ON_SCENE)
    helicopter(seeing, distance_m=2500.0)
    await seeing.run(3.0)
    seeing.aircraft.base = replace(seeing.aircraft.base, crewed=())
    await seeing.until(Phase.RETURNING, within_s=90.0)
    await seeing.until(Phase.DOCKED)


async def test_a_receiver_that_falls_silent_reads_unknown_with_an_alarm(seeing: Bench) -> None:
    seeing.fly(watch_s=300.0)
    await seeing.until(Phase.ON_SCENE)
    seeing.aircraft.base = replace(seeing.aircraft.base, receiver_age_s=6.0)
    await seeing.run(2.0)
    assert seeing.alarms() == [(AlarmKind.TRAFFIC_UNKNOWN, True)]
    assert traffic(seeing) is Traffic.UNKNOWN
    assert Phase.RETURNING not in seeing.phases()


async def test_a_type_without_a_receiver_reads_unknown_and_raises_no_alarm(bench: Bench) -> None:
    bench.fly(watch_s=60.0)
    await bench.until(Phase.ON_SCENE)
    await bench.run(2.0)
    assert traffic(bench) is Traffic.UNKNOWN
    assert bench.alarms() == []


async def test_a_helicopter_over_the_dock_keeps_it_shut(seeing: Bench) -> None:
    helicopter(seeing, distance_m=900.0)
    await seeing.run(1.5)
    assert any("a crewed aircraft is near: GPOLA converges" in one for one in seeing.blockers())


async def test_a_helicopter_that_comes_while_the_lid_opens_keeps_it_on_the_ground(seeing: Bench) -> None:
    seeing.fly()
    await seeing.run(1.0)
    helicopter(seeing, distance_m=2000.0)
    await seeing.until(Phase.REFUSED, within_s=10.0)
    assert seeing.because(Phase.REFUSED).startswith("a crewed aircraft is near: GPOLA converges from 090°")
    assert Command.ARM not in seeing.given()
    await seeing.run(10.0)
    assert seeing.hardware.lid is Lid.CLOSED
