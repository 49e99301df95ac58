"""Mission and fence to and from the aircraft, one transfer after the other.

A transfer that nobody waits for any more may still be carried on by MAVSDK, which then is busy: the next one waits for
it. What a transfer that was given up has left on board is unknown until it is read back.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from mavsdk import MavsdkError
from mavsdk.plugins.mission_raw import MissionItem, MissionRaw

from dock_agent.flight_link import UPLOAD_S, Answer, Reply
from dock_agent.mavsdk_calls import Calls, Start
from dock_agent.mission import MissionPlan, OnBoard, RawItem
from kestrel.clock import Clock

BUSY = "BUSY"
BUSY_AGAIN_S = 0.25
"""Wall seconds between tries while MAVSDK is busy with an earlier transfer that nobody waits for any more."""
EMPTY = frozenset({"NO_MISSION_AVAILABLE"})
"""What MAVSDK calls a plan without items."""


class Transfers:
    """Of one system."""

    def __init__(self, *, mission: MissionRaw, calls: Calls, clock: Clock) -> None:
        self._mission, self._calls, self._clock = mission, calls, clock
        self._one = asyncio.Lock()

    async def upload(self, plan: MissionPlan) -> Answer:
        """Fence, then mission."""
        mission = self._mission
        # One after the other: a flight that was cancelled while its plan went up is followed by the next one's.
        async with self._one:
            fence, items = _items(plan.fence), _items(plan.items)
            answer, _ = await self._transfer(lambda done: mission.upload_geofence_async(fence, done))
            if answer.reply is not Reply.ACKNOWLEDGED:
                return Answer(answer.reply, f"fence: {answer.detail}")
            answer, _ = await self._transfer(lambda done: mission.upload_mission_async(items, done))
        return answer if answer.reply is Reply.ACKNOWLEDGED else Answer(answer.reply, f"mission: {answer.detail}")

    async def download(self) -> OnBoard | None:
        """Mission and fence as they are on board; None when either could not be read."""
        async with self._one:
            items = await self._read(self._mission.download_mission_async)
            fence = await self._read(self._mission.download_geofence_async) if items is not None else None
        return None if items is None or fence is None else OnBoard(items=items, fence=fence)

    def stop(self) -> None:
        """Give up what is under way."""
        for cancel in (self._mission.cancel_mission_upload, self._mission.cancel_mission_download):
            with contextlib.suppress(MavsdkError, RuntimeError):
                cancel()

    async def _read(self, start: Start) -> tuple[RawItem, ...] | None:
        answer, found = await self._transfer(start)
        if answer.detail in EMPTY:
            return ()
        return None if answer.reply is not Reply.ACKNOWLEDGED else tuple(_raw(item) for item in found)

    async def _transfer(self, start: Start) -> tuple[Answer, Any]:
        deadline_s = self._clock.wall_s() + UPLOAD_S
        while True:
            answer, value = await self._calls.fetch(start, UPLOAD_S)
            if answer.detail != BUSY or self._clock.wall_s() >= deadline_s:
                return answer, value
            await self._clock.sleep_wall(BUSY_AGAIN_S)


def _items(raw: tuple[RawItem, ...]) -> list[MissionItem]:
    items = []
    for number, item in enumerate(raw):
        p1, p2, p3, p4 = item.params
        items.append(
            MissionItem(
                seq=number,
                frame=item.frame,
                command=int(item.command),
                current=1 if number == 0 else 0,
                autocontinue=1,
                param1=p1,
                param2=p2,
                param3=p3,
                param4=p4,
                x=item.x,
                y=item.y,
                z=item.z,
                mission_type=item.mission_type,
            )
        )
    return items


def _raw(item: Any) -> RawItem:
    return RawItem(
        command=int(item.command),
        frame=int(item.frame),
        params=(item.param1, item.param2, item.param3, item.param4),
        x=int(item.x),
        y=int(item.y),
        z=float(item.z),
        mission_type=int(item.mission_type),
    )
