"""Crewed aircraft around, as an ADS-B receiver on board would hear them. Where they fly is the scenario's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator.command import Command, Result
from simulator.peripheral import Reply

COMPONENT = 156
_GEOMETRIC = 1
_COORDS, _ALTITUDE, _HEADING, _VELOCITY, _CALLSIGN, _CLIMB = 1, 2, 4, 8, 16, 128
"""ADSB_FLAGS of what is valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewedAircraft:
    """One crewed aircraft as last heard: ``icao`` is its 24-bit address, ``callsign`` at most eight characters.

    ``alt_amsl_m`` is its true altitude (sent as a geometric one), ``heading_deg`` its course over ground (true),
    ``climb_m_s`` positive up, ``since_heard_s`` the age of this report. ``emitter_type`` is ADSB_EMITTER_TYPE (7:
    rotorcraft).
    """

    icao: int
    callsign: str
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    heading_deg: float
    speed_m_s: float
    climb_m_s: float = 0.0
    since_heard_s: float = 0.0
    emitter_type: int = 7


class AdsbReceiver:
    """The receiver as a component: a heartbeat while it works. What it hears, the autopilot tells (`forwarded`)."""

    component_id = COMPONENT

    def __init__(self, *, healthy: Callable[[], bool]) -> None:
        self._healthy = healthy

    def heartbeat(self) -> Any | None:
        """HEARTBEAT; none while it is broken."""
        return mav.MAVLink_heartbeat_message(27, 8, 0, 0, 4, 3) if self._healthy() else None

    def takes(self, _command: Command) -> bool:
        """It takes no command."""
        return False

    def command(self, _command: Command) -> Reply:
        """It takes no command."""
        return Reply(Result.UNSUPPORTED)

    def receive(self, message: Any) -> None:
        """There is nothing that it listens to."""

    def due(self, _sim_s: float) -> list[Any]:
        """It says nothing but its heartbeat."""
        return []


def forwarded(aircraft: CrewedAircraft) -> Any:
    """ADSB_VEHICLE as PX4 passes it on; its altitude is a geometric one above the sea."""
    return mav.MAVLink_adsb_vehicle_message(
        aircraft.icao,
        round(aircraft.lat_deg * 1e7),
        round(aircraft.lon_deg * 1e7),
        _GEOMETRIC,
        round(aircraft.alt_amsl_m * 1000),
        round(aircraft.heading_deg * 100) % 36_000,
        round(aircraft.speed_m_s * 100),
        round(aircraft.climb_m_s * 100),
        aircraft.callsign[:8].encode("ascii", "replace"),
        aircraft.emitter_type,
        min(255, round(aircraft.since_heard_s)),
        _COORDS | _ALTITUDE | _HEADING | _VELOCITY | _CALLSIGN | _CLIMB,
        0,
    )


class Receiving:
    """Once a second every aircraft heard, while the receiver works; a text when it stops and when it works again."""

    def __init__(self, *, say: Callable[[int, str], None]) -> None:
        self._say = say
        self._due_s = 1.0
        self._worked = True

    def step(self, sim_s: float, *, healthy: bool, traffic: Sequence[CrewedAircraft]) -> list[Any]:
        """ADSB_VEHICLE messages to send now."""
        if healthy is not self._worked:
            self._worked = healthy
            self._say(6 if healthy else 4, "Traffic receiver found\t" if healthy else "Traffic receiver lost\t")
        if sim_s < self._due_s:
            return []
        self._due_s = sim_s + 1.0
        return [forwarded(aircraft) for aircraft in traffic] if healthy else []
