"""What a camera announces of its video (VIDEO_STREAM_INFORMATION), held against what the fleet file says. Pure.

The media process goes by the fleet file alone (docs/adr/0034-rtsp-is-pulled-from-the-fleet-file.md): an address that
comes from an aircraft is never asked. But who connects a camera wants to know why there is no picture.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from contracts.fleet import Links

RTSP, RTP_UDP = 0, 1
"""VIDEO_STREAM_TYPE."""


def otherwise(kind: int, uri: str, links: Links) -> str | None:
    """In words what is announced otherwise than the fleet file says; None: nothing is. Nothing of an
    announced address is said: its host is the aircraft's own view, and cameras have logins in their paths too."""
    if links.video is None:
        return None
    where = urlsplit(links.video)
    if where.scheme == "rtp":
        if kind == RTSP:
            return "it serves RTSP, and the fleet file waits for RTP: name its address as links.video"
        if kind == RTP_UDP and uri.isdecimal() and int(uri) != where.port:
            return f"it sends to port {int(uri)}, and the fleet file waits at {where.port}"
        return None
    if kind == RTP_UDP:
        return "it sends RTP, and the fleet file has it asked by RTSP"
    if kind == RTSP and _path(uri) != where.path.rstrip("/"):
        return "it serves another path than the fleet file has asked for"
    return None


def _path(uri: str) -> str:
    """The path of an announced address, to compare and never to show; empty where there is none."""
    try:
        return urlsplit(uri).path.rstrip("/")
    except ValueError:
        return ""
