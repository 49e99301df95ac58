"""A warning set aside lets one drone out, and it comes home all the same once the weather is worse than that."""

from __future__ import annotations

import uuid

import pytest

from tests.controlroom import ControlRoom, Json
from tests.flight.system.conftest import NEAR, on_mosquitto_by_night

pytestmark = pytest.mark.asyncio(loop_scope="session")
RAIN: Json = {"warning": "rain_over_limit", "note": "somebody is in the water"}


async def _options(room: ControlRoom, incident_id: str) -> Json:
    return await room.get(f"/api/v1/incidents/{incident_id}/options")


@on_mosquitto_by_night
async def test_a_warning_set_aside_is_flown_through_and_comes_home_when_it_gets_worse(room: ControlRoom) -> None:
    async with room.stack.sim_control() as sim:
        try:
            await sim.inject("weather", rain_mm_h=9.0)
            incident = await room.report(room.scene(NEAR), watch_s=600)

            async def warned() -> Json | None:
                shown = await _options(room, incident["id"])
                near = next(each for each in shown["options"] if each["dock_id"] == NEAR)
                return shown if near["only_warnings"] else None

            shown = await room.stack.until(warned, within_s=30, what="the rain at the dock")
            body = {
                "purpose": "overview for the crews",
                "decision_id": shown["decision_id"],
                "incident_revision": shown["incident_revision"],
                "dock_id": NEAR,
            }
            path = f"/api/v1/incidents/{incident['id']}/dispatch"
            headers = {"Idempotency-Key": str(uuid.uuid4())}
            alone = await room.stack.api("controller")
            assert (await alone.post(path, json=body, headers=headers)).status_code == 409
            assert (await alone.post(path, json={**body, "overrides": [RAIN]}, headers=headers)).status_code == 403

            flight = await room.post(path, {**body, "left_to_pilot": True}, **headers)
            assert flight["order"]["state"] == "waiting_for_pilot"
            accept = f"/api/v1/flights/{flight['id']}/accept"
            taken = await room.post(accept, {"overrides": [RAIN]}, role="pilot")
            assert [each["by"] for each in taken["warnings"]["set_aside"]] == ["pilot-1"]

            # More than 20 s of mission time beyond the limit on the way: the agent's look-out yields as well.
            await room.until_phase(flight["id"], "on_scene")
            await sim.inject("weather", rain_mm_h=12.0)
            home = await room.until_ended(flight["id"])
            assert home["phase"] == "docked"
            assert any("rain 12.0 mm/h" in each["because"] for each in home["phases"]), home["phases"]

            await sim.mend()
            await sim.inject("weather", rain_mm_h=9.0)
            again = await room.report(room.scene(NEAR), watch_s=20)
            refused = await room.press(again, dock_id=NEAR)
            assert refused.status_code == 409, "the next launch knows nothing of it"
        finally:
            await sim.mend()
