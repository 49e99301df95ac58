"""Turns at the desk: proposed as the plan says, answered by the pilot, counted down for those who watch, then done.

The plan is made again when an incident comes, changes or ends, when a drone begins or ends something, and every few
seconds while a turn is possible at all; it is made beside the turnstile, so that no press waits for it, and what it
would propose is held against the state of that moment inside.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from contracts.tasks import Retask
from dispatcher import answering, incidents, turning
from dispatcher import events as ev
from dispatcher.desks.assignment import RESTS, AssignmentDesk
from dispatcher.entities import Incident, IncidentStatus, Proposal, ProposalStatus
from dispatcher.errors import Conflict, DispatcherError
from dispatcher.planrecord import PlanInputs
from dispatcher.record import SYSTEM

SETTLED = timedelta(seconds=2)
"""Mission time between two plans: what comes together is looked at together."""
LOOK_AGAIN = timedelta(seconds=10)
"""Mission time after which a plan is made again although nothing has happened: drones have flown on."""


class TurnDesk(AssignmentDesk):
    """What becomes of a plan."""

    _planned_at: datetime | None = None
    _planned_for: object = None
    _rests_until_s: float = 0.0
    """Wall seconds."""

    async def answer_proposal(self, actor: str, proposal_id: UUID, accepted: bool) -> Proposal:
        """As ever; a turn is its pilot's alone to accept, and goes at once or after a countdown."""
        if incidents.proposal_of(self.state, proposal_id).turn is None:
            return await super().answer_proposal(actor, proposal_id, accepted)
        async with self._turnstile.passing(safety=not accepted):
            proposal, repeated = answering.to_answer(self.state, proposal_id, actor, answering.verb_of(accepted))
            if repeated:
                return proposal
            answered = ev.ProposalAnswered(proposal_id=proposal_id, incident_id=proposal.incident_id, accepted=accepted)
            if accepted:
                await self._accept_turn(actor, proposal, answered)
            else:
                await self._append([answered], actor)
            return self._proposal(proposal)

    async def cancel_turn(self, actor: str, proposal_id: UUID, because: str) -> Proposal:
        """Stop a countdown: the flight stays where it is. Passes all who wait."""
        async with self._turnstile.passing(safety=True):
            proposal, repeated = answering.to_answer(self.state, proposal_id, actor, "cancel")
            if repeated:
                return proposal
            await self._append([turning.cancel(proposal, because)], actor)
            return self._proposal(proposal)

    async def look_after_turns(self) -> None:
        """Withdraw, count down, turn and propose; called about twice a second."""
        async with self._turnstile.passing():
            for events in list(turning.mend(self.state)):
                await self._append(events, SYSTEM)
        for known in turning.waiting_turns(self.state):
            async with self._turnstile.passing():
                proposal = self._proposal(known)
                if proposal.waits:
                    await self._look_after_turn(proposal)
        await self._plan_turns()

    # --- pieces ---

    def _proposal(self, proposal: Proposal) -> Proposal:
        """As it stands now."""
        known = self.state.incidents[proposal.incident_id].proposals
        return next(each for each in known if each.id == proposal.id)

    async def _look_after_turn(self, proposal: Proposal) -> None:
        now, turn = self.clock.mission_now(), proposal.turn
        withdrawn = turning.look_after(self.state, proposal, now, self.clock.factor)
        if withdrawn is not None:
            await self._append([withdrawn], SYSTEM)
            return
        if turn is None or turn.turns_at is None or turn.accepted_by is None or now < turn.turns_at:
            return
        try:
            events = self._turning(proposal, turn.accepted_by)
        except DispatcherError as error:
            await self._append([turning.withdrawn(proposal, error.detail)], SYSTEM)
            return
        await self._append(events, SYSTEM)
        await self._options_of(turn.from_incident_id)

    async def _accept_turn(self, actor: str, proposal: Proposal, answered: ev.ProposalAnswered) -> None:
        flight = turning.check_accept(self.state, proposal, actor)
        because = turning.overtaken(self.state, proposal, self.clock.mission_now())
        if because is not None:
            await self._append([turning.withdrawn(proposal, because)], SYSTEM)
            raise Conflict(f"it is proposed no more: {because}")
        try:
            events = self._turning(proposal, actor)
        except DispatcherError as error:
            await self._append([turning.withdrawn(proposal, error.detail)], SYSTEM)
            raise
        left = self.state.incidents[flight.incident_id]
        told = turning.watched_by(self.state, flight, left, self.clock.wall_now())
        if told:
            # Laid and costed above all the same: a countdown for what cannot be flown would tell people nothing true.
            began = turning.begin_countdown(self.state, proposal, told, self.clock.mission_now())
            await self._append([answered, began], actor)
            return
        await self._append([answered, *events], actor)
        await self._options_of(left.id)

    def _turning(self, proposal: Proposal, accepted_by: str) -> list[ev.Event]:
        """The flight is for the other incident, and is told the way there, laid from where it is now, and home."""
        incident = self.state.incidents[proposal.incident_id]
        if proposal.flight_id is None:
            raise Conflict("this proposal is not of a flight")
        flight = self.state.flights[proposal.flight_id]
        task, estimate = self._laid(flight, incident.place, incident.watch_s, incident_id=incident.id)
        because = f"{accepted_by} has accepted: {proposal.because}"[:400]
        given = self._task(flight.id, task, actor=flight.pilot, because=because, idempotency_key=None)
        order_id = next(
            event.order_id for event in given if isinstance(event, ev.TaskGiven) and isinstance(event.task, Retask)
        )
        promised = turning.Promised(
            time_to_scene_s=round(estimate.time_to_scene_s, 1),
            watch_s=round(task.watch_s, 1),
            battery_on_return_percent=round(estimate.battery_on_return_percent, 1),
        )
        turned = turning.turned(self.state, proposal, order_id=order_id, promised=promised, accepted_by=accepted_by)
        return [*turned, *given]

    async def _options_of(self, incident_id: UUID) -> None:
        """The incident that was left waits for a drone again: with its options, as they are now."""
        incident = self.state.incidents.get(incident_id)
        if incident is not None and incident.id in self.state.unattended:
            await self._append([self._decided(self._new_id(), self._decide(incident))], SYSTEM)

    async def _plan_turns(self) -> None:
        now = self.clock.mission_now()
        waiting = [self.state.incidents[each] for each in self.state.unattended if each in self.state.incidents]
        out = self._in_the_air()
        if not waiting or not out or not self._policy().diversion.proposed:
            return
        signature = (
            frozenset((each.id, each.revision) for each in waiting),
            frozenset((flight.id, flight.phase, served.id, served.revision) for flight, served in out),
        )
        if self.clock.wall_s() < self._rests_until_s:
            return
        since = LOOK_AGAIN if self._planned_at is None else now - self._planned_at
        if since < (SETTLED if signature != self._planned_for else LOOK_AGAIN):
            return
        self._planned_at, self._planned_for = now, signature
        began_s = self.clock.wall_s()
        gathered = await self._gathered(self._at_stake(waiting))
        ended_s = self.clock.wall_s()
        self._rests_until_s = ended_s + RESTS * (ended_s - began_s)
        planned = gathered.planned()
        async with self._turnstile.passing():
            for proposal in turning.waiting_turns(self.state):
                await self._withdraw_if_worthless(proposal, gathered)
            for each in planned:
                if each.turn is None:
                    continue
                proposed = turning.propose(
                    self.state, each, inputs=gathered, now=self.clock.mission_now(), new_id=self._new_id
                )
                if proposed is not None:
                    await self._append([proposed], SYSTEM)

    def _at_stake(self, waiting: list[Incident]) -> list[Incident]:
        """What waits for a first drone, and what has one that could be taken: what was watched already does neither."""
        served = {flight.incident_id: served for flight, served in self._in_the_air()}
        known = {each.id: each for each in waiting} | served
        return [each for each in known.values() if each.status is IncidentStatus.OPEN]

    async def _withdraw_if_worthless(self, proposal: Proposal, gathered: PlanInputs) -> None:
        if proposal.status is not ProposalStatus.OPEN or proposal.flight_id is None:
            return
        turns = gathered.turns.get(str(proposal.incident_id), ())
        turn = next((each for each in turns if each.flight_id == str(proposal.flight_id)), None)
        if turn is not None and not turn.eligible:
            await self._append([turning.withdrawn(proposal, "; ".join(turn.reasons))], SYSTEM)
            return
        gained_s = gathered.gain_s(str(proposal.incident_id), str(proposal.flight_id))
        if gained_s < turning.KEEPS * self._policy().diversion.gain_s:
            because = f"it would gain {gained_s:.0f} s now" if gained_s > 0 else "it would gain nothing now"
            await self._append([turning.withdrawn(proposal, because)], SYSTEM)
