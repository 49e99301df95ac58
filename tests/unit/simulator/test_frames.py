"""Frames packed by hand against pymavlink's own packing."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mav

from simulator.frames import Packer, Parser
from simulator.hotmessages import HOT_MESSAGES
from tests.unit.simulator.ground import Ground, way_home_mission


@pytest.mark.parametrize("message_id", sorted(HOT_MESSAGES))
def test_a_frame_packed_by_hand_is_byte_for_byte_what_pymavlink_packs(message_id: int) -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission())
    ground.run(30)
    hot = HOT_MESSAGES[message_id]
    by_hand = Packer(system_id=7, component_id=1).hot(message_id, hot.crc_extra, hot.payload(ground.vehicle, 40.0))
    (message,) = Parser().messages(by_hand)
    assert message.get_msgId() == message_id
    assert message.pack(mav.MAVLink(None, srcSystem=7, srcComponent=1)) == by_hand


def test_every_other_frame_is_byte_for_byte_what_pymavlink_makes_of_the_message() -> None:
    ground = Ground(full_rates=True)
    ground.take_off_on_mission(way_home_mission())
    ground.run(5)
    library, packer = mav.MAVLink(None, srcSystem=7, srcComponent=1), Packer(system_id=7, component_id=1)
    messages = {each.get_msgId(): each for each in ground.heard if not each.get_type().startswith("UNKNOWN_")}
    assert len(messages) > 25
    for sequence, message in enumerate(messages.values()):
        library.seq = sequence
        assert packer.pack(message) == message.pack(library), message.get_type()


def test_trailing_zeros_are_cut_and_the_sequence_wraps() -> None:
    packer = Packer(system_id=7, component_id=1)
    frames = [packer.hot(33, 104, bytes(28)) for _ in range(257)]
    assert frames[0][1] == 1
    assert (frames[0][4], frames[255][4], frames[256][4]) == (0, 255, 0)
    assert Parser().messages(frames[256])[0].lat == 0


def test_noise_between_frames_is_skipped() -> None:
    packer = Packer(system_id=245, component_id=190)
    ping = packer.pack(mav.MAVLink_ping_message(1, 2, 0, 0))
    parser = Parser()
    kinds = [m.get_type() for datagram in (b"\x00garbage", ping, b"\xfd\x00") for m in parser.messages(datagram)]
    assert kinds == ["PING"]
