"""Duty at the desk: signing on and off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from dispatcher import duty
from dispatcher import events as ev
from dispatcher.desks.writer import Writer
from dispatcher.entities import ControllerOnDuty, Handover, PilotOnDuty


class DutyDesk(Writer):
    """Who answers for flights."""

    async def sign_on(
        self,
        actor: str,
        accepts: Literal["beforehand", "ask"],
        max_flights: int,
        *,
        lasts: timedelta | None = None,
        console: bool | None = None,
    ) -> PilotOnDuty:
        """On duty from now, for ``lasts`` of wall time.

        ``console`` says whether a person's console is watched; None: as before, or from its first heartbeat on.
        """
        async with self._turnstile.passing():
            now = self.clock.mission_now()
            until = None if lasts is None else now + lasts * self.clock.factor
            self._consoles.heard(actor)
            await self._append(duty.sign_on(self.state, actor, accepts, max_flights, until, console), actor)
            return self.state.pilots[actor]

    async def sign_on_controller(self, actor: str, *, lasts: timedelta | None = None) -> ControllerOnDuty:
        """On duty from now, for ``lasts`` of wall time."""
        async with self._turnstile.passing():
            until = None if lasts is None else self.clock.mission_now() + lasts * self.clock.factor
            await self._append(duty.controller_on(self.state, actor, until), actor)
            return self.state.controllers[actor]

    async def sign_off_controller(self, actor: str) -> None:
        """Off duty from now."""
        async with self._turnstile.passing():
            await self._append(duty.controller_off(self.state, actor), actor)

    async def acknowledge_briefing(
        self, actor: str, role: ev.DutyRole, what: Sequence[ev.Briefed], seq: int | None
    ) -> None:
        """Somebody on duty has read what holds; ``seq`` None: as it is now."""
        async with self._turnstile.passing():
            read = self.state.seq if seq is None else seq
            await self._append(duty.acknowledge(self.state, actor, role, what, read), actor)

    async def hand_over_shift(self, actor: str, role: ev.DutyRole, note: str) -> Handover:
        """What this shift leaves to the next."""
        async with self._turnstile.passing():
            await self._append(duty.hand_over(self.state, actor, role, note, self._new_id), actor)
            return self.state.handovers[-1]

    async def accept_shift(self, actor: str, handover_id: UUID) -> Handover:
        """The next shift has it."""
        async with self._turnstile.passing():
            _, events = duty.accept_shift(self.state, actor, handover_id)
            await self._append(events, actor)
            return next(each for each in self.state.handovers if each.id == handover_id)

    async def sign_off(self, actor: str) -> None:
        """Off duty from now."""
        async with self._turnstile.passing():
            await self._append(duty.sign_off(self.state, actor), actor)
