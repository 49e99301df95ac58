"""A pair of UDP ports for the packets of a camera that was asked to send them so: an even one for RTP, the next for
RTCP (RFC 3550, section 11). Only its own host is heard there.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable

from media.errors import CameraFailed
from media.h264 import AccessUnit
from media.intake import Intake
from media.rtsp.sdp import Track
from media.rtsp.wire import Frame

_ATTEMPTS = 50
RECEIVE_BYTES = 2 * 1024 * 1024
"""A keyframe comes as a burst."""


class Door:
    """``on_unit`` gets each picture, as long as there is one."""

    def __init__(self, ports: tuple[int, int]) -> None:
        self.ports = ports
        self.on_unit: Callable[[AccessUnit], None] | None = None
        self.intake: Intake | None = None

    def expect(self, track: Track) -> None:
        """What the camera has described."""
        if self.intake is not None:
            self.intake.expect(sps=track.sps, pps=track.pps)

    def push(self, _frame: Frame, *, unix_us: int) -> list[AccessUnit]:
        """Packets come to the ports, and none over the connection."""
        return []

    def take(self, unit: AccessUnit) -> None:
        """A picture."""
        if self.on_unit is not None:
            self.on_unit(unit)


@contextlib.asynccontextmanager
async def receiving(
    *, aircraft_id: str, here: str, there: str, wall_s: Callable[[], float], unix_us: Callable[[], int]
) -> AsyncIterator[Door]:
    """Open inside the block, on our own address ``here``, for the host ``there``. Raises `CameraFailed` where no pair
    is free."""
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as leaving:
        first, second = _pair(here)
        leaving.callback(second.close)
        door = Door((first.getsockname()[1], second.getsockname()[1]))
        intake = Intake(aircraft_id=aircraft_id, only_from=there, on_unit=door.take, wall_s=wall_s, unix_us=unix_us)
        intake.begin()
        door.intake = intake
        transport, _ = await loop.create_datagram_endpoint(lambda: intake, sock=first)
        leaving.callback(transport.close)
        yield door


def _pair(here: str) -> tuple[socket.socket, socket.socket]:
    family = socket.AF_INET6 if ":" in here else socket.AF_INET
    for _ in range(_ATTEMPTS):
        first, second = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
        try:
            first.bind((here, 0))
            port = first.getsockname()[1]
            if port % 2 == 0:
                second.bind((here, port + 1))
                first.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
                for each in (first, second):
                    each.setblocking(False)
                return first, second
        except OSError:
            pass
        first.close()
        second.close()
    raise CameraFailed("no pair of ports is free for its packets")
