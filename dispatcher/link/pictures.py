"""The latest picture of each dock's own camera, for people: one slot a dock, replaced and never queued.

In memory alone: the record has each picture's age and hash (`DockNoted`), and the agent sends the newest again to a
dispatcher that comes back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from contracts.errors import MalformedEnvelope
from contracts.reports import DockPicture


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPicture:
    """One still. ``taken_at`` is mission time; ``sha256`` is that of these very bytes."""

    image: bytes = field(repr=False)
    media_type: str
    taken_at: datetime
    when: str
    sha256: str


class PictureSlots:
    """One slot per dock."""

    def __init__(self) -> None:
        self._latest: dict[str, KeptPicture] = {}

    def latest(self, dock_id: str) -> KeptPicture | None:
        """The newest picture of a dock; None while there was none since the start."""
        return self._latest.get(dock_id)

    def put(self, dock_id: str, picture: DockPicture) -> bool:
        """Keep it; False for one that is older than what is kept. Raises `MalformedEnvelope` for what is no picture."""
        image = picture.image()
        if picture_kind(image) != picture.media_type:
            raise MalformedEnvelope(f"the picture is no {picture.media_type}")
        sha256 = hashlib.sha256(image).hexdigest()
        if sha256 != picture.sha256:
            raise MalformedEnvelope("the picture is not the one that its hash is of")
        known = self._latest.get(dock_id)
        if known is not None and picture.taken_at < known.taken_at:
            return False
        self._latest[dock_id] = KeptPicture(
            image=image, media_type=picture.media_type, taken_at=picture.taken_at, when=picture.when, sha256=sha256
        )
        return True


def picture_kind(image: bytes) -> str | None:
    """The media type by the first bytes (JPEG: ISO/IEC 10918-1 B.1.1.3, PNG: RFC 2083 3.1); None: neither."""
    if image.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/png" if image.startswith(b"\x89PNG\r\n\x1a\n") else None
