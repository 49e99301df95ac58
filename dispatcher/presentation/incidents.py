"""Incidents, decisions and proposals as they are shown."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from contracts.warnings import concern_of, only_warnings
from dispatcher.entities import (
    DecisionView,
    ForeseenRelief,
    Incident,
    Judgement,
    Proposal,
    ProposedLaunch,
    ProposedTurn,
)
from dispatcher.events import IncidentPlace, OptionsDecided
from dispatcher.presentation.view import Json, View, instant, text
from dispatcher.presentation.watching import notes


def incident(entity: Incident, view: View = View.CONTROL) -> Json:
    """An incident."""
    shown: Json = {
        "id": str(entity.id),
        "source": entity.source,
        "reference": entity.reference,
        "grade": entity.grade,
        "grade_rank": None if entity.judged is None else entity.judged.rank,
        "category": entity.category,
        "summary": entity.summary,
        "place": incident_place(entity.place),
        "address": entity.address,
        "reported_at": instant(entity.reported_at),
        "received_at": instant(entity.received_at),
        "revision": entity.revision,
        "status": entity.status.value,
        "outcome": entity.outcome,
        "merged_into": text(entity.merged_into),
        "flight_id": text(entity.flight_id),
        "flight_ids": [str(each) for each in entity.flight_ids],
        "notes": notes(entity.notes, view),
    }
    if view is View.CONTROL:
        shown["watch_s"] = entity.watch_s
        shown["watched_from"] = None if entity.watched_from is None else instant(entity.watched_from)
        shown["relief"] = None if entity.relief is None else foreseen_relief(entity.relief)
        shown["relay_ended_because"] = entity.relay_ended_because
        shown["decline_reason"] = entity.decline_reason
        shown["policy"] = None if entity.judged is None else judgement(entity.judged, entity.overridden)
        shown["proposals"] = [proposal(each) for each in entity.proposals]
    return shown


def foreseen_relief(entity: ForeseenRelief) -> Json:
    """Who would relieve the flight on scene, and when; with no dock, none can."""
    return {
        "flight_id": str(entity.flight_id),
        "leaves_at": instant(entity.leaves_at),
        "dock_id": entity.dock_id,
        "order_at": None if entity.order_at is None else instant(entity.order_at),
    }


def incident_place(place: IncidentPlace) -> Json:
    """Where an incident is."""
    return {"lat_deg": place.lat_deg, "lon_deg": place.lon_deg, "radius_m": place.radius_m}


def proposal(entity: Proposal) -> Json:
    """A proposal and what became of it."""
    return {
        "id": str(entity.id),
        "incident_id": str(entity.incident_id),
        "flight_id": text(entity.flight_id),
        "kind": entity.kind,
        "because": entity.because,
        "proposed_at": instant(entity.proposed_at),
        "status": entity.status.value,
        "launch": None if entity.launch is None else proposed_launch(entity.launch),
        "turn": None if entity.turn is None else proposed_turn(entity.turn),
        "answers": [{"answer": each.verb, "by": each.by, "at": instant(each.at)} for each in entity.answers],
        "over_because": entity.over_because,
    }


def proposed_turn(entity: ProposedTurn) -> Json:
    """A flight that would go to this proposal's incident, with what that gains; ``turns_at`` while it counts down."""
    return {
        "from_incident_id": str(entity.from_incident_id),
        "callsign": entity.callsign,
        "homeward": entity.homeward,
        "gain_s": entity.gain_s,
        "time_to_scene_s": entity.time_to_scene_s,
        "watch_s": entity.watch_s,
        "battery_on_return_percent": entity.battery_on_return_percent,
        "otherwise_dock_id": entity.otherwise_dock_id,
        "otherwise_s": entity.otherwise_s,
        "others_s": entity.others_s,
        "told": list(entity.told),
        "countdown_s": entity.countdown_s,
        "answer_by": instant(entity.answer_by),
        "turns_at": None if entity.turns_at is None else instant(entity.turns_at),
        "accepted_by": entity.accepted_by,
    }


def proposed_launch(entity: ProposedLaunch) -> Json:
    """What would be launched, and what happens by itself at ``answer_by``."""
    return {
        "dock_id": entity.dock_id,
        "callsign": entity.callsign,
        "decision_id": str(entity.decision_id),
        "time_to_scene_s": entity.time_to_scene_s,
        "answer_by": instant(entity.answer_by),
        "unanswered": entity.unanswered,
    }


def judgement(entity: Judgement, overridden: Collection[str]) -> Json:
    """What the policy says of an incident, rule by rule."""
    return {
        "grade": entity.grade,
        "rank": entity.rank,
        "known": entity.known,
        "launch": entity.launch.value,
        "rules": [
            {
                "rule": ruling.rule,
                "kind": ruling.kind,
                "line": ruling.line,
                "launch": ruling.launch.value,
                "text": ruling.text,
                "override": list(ruling.override),
                "overridden": ruling.rule in overridden,
            }
            for ruling in entity.rulings
        ],
    }


_OPTION_KEYS = (
    "dock_id",
    "aircraft_id",
    "eligible",
    "rank",
    "reasons",
    "time_to_airborne_s",
    "time_to_scene_s",
    "on_scene_s",
    "watch_s",
    "battery_on_return_percent",
    "battery_margin_percent",
    "distance_m",
    "bearing_deg",
    "energy_wh",
    "route",
    "risks",
    "bound",
)


def _option(option: Json) -> Json:
    """An option, with whose matter each of its reasons is, and whether setting them aside would be enough."""
    reasons = [{**each, "concern": concern_of(each["code"]).value} for each in option.get("reasons") or []]
    return {
        **{key: option.get(key) for key in _OPTION_KEYS},
        "reasons": reasons,
        "only_warnings": only_warnings(option),
    }


def decision(entity: DecisionView) -> Json:
    """A decision: every dock's option, the best first."""
    return {
        "decision_id": str(entity.id),
        "incident_id": str(entity.incident_id),
        "incident_revision": entity.incident_revision,
        "decided_at": instant(entity.decided_at),
        "best": entity.best_dock_id,
        "options": [_option(option) for option in entity.options],
    }


def decided(event: OptionsDecided, *, at: datetime) -> Json:
    """A decision as the journal has it; ``at`` is its mission time."""
    return {
        "decision_id": str(event.decision_id),
        "incident_id": str(event.incident_id),
        "incident_revision": event.incident_revision,
        "decided_at": instant(at),
        "best": event.best_dock_id,
        "options": [_option(option) for option in event.options],
    }
