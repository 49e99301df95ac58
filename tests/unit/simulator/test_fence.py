"""The fence on board."""

from __future__ import annotations

import pytest

from simulator.fence import Fence, beyond_cylinder
from simulator.localframe import LocalFrame
from simulator.plan import Cmd, Plan, PlanItem

FRAME = LocalFrame(lat_deg=52.4, lon_deg=-1.51, alt_amsl_m=90)


def fence(*shapes: tuple[Cmd, float, list[tuple[float, float]]]) -> Fence:
    items = []
    for command, radius, points in shapes:
        for north, east in points:
            lat, lon = FRAME.to_global(north, east)
            items.append(
                PlanItem(
                    command=command,
                    frame=5,
                    params=(radius or len(points), 0, 0, 0),
                    x=round(lat * 1e7),
                    y=round(lon * 1e7),
                    z=0,
                )
            )
    return Fence(Plan(tuple(items)), FRAME)


L_SHAPE = [(0.0, 0.0), (200.0, 0.0), (200.0, 100.0), (100.0, 100.0), (100.0, 200.0), (0.0, 200.0)]


@pytest.mark.parametrize(
    ("point", "inside"),
    [((50, 50), True), ((150, 50), True), ((50, 150), True), ((150, 150), False), ((-5, 50), False)],
)
def test_a_polygon_with_a_notch_has_the_notch_outside(point: tuple[float, float], inside: bool) -> None:
    assert fence((Cmd.FENCE_INCLUSION, 0, L_SHAPE)).allows(*point) is inside


def test_no_fence_allows_everything() -> None:
    assert fence().allows(1e6, 1e6)


def test_an_exclusion_wins_over_an_inclusion() -> None:
    both = fence((Cmd.FENCE_INCLUSION, 0, L_SHAPE), (Cmd.FENCE_CIRCLE_EXCLUSION, 20, [(50, 50)]))
    assert not both.allows(60, 50)
    assert both.allows(80, 50)


def test_inside_either_of_two_inclusions_is_inside() -> None:
    two = fence((Cmd.FENCE_CIRCLE_INCLUSION, 50, [(0, 0)]), (Cmd.FENCE_CIRCLE_INCLUSION, 50, [(500, 0)]))
    assert two.allows(10, 10)
    assert two.allows(510, 10)
    assert not two.allows(250, 0)


def test_the_cylinder_is_off_at_zero() -> None:
    assert not beyond_cylinder(home_distance_m=1e5, height_m=1e4, max_distance_m=0, max_height_m=0)
    assert beyond_cylinder(home_distance_m=101, height_m=5, max_distance_m=100, max_height_m=0)
    assert beyond_cylinder(home_distance_m=1, height_m=121, max_distance_m=0, max_height_m=120)


def test_the_local_frame_goes_there_and_back() -> None:
    lat, lon = FRAME.to_global(4321.0, -1234.0)
    assert FRAME.to_local(lat, lon) == pytest.approx((4321.0, -1234.0), abs=1e-6)
