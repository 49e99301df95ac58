"""Crewed aircraft around, as an ADS-B receiver on board would hear them. Where they fly is the scenario's."""

from __future__ import annotations

from dataclasses import dataclass


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
