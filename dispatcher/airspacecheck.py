"""What an airspace document is understood to say, before anybody relies on it: `kestrel airspace check FILE`.

It reads with the very functions that load zones for the decision. Exit status: 0 every feature is a zone; 1 something
was skipped; 2 the document cannot be read at all.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from geo.airspace.errors import DocumentRefused
from geo.airspace.export import described
from geo.airspace.finding import Finding, Kind, Reading
from geo.airspace.jsondocument import MOST_BYTES
from geo.airspace.period import WEEK, DailyPeriod, Period, written_instant
from geo.airspace.reading import read_airspace
from geo.airspace.zone import Limit, Volume, Zone

_MOST_ROWS = 200
"""Of a table for people; JSON has all."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Read one file and say what it holds; returns the exit status."""
    parser = argparse.ArgumentParser(prog="kestrel airspace check", description=__doc__)
    parser.add_argument("file", type=Path, help="ED-269, ED-318, AIXM 5.1, GeoJSON or KML")
    parser.add_argument("--json", action="store_true", help="all that was found, as JSON")
    options = parser.parse_args(arguments)
    try:
        with options.file.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        reading = read_airspace(data, document=options.file.name)
    except OSError as wrong:
        return _refused(options.file, wrong.strerror or str(wrong))
    except DocumentRefused as refused:
        return _refused(options.file, refused.reason)
    if options.json:
        sys.stdout.write(json.dumps(as_json(reading), ensure_ascii=False, indent=1) + "\n")
    else:
        show(reading, Console(soft_wrap=False))
    return 1 if reading.of_kind(Kind.SKIPPED) else 0


def as_json(reading: Reading) -> dict[str, Any]:
    """All that was understood: zones without their points, findings, counts."""
    return {
        "format": reading.format.value,
        "features": reading.features,
        "zones": [_zone_json(zone) for zone in reading.zones],
        "findings": [
            {"kind": one.kind.value, "index": one.index, "name": one.name, "reason": one.reason}
            for one in reading.findings
        ],
    }


def show(reading: Reading, console: Console) -> None:
    """A table of the zones, a table of the findings, and one line that sums up."""
    zones = Table(title=None, show_lines=False)
    for heading in ("#", "zone", "restriction", "from", "to", "applies", "shape"):
        zones.add_column(heading, overflow="fold")
    for zone in reading.zones[:_MOST_ROWS]:
        for place, volume in enumerate(zone.volumes):
            first = place == 0
            zones.add_row(
                str(zone.source.index) if first and zone.source else "",
                Text(_called(zone)) if first else "",
                zone.restriction.value if first else "",
                _limit(volume.lower),
                _limit(volume.upper),
                Text(_applies(zone.periods)) if first else "",
                _shape(volume),
            )
    if reading.zones:
        console.print(zones)
    if len(reading.zones) > _MOST_ROWS:
        console.print(f"... and {len(reading.zones) - _MOST_ROWS} zones more: --json has them all")
    if reading.findings:
        console.print(_findings_table(reading.findings))
    if len(reading.findings) > _MOST_ROWS:
        console.print(f"... and {len(reading.findings) - _MOST_ROWS} findings more: --json has them all")
    counts = ", ".join(f"{len(reading.of_kind(kind))} {kind.value}" for kind in Kind)
    console.print(f"{reading.format.value}: {reading.features} features, {len(reading.zones)} zones; {counts}")


def _findings_table(findings: Sequence[Finding]) -> Table:
    table = Table()
    for heading in ("#", "feature", "", "why"):
        table.add_column(heading, overflow="fold")
    # What is not in force matters first.
    order = {kind: place for place, kind in enumerate(Kind)}
    for one in sorted(findings, key=lambda finding: order[finding.kind])[:_MOST_ROWS]:
        place = "" if one.index is None else str(one.index)
        table.add_row(place, Text(one.name), one.kind.value, Text(one.reason))
    return table


def _refused(file: Path, reason: str) -> int:
    sys.stderr.write(f"kestrel: {file}: {reason}\n")
    return 2


def _zone_json(zone: Zone) -> dict[str, Any]:
    return {
        "index": zone.source.index if zone.source else None,
        "id": zone.id,
        "name": zone.name,
        "country": zone.country,
        "restriction": zone.restriction.value,
        "reasons": [reason.value for reason in zone.reasons],
        "message": zone.message,
        "applies": _applies(zone.periods),
        "authorities": [authority.name for authority in zone.authorities],
        "volumes": [
            {
                "lower_m": volume.lower.value_m,
                "lower_datum": volume.lower.datum.value,
                "upper_m": None if volume.upper is None else volume.upper.value_m,
                "upper_datum": None if volume.upper is None else volume.upper.datum.value,
                "points": _points(volume),
                "radius_m": None if volume.circle is None else volume.circle.radius_m,
                "west_south_east_north_deg": list(volume.area.bounds),
            }
            for volume in zone.volumes
        ],
    }


def _called(zone: Zone) -> str:
    return zone.id if zone.name is None or zone.name == zone.id else f"{zone.id} {zone.name}"


def _limit(limit: Limit | None) -> str:
    return "unlimited" if limit is None else described(limit)


def _points(volume: Volume) -> int:
    return sum(len(ring.coords) - 1 for ring in (volume.area.exterior, *volume.area.interiors))


def _shape(volume: Volume) -> str:
    if volume.circle is not None:
        circle = volume.circle
        return f"circle of {circle.radius_m:g} m around {circle.lat_deg:.5f} {circle.lon_deg:.5f}"
    west, south, east, north = volume.area.bounds
    return f"{_points(volume)} points in {south:.5f} {west:.5f} to {north:.5f} {east:.5f}"


def _applies(periods: Sequence[Period]) -> str:
    return "; ".join(_period(period) for period in periods) or "always"


def _period(period: Period) -> str:
    said: list[str] = []
    if period.start is not None:
        said.append(f"from {written_instant(period.start)}")
    if period.end is not None:
        said.append(f"until {written_instant(period.end)}")
    said += [_daily(daily) for daily in period.daily]
    return " ".join(said) or "always"


def _daily(daily: DailyPeriod) -> str:
    days = "daily" if daily.days == WEEK else " ".join(day.value for day in daily.days)
    start = daily.start_event.value if daily.start_event else f"{daily.start:%H:%M}" if daily.start else "00:00"
    end = daily.end_event.value if daily.end_event else f"{daily.end:%H:%M}" if daily.end else "24:00"
    return f"{days} {start}-{end} UTC"


if __name__ == "__main__":
    sys.exit(main())
