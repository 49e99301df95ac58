"""What is still to be sent for a flight: a pure reading of the state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.message import Message
from contracts.orders import SafetyAction, SafetyOrder
from contracts.topics import Channel
from contracts.vocabulary import Deployment, Outcome
from dispatcher.entities import Flight, OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An order without an answer. ``issued_at`` and ``expires_at`` are mission time.

    ``withheld``: not sent, but its expiry still counts.
    """

    flight_id: UUID
    order_id: UUID
    dock_id: str
    channel: Channel
    sequence: int
    issued_at: datetime
    expires_at: datetime
    message: Message
    withheld: bool = False


def outgoing_of(flight: Flight, deployment: Deployment) -> list[Outgoing]:
    """The flight's unanswered orders: safety orders first.

    Once a safety order was given, the order to fly is withheld: it must not be what reaches the agent last. When the
    agent has confirmed the safety order it will refuse the other, and is asked to, so that the flight ends at once.
    """
    waiting = [
        Outgoing(
            flight_id=flight.id,
            order_id=command.order_id,
            dock_id=flight.dock_id,
            channel=Channel.SAFETY,
            sequence=command.sequence,
            issued_at=command.issued_at,
            expires_at=command.expires_at,
            message=SafetyOrder(
                order_id=command.order_id,
                flight_id=flight.id,
                deployment=deployment,
                action=SafetyAction(command.action),
                issued_at=command.issued_at,
                expires_at=command.expires_at,
            ),
        )
        for command in flight.commands
        if command.outcome is Outcome.PENDING and command.is_safety
    ]
    if flight.order_state is OrderState.TO_SEND and not flight.ended:
        waiting.append(
            Outgoing(
                flight_id=flight.id,
                order_id=flight.order.order_id,
                dock_id=flight.dock_id,
                channel=Channel.ORDER,
                sequence=flight.order_sequence,
                issued_at=flight.order.issued_at,
                expires_at=flight.order.expires_at,
                message=flight.order,
                withheld=any(each.is_safety and each.outcome is not Outcome.CONFIRMED for each in flight.commands),
            )
        )
    return waiting
