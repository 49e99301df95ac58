"""A decision's options as one looks at them: in their order, each built at its first look.

Of two thousand docks a screen shows a dozen; the others cost nothing until somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import overload

from dispatcher.decision.option import Option


class Options(Sequence[Option]):
    """Options in their order, each built when it is first looked at."""

    def __init__(
        self,
        *,
        built: Callable[[int, int | None], Option],
        order: Sequence[int],
        ranks: Mapping[int, int],
        ids: Sequence[str],
    ) -> None:
        """``built`` makes the option of a dock, by its place in ``ids`` and its rank; ``order`` are such places."""
        self._make, self._order, self._ranks = built, order, ranks
        self._places = {ids[index]: place for place, index in enumerate(order)}
        self._built: dict[int, Option] = {}

    @overload
    def __getitem__(self, place: int) -> Option: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Option, ...]: ...
    def __getitem__(self, place: int | slice) -> Option | tuple[Option, ...]:
        if isinstance(place, slice):
            return tuple(self[each] for each in range(*place.indices(len(self))))
        if place < 0:
            place += len(self)
        index = self._order[place]
        if index not in self._built:
            self._built[index] = self._make(index, self._ranks.get(index))
        return self._built[index]

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Option]:
        return (self[place] for place in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def of(self, dock_id: str) -> Option:
        """The option of a dock; raises `KeyError`."""
        return self[self._places[dock_id]]
