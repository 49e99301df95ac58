"""Diversions at the desk: another dock opens first, then the flight is told; by itself where its own lid stays shut."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts.vocabulary import Outcome
from dispatcher import commanding, diverting, unreceiving
from dispatcher import events as ev
from dispatcher.desks.commands import CommandDesk
from dispatcher.diverting import Present
from dispatcher.entities import Command, DockView, Flight
from dispatcher.errors import Conflict, DispatcherError
from dispatcher.flights import flight_of
from dispatcher.record import SYSTEM


class DiversionDesk(CommandDesk):
    """To another dock, asked for or because it must."""

    async def divert(
        self, actor: str, flight_id: UUID, dock_id: str | None, because: str, idempotency_key: str | None
    ) -> Command:
        """To the named dock, or the nearest that can take it in; the command waits until that dock is open."""
        async with self._turnstile.passing():
            before = commanding.given_before(self.state, flight_id, actor, idempotency_key)
            if before is not None:
                return before
            flight = flight_of(self.state, flight_id)
            commanding.check_may(flight, actor, "divert")
            commanding.check_possible(self.state, flight, actor, "divert", self.flying)
            events = self._begun(
                flight,
                dock_id,
                self._present(flight),
                actor=actor,
                because=because,
                idempotency_key=idempotency_key,
                automatic=False,
            )
            return await self._give(events, actor, flight_id)

    async def look_after_diversions(self) -> None:
        """Docks that do not answer, flights that wait to be told; called every few seconds."""
        async with self._turnstile.passing():
            await self._carry_on_diversions()

    async def expire_receive(self, flight_id: UUID, order_id: UUID) -> None:
        """The link gave an order to open up."""
        async with self._turnstile.passing():
            flight = self.state.flights.get(flight_id)
            diversion = None if flight is None else diverting.waiting(flight)
            if diversion is not None and diversion.receive.order_id == order_id:
                await self._append([ev.ReceiveExpired(flight_id=flight_id, order_id=order_id)], SYSTEM)
                await self._carry_on_diversions()

    async def withdraw_receive(self, actor: str, dock_id: str, because: str) -> DockView:
        """The flight that a dock waits for does not come: it is told so, and is free again."""
        async with self._turnstile.passing():
            events = unreceiving.by_hand(
                self.state,
                dock_id,
                actor,
                because,
                heard=self._statuses(),
                deployment=self.deployment,
                now=self.clock.mission_now(),
                new_id=self._new_id,
            )
            await self._append(events, actor)
            return self.state.docks[dock_id]

    async def expire_withdrawal(self, dock_id: str, order_id: UUID) -> None:
        """The link gave a withdrawal up."""
        async with self._turnstile.passing():
            view = self.state.docks.get(dock_id)
            withdrawal = None if view is None else view.withdrawal
            if (
                withdrawal is not None
                and withdrawal.order.order_id == order_id
                and withdrawal.outcome is Outcome.PENDING
            ):
                await self._append([ev.ReceiveWithdrawalExpired(dock_id=dock_id, order_id=order_id)], SYSTEM)

    async def _let_docks_go(self) -> None:
        """Docks that wait for flights which do not come."""
        for view, flight, diversion, because in list(unreceiving.due(self.state, self._statuses())):
            withdrawn = unreceiving.withdraw(
                self.state,
                view,
                flight,
                diversion,
                because,
                SYSTEM,
                deployment=self.deployment,
                now=self.clock.mission_now(),
                new_id=self._new_id,
            )
            await self._append([withdrawn], SYSTEM, cause=diversion.event_id)

    async def _carry_on_diversions(self) -> None:
        """What follows from what the docks have said; inside the turnstile."""
        now = self.clock.mission_now()
        for flight in self.state.active_flights():
            if not flight.diversions and not flight.alarms:
                continue
            await self._give_up_waiting(flight, now)
            await self._tell_flight(self.state.flights[flight.id], now)
            await self._give_up(self.state.flights[flight.id])
            await self._divert_by_itself(self.state.flights[flight.id])
        await self._let_docks_go()

    async def _give_up_waiting(self, flight: Flight, now: datetime) -> None:
        diversion = diverting.waiting(flight)
        if diversion is not None and now - diversion.receive.issued_at > diverting.ANSWER_WITHIN:
            expired = ev.ReceiveExpired(flight_id=flight.id, order_id=diversion.receive.order_id)
            await self._append([expired], SYSTEM, cause=diversion.event_id)

    async def _tell_flight(self, flight: Flight, now: datetime) -> None:
        diversion = diverting.opened(flight)
        if diversion is None:
            return
        try:
            present = self._present(flight)
        except Conflict:
            # Not known where it is: the next look may know.
            return
        view = self.state.docks[diversion.to_dock_id]
        world = self.worlds.world(self.state, now)
        wind = self._wind_around(flight, present)
        try:
            way = diverting.way_to(
                self.state,
                flight,
                view,
                present=present,
                wind=wind,
                policy=self.policy,
                world=world,
                sky=self._sky(),
                must=diversion.automatic,
            )
        except DispatcherError as error:
            events = diverting.give_up(flight, diversion, error.detail)
        else:
            events = diverting.tell_flight(self.state, flight, diversion, way.task, now=now)
        await self._append(events, SYSTEM, cause=diversion.event_id)

    async def _give_up(self, flight: Flight) -> None:
        diversion = diverting.failed(flight)
        if diversion is not None:
            why = diversion.receive_detail or f"the dock answered {diversion.receive_outcome}"
            await self._append(diverting.give_up(flight, diversion, why), SYSTEM, cause=diversion.event_id)

    async def _divert_by_itself(self, flight: Flight) -> None:
        if not diverting.needs_another_home(flight):
            return
        try:
            present = self._present(flight)
        except Conflict:
            return
        because = f"the lid of {flight.dock_id} does not open"
        try:
            events = self._begun(
                flight, None, present, actor=SYSTEM, because=because, idempotency_key=None, automatic=True
            )
        except DispatcherError as error:
            reasons = error.extra.get("reasons", {})
            impossible = ev.DivertImpossible(flight_id=flight.id, because=error.detail[:400], reasons=reasons)
            events = [impossible]
        await self._append(events, SYSTEM)

    def _begun(
        self,
        flight: Flight,
        dock_id: str | None,
        present: Present,
        *,
        actor: str,
        because: str,
        idempotency_key: str | None,
        automatic: bool,
    ) -> list[ev.Event]:
        return diverting.begin(
            self.state,
            flight,
            dock_id,
            actor=actor,
            because=because,
            idempotency_key=idempotency_key,
            automatic=automatic,
            present=present,
            heard=self._statuses(),
            policy=self.policy,
            world=self.worlds.world(self.state, self.clock.mission_now()),
            sky=self._sky(),
            deployment=self.deployment,
            now=self.clock.mission_now(),
            new_id=self._new_id,
        )
