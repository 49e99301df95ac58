"""The decision among zones: around them, under them, outside them, or the reason why not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
import rfc8785
from shapely.geometry import Point

from dispatcher.decision.choice import plan_flight, redecide
from dispatcher.decision.errors import InvalidFactError, NotFlyableError
from dispatcher.decision.facts import DockFacts, SceneInZone, facts_from_json
from dispatcher.decision.option import Decision, Option
from dispatcher.decision.reason import RiskCode
from geo.airspace.period import Period
from geo.airspace.zone import Datum, Limit, Restriction, Zone
from geo.flight.plan import FlightPlan
from geo.flight.position import LatLon, LocalPlane, distance_m, offset
from tests.unit.decision.scene import DOCK, INCIDENT, NOW, POLICY, codes, decided, dock_at
from tests.unit.decision.zones import airspace, box_zone, decided_in, hill, world
from tests.unit.geo.aircraft import HOME

BETWEEN = box_zone("hospital", bearing_deg=40, distance_m=1200)
"""On the straight way from the good dock to the good scene."""
OVER_SCENE = box_zone("stadium", bearing_deg=40, distance_m=2500, half_m=60)


def only(decision: Decision) -> Option:
    (option,) = decision.options
    return option


def enters(zone: Zone, path: list[LatLon], *, samples: int = 400) -> bool:
    """Whether any of many points along a path on the ground lies in a zone."""

    for (a_lat, a_lon), (b_lat, b_lon) in pairwise(path):
        for step in range(samples + 1):
            share = step / samples
            place = Point(a_lon + share * (b_lon - a_lon), a_lat + share * (b_lat - a_lat))
            if any(volume.area.covers(place) for volume in zone.volumes):
                return True
    return False


def path_of(plan: FlightPlan) -> list[LatLon]:
    return [plan.home, *(point.position for point in (*plan.route_out, *plan.route_home))]


def test_without_zones_nothing_has_changed() -> None:
    assert decided_in(airspace(), DOCK).options == decided(DOCK).options


def test_a_zone_between_dock_and_scene_is_flown_around_and_takes_its_time() -> None:
    straight, bent = only(decided(DOCK)), only(decided_in(airspace(BETWEEN), DOCK))
    assert bent.eligible
    assert bent.route is not None
    assert len(bent.route) > 1
    assert straight.time_to_scene_s is not None
    assert bent.time_to_scene_s is not None
    assert 0 < bent.time_to_scene_s - straight.time_to_scene_s < 60
    assert bent.battery_on_return_percent is not None
    assert straight.battery_on_return_percent is not None
    assert bent.battery_on_return_percent < straight.battery_on_return_percent


def test_the_plan_of_a_bent_way_keeps_out_of_the_zone_there_and_back_and_so_does_its_fence() -> None:
    made = world(airspace(BETWEEN), DOCK)
    planned = plan_flight(incident=INCIDENT, dock=DOCK, policy=POLICY, world=made)
    assert not enters(BETWEEN, path_of(planned.plan))
    assert planned.plan.fence.contains_path(path_of(planned.plan))
    middle = BETWEEN.volumes[0].area.centroid
    assert not planned.plan.fence.contains(middle.y, middle.x)
    assert planned.plan.fence.contains(*planned.plan.scene)
    straight = plan_flight(incident=INCIDENT, dock=DOCK, policy=POLICY)
    assert enters(BETWEEN, path_of(straight.plan))


def test_what_the_option_says_is_what_the_plan_takes() -> None:
    loaded = airspace(BETWEEN)
    option = only(decided_in(loaded, DOCK))
    planned = plan_flight(incident=INCIDENT, dock=DOCK, policy=POLICY, world=world(loaded, DOCK))
    assert option.time_to_scene_s == pytest.approx(
        option.time_to_airborne_s + planned.estimate.time_to_scene_s, abs=0.06
    )
    assert option.battery_on_return_percent == pytest.approx(planned.estimate.battery_on_return_percent, abs=0.11)
    assert option.route is not None
    assert [(point.lat_deg, point.lon_deg) for point in option.route] == [
        point.position for point in planned.plan.route_out
    ]


def test_a_dock_on_the_clear_side_goes_before_one_that_must_go_round() -> None:
    near = replace(DOCK, dock_id="dock-near")
    wall = box_zone("wall", bearing_deg=40, distance_m=1250, half_m=900)
    beyond = dock_at("dock-beyond", bearing_deg=40, distance_m=5300)
    assert decided(near, beyond).best_dock_id == "dock-near"
    assert decided_in(airspace(wall), near, beyond).best_dock_id == "dock-beyond"


def test_a_dock_that_is_shut_in_says_which_zone_is_in_the_way() -> None:
    option = only(decided_in(airspace(box_zone("airport", bearing_deg=0, distance_m=0, half_m=900)), DOCK))
    assert codes(option) == ["no_way"]
    assert "airport" in option.reasons[0].text
    assert option.time_to_scene_s is None
    with pytest.raises(NotFlyableError, match="airport"):
        plan_flight(
            incident=INCIDENT,
            dock=DOCK,
            policy=POLICY,
            world=world(airspace(box_zone("airport", bearing_deg=0, distance_m=0, half_m=900)), DOCK),
        )


def test_every_reason_is_told_beside_the_zone_in_the_way() -> None:
    shut_in = airspace(box_zone("airport", bearing_deg=0, distance_m=0, half_m=900))
    option = only(decided_in(shut_in, replace(DOCK, charge_percent=41.0, max_range_m=2000.0)))
    assert codes(option) == ["charge_too_low", "no_way", "out_of_range"]


def test_a_scene_inside_a_zone_is_watched_from_the_nearest_place_outside_and_says_so() -> None:
    loaded = airspace(OVER_SCENE)
    option = only(decided_in(loaded, DOCK))
    assert option.eligible
    assert [risk.code for risk in option.risks] == [RiskCode.WATCHED_FROM_OUTSIDE]
    assert "stadium" in option.risks[0].text
    assert option.route is not None
    watch = (option.route[-1].lat_deg, option.route[-1].lon_deg)
    away_m = distance_m(*watch, INCIDENT.lat_deg, INCIDENT.lon_deg)
    # The square's sides are 60 m away and the margin is 30 m.
    assert 90.0 <= away_m < 95.0
    planned = plan_flight(incident=INCIDENT, dock=DOCK, policy=POLICY, world=world(loaded, DOCK))
    assert not enters(OVER_SCENE, path_of(planned.plan))


def test_a_scene_too_deep_in_a_zone_is_not_watched() -> None:
    deep = box_zone("stadium", bearing_deg=40, distance_m=2500, half_m=400)
    option = only(decided_in(airspace(deep), DOCK))
    assert codes(option) == ["scene_in_zone"]
    assert "within 200 m" in option.reasons[0].text


def test_the_policy_may_refuse_a_scene_inside_a_zone() -> None:
    policy = replace(POLICY, scene_in_zone=SceneInZone.REFUSE)
    option = only(decided_in(airspace(OVER_SCENE), DOCK, policy=policy))
    assert codes(option) == ["scene_in_zone"]
    assert "stadium" in option.reasons[0].text


def test_a_zone_above_or_below_the_flight_is_passed_and_told() -> None:
    above = box_zone("approach", bearing_deg=40, distance_m=1200, lower=Limit(value_m=82 + 90, datum=Datum.AMSL))
    option = only(decided_in(airspace(above), DOCK))
    assert option.route is not None
    assert len(option.route) == 1
    assert option.time_to_scene_s == only(decided(DOCK)).time_to_scene_s


def test_docks_of_different_heights_meet_a_limit_above_sea_level_each_for_itself() -> None:
    above = box_zone("approach", bearing_deg=40, distance_m=1200, lower=Limit(value_m=82 + 90, datum=Datum.AMSL))
    low, high = replace(DOCK, dock_id="low"), replace(DOCK, dock_id="high", alt_amsl_m=112.0)
    decision = decided_in(airspace(above), low, high)
    routes = {option.dock_id: option.route or () for option in decision.options}
    assert len(routes["low"]) == 1
    assert len(routes["high"]) > 1


@pytest.mark.parametrize(
    ("restriction", "keep_out", "bends"),
    [
        (Restriction.PROHIBITED, (), True),
        (Restriction.REQ_AUTHORISATION, POLICY.keep_out, True),
        (Restriction.REQ_AUTHORISATION, (), False),
        (Restriction.USPACE, POLICY.keep_out, False),
        (Restriction.NO_RESTRICTION, POLICY.keep_out, False),
    ],
)
def test_the_policy_says_which_restrictions_are_flown_around(
    restriction: Restriction, keep_out: tuple[Restriction, ...], bends: bool
) -> None:
    zone = box_zone("zone", bearing_deg=40, distance_m=1200, restriction=restriction)
    option = only(decided_in(airspace(zone), DOCK, policy=replace(POLICY, keep_out=keep_out)))
    assert option.route is not None
    assert (len(option.route) > 1) is bends


@pytest.mark.parametrize(("starts_in_s", "bends"), [(-600, True), (1800, True), (3 * 3600, False)])
def test_a_zone_counts_from_the_moment_that_a_flight_could_meet_it(starts_in_s: float, bends: bool) -> None:
    period = Period(start=NOW + timedelta(seconds=starts_in_s))
    zone = box_zone("event", bearing_deg=40, distance_m=1200, periods=[period])
    option = only(decided_in(airspace(zone), DOCK))
    assert option.route is not None
    assert (len(option.route) > 1) is bends


def test_over_a_hill_the_way_rises_and_under_a_low_ceiling_the_dock_says_why_it_cannot_go() -> None:

    ground = hill(offset(*HOME, bearing_deg=40, distance_m=1200), height_m=75.0)
    option = only(decided_in(airspace(ground=ground), DOCK))
    assert option.route is not None
    assert max(point.alt_above_home_m for point in option.route) >= 75 + POLICY.clearance_m - 8
    low: DockFacts = replace(DOCK, performance=replace(DOCK.performance, ceiling_agl_m=80.0))
    refused = only(decided_in(airspace(ground=ground), low))
    assert codes(refused) == ["above_ceiling"]
    assert refused.reasons[0].limit == 80.0


def test_while_zones_are_made_ready_only_ways_far_from_all_of_them_are_flown() -> None:
    beside = dock_at("dock-2", bearing_deg=130, distance_m=2500)
    decision = decided_in(airspace(BETWEEN), DOCK, beside, ready=False)
    blocked = decision.option("dock-1")
    assert codes(blocked) == ["no_way"]
    assert "hospital" in blocked.reasons[0].text
    assert decision.best_dock_id == "dock-2"
    assert decision.inputs.airspace is not None
    assert not decision.inputs.airspace.ready


@pytest.mark.parametrize("ready", [True, False])
def test_a_decision_among_zones_is_derived_again_to_the_same_bytes(ready: bool) -> None:
    loaded = airspace(BETWEEN, OVER_SCENE)
    decision = decided_in(loaded, DOCK, dock_at("dock-2", bearing_deg=300, distance_m=900), ready=ready)
    record = rfc8785.dumps(decision.to_json())
    again = redecide(facts_from_json(json.loads(record)["inputs"]), airspace=loaded)
    assert rfc8785.dumps(again.to_json()) == record
    assert Decision.from_json(json.loads(record)) == decision


def test_a_decision_is_not_derived_again_among_other_zones() -> None:
    decision = decided_in(airspace(BETWEEN), DOCK)
    with pytest.raises(InvalidFactError, match="airspace"):
        redecide(decision.inputs, airspace=airspace(OVER_SCENE))
    with pytest.raises(InvalidFactError, match="airspace"):
        redecide(decision.inputs)


def test_wind_grows_with_height_in_what_is_promised() -> None:
    still, grown = only(decided(DOCK, policy=replace(POLICY, wind_shear=0.0))), only(decided(DOCK))
    assert still.energy_wh is not None
    assert grown.energy_wh is not None
    assert grown.energy_wh != still.energy_wh


def test_the_world_is_one_for_docks_near_one_another_and_another_beyond() -> None:
    plane = LocalPlane(*HOME)
    far = plane.to_position(60_000.0, 0.0)
    other = replace(DOCK, dock_id="dock-far", lat_deg=far[0], lon_deg=far[1])
    made = world(airspace(BETWEEN), DOCK, other)
    here, there = made.seen_from(HOME, 82.0), made.seen_from(far, 82.0)
    assert here is not None
    assert there is not None
    assert here.frame != there.frame
    assert made.seen_from(plane.to_position(10_000.0, 0.0), 82.0) is here
