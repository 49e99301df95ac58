"""The desk: the one place where something is decided, journalled and then done. The journal's single writer.

Every method decides on the present state with pure functions, appends the events that follow, folds them into the state
when they are safely in the journal, and only then tells those who act on them. Safety commands pass all who wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol
from uuid import UUID

from contracts.orders import SafetyAction
from contracts.reports import AgentEvent, DockStatus
from contracts.vocabulary import Deployment
from dispatcher import duty, fleet, flights, incidents
from dispatcher import events as ev
from dispatcher.decision.choice import decide, plan_flight
from dispatcher.decision.facts import Policy
from dispatcher.decision.option import Decision
from dispatcher.entities import Command, DecisionView, Flight, Incident, PilotOnDuty, Proposal
from dispatcher.errors import Conflict, DispatcherError
from dispatcher.identifiers import NewId
from dispatcher.record import SYSTEM, Draft, Recorded
from dispatcher.requests import IncidentAmendment, IncidentReport, Press
from dispatcher.state import State, apply
from dispatcher.streams import stream_of
from dispatcher.turnstile import Turnstile
from kestrel.clock import Clock

log = logging.getLogger(__name__)

OnAppended = Callable[[Sequence[Recorded]], None]


class ReachPort(Protocol):
    """Which docks can reach a place at all."""

    def candidates(self, lat_deg: float, lon_deg: float) -> tuple[str, ...] | None:
        """Docks by id, or None when that is not known now."""

    def appended(self, recorded: Sequence[Recorded]) -> None:
        """Hear of new events."""


class EventLog(Protocol):
    """What the desk needs of the journal."""

    async def append(self, drafts: Sequence[Draft]) -> list[Recorded]:
        """Append in one transaction; returns when it is synced."""


@dataclass
class Counters:
    """What the desk has turned away."""

    repeated_events: int = 0
    gaps: int = 0
    old_statuses: int = 0
    refusals: dict[str, int] = field(default_factory=dict)

    def gauges(self) -> dict[str, float]:
        """For the metrics."""
        plain = {"repeated_events": self.repeated_events, "gaps": self.gaps, "old_statuses": self.old_statuses}
        named = {f"refused_{slug.replace('-', '_')}": count for slug, count in self.refusals.items()}
        return {f"desk_{name}_total": float(count) for name, count in (plain | named).items()}


class Desk:
    """See the module. All methods that change something raise a `DispatcherError` that says why not."""

    def __init__(
        self,
        *,
        journal: EventLog,
        state: State,
        clock: Clock,
        policy: Policy,
        deployment: Deployment,
        new_id: NewId,
        reach: ReachPort,
    ) -> None:
        self._journal = journal
        self.state = state
        self.clock = clock
        self.policy = policy
        self.deployment = deployment
        self.counters = Counters()
        self._new_id = new_id
        self._turnstile = Turnstile()
        self._heard: dict[str, fleet.Heard] = {}
        self._reach = reach
        self._listeners: list[OnAppended] = [reach.appended]

    def on_appended(self, listener: OnAppended) -> None:
        """Call ``listener`` with every batch, after it is journalled and folded."""
        self._listeners.append(listener)

    async def record(self, events: Sequence[ev.Event], *, actor: str = SYSTEM) -> list[Recorded]:
        """Journal events that need no decision (start, fleet file)."""
        async with self._turnstile.passing():
            return await self._append(events, actor)

    # --- incidents ---

    async def report_incident(self, actor: str, report: IncidentReport) -> tuple[Incident, bool]:
        """A new incident, or the one that this source and reference made before (False)."""
        async with self._turnstile.passing():
            known = incidents.known_report(self.state, report)
            if known is not None:
                return known, False
            incident_id = self._new_id()
            await self._append(incidents.report(report, incident_id=incident_id, now=self.clock.mission_now()), actor)
            return self.state.incidents[incident_id], True

    async def amend_incident(self, actor: str, incident_id: UUID, amendment: IncidentAmendment) -> Incident:
        """Change fields of an open incident."""
        async with self._turnstile.passing():
            await self._append(incidents.amend(self.state, incident_id, amendment, self._new_id), actor)
            return self.state.incidents[incident_id]

    async def close_incident(self, actor: str, incident_id: UUID, outcome: str) -> Incident:
        """Close it; a flight still out is proposed to return."""
        async with self._turnstile.passing():
            await self._append(incidents.close(self.state, incident_id, outcome, self._new_id), actor)
            return self.state.incidents[incident_id]

    async def merge_incident(self, actor: str, incident_id: UUID, into: UUID) -> Incident:
        """Make it part of another; one flight is kept."""
        async with self._turnstile.passing():
            await self._append(incidents.merge(self.state, incident_id, into, self._new_id), actor)
            return self.state.incidents[into]

    async def decline_incident(self, actor: str, incident_id: UUID, reason: str) -> Incident:
        """No drone for this one."""
        async with self._turnstile.passing():
            await self._append(incidents.decline(self.state, incident_id, reason), actor)
            return self.state.incidents[incident_id]

    async def decide(self, actor: str, incident_id: UUID) -> DecisionView:
        """Every dock's option for it, now; journalled with its inputs."""
        async with self._turnstile.passing():
            incident = incidents.incident_of(self.state, incident_id)
            decided = self._decided(self._new_id(), self._decide(incident))
            await self._append([decided], actor)
            return self.state.decisions.get(decided.decision_id) or _view_of(decided, incident, self.clock)

    async def answer_proposal(self, actor: str, proposal_id: UUID, accepted: bool) -> Proposal:
        """Accept or dismiss. Accepting a return gives the command."""
        async with self._turnstile.passing(safety=accepted):
            proposal = incidents.open_proposal_of(self.state, proposal_id)
            if accepted and proposal.kind == "retask":
                raise Conflict(
                    "this version cannot give a flight a new scene in the air: return it and dispatch again, "
                    "or dismiss the proposal"
                )
            events: list[ev.Event] = [
                ev.ProposalAnswered(proposal_id=proposal_id, incident_id=proposal.incident_id, accepted=accepted)
            ]
            flight = self.state.flights.get(proposal.flight_id)
            if accepted and flight is not None and not flight.ended:
                events += self._command(proposal.flight_id, SafetyAction.RETURN, proposal.because, None)
            await self._append(events, actor)
            answered = self.state.incidents[proposal.incident_id].proposals
            return next(known for known in answered if known.id == proposal_id)

    # --- flights ---

    async def dispatch(self, actor: str, incident_id: UUID, press: Press) -> tuple[Flight, bool]:
        """Send a drone as pressed; the same press again gives the same flight (False)."""
        async with self._turnstile.passing():
            before = flights.pressed_before(self.state, actor, incident_id, press)
            if before is not None:
                return before, False
            incident, shown = flights.check_press(self.state, incident_id, press)
            decision = self._decide(incident)
            decided = self._decided(self._new_id(), decision)
            try:
                option = flights.chosen_option(decision, shown, press)
            except DispatcherError as refusal:
                # The refusal is a decision too: what it rested on goes into the record.
                await self._append([decided], actor)
                self._count(refusal)
                refusal.extra["decision_id"] = str(decided.decision_id)
                raise
            dock = next(facts for facts in decision.inputs.docks if facts.dock_id == option.dock_id)
            ordered = flights.order_flight(
                self.state,
                incident=incident,
                decision_id=decided.decision_id,
                decision=decision,
                option=option,
                planned=plan_flight(incident=decision.inputs.incident, dock=dock, policy=self.policy),
                press=press,
                deployment=self.deployment,
                now=self.clock.mission_now(),
                new_id=self._new_id,
            )
            await self._append([decided, ordered], actor)
            return self.state.flights[ordered.flight_id], True

    async def accept_flight(self, actor: str, flight_id: UUID) -> Flight:
        """The named pilot takes it; the order goes out."""
        async with self._turnstile.passing():
            await self._append(flights.accept(self.state, flight_id, actor, now=self.clock.mission_now()), actor)
            return self.state.flights[flight_id]

    async def command_flight(
        self, actor: str, flight_id: UUID, action: SafetyAction, because: str, idempotency_key: str | None
    ) -> Command:
        """Return or cancel, past everything that waits."""
        async with self._turnstile.passing(safety=True):
            before = flights.given_before(self.state, flight_id, actor, idempotency_key)
            if before is not None:
                return before
            await self._append(self._command(flight_id, action, because, idempotency_key), actor)
            given = [known for known in self.state.flights[flight_id].commands if known.action is action]
            return given[-1]

    async def expire_order(self, flight_id: UUID, order_id: UUID) -> None:
        """The link gave an order up."""
        async with self._turnstile.passing():
            await self._append(flights.expire_order(self.state, flight_id, order_id), SYSTEM)

    async def expire_command(self, flight_id: UUID, order_id: UUID) -> None:
        """The link gave a command up."""
        async with self._turnstile.passing():
            await self._append(flights.expire_command(self.state, flight_id, order_id), SYSTEM)

    async def look_after_flights(self) -> None:
        """End what no agent will end; called every few seconds."""
        async with self._turnstile.passing():
            now, heard = self.clock.mission_now(), {dock_id: last.status for dock_id, last in self._heard.items()}
            for event in flights.look_after(self.state, heard=heard, now=now):
                await self._append([event], SYSTEM)
            await self._append(duty.end_shifts(self.state, now=now), SYSTEM)

    # --- duty ---

    async def sign_on(
        self,
        actor: str,
        accepts: Literal["beforehand", "ask"],
        max_flights: int,
        *,
        lasts: timedelta | None = None,
    ) -> PilotOnDuty:
        """On duty from now, for ``lasts`` of wall time."""
        async with self._turnstile.passing():
            now = self.clock.mission_now()
            until = None if lasts is None else now + lasts * self.clock.factor
            await self._append(duty.sign_on(self.state, actor, accepts, max_flights, until), actor)
            return self.state.pilots[actor]

    async def sign_off(self, actor: str) -> None:
        """Off duty from now."""
        async with self._turnstile.passing():
            await self._append(duty.sign_off(self.state, actor), actor)

    # --- what the docks say ---

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

    # --- pieces ---

    def _decide(self, incident: Incident) -> Decision:
        now, wall_s = self.clock.mission_now(), self.clock.wall_s()
        return decide(
            incident=fleet.incident_facts(self.state, incident),
            docks=fleet.dock_facts(self.state, self._heard, now=now, wall_s=wall_s),
            pilots=fleet.pilot_facts(self.state, now=now),
            policy=self.policy,
            mission_time=now,
            deployment=self.deployment,
            within_reach=self._reach.candidates(incident.place.lat_deg, incident.place.lon_deg),
        )

    def _decided(self, decision_id: UUID, decision: Decision) -> ev.OptionsDecided:
        return ev.OptionsDecided(
            decision_id=decision_id,
            incident_id=UUID(decision.incident_id),
            incident_revision=decision.incident_revision,
            inputs=decision.inputs_json(),
            options=decision.options_json(),
            best_dock_id=decision.best_dock_id,
        )

    def _command(
        self, flight_id: UUID, action: SafetyAction, because: str, idempotency_key: str | None
    ) -> list[ev.Event]:
        return flights.command(
            self.state,
            flight_id,
            action,
            because=because,
            idempotency_key=idempotency_key,
            now=self.clock.mission_now(),
            new_id=self._new_id,
        )

    def _cause(self, dock_id: str, flight_id: UUID | None, order_id: UUID | None = None) -> UUID | None:
        """The event that a fact about a flight goes back to: the command that it settles, else the flight's order."""
        flight = self.state.flights.get(flight_id) if flight_id else None
        if flight is None or flight.dock_id != dock_id:
            return None
        return next((given.event_id for given in flight.commands if given.order_id == order_id), flight.event_id)

    async def _append(self, events: Sequence[ev.Event], actor: str, *, cause: UUID | None = None) -> list[Recorded]:
        """Append; within a batch the later events follow from the first."""
        if not events:
            return []
        first_id = self._new_id()
        drafts = [
            Draft(
                stream=stream_of(event, self.state),
                event=event,
                actor=actor,
                id=None if position else first_id,
                causation_id=first_id if position else cause,
            )
            for position, event in enumerate(events)
        ]
        # Once it has begun it is finished, whoever stops waiting for it: what is in the journal must be in the state.
        writing = asyncio.create_task(self._write(drafts), name="journal append")
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            while not writing.done():
                # However often it is cancelled: nobody may decide before the state has followed.
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([writing])
            raise

    async def _write(self, drafts: Sequence[Draft]) -> list[Recorded]:
        recorded = await self._journal.append(drafts)
        for entry in recorded:
            self.state = apply(self.state, entry)
        for listener in self._listeners:
            try:
                listener(recorded)
            except Exception:
                log.exception("a listener of the journal failed")
        return recorded

    def _count(self, refusal: DispatcherError) -> None:
        self.counters.refusals[refusal.slug] = self.counters.refusals.get(refusal.slug, 0) + 1


def _view_of(decided: ev.OptionsDecided, incident: Incident, clock: Clock) -> DecisionView:
    return DecisionView(
        id=decided.decision_id,
        incident_id=incident.id,
        incident_revision=decided.incident_revision,
        grade=incident.grade,
        place=incident.place,
        best_dock_id=decided.best_dock_id,
        options=tuple(decided.options),
        decided_at=clock.mission_now(),
    )
