"""The errors of the simulator.

SimulatorError
├── PortTaken        a UDP or TCP port of the scenario is in use by somebody else
├── PortsCollide     the scenario gives one port to two sockets
├── UnknownType      an aircraft names a type that the scenario does not describe
└── UnknownTarget    a fault is meant for a dock or an aircraft that is not there, or is a real one
"""

from __future__ import annotations


class SimulatorError(Exception):
    """Base of all errors of this package."""


class PortTaken(SimulatorError):
    """``owner`` (an aircraft or dock id) could not bind ``address``."""

    def __init__(self, *, owner: str, address: str, reason: str) -> None:
        super().__init__(f"{owner}: cannot bind {address} ({reason}): end what uses it, or change the scenario")
        self.owner = owner
        self.address = address


class PortsCollide(SimulatorError):
    """The scenario gives ``address`` to ``first`` and again to ``second``."""

    def __init__(self, *, address: str, first: str, second: str) -> None:
        super().__init__(f"{address} is given to both {first} and {second}: each socket needs a port of its own")
        self.address = address
        self.first = first
        self.second = second


class UnknownType(SimulatorError):
    """Aircraft ``aircraft`` is of type ``type_name``, which is not under ``aircraft_types``."""

    def __init__(self, *, aircraft: str, type_name: str) -> None:
        super().__init__(f"aircraft {aircraft}: type {type_name!r} is not among the scenario's aircraft_types")
        self.aircraft = aircraft
        self.type_name = type_name


class UnknownTarget(SimulatorError):
    """A fault of ``kind`` names ``target``, which it cannot be put into."""

    def __init__(self, *, kind: str, target: str, reason: str) -> None:
        super().__init__(f"fault {kind}: {target!r} {reason}")
        self.kind = kind
        self.target = target
