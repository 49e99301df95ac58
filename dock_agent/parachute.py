"""When the parachute may be deployed by hand: only where one is fitted, only in the air, only when it is falling.

A parachute that opens over a healthy aircraft is a crash. So two things must show: it sinks faster than it ever does
on purpose, and the autopilot itself says that a motor has failed. The autopilot's own deployment (flight termination)
is not touched by this, and nothing in this package can ask for it.
"""

from __future__ import annotations

from contracts.fleet import AircraftType
from dock_agent.readings import AircraftReading, Parachute

FALLING_M_S = 5.0
"""Sinking faster than this, and 1.5 times as fast as the type comes down by itself, is falling."""
SINK_SHARE = 1.5
LEAST_HEIGHT_M = 15.0
"""Below this a canopy has no time to fill: makers of parachutes for small multicopters give 10 to 20 m."""


def motor_failed(aircraft: AircraftReading) -> str | None:
    """What says that a motor has failed, in words; None: nothing does."""
    return None if aircraft.motor_text is None else f"the autopilot says: {aircraft.motor_text}"


def falling(aircraft: AircraftReading, aircraft_type: AircraftType) -> bool:
    """True while it sinks faster than it ever does on purpose."""
    sink_m_s = -(aircraft.climb_m_s or 0.0)
    return sink_m_s > max(FALLING_M_S, SINK_SHARE * aircraft_type.descent_m_s)


def parachute_reasons(aircraft: AircraftReading, aircraft_type: AircraftType) -> list[str]:
    """Every reason not to deploy it now; empty when it is falling and has one."""
    reasons = []
    if not aircraft_type.has_parachute:
        reasons.append("this type of aircraft has no parachute")
    elif aircraft.parachute is Parachute.DEPLOYED:
        reasons.append("the parachute is out already")
    if not aircraft.in_air:
        reasons.append("the aircraft is not in the air")
        return reasons
    if not falling(aircraft, aircraft_type):
        sink_m_s = max(0.0, -(aircraft.climb_m_s or 0.0))
        least_m_s = max(FALLING_M_S, SINK_SHARE * aircraft_type.descent_m_s)
        reasons.append(f"it is not falling: it sinks at {sink_m_s:.1f} m/s; {least_m_s:.1f} m/s is the least")
    if motor_failed(aircraft) is None:
        reasons.append("the autopilot does not say that a motor has failed")
    height_m = None if aircraft.position is None else aircraft.position.alt_above_home_m
    if height_m is not None and height_m < LEAST_HEIGHT_M:
        reasons.append(f"at {height_m:.0f} m above home it has no time to open; {LEAST_HEIGHT_M:.0f} m is the least")
    return reasons
