"""Which stream of the journal an event belongs to: ``force/{id}``, ``dock/{id}``, ``incident/{id}``, ``flight/{id}``,
``duty/{pilot}``.
"""

from __future__ import annotations

from dispatcher import events as ev


def stream_of(event: ev.Event, force: str) -> str:
    """The stream of an event; a fact of an agent goes to its flight where it names one."""
    if isinstance(event, ev.AgentReported):
        flight_id = getattr(event.fact, "flight_id", None)
        return f"dock/{event.dock_id}" if flight_id is None else f"flight/{flight_id}"
    if isinstance(event, ev.DockRegistered):
        return f"dock/{event.dock.id}"
    if isinstance(event, ev.DispatcherStarted | ev.StrangerSeen):
        return f"force/{force or getattr(event, 'force', '')}"
    for kind, name in (("incident", "incident_id"), ("flight", "flight_id"), ("dock", "dock_id"), ("duty", "pilot")):
        if _belongs(event, kind):
            return f"{kind}/{getattr(event, name)}"
    raise TypeError(f"no stream for {event.type_name()}")


_KINDS: dict[str, tuple[type[ev.Event], ...]] = {
    "incident": (
        ev.IncidentReported,
        ev.IncidentAmended,
        ev.IncidentClosed,
        ev.IncidentMerged,
        ev.IncidentDeclined,
        ev.OptionsDecided,
        ev.ProposalMade,
        ev.ProposalAnswered,
    ),
    "flight": (
        ev.FlightOrdered,
        ev.FlightAccepted,
        ev.OrderExpired,
        ev.CommandGiven,
        ev.CommandResolved,
        ev.FlightEnded,
    ),
    "dock": (ev.DockWithdrawn, ev.DockReported, ev.DockSilent, ev.DockHeardAgain),
    "duty": (ev.PilotSignedOn, ev.PilotSignedOff),
}


def _belongs(event: ev.Event, kind: str) -> bool:
    return isinstance(event, _KINDS[kind])
