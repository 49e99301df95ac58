"""The errors of the dock agent.

AgentError
├── DockTaken            another agent of this dock is running on this machine
├── UnknownDock          the fleet file has no dock of that id
├── LinkError            the aircraft's link
│   ├── PortTaken        something else listens where the aircraft's messages must arrive
│   └── NotConnected     there is no aircraft that may be written to
├── HardwareError        the dock's hardware does not answer, or not as agreed
└── CameraError          the dock's camera gives no picture
"""

from __future__ import annotations

from pathlib import Path


class AgentError(Exception):
    """Base of all errors of this package; its text is fit for the person on duty."""


class DockTaken(AgentError):
    """Another agent of this dock is running on this machine."""

    def __init__(self, dock_id: str, lock: Path) -> None:
        super().__init__(f"another agent of dock {dock_id} is running: it holds {lock}")
        self.dock_id = dock_id
        self.lock = lock


class UnknownDock(AgentError):
    """The fleet file has no dock of that id."""

    def __init__(self, dock_id: str, fleet_file: Path) -> None:
        super().__init__(f"{fleet_file}: no dock has the id {dock_id!r}")
        self.dock_id = dock_id
        self.fleet_file = fleet_file


class LinkError(AgentError):
    """Base of what can be wrong with the aircraft's link."""


class PortTaken(LinkError):
    """Something else listens where the aircraft's messages must arrive; a second listener would steal them all."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address} is taken by another process: end it, or correct the fleet file's mavlink_url")
        self.address = address


class NotConnected(LinkError):
    """There is no aircraft that may be written to."""


class HardwareError(AgentError):
    """The dock's hardware does not answer, or not as agreed; ``reason`` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CameraError(AgentError):
    """The dock's camera gives no picture; its text says why."""
