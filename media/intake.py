"""One aircraft's stream at our door: a UDP socket that believes one sender at a time, and nobody while no flight is on.

The fleet file says at which address each aircraft's RTP arrives, and may say from which host. The first that sends
H.264 there is believed, with its source id; another only when that one has been silent for two seconds. RTP is not
encrypted and proves nothing: whoever can write into the aircraft's link can forge a picture
(docs/explanation/video.md).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from media import rtp
from media.h264 import AccessUnit, Depacketiser
from media.rtp import Order

log = logging.getLogger(__name__)

SILENT_S = 2.0
"""After so long without a packet another sender may take its place."""
MAX_DATAGRAM = 2048


@dataclass(slots=True)
class Counters:
    """What came, and what was turned away."""

    packets: int = 0
    garbage: int = 0
    strangers: int = 0
    unasked: int = 0
    """Packets while no flight of that aircraft was on."""


class Intake(asyncio.DatagramProtocol):
    """``on_unit`` gets each picture; ``wall_s`` is monotonic, ``unix_us`` the time of day."""

    def __init__(
        self,
        *,
        aircraft_id: str,
        only_from: str | None,
        on_unit: Callable[[AccessUnit], None],
        wall_s: Callable[[], float],
        unix_us: Callable[[], int],
    ) -> None:
        self.aircraft_id = aircraft_id
        self.counters = Counters()
        self.open = False
        """False: what comes is counted and dropped."""
        self._only_from = only_from
        self._on_unit = on_unit
        self._wall_s = wall_s
        self._unix_us = unix_us
        self._sender: tuple[str, int, int] | None = None
        self._heard_s = float("-inf")
        self._order = Order()
        self._parameter_sets: tuple[bytes | None, bytes | None] = (None, None)
        self._depacketiser = Depacketiser()
        self._stranger_said = False

    @property
    def why(self) -> str:
        """Why nothing comes is not known here."""
        return ""

    def expect(self, *, sps: bytes | None, pps: bytes | None) -> None:
        """These parameter sets came by another way than the stream."""
        self._parameter_sets = (sps, pps)
        self._depacketiser = Depacketiser(sps=sps, pps=pps)

    @property
    def lost(self) -> int:
        """Packets of the present sender that never came."""
        return self._order.lost

    @property
    def damaged(self) -> int:
        """Pictures of the present sender that were left out."""
        return self._depacketiser.damaged

    def begin(self) -> None:
        """A flight is on: who sends first is believed."""
        self._sender, self._stranger_said = None, False
        self.open = True

    def end(self) -> None:
        """No flight is on any more."""
        self.open = False

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """asyncio: something came."""
        if not self.open:
            self.counters.unasked += 1
            return
        packet = rtp.parse(data) if len(data) <= MAX_DATAGRAM else None
        if packet is None:
            self.counters.garbage += 1
            return
        now_s = self._wall_s()
        if not self._believed((str(addr[0]), int(addr[1]), packet.ssrc), now_s):
            self.counters.strangers += 1
            if not self._stranger_said:
                self._stranger_said = True
                log.warning("somebody else sends to an aircraft's address", extra={"aircraft": self.aircraft_id})
            return
        self._heard_s = now_s
        self.counters.packets += 1
        unix_us = self._unix_us()
        for each, gap in self._order.push(packet, now_s=now_s):
            for unit in self._depacketiser.push(each, gap=gap, unix_us=unix_us):
                self._on_unit(unit)

    def error_received(self, exc: Exception) -> None:
        """asyncio: not ours to mind; we send nothing."""

    def _believed(self, sender: tuple[str, int, int], now_s: float) -> bool:
        if self._only_from is not None and sender[0] != self._only_from:
            return False
        if sender == self._sender:
            return True
        if self._sender is not None and now_s - self._heard_s < SILENT_S:
            return False
        self._sender = sender
        sps, pps = self._parameter_sets
        self._order, self._depacketiser = Order(), Depacketiser(sps=sps, pps=pps)
        return True
