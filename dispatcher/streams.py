"""Which stream of the journal an event belongs to: ``force/{id}``, ``dock/{id}``, ``incident/{id}``, ``flight/{id}``,
``duty/{pilot}``, ``airspace/{document}``, ``weather/{station}``.
"""

from __future__ import annotations

from uuid import UUID

from dispatcher import events as ev
from dispatcher.entities import State


def stream_of(event: ev.Event, state: State) -> str:
    """The stream of an event; a fact of an agent goes to the flight that it names, if that is a flight of its dock."""
    if isinstance(event, ev.AgentReported):
        flight_id: UUID | None = getattr(event.fact, "flight_id", None)
        flight = None if flight_id is None else state.flights.get(flight_id)
        own = flight is not None and flight.dock_id == event.dock_id
        return f"flight/{flight_id}" if own else f"dock/{event.dock_id}"
    if isinstance(event, _OF_ALARM):
        return f"dock/{event.dock_id}" if event.flight_id is None else f"flight/{event.flight_id}"
    if isinstance(event, ev.DockRegistered):
        return f"dock/{event.dock.id}"
    if isinstance(event, _OF_PERSON):
        return f"duty/{event.person}"
    if isinstance(event, ev.DispatcherStarted | ev.PolicyLoaded | ev.StrangerSeen):
        return f"force/{state.force or getattr(event, 'force', '')}"
    for kind, name in (
        ("incident", "incident_id"),
        ("flight", "flight_id"),
        ("dock", "dock_id"),
        ("duty", "pilot"),
        ("airspace", "name"),
        ("weather", "station"),
    ):
        if _belongs(event, kind):
            return f"{kind}/{getattr(event, name)}"
    raise TypeError(f"no stream for {event.type_name()}")


_OF_ALARM = (ev.AlarmRaised, ev.AlarmEnded, ev.AlarmAcknowledged, ev.AlarmShelved, ev.AlarmUnshelved)
_OF_PERSON = (
    ev.ControllerSignedOn,
    ev.ControllerSignedOff,
    ev.BriefingAcknowledged,
    ev.ShiftHandedOver,
    ev.ShiftAccepted,
)
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
        ev.LaunchJudged,
        ev.LaunchProposed,
        ev.LaunchWithdrawn,
        ev.PolicyOverridden,
        ev.FlightTurned,
        ev.TurnCancelled,
        ev.TurnCountdownBegan,
        ev.TurnProposed,
        ev.TurnWithdrawn,
        ev.ReliefForeseen,
        ev.RelayEnded,
        ev.WatchLinkGiven,
        ev.WatchLinkBound,
        ev.WatchLinkOpened,
        ev.WatchLinkDeclined,
        ev.WatchLinkRevoked,
        ev.NoteMade,
    ),
    "flight": (
        ev.FlightOrdered,
        ev.FlightAccepted,
        ev.OrderExpired,
        ev.CommandGiven,
        ev.TaskGiven,
        ev.NudgesEnded,
        ev.CommandResolved,
        ev.DivertBegan,
        ev.ReceiveExpired,
        ev.DivertImpossible,
        ev.HandOverOffered,
        ev.HandOverAccepted,
        ev.HandOverEnded,
        ev.PayloadLent,
        ev.PayloadTakenBack,
        ev.FlightEnded,
        ev.FlightFound,
        ev.VideoRecordingBegan,
        ev.VideoRecordingEnded,
        ev.VideoRecordingExcepted,
        ev.VideoTicketGiven,
        ev.VideoTicketWithdrawn,
        ev.VideoWatchBegan,
        ev.VideoWatchEnded,
        ev.FlightViewed,
        ev.FlightExported,
    ),
    "dock": (
        ev.DockWithdrawn,
        ev.DockReported,
        ev.DockSilent,
        ev.DockHeardAgain,
        ev.DockHeld,
        ev.DockReleased,
        ev.MaintenanceOrdered,
        ev.BlockerOrdered,
        ev.BlockerOrderExpired,
        ev.ReceiveWithdrawn,
        ev.ReceiveWithdrawalExpired,
    ),
    "weather": (ev.WeatherReported,),
    "airspace": (ev.AirspaceLoaded, ev.ZoneDrawn, ev.AirspaceWithdrawn),
    "duty": (ev.PilotSignedOn, ev.PilotSignedOff, ev.PilotSilent, ev.PilotHeardAgain, ev.PilotTold),
}


def _belongs(event: ev.Event, kind: str) -> bool:
    return isinstance(event, _KINDS[kind])
