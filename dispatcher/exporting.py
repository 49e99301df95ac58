"""A flown flight for other programs: KML for a map, CSV for a spreadsheet. Pure; GeoJSON is `dispatcher.api.track`.

Times are mission time in UTC. Heights are above mean sea level (EGM96), which is what KML means by ``absolute``.
"""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from contracts.reports import TrackPoint
from dispatcher.entities import Flight, Incident
from dispatcher.presentation import instant

CSV_COLUMNS = (
    "deployment",
    "callsign",
    "mission_time_utc",
    "lat_deg_wgs84",
    "lon_deg_wgs84",
    "alt_m_amsl_egm96",
    "alt_m_above_dock",
    "battery_percent",
    "phase",
)
"""With unit and datum in each name: a file that has left the building has no page that explains it."""


def in_order(points: Sequence[TrackPoint]) -> list[TrackPoint]:
    """By their times, each time once: an agent may have sent a stretch twice."""
    return sorted({point.t: point for point in points}.values(), key=lambda point: point.t)


def flight_csv(flight: Flight, points: Sequence[TrackPoint], *, deployment: str) -> str:
    """RFC 4180, with a header line: one row for each sample."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    began = [entry.mission_time for entry in flight.phases]
    for point in in_order(points):
        writer.writerow(
            (
                deployment,
                _inert(flight.callsign),
                instant(point.t),
                f"{point.lat_deg:.7f}",
                f"{point.lon_deg:.7f}",
                f"{point.alt_amsl_m:.1f}",
                f"{point.alt_above_home_m:.1f}",
                "" if point.battery_percent is None else f"{point.battery_percent:.1f}",
                _phase_at(flight, began, point.t),
            )
        )
    return text.getvalue()


def flight_kml(flight: Flight, incidents: Sequence[Incident], points: Sequence[TrackPoint], *, deployment: str) -> str:
    """KML 2.2 with Google's ``gx:Track`` (KML 2.3's ``Track``): the way with a time at each sample, the beginning of
    each phase, and the incidents that it was for, in that order.
    """
    ordered = in_order(points)
    marks = [_mark(flight, entry.phase.value, entry.mission_time, ordered) for entry in flight.phases]
    scenes = "".join(
        "<Placemark><name>" + escape(f"{incident.category}, grade {incident.grade}") + "</name><Point><coordinates>"
        f"{incident.place.lon_deg:.7f},{incident.place.lat_deg:.7f}</coordinates></Point></Placemark>\n"
        for incident in incidents
    )
    when = "".join(f"<when>{instant(point.t)}</when>\n" for point in ordered)
    where = "".join(
        f"<gx:coord>{point.lon_deg:.7f} {point.lat_deg:.7f} {point.alt_amsl_m:.1f}</gx:coord>\n" for point in ordered
    )
    track = (
        "<Placemark><name>" + escape(flight.callsign) + "</name>\n<gx:Track><altitudeMode>absolute</altitudeMode>\n"
        f"{when}{where}</gx:Track></Placemark>\n"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">\n'
        f"<Document><name>{escape(f'{flight.callsign} ({deployment}), flight {flight.id}')}</name>\n"
        "<description>WGS84; heights above mean sea level (EGM96); times are mission time, UTC</description>\n"
        f"{track if ordered else ''}{''.join(marks)}{scenes}</Document>\n</kml>\n"
    )


def _mark(flight: Flight, phase: str, moment: datetime, points: Sequence[TrackPoint]) -> str:
    known = [point for point in points if point.t <= moment] or points[:1]
    where = "".join(
        f"<Point><altitudeMode>absolute</altitudeMode><coordinates>{point.lon_deg:.7f},{point.lat_deg:.7f},"
        f"{point.alt_amsl_m:.1f}</coordinates></Point>"
        for point in known[-1:]
    )
    stamp = f"<TimeStamp><when>{instant(moment)}</when></TimeStamp>"
    return f"<Placemark><name>{escape(phase)}</name>{stamp}{where}</Placemark>\n"


def _phase_at(flight: Flight, began: Sequence[datetime], moment: datetime) -> str:
    return flight.phases[max(0, bisect_right(began, moment) - 1)].phase.value


def _inert(text: str) -> str:
    """A spreadsheet takes what begins so for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t" else text
