"""What a long watch needs next: looked ahead for at the desk, docks and agents played by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from contracts.orders import SafetyAction
from contracts.position import Place
from contracts.reports import (
    AlarmChanged,
    CommandSettled,
    ConditionChanged,
    OrderAccepted,
    OrderRefused,
    PhaseEntered,
    PlanChanged,
    Telemetry,
)
from contracts.tasks import Extend
from contracts.vocabulary import AlarmKind, Condition, DockState, Outcome, Phase
from dispatcher import events as ev
from dispatcher.decision.facts import Policy
from dispatcher.entities import Flight, Incident
from dispatcher.errors import AlreadyDispatched
from dispatcher.relay import MARGIN, arrives_at, leaves_at, look_ahead
from dispatcher.requests import IncidentAmendment
from dispatcher.state import State, apply
from tests.desks import BOOT, Scene

POLICY = Policy(watch_s=300, watch_cap_s=900)
WATCH_S = 3600.0


class Slots:
    """Telemetry as the desk sees it."""

    def __init__(self) -> None:
        self.values: dict[str, Telemetry] = {}

    def latest(self) -> dict[str, Telemetry]:
        return self.values


async def watched(scene: Scene, *, watch_s: float | None = WATCH_S, dock_id: str = "cov-1") -> tuple[Incident, Flight]:
    """A flight on scene over an incident that wants a long watch."""
    incident = await scene.incident(watch_s=watch_s)
    flight = await scene.press(incident, dock_id=dock_id)
    await accepted(scene, flight)
    await scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE)
    return incident, flight


async def accepted(scene: Scene, flight: Flight) -> None:
    await scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))


async def wait(scene: Scene, seconds: float) -> None:
    """Time passes, docks report, the desk looks after its relays."""
    while seconds > 0:
        step_s = min(seconds, 5.0)
        await scene.wait(step_s)
        await scene.desk.look_after_relays()
        seconds -= step_s


async def wait_for_relief(scene: Scene, flight: Flight, *, within_s: float = 1000) -> Flight:
    for _ in range(round(within_s / 5)):
        await wait(scene, 5)
        for each in scene.desk.state.flights.values():
            if each.relieves == flight.id and not each.ended:
                return each
    raise AssertionError(f"nobody was sent to relieve {flight.callsign}")


def now(scene: Scene, flight: Flight) -> Flight:
    """The flight as it is now."""
    return scene.desk.state.flights[flight.id]


def alarms(scene: Scene) -> list[ev.AlarmRaised]:
    return [record.event for record in scene.log.records if isinstance(record.event, ev.AlarmRaised)]


def of_type(scene: Scene, kind: type[Any]) -> list[Any]:
    return [record.event for record in scene.log.records if isinstance(record.event, kind)]


def telemetry(scene: Scene, flight: Flight, **changes: Any) -> Telemetry:
    values: dict[str, Any] = {
        "boot_id": BOOT,
        "counter": 1,
        "deployment": "simulation",
        "mission_time": scene.clock.mission_now(),
        "flight_id": flight.id,
        "aircraft_id": flight.order.aircraft_id,
        "lat_deg": flight.order.scene.lat_deg,
        "lon_deg": flight.order.scene.lon_deg,
        "alt_amsl_m": 150,
        "alt_above_home_m": 60,
        "heading_deg": 0,
        "ground_speed_m_s": 0,
        "climb_m_s": 0,
        "battery_percent": 60,
        "armed": True,
        "in_air": True,
        "flight_mode": "MISSION",
        "position_age_s": 0.1,
        "link_age_s": 0.1,
    }
    return Telemetry(**(values | changes))


async def test_a_relief_is_ordered_so_that_it_is_there_four_minutes_before_the_other_leaves() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene)
    left_at = leaves_at(now(scene, flight), None, scene.clock.mission_now())
    relief = await wait_for_relief(scene, flight)
    there_at = relief.ordered_at + timedelta(seconds=relief.promise.time_to_scene_s)
    assert timedelta(0) <= there_at - (left_at - MARGIN) <= timedelta(seconds=5)
    assert relief.dock_id != flight.dock_id
    assert Condition.RELIEF_COMING in now(scene, flight).conditions


async def test_the_two_fly_at_heights_that_differ_by_twenty_metres_all_the_way() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene)
    relief = await wait_for_relief(scene, flight)

    def heights(of: Flight) -> set[float]:
        return {point.alt_above_home_m for point in (*of.order.route_out, *of.order.route_home)}

    assert heights(flight) == {60.0}
    assert heights(relief) == {80.0}
    assert max(heights(relief)) <= relief.order.ceiling_above_home_m


async def test_the_first_is_called_home_when_the_other_is_on_scene_and_not_before() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene)
    relief = await wait_for_relief(scene, flight)
    await accepted(scene, relief)
    await scene.fly(relief, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
    await wait(scene, 5)
    assert now(scene, flight).commands == ()
    await scene.fly(relief, Phase.ON_SCENE)
    await wait(scene, 5)
    (command,) = now(scene, flight).commands
    assert (command.action, command.actor) == (SafetyAction.RETURN, "system")
    assert Condition.RELIEF_COMING not in now(scene, flight).conditions
    told = [event for event in of_type(scene, ev.PilotTold) if event.flight_id == flight.id]
    assert told, "its pilot hears of it"


async def test_no_second_press_is_taken_while_one_relieves_the_other() -> None:
    scene = await Scene.open(policy=POLICY)
    incident, flight = await watched(scene)
    relief = await wait_for_relief(scene, flight)
    await scene.says(relief.dock_id, OrderRefused(order_id=relief.order.order_id, flight_id=relief.id, reasons=["no"]))
    assert now(scene, relief).ended
    with pytest.raises(AlreadyDispatched, match="K1"):
        await scene.press(incident, key="press-2")


async def test_a_watch_within_one_battery_foresees_nothing() -> None:
    scene = await Scene.open(policy=POLICY)
    incident, flight = await watched(scene, watch_s=600)
    await wait(scene, 400)
    assert scene.desk.state.incidents[incident.id].relief is None
    assert list(scene.desk.state.flights) == [flight.id]


async def test_what_is_foreseen_is_on_record_once_and_again_only_when_it_changes() -> None:
    scene = await Scene.open(policy=POLICY)
    incident, _ = await watched(scene)
    await wait(scene, 200)
    (foreseen,) = of_type(scene, ev.ReliefForeseen)
    assert foreseen.dock_id == "cov-2"
    await scene.desk.dock_silent("cov-2", 9.0)
    view = scene.desk.state.docks["cov-2"]
    assert view.silent
    await wait(scene, 20)
    assert [event.dock_id for event in of_type(scene, ev.ReliefForeseen)] == ["cov-2", "cov-3"]
    assert scene.desk.state.incidents[incident.id].relief.dock_id == "cov-3"  # type: ignore[union-attr]


async def test_a_charge_that_ends_the_watch_early_brings_the_relief_forward() -> None:
    scene = await Scene.open(policy=POLICY)
    slots = Slots()
    scene.desk._whereabouts = slots
    _, flight = await watched(scene)
    must_leave_at = scene.clock.mission_now() + timedelta(seconds=400)
    for _ in range(40):
        slots.values["cov-1"] = telemetry(scene, flight, must_leave_at=must_leave_at)
        await wait(scene, 5)
    reliefs = [each for each in scene.desk.state.flights.values() if each.relieves == flight.id]
    assert len(reliefs) == 1
    assert reliefs[0].ordered_at <= must_leave_at - MARGIN


async def test_telemetry_of_long_ago_says_nothing_about_now() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene)
    moment = scene.clock.mission_now()
    values = telemetry(scene, flight, must_leave_at=moment + timedelta(seconds=60))
    assert leaves_at(now(scene, flight), values, moment) == moment + timedelta(seconds=60)
    assert leaves_at(now(scene, flight), values, moment + timedelta(seconds=30)) == moment + timedelta(seconds=900)


async def test_minutes_that_were_added_count() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene)
    moment = scene.clock.mission_now()
    order_id = await added(scene, flight, by_s=300)
    assert leaves_at(now(scene, flight), None, moment) == moment + timedelta(seconds=900), (
        "not before the agent says so"
    )
    await scene.says(flight.dock_id, plan_of(flight, order_id, watch_s=1200))
    await scene.says(flight.dock_id, CommandSettled(order_id=order_id, flight_id=flight.id, outcome=Outcome.CONFIRMED))
    assert leaves_at(now(scene, flight), None, moment) == moment + timedelta(seconds=1200)


def plan_of(flight: Flight, order_id: UUID, **changes: Any) -> PlanChanged:
    order = flight.order
    values: dict[str, Any] = {
        "flight_id": flight.id,
        "order_id": order_id,
        "scene": order.scene,
        "route_out": order.route_out,
        "route_home": order.route_home,
        "fence": order.fence,
        "watch_s": order.watch_s,
        "home": order.home,
        "home_dock_id": "",
    }
    return PlanChanged(**(values | changes))


async def test_an_aircraft_whose_charge_lasts_longer_than_its_watch_stays_when_nobody_relieves_it() -> None:
    scene = await Scene.open(policy=POLICY)
    slots = Slots()
    scene.desk._whereabouts = slots
    _, flight = await watched(scene)
    must_leave_at = scene.clock.mission_now() + timedelta(seconds=1010)
    for _ in range(178):
        await scene.clock.advance(5)
        for dock_id in ("cov-2", "cov-3"):
            await scene.status(dock_id, battery_percent=30.0)
        slots.values["cov-1"] = telemetry(scene, flight, must_leave_at=must_leave_at)
        await scene.desk.look_after_relays()
    given = of_type(scene, ev.TaskGiven)
    assert given[0].task == Extend(by_s=110)
    assert given[0].flight_id == flight.id
    asked_s = [r.mission_time for r in scene.log.records if isinstance(r.event, ev.TaskGiven)]
    assert min((b - a for a, b in pairwise(asked_s)), default=timedelta(60)) >= timedelta(seconds=30)


async def test_a_rest_of_less_than_a_minute_is_not_worth_another_drone() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene, watch_s=950)
    await wait(scene, 880)
    assert list(scene.desk.state.flights) == [flight.id]


async def test_nothing_is_sent_by_itself_into_what_drove_the_first_away() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene)
    text = "helicopter 800 m north"
    await scene.says(flight.dock_id, AlarmChanged(flight_id=flight.id, alarm=AlarmKind.TRAFFIC, active=True, text=text))
    await scene.says(flight.dock_id, PhaseEntered(flight_id=flight.id, phase=Phase.RETURNING, because="avoidance"))
    await wait(scene, 30)
    assert list(scene.desk.state.flights) == [flight.id]
    assert any("helicopter" in alarm.text for alarm in alarms(scene))
    await scene.says(flight.dock_id, AlarmChanged(flight_id=flight.id, alarm=AlarmKind.TRAFFIC, active=False))
    await wait(scene, 15)
    assert [each.relieves for each in scene.desk.state.flights.values()] == [None, flight.id]


async def test_an_order_that_nobody_answered_is_not_waited_for() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene)
    first = await wait_for_relief(scene, flight)
    await wait(scene, 70)
    await scene.desk.expire_order(first.id, first.order.order_id)
    await wait(scene, 5)
    sent = [each.dock_id for each in scene.desk.state.flights.values() if each.relieves == flight.id]
    assert sent == ["cov-2", "cov-3"]
    heights = {each.order.route_out[-1].alt_above_home_m for each in scene.desk.state.flights.values()}
    assert len(heights) == 3, "the height of the one that may yet fly is kept free"


async def added(scene: Scene, flight: Flight, *, by_s: float) -> Any:
    given = ev.TaskGiven(
        flight_id=flight.id,
        dock_id=flight.dock_id,
        order_id=flight.id,
        task=Extend(by_s=by_s),
        sequence=flight.order_sequence + 1,
        expires_at=scene.clock.mission_now() + timedelta(seconds=60),
        because="",
        idempotency_key=None,
    )
    await scene.desk.record([given], actor="pilot-1")
    return given.order_id


async def test_a_link_that_is_silent_for_longer_than_the_policy_s_time_brings_the_relief_at_once() -> None:
    scene = await Scene.open(policy=POLICY)
    slots = Slots()
    scene.desk._whereabouts = slots
    incident, flight = await watched(scene)
    silent_s = flight.order.link_loss_return_s
    slots.values["cov-1"] = telemetry(scene, flight, link_age_s=silent_s - 1)
    assert look_ahead(scene.desk.state, incident_now(scene, incident), telemetry=slots.values, now=clock(scene)).need
    await wait(scene, 5)
    assert len(scene.desk.state.flights) == 1, "the autopilot may still hold on to it"
    slots.values["cov-1"] = telemetry(scene, flight, link_age_s=silent_s + 6)
    await wait(scene, 5)
    assert [each.relieves for each in scene.desk.state.flights.values()] == [None, flight.id]


def clock(scene: Scene) -> datetime:
    return scene.clock.mission_now()


def incident_now(scene: Scene, incident: Incident) -> Incident:
    return scene.desk.state.incidents[incident.id]


async def test_a_relief_that_is_overdue_is_told_three_minutes_before_the_picture_goes() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene)
    left_at = leaves_at(now(scene, flight), None, clock(scene))
    relief = await wait_for_relief(scene, flight)
    await accepted(scene, relief)
    await scene.fly(relief, Phase.PREPARING)
    await wait(scene, 300)
    (alarm,) = alarms(scene)
    assert alarm.alarm is AlarmKind.NO_RELIEF
    assert alarm.flight_id == flight.id
    assert relief.callsign in alarm.text
    assert "preparing" in alarm.text
    raised_at = next(r.mission_time for r in scene.log.records if isinstance(r.event, ev.AlarmRaised))
    assert left_at - raised_at >= timedelta(seconds=180)
    assert raised_at > relief.ordered_at + timedelta(seconds=relief.promise.time_to_scene_s), "not before it is late"
    await scene.fly(relief, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE)
    await wait(scene, 5)
    assert of_type(scene, ev.AlarmEnded), "it came after all"


async def test_when_no_dock_can_go_the_reasons_of_all_are_in_the_alarm_and_the_decision_on_record() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene)
    for _ in range(80):
        await scene.clock.advance(5)
        await scene.status("cov-2", battery_percent=30.0)
        await scene.status("cov-3", state=DockState.EMPTY, aircraft_seated=False)
        await scene.desk.look_after_relays()
    (alarm,) = alarms(scene)
    assert "K2: charge 30.0 %" in alarm.text
    assert "K3: no aircraft is in the dock" in alarm.text
    types = scene.log.types()
    assert "OptionsDecided" in types[types.index("AlarmRaised") - 2 : types.index("AlarmRaised")]
    assert list(scene.desk.state.flights) == [flight.id]
    # One is charged in time after all.
    await scene.status("cov-2", battery_percent=90.0)
    await wait(scene, 20)
    assert of_type(scene, ev.AlarmEnded)


async def test_an_alarm_of_a_watch_that_nobody_wants_any_more_is_over() -> None:
    scene = await Scene.open(policy=POLICY)
    incident, flight = await watched(scene)
    for _ in range(80):
        await scene.clock.advance(5)
        for dock_id in ("cov-2", "cov-3"):
            await scene.status(dock_id, battery_percent=30.0)
        await scene.desk.look_after_relays()
    assert len(alarms(scene)) == 1
    await scene.desk.close_incident("controller-1", incident.id, "over")
    await scene.desk.look_after_relays()
    (ended,) = of_type(scene, ev.AlarmEnded)
    assert ended.flight_id == flight.id


async def test_two_flights_of_a_merged_incident_both_go_over_to_the_other() -> None:
    scene = await Scene.open(policy=POLICY)
    incident, flight = await watched(scene)
    relief = await wait_for_relief(scene, flight)
    other = await scene.incident(watch_s=WATCH_S)
    await scene.desk.merge_incident("controller-1", incident.id, other.id)
    merged = incident_now(scene, other)
    assert merged.flight_ids == (flight.id, relief.id)
    assert merged.watched_from is not None
    assert {now(scene, each).incident_id for each in (flight, relief)} == {other.id}
    assert set(scene.desk.state.relays) == {other.id}


async def test_a_place_that_moves_proposes_a_retask_for_each_drone_that_is_out() -> None:
    scene = await Scene.open(policy=POLICY)
    incident, flight = await watched(scene)
    relief = await wait_for_relief(scene, flight)
    place = ev.IncidentPlace(lat_deg=52.4120, lon_deg=-1.5080)
    await scene.desk.amend_incident("controller-1", incident.id, IncidentAmendment(place=place))
    proposals = incident_now(scene, incident).proposals
    assert {(proposal.kind, proposal.flight_id) for proposal in proposals} == {
        ("retask", flight.id),
        ("retask", relief.id),
    }


async def test_a_new_press_begins_a_new_watch() -> None:
    scene = await Scene.open(policy=POLICY)
    incident, flight = await watched(scene)
    await scene.desk.command_flight("controller-1", flight.id, SafetyAction.RETURN, "enough", None)
    await scene.fly(flight, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
    await wait(scene, 5)
    assert incident_now(scene, incident).relay_ended_because is not None
    await scene.press(incident, key="press-2")
    again = incident_now(scene, incident)
    assert again.relay_ended_because is None
    assert again.watched_from is None
    assert set(scene.desk.state.relays) == {incident.id}


async def test_when_nobody_could_go_on_for_five_minutes_nothing_starts_by_itself_any_more() -> None:
    scene = await Scene.open(policy=POLICY)
    incident, flight = await watched(scene)
    await scene.fly(flight, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
    for _ in range(80):
        await scene.clock.advance(5)
        for dock_id in ("cov-1", "cov-2", "cov-3"):
            await scene.status(dock_id, battery_percent=30.0)
        await scene.desk.look_after_relays()
    assert len(of_type(scene, ev.RelayEnded)) == 1
    await wait(scene, 60)
    assert list(scene.desk.state.flights) == [flight.id], "all are charged again, and nothing happens"
    assert "dispatch again" in (incident_now(scene, incident).relay_ended_because or "")


async def test_a_flight_that_its_own_guard_calls_home_is_relieved_at_once() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene)
    await scene.says(
        flight.dock_id, PhaseEntered(flight_id=flight.id, phase=Phase.RETURNING, because="the wind is too strong")
    )
    await wait(scene, 5)
    assert [each.relieves for each in scene.desk.state.flights.values()] == [None, flight.id]


async def test_the_estimate_of_an_arrival_follows_what_is_heard() -> None:
    scene = await Scene.open(policy=POLICY)
    incident = await scene.incident(watch_s=WATCH_S)
    flight = await scene.press(incident)
    promised = flight.ordered_at + timedelta(seconds=flight.promise.time_to_scene_s)
    assert arrives_at(flight, clock(scene)) == promised
    late = clock(scene) + timedelta(seconds=120)
    in_flight = timedelta(seconds=flight.promise.time_to_scene_s - flight.promise.time_to_airborne_s)
    assert arrives_at(flight, late) == late + in_flight, "it has not taken off"
    assert arrives_at(replace(flight, phase=Phase.EN_ROUTE), late) == late


async def test_the_journal_replayed_gives_the_same_chain() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene)
    relief = await wait_for_relief(scene, flight)
    await accepted(scene, relief)
    await scene.fly(relief, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE)
    await scene.says(flight.dock_id, ConditionChanged(flight_id=flight.id, condition=Condition.LINK_LOST, active=True))
    await wait(scene, 5)
    state = State()
    for record in scene.log.records:
        state = apply(state, record)
    assert state == scene.desk.state


async def test_a_relief_from_a_dock_at_another_height_keeps_apart_above_the_sea_not_above_its_dock() -> None:
    scene = await Scene.open(policy=POLICY)
    view = scene.desk.state.docks["cov-2"]
    higher = view.dock.model_copy(update={"alt_amsl_m": 103.0})
    await scene.desk.record([ev.DockRegistered(dock=higher, aircraft_type=view.aircraft_type)])
    await scene.status("cov-2", aircraft_position=Place(lat_deg=higher.lat_deg, lon_deg=higher.lon_deg))
    _, flight = await watched(scene)
    relief = await wait_for_relief(scene, flight)
    assert relief.dock_id == "cov-2"
    # The first hangs at 90 + 60 m; 60 m above this dock would be 13 m higher, which is too near.
    assert relief.order.route_out[-1].alt_above_home_m == 67.0


async def test_a_relief_above_another_comes_down_for_crewed_aircraft_no_further_than_to_above_it() -> None:
    scene = await Scene.open(policy=POLICY)
    _, flight = await watched(scene)
    relief = await wait_for_relief(scene, flight)
    assert flight.order.avoidance_alt_above_home_m == 30.0
    assert relief.order.route_out[-1].alt_above_home_m == 80.0
    assert relief.order.avoidance_alt_above_home_m == 80.0
    await accepted(scene, relief)
    await scene.fly(relief, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE)
    await wait(scene, 5)
    await scene.fly(flight, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
    third = await wait_for_relief(scene, relief)
    assert third.order.route_out[-1].alt_above_home_m == 60.0, "below the one that it relieves"
    assert third.order.avoidance_alt_above_home_m == 30.0, "and free to come down"


async def test_where_the_ceiling_leaves_no_height_above_the_relief_flies_below() -> None:
    scene = await Scene.open(policy=replace(POLICY, transit_alt_m=110.0, scene_alt_m=110.0))
    _, flight = await watched(scene)
    relief = await wait_for_relief(scene, flight)
    assert relief.order.route_out[-1].alt_above_home_m == 90.0
    assert relief.order.avoidance_alt_above_home_m == 30.0
