"""What answers look like, for the OpenAPI document. A test holds each example against the real answer's shape."""

from __future__ import annotations

from typing import Any

Responses = dict[int | str, dict[str, Any]]

_INCIDENT_ID = "019b2f6e-7b02-7c55-8d0e-3f1f6a2b9c01"
_FLIGHT_ID = "019b2f6e-8f3a-7b1c-b7c2-0a9d4e5f6a02"
_DECISION_ID = "019b2f6e-7c1a-7d3e-9a41-5d2f8b6c0e11"
_ORDER_ID = "019b2f6e-8f3b-7e20-a1b4-6c7d8e9f0a03"
_PROPOSAL_ID = "019b2f71-0a4c-7f31-9c5d-2b3c4d5e6f04"
_T = "2026-01-31T09:30:00.000Z"

_PROPOSAL_EXAMPLE: dict[str, Any] = {
    "id": _PROPOSAL_ID,
    "incident_id": _INCIDENT_ID,
    "flight_id": _FLIGHT_ID,
    "kind": "return",
    "because": "the incident has been closed",
    "proposed_at": _T,
    "status": "open",
    "launch": None,
    "turn": None,
    "answers": [],
    "over_because": "",
}
_ANSWERED = {"status": "accepted", "answers": [{"answer": "accept", "by": "controller-1", "at": _T}]}
_LAUNCH_EXAMPLE = {
    **_PROPOSAL_EXAMPLE,
    "flight_id": None,
    "kind": "launch",
    "because": "Immediate: K1 launches by itself unless it is cancelled, 74 s to the scene",
    "launch": {
        "dock_id": "cov-1",
        "callsign": "K1",
        "decision_id": _DECISION_ID,
        "time_to_scene_s": 74.2,
        "answer_by": "2026-01-31T09:30:20.000Z",
        "unanswered": "launched",
    },
}
_TURN_PROPOSAL_EXAMPLE = {
    **_PROPOSAL_EXAMPLE,
    "kind": "turn",
    "because": "K2 in 94 s, the best dock needs 251 s; it leaves a call of grade Priority standard, "
    "which another drone reaches in 190 s; PC 4711 would be told 20 s before; pilot-1 must accept",
    "turn": {
        "from_incident_id": "019b2f6e-7b02-7c55-8d0e-3f1f6a2b9c02",
        "callsign": "K2",
        "homeward": False,
        "gain_s": 118.4,
        "time_to_scene_s": 94.5,
        "watch_s": 300.0,
        "battery_on_return_percent": 48.2,
        "otherwise_dock_id": "dock-1",
        "otherwise_s": 251.0,
        "others_s": 190.4,
        "told": ["PC 4711"],
        "countdown_s": 20.0,
        "answer_by": "2026-01-31T09:31:00.000Z",
        "turns_at": None,
        "accepted_by": None,
    },
}
NOTE_EXAMPLE = {
    "id": "019b2f76-5061-7e7f-9081-9d0e1f2a3b09",
    "origin": "field",
    "by": "PC 4711, car 12",
    "text": "suspect running north",
    "at": _T,
    "wall_time": _T,
}
_INCIDENT_EXAMPLE = {
    "deployment": "simulation",
    "id": _INCIDENT_ID,
    "source": "control-room",
    "reference": "2026-004711",
    "grade": "1",
    "grade_rank": 0,
    "category": "road traffic collision",
    "summary": "two cars, one on its roof",
    "place": {"lat_deg": 52.4081, "lon_deg": -1.5106, "radius_m": 25.0},
    "address": "",
    "reported_at": _T,
    "received_at": _T,
    "revision": 1,
    "status": "open",
    "outcome": None,
    "merged_into": None,
    "flight_id": None,
    "flight_ids": [],
    "notes": [NOTE_EXAMPLE],
    "watch_s": 300.0,
    "watched_from": None,
    "relief": None,
    "relay_ended_because": None,
    "decline_reason": None,
    "policy": {
        "grade": "Immediate",
        "rank": 0,
        "known": True,
        "launch": "pressed",
        "rules": [
            {
                "rule": "Immediate",
                "kind": "grade",
                "line": 9,
                "launch": "pressed",
                "text": "Immediate: a controller presses dispatch",
                "override": [],
                "overridden": False,
            }
        ],
    },
    "proposals": [],
}
_DECISION_EXAMPLE = {
    "decision_id": _DECISION_ID,
    "incident_id": _INCIDENT_ID,
    "incident_revision": 1,
    "decided_at": _T,
    "best": "dock-1",
    "options": [
        {
            "dock_id": "dock-1",
            "aircraft_id": "aircraft-1",
            "eligible": True,
            "rank": 1,
            "reasons": [],
            "time_to_airborne_s": 8.5,
            "time_to_scene_s": 97.3,
            "on_scene_s": 812.4,
            "watch_s": 300.0,
            "battery_on_return_percent": 61.2,
            "battery_margin_percent": 41.2,
            "distance_m": 1180.0,
            "bearing_deg": 74.0,
            "energy_wh": 96.4,
            "route": [
                {"alt_above_home_m": 60.0, "lat_deg": 52.4097, "lon_deg": -1.5072},
                {"alt_above_home_m": 60.0, "lat_deg": 52.4096, "lon_deg": -1.5036},
            ],
            "risks": [
                {
                    "code": "margin_narrowed",
                    "text": "nearer than 30 m to University Hospital (H1), where it starts or watches",
                }
            ],
            "bound": False,
            "only_warnings": False,
        },
        {
            "dock_id": "dock-2",
            "aircraft_id": "aircraft-2",
            "eligible": False,
            "rank": None,
            "reasons": [
                {
                    "code": "charge_too_low",
                    "text": "charge 41 % is below the 60 % needed to launch",
                    "value": 41.0,
                    "limit": 60.0,
                    "age_s": 1.2,
                    "concern": "aircraft",
                }
            ],
            "time_to_airborne_s": 8.5,
            "time_to_scene_s": 171.0,
            "on_scene_s": 140.2,
            "watch_s": 140.2,
            "battery_on_return_percent": 20.0,
            "battery_margin_percent": 0.0,
            "distance_m": 2460.0,
            "bearing_deg": 203.0,
            "energy_wh": 54.0,
            "route": [{"alt_above_home_m": 60.0, "lat_deg": 52.4058, "lon_deg": -1.5061}],
            "risks": [],
            "bound": False,
            "only_warnings": True,
        },
    ],
}
_PROMISED = {
    "time_to_airborne_s": 8.5,
    "time_to_scene_s": 97.3,
    "on_scene_s": 300.0,
    "battery_on_return_percent": 61.2,
    "distance_m": 1180.0,
}
_COMMAND_EXAMPLE = {
    "id": _ORDER_ID,
    "flight_id": _FLIGHT_ID,
    "action": "return",
    "task": None,
    "outcome": "pending",
    "detail": "",
    "because": "asked for by pilot-1",
    "actor": "pilot-1",
    "issued_at": _T,
    "expires_at": "2026-01-31T09:40:00.000Z",
}
_FLIGHT_EXAMPLE = {
    "deployment": "simulation",
    "id": _FLIGHT_ID,
    "incident_id": _INCIDENT_ID,
    "aircraft_id": "aircraft-1",
    "callsign": "Kestrel 1",
    "mark": 0,
    "purpose": "look for further casualties before the crew arrives",
    "phase": "ordered",
    "ended": False,
    "conditions": [],
    "ordered_at": _T,
    "relieves": None,
    "phases": [{"phase": "ordered", "mission_time": _T, "wall_time": _T, "because": ""}],
    "promised": _PROMISED,
    "leg": None,
    "leaving": None,
    "turns": [],
    "flown": None,
    "dock_id": "dock-1",
    "pilot": "pilot-1",
    "ordered_by": "controller-1",
    "acceptance": {"by": "pilot-1", "at": _T, "beforehand": True},
    "relief_asked_by": None,
    "incident_revision": 1,
    "decision_id": _DECISION_ID,
    "scene": {"lat_deg": 52.4081, "lon_deg": -1.5106},
    "in_hand": False,
    "plan": {
        "scene": {"lat_deg": 52.4081, "lon_deg": -1.5106},
        "watch_s": 300.0,
        "home_dock_id": "dock-1",
        "way_out": [{"lat_deg": 52.4079, "lon_deg": -1.511, "alt_above_home_m": 60.0}],
        "way_home": [{"lat_deg": 52.4068, "lon_deg": -1.5197, "alt_above_home_m": 60.0}],
        "order_id": _ORDER_ID,
    },
    "payload": {"with": "pilot-1", "now": {}},
    "hand_over": None,
    "diversion": None,
    "divert_impossible": None,
    "video": {"viewers": [], "recordings": [], "exceptions": []},
    "warnings": {"set_aside": [], "left_to_pilot": []},
    "alarms": [],
    "order": {
        "id": _ORDER_ID,
        "state": "sent",
        "reasons": [],
        "issued_at": _T,
        "expires_at": "2026-01-31T09:31:00.000Z",
        "watch_s": 300.0,
    },
    "commands": [],
}
_DOCK_EXAMPLE = {
    "id": "dock-1",
    "name": "Fire station roof",
    "place": {"lat_deg": 52.405, "lon_deg": -1.527},
    "alt_amsl_m": 92.0,
    "registered": True,
    "unregistered_because": "",
    "state": "ready",
    "phase": None,
    "flight_id": None,
    "lid": "closed",
    "charger": "full",
    "aircraft": {
        "id": "aircraft-1",
        "callsign": "Kestrel 1",
        "type": "quad",
        "connected": True,
        "seated": True,
        "battery_percent": 100.0,
        "position": {"lat_deg": 52.405, "lon_deg": -1.527},
    },
    "weather": {
        "wind_speed_m_s": 4.1,
        "wind_from_deg": 240.0,
        "gust_m_s": 6.0,
        "rain_mm_h": 0.0,
        "temperature_c": 11.0,
        "age_s": 1.0,
    },
    "agent": {"online": True, "measured_at": _T, "knows_holds": True, "age_s": 1.4},
    "blockers": [],
    "traffic": "clear",
    "picture_age_s": 2.0,
    "checked_after_flight": True,
    "expects_flight_id": None,
    "guest_of": None,
    "away_in": None,
    "alarms": [],
    "holds": [{"by": "engineer-1", "at": _T, "because": "rotor blades are changed"}],
    "faults": [{"at": _T, "severity": "warning", "text": "the lid did not open at once"}],
    "usage": {"charge_cycles": 41.62, "flights": 128, "flown_h": 17.35},
}
_NOTICE_EXAMPLE = {
    "id": "019b2f72-1c2d-7a3b-8c4d-5e6f7a8b9c05",
    "flight_id": _FLIGHT_ID,
    "by": "controller-1",
    "command_id": _ORDER_ID,
    "text": "controller-1 has given Kestrel 1 a command (hold): asked for by controller-1",
    "at": _T,
}
PILOT_EXAMPLE = {
    "pilot": "pilot-1",
    "accepts": "ask",
    "max_flights": 2,
    "flights": 0,
    "in_hand": [],
    "watched": [],
    "since": _T,
    "until": _T,
    "console": True,
    "silent_since": None,
    "notices": [_NOTICE_EXAMPLE],
    "acknowledged": None,
}
ALARM_EXAMPLE = {
    "id": "019b2f73-2d3e-7b4c-9d5e-6f7a8b9c0d06",
    "kind": "traffic",
    "flight_id": _FLIGHT_ID,
    "dock_id": "dock-1",
    "text": "a crewed aircraft converges: the flight goes down to 30 m",
    "active": True,
    "raised_at": _T,
    "changed_at": _T,
    "ended_at": None,
    "bearing_deg": 210.0,
    "above_m": 85.0,
    "distance_m": 2400.0,
    "in_s": 41.0,
    "acknowledged_by": None,
    "acknowledged_at": None,
    "shelf": None,
}
_PROBLEM_EXAMPLE = {
    "type": "/problems/invalid",
    "title": "The document cannot be taken",
    "status": 422,
    "detail": "lat_deg: must be at most 90",
    "instance": "/api/v1/incidents",
    "deployment": "simulation",
    "errors": [{"pointer": "/place/lat_deg", "field": "lat_deg", "detail": "must be at most 90"}],
}


def example(description: str, example: Any, media_type: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"example": example}}}


PROBLEM = example(
    "Refused: what is wrong, where, and what to do (RFC 9457)", _PROBLEM_EXAMPLE, "application/problem+json"
)

REPORT: Responses = {
    201: example("The incident, with every dock ranked for it", {**_INCIDENT_EXAMPLE, **_DECISION_EXAMPLE}),
    200: {"description": "This source and reference were known, with the same content"},
}
INCIDENT: Responses = {200: example("The incident", _INCIDENT_EXAMPLE)}
INCIDENTS: Responses = {
    200: example(
        "A page of incidents",
        {
            "deployment": "simulation",
            "incidents": [{name: value for name, value in _INCIDENT_EXAMPLE.items() if name != "deployment"}],
            "next": None,
        },
    )
}
_TURN_EXAMPLE = {
    "flight_id": _FLIGHT_ID,
    "callsign": "K2",
    "dock_id": "dock-2",
    "pilot": "pilot-1",
    "serves_incident_id": "019b2f6e-7b02-7c55-8d0e-3f1f6a2b9c02",
    "phase": "en_route",
    "eligible": True,
    "reasons": [],
    "time_to_scene_s": 64.5,
    "watch_s": 300.0,
    "battery_on_return_percent": 48.2,
    "energy_wh": 61.3,
    "others_s": 190.4,
    "watched_by": ["PC 4711"],
    "homeward": False,
}
OPTIONS: Responses = {
    200: example(
        "The decision, and flights that could be sent there instead",
        {
            "deployment": "simulation",
            **_DECISION_EXAMPLE,
            "may_set_aside": {"aircraft": ["pilot"], "operations": ["controller"]},
            "flights": [_TURN_EXAMPLE],
        },
    )
}
ASSIGNMENTS: Responses = {
    200: example(
        "The plan",
        {
            "deployment": "simulation",
            "assignments": [
                {
                    "incident_id": _INCIDENT_ID,
                    "grade": "Immediate",
                    "waited_s": 12.0,
                    "kind": "diversion",
                    "dock_id": None,
                    "time_to_scene_s": 94.5,
                    "flight": _TURN_EXAMPLE,
                    "gain_s": 118.4,
                    "otherwise_dock_id": "dock-1",
                    "otherwise_s": 251.0,
                    "because": "K2 in 94 s, the best dock needs 251 s; it leaves a call of grade Priority standard, "
                    "which another drone reaches in 190 s; PC 4711 would be told 20 s before; pilot-1 must accept",
                }
            ],
        },
    )
}
DISPATCH: Responses = {
    201: example("The flight", _FLIGHT_EXAMPLE),
    200: {"description": "The flight of the same press before"},
    409: example(
        "Not as it was on the screen",
        {
            "type": "/problems/stale-screen",
            "title": "The incident or the dock has changed since it was shown",
            "status": 409,
            "detail": "changed since it was shown: grade",
            "instance": f"/api/v1/incidents/{_INCIDENT_ID}/dispatch",
            "deployment": "simulation",
            "difference": {"grade": {"shown": "1", "now": "3"}},
        },
        "application/problem+json",
    ),
}
FLIGHT: Responses = {200: example("The flight", _FLIGHT_EXAMPLE)}
FLIGHTS: Responses = {
    200: example(
        "A page of flights",
        {
            "deployment": "simulation",
            "flights": [{name: value for name, value in _FLIGHT_EXAMPLE.items() if name != "deployment"}],
            "next": None,
        },
    )
}
TRACK: Responses = {
    200: example(
        "The track",
        {
            "deployment": "simulation",
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": _FLIGHT_ID,
                    "geometry": {
                        "type": "LineString",
                        "coordinates": [[-1.527, 52.405, 92.0], [-1.526, 52.405, 152.0]],
                    },
                    "properties": {
                        "kind": "track",
                        "flight_id": _FLIGHT_ID,
                        "callsign": "Kestrel 1",
                        "times": [_T, "2026-01-31T09:30:05.000Z"],
                        "alt_above_home_m": [0.0, 60.0],
                        "battery_percent": [100.0, 99.0],
                        "height_datum": "AMSL (EGM96)",
                    },
                },
                {
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": [-1.527, 52.405, 92.0]},
                    "properties": {"kind": "phase", "phase": "launching", "mission_time": _T, "wall_time": _T},
                },
            ],
        },
        "application/geo+json",
    )
}
COMMAND: Responses = {
    202: example("The command, on its way", {"deployment": "simulation", "command": _COMMAND_EXAMPLE})
}
CONFIRM: Responses = {
    202: example(
        "The question, to be answered by the same press with its token; then the command",
        {
            "deployment": "simulation",
            "confirmation": {
                "token": "019b2f74-3e4f-7c5d-8e6f-7a8b9c0d1e07",
                "says": "Land Kestrel 1 here and now, at 52.40810, -1.51060, 60 m above its dock (0 s ago)?",
                "expires_in_s": 10.0,
            },
        },
    )
}
COMMANDS: Responses = {
    200: example("All commands", {"deployment": "simulation", "commands": [_COMMAND_EXAMPLE]}),
}
CLEAR_AIR: Responses = {
    202: example(
        "A command for each flight over the scene",
        {
            "deployment": "simulation",
            "commands": [{**_COMMAND_EXAMPLE, "action": "avoid", "task": {"type": "avoid"}}],
        },
    )
}
_CAUSE_EXAMPLE: dict[str, Any] = {
    "id": ALARM_EXAMPLE["id"],
    "kind": ALARM_EXAMPLE["kind"],
    "priority": 1,
    "text": ALARM_EXAMPLE["text"],
    "action": "let it get down, or hold it",
    "active": True,
    "acknowledged": False,
    "acknowledged_by": [],
    "shelf": None,
    "may_be_shelved": False,
    "came": 1,
    "raised_at": ALARM_EXAMPLE["raised_at"],
    "alarm_ids": [ALARM_EXAMPLE["id"]],
    "unacknowledged": [ALARM_EXAMPLE["id"]],
    "dock_ids": [ALARM_EXAMPLE["dock_id"]],
    "flight_ids": [ALARM_EXAMPLE["flight_id"]],
}
ALARMS: Responses = {
    200: example("The alarms", {"deployment": "simulation", "alarms": [ALARM_EXAMPLE], "causes": [_CAUSE_EXAMPLE]})
}
SHELVED: Responses = {
    200: example(
        "The alarm",
        {
            "deployment": "simulation",
            **ALARM_EXAMPLE,
            "kind": "charger",
            "text": "the charger does not answer",
            "shelf": {
                "by": "controller-1",
                "at": _T,
                "until": "2026-01-31T10:30:00.000Z",
                "because": "the charger's fault is known; an engineer comes",
            },
        },
    )
}
ALARM: Responses = {200: example("The alarm", {"deployment": "simulation", **ALARM_EXAMPLE})}
DOCK: Responses = {200: example("The dock", {"deployment": "simulation", **_DOCK_EXAMPLE})}
PROPOSAL: Responses = {
    200: example("The proposal, answered", {"deployment": "simulation", **_PROPOSAL_EXAMPLE, **_ANSWERED})
}
PROPOSALS: Responses = {
    200: example(
        "The proposals",
        {"deployment": "simulation", "proposals": [_LAUNCH_EXAMPLE, _TURN_PROPOSAL_EXAMPLE, _PROPOSAL_EXAMPLE]},
    )
}
POLICY: Responses = {
    200: example(
        "The policy",
        {
            "deployment": "simulation",
            "digest": "470ddf41bcb0c0d2d07c2c29e860bf219e62443629c6443e574903319085a62f",
            "source": "policy.yaml",
            "loaded_at": _T,
            "lines": {"grades/0": 9, "no_fly/0": 37},
            "words": ["Coventry; local times are those of Europe/London", "Grades, the gravest first:"],
            "policy": {"schema": "kestrel.policy/1", "name": "Coventry", "time_zone": "Europe/London"},
        },
    )
}
DOCKS: Responses = {
    200: example(
        "The docks",
        {
            "deployment": "simulation",
            "docks": [_DOCK_EXAMPLE],
            "unregistered": [
                {"dock": "dock-9", "first_seen": _T, "because": "there is no dock of this name in the fleet file"}
            ],
        },
    )
}
PICTURE: Responses = {
    200: {
        "description": "The picture",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "image/png")},
    }
}
COVERAGE: Responses = {
    200: example(
        "The polygons",
        {
            "deployment": "simulation",
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "geometry": {
                        "type": "Polygon",
                        "coordinates": [[[-1.53, 52.40], [-1.52, 52.40], [-1.52, 52.41], [-1.53, 52.40]]],
                    },
                    "properties": {
                        "dock_id": "dock-1",
                        "kind": "time",
                        "seconds": 60.0,
                        "max_radius_m": 540.0,
                        "wind_speed_m_s": 4.0,
                        "wind_from_deg": 240.0,
                        "wind_source": "dock",
                        "charge_percent": 100.0,
                        "shut_in_by": [],
                    },
                },
                {
                    "type": "Feature",
                    "geometry": {
                        "type": "Polygon",
                        "coordinates": [[[-1.50, 52.40], [-1.49, 52.40], [-1.49, 52.41], [-1.50, 52.40]]],
                    },
                    "properties": {"dock_id": None, "kind": "gap", "seconds": 60.0, "area": "hull_of_energy_limits"},
                },
            ],
        },
        "application/geo+json",
    )
}
SIGN_ON: Responses = {200: example("As it is now", {"deployment": "simulation", **PILOT_EXAMPLE, "on_duty": True})}
HEARTBEAT: Responses = {200: example("As it is now", {"deployment": "simulation", **PILOT_EXAMPLE, "on_duty": True})}
JOURNAL: Responses = {
    200: example(
        "A page of events",
        {
            "deployment": "simulation",
            "events": [
                {
                    "seq": 7,
                    "force": "west-midlands",
                    "stream": "duty/pilot-1",
                    "version": 1,
                    "id": "019b2f6e-7a00-7000-8000-000000000007",
                    "type": "PilotSignedOn",
                    "schema_version": 1,
                    "mission_time": "2026-01-31T09:30:00.000000+00:00",
                    "wall_time": "2026-01-31T09:30:00.000000+00:00",
                    "actor": "pilot-1",
                    "causation_id": None,
                    "payload": {"accepts": "ask", "console": True, "max_flights": 2, "pilot": "pilot-1", "until": _T},
                    "salt": "00" * 16,
                    "payload_hash": "00" * 32,
                    "hash": "00" * 32,
                }
            ],
            "next": None,
        },
    )
}
VERIFY: Responses = {
    200: example(
        "What the walk found",
        {
            "deployment": "simulation",
            "ok": True,
            "events": 7,
            "erased": 0,
            "head": "00" * 32,
            "first_broken_seq": None,
            "because": "",
        },
    )
}
CLIENT: Responses = {
    200: example(
        "What a client begins with",
        {
            "deployment": "simulation",
            "force": "Coventry (simulated)",
            "map": {"style_url": None, "pmtiles_url": None, "attribution": None},
        },
    )
}
HEALTH: Responses = {200: example("It serves", {"deployment": "simulation", "status": "ready", "version": "0.1.0"})}
METRICS: Responses = {200: example("The counters", {"deployment": "simulation", "counters": {"journal_last_seq": 7}})}
