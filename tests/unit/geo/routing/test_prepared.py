"""What is kept out of is never less than the zone and its margin, and not much more."""

from __future__ import annotations

import math

import numpy as np
import pytest
from shapely.geometry import Polygon

from geo.flight.position import LocalPlane
from geo.routing.prepared import MANY_CORNERS, Prepared, keep_out, slack_m
from geo.routing.terrain import Heights
from tests.unit.geo.aircraft import HOME
from tests.unit.geo.routing.worlds import box_zone, polygon_of, random_zones

PLANE = LocalPlane(*HOME)
HEIGHTS = Heights(levels_m=(60.0,), watch_m=60.0)


@pytest.mark.parametrize("margin_m", [1.0, 20.0, 50.0])
def test_a_keep_out_holds_the_margin_and_little_more(margin_m: float) -> None:
    zones = random_zones(np.random.default_rng(1), PLANE, count=60, size_m=8000, largest_m=400, with_heights=False)
    for obstacle in zones:
        zone = polygon_of(PLANE, obstacle)
        area = keep_out(zone, margin_m).area
        assert area.buffer(0.001).contains(zone.buffer(margin_m))
        assert zone.buffer(1.6 * margin_m + 1.5 * slack_m(margin_m)).contains(area)


def test_a_zone_of_very_many_corners_gets_few_and_keeps_its_margin() -> None:
    turns = np.linspace(0, 2 * math.pi, 20_000, endpoint=False)
    radii = 2000 + 8 * np.sin(turns * 900)
    zone = Polygon(np.column_stack((radii * np.cos(turns), radii * np.sin(turns))))
    kept = keep_out(zone, 20.0)
    assert len(kept.corners) <= 2 * MANY_CORNERS
    assert kept.area.contains(zone.buffer(20.0))
    assert zone.buffer(80.0).contains(kept.area)


def test_walls_have_the_area_to_their_left_and_corners_stand_just_outside() -> None:
    kept = keep_out(Polygon([(0, 0), (0, 100), (100, 100), (100, 0)], [[(30, 30), (70, 30), (70, 70), (30, 70)]]), 5.0)
    for ax, ay, bx, by in kept.walls:
        length = math.dist((ax, ay), (bx, by))
        left = Polygon(
            [(ax, ay), (bx, by), ((ax + bx) / 2 - (by - ay) / length * 0.5, (ay + by) / 2 + (bx - ax) / length * 0.5)]
        )
        assert kept.area.buffer(1e-6).contains(left)
    assert len(kept.corners) >= 4
    assert all(0 < kept.area.distance(Polygon([c[:2], c[:2], c[:2]]).centroid) < 0.2 for c in kept.corners)


def test_which_zones_a_height_meets_includes_the_vertical_margin() -> None:
    zones = [
        box_zone(PLANE, 0, 0, 10, 10, lower_m=64.0),
        box_zone(PLANE, 0, 0, 10, 10, lower_m=66.0),
        box_zone(PLANE, 0, 0, 10, 10, upper_m=56.0),
        box_zone(PLANE, 0, 0, 10, 10, upper_m=54.0),
    ]
    prepared = Prepared(zones, around=HOME, margin_m=5.0)
    assert prepared.met_at(HEIGHTS, 60.0).tolist() == [True, False, True, False]
    assert prepared.met_between(HEIGHTS, 0.0, 60.0).tolist() == [True, False, True, True]
