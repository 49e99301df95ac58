"""Another dock's aircraft comes to land here: the lid opens over an empty plate, and closes over whoever sits there.

The order is on disk from its acceptance to its end, so that a restarted agent keeps its lid open for an aircraft that
counts on it. What sits on the plate is not this agent's aircraft: the box's own sensor is all that is known of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from contracts.fleet import Dock
from contracts.orders import ReceiveOrder, WithdrawReceiveOrder
from contracts.reports import CommandSettled, DockNoted, Fact
from contracts.vocabulary import Deployment, Lid, Outcome
from dock_agent.flight import since
from dock_agent.readings import DockReading
from dock_agent.store import Store

LID_PATIENCE = 3.0
"""Times the lid's nominal travel."""
HEARING_S = 6.0
"""Wall seconds that news of the lid or the plate may take."""
SEATED_S = 5.0
"""Mission seconds that the plate must feel it without a break: an aircraft that settles may lift once more."""
AGAIN_S = 2.0
"""Wall seconds after which the lid is ordered again."""
_NAME = "receiving"


class Receiving(BaseModel):
    """The order, and how far it has come."""

    model_config = ConfigDict(frozen=True)

    order: ReceiveOrder
    begun: datetime
    settled: bool = False
    seated_at: datetime | None = None
    closing_since: datetime | None = None
    because: str = ""
    """Why it closes."""


@dataclass(frozen=True, slots=True)
class Move:
    """What a look asks for: facts for the record, and the lid or the charger."""

    facts: tuple[Fact, ...] = ()
    lid_open: bool | None = None
    charge: bool = False


class Reception:
    """Of one dock. Its state changes within the transactions of whoever calls."""

    def __init__(self, *, dock: Dock, store: Store) -> None:
        self._dock, self._store = dock, store
        text = store.load_text(_NAME)
        self.now: Receiving | None = None if text is None else Receiving.model_validate_json(text)
        self._asked_wall: datetime | None = None

    @property
    def expecting(self) -> str | None:
        """The aircraft that is expected, for the dock's blockers."""
        return None if self.now is None else f"{self.now.order.aircraft_id} of dock {self.now.order.from_dock}"

    def reasons(
        self, order: ReceiveOrder, *, hardware: DockReading, now: datetime, deployment: Deployment, flying: bool
    ) -> list[str]:
        """Every reason not to receive it; ``now`` is mission time."""
        reasons = []
        if order.deployment != deployment:
            reasons.append(f"the order is for {order.deployment}; this dock is {deployment}")
        if order.expires_at <= now:
            reasons.append("the order has expired")
        if flying:
            reasons.append("this dock's own aircraft is out, and comes back here")
        if self.now is not None and self.now.order.flight_id != order.flight_id:
            reasons.append(f"{self.expecting} is expected already")
        if not hardware.alive:
            return [*reasons, f"the dock's hardware is unreachable: {hardware.trouble}"]
        if hardware.seated is not False:
            reasons.append("the plate is not empty")
        if hardware.lid is Lid.FAULT:
            reasons.append("the lid reports a fault")
        return reasons

    def begin(self, order: ReceiveOrder, *, now: datetime) -> None:
        """Expect it; the next look opens the lid."""
        self._keep(Receiving(order=order, begun=now))
        self._asked_wall = None

    def withdraw(self, order: WithdrawReceiveOrder, hardware: DockReading, *, now: datetime) -> tuple[Fact, ...]:
        """It does not come; settled at once, and the lid closes. To be called within a transaction."""
        receiving = self.now
        expected = receiving is not None and receiving.order.order_id == order.receive_order_id
        outcome, detail = Outcome.CONFIRMED, "nobody is expected here by that order"
        before: tuple[Fact, ...] = ()
        if receiving is not None and expected:
            if hardware.seated is not False or receiving.seated_at is not None or receiving.because == "seated":
                outcome = Outcome.REFUSED
                detail = "an aircraft stands on the plate" if hardware.seated else "it is not known who is on the plate"
            else:
                detail = "nobody is expected any more, the lid closes"
                because = f"withdrawn by {order.by}: {order.because}"
                self._keep(receiving.model_copy(update={"closing_since": now, "because": because}))
                before = self._settle(receiving, Outcome.REFUSED, because)
        settled = CommandSettled(order_id=order.order_id, flight_id=order.flight_id, outcome=outcome, detail=detail)
        return (*before, settled)

    def look(self, hardware: DockReading, *, now: datetime, wall: datetime, factor: float) -> Move:
        """One look at lid and plate; to be called within a transaction."""
        receiving = self.now
        if receiving is None or not hardware.alive:
            return Move()
        patience_s = max(LID_PATIENCE * self._dock.lid_s, HEARING_S * factor)
        if receiving.closing_since is not None:
            return self._close(receiving, hardware, now, wall, patience_s)
        seated = bool(hardware.seated)
        if seated != (receiving.seated_at is not None):
            receiving = self._keep(receiving.model_copy(update={"seated_at": now if seated else None}))
        if receiving.seated_at is not None:
            if since(receiving.seated_at, now) >= max(SEATED_S, HEARING_S * factor / 2):
                self._keep(receiving.model_copy(update={"closing_since": now, "because": "seated"}))
            return Move()
        if now >= receiving.order.expires_at:
            self._keep(receiving.model_copy(update={"closing_since": now, "because": "it did not come in time"}))
            return Move(facts=self._settle(receiving, Outcome.REFUSED, "the order expired before the lid was open"))
        if hardware.lid is Lid.OPEN:
            return Move(facts=self._settle(receiving, Outcome.CONFIRMED, "the lid is open over an empty plate"))
        if not receiving.settled and (hardware.lid is Lid.FAULT or since(receiving.begun, now) > patience_s):
            self._keep(receiving.model_copy(update={"closing_since": now, "because": "the lid did not open"}))
            return Move(facts=self._settle(receiving, Outcome.REFUSED, f"the lid is {hardware.lid}: it did not open"))
        return Move(lid_open=True if self._due(wall) else None)

    def _close(
        self, receiving: Receiving, hardware: DockReading, now: datetime, wall: datetime, patience_s: float
    ) -> Move:
        seated = receiving.because == "seated"
        gone = since(receiving.closing_since or now, now) > patience_s or hardware.lid is Lid.FAULT
        if hardware.lid is not Lid.CLOSED and not gone:
            return Move(lid_open=False if self._due(wall) else None)
        self._keep(None)
        order = receiving.order
        who = f"aircraft {order.aircraft_id} of dock {order.from_dock}"
        stands = f"{who} is seated, the lid is {hardware.lid}" if seated else f"{who} is not received: "
        text = stands if seated else f"{stands}{receiving.because}; the lid is {hardware.lid}"
        severity = "fault" if hardware.lid is not Lid.CLOSED else "info" if seated else "warning"
        return Move(facts=(DockNoted(severity=severity, text=text[:400]),), charge=seated)

    def _settle(self, receiving: Receiving, outcome: Outcome, detail: str) -> tuple[Fact, ...]:
        if receiving.settled:
            return ()
        current = self.now or receiving
        self._keep(current.model_copy(update={"settled": True}))
        order = receiving.order
        return (
            CommandSettled(order_id=order.order_id, flight_id=order.flight_id, outcome=outcome, detail=detail[:400]),
        )

    def _due(self, wall: datetime) -> bool:
        if self._asked_wall is not None and since(self._asked_wall, wall) < AGAIN_S:
            return False
        self._asked_wall = wall
        return True

    def _keep(self, receiving: Receiving | None) -> Receiving:
        before, self.now = self.now, receiving
        self._store.save_text(_NAME, None if receiving is None else receiving.model_dump_json())
        kept = receiving or before
        if kept is None:
            raise RuntimeError("nothing is expected")
        return kept
