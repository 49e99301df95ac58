"""The live socket's frames folded into what is true now, with the moment each value arrived: ages are shown.

Pure: frames and moments in, entities out. `kestrel.livefeed` does the talking.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """An entity's latest data, and when it arrived (wall seconds on the client's own monotonic scale)."""

    data: Json
    at_s: float


@dataclass(slots=True)
class LiveView:
    """All entities by kind and id; ``epoch`` and ``seq`` let a reconnect resume."""

    epoch: str | None = None
    seq: int = 0
    deployment: str = ""
    mission_time: str = ""
    last_frame_s: float | None = None
    entities: dict[str, dict[str, Seen]] = field(default_factory=dict)

    def apply(self, frame: Json, *, now_s: float) -> None:
        """Take one frame in; unknown types are ignored, as newer servers may send them."""
        kind = frame.get("type")
        if kind not in ("snapshot", "changes", "resumed", "tick"):
            return
        self.last_frame_s = now_s
        self.seq = int(frame.get("seq", self.seq))
        self.mission_time = str(frame.get("mission_time") or self.mission_time)
        if kind == "snapshot":
            self.entities = {}
            self.deployment = str(frame.get("deployment", ""))
        if frame.get("epoch") is not None:
            self.epoch = str(frame["epoch"])
        for entity in (*frame.get("entities", ()), *frame.get("changed", ())):
            self.entities.setdefault(entity["kind"], {})[entity["id"]] = Seen(entity["data"], now_s)
        for gone in frame.get("removed", ()):
            self.entities.get(gone["kind"], {}).pop(gone["id"], None)

    def all(self, kind: str) -> list[Seen]:
        """Every entity of a kind, in the order of the ids."""
        return [seen for _, seen in sorted(self.entities.get(kind, {}).items())]

    def get(self, kind: str, entity_id: str | None) -> Seen | None:
        """One entity, if it is known."""
        return self.entities.get(kind, {}).get(entity_id) if entity_id else None

    def frame_age_s(self, now_s: float) -> float | None:
        """How long ago the last frame came; None: never."""
        return None if self.last_frame_s is None else now_s - self.last_frame_s
