"""WHEP (draft-ietf-wish-whep): a browser's offer in, our answer out, and the pictures as they came, never encoded
again.

Each viewer is a peer connection of aiortc whose track gives packets instead of frames. Codec preferences are set
before the remote description: set later they are not looked at. PLI and FIR go nowhere: the camera sends a keyframe
each second.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

import av
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from contracts.video import Via
from contracts.viewing import Ticket
from media.errors import Refused
from media.h264 import CLOCK_HZ, AccessUnit
from media.sessions import Session, Sessions
from media.stream import Stream, Viewer

log = logging.getLogger(__name__)

MAX_OFFER_BYTES = 64 * 1024
CONNECT_WITHIN_S = 20.0
_ANSWER_WITHIN_S = 5.0
_CATCH_UP_S = 0.003
"""Between two pictures while a new viewer catches up: a burst of all of them would overrun its socket."""
_TIME_BASE = Fraction(1, CLOCK_HZ)
_NAME = re.compile(r"(a=candidate:\S+ \d+ \S+ \d+ )[0-9a-fA-F-]+\.local( \d+ typ )")


@dataclass(frozen=True, slots=True)
class Sent:
    """A picture that a viewer was sent: its timestamp in that viewer's own RTP stream (90 kHz, modulo 2**32), and when
    it came from the aircraft, Unix µs. All others follow from it: the clock of one session never jumps.
    """

    rtp_timestamp: int
    came_unix_us: int


class PictureTrack(MediaStreamTrack):
    """What aiortc takes packets from."""

    kind = "video"

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._given: AccessUnit | None = None
        self.sender: RTCRtpSender | None = None
        self.sent: Sent | None = None

    async def recv(self) -> Any:
        """The next picture, as a packet. Raises `MediaStreamError` at the end."""
        if self._given is not None and self.sender is not None:
            # It asks for the next when all of the last has been sent.
            self.sent = Sent(_last_timestamp(self.sender), self._given.received_unix_us)
        if self._viewer.waiting > 1:
            await asyncio.sleep(_CATCH_UP_S)
        unit = await self._viewer.next()
        if unit is None:
            raise MediaStreamError
        self._given = unit
        packet = av.Packet(unit.data)
        packet.pts, packet.time_base = unit.timestamp, _TIME_BASE
        return packet


def _last_timestamp(sender: RTCRtpSender) -> int:
    """Of the last packet that it sent. Its clock begins anywhere, and aiortc tells of it in its sender reports alone,
    which no browser hands to a page.
    """
    return int(vars(sender)["_RTCRtpSender__rtp_timestamp"])


class Whep:
    """All WHEP sessions."""

    def __init__(self, *, sessions: Sessions) -> None:
        self._sessions = sessions
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._tracks: dict[UUID, PictureTrack] = {}

    async def open(self, *, ticket: Ticket, stream: Stream, offer: str) -> tuple[Session, str]:
        """A session and the answer to its offer. Raises `Refused`."""
        session = self._sessions.open(ticket, Via.WHEP)
        viewer = stream.join()
        track = PictureTrack(viewer)
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                answer = await _answer(peer, track, offer)
        except BaseException:
            self._sessions.close(session)
            stream.leave(viewer)
            await peer.close()
            raise
        task = asyncio.create_task(self._serve(session, peer, stream, viewer), name=f"whep {session.id}")
        self._tasks[session.id] = task
        self._tracks[session.id] = track
        return session, answer

    async def _serve(self, session: Session, peer: RTCPeerConnection, stream: Stream, viewer: Viewer) -> None:
        """Until the peer is gone, or the session must end."""
        gone = asyncio.Event()
        connected = asyncio.Event()

        def changed() -> None:
            if peer.connectionState == "connected":
                connected.set()
            elif peer.connectionState in ("failed", "closed"):
                gone.set()

        peer.on("connectionstatechange", changed)
        changed()
        ends = [asyncio.create_task(event.wait()) for event in (gone, session.end)]
        try:
            late = asyncio.create_task(connected.wait())
            await asyncio.wait([late, *ends], timeout=CONNECT_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
            late.cancel()
            if connected.is_set():
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
            stream.leave(viewer)
            await peer.close()
            self._sessions.close(session)
            self._tasks.pop(session.id, None)
            self._tracks.pop(session.id, None)

    def sent(self, session: Session) -> Sent | None:
        """What was last sent of a session's picture; None while nothing was."""
        track = self._tracks.get(session.id)
        return None if track is None else track.sent

    async def stop(self) -> None:
        """End all of them."""
        self._sessions.cut_all("stopping")
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=2.0)


def without_names(offer: str, host: str) -> str:
    """Browsers hide their addresses behind names of multicast DNS; to ask for each costs a second where nobody answers.

    In their place stands the address that the offer came from. Where that is not it, the browser's own checks tell.
    """
    return _NAME.sub(lambda found: f"{found[1]}{host}{found[2]}", offer)


async def _answer(peer: RTCPeerConnection, track: PictureTrack, offer: str) -> str:
    """The answer to an offer with one video section that wants H.264. Raises `Refused`."""
    transceiver = peer.addTransceiver(track, direction="sendonly")
    track.sender = transceiver.sender
    known = RTCRtpSender.getCapabilities("video").codecs
    transceiver.setCodecPreferences([codec for codec in known if codec.mimeType.lower() in ("video/h264", "video/rtx")])
    try:
        await peer.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
    except OperationError:
        raise _no_h264() from None
    except (InvalidAccessError, InvalidStateError, ValueError, KeyError, IndexError, AssertionError, AttributeError):
        raise _bad_offer() from None
    if len(peer.getTransceivers()) != 1 or transceiver.mid is None:
        raise _bad_offer()
    try:
        await peer.setLocalDescription(await peer.createAnswer())
    except (OperationError, InvalidStateError, ValueError, KeyError, IndexError, AttributeError):
        raise _no_h264() from None
    sdp: str = peer.localDescription.sdp
    return sdp


def _bad_offer() -> Refused:
    return Refused(
        "send an SDP offer with exactly one video section (recvonly), its candidates gathered",
        status=400,
        slug="bad-offer",
        title="This is no offer that can be answered",
        close_code=4400,
    )


def _no_h264() -> Refused:
    return Refused(
        "the camera's picture is H.264, constrained baseline: use the WebSocket, or another browser",
        status=406,
        slug="no-common-codec",
        title="The offer has no codec that fits",
        close_code=4406,
    )
