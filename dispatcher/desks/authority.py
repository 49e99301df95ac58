"""Authority at the desk: hand-overs of command, lent payload, and pilots whose consoles fall silent."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from dispatcher import authority
from dispatcher import events as ev
from dispatcher.desks.commands import CommandDesk
from dispatcher.entities import Flight, PilotOnDuty
from dispatcher.errors import Conflict
from dispatcher.record import SYSTEM


class AuthorityDesk(CommandDesk):
    """Who commands what."""

    async def offer_flight(self, actor: str, flight_id: UUID, to: str | None, because: str) -> Flight:
        """Command is offered to a pilot on duty; the giver keeps it until somebody accepts."""
        async with self._turnstile.passing():
            until = self.clock.mission_now() + timedelta(seconds=self.flying.offer_wall_s * self.clock.factor)
            events = authority.offer(
                self.state, flight_id, actor, to, because=because, until=until, new_id=self._new_id
            )
            await self._append(events, actor)
            return self.state.flights[flight_id]

    async def take_flight(self, actor: str, flight_id: UUID, read_back: ev.ReadBack) -> Flight:
        """The offer is accepted and read back; from now ``actor`` is in command."""
        async with self._turnstile.passing():
            now = self.clock.mission_now()
            await self._append(authority.expire_offers(self.state, now=now), SYSTEM)
            events = authority.accept(self.state, flight_id, actor, read_back, policy=self.flying, now=now)
            await self._append(events, actor)
            return self.state.flights[flight_id]

    async def decline_flight(self, actor: str, flight_id: UUID, because: str) -> Flight:
        """The offer is declined, or taken back by who made it."""
        async with self._turnstile.passing():
            await self._append(authority.decline(self.state, flight_id, actor, because), actor)
            return self.state.flights[flight_id]

    async def lend_payload(self, actor: str, flight_id: UUID, to: str) -> Flight:
        """Camera, light and speaker to a named person."""
        async with self._turnstile.passing():
            await self._append(authority.lend(self.state, flight_id, actor, to), actor)
            return self.state.flights[flight_id]

    async def take_payload_back(self, actor: str, flight_id: UUID) -> Flight:
        """The pilot in command has them again."""
        async with self._turnstile.passing():
            await self._append(authority.take_back(self.state, flight_id, actor), actor)
            return self.state.flights[flight_id]

    async def heartbeat(self, actor: str) -> PilotOnDuty:
        """The console of a pilot on duty is there; from the first one on it is watched."""
        pilot = self.state.pilots.get(actor)
        if pilot is None:
            raise Conflict(f"{actor} is not on duty: sign on first")
        self._consoles.heard(actor)
        if pilot.console and pilot.silent_since is None:
            return pilot
        async with self._turnstile.passing():
            pilot = self.state.pilots.get(actor)
            if pilot is None:
                raise Conflict(f"{actor} is not on duty: sign on first")
            events: list[ev.Event] = []
            if not pilot.console:
                events.append(
                    ev.PilotSignedOn(
                        pilot=actor,
                        accepts=pilot.accepts,
                        max_flights=pilot.max_flights,
                        until=pilot.until,
                        console=True,
                    )
                )
            if pilot.silent_since is not None:
                events += authority.heard_again(self.state, actor)
            await self._append(events, actor)
            return self.state.pilots[actor]

    async def look_after_pilots(self) -> None:
        """Silent consoles and what follows from them, and offers that nobody answers; called about once a second."""
        watched = [pilot.id for pilot in self.state.pilots.values() if pilot.console]
        silences = self._consoles.silent_for_s(watched)
        async with self._turnstile.passing():
            now = self.clock.mission_now()
            for pilot_id, silent_s in silences.items():
                pilot = self.state.pilots.get(pilot_id)
                if pilot is None or pilot.silent_since is not None:
                    continue
                if silent_s > self.flying.console_silent_wall_s:
                    events = authority.silent(self.state, pilot_id, silent_s, new_id=self._new_id)
                    await self._append(events, SYSTEM)
            await self._append(authority.expire_offers(self.state, now=now), SYSTEM)
            events, _ = authority.look_after_silent(self.state, policy=self.flying, now=now, new_id=self._new_id)
            await self._append(events, SYSTEM)
        _, due = authority.look_after_silent(self.state, policy=self.flying, now=now, new_id=self._new_id)
        for flight, action, because in due:
            await self.command_flight(SYSTEM, flight.id, action, because, None)
