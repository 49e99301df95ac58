"""Launches that nobody has pressed for, at the desk: announced, answered, withdrawn, or done when their time is up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from dispatcher import answering, incidents, launching
from dispatcher import events as ev
from dispatcher.decision.option import Decision, Option
from dispatcher.desks.flights import FlightDesk
from dispatcher.entities import Incident, Proposal
from dispatcher.errors import Conflict, DockNotEligible
from dispatcher.policy import Stance
from dispatcher.record import SYSTEM
from dispatcher.requests import Press
from dispatcher.security.roles import Role

LOOK_AGAIN = timedelta(seconds=10)
"""Where no dock could go, or one is announced, it is decided again after so much mission time."""


class LaunchDesk(FlightDesk):
    """What the policy proposes, and who may set it aside."""

    async def override_policy(self, actor: str, incident_id: UUID, roles: Collection[Role], note: str) -> Incident:
        """Set aside what forbids a press for this incident; whoever presses then presses as always."""
        async with self._turnstile.passing():
            now = self.clock.mission_now()
            await self._append(launching.override(self.state, incident_id, roles, note, now=now), actor)
            return self.state.incidents[incident_id]

    async def answer_proposal(self, actor: str, proposal_id: UUID, accepted: bool) -> Proposal:
        """As ever; a launch that is accepted is ordered now, from the dock that was announced and no other.

        A "no" to one that was overtaken meanwhile is a "no" to what is announced in its place (`answering.late_no`).
        """
        if incidents.proposal_of(self.state, proposal_id).launch is None:
            return await super().answer_proposal(actor, proposal_id, accepted)
        async with self._turnstile.passing(safety=not accepted):
            late = [] if accepted else answering.late_no(self.state, proposal_id)
            if late:
                await self._append(late, actor)
                return incidents.proposal_of(self.state, proposal_id)
            proposal, repeated = answering.to_answer(self.state, proposal_id, actor, answering.verb_of(accepted))
            if repeated:
                return proposal
            answered = ev.ProposalAnswered(proposal_id=proposal_id, incident_id=proposal.incident_id, accepted=accepted)
            if accepted:
                await self._accept_launch(actor, proposal, answered)
            else:
                await self._append([answered], actor)
            known = self.state.incidents[proposal.incident_id].proposals
            return next(each for each in known if each.id == proposal_id)

    async def look_after_launches(self) -> None:
        """Judge, propose, withdraw and launch as the policy says, the gravest first; called about once a second."""
        if self.state.policy is None:
            return
        for incident_id in launching.queue(self.state):
            async with self._turnstile.passing():
                incident = self.state.incidents.get(incident_id)
                if incident is not None and incident_id in self.state.unattended:
                    await self._append(self._look_after_launch(incident), SYSTEM)
        self._launch_decided_at = {
            each: at for each, at in self._launch_decided_at.items() if each in self.state.unattended
        }

    def _look_after_launch(self, incident: Incident) -> list[ev.Event]:
        now = self.clock.mission_now()
        found = launching.stance(self.state, incident, now)
        events = launching.judge(incident, found)
        proposal = launching.open_launch(incident)
        if proposal is not None and proposal.launch is not None:
            because = launching.overtaken(incident, proposal, found, now, self.clock.factor)
            if because is not None or found is None:
                return [*events, launching.withdrawn(proposal, because or "", overtaken=True)]
            if now < proposal.launch.answer_by:
                return events + self._renew(incident, proposal, found, now)
            if proposal.launch.unanswered == "withdrawn":
                return [*events, launching.withdrawn(proposal, "nobody answered in time", overtaken=False)]
            return events + self._launch(incident, proposal, found)
        if found is None or not launching.may_propose(self.state, incident, found, now):
            return events
        return events + self._propose(incident, found, now)

    def _renew(self, incident: Incident, proposal: Proposal, found: Stance, now: datetime) -> list[ev.Event]:
        """What is announced names the best dock, or is withdrawn; the better one is announced with time to answer."""
        if not self._is_time_to_decide(incident, now):
            return []
        decision, decided = self._decided_for(incident, proposal)
        outdated = launching.outdated(self.state, incident, proposal, found, decision)
        if outdated is None:
            return []
        because, another = outdated
        may = another and launching.may_propose(self.state, incident, found, now)
        able, _ = launching.still_able(decision, proposal)
        if able is not None and not may:
            return []
        gone = launching.withdrawn(proposal, because, overtaken=True)
        args = (incident, found, decision, decided.decision_id, now, self._new_id)
        proposed = launching.propose(self.state, *args) if may else None
        return [decided, gone] if proposed is None else [decided, gone, proposed]

    def _is_time_to_decide(self, incident: Incident, now: datetime) -> bool:
        decided_at = self._launch_decided_at.get(incident.id)
        if decided_at is not None and now - decided_at < LOOK_AGAIN:
            return False
        self._launch_decided_at[incident.id] = now
        return True

    def _propose(self, incident: Incident, found: Stance, now: datetime) -> list[ev.Event]:
        if not self._is_time_to_decide(incident, now):
            return []
        decision = self._decide(incident)
        decided = self._decided(self._new_id(), decision)
        proposed = launching.propose(self.state, incident, found, decision, decided.decision_id, now, self._new_id)
        return [] if proposed is None else [decided, proposed]

    def _launch(self, incident: Incident, proposal: Proposal, found: Stance) -> list[ev.Event]:
        """Its time has come and nobody has cancelled it; the pilot who is to command it is asked as ever."""
        decision, decided = self._decided_for(incident, proposal)
        option, because = launching.still_able(decision, proposal)
        if option is None:
            return [decided, launching.withdrawn(proposal, because, overtaken=True)]
        return [decided, self._ordered_for(incident, proposal, found, decision, decided, option)]

    async def _accept_launch(self, actor: str, proposal: Proposal, answered: ev.ProposalAnswered) -> None:
        incident = incidents.open_incident_of(self.state, proposal.incident_id)
        now = self.clock.mission_now()
        found = launching.stance(self.state, incident, now)
        because = launching.overtaken(incident, proposal, found, now, self.clock.factor)
        if because is not None or found is None:
            await self._append([launching.withdrawn(proposal, because or "", overtaken=True)], SYSTEM)
            raise Conflict(f"the launch is proposed no more: {because}")
        decision, decided = self._decided_for(incident, proposal)
        option, because = launching.still_able(decision, proposal)
        if option is None:
            await self._append([decided, launching.withdrawn(proposal, because, overtaken=True)], SYSTEM)
            raise DockNotEligible(because, decision_id=str(decided.decision_id))
        ordered = self._ordered_for(incident, proposal, found, decision, decided, option)
        await self._append([decided, answered, ordered], actor)

    def _decided_for(self, incident: Incident, proposal: Proposal) -> tuple[Decision, ev.OptionsDecided]:
        exact_for = [] if proposal.launch is None else [proposal.launch.dock_id]
        decision = self._decide(incident, exact_for=exact_for)
        return decision, self._decided(self._new_id(), decision)

    def _ordered_for(
        self,
        incident: Incident,
        proposal: Proposal,
        found: Stance,
        decision: Decision,
        decided: ev.OptionsDecided,
        option: Option,
    ) -> ev.FlightOrdered:
        press = Press(
            purpose=found.purpose,
            decision_id=decided.decision_id,
            incident_revision=incident.revision,
            dock_id=option.dock_id,
            idempotency_key="",
        )
        ordered = self._order(incident, decision, decided, option, press)
        return ordered.model_copy(update={"proposal_id": proposal.id, "idempotency_key": None})
