"""What the agent says for the record: numbered facts, in the same transaction as what they tell of."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from contracts.reports import AgentEvent, Fact
from contracts.vocabulary import Deployment
from dock_agent.store import Store
from kestrel.clock import Clock


class Record:
    """Of one agent. ``on_event`` is called after facts have been put into the outbox."""

    def __init__(self, *, store: Store, clock: Clock, deployment: Deployment) -> None:
        self._store, self._clock, self._deployment = store, clock, deployment
        self.on_event: Callable[[], None] = lambda: None

    def append(self, facts: Iterable[Fact]) -> None:
        """Put facts into the outbox, within the caller's transaction; whoever calls tells of them afterwards."""
        for fact in facts:
            self._store.append(
                AgentEvent(
                    boot_id=self._store.boot_id,
                    counter=self._store.next_counter(),
                    deployment=self._deployment,
                    mission_time=self._clock.mission_now(),
                    wall_time=self._clock.wall_now(),
                    fact=fact,
                )
            )

    def say(self, facts: Iterable[Fact], *, also: Callable[[], None] | None = None) -> None:
        """Put facts into the outbox, and do ``also`` in the same transaction."""
        with self._store.transaction():
            self.append(facts)
            if also is not None:
                also()
        self.on_event()
