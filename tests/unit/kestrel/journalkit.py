"""A journal made by hand: the table, the chain and the events as documented, written without the dispatcher's code."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CREATE = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, force TEXT NOT NULL, stream TEXT NOT NULL, version INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, schema_version INTEGER NOT NULL, mission_time TEXT NOT NULL,
    wall_time TEXT NOT NULL, actor TEXT NOT NULL, causation_id TEXT, payload TEXT, salt BLOB,
    payload_hash BLOB NOT NULL, hash BLOB NOT NULL, UNIQUE (stream, version))
"""
HOME = (52.40, -1.50)
LIMITS = {"max_range_m": 8000.0, "min_launch_battery_percent": 60.0, "reserve_percent": 20.0}
AIRCRAFT = {
    "cruise_m_s": 15.0,
    "climb_m_s": 3.0,
    "descent_m_s": 1.5,
    "battery_wh": 184.0,
    "hover_power_w": 270.0,
    "cruise_power_w": 235.0,
    "climb_power_w": 370.0,
    "wind_limit_m_s": 12.0,
    "gust_limit_m_s": 16.0,
    "rain_limit_mm_h": 8.0,
    "temperature_min_c": -10.0,
    "temperature_max_c": 40.0,
}
FINE = {"wind_speed_m_s": 3.0, "gust_m_s": 5.0, "rain_mm_h": 0.0, "temperature_c": 10.0, "wind_from_deg": 0.0}
READY: dict[str, Any] = {
    "state": "ready",
    "flight_id": None,
    "lid": "closed",
    "aircraft_seated": True,
    "charger": "full",
    "battery_percent": 97.0,
    "weather": FINE,
    "aircraft_connected": True,
    "blockers": [],
    "registered": True,
    "unregistered_because": "",
}


class HandMadeJournal:
    """Collects events, mission time and wall time moving together, and writes them as a file."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []
        self._versions: dict[str, int] = {}
        self._hash = bytes(32)
        self.now = START

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def add(self, kind: str, stream: str, *, actor: str = "contrôleur", **payload: Any) -> None:
        """Append an event."""
        text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        salt = hashlib.sha256(text.encode()).digest()[:16]
        self._versions[stream] = self._versions.get(stream, 0) + 1
        moment = self.now.isoformat(timespec="microseconds")
        header = {
            "seq": len(self._rows) + 1,
            "force": "coventry",
            "stream": stream,
            "version": self._versions[stream],
            "id": str(uuid.UUID(int=len(self._rows) + 1)),
            "type": kind,
            "schema_version": 1,
            "mission_time": moment,
            "wall_time": moment,
            "actor": actor,
            "causation_id": None,
        }
        payload_hash = hashlib.sha256(salt + text.encode()).digest()
        head = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        self._hash = hashlib.sha256(self._hash + head + payload_hash).digest()
        self._rows.append(header | {"payload": text, "salt": salt, "payload_hash": payload_hash, "hash": self._hash})

    def dock(self, dock_id: str = "cov-1", *, place: tuple[float, float] = HOME, **report: Any) -> None:
        """Register a dock, and report it ready but for what ``report`` changes."""
        site = {"id": dock_id, "lat_deg": place[0], "lon_deg": place[1], "limits": LIMITS}
        self.add("DockRegistered", f"dock/{dock_id}", dock=site, aircraft_type=AIRCRAFT)
        self.report(dock_id, **report)

    def report(self, dock_id: str = "cov-1", **changes: Any) -> None:
        """The dock's agent says how it is."""
        self.add("DockReported", f"dock/{dock_id}", dock_id=dock_id, **(READY | changes))

    def pilot(self, name: str = "pilot-1", *, max_flights: int = 2) -> None:
        """A pilot signs on."""
        self.add("PilotSignedOn", f"duty/{name}", pilot=name, accepts="beforehand", max_flights=max_flights)

    def incident(self, name: str = "i1", *, place: tuple[float, float] = (52.42, -1.50)) -> None:
        """An incident is reported."""
        where = {"lat_deg": place[0], "lon_deg": place[1], "radius_m": 0.0}
        self.add(
            "IncidentReported",
            f"incident/{name}",
            incident_id=name,
            source="test",
            reference=f"ref-{name}",
            place=where,
            watch_s=120.0,
        )

    def decision(
        self, name: str = "i1", *, best: str | None = None, heartbeat_age_s: float = 1.0, crowded: Sequence[str] = ()
    ) -> None:
        """A decision for it; no height was free for the drones of ``crowded`` docks."""
        self.add(
            "OptionsDecided",
            f"incident/{name}",
            incident_id=name,
            decision_id="d",
            best_dock_id=best,
            options=[],
            inputs={
                "docks": [{"dock_id": "cov-1", "heartbeat_age_s": heartbeat_age_s}],
                "apart": [{"dock_id": dock_id, "height_m": None, "beside": ["K1"]} for dock_id in crowded],
            },
        )

    def refuse(self, name: str = "i1", *, heartbeat_age_s: float = 1.0, crowded: Sequence[str] = ()) -> None:
        """Nobody can go: decided, and declined."""
        self.decision(name, heartbeat_age_s=heartbeat_age_s, crowded=crowded)
        self.add("IncidentDeclined", f"incident/{name}", incident_id=name, revision=2, reason="no dock can go")

    def order(self, flight: str, *, incident: str = "i1", dock: str = "cov-1", pilot: str = "pilot-1") -> None:
        """A flight is ordered."""
        self.add(
            "FlightOrdered",
            f"flight/{flight}",
            flight_id=flight,
            incident_id=incident,
            dock_id=dock,
            order={"pilot": pilot},
        )

    def phase(self, flight: str, phase: str) -> None:
        """The agent reports a phase."""
        fact = {"type": "phase_entered", "flight_id": flight, "phase": phase}
        self.add("AgentReported", f"flight/{flight}", dock_id="cov-1", fact=fact)

    def write(self, path: Path) -> Path:
        """The file."""
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(CREATE)
            for row in self._rows:
                names = ", ".join(row)
                marks = ", ".join(f":{name}" for name in row)
                connection.execute(f"INSERT INTO events ({names}) VALUES ({marks})", row)  # noqa: S608 - our names
            connection.commit()
        return path
