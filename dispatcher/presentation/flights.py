"""Flights, what they were told, and their alarms as they are shown."""

from __future__ import annotations

from contracts.position import Waypoint
from contracts.reports import FlightFlown
from contracts.warnings import concern_of
from dispatcher.entities import (
    Acceptance,
    Alarm,
    Command,
    Diversion,
    Flight,
    HandOver,
    OrderState,
    PhaseEntry,
    Shelf,
    Turned,
)
from dispatcher.presentation.video import video
from dispatcher.presentation.view import Json, View, instant, place, text


def flight(entity: Flight, view: View = View.CONTROL) -> Json:
    """A flight: what was promised, what it is doing, what was flown."""
    shown: Json = {
        "id": str(entity.id),
        "incident_id": str(entity.incident_id),
        "aircraft_id": entity.order.aircraft_id,
        "callsign": entity.callsign,
        "mark": entity.mark,
        "purpose": entity.order.purpose,
        "phase": entity.phase.value,
        "ended": entity.ended,
        "conditions": sorted(condition.value for condition in entity.conditions),
        "ordered_at": instant(entity.ordered_at),
        "relieves": text(entity.relieves),
        "phases": [phase_entry(entry, view) for entry in entity.phases],
        "promised": {
            "time_to_airborne_s": entity.promise.time_to_airborne_s,
            "time_to_scene_s": entity.promise.time_to_scene_s,
            "on_scene_s": entity.promise.on_scene_s,
            "battery_on_return_percent": entity.promise.battery_on_return_percent,
            "distance_m": entity.promise.distance_m,
        },
        "leg": None if entity.leg is None else leg(entity.leg),
        "leaving": None if entity.leaving is None else {"at": instant(entity.leaving.at)},
    }
    if view is View.CONTROL:
        shown["turns"] = [turned(each) for each in entity.turns]
        shown["flown"] = None if entity.flown is None else flown(entity.flown)
        shown["dock_id"] = entity.dock_id
        shown["pilot"] = entity.pilot
        shown["ordered_by"] = entity.ordered_by
        shown["acceptance"] = None if entity.acceptance is None else acceptance(entity.acceptance)
        shown["relief_asked_by"] = entity.accepted_by
        shown["incident_revision"] = entity.incident_revision
        shown["decision_id"] = str(entity.decision_id)
        shown["scene"] = place(entity.order.scene)
        shown["in_hand"] = entity.in_hand
        shown["plan"] = _plan(entity)
        shown["payload"] = {"with": entity.payload_with or entity.pilot, "now": dict(sorted(entity.payload.items()))}
        shown["hand_over"] = None if entity.hand_over is None else hand_over(entity.hand_over)
        shown["diversion"] = None if entity.diversion is None else _diversion(entity.diversion)
        shown["divert_impossible"] = entity.divert_impossible
        shown["video"] = video(entity.video)
        shown["warnings"] = warnings(entity)
        shown["alarms"] = [alarm(each) for each in entity.alarms]
        shown["order"] = {
            "id": str(entity.order.order_id),
            "state": _ORDER_STATES[entity.order_state],
            "reasons": list(entity.refusal_reasons),
            "issued_at": instant(entity.order.issued_at),
            "expires_at": instant(entity.order.expires_at),
            "watch_s": entity.order.watch_s,
        }
        shown["commands"] = [command(each, flight_id=str(entity.id)) for each in entity.commands]
    return shown


def warnings(entity: Flight) -> Json:
    """What was set aside for this launch, by whom and why, and what its pilot is still asked to."""
    return {
        "set_aside": [
            {
                "warning": each.warning.value,
                "concern": concern_of(each.warning).value,
                "text": each.text,
                "value": each.value,
                "limit": each.limit,
                "note": each.note,
                "by": each.by,
                "at": instant(each.at),
            }
            for each in entity.order.overrides
        ],
        "left_to_pilot": [each.model_dump(mode="json") for each in entity.warnings_left],
    }


def leg(entity: Turned) -> Json:
    """What was promised when it was turned to the incident that it is for now."""
    return {
        "began_at": instant(entity.at),
        "time_to_scene_s": entity.time_to_scene_s,
        "watch_s": entity.watch_s,
    }


def acceptance(entity: Acceptance) -> Json:
    """The pilot's yes."""
    return {"by": entity.by, "at": instant(entity.at), "beforehand": entity.beforehand}


def turned(entity: Turned) -> Json:
    """From one incident to another."""
    return {
        "from_incident_id": str(entity.from_incident_id),
        "to_incident_id": str(entity.to_incident_id),
        "proposal_id": str(entity.proposal_id),
        "command_id": str(entity.order_id),
        "at": instant(entity.at),
        "accepted_by": entity.accepted_by,
        "homeward": entity.homeward,
        "time_to_scene_s": entity.time_to_scene_s,
        "watch_s": entity.watch_s,
        "battery_on_return_percent": entity.battery_on_return_percent,
        "undone": entity.undone,
        "because": entity.because,
    }


_WAYS = {"route_out", "route_home", "fence"}
_ORDER_STATES = {
    OrderState.WAITING_FOR_PILOT: "waiting_for_pilot",
    # From the outside the outbox is part of the sending: it is sent, and resent, until answered or expired.
    OrderState.TO_SEND: "sent",
    OrderState.ACCEPTED: "accepted",
    OrderState.REFUSED: "refused",
    OrderState.EXPIRED: "expired",
}


def phase_entry(entry: PhaseEntry, view: View = View.CONTROL) -> Json:
    """One line of a flight's history; officers are spared the reasons, which may name people and faults."""
    shown = {
        "phase": entry.phase.value,
        "mission_time": instant(entry.mission_time),
        "wall_time": instant(entry.wall_time),
    }
    if view is View.CONTROL:
        shown["because"] = entry.because
    return shown


def flown(entity: FlightFlown) -> Json:
    """What was flown, beside what had been promised."""
    return {
        "time_to_airborne_s": entity.time_to_airborne_s,
        "time_to_scene_s": entity.time_to_scene_s,
        "on_scene_s": entity.on_scene_s,
        "battery_on_return_percent": entity.battery_on_return_percent,
        "distance_m": entity.distance_m,
        "whole_distance_m": entity.whole_distance_m,
    }


def _plan(entity: Flight) -> Json:
    """What is flown now, after retasks and diversions."""
    plan = entity.plan
    return {
        "scene": place(entity.order.scene if plan is None else plan.scene),
        "watch_s": entity.order.watch_s if plan is None else plan.watch_s,
        "home_dock_id": entity.diverted_to or entity.dock_id,
        "way_out": [_waypoint(each) for each in (entity.order if plan is None else plan).route_out],
        "way_home": [_waypoint(each) for each in (entity.order if plan is None else plan).route_home],
        "order_id": str(entity.order.order_id if plan is None else plan.order_id),
    }


def _waypoint(point: Waypoint) -> Json:
    return place(point) | {"alt_above_home_m": point.alt_above_home_m}


def hand_over(entity: HandOver) -> Json:
    """An offer of command that waits."""
    return {
        "id": str(entity.id),
        "giver": entity.giver,
        "to": entity.to,
        "offered_at": instant(entity.offered_at),
        "expires_at": None if entity.expires_at is None else instant(entity.expires_at),
        "because": entity.because,
    }


def _diversion(entity: Diversion) -> Json:
    return {
        "command_id": str(entity.order_id),
        "to_dock_id": entity.to_dock_id,
        "dock_opens": entity.receive_outcome.value,
        "detail": entity.receive_detail,
        "automatic": entity.automatic,
        "because": entity.because,
    }


def alarm(entity: Alarm) -> Json:
    """Something that needs an action of somebody."""
    return {
        "id": str(entity.id),
        "kind": entity.kind.value,
        "flight_id": text(entity.flight_id),
        "dock_id": entity.dock_id,
        "text": entity.text,
        "active": entity.active,
        "raised_at": instant(entity.raised_at),
        "changed_at": instant(entity.changed_at),
        "ended_at": None if entity.ended_at is None else instant(entity.ended_at),
        "bearing_deg": entity.bearing_deg,
        "above_m": entity.above_m,
        "distance_m": entity.distance_m,
        "in_s": entity.in_s,
        "acknowledged_by": entity.acknowledged_by,
        "acknowledged_at": None if entity.acknowledged_at is None else instant(entity.acknowledged_at),
        "shelf": None if entity.shelf is None else shelf(entity.shelf),
    }


def shelf(entity: Shelf) -> Json:
    """Who has put an alarm out of sight, until when, and why."""
    return {"by": entity.by, "at": instant(entity.at), "until": instant(entity.until), "because": entity.because}


def command(entity: Command, *, flight_id: str) -> Json:
    """What a flight was told, and how it came out; the ways of a retask or divert are left out."""
    return {
        "id": str(entity.order_id),
        "flight_id": flight_id,
        "action": str(entity.action),
        "task": None if entity.task is None else entity.task.model_dump(mode="json", exclude=_WAYS),
        "outcome": entity.outcome.value,
        "detail": entity.detail,
        "because": entity.because,
        "actor": entity.actor,
        "issued_at": instant(entity.issued_at),
        "expires_at": instant(entity.expires_at),
    }
