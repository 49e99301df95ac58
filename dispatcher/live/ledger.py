"""What has been published: each entity once per view as ready text, in the order of its last change.

Pure bookkeeping. ``seq`` counts all changes; each entity keeps its last, and a removed one leaves a tombstone, so that
what changed since any ``seq`` is the end of one list. Tombstones are bounded: who is further behind than the oldest one
kept needs a snapshot. Who sees one incident alone sees an entity go when it passes to another incident.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dispatcher.live.sight import Sight, Watched, view_in
from dispatcher.presentation import View

KEPT_TOMBSTONES = 4096


@dataclass(frozen=True, slots=True)
class Key:
    """An entity: ``kind`` is incident, dock, flight, aircraft, pilot, controller, airspace or link."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Published:
    """An entity as it went out: its text per view; a view that is missing does not see it."""

    seq: int
    data: Mapping[View, str]
    frames: Mapping[View, str]
    incident_id: str | None
    """The incident that it belongs to now."""

    def frame(self, sight: Sight) -> str | None:
        """Its frame part, if it is seen."""
        if isinstance(sight, Watched) and sight.incident_id != self.incident_id:
            return None
        return self.frames.get(view_in(sight))


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An entity that has gone, and who saw it."""

    seq: int
    views: frozenset[View]
    incident_id: str | None

    def concerns(self, sight: Sight) -> bool:
        """True for who saw it."""
        if isinstance(sight, Watched) and sight.incident_id != self.incident_id:
            return False
        return view_in(sight) in self.views


class Ledger:
    """Entities and tombstones by their last change."""

    def __init__(self, *, kept_tombstones: int = KEPT_TOMBSTONES) -> None:
        self.seq = 0
        self._floor = 0
        self._kept = kept_tombstones
        self._entities: dict[Key, Published] = {}
        self._tombstones: dict[Key, Tombstone] = {}
        self._passed: dict[tuple[Key, str], Tombstone] = {}
        """What is there, and no more in the incident that it was in."""

    def __len__(self) -> int:
        return len(self._entities)

    def keys(self) -> list[Key]:
        """Every entity that is there now."""
        return list(self._entities)

    def put(self, key: Key, data: Mapping[View, str], *, quoted_id: str, incident_id: str | None = None) -> bool:
        """Publish ``data`` (JSON text per view); False when that is what is out already."""
        known = self._entities.get(key)
        if known is not None and known.data == data and known.incident_id == incident_id:
            return False
        self.seq += 1
        head = f'{{"kind":"{key.kind}","id":{quoted_id},"seq":{self.seq},"data":'
        # Taken out and put back: the dict stays in the order of the last change.
        self._entities.pop(key, None)
        frames = {view: f"{head}{text}}}" for view, text in data.items()}
        self._entities[key] = Published(self.seq, data, frames, incident_id)
        buried = self._tombstones.pop(key, None)
        if known is not None:
            self._pass_on(key, Tombstone(self.seq, frozenset(known.data), known.incident_id), incident_id)
        elif buried is not None:
            self._pass_on(key, buried, incident_id)
        if incident_id is not None:
            self._passed.pop((key, incident_id), None)
        return True

    def remove(self, key: Key) -> bool:
        """Bury an entity; False when it is not there."""
        known = self._entities.pop(key, None)
        if known is None:
            return False
        self.seq += 1
        self._tombstones.pop(key, None)
        self._tombstones[key] = Tombstone(self.seq, frozenset(known.data), known.incident_id)
        self._floor = _bounded(self._tombstones, self._kept, self._floor)
        return True

    def _pass_on(self, key: Key, left: Tombstone, incident_id: str | None) -> None:
        """Who sees the incident that it was in alone is told that it has gone."""
        if left.incident_id is None or left.incident_id == incident_id:
            return
        self._passed.pop((key, left.incident_id), None)
        self._passed[key, left.incident_id] = left
        self._floor = _bounded(self._passed, self._kept, self._floor)

    def covers(self, seq: int) -> bool:
        """True when everything since ``seq`` can still be told."""
        return self._floor <= seq <= self.seq

    def everything(self, sight: Sight) -> Iterator[str]:
        """Every entity's frame part that is seen."""
        return (frame for known in self._entities.values() if (frame := known.frame(sight)) is not None)

    def changed_since(self, seq: int, sight: Sight) -> list[str]:
        """Frame parts of what changed after ``seq``, the oldest change first."""
        parts: list[str] = []
        for known in reversed(self._entities.values()):
            if known.seq <= seq:
                break
            frame = known.frame(sight)
            if frame is not None:
                parts.append(frame)
        parts.reverse()
        return parts

    def removed_since(self, seq: int, sight: Sight) -> list[tuple[Key, int]]:
        """What went after ``seq``, the first gone first."""
        gone: list[tuple[Key, int]] = []
        for key, tombstone in reversed(self._tombstones.items()):
            if tombstone.seq <= seq:
                break
            if tombstone.concerns(sight):
                gone.append((key, tombstone.seq))
        if isinstance(sight, Watched):
            # Not in the order of time: one that was buried before it came back keeps its old number.
            gone += [
                (key, left.seq)
                for (key, incident_id), left in self._passed.items()
                if incident_id == sight.incident_id and left.seq > seq
            ]
        gone.sort(key=lambda each: each[1])
        return gone


def _bounded(tombstones: dict[Any, Tombstone], kept: int, floor: int) -> int:
    """The floor after the oldest have been forgotten."""
    while len(tombstones) > kept:
        floor = max(floor, tombstones.pop(next(iter(tombstones))).seq)
    return floor
