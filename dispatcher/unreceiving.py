"""A dock that waits for a flight which does not come is told to wait no longer.

The dock's own word says whom it expects; the flight's story says whether it comes. A flight of which nothing is known
(missing) may yet come, and is waited for until its order expires.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from contracts.orders import WithdrawReceiveOrder
from contracts.reports import DockStatus
from contracts.vocabulary import Deployment, Outcome, Phase
from dispatcher import events as ev
from dispatcher.entities import Diversion, DockView, Flight, State
from dispatcher.errors import Conflict, NotFound
from dispatcher.identifiers import NewId
from dispatcher.sequence import next_sequence

WITHDRAWAL_VALID = timedelta(seconds=60)


def due(state: State, heard: Mapping[str, DockStatus]) -> Iterator[tuple[DockView, Flight, Diversion, str]]:
    """Docks that expect a flight which will not come, and why not; none that has been told already."""
    for view in state.docks.values():
        expected = _expected(state, view, heard.get(view.dock.id))
        if expected is None or _is_told(view, expected[1]):
            continue
        flight, diversion = expected
        because = not_coming(flight, diversion)
        if because is not None:
            yield view, flight, diversion, because


def not_coming(flight: Flight, diversion: Diversion) -> str | None:
    """Why the flight will not land where this diversion would have brought it; None while it may."""
    command = flight.command(diversion.order_id)
    if flight.ended:
        arrived = flight.phase is Phase.DOCKED and flight.diverted_to == diversion.to_dock_id
        if arrived or flight.phase is Phase.MISSING:
            return None
        return f"{flight.callsign} has ended its flight elsewhere: {flight.phase}"
    if flight.diverted_to == diversion.to_dock_id:
        return None
    if command is not None and command.outcome is Outcome.REFUSED:
        return f"{flight.callsign} does not come: {command.detail}"
    later = flight.diversions[flight.diversions.index(diversion) + 1 :]
    if any((given := flight.command(each.order_id)) and given.outcome is Outcome.CONFIRMED for each in later):
        return f"{flight.callsign} flies to {flight.diverted_to or 'another dock'} instead"
    return None


def by_hand(
    state: State,
    dock_id: str,
    actor: str,
    because: str,
    *,
    heard: Mapping[str, DockStatus],
    deployment: Deployment,
    now: datetime,
    new_id: NewId,
) -> list[ev.Event]:
    """Somebody says that it does not come; raises `Conflict` while it is on its way there, or nobody is expected."""
    view = state.docks.get(dock_id)
    if view is None:
        raise NotFound(f"there is no dock {dock_id}")
    expected = _expected(state, view, heard.get(dock_id))
    if expected is None:
        raise Conflict(f"{dock_id} expects nobody")
    flight, diversion = expected
    if _is_told(view, diversion):
        return []
    if not flight.ended and not_coming(flight, diversion) is None:
        raise Conflict(
            f"{flight.callsign} is on its way to {dock_id}: divert it elsewhere first", flight_id=str(flight.id)
        )
    return [withdraw(state, view, flight, diversion, because, actor, deployment=deployment, now=now, new_id=new_id)]


def withdraw(
    state: State,
    view: DockView,
    flight: Flight,
    diversion: Diversion,
    because: str,
    by: str,
    *,
    deployment: Deployment,
    now: datetime,
    new_id: NewId,
) -> ev.ReceiveWithdrawn:
    """The order that lets the dock go."""
    order = WithdrawReceiveOrder(
        order_id=new_id(),
        receive_order_id=diversion.receive.order_id,
        flight_id=flight.id,
        deployment=deployment,
        because=because[:200],
        by=by,
        issued_at=now,
        expires_at=now + WITHDRAWAL_VALID,
    )
    return ev.ReceiveWithdrawn(dock_id=view.dock.id, order=order, sequence=next_sequence(state, view.dock.id, now))


def _is_told(view: DockView, diversion: Diversion) -> bool:
    """Whether the dock has been told of this one; again only where it has not answered."""
    told = view.withdrawal
    same = told is not None and told.order.receive_order_id == diversion.receive.order_id
    return told is not None and same and told.outcome is not Outcome.UNKNOWN


def _expected(state: State, view: DockView, status: DockStatus | None) -> tuple[Flight, Diversion] | None:
    """Whom the dock says it waits for, by the newest order to receive it there."""
    if status is None or view.silent or status.receiving_flight_id is None:
        return None
    flight = state.flights.get(status.receiving_flight_id)
    if flight is None:
        return None
    there = (each for each in reversed(flight.diversions) if each.to_dock_id == view.dock.id)
    diversion = next(there, None)
    return None if diversion is None else (flight, diversion)
