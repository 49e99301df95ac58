"""What is still to be sent for a flight or a dock: a pure reading of the state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from uuid import UUID

from contracts.message import Message
from contracts.orders import (
    BlockerOrder,
    MaintenanceOrder,
    SafetyAction,
    SafetyOrder,
    TaskOrder,
    WithdrawReceiveOrder,
)
from contracts.tasks import Nudge
from contracts.topics import Channel
from contracts.vocabulary import Deployment, Outcome
from dispatcher.entities import Command, DockView, Flight, OrderState
from dispatcher.record import SYSTEM


class Expiry(Enum):
    """What the desk is told when an order has had no answer."""

    ORDER = auto()
    COMMAND = auto()
    RECEIVE = auto()
    BLOCKER = auto()
    WITHDRAWAL = auto()
    MAINTENANCE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An order without an answer. ``issued_at`` and ``expires_at`` are mission time.

    ``withheld``: not sent, but its expiry still counts.
    """

    owner: UUID | str
    """The flight, or the dock where it belongs to none."""
    order_id: UUID
    dock_id: str
    channel: Channel
    sequence: int
    issued_at: datetime
    expires_at: datetime
    message: Message
    expiry: Expiry
    withheld: bool = False


def outgoing_of(flight: Flight, deployment: Deployment) -> list[Outgoing]:
    """The flight's unanswered orders: safety orders first.

    Once a safety order was given, the order to fly is withheld: it must not be what reaches the agent last. When the
    agent has confirmed the safety order it will refuse the other, and is asked to, so that the flight ends at once.
    In the same way a manoeuvre is withheld once another, or a safety order, has followed it.
    """
    pending = [command for command in flight.commands if command.outcome is Outcome.PENDING]
    waiting = [_safety(flight, command, deployment) for command in pending if command.is_safety]
    waiting += _tasks(flight, pending, deployment)
    waiting += _receive(flight)
    if flight.order_state is OrderState.TO_SEND and not flight.ended:
        waiting.append(
            Outgoing(
                owner=flight.id,
                order_id=flight.order.order_id,
                dock_id=flight.dock_id,
                channel=Channel.ORDER,
                sequence=flight.order_sequence,
                issued_at=flight.order.issued_at,
                expires_at=flight.order.expires_at,
                message=flight.order,
                expiry=Expiry.ORDER,
                withheld=any(each.is_safety and each.outcome is not Outcome.CONFIRMED for each in flight.commands),
            )
        )
    return waiting


def outgoing_to(view: DockView) -> list[Outgoing]:
    """What a dock is told beside its flights: what is over it, who holds it, that nobody comes."""
    return [*_maintenance(view), *_blocker(view), *_withdrawal(view)]


def _maintenance(view: DockView) -> list[Outgoing]:
    told = view.maintenance
    if told is None or view.agent_knows_holds:
        return []
    return [_to_dock(view, told.order, sequence=told.sequence, expiry=Expiry.MAINTENANCE)]


def _withdrawal(view: DockView) -> list[Outgoing]:
    withdrawal = view.withdrawal
    if withdrawal is None or withdrawal.outcome is not Outcome.PENDING:
        return []
    return [_to_dock(view, withdrawal.order, sequence=withdrawal.sequence, expiry=Expiry.WITHDRAWAL)]


def _blocker(view: DockView) -> list[Outgoing]:
    blocker = view.blocker
    if blocker is None or blocker.settled:
        return []
    return [_to_dock(view, blocker.order, sequence=blocker.sequence, expiry=Expiry.BLOCKER)]


def _to_dock(
    view: DockView, order: MaintenanceOrder | WithdrawReceiveOrder | BlockerOrder, *, sequence: int, expiry: Expiry
) -> Outgoing:
    return Outgoing(
        owner=view.dock.id,
        order_id=order.order_id,
        dock_id=view.dock.id,
        channel=Channel.ORDER,
        sequence=sequence,
        issued_at=order.issued_at,
        expires_at=order.expires_at,
        message=order,
        expiry=expiry,
    )


def _safety(flight: Flight, command: Command, deployment: Deployment) -> Outgoing:
    order = SafetyOrder(
        order_id=command.order_id,
        flight_id=flight.id,
        deployment=deployment,
        action=SafetyAction(command.action),
        issued_at=command.issued_at,
        expires_at=command.expires_at,
        yields_to_avoidance=command.action == SafetyAction.HOLD.value and command.actor == SYSTEM,
    )
    return _outgoing(flight, command, order, Channel.SAFETY)


def _tasks(flight: Flight, pending: list[Command], deployment: Deployment) -> Iterator[Outgoing]:
    last = max((command.sequence for command in flight.commands if command.is_manoeuvre), default=0)
    for command in pending:
        if command.task is None or isinstance(command.task, Nudge) or flight.ended:
            continue
        order = TaskOrder(
            order_id=command.order_id,
            flight_id=flight.id,
            deployment=deployment,
            given_by=command.actor,
            issued_at=command.issued_at,
            expires_at=command.expires_at,
            task=command.task,
        )
        overtaken = command.is_manoeuvre and command.sequence < last
        yield _outgoing(flight, command, order, Channel.ORDER, withheld=overtaken)


def _receive(flight: Flight) -> Iterator[Outgoing]:
    diversion = flight.diversion
    if diversion is None or diversion.receive_outcome is not Outcome.PENDING or flight.ended:
        return
    yield Outgoing(
        owner=flight.id,
        order_id=diversion.receive.order_id,
        dock_id=diversion.to_dock_id,
        channel=Channel.ORDER,
        sequence=diversion.receive_sequence,
        issued_at=diversion.receive.issued_at,
        expires_at=diversion.receive.expires_at,
        message=diversion.receive,
        expiry=Expiry.RECEIVE,
    )


def _outgoing(
    flight: Flight, command: Command, message: Message, channel: Channel, *, withheld: bool = False
) -> Outgoing:
    return Outgoing(
        owner=flight.id,
        order_id=command.order_id,
        dock_id=flight.dock_id,
        channel=channel,
        sequence=command.sequence,
        issued_at=command.issued_at,
        expires_at=command.expires_at,
        message=message,
        expiry=Expiry.COMMAND,
        withheld=withheld,
    )
