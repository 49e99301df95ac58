"""What a plan was made from, as the record keeps it with each turn that it proposes, and the plan made again from that.

Pure. Of each incident only so many docks are kept as there are incidents, the cheapest: no plan of least cost needs
another (whoever has a dearer one could have one of these, of which the others hold at most all but one), so that the
record of a large fleet stays small and the plan made from it is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from dispatcher.assigning import Planned, Turn, Waiting, gain_s, plan_of
from dispatcher.decision.assignment import Weighing


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInputs:
    """A value, so that it can be asked twice, and years later."""

    waiting: tuple[Waiting, ...]
    turns: Mapping[str, Sequence[Turn]]
    weighing: Weighing
    countdown_s: float
    reserve: Mapping[str, float]

    def planned(self) -> tuple[Planned, ...]:
        """The plan."""
        return plan_of(
            self.waiting, self.turns, weighing=self.weighing, countdown_s=self.countdown_s, reserve=self.reserve
        )

    def gain_s(self, incident_id: str, flight_id: str) -> float:
        """What the whole would gain by one turn."""
        return gain_s(
            self.waiting,
            self.turns,
            incident_id=incident_id,
            flight_id=flight_id,
            weighing=self.weighing,
            countdown_s=self.countdown_s,
            reserve=self.reserve,
        )

    def least(self) -> PlanInputs:
        """Without the docks that no plan needs."""
        many, kept = len(self.waiting), []
        for each in self.waiting:
            by_price = sorted(each.docks, key=lambda known: (self._price(each, known), each.docks[known], known))
            soonest = sorted(each.docks, key=lambda known: (each.docks[known], known))[:1]
            chosen = sorted({*by_price[:many], *soonest})
            kept.append(replace(each, docks={dock_id: each.docks[dock_id] for dock_id in chosen}))
        named = {dock_id for each in kept for dock_id in each.docks}
        reserve = {dock_id: cost for dock_id, cost in self.reserve.items() if dock_id in named}
        return replace(self, waiting=tuple(kept), reserve=reserve)

    def to_json(self) -> dict[str, Any]:
        """As it is journalled."""
        return {
            "incidents": [asdict(each) for each in self.waiting],
            "flights": {incident_id: [asdict(turn) for turn in found] for incident_id, found in self.turns.items()},
            "weighing": asdict(replace(self.weighing, grade_weights={})),
            "countdown_s": self.countdown_s,
            "reserve": dict(self.reserve),
        }

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> PlanInputs:
        """Raises `KeyError`, `TypeError` or `ValueError` for what is not such a record."""
        return cls(
            waiting=tuple(Waiting(**each) for each in known["incidents"]),
            turns={incident_id: [_turn(each) for each in found] for incident_id, found in known["flights"].items()},
            weighing=Weighing(**known["weighing"]),
            countdown_s=known["countdown_s"],
            reserve=known["reserve"],
        )

    def _price(self, each: Waiting, dock_id: str) -> float:
        waited_s = each.waited_s + each.docks[dock_id]
        late_s = max(0.0, waited_s - self.weighing.late_s)
        return each.weight * (waited_s + self.weighing.late_weight * late_s) + self.reserve.get(dock_id, 0.0)


def _turn(known: Mapping[str, Any]) -> Turn:
    lists = {name: tuple(known[name]) for name in ("reasons", "watched_by")}
    return Turn(**{**known, **lists})
