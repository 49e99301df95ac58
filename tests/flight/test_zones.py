"""A flight around a zone, MAVSDK in the loop: planned as the decision plans it, flown by the simulator, judged apart.

The judge shares nothing with the routing: it asks of every position that came over the wire whether it lies in the zone
as it was drawn, in longitude and latitude.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from shapely.geometry import Point

from contracts.vocabulary import Phase
from dispatcher.decision.choice import plan_flight
from geo.flight.position import LocalPlane, offset
from tests.flight.rig import HOME, WHOLE, Rig
from tests.unit.decision.scene import DOCK, INCIDENT, POLICY
from tests.unit.decision.zones import airspace, box_zone, world

BEARING_DEG = 40.0
ZONE = box_zone("school", bearing_deg=BEARING_DEG, distance_m=220.0, half_m=50.0, home=HOME)
SCENE = offset(*HOME, bearing_deg=BEARING_DEG, distance_m=440.0)


async def test_no_position_of_a_flight_around_a_zone_lies_in_it(tmp_path: Path) -> None:
    dock = replace(DOCK, lat_deg=HOME[0], lon_deg=HOME[1])
    incident = replace(INCIDENT, lat_deg=SCENE[0], lon_deg=SCENE[1], radius_m=0.0)
    policy = replace(POLICY, transit_alt_m=40.0, scene_alt_m=40.0)
    made = world(airspace(ZONE), dock, policy=policy)
    plan = plan_flight(incident=incident, dock=dock, policy=policy, world=made).plan
    assert len(plan.route_out) > 1
    rig = Rig(folder=tmp_path, speed=10.0)
    async with rig.running() as desk:
        await desk.ready()
        await desk.order(plan=plan, watch_s=10.0)
        await desk.phase(Phase.ON_SCENE, within_s=60.0)
        await desk.phase(Phase.DOCKED, within_s=90.0)
        assert desk.phases() == WHOLE
    flown = rig.wire.flown
    assert len(flown) > 100
    inside = [each for each in flown if ZONE.volumes[0].area.covers(Point(each.lon_deg, each.lat_deg))]
    assert inside == []
    # It was there, and went round: the furthest position is at the scene, and some are well beside the straight line.
    plane = LocalPlane(*HOME)
    places = [plane.to_local(each.lat_deg, each.lon_deg) for each in flown]
    scene = plane.to_local(*SCENE)
    along = [(e * scene[0] + n * scene[1]) / 440.0 for e, n in places]
    aside = [abs(e * scene[1] - n * scene[0]) / 440.0 for e, n in places]
    assert max(along) > 380.0
    assert max(aside) > 50.0
