"""How this version reads what older ones wrote: one step per event type and schema version.

A step takes the payload of its version and returns that of the next; it never looks anywhere else. The journal itself
is never rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts.screentext import without_unseen

Payload = dict[str, Any]
Upcast = Callable[[Payload], Payload]
Upcasters = Mapping[tuple[str, int], Upcast]
"""By event type and the schema version that the step starts from."""


def _options_decided_2(payload: Payload) -> Payload:
    """Before 2 nobody was relieved, nobody flew by hand, and no console was watched."""
    inputs = payload["inputs"]
    by_hand = {"flights_in_hand": 0, "hand_limit": 1, "silent": False}
    pilots = [{**by_hand, **pilot} for pilot in inputs.get("pilots", [])]
    return {**_made_by(1, payload), "inputs": {**inputs, "pilots": pilots, "relief": None}}


def _options_decided_3(payload: Payload) -> Payload:
    """Before 3 no zone was known, every way was straight, and the wind was taken to be the mast's at every height."""
    inputs = payload["inputs"]
    policy = {
        "keep_out": ["CONDITIONAL", "PROHIBITED", "REQ_AUTHORISATION"],
        "zone_margin_m": 30.0,
        "zones_ahead_s": 3600.0,
        "ground_within_m": 30.0,
        "clearance_m": 20.0,
        "ground_ceiling_m": 120.0,
        "scene_in_zone": "watch_from_outside",
        "watch_within_m": 200.0,
        "wind_shear": 0.0,
        **inputs.get("policy", {}),
    }
    inputs = {**inputs, "policy": policy, "airspace": None, "exact_for": []}
    return {**_made_by(2, payload), "inputs": inputs}


def _options_decided_4(payload: Payload) -> Payload:
    """Before 4 every wind was of a dock's own sensor, nothing was forecast, and no traffic was known."""
    inputs = payload["inputs"]
    docks = [
        {
            **dock,
            "forecast": None,
            "weather": None if dock["weather"] is None else {**dock["weather"], "report": None},
        }
        for dock in inputs.get("docks", [])
    ]
    policy = {
        "report_within_m": 0.0,
        "report_max_age_s": 5400.0,
        "forecast_ahead_s": 3600.0,
        **inputs.get("policy", {}),
    }
    return {**_made_by(3, payload), "inputs": {**inputs, "docks": docks, "policy": policy, "traffic": None}}


def _options_decided_5(payload: Payload) -> Payload:
    """Before 5 every flight but a relief flew at the policy's heights, whoever else was there."""
    return {**_made_by(4, payload), "inputs": {**payload["inputs"], "apart": []}}


def _options_decided_6(payload: Payload) -> Payload:
    """Before 6 a decision did not say which version of the code came to it: its schema's number stands for that."""
    return _made_by(5, payload)


def _options_decided_7(payload: Payload) -> Payload:
    """Before 7 no dock was ever out of service."""
    inputs = payload["inputs"]
    docks = [{**dock, "maintenance_because": ""} for dock in inputs.get("docks", [])]
    return {**payload, "inputs": {**inputs, "docks": docks}}


def _incident_reported_2(payload: Payload) -> Payload:
    """Before 2 no incident had an address."""
    return {**payload, "address": ""}


def _incident_amended_2(payload: Payload) -> Payload:
    """Before 2 none was amended."""
    return {**payload, "address": None}


def _dock_released_2(payload: Payload) -> Payload:
    """Before 2 a dock was held once, and released by whoever said so."""
    return {**payload, "held_by": None}


def _dock_registered_as_seen(payload: Payload) -> Payload:
    """Before 3 a fleet file could have names with characters that are not seen (before 2 with any, then with those that
    Unicode counts as letters and marks): they are read without them.
    """
    return {name: _seen(value) for name, value in payload.items()}


def _seen(value: Any) -> Any:
    if isinstance(value, str):
        return without_unseen(value, put=" ", allowed="").strip() or (value and "?")
    if isinstance(value, dict):
        return {name: _seen(part) for name, part in value.items()}
    return value


def _made_by(version: int, payload: Payload) -> Payload:
    """The schema that it was written in; a step after the first leaves what the first found."""
    return {"decision_version": version, **payload}


UPCASTERS: Upcasters = {
    ("DockRegistered", 1): _dock_registered_as_seen,
    ("DockRegistered", 2): _dock_registered_as_seen,
    ("DockReleased", 1): _dock_released_2,
    ("IncidentReported", 1): _incident_reported_2,
    ("IncidentAmended", 1): _incident_amended_2,
    ("OptionsDecided", 1): _options_decided_2,
    ("OptionsDecided", 2): _options_decided_3,
    ("OptionsDecided", 3): _options_decided_4,
    ("OptionsDecided", 4): _options_decided_5,
    ("OptionsDecided", 5): _options_decided_6,
    ("OptionsDecided", 6): _options_decided_7,
}
"""Every step there is."""


def upcast(type_name: str, payload: Payload, *, found: int, wanted: int, upcasters: Upcasters = UPCASTERS) -> Payload:
    """``payload`` of schema version ``found`` as version ``wanted``; raises `LookupError` where there is no way."""
    if found > wanted:
        raise LookupError(f"schema version {found} is newer than this version reads ({wanted})")
    for version in range(found, wanted):
        step = upcasters.get((type_name, version))
        if step is None:
            raise LookupError(f"no way from schema version {version} to {version + 1}")
        payload = step(payload)
    return payload
