"""Watches of several flights at the desk: every few seconds each is looked ahead for, and what follows is done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.orders import SafetyAction
from contracts.tasks import Extend
from contracts.vocabulary import AlarmKind
from dispatcher import apart, commanding, fleet, relay, relieving
from dispatcher import events as ev
from dispatcher.decision.choice import decide
from dispatcher.decision.facts import ReliefFacts
from dispatcher.decision.option import Decision, Option
from dispatcher.desks.flights import FlightDesk
from dispatcher.entities import Flight, Incident
from dispatcher.errors import DockNotEligible
from dispatcher.record import SYSTEM
from dispatcher.relay import Need
from dispatcher.relieving import Choice
from dispatcher.requests import Press

LOOK_AGAIN = timedelta(seconds=15)
"""Who would relieve is decided on so often while that is not due for another `SOON`."""
SOON = timedelta(seconds=60)
LOOKED_FOR = 8
"""Ways that are looked for one after the other, of docks whose straight way would make them the best relief."""


class RelayDesk(FlightDesk):
    """What nobody asks for again, because they asked for a long watch."""

    async def look_after_relays(self) -> None:
        """Call home who is relieved, send who relieves, say what is foreseen; called every few seconds."""
        for incident_id in list(self.state.relays):
            async with self._turnstile.passing():
                incident = self.state.incidents.get(incident_id)
                if incident is not None:
                    await self._append(self._relay(incident), SYSTEM)
        self._relief_decided_at = {
            flight_id: at for flight_id, at in self._relief_decided_at.items() if flight_id in self.state.unfinished
        }
        async with self._turnstile.passing():
            await self._append(self._alarms_over(), SYSTEM)

    def _relay(self, incident: Incident) -> list[ev.Event]:
        now = self.clock.mission_now()
        telemetry = self._whereabouts.latest()
        outlook = relay.look_ahead(self.state, incident, telemetry=telemetry, now=now, factor=self.clock.factor)
        events: list[ev.Event] = []
        for recall in outlook.recalls:
            events += commanding.command(
                self.state,
                recall.flight.id,
                SafetyAction.RETURN,
                actor=SYSTEM,
                because=recall.because,
                idempotency_key=None,
                now=now,
                new_id=self._new_id,
            )
        counts = outlook.flight if outlook.late is not None else outlook.need.flight if outlook.need else None
        for flight in relay.chain_of(self.state, incident):
            if flight is not counts:
                events += self._no_alarm(flight.id)
        if outlook.ends is not None:
            return [*events, ev.RelayEnded(incident_id=incident.id, because=outlook.ends)]
        if outlook.need is not None:
            return events + self._relieve(incident, outlook.need)
        if outlook.late is not None and outlook.flight is not None:
            events += self._extend(incident, outlook.flight)
            return events + self._alarm(outlook.flight.id, outlook.late, again=False)
        return events

    def _extend(self, incident: Incident, flight: Flight) -> list[ev.Event]:
        """Nobody will be there in time: it stays as long as its charge allows."""
        now = self.clock.mission_now()
        by_s = relay.extension_s(incident, flight, self._whereabouts.latest().get(flight.dock_id), now)
        if by_s is None:
            return []
        return commanding.give_task(
            self.state,
            flight.id,
            Extend(by_s=by_s),
            actor=SYSTEM,
            because="nobody relieves it in time, and its charge allows it",
            idempotency_key=None,
            policy=self.flying,
            now=now,
            new_id=self._new_id,
        )

    def _relieve(self, incident: Incident, need: Need) -> list[ev.Event]:
        now = self.clock.mission_now()
        if not self._is_due(incident, need, now):
            return []
        self._relief_decided_at[need.flight.id] = now
        decision = self._decide_relief(incident, need)
        choice = relieving.choose(need, decision, now)
        asked: set[str] = set()
        while choice.option is not None and choice.option.bound and len(asked) < LOOKED_FOR:
            # Of a large fleet not every way was looked for: whom it would be must be known exactly.
            asked.add(choice.option.dock_id)
            decision = self._decide_relief(incident, need, exact_for=asked)
            choice = relieving.choose(need, decision, now)
        if choice.option is not None and choice.option.bound:
            choice = relieving.choose(need, decision, now, exact_alone=True)
        while choice.option is not None and choice.order_at is not None and choice.order_at <= now:
            try:
                return self._send(incident, need, decision, choice.option)
            except DockNotEligible as refusal:
                # Its way bends around zones and comes near somebody there, as the straight one did not.
                need = replace(need, tried={**need.tried, choice.option.dock_id: refusal.detail})
                choice = relieving.choose(need, decision, now, exact_alone=True)
        events = self._foreseen(incident, need, choice)
        if choice.option is not None:
            return events + self._no_alarm(need.flight.id)
        if need.leaves_at - now > relay.WARNING or need.flight.ended:
            return events
        events += self._extend(incident, need.flight)
        raised = self._alarm(
            need.flight.id,
            relieving.alarm_text(need, choice, now, callsign_of=self.state.callsign_of),
            again=bool(events),
        )
        # What the alarm rests on goes into the record with it.
        return [self._decided(self._new_id(), decision), *events, *raised] if raised else events

    def _is_due(self, incident: Incident, need: Need, now: datetime) -> bool:
        """False while what was foreseen a moment ago still lies ahead."""
        decided_at, foreseen = self._relief_decided_at.get(need.flight.id), incident.relief
        if decided_at is None or foreseen is None or foreseen.flight_id != need.flight.id:
            return True
        soon = foreseen.order_at is None or foreseen.order_at - now <= SOON
        moved = abs(foreseen.leaves_at - need.leaves_at) > relay.MOVED
        return soon or moved or now - decided_at >= LOOK_AGAIN

    def _send(self, incident: Incident, need: Need, decision: Decision, option: Option) -> list[ev.Event]:
        relieved = need.flight
        decided = self._decided(self._new_id(), decision)
        press = Press(
            purpose=relieved.order.purpose,
            decision_id=decided.decision_id,
            incident_revision=incident.revision,
            dock_id=option.dock_id,
            idempotency_key="",
        )
        ordered = self._order(incident, decision, decided, option, press)
        ordered = ordered.model_copy(
            update={
                "relieves": relieved.id,
                "accepted_by": relay.pressed_by(self.state, incident),
                "idempotency_key": None,
            }
        )
        answer = "" if ordered.accepted_beforehand else ": accept it, or it does not go"
        told = ev.PilotTold(
            pilot=ordered.order.pilot,
            flight_id=ordered.flight_id,
            by=SYSTEM,
            order_id=ordered.order.order_id,
            text=f"{ordered.callsign} is to relieve {relieved.callsign} on scene{answer}"[:400],
        )
        return [decided, ordered, told, *self._no_alarm(relieved.id)]

    def _decide_relief(self, incident: Incident, need: Need, *, exact_for: Collection[str] = ()) -> Decision:
        now, wall_s = self.clock.mission_now(), self.clock.wall_s()
        docks = fleet.dock_facts(self.state, self._heard, policy=self.policy, now=now, wall_s=wall_s)
        asked = replace(fleet.incident_facts(self.state, incident), watch_s=round(need.watch_s, 1))
        traffic = self.traffic.facts([(incident.place.lat_deg, incident.place.lon_deg)])
        world = self.worlds.world(self.state, now)
        return decide(
            incident=asked,
            docks=docks,
            apart=apart.heights_beside(
                self.state,
                asked,
                docks,
                policy=self.policy,
                sky=self._sky(),
                asked=exact_for,
                traffic=traffic,
                world=world,
            ),
            pilots=fleet.pilot_facts(self.state, now=now, flying=self.flying),
            policy=self.policy,
            mission_time=now,
            deployment=self.deployment,
            within_reach=self._reach.candidates(incident.place.lat_deg, incident.place.lon_deg),
            relief=ReliefFacts(flight_id=str(need.flight.id)),
            world=world,
            exact_for=exact_for,
            traffic=traffic,
        )

    def _foreseen(self, incident: Incident, need: Need, choice: Choice) -> list[ev.Event]:
        known = incident.relief
        dock_id = None if choice.option is None else choice.option.dock_id
        same = known is not None and (known.flight_id, known.dock_id) == (need.flight.id, dock_id)
        if known is not None and same and abs(known.leaves_at - need.leaves_at) <= relay.MOVED:
            return []
        return [
            ev.ReliefForeseen(
                incident_id=incident.id,
                flight_id=need.flight.id,
                leaves_at=need.leaves_at,
                dock_id=dock_id,
                order_at=choice.order_at,
                reasons={dock_id: list(texts) for dock_id, texts in choice.reasons.items()},
            )
        ]

    def _alarm(self, flight_id: UUID, text: str, *, again: bool) -> list[ev.Event]:
        """Raise it; one that lasts has new words only when what is foreseen has changed."""
        if relay.has_alarm(self.state.flights[flight_id]) and not again:
            return []
        return [ev.AlarmRaised(alarm=AlarmKind.NO_RELIEF, flight_id=flight_id, text=text)]

    def _no_alarm(self, flight_id: UUID) -> list[ev.Event]:
        if not relay.has_alarm(self.state.flights[flight_id]):
            return []
        return [ev.AlarmEnded(alarm=AlarmKind.NO_RELIEF, flight_id=flight_id)]

    def _alarms_over(self) -> list[ev.Event]:
        """Alarms of watches that nobody wants any more."""
        now = self.clock.mission_now()
        events: list[ev.Event] = []
        for home in set(self.state.open_alarms.values()):
            flight = self.state.flights.get(home) if isinstance(home, UUID) else None
            if flight is None or not relay.has_alarm(flight):
                continue
            if not relay.is_wanted(self.state.incidents.get(flight.incident_id), now):
                events += self._no_alarm(flight.id)
        return events
