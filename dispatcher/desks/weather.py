"""Reported weather at the desk."""

from __future__ import annotations

from collections.abc import Sequence

from dispatcher import events as ev
from dispatcher import weather
from dispatcher.desks.writer import Writer


class WeatherDesk(Writer):
    """What aerodromes report."""

    async def take_reports(self, actor: str, reports: Sequence[ev.WeatherReport]) -> int:
        """Journal those that are newer than what is known; how many those were."""
        if not weather.take(self.state, reports):
            return 0
        async with self._turnstile.passing():
            events = weather.take(self.state, reports)
            await self._append(events, actor)
            return len(events)
