"""Who holds the dock for maintenance, as last told: on disk, so that no restart forgets whose hands are in it.

A hold keeps on the ground what is on the ground, and the lid where it is. What flies already comes home as ordered: the
dispatcher gives no hold while a flight is out, and one that comes all the same must not take its landing away.
"""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.orders import MaintenanceOrder
from dock_agent.store import Store

_NAME = "maintenance"


class _Kept(BaseModel):
    """The order that counts, and the sequence by which a later one is known."""

    model_config = ConfigDict(frozen=True)

    order: MaintenanceOrder
    sequence: int = Field(ge=0)


class Maintenance:
    """Of one dock. ``take`` within a transaction; ``because`` says why it is out of service."""

    def __init__(self, *, store: Store) -> None:
        self._store = store
        text = store.load_text(_NAME)
        self._kept = None if text is None else _Kept.model_validate_json(text)

    @property
    def because(self) -> str | None:
        """Why the dock is out of service, and by whose word; None: it is in service."""
        return None if self._kept is None else self._kept.order.because

    @property
    def order_id(self) -> UUID | None:
        """The order that it goes by; None: it has never had one."""
        return None if self._kept is None else self._kept.order.order_id

    def is_newer(self, sequence: int) -> bool:
        """Whether an order of that sequence comes after the one that counts."""
        return self._kept is None or sequence > self._kept.sequence

    def take(self, order: MaintenanceOrder, *, sequence: int) -> str:
        """It counts from now on; to be called within a transaction. Returns it in words."""
        was = self.because
        self._kept = _Kept(order=order, sequence=sequence)
        self._store.save_text(_NAME, self._kept.model_dump_json())
        if self.because is not None:
            return f"out of service: {self.because}"
        return "in service" + (f" again; it was {was}" if was else "")
