"""Launches that the policy proposes, or lets happen by themselves: what follows for one incident, now.

Nothing begins without having been announced for the policy's window, with its dock and its moment, where anybody in
control can cancel it; a countdown that nobody could see (the dispatcher was away) counts for nothing. Whatever the
launch, the flight waits for its pilot like any other.

Pure: from the state and the moment to events or reasons.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from dispatcher import events as ev
from dispatcher.decision.option import Decision, Option
from dispatcher.entities import Incident, Judgement, Proposal, ProposalStatus, State
from dispatcher.errors import Conflict, Forbidden, PolicyForbids
from dispatcher.identifiers import NewId
from dispatcher.incidents import ground_distance_m, open_incident_of
from dispatcher.policy import Launch, Ruling, Stance, stance_of
from dispatcher.security.roles import Role

SOONER_S = 10.0
"""By so much another dock must be sooner before it is proposed in the place of the one that was."""
LATE = timedelta(seconds=10)
"""A countdown that ended longer ago than this was not watched to its end."""


def stance(state: State, incident: Incident, now: datetime) -> Stance | None:
    """What the policy says of the incident; None where no policy is on record."""
    if state.policy is None:
        return None
    return stance_of(state.policy, grade=incident.grade, category=incident.category, now=now)


def judge(incident: Incident, found: Stance | None) -> list[ev.Event]:
    """What the policy says, for the record, where that is new."""
    if found is None or incident.judged == judgement_of(found):
        return []
    return [
        ev.LaunchJudged(
            incident_id=incident.id,
            grade=found.grade,
            rank=found.rank,
            known=found.known,
            launch=found.launch.value,
            rulings=[
                ev.RulingRecord.model_validate(
                    {
                        "rule": ruling.rule,
                        "kind": ruling.kind,
                        "line": ruling.line,
                        "launch": ruling.launch.value,
                        "text": ruling.text,
                        "override": list(ruling.override),
                    }
                )
                for ruling in found.rulings
            ],
        )
    ]


def judgement_of(found: Stance) -> Judgement:
    """The stance as an incident keeps it."""
    return Judgement(grade=found.grade, rank=found.rank, known=found.known, launch=found.launch, rulings=found.rulings)


def check_press(incident: Incident, found: Stance | None) -> None:
    """Raise `PolicyForbids` where a rule forbids any flight to it and nobody who may has overridden it."""
    forbidding = forbidding_still(incident, found)
    if forbidding:
        raise PolicyForbids(
            "; ".join(ruling.text for ruling in forbidding),
            rules=[
                {"rule": ruling.rule, "line": ruling.line, "text": ruling.text, "override": list(ruling.override)}
                for ruling in forbidding
            ],
        )


def forbidding_still(incident: Incident, found: Stance | None) -> list[Ruling]:
    """The rules that forbid a flight and have not been overridden."""
    return [] if found is None else [each for each in found.forbidding if each.rule not in incident.overridden]


def override(state: State, incident_id: UUID, roles: Collection[Role], note: str, *, now: datetime) -> list[ev.Event]:
    """Set aside every rule that forbids a press now; raises `Forbidden` for one that these roles may not."""
    incident = open_incident_of(state, incident_id)
    forbidding = forbidding_still(incident, stance(state, incident, now))
    if not forbidding:
        raise Conflict("no rule of the policy forbids a flight to this incident now")
    for ruling in forbidding:
        if not any(role.value in ruling.override for role in roles):
            who = " or ".join(ruling.override) or "nobody"
            raise Forbidden(f"{ruling.rule} may be overridden by {who}", rule=ruling.rule, line=ruling.line)
    named = {role for ruling in forbidding for role in ruling.override}
    return [
        ev.PolicyOverridden(
            incident_id=incident_id,
            rules=[ruling.rule for ruling in forbidding],
            roles=sorted(role.value for role in roles if role.value in named),
            note=note,
        )
    ]


def queue(state: State) -> list[UUID]:
    """Open incidents that never had a drone: the gravest first, among equals the one that has waited longest."""

    def place(incident_id: UUID) -> tuple[int, datetime, int]:
        incident = state.incidents[incident_id]
        return (incident.judged.rank if incident.judged else 0, incident.received_at, incident_id.int)

    return sorted((each for each in state.unattended if each in state.incidents), key=place)


def open_launch(incident: Incident) -> Proposal | None:
    """Its launch that waits for an answer."""
    waiting = (each for each in incident.proposals if each.launch is not None)
    return next((each for each in waiting if each.status is ProposalStatus.OPEN), None)


def may_propose(state: State, incident: Incident, found: Stance, now: datetime) -> bool:
    """Whether a launch may be proposed now; nothing is proposed twice that somebody has cancelled or let pass."""
    if state.policy is None or found.launch not in (Launch.BY_ITSELF, Launch.ASKS):
        return False
    automation = state.policy.document.automation
    if now - incident.received_at > timedelta(seconds=automation.fresh_s):
        return False
    for proposal in incident.proposals:
        over = proposal.status in (ProposalStatus.DISMISSED, ProposalStatus.WITHDRAWN)
        if proposal.launch is not None and over and found.rank >= proposal.launch.rank:
            return False
    return not has_drone_near(state, incident, automation.apart_m)


def has_drone_near(state: State, incident: Incident, apart_m: float) -> bool:
    """Whether a drone is out for another incident so near that it may be the same occurrence."""
    for flight in state.active_flights():
        other = state.incidents.get(flight.incident_id)
        if other is None or other.id == incident.id:
            continue
        if ground_distance_m(incident.place, other.place) < apart_m:
            return True
    return False


def propose(
    state: State, incident: Incident, found: Stance, decision: Decision, decision_id: UUID, now: datetime, new_id: NewId
) -> ev.LaunchProposed | None:
    """The best dock that is not announced for another incident; None while there is none."""
    option = _best_free(state, incident, decision)
    if option is None or decision.blockers or found.window_s is None or option.time_to_scene_s is None:
        return None
    by_itself = found.launch is Launch.BY_ITSELF
    callsign = state.docks[option.dock_id].dock.aircraft.callsign
    end = "launches by itself unless it is cancelled" if by_itself else "is proposed; without an answer it stays"
    return ev.LaunchProposed(
        proposal_id=new_id(),
        incident_id=incident.id,
        incident_revision=incident.revision,
        decision_id=decision_id,
        dock_id=option.dock_id,
        callsign=callsign,
        rank=found.rank,
        because=f"{found.grade}: {callsign} {end}, {option.time_to_scene_s:.0f} s to the scene",
        time_to_scene_s=option.time_to_scene_s,
        answer_by=now + timedelta(seconds=found.window_s),
        unanswered="launched" if by_itself else "withdrawn",
    )


def _best_free(state: State, incident: Incident, decision: Decision) -> Option | None:
    own = open_launch(incident)
    taken = announced_docks(state) - {own.launch.dock_id if own is not None and own.launch is not None else ""}
    return next((each for each in decision.options if each.eligible and each.dock_id not in taken), None)


def outdated(
    state: State, incident: Incident, proposal: Proposal, found: Stance, decision: Decision
) -> tuple[str, bool] | None:
    """Why a launch that waits names the wrong dock now, and whether another can be named in its place.

    None while its dock can go and no other is sooner by `SOONER_S`. One that happens by itself begins its countdown
    anew: there the other has to be sooner by the countdown too.
    """
    launch = proposal.launch
    option, because = still_able(decision, proposal)
    best = _best_free(state, incident, decision)
    if launch is None or option is None:
        return because, best is not None
    if best is None or best.time_to_scene_s is None or option.time_to_scene_s is None:
        return None
    gain_s = option.time_to_scene_s - best.time_to_scene_s
    needed_s = SOONER_S + ((found.window_s or 0.0) if launch.unanswered == "launched" else 0.0)
    if best.dock_id == option.dock_id or gain_s < needed_s:
        return None
    return f"{state.callsign_of(best.dock_id)} would be there {gain_s:.0f} s before {launch.callsign}", True


def announced_docks(state: State) -> frozenset[str]:
    """Docks of launches that wait for an answer."""
    waiting = (open_launch(state.incidents[each]) for each in state.unattended if each in state.incidents)
    return frozenset(each.launch.dock_id for each in waiting if each is not None and each.launch is not None)


def overtaken(incident: Incident, proposal: Proposal, found: Stance | None, now: datetime, factor: float) -> str | None:
    """Why a launch that waits must be withdrawn; None while what it rests on is so still."""
    launch = proposal.launch
    if launch is None or found is None:
        return "no policy is on record"
    if incident.revision != launch.incident_revision:
        return "the incident has changed since it was proposed"
    allowed = (Launch.BY_ITSELF,) if launch.unanswered == "launched" else (Launch.BY_ITSELF, Launch.ASKS)
    if found.launch not in allowed:
        return found.rulings[-1].text
    if now - launch.answer_by > LATE * max(1.0, factor):
        return "its time ran out while the dispatcher could not look after it"
    return None


def withdrawn(proposal: Proposal, because: str, *, overtaken: bool) -> ev.LaunchWithdrawn:
    """It will not happen."""
    return ev.LaunchWithdrawn(
        proposal_id=proposal.id, incident_id=proposal.incident_id, overtaken=overtaken, because=because[:400]
    )


def still_able(decision: Decision, proposal: Proposal) -> tuple[Option | None, str]:
    """The option of the dock that was announced, or why it cannot go; never another dock's."""
    dock_id, callsign = ("", "") if proposal.launch is None else (proposal.launch.dock_id, proposal.launch.callsign)
    option = next((each for each in decision.options if each.dock_id == dock_id), None)
    if decision.blockers:
        return None, "; ".join(blocker.text for blocker in decision.blockers)
    if option is None:
        return None, f"the dock of {callsign} is not there any more"
    if not option.eligible:
        return None, f"{callsign} cannot go any more: {'; '.join(reason.text for reason in option.reasons)}"
    return option, ""
