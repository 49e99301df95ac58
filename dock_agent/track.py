"""The flown track: one sample a second of mission time, handed over in stretches of about five.

Buffered at most for one stretch; what is handed over goes into the durable outbox.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts.reports import TrackPoint, TrackRecorded
from dock_agent.flight import POSITION_OLD_S, since
from dock_agent.readings import AircraftReading

SAMPLE_S = 1.0
STRETCH_S = 5.0
MAX_POINTS = 200


class TrackRecorder:
    """Samples one flight. ``sample`` returns a stretch when one is full, ``finish`` what is left."""

    def __init__(self, *, flight_id: UUID) -> None:
        self._flight_id = flight_id
        self._points: list[TrackPoint] = []
        self._last: datetime | None = None

    def sample(self, aircraft: AircraftReading, *, now: datetime) -> TrackRecorded | None:
        """Take a sample when one is due; ``now`` is mission time."""
        position = aircraft.position
        due = self._last is None or since(self._last, now) >= SAMPLE_S
        if due and position is not None and aircraft.position_age_s <= POSITION_OLD_S:
            self._last = now
            self._points.append(
                TrackPoint(
                    t=now,
                    lat_deg=position.lat_deg,
                    lon_deg=position.lon_deg,
                    alt_amsl_m=round(position.alt_amsl_m, 2),
                    alt_above_home_m=round(position.alt_above_home_m, 2),
                    battery_percent=aircraft.battery_percent,
                )
            )
        if self._points and (since(self._points[0].t, now) >= STRETCH_S or len(self._points) >= MAX_POINTS):
            return self.finish()
        return None

    def finish(self) -> TrackRecorded | None:
        """The stretch begun, if any."""
        if not self._points:
            return None
        points, self._points = self._points, []
        return TrackRecorded(flight_id=self._flight_id, points=points)
