from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from media.rtp import HELD_S, Order, Packet, parse
from tests.films import packets


def numbered(sequence: int) -> Packet:
    return Packet(sequence & 0xFFFF, 0, 1, 96, False, b"x")


def pushed(order: Order, sequences: list[int], *, now_s: float = 0.0) -> list[tuple[int, bool]]:
    return [
        (packet.sequence, gap) for sequence in sequences for packet, gap in order.push(numbered(sequence), now_s=now_s)
    ]


def test_a_real_packet_is_taken_apart() -> None:
    packet = parse(packets(1)[0])
    assert packet is not None
    assert (packet.sequence, packet.timestamp, packet.payload_type) == (0, 0, 96)
    assert packet.payload[0] & 0x1F == 7  # the SPS comes first


@given(st.binary(max_size=200))
def test_no_bytes_whatever_break_the_parser(datagram: bytes) -> None:
    packet = parse(datagram)
    assert packet is None or packet.payload


def test_padding_and_header_extension_are_no_payload() -> None:
    head = bytes([0x80 | 0x20 | 0x10 | 1, 96, 0, 5, 0, 0, 0, 9, 0, 0, 0, 7])
    extension = b"\xbe\xde\x00\x01abcd"
    packet = parse(head + b"CSRC" + extension + b"body" + b"\0\0\3")
    assert packet is not None
    assert packet.payload == b"body"


def test_rtcp_and_empty_packets_are_not_taken() -> None:
    assert parse(bytes([0x80, 200]) + bytes(26)) is None
    assert parse(bytes([0xA0, 96]) + bytes(10) + b"\x00\x00\x02") is not None
    assert parse(bytes([0xA0, 96]) + bytes(10) + b"\x01") is None


def test_overtaken_packets_get_their_turn() -> None:
    assert pushed(Order(), [1, 3, 2, 5, 6, 4]) == [(n, False) for n in (1, 2, 3, 4, 5, 6)]


def test_a_packet_that_never_comes_is_waited_for_and_then_said_with_the_next() -> None:
    order = Order()
    assert pushed(order, [1, 3]) == [(1, False)]
    assert pushed(order, [4], now_s=HELD_S / 2) == []
    assert pushed(order, [5], now_s=2 * HELD_S) == [(3, True), (4, False), (5, False)]
    assert order.lost == 1
    assert pushed(order, [2], now_s=2 * HELD_S) == []  # too late: it is not shown twice


def test_numbers_go_on_over_their_end() -> None:
    assert pushed(Order(), [65534, 65535, 1, 0, 2]) == [(n, False) for n in (65534, 65535, 0, 1, 2)]


def test_a_source_that_starts_anew_is_followed_at_once() -> None:
    order = Order()
    pushed(order, [100, 101])
    assert pushed(order, [40000, 40001]) == [(40000, True), (40001, False)]
    assert pushed(order, [7, 8]) == [(7, True), (8, False)]


def test_doubles_are_passed_on_once() -> None:
    assert pushed(Order(), [1, 1, 2, 2, 1, 3]) == [(1, False), (2, False), (3, False)]


@given(st.integers(0, 2**32))
def test_a_shuffled_stretch_comes_out_in_order_and_whole(seed: int) -> None:
    rng = random.Random(seed)
    sequences = [65500 + n for n in range(1, 60)]
    rng.shuffle(sequences)
    order = Order()
    pushed(order, [65500])
    out = pushed(order, sequences)
    assert [sequence for sequence, _ in out] == [(65500 + n) & 0xFFFF for n in range(1, 60)]
    assert not any(gap for _, gap in out)
