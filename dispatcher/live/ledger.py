"""What has been published: each entity once per view as ready text, in the order of its last change.

Pure bookkeeping. ``seq`` counts all changes; each entity keeps its last, and a removed one leaves a tombstone, so that
what changed since any ``seq`` is the end of one list. Tombstones are bounded: who is further behind than the oldest one
kept needs a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dispatcher.presentation import View

KEPT_TOMBSTONES = 4096


@dataclass(frozen=True, slots=True)
class Key:
    """An entity: ``kind`` is incident, dock, flight, aircraft, pilot or airspace."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Published:
    """An entity as it went out: its text per view; a view that is missing does not see it."""

    seq: int
    data: Mapping[View, str]
    frames: Mapping[View, str]


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An entity that has gone, and who saw it."""

    seq: int
    views: frozenset[View]


class Ledger:
    """Entities and tombstones by their last change."""

    def __init__(self, *, kept_tombstones: int = KEPT_TOMBSTONES) -> None:
        self.seq = 0
        self._floor = 0
        self._kept = kept_tombstones
        self._entities: dict[Key, Published] = {}
        self._tombstones: dict[Key, Tombstone] = {}

    def __len__(self) -> int:
        return len(self._entities)

    def keys(self) -> list[Key]:
        """Every entity that is there now."""
        return list(self._entities)

    def put(self, key: Key, data: Mapping[View, str], *, quoted_id: str) -> bool:
        """Publish ``data`` (JSON text per view); False when that is what is out already."""
        known = self._entities.get(key)
        if known is not None and known.data == data:
            return False
        self.seq += 1
        head = f'{{"kind":"{key.kind}","id":{quoted_id},"seq":{self.seq},"data":'
        # Taken out and put back: the dict stays in the order of the last change.
        self._entities.pop(key, None)
        self._entities[key] = Published(self.seq, data, {view: f"{head}{text}}}" for view, text in data.items()})
        self._tombstones.pop(key, None)
        return True

    def remove(self, key: Key) -> bool:
        """Bury an entity; False when it is not there."""
        known = self._entities.pop(key, None)
        if known is None:
            return False
        self.seq += 1
        self._tombstones.pop(key, None)
        self._tombstones[key] = Tombstone(self.seq, frozenset(known.data))
        while len(self._tombstones) > self._kept:
            oldest = next(iter(self._tombstones))
            self._floor = self._tombstones.pop(oldest).seq
        return True

    def covers(self, seq: int) -> bool:
        """True when everything since ``seq`` can still be told."""
        return self._floor <= seq <= self.seq

    def everything(self, view: View) -> Iterator[str]:
        """Every entity's frame part that this view sees."""
        return (known.frames[view] for known in self._entities.values() if view in known.frames)

    def changed_since(self, seq: int, view: View) -> list[str]:
        """Frame parts of what changed after ``seq``, the oldest change first."""
        parts: list[str] = []
        for known in reversed(self._entities.values()):
            if known.seq <= seq:
                break
            if view in known.frames:
                parts.append(known.frames[view])
        parts.reverse()
        return parts

    def removed_since(self, seq: int, view: View) -> list[tuple[Key, int]]:
        """What went after ``seq``, the first gone first."""
        gone: list[tuple[Key, int]] = []
        for key, tombstone in reversed(self._tombstones.items()):
            if tombstone.seq <= seq:
                break
            if view in tombstone.views:
                gone.append((key, tombstone.seq))
        gone.reverse()
        return gone
