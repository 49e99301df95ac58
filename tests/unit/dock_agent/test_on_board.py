"""What is read back from on board: the same but for a real autopilot's noise, different for anything that counts."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dock_agent.mission import Item, OnBoard, RawItem, mission_of, same_items, same_on_board
from tests.unit.dock_agent.fakes import Bench

TRACES = Path(__file__).resolve().parents[4] / "shared" / "px4-trace"


def _item(message: dict[str, Any]) -> RawItem:
    params = [float(message[f"param{number}"]) for number in range(1, 5)]
    return RawItem(
        command=message["command"],
        frame=message["frame"],
        params=(params[0], params[1], params[2], params[3]),
        x=message["x"],
        y=message["y"],
        z=float(message["z"]),
        mission_type=message["mission_type"],
    )


@pytest.mark.parametrize("name", ["whole-flight", "way-home"])
def test_what_a_real_px4_hands_back_is_what_went_up(name: str) -> None:
    path = TRACES / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip("the recordings of a real PX4 are not beside this checkout (../shared/px4-trace)")
    there: dict[int, list[RawItem]] = {}
    back: dict[int, list[RawItem]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for message in map(json.loads, lines):
            if message.get("m") != "MISSION_ITEM_INT":
                continue
            plans = back if message["dir"] == "px4" else there
            items = plans.setdefault(message["mission_type"], [])
            if message["seq"] == 0:
                items.clear()
            items.append(_item(message))
    assert back
    for mission_type, items in back.items():
        assert same_items(tuple(there[mission_type]), tuple(items))


def test_the_noise_of_the_way_there_and_back_is_no_difference(bench: Bench) -> None:
    plan = mission_of(bench.order())
    noisy = tuple(replace(item, x=item.x + 1, y=item.y - 1, z=item.z + 0.001, frame=3) for item in plan.items)
    fence = tuple(replace(item, frame=5, z=math.nan) for item in plan.fence)
    assert same_on_board(plan, OnBoard(items=noisy, fence=fence))


@pytest.mark.parametrize("command", [Item.TAKEOFF, Item.WAYPOINT, Item.LOITER_TIME, Item.LAND, Item.ROI_LOCATION])
@pytest.mark.parametrize("change", [{"x": 1000}, {"y": -1000}, {"z": 2.0}])
def test_a_place_that_moved_is_a_difference(bench: Bench, command: Item, change: dict[str, float]) -> None:
    plan = mission_of(bench.order())
    number = next(number for number, item in enumerate(plan.items) if item.command == command)
    moved = list(plan.items)
    moved[number] = replace(moved[number], **{key: getattr(moved[number], key) + by for key, by in change.items()})
    assert not same_on_board(plan, OnBoard(items=tuple(moved), fence=plan.fence))


def test_another_speed_watch_count_order_or_fence_is_a_difference(bench: Bench) -> None:
    order = bench.order()
    plan = mission_of(order)
    for other in (
        mission_of(order.model_copy(update={"cruise_speed_m_s": 9.0})),
        mission_of(order.model_copy(update={"watch_s": 21.0})),
        mission_of(order, airborne=True),
        mission_of(order, watches=False),
        mission_of(order.model_copy(update={"fence": order.fence[1:]})),
    ):
        assert not same_on_board(plan, OnBoard(items=other.items, fence=other.fence))
    assert not same_on_board(plan, OnBoard(items=plan.items[:-1], fence=plan.fence))
    assert not same_on_board(plan, OnBoard(items=plan.items, fence=()))
    assert not same_on_board(plan, OnBoard(items=tuple(reversed(plan.items)), fence=plan.fence))
