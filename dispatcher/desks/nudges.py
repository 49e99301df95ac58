"""Nudges at the desk: held keys move an aircraft by hand, and letting go is a hold."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from contracts.orders import TaskOrder
from contracts.tasks import Nudge
from dispatcher import commanding
from dispatcher import events as ev
from dispatcher.desks.commands import CommandDesk
from dispatcher.entities import Command
from dispatcher.flights import flight_of
from dispatcher.nudging import Burst, Fleeting
from dispatcher.sequence import next_sequence


class NudgeDesk(CommandDesk):
    """Many a second, and none but the first waits for the journal."""

    async def nudge(self, actor: str, flight_id: UUID, nudge: Nudge, because: str) -> Command:
        """One of a burst: the command is that of the first, which alone is recorded, with the last."""
        burst = self._bursts.lasting(flight_id, actor)
        if burst is None or not self._goes_on(burst):
            async with self._turnstile.passing():
                await self._end_burst(flight_id)
                events = self._task(flight_id, nudge, actor=actor, because=because, idempotency_key=None)
                self._kept_apart(flight_id, nudge)
                command = await self._give(events, actor, flight_id)
                self._bursts.begin(flight_id, command.order_id, actor, nudge, command.sequence)
                self._send_once(flight_id, nudge, command.order_id, command.sequence, actor)
                return command
        flight = flight_of(self.state, flight_id)
        commanding.check_possible(self.state, flight, actor, nudge.type, self.flying)
        self._kept_apart(flight_id, nudge)
        now = self.clock.mission_now()
        self._bursts.go_on(burst, nudge, max(burst.sequence + 1, next_sequence(self.state, flight.dock_id, now)))
        self._send_once(flight_id, nudge, self._new_id(), burst.sequence, actor)
        return next(command for command in flight.commands if command.order_id == burst.order_id)

    def _goes_on(self, burst: Burst) -> bool:
        """False once another manoeuvre, or another pilot, has come in between."""
        flight = flight_of(self.state, burst.flight_id)
        manoeuvres = [command for command in flight.commands if command.is_manoeuvre]
        return flight.pilot == burst.actor and bool(manoeuvres) and manoeuvres[-1].order_id == burst.order_id

    def _send_once(self, flight_id: UUID, nudge: Nudge, order_id: UUID, sequence: int, actor: str) -> None:
        now = self.clock.mission_now()
        flight = flight_of(self.state, flight_id)
        order = TaskOrder(
            order_id=order_id,
            flight_id=flight_id,
            deployment=self.deployment,
            given_by=actor,
            issued_at=now,
            expires_at=now + timedelta(seconds=commanding.NUDGE_VALID_WALL_S * self.clock.factor),
            task=nudge,
        )
        fleeting = Fleeting(dock_id=flight.dock_id, message=order, order_id=order_id, sequence=sequence)
        for listener in self._fleeting:
            listener(fleeting)

    async def _end_burst(self, flight_id: UUID) -> None:
        burst = self._bursts.take(flight_id)
        if burst is not None:
            ended = ev.NudgesEnded(
                flight_id=flight_id,
                order_id=burst.order_id,
                count=burst.count,
                last=burst.last,
                over_s=round(burst.last_s - burst.began_s, 2),
            )
            await self._append([ended], burst.actor)

    async def end_nudges(self) -> None:
        """Record the last of each burst whose keys were let go; called a few times a second."""
        for flight_id in self._bursts.over():
            async with self._turnstile.passing():
                await self._end_burst(flight_id)
