"""The desk: the one place where something is decided, journalled and then done. The journal's single writer.

It is put together from the desks of its concerns, which share one state, one turnstile and one journal: `writer` says
how. All methods that change something raise a `DispatcherError` that says why not.
"""

from __future__ import annotations

from dispatcher.desks.airspace import AirspaceDesk
from dispatcher.desks.authority import AuthorityDesk
from dispatcher.desks.docks import DockDesk
from dispatcher.desks.duty import DutyDesk
from dispatcher.desks.launches import LaunchDesk
from dispatcher.desks.nudges import NudgeDesk
from dispatcher.desks.relay import RelayDesk
from dispatcher.desks.turns import TurnDesk
from dispatcher.desks.video import VideoDesk
from dispatcher.desks.watching import WatchDesk
from dispatcher.desks.weather import WeatherDesk
from dispatcher.desks.writer import Counters, EventLog, OnAppended, ReachPort


class Desk(
    RelayDesk,
    LaunchDesk,
    TurnDesk,
    NudgeDesk,
    AuthorityDesk,
    DutyDesk,
    AirspaceDesk,
    WeatherDesk,
    DockDesk,
    WatchDesk,
    VideoDesk,
):
    """See the module."""


__all__ = ["Counters", "Desk", "EventLog", "OnAppended", "ReachPort"]
