"""What a camera announces of its video (VIDEO_STREAM_INFORMATION), held against what the fleet file says. Pure.

The media process goes by the fleet file alone (docs/adr/0034-rtsp-is-pulled-from-the-fleet-file.md): an address that
comes from an aircraft is never asked. But who connects a camera wants to know why there is no picture.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from contracts.fleet import Links

RTSP, RTP_UDP = 0, 1
"""VIDEO_STREAM_TYPE."""
_SHOWN_CHARS = 80


def otherwise(kind: int, uri: str, links: Links) -> str | None:
    """In words what is announced otherwise than the fleet file says; None: nothing is. Host, login and query of an
    announced address are not said: the host is the aircraft's own view, and the others are nobody's business."""
    if links.video is None:
        return None
    where = urlsplit(links.video)
    if where.scheme == "rtp":
        if kind == RTSP:
            return f"it serves RTSP at {_path(uri)}, and the fleet file waits for RTP: name its address as links.video"
        if kind == RTP_UDP and uri.isdecimal() and int(uri) != where.port:
            return f"it sends to port {int(uri)}, and the fleet file waits at {where.port}"
        return None
    if kind == RTP_UDP:
        return "it sends RTP, and the fleet file has it asked by RTSP"
    announced = _path(uri)
    if kind == RTSP and announced.rstrip("/") != (where.path.rstrip("/") or ""):
        return f"it serves {announced}, and the fleet file has {where.path or '/'} asked for"
    return None


def _path(uri: str) -> str:
    """The path of an announced address, as much as can be shown."""
    try:
        path = urlsplit(uri).path
    except ValueError:
        path = ""
    return "".join(letter for letter in path if letter.isprintable())[:_SHOWN_CHARS] or "/"
