"""Commands at the desk: what a flight is told while it is out."""

from __future__ import annotations

from uuid import UUID

from contracts.orders import SafetyAction
from dispatcher import flights
from dispatcher.desks.writer import Writer
from dispatcher.entities import Command
from dispatcher.record import SYSTEM


class CommandDesk(Writer):
    """What may be asked of a flight."""

    async def command_flight(
        self, actor: str, flight_id: UUID, action: SafetyAction, because: str, idempotency_key: str | None
    ) -> Command:
        """Return or cancel, past everything that waits."""
        async with self._turnstile.passing(safety=True):
            before = flights.given_before(self.state, flight_id, actor, idempotency_key)
            if before is not None:
                return before
            events = flights.command(
                self.state,
                flight_id,
                action,
                because=because,
                idempotency_key=idempotency_key,
                now=self.clock.mission_now(),
                new_id=self._new_id,
            )
            await self._append(events, actor)
            given = [known for known in self.state.flights[flight_id].commands if known.action == action]
            return given[-1]

    async def expire_command(self, flight_id: UUID, order_id: UUID) -> None:
        """The link gave a command up."""
        async with self._turnstile.passing():
            await self._append(flights.expire_command(self.state, flight_id, order_id), SYSTEM)
