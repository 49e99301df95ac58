"""What goes over an RTSP connection (RFC 2326): requests out; answers, packets and the camera's own requests in.

Pure of sockets. Everything that comes has a bound: a head, its lines, a body. What is beyond ends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from media.errors import CameraFailed

MAX_HEAD_BYTES = 16 * 1024
MAX_HEADERS = 100
MAX_BODY_BYTES = 64 * 1024
_DOLLAR = 0x24
_BLANK = re.compile(rb"[\r\n]+")
_STATUS = re.compile(r"RTSP/1\.\d (\d{3})(?: .*)?\Z")
_REQUEST = re.compile(r"([A-Z_]{1,20}) \S+ RTSP/1\.\d\Z")
_LENGTH = re.compile(r"\d{1,9}\Z")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. Names of headers are in small letters."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The first of that name; empty where there is none."""
        return next((value for each, value in self.headers if each == name), "")

    def every(self, name: str) -> list[str]:
        """All of that name."""
        return [value for each, value in self.headers if each == name]


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that the camera asks of us."""

    method: str
    cseq: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Interleaved binary data (section 10.12): a packet of RTP or RTCP."""

    channel: int
    data: bytes


def request(method: str, uri: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """A request without a body, as bytes."""
    lines = [f"{method} {uri} RTSP/1.0", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Reader:
    """Bytes in, what they mean out."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._needed = 0
        """So many bytes must be there before it is worth looking again: who drips costs no more than others."""
        self._looked = 0
        """So far no end of a head was found."""
        self.messages = 0
        """So many were whole until now: each costs work, however short it is."""

    def feed(self, data: bytes) -> None:
        """These came."""
        self._buffer += data

    def next(self) -> Response | Asked | Frame | None:
        """The next that is whole. Raises `CameraFailed`."""
        buffer = self._buffer
        if len(buffer) < self._needed:
            return None
        blank = _BLANK.match(buffer)
        if blank is not None:
            del buffer[: blank.end()]
        if not buffer:
            return None
        if buffer[0] == _DOLLAR:
            return self._frame()
        end = buffer.find(b"\r\n\r\n", max(0, self._looked - 3), MAX_HEAD_BYTES)
        if end < 0:
            if len(buffer) >= MAX_HEAD_BYTES:
                raise CameraFailed(f"an answer with a head of more than {MAX_HEAD_BYTES} bytes")
            self._looked = len(buffer)
            return None
        first, headers = _head(bytes(buffer[:end]))
        length = _length(headers)
        start = end + 4
        if len(buffer) < start + length:
            self._needed = start + length
            return None
        self._needed = self._looked = 0
        body = bytes(buffer[start : start + length])
        del buffer[: start + length]
        self.messages += 1
        return _meaning(first, headers, body)

    def _frame(self) -> Frame | None:
        buffer = self._buffer
        if len(buffer) < 4:
            return None
        end = 4 + (buffer[2] << 8 | buffer[3])
        if len(buffer) < end:
            self._needed = end
            return None
        self._needed = 0
        frame = Frame(buffer[1], bytes(buffer[4:end]))
        del buffer[:end]
        self.messages += 1
        return frame


def _head(raw: bytes) -> tuple[str, tuple[tuple[str, str], ...]]:
    first, *lines = raw.decode("latin-1").split("\r\n")
    if len(lines) > MAX_HEADERS:
        raise CameraFailed(f"an answer with more than {MAX_HEADERS} headers")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.isascii() or not value.isprintable():
            raise CameraFailed("an answer with a header that is none")
        headers.append((name.strip().lower(), value.strip()))
    return first, tuple(headers)


def _length(headers: Iterable[tuple[str, str]]) -> int:
    lengths = {value for name, value in headers if name == "content-length"}
    if not lengths:
        return 0
    text = lengths.pop()
    if lengths or not _LENGTH.match(text) or int(text) > MAX_BODY_BYTES:
        raise CameraFailed(f"an answer whose length is none, or over {MAX_BODY_BYTES} bytes")
    return int(text)


def _meaning(first: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Response | Asked:
    status = _STATUS.match(first)
    if status is not None:
        return Response(int(status[1]), headers, body)
    asked = _REQUEST.match(first)
    if asked is not None:
        return Asked(asked[1], Response(0, headers, b"").header("cseq")[:20])
    raise CameraFailed("something that is not RTSP")
