"""Crewed traffic as it is shown: what is heard, how old it is, and never that the air is clear."""

from __future__ import annotations

from datetime import datetime

from dispatcher.presentation.view import Json, instant
from dispatcher.traffic import Heard, TrafficSource, TrafficState


def traffic_feed(source: TrafficSource) -> Json:
    """What the receiver is good for now."""
    state = source.state()
    text = "aircraft that say where they are: there may be others"
    if not source.configured:
        text = "traffic unknown: no receiver is set up"
    elif state is TrafficState.UNKNOWN:
        text = "traffic unknown: the receiver is not heard"
    return {"state": state.value, "text": text}


def crewed_aircraft(heard: Heard, *, age_s: float, now: datetime) -> Json:
    """A crewed aircraft; ``age_s`` of its position was measured at ``mission_time``: a screen adds what has passed."""
    sighting = heard.sighting
    return {
        "id": sighting.address,
        "callsign": sighting.callsign,
        "lat_deg": round(sighting.lat_deg, 6),
        "lon_deg": round(sighting.lon_deg, 6),
        "alt_amsl_m": None if sighting.alt_amsl_m is None else round(sighting.alt_amsl_m),
        "alt_error_m": round(sighting.alt_error_m),
        "on_ground": sighting.on_ground,
        "ground_speed_m_s": None if sighting.ground_speed_m_s is None else round(sighting.ground_speed_m_s, 1),
        "track_deg": sighting.track_deg,
        "climb_m_s": round(sighting.climb_m_s, 1),
        "category": sighting.category,
        "age_s": round(age_s, 1),
        "mission_time": instant(now),
    }
