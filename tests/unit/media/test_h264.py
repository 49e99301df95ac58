from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import NotH264
from media.h264 import AccessUnit, Depacketiser
from media.rtp import Order, Packet, parse
from media.sps import read_format
from simulator.film.rtp import units_of
from tests.films import BEGAN_MS, STEP, TINY, decoded, film, packets
from tests.videoviewers import time_in


def received(datagrams: list[bytes]) -> list[AccessUnit]:
    """What comes of these, a millisecond apart."""
    order, depacketiser, units = Order(), Depacketiser(), list[AccessUnit]()
    for number, datagram in enumerate(datagrams):
        packet = parse(datagram)
        assert packet is not None
        for each, gap in order.push(packet, now_s=number / 1000):
            units += depacketiser.push(each, gap=gap, unix_us=number)
    return units


def test_what_was_sent_is_what_comes_out_picture_by_picture() -> None:
    units = received(packets())
    assert [list(units_of(unit.data)) for unit in units] == [
        [part for part in units_of(sent) if part[0] & 0x1F != 9] for sent in film()
    ]
    assert [unit.keyframe for unit in units] == [number % 10 == 0 for number in range(25)]
    assert [unit.timestamp for unit in units] == [number * STEP for number in range(25)]
    assert (units[0].format.codec, units[0].format.width, units[0].format.height) == ("avc1.42c01f", 640, 360)


def test_the_pictures_can_be_decoded_and_show_the_time_that_was_burnt_in() -> None:
    frames = decoded([unit.data for unit in received(packets())])
    assert [time_in(frame) for frame in frames] == [BEGAN_MS + 100 * number for number in range(25)]


def test_reordered_packets_make_the_same_pictures() -> None:
    rng, sent = random.Random(7), packets()
    swapped = [sent[n : n + 4] for n in range(0, len(sent), 4)]
    for group in swapped[1:]:
        rng.shuffle(group)
    assert [unit.data for unit in received([one for group in swapped for one in group])] == [
        unit.data for unit in received(sent)
    ]


def test_after_a_loss_nothing_is_shown_until_the_next_keyframe() -> None:
    sent = packets()
    whole = received(sent)
    # Late enough that what is held back for 40 ms is let go.
    missing = next(number for number, packet in enumerate(sent) if (parse(packet) or numbered()).timestamp == 4 * STEP)
    units = received([*sent[:missing], *sent[missing + 1 :]])
    shown = [unit.timestamp // STEP for unit in units]
    assert shown == [0, 1, 2, 3, *range(10, 25)]
    assert [unit.after_gap for unit in units] == [number == 10 for number in shown]
    assert units[-1].data == whole[-1].data


def numbered() -> Packet:
    return Packet(0, 0, 0, 0, False, b"")


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_lost_each_picture_shown_is_one_that_was_sent_and_can_be_decoded(seed: int) -> None:
    rng, sent = random.Random(seed), packets()
    originals = {unit.data for unit in received(sent)}
    units = received([packet for packet in sent if rng.random() > 0.05])
    assert {unit.data for unit in units} <= originals
    assert all(unit.keyframe for unit in units if unit.after_gap)
    times = [time_in(frame) for frame in decoded([unit.data for unit in units])]
    assert None not in times
    assert len(times) == len(units)


def test_a_lost_marker_does_not_join_two_pictures() -> None:
    sent = [bytearray(packet) for packet in packets()]
    for packet in sent:
        packet[1] &= 0x7F
    units = received([bytes(packet) for packet in sent])
    assert len(units) == 24  # the last one has not ended yet
    assert len(decoded([unit.data for unit in units])) == 24


def test_parameter_sets_that_came_once_are_given_with_every_keyframe() -> None:
    depacketiser, units, first = Depacketiser(), list[AccessUnit](), True
    for number, sent in enumerate(film()):
        parts = [part for part in units_of(sent) if first or part[0] & 0x1F not in (7, 8)]
        first = False
        for place, part in enumerate(parts, start=1):
            packet = Packet(number, number * STEP, 1, 96, place == len(parts), part)
            units += depacketiser.push(packet, gap=False, unix_us=0)
    assert len(units) == 25
    assert all(unit.data[4] & 0x1F == 7 for unit in units if unit.keyframe)


def test_another_format_comes_with_a_keyframe_of_its_own() -> None:
    depacketiser, units = Depacketiser(), list[AccessUnit]()
    sent = [*packets(10), *packets(10, TINY, origin=10 * STEP)]
    for datagram in sent:
        packet = parse(datagram)
        assert packet is not None
        units += depacketiser.push(packet, gap=False, unix_us=0)
    assert [(unit.format.width, unit.keyframe) for unit in units[9:11]] == [(640, False), (320, True)]


def test_aggregated_units_are_taken_apart() -> None:
    parts = list(units_of(film()[0]))
    small = [part for part in parts if part[0] & 0x1F in (7, 8)]
    together = b"\x18" + b"".join(len(part).to_bytes(2, "big") + part for part in small)
    depacketiser = Depacketiser()
    depacketiser.push(Packet(0, 0, 1, 96, False, together), gap=False, unix_us=0)
    (unit,) = depacketiser.push(Packet(1, 0, 1, 96, True, parts[-1]), gap=False, unix_us=0)
    assert unit.keyframe


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=40), st.booleans(), st.integers(0, 3)), max_size=40))
def test_no_payloads_whatever_break_it_or_make_pictures_of_nothing(pieces: list[tuple[bytes, bool, int]]) -> None:
    depacketiser = Depacketiser()
    for number, (payload, marker, timestamp) in enumerate(pieces):
        packet = Packet(number, timestamp, 1, 96, marker, payload)
        for unit in depacketiser.push(packet, gap=False, unix_us=0):
            assert unit.format.width > 0


@given(st.binary(min_size=1, max_size=80), st.binary(min_size=1, max_size=8))
def test_no_parameter_sets_whatever_break_the_reader(sps: bytes, pps: bytes) -> None:
    try:
        found = read_format(sps, pps)
    except NotH264:
        return
    assert 0 < found.width <= 8192
    assert 0 < found.height <= 8192
