"""A flown track as GeoJSON (RFC 7946): longitude, latitude, height above mean sea level."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

from contracts.reports import TrackPoint
from dispatcher.entities import Flight
from dispatcher.presentation import Json, instant


def track_geojson(flight: Flight, points: Sequence[TrackPoint]) -> Json:
    """A FeatureCollection: the line with ``times`` (mission time, one per position), a Point for each phase, and
    one for each turn from an incident to another.

    Points are put in the order of their times, each time once. A phase stands at the sample nearest to its time; one
    without any sample has no geometry. Fewer than two samples make no line: its geometry is null then.
    """
    by_time = sorted({point.t: point for point in points}.values(), key=lambda point: point.t)
    line = [_position(point) for point in by_time]
    features: list[Json] = [
        {
            "type": "Feature",
            "id": str(flight.id),
            "geometry": {"type": "LineString", "coordinates": line} if len(line) >= 2 else None,
            "properties": {
                "kind": "track",
                "flight_id": str(flight.id),
                "callsign": flight.callsign,
                "times": [instant(point.t) for point in by_time],
                "alt_above_home_m": [point.alt_above_home_m for point in by_time],
                "battery_percent": [point.battery_percent for point in by_time],
                "height_datum": "AMSL (EGM96)",
            },
        }
    ]
    times = [point.t for point in by_time]
    for entry in flight.phases:
        nearest = _nearest(times, entry.mission_time)
        features.append(
            {
                "type": "Feature",
                "geometry": None if nearest is None else {"type": "Point", "coordinates": _position(by_time[nearest])},
                "properties": {
                    "kind": "phase",
                    "phase": entry.phase.value,
                    "mission_time": instant(entry.mission_time),
                    "wall_time": instant(entry.wall_time),
                },
            }
        )
    for turn in flight.turns:
        nearest = _nearest(times, turn.at)
        features.append(
            {
                "type": "Feature",
                "geometry": None if nearest is None else {"type": "Point", "coordinates": _position(by_time[nearest])},
                "properties": {
                    "kind": "turn",
                    "from_incident_id": str(turn.from_incident_id),
                    "to_incident_id": str(turn.to_incident_id),
                    "undone": turn.undone,
                    "mission_time": instant(turn.at),
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}


def _position(point: TrackPoint) -> list[float]:
    return [point.lon_deg, point.lat_deg, point.alt_amsl_m]


def _nearest(times: Sequence[datetime], moment: datetime) -> int | None:
    if not times:
        return None
    after = bisect_left(times, moment)
    if after == 0 or after == len(times):
        return min(after, len(times) - 1)
    before, here = times[after - 1], times[after]
    return after - 1 if moment - before <= here - moment else after
