"""Feeds recorded calls to the public API in their order and at their gaps, and sees every flight home.

Gaps are mission time, as recorded, but none longer than a cap: a quiet night is not worth waiting through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from kestrel.apiclient import Json
from kestrel.callfile import Call, gaps_s
from kestrel.clock import Clock
from kestrel.controller import Controller, Handled
from kestrel.report import reference_of

DEFAULT_GAP_CAP_S = 600.0
SETTLE_S = 5400.0
"""Mission seconds after its order in which a flight must have ended: longer than any battery lasts."""
URGENT = ("Fire", "EMS")
MAX_CATEGORY = 200
MAX_ADDRESS = 200


class Replay:
    """One run over some calls; ``handled`` grows in the calls' order."""

    def __init__(
        self,
        *,
        calls: Sequence[Call],
        source: str,
        controller: Controller,
        clock: Clock,
        say: Callable[[str], None],
        watch_s: float | None,
        gap_cap_s: float = DEFAULT_GAP_CAP_S,
    ) -> None:
        self._calls = list(calls)
        self._source = source
        self._controller = controller
        self._clock = clock
        self._say = say
        self._watch_s = watch_s
        self._gap_cap_s = gap_cap_s
        self.handled: list[tuple[Call, Handled | None]] = []

    async def run(self) -> None:
        """Return when every call is answered and every flight has ended, or had its time.

        A call that fails is given up, and told so by its row; the others go on.
        """
        async with asyncio.TaskGroup() as group:
            for call, gap_s in zip(self._calls, gaps_s(self._calls, cap_s=self._gap_cap_s), strict=True):
                await self._clock.sleep_mission(gap_s)
                self._say(f"call {call.line}: {call.kind}: {call.what}, {call.township}, {call.streets}")
                self.handled.append((call, None))
                with self._controller.contained(reference_of(call)):
                    handled = await self._controller.take_in(self._incident(call))
                    self.handled[-1] = (call, handled)
                    purpose = f"overview for the crews: {call.what.lower()}"
                    await self._controller.answer(handled, purpose=purpose)
                    group.create_task(self._see_home(call, handled, purpose), name=f"see home {reference_of(call)}")

    async def _see_home(self, call: Call, handled: Handled, purpose: str) -> None:
        with self._controller.contained(reference_of(call)):
            await self._controller.see_home(handled, purpose=purpose, within_s=SETTLE_S)

    def _incident(self, call: Call) -> Json:
        incident: Json = {
            "source": self._source,
            "reference": reference_of(call),
            "grade": "1" if call.kind in URGENT else "2",
            "category": f"{call.kind}: {call.what}"[:MAX_CATEGORY],
            "summary": "",
            "address": f"{call.streets}, {call.township}"[:MAX_ADDRESS],
            "place": {"lat_deg": call.lat_deg, "lon_deg": call.lon_deg},
        }
        return incident if self._watch_s is None else incident | {"watch_s": self._watch_s}
