"""Plans going up, coming back and being cleared, with all that goes wrong on the way."""

from __future__ import annotations

import math

import pytest
from pymavlink.dialects.v20 import development as mav

from simulator.plan import Cmd
from tests.unit.simulator.ground import Ground, Item, square_fence, way_home_mission


def test_a_mission_comes_back_as_it_went_up() -> None:
    ground = Ground()
    items = way_home_mission()
    assert ground.upload(items) == 0
    back = ground.download()
    assert [(m.command, m.frame, m.z) for m in back] == [(i.command, i.frame, i.up_m) for i in items]
    assert [m.current for m in back] == [1] + [0] * 9
    assert math.isnan(back[2].param4)
    assert back[4].param4 == 0.0  # a loiter's missing heading comes back as 0, as recorded


@pytest.mark.parametrize(("plan_type", "sent", "kept"), [(0, 3, 6), (1, 0, 5), (2, 3, 6)])
def test_frames_come_back_as_px4_keeps_them(plan_type: int, sent: int, kept: int) -> None:
    ground = Ground()
    command = {0: Cmd.WAYPOINT, 1: Cmd.FENCE_CIRCLE_INCLUSION, 2: Cmd.RALLY_POINT}[plan_type]
    assert ground.upload([Item(command, 10, 10, 20, params=(50, 0, 0, 0), frame=sent)], plan_type) == 0
    assert [m.frame for m in ground.download(plan_type)] == [kept]


def test_the_three_plans_do_not_disturb_one_another() -> None:
    ground = Ground()
    ground.upload(square_fence(500), 1)
    ground.upload(way_home_mission())
    assert (len(ground.download(0)), len(ground.download(1)), len(ground.download(2))) == (10, 4, 0)
    ground.send(mav.MAVLink_mission_clear_all_message(7, 1, 1))
    assert (len(ground.download(0)), len(ground.download(1))) == (10, 0)


def test_an_unsupported_command_ends_the_upload_with_its_type_and_keeps_the_old_plan() -> None:
    ground = Ground()
    ground.upload(way_home_mission())
    assert ground.upload([Item(Cmd.WAYPOINT, 10, 0, 20), Item(31_999)]) == 3
    assert len(ground.download()) == 10


def test_an_upload_that_dies_keeps_the_old_plan_and_is_asked_for_until_then() -> None:
    ground = Ground()
    ground.upload(way_home_mission())
    ground.send(mav.MAVLink_mission_count_message(7, 1, 3, 0))
    ground.heard.clear()
    ground.run(4.0)
    requests = [m for m in ground.heard if m.get_type() == "MISSION_REQUEST_INT"]
    assert len(requests) >= 5
    assert {m.seq for m in requests} == {0}
    ground.run(3.0)
    assert ground.last("MISSION_ACK").type == 15
    assert len(ground.download()) == 10


def _item(seq: int) -> mav.MAVLink_message:
    return mav.MAVLink_mission_item_int_message(7, 1, seq, 6, 16, 0, 1, 0, 0, 0, 0, 1, 1, 30, 0)


def test_an_item_out_of_order_is_ignored_and_the_one_wanted_asked_for_in_time() -> None:
    ground = Ground()
    ground.send(mav.MAVLink_mission_count_message(7, 1, 3, 0))
    assert ground.send(_item(2)) == []
    before = len(ground.heard)
    ground.run(1.0)
    asked = [m.seq for m in ground.heard[before:] if m.get_type() == "MISSION_REQUEST_INT"]
    assert asked
    assert set(asked) == {0}


def test_an_item_sent_twice_does_not_make_each_later_one_be_asked_for_twice() -> None:
    ground = Ground()
    ground.send(mav.MAVLink_mission_count_message(7, 1, 3, 0))
    asked = [m.seq for seq in (0, 1) for _ in range(2) for m in ground.send(_item(seq))]
    assert asked == [1, 2]


def test_the_last_item_again_is_accepted_again() -> None:
    ground = Ground()
    ground.send(mav.MAVLink_mission_count_message(7, 1, 2, 0))
    ground.send(_item(0))
    answers = [ground.send(_item(1)) for _ in range(2)]
    assert [[(m.get_type(), m.type) for m in answer] for answer in answers] == [[("MISSION_ACK", 0)]] * 2


def test_a_client_that_cancels_leaves_the_old_plan() -> None:
    ground = Ground()
    ground.upload(way_home_mission())
    ground.send(mav.MAVLink_mission_count_message(7, 1, 3, 0))
    ground.send(mav.MAVLink_mission_ack_message(7, 1, 15, 0))
    ground.heard.clear()
    ground.run(2.0)
    assert not [m for m in ground.heard if m.get_type() == "MISSION_REQUEST_INT"]
    assert len(ground.download()) == 10


def test_too_many_items_are_refused_before_any_is_sent() -> None:
    (answer,) = Ground().send(mav.MAVLink_mission_count_message(7, 1, 60_000, 0))
    assert (answer.get_type(), answer.type) == ("MISSION_ACK", 4)


def test_asking_for_an_item_that_there_is_not_is_refused() -> None:
    (answer,) = Ground().send(mav.MAVLink_mission_request_int_message(7, 1, 4, 0))
    assert (answer.get_type(), answer.type) == ("MISSION_ACK", 13)
