"""Incidents at the desk: taken in once, changed, ended; decided on; and proposals answered."""

from __future__ import annotations

from uuid import UUID

from contracts.orders import SafetyAction
from dispatcher import events as ev
from dispatcher import fleet, flights, incidents
from dispatcher.decision.choice import decide
from dispatcher.decision.option import Decision
from dispatcher.desks.writer import Writer
from dispatcher.entities import DecisionView, Incident, Proposal
from dispatcher.errors import Conflict
from dispatcher.requests import IncidentAmendment, IncidentReport
from kestrel.clock import Clock


class IncidentDesk(Writer):
    """What may be asked about incidents."""

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
                events += flights.command(
                    self.state,
                    proposal.flight_id,
                    SafetyAction.RETURN,
                    because=proposal.because,
                    idempotency_key=None,
                    now=self.clock.mission_now(),
                    new_id=self._new_id,
                )
            await self._append(events, actor)
            answered = self.state.incidents[proposal.incident_id].proposals
            return next(known for known in answered if known.id == proposal_id)

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
