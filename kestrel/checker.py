"""Judges a journal afterwards, by rules of its own: were those who were refused refused rightly?

For each incident that was declined after a decision without a dock it rebuilds the situation at that decision and asks,
dock by dock, whether the aircraft could have gone (`kestrel.refusals`). It also checks the hash chain, that no dock had
two flights at once, and that no flight's phases went backwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from kestrel.hindsight import ENDS, Hindsight, PastFlight
from kestrel.journalfile import ChainFault, Entry, read_journal
from kestrel.refusals import RefusalVerdict, judge_decision

PHASE_RANK = {
    phase: rank
    for rank, phase in enumerate(
        ("ordered", "preparing", "launching", "en_route", "on_scene", "returning", "landing", *sorted(ENDS))
    )
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was found."""

    events: int
    chain_faults: list[ChainFault]
    refusals: list[RefusalVerdict]
    rule_faults: list[str]
    flights: dict[str, str | None] = field(default_factory=dict)
    """How each flight ended; None: it has not."""

    @property
    def agrees(self) -> bool:
        """True when nothing at all speaks against the record."""
        return not self.chain_faults and not self.rule_faults and all(refusal.confirmed for refusal in self.refusals)

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {
            "agrees": self.agrees,
            "events": self.events,
            "chain_faults": [asdict(fault) for fault in self.chain_faults],
            "rule_faults": self.rule_faults,
            "refusals": [asdict(refusal) | {"confirmed": refusal.confirmed} for refusal in self.refusals],
            "flights": self.flights,
        }


def check_journal(path: Path) -> Verdict:
    """Read and judge a journal file; raises `FileError` when it is none."""
    entries, chain_faults = read_journal(path)
    return judge(entries, chain_faults)


def judge(entries: Sequence[Entry], chain_faults: Sequence[ChainFault] = ()) -> Verdict:
    """Judge events in their order."""
    past = Hindsight()
    at_decision: dict[str, RefusalVerdict] = {}
    refusals: list[RefusalVerdict] = []
    rule_faults: list[str] = []
    for index, entry in enumerate(entries):
        rule_faults += _rules_broken(past, entry)
        past.apply(entry)
        if entry.type == "OptionsDecided" and entry.payload is not None:
            incident = past.incidents[entry.payload["incident_id"]]
            at_decision.pop(incident.incident_id, None)
            if entry.payload["best_dock_id"] is None:
                at_decision[incident.incident_id] = judge_decision(past, incident, entry, entries[index + 1 :])
        if entry.type == "IncidentDeclined" and entry.payload is not None:
            decided = at_decision.get(entry.payload["incident_id"])
            if decided is not None:
                refusals.append(decided)
    rule_faults += [fault for flight in past.flights.values() for fault in _phases_backwards(flight)]
    return Verdict(
        events=len(entries),
        chain_faults=list(chain_faults),
        refusals=refusals,
        rule_faults=rule_faults,
        flights={flight.flight_id: flight.ended for flight in past.flights.values()},
    )


def _rules_broken(past: Hindsight, entry: Entry) -> Iterator[str]:
    if entry.type == "FlightAccepted" and entry.payload is not None:
        accepted = past.flights.get(entry.payload["flight_id"])
        if accepted is not None:
            yield from _sent_while_held(past, entry, accepted.dock_id)
    if entry.type in ("FlightOrdered", "TaskGiven") and entry.payload is not None:
        yield from _sent_through_zones(past, entry)
    if entry.type == "FlightOrdered" and entry.payload is not None:
        yield from _launched_unannounced(past, entry, entry.payload)
        yield from _sent_while_held(past, entry, entry.payload["dock_id"])
        busy = past.flight_at(entry.payload["dock_id"])
        if busy is not None:
            yield f"event {entry.seq}: {entry.payload['dock_id']} was given a second flight beside {busy.flight_id}"


def _sent_while_held(past: Hindsight, entry: Entry, dock_id: str) -> Iterator[str]:
    sent_from = past.docks.get(dock_id)
    if sent_from is not None and sent_from.held:
        yield f"event {entry.seq}: {dock_id} was held for maintenance: {'; '.join(sent_from.held.values())}"


def _launched_unannounced(past: Hindsight, entry: Entry, ordered: dict[str, Any]) -> Iterator[str]:
    """What the system orders by itself is a relief, or was announced, for that dock and to its end, and cancelled by
    nobody."""
    if entry.actor != "system" or ordered.get("relieves") is not None:
        return
    announced = past.announced.get(ordered.get("proposal_id") or "")
    where = f"event {entry.seq}: flight {ordered['flight_id']} launched by itself"
    if announced is None or announced["unanswered"] != "launched":
        yield f"{where} without having been announced"
        return
    if announced["dock_id"] != ordered["dock_id"]:
        yield f"{where} from {ordered['dock_id']}, announced was {announced['dock_id']}"
    if entry.mission_time < datetime.fromisoformat(announced["answer_by"]):
        yield f"{where} before its time"


def _sent_through_zones(past: Hindsight, entry: Entry) -> Iterator[str]:
    """Nobody is ever sent through a prohibited zone: neither out nor home, neither at first nor later on."""
    payload = entry.payload or {}
    order = payload.get("order") or payload.get("task") or {}
    points = [*order.get("route_out", ()), *order.get("route_home", ())]
    if "home" in order and entry.type == "FlightOrdered":
        points.insert(0, order["home"])
    path = [(point["lon_deg"], point["lat_deg"]) for point in points]
    for zone in (each for document in past.zones.values() for each in document):
        if zone.wall and path and zone.crosses(path):
            yield f"event {entry.seq}: flight {payload['flight_id']} was sent through {zone.name}"


def _phases_backwards(flight: PastFlight) -> Iterator[str]:
    # Missing is what we did not know; what came after it is what happened.
    known = [phase for phase in flight.phases if phase != "missing"]
    ranks = [PHASE_RANK.get(phase, -1) for phase in known]
    if -1 in ranks:
        yield f"flight {flight.flight_id} has a phase that does not exist: {known[ranks.index(-1)]}"
        return
    anew = flight.turns
    for before, phase in pairwise(known):
        if PHASE_RANK[phase] >= PHASE_RANK[before]:
            continue
        # Turned to another incident, it is on its way out again: once for each turn, and from the air alone.
        if phase != "en_route" or before not in ("on_scene", "returning") or anew == 0:
            yield f"flight {flight.flight_id} went backwards: {', '.join(flight.phases)}"
            return
        anew -= 1
