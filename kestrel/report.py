"""The replay's report: per call the decision with its reasons, the flight as flown, or the refusal.

Pure: what was handled and what the checker found go in, plain JSON values come out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kestrel.callfile import Call
from kestrel.checker import Verdict
from kestrel.controller import NEVER_LEFT, Handled

SCHEMA = "kestrel.replay-report/1"
Json = dict[str, Any]


def build_report(
    *, about: Mapping[str, Any], source: str, calls: Sequence[tuple[Call, Handled | None]], verdict: Verdict
) -> Json:
    """The whole report; its ``ok`` is the exit status.

    ``ok`` needs: each call answered by a flight or by a refusal with every dock's reasons; each flight docked, or never
    left its dock; nothing that the checker speaks against, and a verdict of its own for each refusal.
    """
    refusals = {refusal.reference: refusal.confirmed for refusal in verdict.refusals if refusal.source == source}
    rows = [_row(call, handled, verdict, refusals) for call, handled in calls]
    outcomes = Counter(row["outcome"] for row in rows)
    flights = [flight for row in rows for flight in (row["flight"], *row["refused_flights"]) if flight]
    not_home = [flight["id"] for flight in flights if not _is_home(flight)]
    unaccounted = [row["line"] for row in rows if not row["accounted"]]
    return {
        "schema": SCHEMA,
        **about,
        "ok": not not_home and not unaccounted and verdict.agrees,
        "summary": {
            "calls": len(rows),
            "flown": sum(1 for row in rows if row["flight"]),
            "reached_scene": sum(1 for row in rows if row["flight"] and _time_of(row["flight"], "on_scene")),
            "docked": outcomes["docked"],
            "refused": outcomes["refused"],
            "refused_by_agents": sum(1 for flight in flights if flight["phase"] == "refused"),
            "outcomes": dict(sorted(outcomes.items())),
            "flights_not_home": not_home,
            "calls_unaccounted": unaccounted,
            "checker_agrees": verdict.agrees,
        },
        "calls": rows,
        "checker": verdict.as_json(),
    }


def _row(call: Call, handled: Handled | None, verdict: Verdict, refusals: Mapping[str, bool]) -> Json:
    flight = handled.flight if handled else None
    refusal = handled.refusal if handled and not flight else None
    reference = reference_of(call)
    if flight is not None:
        outcome = flight["phase"]
        accounted = bool(flight["ended"]) and verdict.flights.get(flight["id"]) == flight["phase"]
    elif refusal is not None:
        outcome = "refused"
        accounted = reference in refusals
    else:
        outcome, accounted = "unanswered", False
    return {
        "line": call.line,
        "reference": reference,
        "recorded_at": call.recorded_at.isoformat(timespec="minutes"),
        "type": f"{call.kind}: {call.what}",
        "place": {"lat_deg": call.lat_deg, "lon_deg": call.lon_deg},
        "incident_id": handled.incident_id if handled else None,
        "outcome": outcome,
        "accounted": accounted,
        "dock": flight["dock_id"] if flight else None,
        "decision": _decision(handled.decision) if handled else None,
        "flight": _flight(flight) if flight else None,
        "refused_flights": [_flight(earlier) for earlier in handled.earlier] if handled else [],
        "refusal": None if refusal is None else {"problem": refusal, "checker_confirms": refusals.get(reference)},
    }


def reference_of(call: Call) -> str:
    """The reference under which a call is reported: its line."""
    return f"line-{call.line}"


def _decision(decision: Json | None) -> Json | None:
    if decision is None:
        return None
    return {key: decision.get(key) for key in ("decision_id", "incident_revision", "decided_at", "best", "options")}


def _flight(flight: Json) -> Json:
    first = datetime.fromisoformat(flight["phases"][0]["mission_time"]) if flight["phases"] else None
    phases = [
        dict(entry)
        | {"after_order_s": (datetime.fromisoformat(entry["mission_time"]) - first).total_seconds() if first else None}
        for entry in flight["phases"]
    ]
    keys = ("id", "aircraft_id", "callsign", "dock_id", "pilot", "purpose", "phase", "ended", "conditions", "order")
    return {key: flight.get(key) for key in keys} | {
        "phases": phases,
        "promised": flight.get("promised"),
        "flown": flight.get("flown"),
        "commands": flight.get("commands"),
    }


def _is_home(flight: Json) -> bool:
    return flight["phase"] == "docked" or (flight["phase"] in NEVER_LEFT and not _time_of(flight, "launching"))


def _time_of(flight: Json, phase: str) -> str | None:
    return next((entry["mission_time"] for entry in flight["phases"] if entry["phase"] == phase), None)
