"""The energy model's times beside a recording of a real PX4 v1.17 on the wire."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from geo.flight.energy import climb_stretch, landing_stretch
from tests.unit.geo.aircraft import PATROL

TRACES = Path(__file__).resolve().parents[4] / "shared" / "px4-trace"


def recording(name: str) -> list[dict[str, Any]]:
    file = TRACES / f"{name}.jsonl.gz"
    if not file.exists():
        pytest.skip("the recordings of a real PX4 are not beside this checkout (../shared/px4-trace)")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def time_of_text(messages: list[dict[str, Any]], text: str) -> float:
    return next(float(m["t"]) for m in messages if m["m"] == "STATUSTEXT" and m["text"].startswith(text))


def heights(messages: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Seconds and metres above home."""
    rows = (m for m in messages if m["m"] == "GLOBAL_POSITION_INT" and m["dir"] == "px4")
    return [(float(m["t"]), m["relative_alt"] / 1000) for m in rows]


def test_the_landing_takes_as_long_as_on_the_real_autopilot() -> None:
    messages = recording("whole-flight")
    begun_s = time_of_text(messages, "RTL: land at destination")
    seen_s = time_of_text(messages, "Landing detected")
    from_m = next(height for t, height in heights(messages) if t >= begun_s)
    ours_s = landing_stretch(performance=PATROL, drop_m=from_m).seconds
    assert ours_s == pytest.approx(seen_s - begun_s, rel=0.1)


def test_the_climb_takes_as_long_as_on_the_real_autopilot() -> None:
    messages = recording("way-home")
    begun_s = time_of_text(messages, "Takeoff detected")
    reached_s = next(float(m["t"]) for m in messages if m["m"] == "MISSION_ITEM_REACHED" and m["t"] > begun_s)
    ours_s = climb_stretch(performance=PATROL, rise_m=40).seconds
    assert ours_s == pytest.approx(reached_s - begun_s, rel=0.1)
