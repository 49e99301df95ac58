"""What a client of a camera's RTSP server asks (RFC 2326), taken apart: pure, and bounded."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

MAX_HEAD_BYTES = 8192
MAX_BODY_BYTES = 8192
_FIRST = re.compile(r"([A-Z_]{1,20}) (\S{1,2048}) RTSP/1\.0\Z")
_PORTS = re.compile(r"client_port=(\d{1,5})-(\d{1,5})")
_CHANNELS = re.compile(r"interleaved=(\d{1,3})-(\d{1,3})")
_DIGEST = re.compile(r'(\w+)="?([^",]*)"?')


class BadRequest(ValueError):
    """Not a request."""


@dataclass(frozen=True, slots=True)
class Request:
    """One; names of headers in small letters."""

    method: str
    uri: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """How a client wants its packets: over the connection (``channels``), or by UDP (``ports``)."""

    channels: tuple[int, int] | None = None
    ports: tuple[int, int] | None = None


class Requests:
    """Bytes in, requests out; packets that a client sends (RTCP) are passed over."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def push(self, data: bytes) -> list[Request]:
        """Those that are whole now. Raises `BadRequest`."""
        self._buffer += data
        found = []
        while (request := self._next()) is not None:
            found.append(request)
        return found

    def _next(self) -> Request | None:
        buffer = self._buffer
        while len(buffer) >= 4 and buffer[0] == 0x24:
            end = 4 + int.from_bytes(buffer[2:4], "big")
            if len(buffer) < end:
                return None
            del buffer[:end]
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(buffer) > MAX_HEAD_BYTES and buffer[0] != 0x24:
                raise BadRequest("a head that is too long")
            return None
        first, *lines = buffer[:end].decode("latin-1").split("\r\n")
        asked = _FIRST.match(first)
        if asked is None:
            raise BadRequest("not RTSP")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            raise BadRequest("a body that is too long")
        if len(buffer) < end + 4 + int(length):
            return None
        del buffer[: end + 4 + int(length)]
        return Request(asked[1], asked[2], headers)


def way_of(transport: str) -> Way | None:
    """The first way of a ``Transport`` header that there is; None: there is none."""
    for wanted in transport.split(","):
        kind = wanted.strip().partition(";")[0].upper()
        channels, ports = _CHANNELS.search(wanted), _PORTS.search(wanted)
        if kind == "RTP/AVP/TCP":
            pair = (int(channels[1]) & 0xFF, int(channels[2]) & 0xFF) if channels else (0, 1)
            return Way(channels=pair)
        if kind in ("RTP/AVP", "RTP/AVP/UDP") and ports is not None and "multicast" not in wanted:
            first, second = int(ports[1]), int(ports[2])
            if 0 < first < 65536 and 0 < second < 65536:
                return Way(ports=(first, second))
    return None


def proves(header: str, *, method: str, username: str, password: str, realm: str, nonce: str) -> bool:
    """Whether an ``Authorization`` header is the digest (RFC 2617, without ``qop``) of who may ask."""
    scheme, _, rest = header.partition(" ")
    said = dict(_DIGEST.findall(rest))
    if scheme.lower() != "digest" or said.get("username") != username or said.get("nonce") != nonce:
        return False
    secret, asked = _md5(f"{username}:{realm}:{password}"), _md5(f"{method}:{said.get('uri', '')}")
    return said.get("response") == _md5(f"{secret}:{nonce}:{asked}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
