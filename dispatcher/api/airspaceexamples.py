"""What the answers about airspace look like, for the OpenAPI document."""

from __future__ import annotations

from dispatcher.api.examples import Responses, example

_T = "2026-01-31T09:30:00.000Z"
_FINDING = {
    "kind": "skipped",
    "index": 17,
    "name": "EGD999",
    "reason": "its outline has only 2 different points",
}
_DOCUMENT = {
    "name": "national.json",
    "format": "ED-269",
    "origin": "api",
    "features": 412,
    "zones": 411,
    "skipped": 1,
    "repaired": 0,
    "assumed": 0,
    "findings": [_FINDING],
    "findings_in_all": 1,
    "digest": "00" * 32,
    "source_sha256": "00" * 32,
    "loaded_by": "engineer-1",
    "loaded_at": _T,
    "revision": 1,
    "reason": None,
    "start": None,
    "end": None,
}
_DRAWN = {
    **_DOCUMENT,
    "name": "drawn-019b2f6e-7b02-7c55-8d0e-3f1f6a2b9c01",
    "format": "drawn",
    "origin": "drawn",
    "features": 1,
    "zones": 1,
    "skipped": 0,
    "findings": [],
    "findings_in_all": 0,
    "source_sha256": None,
    "loaded_by": "controller-1",
    "revision": 2,
    "reason": "air ambulance expected, keep clear",
    "start": _T,
    "end": "2026-01-31T11:30:00.000Z",
}
_SET = {"revision": 1, "digest": "00" * 32, "documents": 1, "zones": 411}

AIRSPACE: Responses = {
    200: example(
        "What is in force; with another `format` a GeoJSON, ED-269 or ED-318 document",
        {"deployment": "simulation", **_SET, "documents": [_DOCUMENT]},
    )
}
_LOADED = {"deployment": "simulation", **_DOCUMENT, "dry_run": False, "changed": True}
AIRSPACE_LOADED: Responses = {
    200: example("It was in force already, or this is what would be loaded", {**_LOADED, "changed": False}),
    201: example("It is in force", _LOADED),
}
ZONE_DRAWN: Responses = {201: example("It is in force", {"deployment": "simulation", **_DRAWN})}
AIRSPACE_WITHDRAWN: Responses = {200: example("What is left in force", {"deployment": "simulation", **_SET})}
