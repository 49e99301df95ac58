"""A flight whose camera films, through a demonstration of its own: simulator, agent, dispatcher, media process."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.demoprocess import DemoProcess, demo

Json = dict[str, Any]
SPEED = 10
WATCH_S = 300
"""Thirty seconds of pictures: enough for a browser on a machine that has other work."""
FLIGHT_WITHIN_S = 180.0
"""Wall seconds: a generous bound for one flight at ten times real time on a machine that has other work."""
INCIDENTS = {
    "schema": "kestrel.incidents/1",
    "incidents": [
        {
            "grade": "1",
            "category": "road traffic collision",
            "summary": "two cars",
            "place": {"lat_deg": 52.4085, "lon_deg": -1.5150},
            "watch_s": WATCH_S,
            "purpose": "overview for the crews",
        }
    ],
}


@dataclass(kw_only=True)
class Filmed:
    """The demonstration and its one flight."""

    demo: DemoProcess
    access: Json
    http: httpx.AsyncClient
    flight_id: str = ""

    async def get(self, path: str) -> Json:
        """As the controller."""
        answer = await self.http.get(path)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    async def ticket(self) -> Json:
        """To watch the flight, and to play what was recorded of it."""
        answer = await self.http.post(f"/api/v1/flights/{self.flight_id}/video", json={"reason": "dispatching"})
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def until(self, look: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait; `AssertionError` with the logs when it does not come."""
        deadline = asyncio.get_running_loop().time() + FLIGHT_WITHIN_S
        while not await look():
            assert asyncio.get_running_loop().time() < deadline, f"{what}: never\n{self.demo.tails()}"
            await asyncio.sleep(0.2)

    async def until_phase(self, phase: str) -> None:
        """Of the flight; it must not end before."""

        async def look() -> bool:
            flights = (await self.get("/api/v1/flights"))["flights"]
            if not flights:
                return False
            self.flight_id = self.flight_id or flights[-1]["id"]
            flight = await self.get(f"/api/v1/flights/{self.flight_id}")
            reached = [each["phase"] for each in flight["phases"]]
            assert phase in reached or not flight["ended"], flight["phases"]
            return phase in reached

        await self.until(look, f"the flight {phase}")

    async def until_recorded(self) -> list[Json]:
        """The parts, once all of them are on the flight's record and complete."""
        parts: list[Json] = []

        async def look() -> bool:
            nonlocal parts
            parts = (await self.get(f"/api/v1/flights/{self.flight_id}/video"))["recordings"]
            return bool(parts) and all(part["complete"] for part in parts)

        await self.until(look, "the recording on the flight's record")
        return parts


@contextlib.asynccontextmanager
async def filmed_flight(folder: Path) -> AsyncIterator[Filmed]:
    """One dock, one incident, its first flight with the camera on, inside the block; more of the kind follow."""
    incidents = folder / "incidents.json"
    incidents.write_text(json.dumps(INCIDENTS), encoding="utf-8")
    arguments = ("--docks", "1", "--speed", str(SPEED), "--incidents", str(incidents))
    async with demo(folder, *arguments, "--video") as running:
        access = await running.access()
        headers = {"Authorization": f"Bearer {access['tokens']['controller-1']}"}
        async with httpx.AsyncClient(base_url=access["api"], headers=headers, trust_env=False, timeout=20) as http:
            yield Filmed(demo=running, access=access, http=http)
