"""What goes on board: the order as raw items, in the shape that was flown on a real PX4."""

from __future__ import annotations

import math

import pytest

from contracts.fleet import AircraftType
from contracts.position import Waypoint
from dock_agent.mission import Item, mission_of, return_item
from dock_agent.tuning import link_loss_seconds, wanted_parameters
from geo.flight.position import bearing_deg, offset
from tests.unit.dock_agent.fakeaircraft import HOME
from tests.unit.dock_agent.fakes import QUAD, Bench


def test_the_whole_flight_is_on_board_in_order(bench: Bench) -> None:
    plan = mission_of(bench.order())
    assert [item.command for item in plan.items] == [
        Item.TAKEOFF,
        Item.CHANGE_SPEED,
        Item.ROI_NONE,
        Item.WAYPOINT,
        Item.ROI_LOCATION,
        Item.LOITER_TIME,
        Item.ROI_NONE,
        Item.LAND_START,
        Item.WAYPOINT,
        Item.LAND,
    ]
    assert plan.items[plan.watch_item].command == Item.LOITER_TIME
    assert plan.items[plan.watch_item].params[0] == 20.0
    assert plan.items[plan.land_item].command == Item.LAND
    assert plan.home_items == (8,)


def test_places_are_in_frame_6_and_commands_without_a_place_in_frame_2(bench: Bench) -> None:
    for item in mission_of(bench.order()).items:
        placed = item.command not in (Item.CHANGE_SPEED, Item.ROI_NONE, Item.LAND_START)
        assert item.frame == (6 if placed else 2)
        assert (item.x != 0) == placed


def test_the_first_leg_flies_at_the_ordered_speed(bench: Bench) -> None:
    plan = mission_of(bench.order(cruise_speed_m_s=12.0))
    speed = plan.items[1]
    assert (speed.command, speed.params[:2]) == (Item.CHANGE_SPEED, (1.0, 12.0))


def test_the_watch_faces_the_scene(bench: Bench) -> None:
    order = bench.order()
    plan = mission_of(order)
    watch = order.route_out[-1]
    wanted = bearing_deg(watch.lat_deg, watch.lon_deg, order.scene.lat_deg, order.scene.lon_deg)
    assert plan.items[plan.watch_item].params[3] == pytest.approx(wanted, abs=0.1)
    roi = next(item for item in plan.items if item.command == Item.ROI_LOCATION)
    assert (roi.x, roi.y) == (round(order.scene.lat_deg * 1e7), round(order.scene.lon_deg * 1e7))


def test_a_watch_right_over_the_scene_keeps_its_heading(bench: Bench) -> None:
    order = bench.order()
    over = order.model_copy(update={"scene": order.route_out[-1]})
    plan = mission_of(over)
    assert math.isnan(plan.items[plan.watch_item].params[3])


def test_the_fence_goes_up_as_one_inclusion_polygon(bench: Bench) -> None:
    order = bench.order()
    plan = mission_of(order)
    assert len(plan.fence) == len(order.fence)
    for item, place in zip(plan.fence, order.fence, strict=True):
        assert (item.command, item.frame, item.mission_type, item.params[0]) == (5001, 0, 1, float(len(order.fence)))
        assert item.x == round(place.lat_deg * 1e7)


def test_an_early_return_joins_the_way_home_at_its_nearest_stretch(bench: Bench) -> None:
    order = bench.order()
    watch, home = order.route_out[-1], order.route_home[-1]
    corner_lat, corner_lon = offset(*HOME, bearing_deg=135.0, distance_m=250.0)
    corner = Waypoint(lat_deg=corner_lat, lon_deg=corner_lon, alt_above_home_m=40.0)
    around = order.model_copy(update={"route_home": [corner, home]})
    plan = mission_of(around)
    assert return_item(around, plan, lat_deg=watch.lat_deg, lon_deg=watch.lon_deg) == plan.home_items[0]
    assert return_item(around, plan, lat_deg=HOME[0], lon_deg=HOME[1]) == plan.home_items[1]


@pytest.mark.parametrize("metres", [0.0, 100.0, 269.0])
def test_no_early_return_ever_jumps_onto_the_landing_marker(bench: Bench, metres: float) -> None:
    order = bench.order()
    plan = mission_of(order)
    lat, lon = offset(*HOME, bearing_deg=45.0, distance_m=metres)
    item = return_item(order, plan, lat_deg=lat, lon_deg=lon)
    assert plan.items[item].command == Item.WAYPOINT
    assert item > plan.watch_item


def test_the_parameters_make_the_aircraft_what_its_type_says() -> None:
    fast: AircraftType = QUAD.model_copy(update={"cruise_m_s": 18.0, "climb_m_s": 5.0, "descent_m_s": 2.5})
    wanted = {one.name: one for one in wanted_parameters(fast)}
    assert wanted["MPC_XY_CRUISE"].value == 18.0
    assert not wanted["MPC_XY_VEL_MAX"].suits(12.0)
    assert wanted["MPC_XY_VEL_MAX"].suits(20.0)
    assert not wanted["MPC_Z_V_AUTO_UP"].suits(3.0)
    assert (wanted["RTL_TYPE"].value, wanted["NAV_DLL_ACT"].value, wanted["GF_ACTION"].value) == (2, 2, 2)
    names = list(wanted)
    assert names.index("MPC_XY_VEL_MAX") < names.index("MPC_XY_CRUISE")


def test_the_link_loss_time_is_scaled_as_px4_scales_it_in_a_fast_simulation() -> None:
    assert link_loss_seconds(10.0, factor=1.0) == 10
    assert link_loss_seconds(10.0, factor=10.0) == 100
    assert link_loss_seconds(120.0, factor=20.0) == 300
