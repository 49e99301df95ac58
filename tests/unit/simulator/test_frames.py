"""Frames packed by hand against pymavlink's own packing."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mav

from simulator.frames import Packer, Parser, checksum
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
    assert Packer(system_id=7, component_id=1).pack(message) == by_hand


def test_trailing_zeros_are_cut_and_the_sequence_wraps() -> None:
    packer = Packer(system_id=7, component_id=1)
    frames = [packer.hot(33, 104, bytes(28)) for _ in range(257)]
    assert frames[0][1] == 1
    assert (frames[0][4], frames[255][4], frames[256][4]) == (0, 255, 0)
    assert Parser().messages(frames[256])[0].lat == 0


def test_the_checksum_is_that_of_the_standard_test_word() -> None:
    assert checksum(b"123456789") == 0x6F91  # CRC-16/MCRF4XX, check value of the CRC catalogue


def test_noise_between_frames_is_skipped() -> None:
    packer = Packer(system_id=245, component_id=190)
    ping = packer.pack(mav.MAVLink_ping_message(1, 2, 0, 0))
    parser = Parser()
    kinds = [m.get_type() for datagram in (b"\x00garbage", ping, b"\xfd\x00") for m in parser.messages(datagram)]
    assert kinds == ["PING"]
