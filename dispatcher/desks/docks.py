"""Docks at the desk: what their agents say, each fact exactly once, and when they say nothing."""

from __future__ import annotations

from uuid import UUID

from contracts.reports import AgentEvent, AlarmChanged, CommandSettled, DockStatus
from dispatcher import alarms, fleet, maintenance
from dispatcher import events as ev
from dispatcher.desks.diversions import DiversionDesk
from dispatcher.entities import Alarm, DockView
from dispatcher.record import SYSTEM


class DockDesk(DiversionDesk):
    """What the docks say."""

    async def ingest_event(self, dock_id: str, event: AgentEvent) -> bool:
        """Journal an agent's fact exactly once; True when it is in the journal, False for one that comes too early."""
        if dock_id not in self.state.docks or event.deployment != self.deployment:
            return False
        async with self._turnstile.passing():
            cursor = self.state.agents.get(dock_id)
            last = cursor.boots.get(event.boot_id) if cursor else None
            if last is not None and event.counter <= last:
                self.counters.repeated_events += 1
                return True
            follows = event.counter == (last or 0) + 1
            if not follows and event.counter != event.oldest_unacknowledged:
                self.counters.gaps += 1
                return False
            reported = ev.AgentReported(
                dock_id=dock_id,
                boot_id=event.boot_id,
                counter=event.counter,
                agent_mission_time=event.mission_time,
                agent_wall_time=event.wall_time,
                fact=event.fact,
            )
            flight_id = getattr(event.fact, "flight_id", None)
            order_id = getattr(event.fact, "order_id", None)
            await self._append([reported], f"agent:{dock_id}", cause=self._cause(dock_id, flight_id, order_id))
            if isinstance(event.fact, AlarmChanged | CommandSettled):
                await self._carry_on_diversions()
            return True

    async def ingest_status(self, dock_id: str, status: DockStatus) -> None:
        """Take a dock's status; journal it when it matters."""
        view = self.state.docks.get(dock_id)
        if view is None:
            return
        last = self._heard.get(dock_id)
        # Between two starts of an agent the link has decided which is the newer: its clock may have gone back.
        same_boot = last is not None and last.status.boot_id == status.boot_id
        if same_boot and last is not None and last.status.mission_time > status.mission_time:
            self.counters.old_statuses += 1
            return
        heard = fleet.Heard(status=status, at_wall_s=self.clock.wall_s())
        self.dock_weather.take(dock_id, status.weather, status.mission_time)
        reported = fleet.reported(view, status, self.deployment)
        if fleet.worth_recording(view.report, reported):
            # A decision rests on nothing that is not in the journal yet.
            async with self._turnstile.passing():
                await self._append([reported], f"agent:{dock_id}", cause=self._cause(dock_id, status.flight_id))
                self._heard[dock_id] = heard
            return
        self._heard[dock_id] = heard

    async def dock_silent(self, dock_id: str, silent_s: float) -> None:
        """No heartbeat for too long."""
        async with self._turnstile.passing():
            view = self.state.docks.get(dock_id)
            if view is not None and not view.silent:
                await self._append([ev.DockSilent(dock_id=dock_id, silent_s=round(silent_s, 1))], SYSTEM)

    async def dock_heard(self, dock_id: str) -> None:
        """A silent dock is heard again."""
        async with self._turnstile.passing():
            view = self.state.docks.get(dock_id)
            if view is not None and view.silent:
                await self._append([ev.DockHeardAgain(dock_id=dock_id)], SYSTEM)

    async def stranger(self, name: str, because: str) -> None:
        """Something speaks for a dock it is not; recorded once per name and reason."""
        async with self._turnstile.passing():
            known = self.state.strangers.get(name)
            if known is None or known.because != because:
                await self._append([ev.StrangerSeen(name=name, because=because)], SYSTEM)

    # --- what people say of them ---

    async def acknowledge_alarm(self, actor: str, alarm_id: UUID) -> Alarm:
        """Somebody, by name, has seen it."""
        async with self._turnstile.passing():
            alarm, events = alarms.acknowledge(self.state, alarm_id)
            await self._append(events, actor)
            return self._alarm_now(alarm)

    async def shelve_alarm(self, actor: str, alarm_id: UUID, lasts_s: float, because: str) -> Alarm:
        """Out of sight for so long, mission seconds."""
        async with self._turnstile.passing():
            now = self.clock.mission_now()
            alarm, events = alarms.shelve(self.state, alarm_id, lasts_s=lasts_s, because=because, now=now)
            await self._append(events, actor)
            return self._alarm_now(alarm)

    async def unshelve_alarm(self, actor: str, alarm_id: UUID) -> Alarm:
        """In sight again before its time."""
        async with self._turnstile.passing():
            alarm, events = alarms.unshelve(self.state, alarm_id, now=self.clock.mission_now())
            await self._append(events, actor)
            return self._alarm_now(alarm)

    def _alarm_now(self, alarm: Alarm) -> Alarm:
        of_flight = alarm.flight_id is not None and self.state.flights[alarm.flight_id].alarms
        known = of_flight or self.state.docks[alarm.dock_id or ""].alarms
        return next(each for each in known if each.id == alarm.id)

    async def raise_blocker(self, actor: str, dock_id: str, text: str) -> DockView:
        """A person or an object is over the dock: nothing starts or lands there until it is lifted."""
        async with self._turnstile.passing():
            now = self.clock.mission_now()
            events = alarms.raise_blocker(
                self.state, dock_id, actor, text, deployment=self.deployment, now=now, new_id=self._new_id
            )
            await self._append(events, actor)
            return self.state.docks[dock_id]

    async def lift_blocker(self, actor: str, dock_id: str) -> DockView:
        """It has gone."""
        async with self._turnstile.passing():
            now = self.clock.mission_now()
            events = alarms.lift_blocker(
                self.state, dock_id, actor, deployment=self.deployment, now=now, new_id=self._new_id
            )
            await self._append(events, actor)
            return self.state.docks[dock_id]

    async def hold_dock(self, actor: str, dock_id: str, because: str) -> DockView:
        """Take a dock out of service."""
        async with self._turnstile.passing():
            now, new_id = self.clock.mission_now(), self._new_id
            events = maintenance.hold(
                self.state, dock_id, actor, because, deployment=self.deployment, now=now, new_id=new_id
            )
            await self._append(events, actor)
            return self.state.docks[dock_id]

    async def release_dock(
        self, actor: str, dock_id: str, held_by: str | None = None, *, engineer: bool = True
    ) -> DockView:
        """The person's own hold is over, or that of ``held_by``; back in service without another."""
        async with self._turnstile.passing():
            events = maintenance.release(
                self.state,
                dock_id,
                actor,
                held_by=held_by,
                engineer=engineer,
                deployment=self.deployment,
                now=self.clock.mission_now(),
                new_id=self._new_id,
            )
            await self._append(events, actor)
            return self.state.docks[dock_id]

    async def tell_maintenance(self) -> None:
        """Agents that were never told who holds their docks, or have not heard of it in all its time, are told."""
        async with self._turnstile.passing():
            now, new_id = self.clock.mission_now(), self._new_id
            events = maintenance.untold(self.state, deployment=self.deployment, now=now, new_id=new_id)
            await self._append(events, SYSTEM)

    async def expire_blocker(self, dock_id: str, order_id: UUID) -> None:
        """The link gave a blocker's order up."""
        async with self._turnstile.passing():
            view = self.state.docks.get(dock_id)
            blocker = None if view is None else view.blocker
            if blocker is not None and blocker.order.order_id == order_id and not blocker.settled:
                await self._append([ev.BlockerOrderExpired(dock_id=dock_id, order_id=order_id)], SYSTEM)
