"""What may be done with an incident: pure functions from the state and a request to the events that follow.

Each raises the `DispatcherError` that says why not; none acts.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from dispatcher import events as ev
from dispatcher.entities import Flight, Incident, IncidentStatus, Proposal
from dispatcher.errors import Conflict, IncidentNotOpen, Invalid, NotFound, ReferenceConflict, StaleScreen
from dispatcher.identifiers import NewId
from dispatcher.requests import IncidentAmendment, IncidentReport
from dispatcher.state import State

LATEST_AHEAD = timedelta(minutes=5)
"""Clocks of feeds may be this far ahead of ours."""
OLDEST = timedelta(days=7)
RETASK_FROM_M = 20.0
"""A place that moved less than this is the same place to a camera."""
_EARTH_M = 6_371_008.8


def incident_of(state: State, incident_id: UUID) -> Incident:
    """The incident, or `NotFound`."""
    incident = state.incidents.get(incident_id)
    if incident is None:
        raise NotFound(f"there is no incident {incident_id}")
    return incident


def open_incident_of(state: State, incident_id: UUID) -> Incident:
    """The incident if it is open; `IncidentNotOpen` says what became of it."""
    incident = incident_of(state, incident_id)
    if incident.status is not IncidentStatus.OPEN:
        raise IncidentNotOpen(f"the incident is {incident.status}", incident_status=incident.status.value)
    return incident


def active_flights_of(state: State, incident: Incident) -> list[Flight]:
    """The flights on this incident that have not ended, in their order: more than one while one relieves another."""
    flights = (state.flights.get(flight_id) for flight_id in incident.flight_ids)
    return [each for each in flights if each is not None and not each.ended and each.incident_id == incident.id]


def active_flight_of(state: State, incident: Incident) -> Flight | None:
    """The latest flight that is on this incident and has not ended."""
    return next(reversed(active_flights_of(state, incident)), None)


def known_report(state: State, report: IncidentReport) -> Incident | None:
    """The incident that this very report made before; `ReferenceConflict` when it now says something else."""
    known_id = state.references.get((report.source, report.reference))
    if known_id is None:
        return None
    known = state.incidents[known_id]
    if known.revision > 1:
        return known
    difference = {
        name: {"known": _plain(getattr(known, name)), "sent": _plain(getattr(report, name))}
        for name in ("grade", "category", "summary", "place", "address", "watch_s")
        if getattr(known, name) != getattr(report, name)
    }
    if difference:
        raise ReferenceConflict(
            f"{report.source} {report.reference} is incident {known.id}: PATCH it instead",
            incident_id=str(known.id),
            difference=difference,
        )
    return known


def report(report: IncidentReport, *, incident_id: UUID, now: datetime) -> list[ev.Event]:
    """A new incident; `Invalid` for a time that cannot be."""
    reported_at = report.reported_at or now
    if reported_at > now + LATEST_AHEAD:
        raise Invalid.field("/reported_at", f"lies in the future: it is {now.isoformat(timespec='seconds')} now")
    if reported_at < now - OLDEST:
        raise Invalid.field("/reported_at", f"lies more than {OLDEST.days} days back")
    return [
        ev.IncidentReported(
            incident_id=incident_id,
            source=report.source,
            reference=report.reference,
            grade=report.grade,
            category=report.category,
            summary=report.summary,
            place=report.place,
            address=report.address,
            reported_at=reported_at,
            watch_s=report.watch_s,
        )
    ]


def amend(state: State, incident_id: UUID, amendment: IncidentAmendment, new_id: NewId) -> list[ev.Event]:
    """The changed fields; a place that moved under a flight proposes a retask."""
    incident = open_incident_of(state, incident_id)
    if amendment.revision is not None and amendment.revision != incident.revision:
        raise StaleScreen(
            f"the incident is at revision {incident.revision}",
            difference={"revision": {"shown": amendment.revision, "now": incident.revision}},
        )
    changes: dict[str, Any] = {
        name: value
        for name in ("place", "address", "grade", "category", "summary")
        if (value := getattr(amendment, name)) is not None and value != getattr(incident, name)
    }
    if "place" in changes and amendment.address is None and incident.address:
        # An old address beside a new place would be a wrong one.
        changes["address"] = ""
    if not changes:
        return []
    events: list[ev.Event] = [ev.IncidentAmended(incident_id=incident_id, revision=incident.revision + 1, **changes)]
    moved_m = 0.0 if amendment.place is None else ground_distance_m(incident.place, amendment.place)
    if moved_m >= RETASK_FROM_M:
        for flight in active_flights_of(state, incident):
            because = f"the place has moved by {moved_m:.0f} m while {flight.callsign} is on its way"
            events.append(_propose("retask", incident_id, flight, because, new_id))
    return events


def close(state: State, incident_id: UUID, outcome: str, new_id: NewId) -> list[ev.Event]:
    """Closed; a flight that is still out is proposed to return."""
    incident = open_incident_of(state, incident_id)
    events: list[ev.Event] = [
        ev.IncidentClosed(incident_id=incident_id, revision=incident.revision + 1, outcome=outcome)
    ]
    return events + [
        _propose("return", incident_id, flight, "the incident has been closed", new_id)
        for flight in active_flights_of(state, incident)
    ]


def decline(state: State, incident_id: UUID, reason: str) -> list[ev.Event]:
    """No drone for this one; not while one is out."""
    incident = open_incident_of(state, incident_id)
    flight = active_flight_of(state, incident)
    if flight is not None:
        raise Conflict(f"{flight.callsign} is out: call it back or close the incident", flight_id=str(flight.id))
    return [ev.IncidentDeclined(incident_id=incident_id, revision=incident.revision + 1, reason=reason)]


def merge(state: State, incident_id: UUID, into_id: UUID, new_id: NewId) -> list[ev.Event]:
    """Two reports of one occurrence. One flight is kept: a second one is proposed to return."""
    if incident_id == into_id:
        raise Invalid.field("/into", "is this incident itself: name the other one")
    incident = open_incident_of(state, incident_id)
    into = open_incident_of(state, into_id)
    flight, kept = active_flight_of(state, incident), active_flight_of(state, into)
    moved = flight.id if flight is not None and kept is None else None
    events: list[ev.Event] = [
        ev.IncidentMerged(incident_id=incident_id, revision=incident.revision + 1, into=into_id, flight_moved=moved)
    ]
    if flight is None:
        return events
    if kept is not None:
        because = f"merged: {kept.callsign} is on the same incident"
        events.append(_propose("return", into_id, flight, because, new_id))
    elif (apart_m := ground_distance_m(incident.place, into.place)) >= RETASK_FROM_M:
        because = f"merged into an incident {apart_m:.0f} m away"
        events.append(_propose("retask", into_id, flight, because, new_id))
    return events


def proposal_of(state: State, proposal_id: UUID) -> Proposal:
    """The proposal, whatever became of it, or `NotFound`."""
    for incident in state.incidents.values():
        for proposal in incident.proposals:
            if proposal.id == proposal_id:
                return proposal
    raise NotFound(f"there is no proposal {proposal_id}")


def ground_distance_m(one: ev.IncidentPlace, other: ev.IncidentPlace) -> float:
    """Great-circle distance on the mean sphere, good to 0.5 %: enough to tell whether a place has moved."""
    lat_1, lat_2 = math.radians(one.lat_deg), math.radians(other.lat_deg)
    half_lat = math.sin((lat_2 - lat_1) / 2)
    half_lon = math.sin(math.radians(other.lon_deg - one.lon_deg) / 2)
    chord = half_lat**2 + math.cos(lat_1) * math.cos(lat_2) * half_lon**2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(chord)))


def _propose(
    kind: Literal["retask", "return"], incident_id: UUID, flight: Flight, because: str, new_id: NewId
) -> ev.ProposalMade:
    return ev.ProposalMade(
        proposal_id=new_id(), incident_id=incident_id, flight_id=flight.id, kind=kind, because=because
    )


def _plain(value: object) -> object:
    return value.model_dump(mode="json") if isinstance(value, ev.IncidentPlace) else value
