"""What the dispatcher knows, as values: incidents, flights, docks, pilots, and the `State` that holds them. All frozen.

Times are mission time, UTC, unless the name says ``wall``.
"""

from __future__ import annotations

from dispatcher.entities.airspace import Airspace, AirspaceDocument
from dispatcher.entities.alarm import Alarm, Shelf
from dispatcher.entities.dock import (
    AgentCursor,
    DockView,
    Fault,
    Hold,
    RaisedBlocker,
    Stranger,
    ToldMaintenance,
    Usage,
    Withdrawal,
    with_raised,
)
from dispatcher.entities.flight import (
    BY_HAND,
    Acceptance,
    Command,
    Diversion,
    Flight,
    HandOver,
    Leaving,
    OrderState,
    PhaseEntry,
    Turned,
)
from dispatcher.entities.incident import (
    Answer,
    DecisionView,
    ForeseenRelief,
    Incident,
    IncidentStatus,
    Judgement,
    Override,
    Proposal,
    ProposalStatus,
    ProposedLaunch,
    ProposedTurn,
)
from dispatcher.entities.pilot import Acknowledgement, ControllerOnDuty, Handover, Notice, PilotOnDuty
from dispatcher.entities.state import State
from dispatcher.entities.video import FlightVideo, VideoTicket, VideoViewer
from dispatcher.entities.watching import Note, WatchLink
from dispatcher.entities.weather import ReportedWeather, StationWeather

__all__ = [
    "BY_HAND",
    "Acceptance",
    "Acknowledgement",
    "AgentCursor",
    "Airspace",
    "AirspaceDocument",
    "Alarm",
    "Answer",
    "Command",
    "ControllerOnDuty",
    "DecisionView",
    "Diversion",
    "DockView",
    "Fault",
    "Flight",
    "FlightVideo",
    "ForeseenRelief",
    "HandOver",
    "Handover",
    "Hold",
    "Incident",
    "IncidentStatus",
    "Judgement",
    "Leaving",
    "Note",
    "Notice",
    "OrderState",
    "Override",
    "PhaseEntry",
    "PilotOnDuty",
    "Proposal",
    "ProposalStatus",
    "ProposedLaunch",
    "ProposedTurn",
    "RaisedBlocker",
    "ReportedWeather",
    "Shelf",
    "State",
    "StationWeather",
    "Stranger",
    "ToldMaintenance",
    "Turned",
    "Usage",
    "VideoTicket",
    "VideoViewer",
    "WatchLink",
    "Withdrawal",
    "with_raised",
]
