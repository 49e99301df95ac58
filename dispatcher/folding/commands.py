"""How commands follow from their events: given, settled; a diversion; and what a person has seen over a dock."""

from __future__ import annotations

from uuid import UUID

from contracts.vocabulary import Outcome
from dispatcher import events as ev
from dispatcher.entities import Command, Diversion, Flight, RaisedBlocker, State, Withdrawal
from dispatcher.folding.change import Handlers, change_dock, change_flight, replace
from dispatcher.record import Recorded


def settle(state: State, flight_id: UUID, order_id: UUID, outcome: Outcome, detail: str) -> State:
    """How a command came out; a later word takes an earlier one's place."""

    def change(flight: Flight) -> Flight:
        commands = tuple(
            replace(command, outcome=outcome, detail=detail) if command.order_id == order_id else command
            for command in flight.commands
        )
        return replace(flight, commands=commands)

    state = change_flight(state, flight_id, change)
    flight = state.flights.get(flight_id)
    diversion = None if flight is None else flight.diversion
    if diversion is not None and diversion.order_id == order_id and outcome is Outcome.REFUSED:
        return no_longer_expected(state, flight_id, diversion.to_dock_id)
    return state


def leave_unanswered(state: State, flight_id: UUID) -> State:
    """The flight is over: nobody will say any more what became of its tasks (of a safety command they still will)."""

    def change(flight: Flight) -> Flight:
        commands = tuple(
            replace(command, outcome=Outcome.UNKNOWN, detail="the flight ended before it was answered")
            if command.outcome is Outcome.PENDING and not command.is_safety
            else command
            for command in flight.commands
        )
        return replace(flight, commands=commands)

    return change_flight(state, flight_id, change)


def settle_receive(state: State, flight: Flight, order_id: UUID, outcome: Outcome, detail: str) -> State:
    """How the dock that was asked to open for a flight answered; one that will not is not kept free any longer."""
    diversion = flight.diversion
    if diversion is None or diversion.receive.order_id != order_id:
        return state
    settled = replace(diversion, receive_outcome=outcome, receive_detail=detail)
    state = change_flight(state, flight.id, lambda known: replace(known, diversions=(*known.diversions[:-1], settled)))
    return state if outcome is Outcome.CONFIRMED else no_longer_expected(state, flight.id, diversion.to_dock_id)


def no_longer_expected(state: State, flight_id: UUID, dock_id: str) -> State:
    """The dock does not wait for that flight."""
    return change_dock(
        state,
        dock_id,
        lambda view: replace(view, expected_flight_id=None) if view.expected_flight_id == flight_id else view,
    )


def raise_sequence(state: State, dock_id: str, sequence: int) -> State:
    """The dock has been given an order of that sequence."""
    return change_dock(state, dock_id, lambda view: replace(view, last_sequence=max(view.last_sequence, sequence)))


def _command_given(state: State, recorded: Recorded, event: ev.CommandGiven) -> State:
    command = Command(
        order_id=event.order_id,
        action=event.action,
        sequence=event.sequence,
        issued_at=recorded.mission_time,
        expires_at=event.expires_at,
        actor=recorded.actor,
        because=event.because,
        event_id=recorded.id,
        idempotency_key=event.idempotency_key,
    )
    return raise_sequence(_add(state, event.flight_id, command), event.dock_id, event.sequence)


def _task_given(state: State, recorded: Recorded, event: ev.TaskGiven) -> State:
    flight = state.flights.get(event.flight_id)
    known = None if flight is None else flight.command(event.order_id)
    command = Command(
        order_id=event.order_id,
        action=event.task.type,
        task=event.task,
        sequence=event.sequence,
        issued_at=recorded.mission_time,
        expires_at=event.expires_at,
        actor=recorded.actor if known is None else known.actor,
        because=event.because,
        event_id=recorded.id,
        idempotency_key=event.idempotency_key,
    )
    return raise_sequence(_add(state, event.flight_id, command), event.dock_id, event.sequence)


def _add(state: State, flight_id: UUID, command: Command) -> State:
    """A new command, or one that waited to be sent and now is."""

    def change(flight: Flight) -> Flight:
        others = tuple(each for each in flight.commands if each.order_id != command.order_id)
        return replace(flight, commands=(*others, command))

    return change_flight(state, flight_id, change)


def _resolved(state: State, _: Recorded, event: ev.CommandResolved) -> State:
    return settle(state, event.flight_id, event.order_id, event.outcome, event.detail)


def _nudges_ended(state: State, _: Recorded, event: ev.NudgesEnded) -> State:
    flight = state.flights.get(event.flight_id)
    command = None if flight is None else flight.command(event.order_id)
    if command is None or command.outcome is not Outcome.PENDING:
        return state
    detail = f"{event.count} in {event.over_s:.1f} s; the agent has not said what became of them"
    return settle(state, event.flight_id, event.order_id, Outcome.UNKNOWN, detail)


def _divert_began(state: State, recorded: Recorded, event: ev.DivertBegan) -> State:
    command = Command(
        order_id=event.order_id,
        action="divert",
        sequence=0,
        issued_at=recorded.mission_time,
        expires_at=event.receive.expires_at,
        actor=recorded.actor,
        because=event.because,
        event_id=recorded.id,
        idempotency_key=event.idempotency_key,
        detail=f"waiting for {event.to_dock_id} to open",
    )
    diversion = Diversion(
        order_id=event.order_id,
        to_dock_id=event.to_dock_id,
        receive=event.receive,
        receive_sequence=event.receive_sequence,
        automatic=event.automatic,
        because=event.because,
        event_id=recorded.id,
    )
    state = _add(state, event.flight_id, command)
    state = change_flight(
        state,
        event.flight_id,
        lambda flight: replace(flight, diversions=(*flight.diversions, diversion), divert_impossible=None),
    )
    state = raise_sequence(state, event.to_dock_id, event.receive_sequence)
    return change_dock(state, event.to_dock_id, lambda view: replace(view, expected_flight_id=event.flight_id))


def _receive_expired(state: State, _: Recorded, event: ev.ReceiveExpired) -> State:
    flight = state.flights.get(event.flight_id)
    if flight is None:
        return state
    return settle_receive(state, flight, event.order_id, Outcome.UNKNOWN, "no answer before it expired")


def _divert_impossible(state: State, _: Recorded, event: ev.DivertImpossible) -> State:
    return change_flight(state, event.flight_id, lambda flight: replace(flight, divert_impossible=event.because))


def _blocker_ordered(state: State, _: Recorded, event: ev.BlockerOrdered) -> State:
    blocker = RaisedBlocker(order=event.order, sequence=event.sequence)
    state = change_dock(state, event.dock_id, lambda view: replace(view, blocker=blocker))
    return raise_sequence(state, event.dock_id, event.sequence)


def _blocker_expired(state: State, _: Recorded, event: ev.BlockerOrderExpired) -> State:
    return settle_blocker(state, event.dock_id, event.order_id)


def settle_blocker(state: State, dock_id: str, order_id: UUID) -> State:
    """The agent has taken it, or will not hear of it any more. One that says "gone" is then forgotten."""
    view = state.docks.get(dock_id)
    if view is None or view.blocker is None or view.blocker.order.order_id != order_id:
        return state
    kept = replace(view.blocker, settled=True) if view.blocker.order.raised else None
    return change_dock(state, dock_id, lambda known: replace(known, blocker=kept))


def _receive_withdrawn(state: State, _: Recorded, event: ev.ReceiveWithdrawn) -> State:
    withdrawal = Withdrawal(order=event.order, sequence=event.sequence)
    state = change_dock(state, event.dock_id, lambda view: replace(view, withdrawal=withdrawal))
    return raise_sequence(state, event.dock_id, event.sequence)


def _withdrawal_expired(state: State, _: Recorded, event: ev.ReceiveWithdrawalExpired) -> State:
    return settle_withdrawal(state, event.dock_id, event.order_id, Outcome.UNKNOWN)


def settle_withdrawal(state: State, dock_id: str, order_id: UUID, outcome: Outcome) -> State:
    """The dock has answered: confirmed, it waits for that flight no longer."""
    view = state.docks.get(dock_id)
    if view is None or view.withdrawal is None or view.withdrawal.order.order_id != order_id:
        return state
    settled = replace(view.withdrawal, outcome=outcome)
    state = change_dock(state, dock_id, lambda known: replace(known, withdrawal=settled))
    confirmed = outcome is Outcome.CONFIRMED
    return no_longer_expected(state, settled.order.flight_id, dock_id) if confirmed else state


HANDLERS: Handlers = {
    ev.ReceiveWithdrawn: _receive_withdrawn,
    ev.ReceiveWithdrawalExpired: _withdrawal_expired,
    ev.CommandGiven: _command_given,
    ev.TaskGiven: _task_given,
    ev.CommandResolved: _resolved,
    ev.NudgesEnded: _nudges_ended,
    ev.DivertBegan: _divert_began,
    ev.ReceiveExpired: _receive_expired,
    ev.DivertImpossible: _divert_impossible,
    ev.BlockerOrdered: _blocker_ordered,
    ev.BlockerOrderExpired: _blocker_expired,
}
