"""Which entities an event may have changed: the hub looks at these alone, not at everything."""

from __future__ import annotations

from collections.abc import Iterator

from dispatcher import events as ev
from dispatcher.live.ledger import Key
from dispatcher.state import State

INCIDENT, DOCK, FLIGHT, AIRCRAFT, PILOT = "incident", "dock", "flight", "aircraft", "pilot"
AIRSPACE, LINK, CONTROLLER, CAUSE = "airspace", "link", "controller", "cause"
ALL_AIRSPACE = Key(AIRSPACE, "all")
"""One entity, with the revision by which a map sees that it must load the zones anew."""

_OF_PILOT = (ev.PilotSignedOn, ev.PilotSignedOff, ev.PilotSilent, ev.PilotHeardAgain, ev.PilotTold)
_OF_AIRSPACE = (ev.AirspaceLoaded, ev.ZoneDrawn, ev.AirspaceWithdrawn)

_OF_LINK = (ev.WatchLinkGiven, ev.WatchLinkBound, ev.WatchLinkOpened, ev.WatchLinkDeclined, ev.WatchLinkRevoked)


def touched(state: State, event: ev.Event) -> Iterator[Key]:
    """Keys of what ``event`` names, and of what hangs on that in ``state`` (the one after it); may name one twice."""
    named: list[object] = [
        getattr(event, name, None)
        for name in ("incident_id", "into", "from_incident_id", "flight_id", "flight_moved", "dock_id")
    ]
    incident_id, into, left, flight_id, flight_moved, dock_id = named
    if isinstance(event, ev.AgentReported):
        flight_id = getattr(event.fact, "flight_id", None)
    if isinstance(event, ev.DockRegistered):
        dock_id = event.dock.id
    for incident in (incident_id, into, left):
        if incident is not None:
            yield Key(INCIDENT, str(incident))
    if dock_id is not None:
        yield Key(DOCK, str(dock_id))
    if isinstance(event, _OF_LINK):
        yield Key(LINK, str(event.link_id))
    for moved in (flight_id, flight_moved):
        flight = None if moved is None else state.flights.get(moved)  # type: ignore[call-overload]  # a UUID
        if flight is not None:
            yield Key(FLIGHT, str(flight.id))
            yield Key(DOCK, flight.dock_id)
            yield Key(INCIDENT, str(flight.incident_id))
            yield Key(PILOT, flight.pilot)
            yield from (Key(DOCK, each.to_dock_id) for each in flight.diversions)
            if flight.relieves is not None:
                yield Key(FLIGHT, str(flight.relieves))
    if isinstance(event, ev.IncidentMerged):
        # Where one relieves another, both have gone over.
        kept = state.incidents.get(event.into)
        yield from (Key(FLIGHT, str(each)) for each in (kept.flight_ids if kept is not None else ()))
        yield from (Key(LINK, str(each)) for each in (kept.link_ids if kept is not None else ()))
    if isinstance(event, ev.HandOverAccepted):
        # The one who had it has it no longer.
        yield from (Key(PILOT, pilot) for pilot in state.pilots)
    elif isinstance(event, _OF_AIRSPACE):
        yield ALL_AIRSPACE
    elif isinstance(event, ev.ControllerSignedOn | ev.ControllerSignedOff):
        yield Key(CONTROLLER, event.person)
    elif isinstance(event, ev.BriefingAcknowledged):
        yield Key(PILOT if event.role is ev.DutyRole.PILOT else CONTROLLER, event.person)
    elif isinstance(event, _OF_PILOT):
        yield Key(PILOT, event.pilot)
