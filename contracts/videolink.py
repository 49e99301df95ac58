"""What the fleet file may say of an aircraft's video. The file alone is asked: journals keep what older files said.

The file goes into the journal and to every agent, so no login may stand in it, wherever cameras have theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import unquote, urlsplit

MAX_CHARS = 160
RTSP_PORTS = {"rtsp": 554, "rtsps": 322}
"""Where none is named."""
_VIDEO = re.compile(r"(rtp://[^:/@\s]+:[0-9]{1,5}|rtsps?://[A-Za-z0-9._-]{1,120}(:[0-9]{1,5})?(/[!-~]*)?)\Z")
_PORT = re.compile(r"\w+://[^:/]+:(\d+)")
_LOGIN = re.compile(r"(?i)(user|usr|pass|pwd|login|auth|token)[^=/?&;]*=|[?&;/](u|p|pw)=")
"""Anywhere in path, parameters or query: ``/user=admin_password=x``, ``?loginuse=x``."""


def faults(
    *, video: str | None, video_from: str | None, video_over: Literal["tcp", "udp"]
) -> Iterator[tuple[str, str]]:
    """Each field that will not do, and why; nothing of an address is quoted."""
    if video is None:
        return
    if not _VIDEO.match(video) or len(video) > MAX_CHARS or not _can_be_split(video):
        text = f"must be rtp://host:port, rtsp://host:port/path or rtsps://, in {MAX_CHARS} characters, without a login"
        yield "video", text
        return
    port = _PORT.match(video)
    if port is not None and not 0 < int(port[1]) < 65536:
        yield "video", "needs a port of 1 to 65535"
    if _LOGIN.search(_unquoted(video)):
        yield "video", "has a login in it: that goes into the file of KESTREL_MEDIA_CAMERAS_FILE"
    if video_from is not None and not video.startswith("rtp://"):
        yield "video_from", "is for rtp://: a camera with rtsp:// is asked at its address"
    if video_over == "udp" and not video.startswith("rtsp://"):
        yield "video_over", "udp is for rtsp://, whose packets may come so"


def one_spelling(video: str) -> str:
    """The same for the same camera or door, of an address without `faults`: small letters, its port, no ``%xx``."""
    where = urlsplit(video)
    port = where.port or RTSP_PORTS[where.scheme]
    query = f"?{where.query}" if where.query else ""
    return f"{where.scheme}://{(where.hostname or '').rstrip('.')}:{port}{unquote(where.path.rstrip('/') + query)}"


def _can_be_split(address: str) -> bool:
    try:
        urlsplit(address)
    except ValueError:
        return False
    return True


def _unquoted(address: str) -> str:
    """Without ``%xx``, however often it was put."""
    while (plain := unquote(address)) != address:
        address = plain
    return address
