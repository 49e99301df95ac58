"""The recordings on the disk: a folder for each flight, in it ``1.mp4`` and ``1.json``, and so on."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import av
from pydantic import ValidationError

from media.recorder import Sidecar, digest

log = logging.getLogger(__name__)

KILLED = "the media process ended without warning"


class Library:
    """``root`` is made when it is missing. Reads the disk each time: what is there is the truth."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def folder(self, flight_id: UUID) -> Path:
        """Of a flight; made when it is missing."""
        folder = self._root / str(flight_id)
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def parts(self, flight_id: UUID) -> list[Sidecar]:
        """A flight's parts in their order."""
        return sorted(_sidecars(self._root / str(flight_id)), key=lambda part: part.part)

    def next_part(self, flight_id: UUID) -> int:
        """The number that the next part gets: never one that a file has, whatever is in it."""
        folder = self._root / str(flight_id)
        numbers = [int(path.stem) for path in folder.glob("*.*") if path.stem.isdigit()]
        return max(numbers, default=0) + 1

    def file(self, flight_id: UUID, part: int) -> Path | None:
        """A part's video; None where there is none."""
        path = self._root / str(flight_id) / f"{part}.mp4"
        return path if path.is_file() else None

    def recent(self, *, within_s: float = 24 * 3600.0) -> list[Sidecar]:
        """Parts that ended not long ago: whether the dispatcher has heard of them, who was killed cannot know."""
        since_s = time.time() - within_s
        folders = [path for path in self._root.iterdir() if path.is_dir() and path.stat().st_mtime >= since_s]
        return [part for folder in sorted(folders) for part in _sidecars(folder) if part.complete]

    def mend(self) -> list[Sidecar]:
        """End what an earlier process was killed over; returns those parts. At the start, before anything records."""
        mended = []
        for folder in sorted(path for path in self._root.iterdir() if path.is_dir()):
            for part in _sidecars(folder):
                if part.complete:
                    continue
                path = folder / f"{part.part}.mp4"
                known = {
                    "complete": True,
                    "because": KILLED,
                    "duration_s": _duration_s(path),
                    "bytes": path.stat().st_size if path.exists() else 0,
                    "sha256": digest(path),
                }
                ended = part.model_copy(update=known)
                ended.write(folder / f"{part.part}.json")
                mended.append(ended)
                log.warning("a recording was cut off", extra={"flight": str(part.flight_id), "part": part.part})
        return mended


def _sidecars(folder: Path) -> Iterator[Sidecar]:
    for path in folder.glob("*.json"):
        try:
            yield Sidecar.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            log.warning("a recording's description cannot be read", extra={"file": f"{folder.name}/{path.name}"})


def _duration_s(path: Path) -> float:
    """How much of a file that was cut off can be played."""
    try:
        with av.open(str(path)) as container:
            stamps = [packet.pts for packet in container.demux(video=0) if packet.pts is not None]
            base = container.streams.video[0].time_base or 0
            return round(float(max(stamps, default=0) * base), 3)
    except (OSError, av.FFmpegError, IndexError):
        return 0.0
