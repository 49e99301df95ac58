"""What flights and docks are told while something flies: streams ``flight/{id}`` and ``dock/{id}``."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.orders import BlockerOrder, ReceiveOrder, SafetyAction, WithdrawReceiveOrder
from contracts.tasks import Nudge, Task
from contracts.vocabulary import Outcome
from dispatcher.events.event import Event


class CommandGiven(Event):
    """A safety command: carried by its own lane, resent until settled or expired."""

    flight_id: UUID
    dock_id: str
    order_id: UUID
    action: SafetyAction
    sequence: int
    expires_at: AwareDatetime
    because: str
    idempotency_key: str | None


class TaskGiven(Event):
    """Something to do in the air: resent until settled or expired, but a nudge, which is only the first of a burst."""

    flight_id: UUID
    dock_id: str
    order_id: UUID
    task: Annotated[Task, Field(discriminator="type")]
    sequence: int
    expires_at: AwareDatetime
    because: str
    idempotency_key: str | None


class NudgesEnded(Event):
    """The keys were let go: the last nudge of the burst that ``order_id`` began, and how many there were."""

    flight_id: UUID
    order_id: UUID
    count: int
    last: Nudge
    over_s: float
    """Wall seconds from the first to the last."""


class CommandResolved(Event):
    """The dispatcher itself settles a command that no agent will: expired (unknown), or never sent (confirmed)."""

    flight_id: UUID
    order_id: UUID
    outcome: Outcome
    detail: str


class DivertBegan(Event):
    """Another dock is asked to open for the flight; once it has, the flight is told to go there (`TaskGiven`)."""

    flight_id: UUID
    order_id: UUID
    """Of the command to divert, which waits for the dock."""
    to_dock_id: str
    receive: ReceiveOrder
    receive_sequence: int
    automatic: bool
    """Nobody asked: the lid at home does not open."""
    because: str
    idempotency_key: str | None


class ReceiveExpired(Event):
    """The dock that was asked to open for a flight has not answered in time."""

    flight_id: UUID
    order_id: UUID


class ReceiveWithdrawn(Event):
    """A dock need not wait any longer for a flight that does not come."""

    dock_id: str
    order: WithdrawReceiveOrder
    sequence: int


class ReceiveWithdrawalExpired(Event):
    """The dock has not said in time that it took the withdrawal; while it still waits, it is told again."""

    dock_id: str
    order_id: UUID


class DivertImpossible(Event):
    """No dock can take the flight in; ``reasons`` per dock."""

    flight_id: UUID
    because: str
    reasons: dict[str, list[str]]


class BlockerOrdered(Event):
    """Somebody has seen something over a dock (``order.raised``), or says that it has gone."""

    dock_id: str
    order: BlockerOrder
    sequence: int


class BlockerOrderExpired(Event):
    """The dock's agent has not shown in time that it took the order; the dispatcher still holds to it."""

    dock_id: str
    order_id: UUID
