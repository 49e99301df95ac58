"""Airspace at the desk: documents in and out of force, zones drawn for a time."""

from __future__ import annotations

from dispatcher import airspace, zonedrawing
from dispatcher import events as ev
from dispatcher.desks.writer import Writer
from dispatcher.entities import AirspaceDocument
from dispatcher.record import SYSTEM
from dispatcher.zonedrawing import Drawing


class AirspaceDesk(Writer):
    """Where drones may not fly."""

    async def load_airspace(self, actor: str, loaded: ev.AirspaceLoaded) -> tuple[AirspaceDocument, bool]:
        """Put a document in force that was read before; False when the same was in force already."""
        async with self._turnstile.passing():
            events = airspace.load(self.state, loaded)
            await self._append(events, actor)
            return self.state.airspace.documents[loaded.name], bool(events)

    async def withdraw_airspace(self, actor: str, name: str, because: str) -> None:
        """Take a document out of force."""
        async with self._turnstile.passing():
            await self._append(airspace.withdraw(self.state, name, because, drawn=False), actor)

    async def draw_zone(self, actor: str, drawing: Drawing) -> AirspaceDocument:
        """Put a drawn zone in force until its end."""
        async with self._turnstile.passing():
            name = f"{airspace.DRAWN}{self._new_id()}"
            await self._append([zonedrawing.draw(self.state, drawing, name=name, now=self.clock.mission_now())], actor)
            return self.state.airspace.documents[name]

    async def lift_zone(self, actor: str, name: str, because: str) -> None:
        """Take a drawn zone out of force before its end."""
        async with self._turnstile.passing():
            await self._append(airspace.withdraw(self.state, name, because, drawn=True), actor)

    async def look_after_zones(self) -> None:
        """Take drawn zones out of force whose time is over."""
        if airspace.ended(self.state, now=self.clock.mission_now()):
            async with self._turnstile.passing():
                await self._append(airspace.ended(self.state, now=self.clock.mission_now()), SYSTEM)
