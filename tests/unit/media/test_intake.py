from __future__ import annotations

import random
from collections.abc import Iterable

from media.h264 import AccessUnit
from media.intake import SILENT_S, Intake
from tests.films import packets

AIRCRAFT, STRANGER = ("10.0.0.5", 4000), ("10.0.0.66", 4000)


class Door:
    """An intake and what came through it; packets are a millisecond apart."""

    def __init__(self, *, only_from: str | None = None) -> None:
        self.units: list[AccessUnit] = []
        self.now_s = 0.0
        self.intake = Intake(
            aircraft_id="k1",
            only_from=only_from,
            on_unit=self.units.append,
            wall_s=lambda: self.now_s,
            unix_us=lambda: int(self.now_s * 1e6),
        )
        self.intake.begin()

    def send(self, datagrams: Iterable[bytes], addr: tuple[str, int] = AIRCRAFT) -> None:
        for datagram in datagrams:
            self.now_s += 0.001
            self.intake.datagram_received(datagram, addr)


def test_a_stream_comes_through() -> None:
    door = Door()
    door.send(packets())
    assert len(door.units) == 25


def test_while_no_flight_is_on_nothing_comes_through() -> None:
    door = Door()
    door.intake.end()
    door.send(packets())
    assert door.units == []
    assert door.intake.counters.unasked == len(packets())


def test_garbage_between_the_packets_does_no_harm() -> None:
    door, rng = Door(), random.Random(3)
    mixed = [each for packet in packets() for each in (rng.randbytes(rng.randrange(0, 900)), packet)]
    door.send((each for each in mixed), AIRCRAFT)
    # Random bytes can look like RTP of another source; none of them gets in.
    assert len(door.units) == 25
    assert door.intake.counters.garbage + door.intake.counters.strangers == len(packets())


def test_who_sends_into_a_running_stream_is_not_shown() -> None:
    door = Door()
    sent, forged = packets(), packets(ssrc=0xBAD, sequence=9000)
    door.send(sent[:30])
    shown = len(door.units)
    door.send(forged, STRANGER)
    door.send(packets(ssrc=0x5EED, sequence=40000), STRANGER)  # the right source id does not help
    door.send(forged, AIRCRAFT)  # nor does the right address with another source id
    assert len(door.units) == shown
    door.send(sent[30:])
    assert len(door.units) == 25
    assert door.intake.counters.strangers == 3 * len(sent)


def test_only_the_host_of_the_fleet_file_is_heard_even_first() -> None:
    door = Door(only_from="10.0.0.5")
    door.send(packets(), STRANGER)
    assert door.units == []
    door.send(packets())
    assert len(door.units) == 25


def test_a_camera_that_was_restarted_is_heard_after_two_seconds_of_silence() -> None:
    door = Door()
    door.send(packets())
    door.send(packets(ssrc=0xA11CE, sequence=77))
    assert len(door.units) == 25
    door.now_s += SILENT_S
    door.send(packets(ssrc=0xA11CE, sequence=77), ("10.0.0.5", 4100))
    assert len(door.units) == 50
