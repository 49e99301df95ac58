"""What the world is shown of the dispatcher's entities: plain JSON values, the same for the HTTP API and the live hub.

Pure functions. Keys always come in the same order; times are RFC 3339 in UTC with milliseconds; ids are strings. `View`
decides how much is shown: an officer sees what helps on the way to a scene, and no command, order, decision or duty.
"""

from __future__ import annotations

from dispatcher.presentation.airspace import (
    SHOWN_FINDINGS,
    airspace,
    airspace_document,
    airspace_finding,
    exported_finding,
    zone_features,
)
from dispatcher.presentation.assignments import planned, turn
from dispatcher.presentation.causes import cause
from dispatcher.presentation.docks import aircraft, dock, dock_sample, stranger, weather
from dispatcher.presentation.flights import alarm, command, flight, flown, hand_over, phase_entry
from dispatcher.presentation.incidents import decided, decision, foreseen_relief, incident, incident_place, proposal
from dispatcher.presentation.journal import recorded
from dispatcher.presentation.people import acknowledgement, controller, handover, notice, pilot
from dispatcher.presentation.stations import station_weather
from dispatcher.presentation.terrain import ground, ground_profile, terrain
from dispatcher.presentation.traffic import crewed_aircraft, traffic_feed
from dispatcher.presentation.video import video
from dispatcher.presentation.view import Json, View, instant, place, view_of
from dispatcher.presentation.watching import note, notes, watch_link

__all__ = [
    "SHOWN_FINDINGS",
    "Json",
    "View",
    "acknowledgement",
    "aircraft",
    "airspace",
    "airspace_document",
    "airspace_finding",
    "alarm",
    "cause",
    "command",
    "controller",
    "crewed_aircraft",
    "decided",
    "decision",
    "dock",
    "dock_sample",
    "exported_finding",
    "flight",
    "flown",
    "foreseen_relief",
    "ground",
    "ground_profile",
    "hand_over",
    "handover",
    "incident",
    "incident_place",
    "instant",
    "note",
    "notes",
    "notice",
    "phase_entry",
    "pilot",
    "place",
    "planned",
    "proposal",
    "recorded",
    "station_weather",
    "stranger",
    "terrain",
    "traffic_feed",
    "turn",
    "video",
    "view_of",
    "watch_link",
    "weather",
    "zone_features",
]
