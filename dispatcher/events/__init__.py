"""The domain's events: everything that the journal can say.

Past tense, closed, versioned. An event's ``type`` is its class name. A field may be added with a default; anything else
is a new ``schema_version`` with an upcaster in `dispatcher.journal.upcasters`. What an agent reports is journalled as
`AgentReported` with the agent's own boot id and counter, so that a resent fact is recognised for ever.
"""

from __future__ import annotations

from dispatcher.events.alarms import AlarmAcknowledged, AlarmEnded, AlarmRaised
from dispatcher.events.authority import (
    HandOverAccepted,
    HandOverEnded,
    HandOverOffered,
    PayloadLent,
    PayloadTakenBack,
    PilotHeardAgain,
    PilotSilent,
    PilotTold,
    ReadBack,
)
from dispatcher.events.commands import (
    BlockerOrdered,
    BlockerOrderExpired,
    CommandGiven,
    CommandResolved,
    DivertBegan,
    DivertImpossible,
    NudgesEnded,
    ReceiveExpired,
    TaskGiven,
)
from dispatcher.events.docks import (
    DispatcherStarted,
    DockHeardAgain,
    DockRegistered,
    DockReported,
    DockSilent,
    DockWithdrawn,
    StrangerSeen,
)
from dispatcher.events.duty import PilotSignedOff, PilotSignedOn
from dispatcher.events.event import Event, IncidentPlace
from dispatcher.events.flights import (
    AgentReported,
    FlightAccepted,
    FlightEnded,
    FlightFound,
    FlightOrdered,
    OrderExpired,
    Promise,
)
from dispatcher.events.incidents import (
    IncidentAmended,
    IncidentClosed,
    IncidentDeclined,
    IncidentMerged,
    IncidentReported,
    OptionsDecided,
    ProposalAnswered,
    ProposalMade,
)
from dispatcher.events.relay import RelayEnded, ReliefForeseen

EVENT_TYPES: dict[str, type[Event]] = {
    kind.type_name(): kind
    for kind in (
        DispatcherStarted,
        DockRegistered,
        DockWithdrawn,
        DockReported,
        DockSilent,
        DockHeardAgain,
        StrangerSeen,
        IncidentReported,
        IncidentAmended,
        IncidentClosed,
        IncidentMerged,
        IncidentDeclined,
        OptionsDecided,
        ProposalMade,
        ProposalAnswered,
        ReliefForeseen,
        RelayEnded,
        FlightOrdered,
        FlightAccepted,
        OrderExpired,
        CommandGiven,
        TaskGiven,
        NudgesEnded,
        CommandResolved,
        DivertBegan,
        ReceiveExpired,
        DivertImpossible,
        BlockerOrdered,
        BlockerOrderExpired,
        FlightEnded,
        FlightFound,
        AgentReported,
        AlarmRaised,
        AlarmEnded,
        AlarmAcknowledged,
        HandOverOffered,
        HandOverAccepted,
        HandOverEnded,
        PayloadLent,
        PayloadTakenBack,
        PilotSignedOn,
        PilotSignedOff,
        PilotSilent,
        PilotHeardAgain,
        PilotTold,
    )
}
"""Every type of event by its name."""

__all__ = [
    "EVENT_TYPES",
    "AgentReported",
    "AlarmAcknowledged",
    "AlarmEnded",
    "AlarmRaised",
    "BlockerOrderExpired",
    "BlockerOrdered",
    "CommandGiven",
    "CommandResolved",
    "DispatcherStarted",
    "DivertBegan",
    "DivertImpossible",
    "DockHeardAgain",
    "DockRegistered",
    "DockReported",
    "DockSilent",
    "DockWithdrawn",
    "Event",
    "FlightAccepted",
    "FlightEnded",
    "FlightFound",
    "FlightOrdered",
    "HandOverAccepted",
    "HandOverEnded",
    "HandOverOffered",
    "IncidentAmended",
    "IncidentClosed",
    "IncidentDeclined",
    "IncidentMerged",
    "IncidentPlace",
    "IncidentReported",
    "NudgesEnded",
    "OptionsDecided",
    "OrderExpired",
    "PayloadLent",
    "PayloadTakenBack",
    "PilotHeardAgain",
    "PilotSignedOff",
    "PilotSignedOn",
    "PilotSilent",
    "PilotTold",
    "Promise",
    "ProposalAnswered",
    "ProposalMade",
    "ReadBack",
    "ReceiveExpired",
    "RelayEnded",
    "ReliefForeseen",
    "StrangerSeen",
    "TaskGiven",
]
