"""Eyes that never blink: ninety minutes over one scene with three docks, and what happens when one of them cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.orders import SafetyAction
from contracts.vocabulary import Condition, Lid, Outcome, Phase
from dispatcher import events as ev
from dispatcher.decision.facts import Policy
from dispatcher.entities import Flight, Incident
from dispatcher.record import SYSTEM
from tests.desks import SITES
from tests.virtual.city import SCENE, City
from tests.virtual.eyes import blind_s, nearest, too_near

WATCH_S = 5400.0
SHORT = Policy(watch_cap_s=720.0)
"""Batteries as in one's pocket: the same story in a quarter of the time."""
SHORT_WATCH_S = 1500.0
STRAIGHT_ABOVE = replace(SHORT, standoff_m=0.0)
"""All over one point: nothing but height keeps them apart."""
LITTLE_PERCENT = 62.0
"""Enough to be sent, and not enough for the whole of even a short watch."""
TOLD_BEFORE_S = 180.0
TWO_DOCKS = {dock_id: SITES[dock_id] for dock_id in ("cov-1", "cov-2")}


async def on_scene(city: City, incident: Incident) -> float:
    """Press, and wait for the picture; returns when it came."""
    await city.press(incident)
    await city.until(lambda: city.desk.state.incidents[incident.id].watched_from is not None, within_s=300)
    return city.clock.mission_s()


async def relief_of(city: City, flight: Flight, *, within_s: float = 1200) -> Flight:
    """Wait until somebody is sent to relieve a flight."""
    await city.until(lambda: any(each.relieves == flight.id for each in city.flights()), within_s=within_s)
    return next(each for each in city.flights() if each.relieves == flight.id)


async def all_home(city: City) -> None:
    await city.until(lambda: not city.desk.state.unfinished, within_s=1200)


def picture_gone_s(city: City, since_s: float) -> float:
    """The first second at which nobody has the scene in view."""
    return blind_s(city.track, SCENE, since_s=since_s, until_s=city.clock.mission_s())[0]


async def test_a_watch_of_ninety_minutes_with_three_docks_has_no_second_without_a_drone(tmp_path: Path) -> None:
    async with City.open(tmp_path) as city:
        incident = await city.incident(watch_s=WATCH_S)
        began_s = await on_scene(city, incident)
        await city.run(WATCH_S + 1)
        assert blind_s(city.track, SCENE, since_s=began_s, until_s=began_s + WATCH_S) == []
        assert too_near(city.track) == []
        assert min(height_m for _, apart_m, height_m in nearest(city.track) if apart_m < 100) >= 15
        assert city.journal(ev.AlarmRaised) == []
        await all_home(city)
        assert {flight.phase for flight in city.flights()} == {Phase.DOCKED}
        assert {flight.dock_id for flight in city.flights()} == set(SITES)
        assert len(city.flights()) > len(SITES), "a dock has charged its drone and sent it again"


async def test_the_first_is_told_that_relief_comes_and_leaves_only_when_it_is_there(tmp_path: Path) -> None:
    async with City.open(tmp_path, policy=SHORT) as city:
        incident = await city.incident(watch_s=SHORT_WATCH_S)
        await on_scene(city, incident)
        first = city.flights()[0]
        await city.run(8)
        foreseen = city.desk.state.incidents[incident.id].relief
        assert foreseen is not None, "what will be done by itself is known long before"
        assert foreseen.order_at is not None
        relief = await relief_of(city, first)
        assert abs(relief.ordered_at - foreseen.order_at) < timedelta(seconds=10)
        assert relief.dock_id == foreseen.dock_id
        assert (relief.ordered_by, relief.accepted_by) == (SYSTEM, "controller-1")
        assert relief.order.purpose == first.order.purpose
        assert Condition.RELIEF_COMING in city.desk.state.flights[first.id].conditions
        await city.until(lambda: city.desk.state.flights[first.id].phase is Phase.RETURNING, within_s=600)
        there = next(each for each in city.flights()[1].phases if each.phase is Phase.ON_SCENE).mission_time
        left = next(each for each in city.flights()[0].phases if each.phase is Phase.RETURNING).mission_time
        assert timedelta(0) <= left - there < timedelta(seconds=20)
        assert Condition.RELIEF_COMING not in city.desk.state.flights[first.id].conditions
        command = city.desk.state.flights[first.id].commands[-1]
        assert (command.action, command.actor, command.outcome) == ("return", SYSTEM, Outcome.CONFIRMED)
        assert "relieved" in command.because


async def test_an_incident_that_does_not_say_how_long_a_watch_it_wants_gets_one_flight(tmp_path: Path) -> None:
    async with City.open(tmp_path, policy=SHORT) as city:
        incident = await city.incident(watch_s=None)
        await on_scene(city, incident)
        await all_home(city)
        assert len(city.flights()) == 1
        assert city.journal(ev.ReliefForeseen) == []


async def test_with_the_only_other_dock_out_of_order_the_controller_hears_of_it_minutes_before(tmp_path: Path) -> None:
    async with City.open(tmp_path, policy=SHORT, docks=TWO_DOCKS) as city:
        city.posts["cov-1"].drone.battery = LITTLE_PERCENT
        city.posts["cov-2"].box.alive = False
        incident = await city.incident(watch_s=SHORT_WATCH_S)
        began_s = await on_scene(city, incident)
        await city.run(SHORT_WATCH_S)
        told_s = city.at_s(ev.AlarmRaised)[0]
        assert picture_gone_s(city, began_s) - told_s >= TOLD_BEFORE_S
        text = city.alarms()[0].text
        assert "K1 leaves the scene at" in text
        assert "K2: the dock reports a fault" in text
        assert {flight.dock_id for flight in city.flights()} == {"cov-1"}


async def test_a_lid_that_sticks_at_the_launch_of_the_only_relief_is_told_in_time_too(tmp_path: Path) -> None:
    async with City.open(tmp_path, policy=SHORT, docks=TWO_DOCKS) as city:
        city.posts["cov-1"].drone.battery = LITTLE_PERCENT
        city.posts["cov-2"].box.stuck = Lid.CLOSED
        incident = await city.incident(watch_s=SHORT_WATCH_S)
        began_s = await on_scene(city, incident)
        relief = await relief_of(city, city.flights()[0])
        await city.run(SHORT_WATCH_S)
        assert city.desk.state.flights[relief.id].phase is Phase.REFUSED
        told_s = city.at_s(ev.AlarmRaised)[0]
        assert picture_gone_s(city, began_s) - told_s >= TOLD_BEFORE_S
        assert "K2 was sent, and is refused" in city.alarms()[0].text


async def test_a_relief_that_is_refused_at_launch_is_followed_by_the_next_dock(tmp_path: Path) -> None:
    async with City.open(tmp_path, policy=SHORT) as city:
        city.posts["cov-2"].box.stuck = Lid.CLOSED
        incident = await city.incident(watch_s=SHORT_WATCH_S)
        began_s = await on_scene(city, incident)
        first = city.flights()[0]
        refused = await relief_of(city, first)
        assert refused.dock_id == "cov-2"
        await city.run(SHORT_WATCH_S / 2)
        sent = [(each.dock_id, each.relieves == first.id) for each in city.flights()[1:3]]
        assert sent == [("cov-2", True), ("cov-3", True)]
        assert blind_s(city.track, SCENE, since_s=began_s, until_s=city.clock.mission_s()) == []
        assert too_near(city.track) == []


async def test_when_the_first_drone_is_lost_the_relief_is_brought_forward(tmp_path: Path) -> None:
    async with City.open(tmp_path, policy=SHORT) as city:
        incident = await city.incident(watch_s=SHORT_WATCH_S)
        await on_scene(city, incident)
        first = city.flights()[0]
        await city.run(60)
        foreseen = city.desk.state.incidents[incident.id].relief
        assert foreseen is not None
        assert foreseen.order_at is not None
        city.posts["cov-1"].drone.fall()
        lost_at = city.clock.mission_now()
        relief = await relief_of(city, first, within_s=60)
        assert relief.ordered_at - lost_at < timedelta(seconds=40)
        assert foreseen.order_at - relief.ordered_at > timedelta(seconds=60)
        await city.until(lambda: city.desk.state.flights[relief.id].phase is Phase.ON_SCENE, within_s=300)


async def test_a_closed_incident_ends_the_chain_and_every_drone_is_proposed_to_return(tmp_path: Path) -> None:
    async with City.open(tmp_path, policy=SHORT) as city:
        incident = await city.incident(watch_s=SHORT_WATCH_S)
        await on_scene(city, incident)
        relief = await relief_of(city, city.flights()[0])
        await city.until(lambda: city.desk.state.flights[relief.id].phase is Phase.EN_ROUTE, within_s=60)
        await city.desk.close_incident("controller-1", incident.id, "they came out")
        proposals = city.desk.state.incidents[incident.id].proposals
        assert {proposal.flight_id for proposal in proposals} == {flight.id for flight in city.flights()}
        for proposal in proposals:
            await city.desk.answer_proposal("controller-1", proposal.id, True)
        await all_home(city)
        await city.run(SHORT_WATCH_S)
        assert len(city.flights()) == 2
        assert city.alarms() == []


async def test_who_calls_a_drone_of_the_chain_home_by_hand_ends_the_chain(tmp_path: Path) -> None:
    async with City.open(tmp_path, policy=SHORT) as city:
        incident = await city.incident(watch_s=SHORT_WATCH_S)
        await on_scene(city, incident)
        first = city.flights()[0]
        await city.desk.command_flight("controller-1", first.id, SafetyAction.RETURN, "enough seen", None)
        await all_home(city)
        await city.run(600)
        assert len(city.flights()) == 1
        ended = city.journal(ev.RelayEnded)
        assert [event.because for event in ended] == ["controller-1 has called a drone of this watch home"]


async def test_a_pilot_who_is_asked_is_asked_early_enough(tmp_path: Path) -> None:
    async with City.open(tmp_path, policy=SHORT, accepts="ask") as city:
        incident = await city.incident(watch_s=SHORT_WATCH_S)
        pressed = await city.press(incident)
        await city.desk.accept_flight(pressed.pilot, pressed.id)
        await city.until(lambda: city.desk.state.incidents[incident.id].watched_from is not None, within_s=300)
        began_s = city.clock.mission_s()
        relief = await relief_of(city, pressed)
        told = [event for event in city.journal(ev.PilotTold) if event.flight_id == relief.id]
        assert "accept it" in told[0].text
        await city.run(290)
        await city.desk.accept_flight(relief.pilot, relief.id)
        await city.until(lambda: city.desk.state.flights[relief.id].phase is Phase.ON_SCENE, within_s=300)
        assert blind_s(city.track, SCENE, since_s=began_s, until_s=city.clock.mission_s()) == []


async def test_a_pilot_who_does_not_answer_leaves_time_to_be_told(tmp_path: Path) -> None:
    async with City.open(tmp_path, policy=SHORT, docks=TWO_DOCKS, accepts="ask") as city:
        city.posts["cov-1"].drone.battery = LITTLE_PERCENT
        incident = await city.incident(watch_s=SHORT_WATCH_S)
        pressed = await city.press(incident)
        await city.desk.accept_flight(pressed.pilot, pressed.id)
        await city.until(lambda: city.desk.state.incidents[incident.id].watched_from is not None, within_s=300)
        began_s = city.clock.mission_s()
        await city.run(SHORT_WATCH_S)
        told_s = city.at_s(ev.AlarmRaised)[0]
        assert picture_gone_s(city, began_s) - told_s >= TOLD_BEFORE_S


async def test_a_dispatcher_that_is_killed_in_the_middle_goes_on_with_the_chain(tmp_path: Path) -> None:
    async with City.open(tmp_path, policy=SHORT, on_disk=True) as city:
        incident = await city.incident(watch_s=SHORT_WATCH_S)
        began_s = await on_scene(city, incident)
        await city.run(120)
        await city.restart_dispatcher(away_s=60)
        relief = await relief_of(city, city.flights()[0])
        await city.restart_dispatcher(away_s=10)
        await city.until(lambda: city.desk.state.flights[relief.id].phase is Phase.ON_SCENE, within_s=300)
        await city.restart_dispatcher(away_s=4)
        await city.run(began_s + SHORT_WATCH_S - city.clock.mission_s())
        assert blind_s(city.track, SCENE, since_s=began_s, until_s=began_s + SHORT_WATCH_S) == []
        assert too_near(city.track) == []
        assert city.alarms() == []
        await all_home(city)
        assert {flight.phase for flight in city.flights()} == {Phase.DOCKED}


async def test_two_runs_of_one_city_write_the_same_journal(tmp_path: Path) -> None:
    journals = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        async with City.open(tmp_path / name, policy=SHORT) as city:
            incident = await city.incident(watch_s=SHORT_WATCH_S)
            await on_scene(city, incident)
            await city.run(700)
            journals.append([(record.mission_time, record.stream, record.event) for record in city.log.records])
    assert journals[0] == journals[1]


async def test_where_nobody_can_relieve_it_the_first_stays_for_as_long_as_its_charge_allows(tmp_path: Path) -> None:
    async with City.open(tmp_path, policy=SHORT, docks=TWO_DOCKS) as city:
        city.posts["cov-2"].box.alive = False
        incident = await city.incident(watch_s=SHORT_WATCH_S)
        began_s = await on_scene(city, incident)
        await city.run(SHORT_WATCH_S + 1)
        assert blind_s(city.track, SCENE, since_s=began_s, until_s=began_s + SHORT_WATCH_S) == []
        extends = [event for event in city.journal(ev.TaskGiven) if event.task.type == "extend"]
        assert len(extends) >= 2
        assert city.flights()[0].order.watch_s < SHORT_WATCH_S
        assert city.alarms(), "people are told all the same: nobody knows how long it lasts"
        await all_home(city)


@pytest.mark.parametrize(
    ("policy", "place"),
    [
        (replace(SHORT, transit_alt_m=75.0, scene_alt_m=45.0), SCENE),
        (STRAIGHT_ABOVE, SCENE),
        (SHORT, SITES["cov-2"]),
        (SHORT, SITES["cov-1"]),
        (replace(SHORT, transit_alt_m=110.0, scene_alt_m=110.0), SCENE),
    ],
    ids=[
        "down to the scene",
        "straight above",
        "over the second dock",
        "over the first dock",
        "just under the ceiling",
    ],
)
async def test_drones_keep_apart_wherever_the_scene_is_and_however_high_they_fly(
    tmp_path: Path, policy: Policy, place: tuple[float, float]
) -> None:
    async with City.open(tmp_path, policy=policy) as city:
        incident = await city.incident(watch_s=SHORT_WATCH_S, place=place)
        began_s = await on_scene(city, incident)
        await city.run(SHORT_WATCH_S + 1)
        await all_home(city)
        assert len(city.flights()) >= 3
        assert blind_s(city.track, place, since_s=began_s, until_s=began_s + SHORT_WATCH_S) == []
        assert too_near(city.track) == []
        assert {flight.phase for flight in city.flights()} == {Phase.DOCKED}
        ceilings = {post.site.id: post.site.limits.ceiling_above_home_m for post in city.posts.values()}
        plates = {post.site.id: post.site.alt_amsl_m for post in city.posts.values()}
        for sample in city.track:
            assert sample.alt_amsl_m - plates[sample.dock_id] <= ceilings[sample.dock_id] + 0.5


@pytest.mark.parametrize(("phase", "after_s"), [(Phase.EN_ROUTE, 4), (Phase.EN_ROUTE, 90), (Phase.ON_SCENE, 0)])
async def test_clearing_the_air_while_two_are_out_brings_neither_near_the_other(
    tmp_path: Path, phase: Phase, after_s: int
) -> None:
    async with City.open(tmp_path, policy=STRAIGHT_ABOVE) as city:
        incident = await city.incident(watch_s=SHORT_WATCH_S)
        await on_scene(city, incident)
        relief = await relief_of(city, city.flights()[0])
        await city.until(lambda: city.desk.state.flights[relief.id].phase is phase, within_s=400)
        await city.run(after_s)
        await city.desk.clear_air("controller-1", incident.id, "helicopter", None)
        await city.run(120)
        assert min(post.drone.height_m for post in city.posts.values() if post.drone.in_air) < 35, "one came down"
        assert too_near(city.track) == []
