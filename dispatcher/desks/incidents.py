"""Incidents at the desk: taken in once, changed, ended; decided on; and proposals answered."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from contracts.orders import SafetyAction
from dispatcher import answering, apart, commanding, fleet, incidents, launching, settingaside
from dispatcher import events as ev
from dispatcher.decision.choice import decide
from dispatcher.decision.option import Decision
from dispatcher.decision.version import VERSION
from dispatcher.decision.world import World
from dispatcher.desks.commands import CommandDesk
from dispatcher.entities import DecisionView, Flight, Incident, Proposal
from dispatcher.record import SYSTEM
from dispatcher.requests import IncidentAmendment, IncidentReport
from kestrel.clock import Clock


class IncidentDesk(CommandDesk):
    """What may be asked about incidents."""

    async def report_incident(self, actor: str, report: IncidentReport) -> tuple[Incident, bool]:
        """A new incident, or the one that this source and reference made before (False)."""
        async with self._turnstile.passing():
            known = incidents.known_report(self.state, report)
            if known is not None:
                return known, False
            incident_id = self._new_id()
            await self._append(incidents.report(report, incident_id=incident_id, now=self.clock.mission_now()), actor)
            await self._append(self._judged(incident_id), SYSTEM)
            return self.state.incidents[incident_id], True

    async def amend_incident(self, actor: str, incident_id: UUID, amendment: IncidentAmendment) -> Incident:
        """Change fields of an open incident."""
        async with self._turnstile.passing():
            await self._append(incidents.amend(self.state, incident_id, amendment, self._new_id), actor)
            await self._append(self._judged(incident_id), SYSTEM)
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
            decision = self._decide(incident)
            held = settingaside.worth_a_way(decision)
            if held:
                decision = self._decide(incident, exact_for=held)
            decided = self._decided(self._new_id(), decision)
            await self._append([decided], actor)
            return self.state.decisions.get(decided.decision_id) or _view_of(decided, incident, self.clock)

    async def answer_proposal(self, actor: str, proposal_id: UUID, accepted: bool) -> Proposal:
        """Accept or dismiss. Accepting gives the command: a return, or the retask from where the flight is then.

        A flight is moved by its pilot alone, so a retask is theirs to accept; one who accepts beforehand has done so.
        """
        async with self._turnstile.passing(safety=accepted):
            proposal, repeated = answering.to_answer(self.state, proposal_id, actor, answering.verb_of(accepted))
            if repeated:
                return proposal
            events: list[ev.Event] = [
                ev.ProposalAnswered(proposal_id=proposal_id, incident_id=proposal.incident_id, accepted=accepted)
            ]
            flight = None if proposal.flight_id is None else self.state.flights.get(proposal.flight_id)
            if accepted and flight is not None and not flight.ended:
                if proposal.kind == "retask":
                    events += self._proposed_retask(actor, flight, proposal)
                else:
                    events += self._safety(flight.id, SafetyAction.RETURN, actor, proposal.because, None)
            await self._append(events, actor)
            if any(isinstance(each, ev.CommandGiven) for each in events):
                self.look_due.set()
            answered = self.state.incidents[proposal.incident_id].proposals
            return next(known for known in answered if known.id == proposal_id)

    def _proposed_retask(self, actor: str, flight: Flight, proposal: Proposal) -> list[ev.Event]:
        pilot = self.state.pilots.get(flight.pilot)
        beforehand = pilot is not None and pilot.accepts == "beforehand"
        commanding.check_may(flight, flight.pilot if beforehand else actor, "retask")
        commanding.check_possible(self.state, flight, actor, "retask", self.flying)
        incident = self.state.incidents[proposal.incident_id]
        launching.check_press(incident, launching.stance(self.state, incident, self.clock.mission_now()))
        task = self._laid_retask(flight, incident.place, incident.watch_s)
        given = self._task(flight.id, task, actor=flight.pilot, because=proposal.because, idempotency_key=None)
        order_id = next(event.order_id for event in given if isinstance(event, ev.TaskGiven))
        return [*given, *commanding.told(flight, actor, "retask", order_id, proposal.because)]

    def _judged(self, incident_id: UUID) -> list[ev.Event]:
        """What the policy says of it now, where that is new."""
        incident = self.state.incidents[incident_id]
        return launching.judge(incident, launching.stance(self.state, incident, self.clock.mission_now()))

    def _decide(self, incident: Incident, *, exact_for: Collection[str] = ()) -> Decision:
        now, wall_s = self.clock.mission_now(), self.clock.wall_s()
        asked = fleet.incident_facts(self.state, incident)
        docks = fleet.dock_facts(self.state, self._heard, policy=self.policy, now=now, wall_s=wall_s)
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
            world=world,
            exact_for=exact_for,
            traffic=traffic,
        )

    def _world_of(self, decision: Decision) -> World:
        """The world that a decision was made in a moment ago."""
        return self.worlds.world(self.state, decision.inputs.mission_time)

    def _decided(self, decision_id: UUID, decision: Decision) -> ev.OptionsDecided:
        return ev.OptionsDecided(
            decision_id=decision_id,
            incident_id=UUID(decision.incident_id),
            incident_revision=decision.incident_revision,
            inputs=decision.inputs_json(),
            options=decision.options_json(),
            best_dock_id=decision.best_dock_id,
            decision_version=VERSION,
        )


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
