"""What a camera describes (SDP, RFC 8866): the one track of it that we can show."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from media.errors import CameraFailed
from media.h264 import CLOCK_HZ
from media.sps import MAX_SPS_BYTES

_RTPMAP = re.compile(r"rtpmap:(\d{1,3}) ([A-Za-z0-9._-]{1,40})/(\d{1,9})")
_FMTP = re.compile(r"fmtp:(\d{1,3}) (.*)")
_CONTROL = re.compile(r"[!-~]{1,1024}\Z")
_SPS, _PPS = 7, 8


@dataclass(frozen=True, slots=True)
class Track:
    """A track of H.264. ``control`` is what to set up, relative or absolute; ``base`` the same of the whole."""

    base: str
    control: str
    payload_type: int
    sps: bytes | None
    pps: bytes | None


def read_description(body: bytes) -> Track:
    """The first track of H.264. Raises `CameraFailed`."""
    whole, *media = _sections(body)
    codecs: list[str] = []
    for section in media:
        found = _track(section, base=_control(whole))
        if isinstance(found, Track):
            return found
        codecs += found
    if codecs:
        raise CameraFailed(f"its picture is {', '.join(codecs[:3])}: only H.264 can be shown")
    raise CameraFailed("it describes no video")


def _sections(body: bytes) -> list[list[str]]:
    """The lines of the whole, then those of each medium."""
    sections: list[list[str]] = [[]]
    for line in body.decode("utf-8", errors="replace").splitlines():
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    return sections


def _track(lines: list[str], *, base: str) -> Track | list[str]:
    """The track, or the codecs of video that we cannot show."""
    if not lines[0].startswith("m=video "):
        return []
    codecs = [found for line in lines if (found := _RTPMAP.match(line.removeprefix("a=")))]
    for codec in codecs:
        kind, hertz, number = codec[2].upper(), int(codec[3]), int(codec[1])
        if kind != "H264" or hertz != CLOCK_HZ or number > 127:
            continue
        said = _parameters(lines, codec[1])
        if said.get("packetization-mode", "0") not in ("0", "1"):
            raise CameraFailed("its packets are interleaved (packetization-mode 2): set it to 1")
        sps, pps = _parameter_sets(said.get("sprop-parameter-sets", ""))
        return Track(base=base, control=_control(lines), payload_type=number, sps=sps, pps=pps)
    return [codec[2] for codec in codecs]


def _control(lines: list[str]) -> str:
    for line in lines:
        if line.startswith("a=control:"):
            control = line.removeprefix("a=control:").strip()
            if not _CONTROL.match(control):
                raise CameraFailed("it describes a track whose address is none")
            return control
    return "*"


def _parameters(lines: list[str], number: str) -> dict[str, str]:
    for line in lines:
        found = _FMTP.match(line.removeprefix("a="))
        if found is not None and found[1] == number:
            pairs = (pair.partition("=") for pair in found[2].split(";"))
            return {name.strip().lower(): value.strip() for name, _, value in pairs}
    return {}


def _parameter_sets(text: str) -> tuple[bytes | None, bytes | None]:
    """SPS and PPS; what is not understood is left out, because the stream brings them too."""
    sps = pps = None
    for part in text.split(",")[:8]:
        try:
            unit = base64.b64decode(part, validate=True)
        except (binascii.Error, ValueError):
            continue
        if unit and len(unit) <= MAX_SPS_BYTES:
            kind = unit[0] & 0x1F
            sps = unit if kind == _SPS and sps is None else sps
            pps = unit if kind == _PPS and pps is None else pps
    return sps, pps
