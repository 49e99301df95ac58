"""Our talk with the dispatcher: once a second what we have is reported, and answered with what is on.

While there is no answer everything goes on as it was said last: video is not held up by the dispatcher, nor the other
way round.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import httpx
from pydantic import ValidationError

from contracts.video import VideoOrders, VideoReport
from contracts.vocabulary import Deployment
from kestrel.backoff import Backoff
from kestrel.clock import Clock
from media.flights import Flights
from media.sessions import Sessions

log = logging.getLogger(__name__)

EACH_S = 1.0
WITHIN_S = 5.0
FAREWELL_S = 1.5
PATH = "/api/v1/video/report"
MAX_ANSWER_BYTES = 4 * 1024 * 1024


class Exchange:
    """One dispatcher."""

    def __init__(
        self,
        *,
        api_url: str,
        token_file: Path,
        flights: Flights,
        sessions: Sessions,
        deployment: Deployment,
        clock: Clock,
    ) -> None:
        self._url = api_url.rstrip("/") + PATH
        self._token_file = token_file
        self._flights = flights
        self._sessions = sessions
        self._deployment = deployment
        self._clock = clock
        self._silent: str | None = None
        self.answered = 0
        """How often the dispatcher has answered."""

    async def run(self) -> None:
        """For ever."""
        backoff = Backoff()
        async with httpx.AsyncClient(timeout=WITHIN_S, trust_env=False) as http:
            while True:
                why = await self._once(http)
                if why is None:
                    backoff.reset()
                    self.answered += 1
                    if self._silent is not None:
                        log.info("the dispatcher answers again")
                elif self._silent is None:
                    log.warning("the dispatcher does not answer", extra={"why": why})
                self._silent = why
                self._flights.look_after()
                self._sessions.look_after()
                await self._clock.sleep_wall(EACH_S if why is None else min(backoff.next_s(), 2 * EACH_S))

    async def farewell(self) -> None:
        """What has ended with us is told, once, if somebody listens; what is not is told after the next start."""
        async with httpx.AsyncClient(timeout=FAREWELL_S, trust_env=False) as http:
            await self._report(http)

    async def _once(self, http: httpx.AsyncClient) -> str | None:
        """Report and follow the answer; why not, if not."""
        orders = await self._report(http)
        if isinstance(orders, str):
            return orders
        self._flights.follow(orders.flights)
        self._sessions.withdraw(frozenset(str(ticket) for ticket in orders.withdrawn))
        return None

    async def _report(self, http: httpx.AsyncClient) -> VideoOrders | str:
        """The answer to a report, or why there is none."""
        parts, exceptions = self._flights.told()
        report = VideoReport(watching=self._sessions.watching(), parts=parts, exceptions=exceptions)
        try:
            token = (await asyncio.to_thread(self._token_file.read_text, encoding="ascii")).strip()
        except (OSError, UnicodeDecodeError):
            return "there is no token in KESTREL_MEDIA_TOKEN_FILE"
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            answer = await http.post(self._url, content=report.model_dump_json(), headers=headers)
        except httpx.HTTPError as error:
            return type(error).__name__
        if answer.status_code != 200:
            return f"status {answer.status_code}"
        try:
            orders = VideoOrders.model_validate_json(answer.content)
        except ValidationError:
            return "an answer that is not understood"
        if orders.deployment is not self._deployment:
            return f"it is a {orders.deployment.value} deployment, and the fleet file says {self._deployment.value}"
        self._flights.acknowledged(parts, exceptions)
        return orders
