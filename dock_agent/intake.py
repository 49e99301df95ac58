"""Verified orders, each taken once: refused at once with every reason, or put on disk as handled with what it began.

The order's id is what makes doing it twice doing it once; it is remembered in the transaction that begins the work, so
that a kill in between can neither lose an order nor do it again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from contracts.fleet import AircraftType
from contracts.orders import (
    BlockerOrder,
    FlightOrder,
    MaintenanceOrder,
    ReceiveOrder,
    SafetyOrder,
    TaskOrder,
    WithdrawReceiveOrder,
)
from contracts.reports import CommandSettled, DockNoted, Fact, OrderRefused
from contracts.tasks import Nudge
from contracts.vocabulary import Deployment, Outcome
from dock_agent import guards, phases, tasks
from dock_agent.caretaker import Caretaker
from dock_agent.dock_hardware import DockHardware
from dock_agent.flight import Flight, Seen
from dock_agent.maintenance import Maintenance
from dock_agent.mission import MissionPlan, mission_of
from dock_agent.receiving import Reception
from dock_agent.record import Record
from dock_agent.store import Store
from dock_agent.turn import Effect
from kestrel.clock import Clock

log = logging.getLogger(__name__)


class Commander(Protocol):
    """What orders need of the agent."""

    flight: Flight | None
    on_change: Callable[[], None]

    @property
    def standing(self) -> guards.Standing:
        """What is known of the dock at this moment."""

    def seen(self) -> Seen:
        """The world at this moment."""

    def plan(self) -> MissionPlan:
        """What the flight counts on being on board."""

    def begin(self, flight: Flight) -> None:
        """A flight that is new to this process."""

    def become(self, flight: Flight, effects: Iterable[Effect], also: Callable[[], None] | None = None) -> None:
        """Put a step on disk, then carry it out."""


class Intake:
    """Of one agent."""

    def __init__(
        self,
        *,
        agent: Commander,
        aircraft_type: AircraftType,
        deployment: Deployment,
        clock: Clock,
        hardware: DockHardware,
        store: Store,
        record: Record,
        caretaker: Caretaker,
        reception: Reception,
        maintenance: Maintenance,
    ) -> None:
        self._agent, self._type, self._deployment, self._clock = agent, aircraft_type, deployment, clock
        self._hardware, self._store, self._record = hardware, store, record
        self._caretaker, self._reception, self._maintenance = caretaker, reception, maintenance
        self._left: UUID | None = None
        """The last order about maintenance that was not taken."""

    def take_order(self, order: FlightOrder, *, sequence: int) -> None:
        """A verified flight order. Doing one twice is doing it once."""
        if self._store.was_handled(order.order_id):
            log.info("order known already", extra={"order_id": str(order.order_id)})
            return
        seen = self._agent.seen()
        standing = replace(self._agent.standing, barred=self._store.is_barred(order.flight_id))
        reasons = guards.order_reasons(order, sequence=sequence, now=seen.now, standing=standing)

        def handled() -> None:
            self._store.mark_handled(order.order_id, flight_id=order.flight_id, kind=order.name)
            self._store.raise_order_sequence(sequence)

        if reasons:
            log.warning("order refused", extra={"order_id": str(order.order_id), "reasons": reasons})
            told = [reason[:400] for reason in reasons][:40]
            refused = OrderRefused(order_id=order.order_id, flight_id=order.flight_id, reasons=told)
            self._record.say([refused], also=handled)
            return
        log.info("order accepted", extra={"order_id": str(order.order_id), "flight_id": str(order.flight_id)})
        mission = mission_of(order)
        flight, effects = phases.begin(order, seen=seen, mission=mission)
        self._agent.begin(flight)
        self._agent.become(flight, effects, also=handled)

    def take_safety(self, order: SafetyOrder) -> None:
        """A verified cancel or return. It goes past everything that is under way."""
        if self._store.was_handled(order.order_id):
            log.info("safety order known already", extra={"order_id": str(order.order_id)})
            return
        log.warning("safety order", extra={"order_id": str(order.order_id), "action": order.action})

        def handled() -> None:
            self._store.mark_handled(order.order_id, flight_id=order.flight_id, kind=order.name)

        def settle(outcome: Outcome, detail: str, also: Callable[[], None] = handled) -> None:
            settled = CommandSettled(order_id=order.order_id, flight_id=order.flight_id, outcome=outcome, detail=detail)
            self._record.say([settled], also=also)

        flight = self._agent.flight
        if order.deployment != self._deployment:
            settle(Outcome.REFUSED, f"the order is for {order.deployment}; this dock is {self._deployment}")
        elif order.expires_at <= self._clock.mission_now():
            settle(Outcome.REFUSED, "the order has expired")
        elif flight is not None and flight.order.flight_id == order.flight_id:
            after = phases.safety(flight, order=order, seen=self._agent.seen(), mission=self._agent.plan())
            self._agent.become(*after, also=handled)
        elif self._store.knows_flight(order.flight_id):
            settle(Outcome.REFUSED, "the flight has ended already")
        else:

            def bar() -> None:
                handled()
                self._store.bar(order.flight_id)

            settle(Outcome.CONFIRMED, "the flight's order has not arrived; it will be refused", bar)

    def take_task(self, order: TaskOrder) -> None:
        """A verified task for the flight in the air. Doing one twice is doing it once."""
        if self._store.was_handled(order.order_id):
            return
        log.info("task", extra={"order_id": str(order.order_id), "task": order.task.type})

        def handled() -> None:
            self._store.mark_handled(order.order_id, flight_id=order.flight_id, kind=order.name)

        seen, flight = self._agent.seen(), self._agent.flight
        if flight is None or flight.order.flight_id != order.flight_id:
            reasons = ["the flight is not under way here"]
        else:
            reasons = tasks.own_reasons(
                order, flight, now=seen.now, deployment=self._deployment, aircraft_type=self._type
            )
            reasons += guards.task_reasons(order.task, flight=flight, seen=seen, standing=self._agent.standing)
        if reasons and flight is not None and flight.nudged_wall is not None and isinstance(order.task, Nudge):
            # A burst is told by its first and its last; what it runs into ends it by the hold that follows.
            with self._store.transaction():
                handled()
            return
        if reasons or flight is None:
            log.warning("task refused", extra={"order_id": str(order.order_id), "reasons": reasons})
            detail = "; ".join(reasons)[:400]
            refused = CommandSettled(
                order_id=order.order_id, flight_id=order.flight_id, outcome=Outcome.REFUSED, detail=detail
            )
            self._record.say([refused], also=handled)
            return
        self._agent.become(*phases.task(flight, order=order, seen=seen, mission=self._agent.plan()), also=handled)

    def take_receive(self, order: ReceiveOrder) -> None:
        """A verified order to let another dock's aircraft land here."""
        if self._store.was_handled(order.order_id):
            return
        now, hardware = self._clock.mission_now(), self._hardware.reading()
        reasons = self._reception.reasons(
            order, hardware=hardware, now=now, deployment=self._deployment, flying=self._agent.flight is not None
        )
        if self._maintenance.because is not None:
            reasons.append(self._maintenance.because)
        with self._store.transaction():
            self._store.mark_handled(order.order_id, flight_id=order.order_id, kind=order.name)
            if reasons:
                detail = "; ".join(reasons)[:400]
                refused = CommandSettled(
                    order_id=order.order_id, flight_id=order.flight_id, outcome=Outcome.REFUSED, detail=detail
                )
                self._record.append([refused])
            else:
                self._reception.begin(order, now=now)
        log.info("asked to receive", extra={"aircraft": order.aircraft_id, "reasons": reasons})
        self._record.on_event()
        self._agent.on_change()

    def take_withdrawal(self, order: WithdrawReceiveOrder) -> None:
        """A verified word that the aircraft which is expected does not come. Doing one twice is doing it once."""
        if self._store.was_handled(order.order_id):
            return
        now, hardware = self._clock.mission_now(), self._hardware.reading()
        why = self._unusable(order)
        facts: tuple[Fact, ...]
        with self._store.transaction():
            self._store.mark_handled(order.order_id, flight_id=order.order_id, kind=order.name)
            if why is not None:
                facts = (
                    CommandSettled(
                        order_id=order.order_id, flight_id=order.flight_id, outcome=Outcome.REFUSED, detail=why
                    ),
                )
            else:
                facts = self._reception.withdraw(order, hardware, now=now)
                if not self._store.was_handled(order.receive_order_id):
                    # One that arrives after its withdrawal is not obeyed.
                    self._store.mark_handled(order.receive_order_id, flight_id=order.receive_order_id, kind=order.name)
            self._record.append(facts)
        log.info("receiving withdrawn", extra={"order_id": str(order.order_id), "why": why or order.because})
        self._record.on_event()
        self._agent.on_change()

    def take_blocker(self, order: BlockerOrder) -> None:
        """A verified word of a person that something is over the dock, or that it is gone."""
        if self._store.was_handled(order.order_id):
            return
        why = self._unusable(order)
        if why is not None:
            log.warning("blocker not taken", extra={"order_id": str(order.order_id), "why": why})
            return
        with self._store.transaction():
            text = self._caretaker.take_blocker(order)
            self._record.append([DockNoted(severity="warning" if order.raised else "info", text=text[:400])])
            self._store.mark_handled(order.order_id, flight_id=order.order_id, kind=order.name)
        self._record.on_event()
        self._agent.on_change()

    def take_maintenance(self, order: MaintenanceOrder, *, sequence: int) -> None:
        """A verified word of who holds the dock for maintenance. The newest counts, in whatever order they arrive."""
        if self._store.was_handled(order.order_id):
            return
        why = self._unusable(order)
        if why is None and not self._maintenance.is_newer(sequence):
            why = "a later one has been taken already"
        if why is not None:
            if self._left != order.order_id:
                # It is sent until it is known; what is wrong with it is said once.
                self._left = order.order_id
                log.warning("maintenance not taken", extra={"order_id": str(order.order_id), "why": why})
            return
        with self._store.transaction():
            text = self._maintenance.take(order, sequence=sequence)
            self._record.append([DockNoted(severity="info", text=text[:400])])
            self._store.mark_handled(order.order_id, flight_id=order.order_id, kind=order.name)
        log.info("maintenance", extra={"order_id": str(order.order_id), "holds": len(order.holds)})
        self._record.on_event()
        self._agent.on_change()

    def _unusable(self, order: WithdrawReceiveOrder | BlockerOrder | MaintenanceOrder) -> str | None:
        """Why a word to the dock is taken by none, whatever it says."""
        if order.deployment != self._deployment:
            return f"the order is for {order.deployment}; this dock is {self._deployment}"
        return "the order has expired" if order.expires_at <= self._clock.mission_now() else None
