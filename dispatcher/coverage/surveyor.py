"""Keeps the newest coverage: one question at a time is solved, and of those that come meanwhile the last.

Until somebody asks, nothing runs. Afterwards the answer follows wind, zones and docks by itself. When the process that
solves dies it is started again, later and later; who asks meanwhile gets the last answer, and is told how old it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from dispatcher.coverage.question import Question
from dispatcher.coverage.workshop import Workshop, WorkshopClosed
from kestrel.backoff import Backoff
from kestrel.clock import Clock

log = logging.getLogger(__name__)

FRESH_WITHIN_S = 3.0
"""Wall seconds that who asks waits for an answer to what has just changed; then it gets the one before."""
FIRST_WITHIN_S = 30.0
LOOK_EACH_S = 5.0


class CoverageNotReady(Exception):
    """Nothing has been solved yet; ``because`` says why."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One coverage of a fleet."""

    question: Question
    body: bytes
    """GeoJSON."""
    etag: str
    solved_s: float
    """On the clock's monotonic wall scale."""


class Surveyor:
    """See the module."""

    def __init__(self, *, clock: Clock, workshop: Workshop | None = None) -> None:
        self._clock = clock
        self.workshop = workshop or Workshop()
        self._backoff = Backoff(first_s=1.0, cap_s=60.0)
        self._wanted: Question | None = None
        self._answer: Answer | None = None
        self._trouble = ""
        self._turned = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self.solved = 0
        """Answers so far."""

    @property
    def awake(self) -> bool:
        """True when somebody has asked."""
        return self._wanted is not None

    def want(self, question: Question) -> None:
        """Solve this next, and nothing that was wanted before it."""
        self._wanted = question
        if self._task is None and (self._answer is None or self._answer.question != question):
            self._task = asyncio.create_task(self._work(), name="coverage")

    async def answer(self, question: Question) -> tuple[Answer, bool]:
        """The newest answer, and whether it is one to this question. Raises `CoverageNotReady`."""
        self.want(question)

        def fresh() -> bool:
            return self._answer is not None and self._answer.question == question

        within_s = FRESH_WITHIN_S if self._answer is not None else FIRST_WITHIN_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s), self._turned:
                await self._turned.wait_for(lambda: fresh() or bool(self._trouble))
        if self._answer is None:
            raise CoverageNotReady(self._trouble or "it is being worked out")
        return self._answer, fresh()

    def age_s(self, answer: Answer) -> float:
        """Wall seconds since it was solved."""
        return max(0.0, self._clock.wall_s() - answer.solved_s)

    @contextlib.asynccontextmanager
    async def running(self, ask: Callable[[], Question] | None = None) -> AsyncIterator[None]:
        """Until the end of the block; ``ask`` is looked at every few seconds from when somebody has asked."""
        looking = asyncio.create_task(self._look(ask), name="look after coverage") if ask is not None else None
        try:
            yield
        finally:
            for task in (looking, self._task):
                if task is not None:
                    task.cancel()
            self.workshop.close()

    async def _look(self, ask: Callable[[], Question]) -> None:
        while True:
            await self._clock.sleep_wall(LOOK_EACH_S)
            if self.awake:
                self.want(ask())

    async def _work(self) -> None:
        try:
            while (wanted := self._wanted) is not None and (self._answer is None or self._answer.question != wanted):
                try:
                    body = await self.workshop.solve(wanted)
                except (WorkshopClosed, RuntimeError) as error:
                    await self._failed(error)
                    continue
                await self._solved(wanted, body)
        finally:
            self._task = None

    async def _solved(self, question: Question, body: bytes) -> None:
        if self._trouble:
            log.info("coverage is solved again")
        self._backoff.reset()
        self.solved += 1
        self._answer = Answer(
            question=question,
            body=body,
            etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            solved_s=self._clock.wall_s(),
        )
        await self._say("")

    async def _failed(self, error: Exception) -> None:
        if not self._trouble:
            log.warning("coverage could not be solved: tried again", extra={"reason": str(error)})
        await self._say(str(error))
        await self._clock.sleep_wall(self._backoff.next_s())

    async def _say(self, trouble: str) -> None:
        async with self._turned:
            self._trouble = trouble
            self._turned.notify_all()
