"""A flight in the air that is sent elsewhere goes around zones, there and home, inside a fence that leaves them out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from shapely.geometry import LineString, Polygon

from contracts.position import Waypoint
from contracts.vocabulary import Phase
from dispatcher.decision.facts import Policy
from dispatcher.decision.world import NOWHERE, World, world_key
from dispatcher.detours import Surroundings
from dispatcher.errors import Invalid
from dispatcher.rerouting import lay_divert, lay_retask
from geo.airspace.zone import Zone
from geo.flight.wind import Wind
from tests.unit.decision.scene import NOW
from tests.unit.decision.zones import airspace, box_zone
from tests.unit.dispatcher.test_rerouting import BASE, HERE, OTHER, at_new_scene, fence_of, flight_in
from tests.unit.geo.aircraft import HOME, PATROL

POLICY = Policy()
PLATE_M = BASE.alt_amsl_m
TO_SCENE = box_zone("school", bearing_deg=100, distance_m=1250, half_m=150)
"""Between the old scene and the new one."""
TO_HOME = box_zone("hospital", bearing_deg=150, distance_m=700, half_m=150)
"""Between the new scene and home."""
TO_OTHER = box_zone("prison", bearing_deg=38, distance_m=900, half_m=150)
"""Between the old scene and the other dock."""


def around(*zones: Zone, ready: bool = True) -> Surroundings:
    loaded = airspace(*zones)
    key = world_key(loaded, sites=(HOME,), policy=POLICY, mission_time=NOW)
    world = World(loaded, key, ready=ready)
    return Surroundings(world=world, plate_amsl_m=PLATE_M, performance=PATROL, wind=Wind(speed_m_s=5.0, from_deg=220.0))


def crosses(zone: Zone, points: Sequence[Waypoint]) -> bool:
    line = LineString([(point.lon_deg, point.lat_deg) for point in points])
    return any(volume.area.intersects(line) for volume in zone.volumes)


def test_a_retask_goes_around_the_zones_on_its_way_there_and_on_its_way_home() -> None:
    flight = flight_in(Phase.ON_SCENE)
    straight = lay_retask(flight=flight, present=HERE, scene=at_new_scene(), policy=POLICY, watch_s=240)
    assert crosses(TO_SCENE, [HERE, *straight.route_out])
    assert crosses(TO_HOME, [straight.route_out[-1], *straight.route_home])
    retask = lay_retask(
        flight=flight,
        present=HERE,
        scene=at_new_scene(),
        policy=POLICY,
        watch_s=240,
        around=around(TO_SCENE, TO_HOME),
    )
    way = [HERE, *retask.route_out, *retask.route_home]
    for zone in (TO_SCENE, TO_HOME):
        assert not crosses(zone, way)
        fenced = Polygon([(place.lon_deg, place.lat_deg) for place in retask.fence])
        assert not any(fenced.intersects(volume.area) for volume in zone.volumes)
    fence = fence_of(retask.fence)
    assert fence.contains_path([(point.lat_deg, point.lon_deg) for point in way])
    assert fence.contains_path([(point.lat_deg, point.lon_deg) for point in flight.order.route_home])
    assert len(retask.fence) <= 60
    assert (retask.route_out[0].lat_deg, retask.route_out[0].lon_deg) == (
        round(HERE.lat_deg, 7),
        round(HERE.lon_deg, 7),
    )


def test_a_retask_with_no_zone_in_its_way_is_straight_but_its_fence_leaves_out_those_beside_it() -> None:
    flight = flight_in(Phase.ON_SCENE)
    far = box_zone("far", bearing_deg=330, distance_m=4000)
    retask = lay_retask(
        flight=flight, present=HERE, scene=at_new_scene(), policy=POLICY, watch_s=240, around=around(far)
    )
    plain = lay_retask(flight=flight, present=HERE, scene=at_new_scene(), policy=POLICY, watch_s=240)
    assert retask.route_out == plain.route_out
    assert retask.route_home == plain.route_home


def test_a_retask_that_zones_leave_no_way_to_says_which() -> None:
    shut_in = box_zone("airport", bearing_deg=150, distance_m=1500, half_m=500)
    with pytest.raises(Invalid, match="airport"):
        lay_retask(
            flight=flight_in(Phase.ON_SCENE),
            present=HERE,
            scene=at_new_scene(),
            policy=POLICY,
            watch_s=240,
            around=around(shut_in),
        )


def test_a_divert_goes_around_the_zone_between_here_and_the_other_dock() -> None:
    flight = flight_in(Phase.RETURNING)
    straight = lay_divert(flight=flight, present=HERE, dock=OTHER, home=BASE, policy=POLICY)
    assert crosses(TO_OTHER, [HERE, *straight.route_out, *straight.route_home])
    divert = lay_divert(flight=flight, present=HERE, dock=OTHER, home=BASE, policy=POLICY, around=around(TO_OTHER))
    way = [HERE, *divert.route_out, *divert.route_home]
    assert not crosses(TO_OTHER, way)
    assert divert.route_home[-1] == straight.route_home[-1]
    assert fence_of(divert.fence).contains_path([(point.lat_deg, point.lon_deg) for point in way])


def test_while_zones_are_made_ready_nobody_is_sent_where_one_may_be() -> None:
    with pytest.raises(Invalid, match="made ready"):
        lay_divert(
            flight=flight_in(Phase.RETURNING),
            present=HERE,
            dock=OTHER,
            home=BASE,
            policy=POLICY,
            around=around(TO_OTHER, ready=False),
        )


def test_a_world_of_nothing_is_plain() -> None:
    assert World(airspace(), NOWHERE).plain
