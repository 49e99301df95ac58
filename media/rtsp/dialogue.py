"""One connection to a camera, from the first request to the last packet: pure of sockets, time is passed in.

OPTIONS, DESCRIBE, SETUP of the one track, PLAY; then packets, and a sign of life in time. What a camera does not do as
it should, or not in time, ends the connection (`CameraFailed`): the next one begins anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from media.errors import CameraFailed, LoginRefused
from media.rtsp import login as logins
from media.rtsp.address import Address
from media.rtsp.login import Challenge, Login
from media.rtsp.sdp import Track, read_description
from media.rtsp.wire import Asked, Frame, Reader, Response, request

ANSWER_WITHIN_S = 5.0
SILENT_S = 4.0
"""So long may a camera that plays send nothing."""
KEEP_ALIVE_AT_MOST_S = 30.0
_SESSION = re.compile(r"([!-:<-~]{1,256})(?:\s*;\s*timeout\s*=\s*(\d{1,6}))?")
_CHANNELS = re.compile(r"interleaved\s*=\s*(\d{1,3})(?:-(\d{1,3}))?")
_DEFAULT_TIMEOUT_S, _LEAST_TIMEOUT_S = 60.0, 4.0
_UNAUTHORISED = 401
_MAX_REQUESTS = 12
"""Before it plays: each once, and once more with the login or with a fresh nonce."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    method: str
    uri: str
    headers: tuple[tuple[str, str], ...]
    cseq: int
    since_s: float
    attempt: int


class Dialogue:
    """``ports`` are ours for RTP and RTCP over UDP; None: packets come over the connection itself."""

    def __init__(
        self,
        *,
        address: Address,
        login: Login | None,
        ports: tuple[int, int] | None,
        cnonce: Callable[[], str],
        now_s: float,
    ) -> None:
        self.track: Track | None = None
        self.playing = False
        self.channel = 0
        """Of RTP, where it comes over the connection."""
        self.control_channel = 1
        self._address = address
        self._login = login
        self._ports = ports
        self._cnonce = cnonce
        self._reader = Reader()
        self._out = bytearray()
        self._waiting: _Waiting | None = None
        self._cseq = 0
        self._challenge: Challenge | None = None
        self._proofs = 0
        self._base = address.path
        self._session = ""
        self._keep_alive = "OPTIONS"
        self._keep_alive_each_s = KEEP_ALIVE_AT_MOST_S
        self._spoke_s = self._heard_s = now_s
        self._ask("OPTIONS", address.url, now_s=now_s)

    # In and out -------------------------------------------------------------------------------------------------------

    def receive(self, data: bytes, *, now_s: float) -> list[Frame]:
        """What came over the connection; the packets in it. Raises `CameraFailed`."""
        self._reader.feed(data)
        frames: list[Frame] = []
        while (found := self._reader.next()) is not None:
            if isinstance(found, Frame):
                frames.append(found)
                if found.channel == self.channel:
                    self._heard_s = now_s
            elif isinstance(found, Asked):
                # Nothing that a camera could ask of a viewer is done; a REDIRECT least of all.
                self._out += f"RTSP/1.0 501 Not Implemented\r\nCSeq: {found.cseq}\r\n\r\n".encode()
            else:
                self._answered(found, now_s)
        return frames

    @property
    def messages(self) -> int:
        """How many packets, answers and requests came over the connection until now."""
        return self._reader.messages

    def heard(self, *, now_s: float) -> None:
        """A packet came by UDP."""
        self._heard_s = now_s

    def tick(self, *, now_s: float) -> None:
        """Called often: says that we are there, and raises `CameraFailed` when the camera is not."""
        if self._waiting is not None and now_s - self._waiting.since_s > ANSWER_WITHIN_S:
            raise CameraFailed(f"no answer to {self._waiting.method} within {ANSWER_WITHIN_S:g} s")
        if not self.playing:
            return
        if now_s - self._heard_s > SILENT_S:
            raise CameraFailed(f"it plays, and nothing has come for {SILENT_S:g} s")
        if self._waiting is None and now_s - self._spoke_s >= self._keep_alive_each_s:
            self._ask(self._keep_alive, self._address.at(self._base), now_s=now_s)

    def outgoing(self) -> bytes:
        """What is to be sent now."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def goodbye(self) -> bytes:
        """The last that is sent; empty where nothing was begun."""
        if not self._session:
            return b""
        self._cseq += 1
        return self._written("TEARDOWN", self._address.at(self._base), ())

    # Requests ---------------------------------------------------------------------------------------------------------

    def _ask(self, method: str, uri: str, *headers: tuple[str, str], now_s: float, attempt: int = 0) -> None:
        self._cseq += 1
        if not self.playing and self._cseq > _MAX_REQUESTS:
            raise CameraFailed("it never comes to an end with its questions")
        self._waiting = _Waiting(method, uri, headers, self._cseq, now_s, attempt)
        self._spoke_s = now_s
        self._out += self._written(method, uri, headers)

    def _written(self, method: str, uri: str, headers: tuple[tuple[str, str], ...]) -> bytes:
        lines = [("CSeq", str(self._cseq)), ("User-Agent", "Kestrel"), *headers]
        if self._session:
            lines.append(("Session", self._session))
        if self._challenge is not None and self._login is not None:
            self._proofs += 1
            proof = logins.answer(
                self._challenge, self._login, method=method, uri=uri, cnonce=self._cnonce(), count=self._proofs
            )
            lines.append(("Authorization", proof))
        return request(method, uri, lines)

    # Answers ----------------------------------------------------------------------------------------------------------

    def _answered(self, response: Response, now_s: float) -> None:
        waiting = self._waiting
        if waiting is None or response.header("cseq") != str(waiting.cseq):
            raise CameraFailed("an answer to what was not asked")
        if 100 <= response.status < 200:
            return
        self._waiting = None
        if response.status == _UNAUTHORISED:
            self._prove(response, waiting, now_s)
        elif 300 <= response.status < 400:
            raise CameraFailed("it wants to send us elsewhere: that is not followed")
        elif not 200 <= response.status < 300:
            self._refused(response.status, waiting)
        else:
            self._go_on(response, waiting.method, now_s)

    def _refused(self, status: int, waiting: _Waiting) -> None:
        if waiting.method == "OPTIONS" and not self.playing:
            return self._describe(waiting.since_s)
        if self.playing and status in (400, 405, 501) and self._keep_alive != "OPTIONS":
            self._keep_alive = "OPTIONS"
            return None
        raise CameraFailed(f"it answers {waiting.method} with status {status}")

    def _prove(self, response: Response, waiting: _Waiting, now_s: float) -> None:
        if self._login is None:
            raise LoginRefused("it wants a login, and none is given for it")
        challenge = logins.choose(response.every("www-authenticate"), encrypted=self._address.encrypted)
        if waiting.attempt and not (challenge.stale and waiting.attempt == 1):
            raise LoginRefused("it refuses the login")
        self._challenge, self._proofs = challenge, 0
        self._ask(waiting.method, waiting.uri, *waiting.headers, now_s=now_s, attempt=waiting.attempt + 1)

    def _go_on(self, response: Response, method: str, now_s: float) -> None:
        if self.playing:
            return
        if method == "OPTIONS":
            offered = {each.strip().upper() for each in response.header("public").split(",")}
            self._keep_alive = "GET_PARAMETER" if "GET_PARAMETER" in offered else "OPTIONS"
            self._describe(now_s)
        elif method == "DESCRIBE":
            self._set_up(response, now_s)
        elif method == "SETUP":
            self._remember(response)
            self._ask("PLAY", self._address.at(self._base), ("Range", "npt=now-"), now_s=now_s)
        else:
            self.playing, self._heard_s = True, now_s

    def _describe(self, now_s: float) -> None:
        self._ask("DESCRIBE", self._address.url, ("Accept", "application/sdp"), now_s=now_s)

    def _set_up(self, response: Response, now_s: float) -> None:
        if response.header("content-type").partition(";")[0].strip().lower() not in ("application/sdp", ""):
            raise CameraFailed("it describes itself in something that is not SDP")
        self.track = track = read_description(response.body)
        named = response.header("content-base") or response.header("content-location")
        base = self._address.path_of(named, base=self._address.path) if named else self._address.path
        self._base = self._address.path_of(track.base, base=base)
        control = self._address.path_of(track.control, base=self._base)
        over = "RTP/AVP/TCP;unicast;interleaved=0-1"
        if self._ports is not None:
            over = f"RTP/AVP;unicast;client_port={self._ports[0]}-{self._ports[1]}"
        self._ask("SETUP", self._address.at(control), ("Transport", over), now_s=now_s)

    def _remember(self, response: Response) -> None:
        session = _SESSION.match(response.header("session"))
        if session is None:
            raise CameraFailed("it sets up a session without a name")
        self._session = session[1]
        timeout_s = float(session[2]) if session[2] else _DEFAULT_TIMEOUT_S
        self._keep_alive_each_s = min(KEEP_ALIVE_AT_MOST_S, max(_LEAST_TIMEOUT_S, timeout_s) / 2)
        over = response.header("transport").lower()
        if ("tcp" in over.partition(";")[0]) is not (self._ports is None):
            raise CameraFailed("it sends by another way than it was asked for (video_over)")
        channels = _CHANNELS.search(over)
        if channels is not None:
            self.channel = int(channels[1]) & 0xFF
            self.control_channel = int(channels[2] or self.channel + 1) & 0xFF
