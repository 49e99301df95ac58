"""Flights of different incidents keep apart from the press on: by a height of their own, or by not being sent."""

from __future__ import annotations

from itertools import combinations

import pytest

from contracts.orders import FlightOrder
from dispatcher.decision.choice import redecide
from dispatcher.decision.facts import Policy, facts_from_json
from dispatcher.entities import Flight
from dispatcher.errors import NoEligibleDock
from dispatcher.events import DockRegistered, OptionsDecided
from geo.flight.position import LocalPlane
from tests.closeness import Moment, too_near_at
from tests.desks import QUAD, SITES, Scene

PLANE = LocalPlane(52.41, -1.51)
POLICY = Policy(watch_s=300, standoff_m=0.0)
"""All over one point: nothing but height keeps them apart."""


async def sent(scene: Scene, dock_id: str) -> Flight:
    """A flight from a dock to an incident of its own, all at one place."""
    return await scene.press(await scene.incident(), dock_id=dock_id, key=f"press-{dock_id}")


def track(order: FlightOrder, plate_m: float) -> list[Moment]:
    """There and back at ten metres a second."""
    ways = [*order.route_out, *order.route_home]
    home = PLANE.to_local(order.home.lat_deg, order.home.lon_deg)
    places = [(*home, plate_m), (*home, plate_m + ways[0].alt_above_home_m)]
    places += [(*PLANE.to_local(p.lat_deg, p.lon_deg), plate_m + p.alt_above_home_m) for p in ways]
    moments: list[Moment] = [(0.0, *places[0])]
    for place in places[1:]:
        way_m = sum((a - b) ** 2 for a, b in zip(place, moments[-1][1:], strict=True)) ** 0.5
        moments.append((moments[-1][0] + max(0.1, way_m / 10.0), *place))
    return moments


async def test_flights_of_different_incidents_at_one_place_fly_at_heights_of_their_own() -> None:
    scene = await Scene.open(policy=POLICY)
    flights = [await sent(scene, dock_id) for dock_id in SITES]
    heights = {
        scene.desk.state.docks[flight.dock_id].dock.alt_amsl_m + flight.order.route_out[-1].alt_above_home_m
        for flight in flights
    }
    assert len(heights) == len(SITES)
    assert min(abs(one - other) for one, other in combinations(heights, 2)) >= 20
    tracks = [track(each.order, scene.desk.state.docks[each.dock_id].dock.alt_amsl_m) for each in flights]
    for one, other in combinations(tracks, 2):
        for late_s in (0.0, 15.0, 60.0):
            assert too_near_at(one, [(moment[0] + late_s, *moment[1:]) for moment in other]) is None


async def test_the_option_that_is_shown_has_the_height_that_will_be_flown() -> None:
    scene = await Scene.open(policy=POLICY)
    first, second = list(SITES)[:2]
    await sent(scene, first)
    incident = await scene.incident()
    shown = await scene.desk.decide("controller-1", incident.id)
    option = next(each for each in shown.options if each["dock_id"] == second)
    flight = await sent(scene, second)
    assert option["eligible"]
    assert option["route"][-1]["alt_above_home_m"] == flight.order.route_out[-1].alt_above_home_m != 60.0


async def test_where_no_height_is_free_the_dock_is_not_eligible_and_the_flights_are_named() -> None:
    scene = await Scene.open(policy=POLICY)
    for view in list(scene.desk.state.docks.values()):
        limits = view.dock.limits.model_copy(update={"ceiling_above_home_m": 45.0})
        low = view.dock.model_copy(update={"limits": limits, "alt_amsl_m": 90.0})
        await scene.desk.record([DockRegistered(dock=low, aircraft_type=QUAD)])
        await scene.status(low.id)
    first, second = list(SITES)[:2]
    flight = await sent(scene, first)
    shown = await scene.desk.decide("controller-1", (await scene.incident()).id)
    option = next(each for each in shown.options if each["dock_id"] == second)
    (reason,) = option["reasons"]
    assert reason["code"] == "no_height_free"
    assert reason["text"] == f"no height is free on its way and over the scene beside {flight.callsign}"
    with pytest.raises(NoEligibleDock):
        await sent(scene, second)


async def test_a_recorded_decision_with_other_flights_is_derived_again_to_the_byte() -> None:
    scene = await Scene.open(policy=POLICY)
    await sent(scene, next(iter(SITES)))
    await scene.desk.decide("controller-1", (await scene.incident()).id)
    decided = [entry.event for entry in scene.log.records if isinstance(entry.event, OptionsDecided)][-1]
    assert [facts["beside"] for facts in decided.inputs["apart"]]
    again = redecide(facts_from_json(decided.inputs))
    assert again.options_json() == decided.options
