"""One aircraft's camera, asked for its picture while a flight of that aircraft is on, again and again until it comes.

Over TCP as a rule, the packets within the connection: that passes every firewall and the mobile network's VPN. What a
link does not carry waits at the camera then, and would be shown late: pictures that come `TOO_LATE_S` later than the
soonest end the connection, and the next one begins with what is filmed now.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Literal, NoReturn, Protocol

from kestrel.backoff import Backoff
from kestrel.clock import Clock
from media import rtp
from media.errors import CameraFailed, LoginRefused
from media.h264 import AccessUnit, Depacketiser
from media.lag import Lag
from media.rtsp.address import Address
from media.rtsp.dialogue import Dialogue
from media.rtsp.login import Login
from media.rtsp.ports import receiving
from media.rtsp.sdp import Track
from media.rtsp.wire import Frame

log = logging.getLogger(__name__)

CONNECT_WITHIN_S = 5.0
TOO_LATE_S = 2.0
STEADY_S = 10.0
"""Who has played so long is asked again at once."""
REFUSED_WAIT_S = 30.0
"""A camera that refuses a login is not asked often: some shut an account after the third time."""
_TICK_S = 0.5
_READ_BYTES = 16 * 1024
"""At once: the most that is taken apart before others have their turn."""
_FRAMES_AT_ONCE = 128
_BUFFER_BYTES = 128 * 1024
_MAX_UNSENT_BYTES = 64 * 1024
MAX_BYTES_S = 16 * 1024 * 1024
"""More is no picture: it would only keep us from the other cameras."""
MAX_MESSAGES_S = 20_000
"""More is none either: `MAX_BYTES_S` of full packets are 12,000."""
_MOST_TOLD = 8


class PulledCamera:
    """``on_unit`` gets each picture; ``unix_us`` is the time of day."""

    def __init__(
        self,
        *,
        aircraft_id: str,
        address: Address,
        over: Literal["tcp", "udp"],
        login: Login | None,
        on_unit: Callable[[AccessUnit], None],
        clock: Clock,
        backoff: Backoff,
        unix_us: Callable[[], int],
    ) -> None:
        self.aircraft_id = aircraft_id
        self.connections = 0
        """How often it was asked."""
        self._address = address
        self._over = over
        self._login = login
        self._on_unit = on_unit
        self._clock = clock
        self._backoff = backoff
        self._unix_us = unix_us
        self._wanted = asyncio.Event()
        self._unwanted = asyncio.Event()
        self._why = ""
        self._told: set[str] = set()
        """Why nothing comes, as far as it was said since something came last."""
        self._lost_since_s: float | None = None
        self._last_s: float | None = None
        self._began_s: float | None = None
        """Since when this connection gives pictures."""
        self._lag = Lag()

    @property
    def why(self) -> str:
        """Why nothing comes; empty while something does, or when it is not known."""
        return self._why

    def begin(self) -> None:
        """A flight is on."""
        self._unwanted.clear()
        self._wanted.set()

    def end(self) -> None:
        """No flight is on any more."""
        self._wanted.clear()
        self._unwanted.set()

    async def run(self) -> None:
        """For ever: asks while a flight is on."""
        while True:
            await self._wanted.wait()
            self._why, self._lost_since_s, self._last_s = "", None, None
            self._told.clear()
            self._backoff.reset()
            asking = asyncio.create_task(self._ask_for_ever(), name=f"camera {self.aircraft_id}")
            try:
                await self._unwanted.wait()
            finally:
                asking.cancel()
                await asyncio.wait([asking])

    async def _ask_for_ever(self) -> NoReturn:
        while True:
            self._began_s = None
            self.connections += 1
            wait_s = 0.0
            try:
                await self._ask_once()
            except LoginRefused as refused:
                self._lost(str(refused))
                wait_s = REFUSED_WAIT_S
            except CameraFailed as failed:
                self._lost(str(failed))
            except TimeoutError:
                self._lost(f"no connection within {CONNECT_WITHIN_S:g} s")
            except (OSError, UnicodeError) as error:
                self._lost(f"it cannot be reached ({getattr(error, 'strerror', None) or type(error).__name__})")
            except Exception:
                # Whatever a camera can make us fall over: the other aircraft's pictures go on.
                log.exception("asking a camera went wrong", extra={"aircraft": self.aircraft_id})
                self._lost("asking it went wrong here")
            await self._clock.sleep_wall(wait_s + self._pause_s())

    def _pause_s(self) -> float:
        """Before it is asked again."""
        if self._began_s is not None and self._clock.wall_s() - self._began_s > STEADY_S:
            self._backoff.reset()
        return self._backoff.next_s()

    # One connection ---------------------------------------------------------------------------------------------------

    async def _ask_once(self) -> None:
        """Until it fails. Raises `CameraFailed`, `OSError`, `TimeoutError`."""
        async with self._connected() as (reader, writer):
            if self._over == "tcp":
                await self._talk(reader, writer, self._dialogue(None), _InOrder())
                return
            async with receiving(
                aircraft_id=self.aircraft_id,
                here=str(writer.get_extra_info("sockname")[0]),
                there=str(writer.get_extra_info("peername")[0]),
                wall_s=self._clock.wall_s,
                unix_us=self._unix_us,
            ) as door:
                dialogue = self._dialogue(door.ports)

                def heard(unit: AccessUnit) -> None:
                    dialogue.heard(now_s=self._clock.wall_s())
                    self._take(unit)

                door.on_unit = heard
                await self._talk(reader, writer, dialogue, door)

    def _dialogue(self, ports: tuple[int, int] | None) -> Dialogue:
        return Dialogue(
            address=self._address,
            login=self._login,
            ports=ports,
            cnonce=lambda: secrets.token_hex(8),
            now_s=self._clock.wall_s(),
        )

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        encryption = await asyncio.to_thread(ssl.create_default_context) if self._address.encrypted else None
        async with asyncio.timeout(CONNECT_WITHIN_S):
            reader, writer = await asyncio.open_connection(
                self._address.host, self._address.port, ssl=encryption, limit=_BUFFER_BYTES
            )
        self._lag = Lag()
        try:
            yield reader, writer
        finally:
            writer.close()

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dialogue: Dialogue, packets: _Packets
    ) -> None:
        described, flow = False, _Flow()
        try:
            while True:
                writer.write(dialogue.outgoing())
                if writer.transport.get_write_buffer_size() > _MAX_UNSENT_BYTES:
                    raise CameraFailed("it reads nothing of what it is asked")
                data = b""
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_TICK_S):
                        data = await reader.read(_READ_BYTES)
                    if not data:
                        raise CameraFailed("it has closed the connection")
                now_s = self._clock.wall_s()
                before = dialogue.messages
                frames = dialogue.receive(data, now_s=now_s)
                flow.take(len(data), messages=dialogue.messages - before, now_s=now_s)
                if dialogue.track is not None and not described:
                    described = True
                    packets.expect(dialogue.track)
                for place, frame in enumerate(frames, start=1):
                    if place % _FRAMES_AT_ONCE == 0:
                        await asyncio.sleep(0)
                    if frame.channel == dialogue.channel:
                        for unit in packets.push(frame, unix_us=self._unix_us()):
                            self._take(unit)
                dialogue.tick(now_s=now_s)
                await asyncio.sleep(0)  # a read that finds something waits for nothing
        finally:
            writer.write(dialogue.goodbye())

    # Pictures ---------------------------------------------------------------------------------------------------------

    def _take(self, unit: AccessUnit) -> None:
        now_s = self._clock.wall_s()
        late_s = self._lag.late_s(unit.timestamp, now_s=now_s)
        if late_s > TOO_LATE_S and self._over == "tcp":
            raise CameraFailed(f"its pictures come {late_s:.1f} s late")
        self._found(now_s)
        self._on_unit(replace(unit, received_unix_us=unit.received_unix_us - round(late_s * 1e6)))

    def _found(self, now_s: float) -> None:
        if self._began_s is None:
            self._began_s = now_s
            if self._lost_since_s is not None:
                lasted_s = round(now_s - self._lost_since_s, 1)
                log.info("the camera sends again", extra={"aircraft": self.aircraft_id, "lasted_s": lasted_s})
            self._why, self._lost_since_s = "", None
            self._told.clear()
        self._last_s = now_s

    def _lost(self, why: str) -> None:
        """Each reason is said once until something comes again."""
        now_s = self._clock.wall_s()
        if why not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(why)
            age_s = None if self._last_s is None else round(now_s - self._last_s, 1)
            log.warning("no picture of a camera", extra={"aircraft": self.aircraft_id, "why": why, "age_s": age_s})
        self._why = why
        if self._lost_since_s is None:
            self._lost_since_s = now_s


class _Flow:
    """How much comes."""

    def __init__(self) -> None:
        self._since_s = float("-inf")
        self._bytes = 0
        self._messages = 0

    def take(self, count: int, *, messages: int, now_s: float) -> None:
        """So many bytes and messages came. Raises `CameraFailed` when it is too much for a second."""
        if now_s - self._since_s >= 1.0:
            self._since_s, self._bytes, self._messages = now_s, 0, 0
        self._bytes += count
        if self._bytes > MAX_BYTES_S:
            raise CameraFailed(f"it sends more than {MAX_BYTES_S // 2**20} MiB in a second")
        self._messages += messages
        if self._messages > MAX_MESSAGES_S:
            raise CameraFailed(f"it sends more than {MAX_MESSAGES_S} messages in a second")


class _Packets(Protocol):
    """Where the packets of one connection go."""

    def expect(self, track: Track) -> None:
        """What the camera has described."""

    def push(self, frame: Frame, *, unix_us: int) -> list[AccessUnit]:
        """A packet that came over the connection; the pictures that it completes."""


class _InOrder:
    """Packets of one connection: none overtakes another, so one that is missing was never sent."""

    def __init__(self) -> None:
        self._depacketiser: Depacketiser | None = None
        self._payload_type = -1
        self._next: tuple[int, int] | None = None

    def expect(self, track: Track) -> None:
        self._depacketiser = Depacketiser(sps=track.sps, pps=track.pps)
        self._payload_type = track.payload_type

    def push(self, frame: Frame, *, unix_us: int) -> list[AccessUnit]:
        packet = rtp.parse(frame.data)
        if packet is None or self._depacketiser is None or packet.payload_type != self._payload_type:
            return []
        gap = self._next is not None and self._next != (packet.ssrc, packet.sequence)
        self._next = (packet.ssrc, (packet.sequence + 1) & 0xFFFF)
        return self._depacketiser.push(packet, gap=gap, unix_us=unix_us)
