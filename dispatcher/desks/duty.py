"""Duty at the desk: signing on and off."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from dispatcher import duty
from dispatcher.desks.writer import Writer
from dispatcher.entities import PilotOnDuty


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

    async def sign_off(self, actor: str) -> None:
        """Off duty from now."""
        async with self._turnstile.passing():
            await self._append(duty.sign_off(self.state, actor), actor)
