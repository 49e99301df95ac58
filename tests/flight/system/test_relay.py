"""A watch longer than one battery, by the whole system: the second drone is there before the first leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.controlroom import FLIGHT_S, PHASES, ControlRoom, names
from tests.flight.system.conftest import FAR, NEAR, on_mosquitto_by_night

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.nightly, on_mosquitto_by_night]

CAP_S = 400.0
"""The most that one drone may watch: more than the other needs to be there."""
WATCH_S = 560.0
SHORT_WATCHES = f"""
schema: kestrel.policy/1
name: short watches
time_zone: Europe/London
unknown_grade: Immediate
grades: [{{name: Immediate}}]
watch: {{most_s: {CAP_S}}}
"""


def entered(flight: dict[str, Any], phase: str) -> datetime:
    """When a flight entered a phase, in mission time."""
    return datetime.fromisoformat(next(e["mission_time"] for e in flight["phases"] if e["phase"] == phase))


async def test_a_second_drone_is_on_scene_before_the_first_leaves_and_both_come_home(
    room: ControlRoom, tmp_path: Path
) -> None:
    stack, dispatcher = room.stack, room.stack.dispatcher
    spec = dispatcher.spec
    policy_file = tmp_path / "policy.yaml"
    policy_file.write_text(SHORT_WATCHES)
    dispatcher.spec = replace(spec, env={**spec.env, "KESTREL_POLICY_FILE": str(policy_file)})
    await dispatcher.stop()
    await dispatcher.start()
    try:
        await stack.whole()
        await room.docks_ready()
        first = await room.send(NEAR, watch_s=WATCH_S)
        incident_id = first["incident_id"]
        await room.until_phase(first["id"], "on_scene")

        async def relieved_by() -> str | None:
            flights = (await room.get(f"/api/v1/incidents/{incident_id}"))["flight_ids"]
            return next((each for each in flights if each != first["id"]), None)

        relief_id = await stack.until(relieved_by, within_s=30.0, what="the relief")
        relief = await room.flight(relief_id)
        assert relief["relieves"] == first["id"]
        assert relief["dock_id"] == FAR
        assert relief["relief_asked_by"] == first["ordered_by"]
        assert "relief_coming" in (await room.flight(first["id"]))["conditions"]

        relief = await room.until_phase(relief_id, "on_scene", within_s=FLIGHT_S)
        first = await room.until_ended(first["id"])
        assert names(first) == PHASES
        assert entered(relief, "on_scene") <= entered(first, "returning")
        (command,) = first["commands"]
        assert (command["action"], command["outcome"]) == ("return", "confirmed")
        relief = await room.until_ended(relief_id)
        assert names(relief) == PHASES
        assert (entered(relief, "returning") - entered(first, "on_scene")).total_seconds() >= WATCH_S
        await room.docks_ready()
    finally:
        dispatcher.spec = spec
        await dispatcher.stop()
        await dispatcher.start()
