"""Starts processes when those they need are ready, restarts what dies, and ends all of them within seconds.

Each child runs on a leash (`kestrel.leash`): a supervisor that is killed leaves no orphan. Each has a session of its
own, so that Ctrl-C in a terminal reaches the supervisor alone, which then ends them in the right order.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from kestrel import leash
from kestrel.backoff import Backoff
from kestrel.errors import NotReady, ProcessFailed, how_ended

log = logging.getLogger(__name__)

READY_POLL_S = 0.02
STEADY_S = 30.0
"""A process that stayed ready so long starts again with the shortest back-off."""
FIRST_STARTS = 3
"""How often a process may die before it was ever ready until the supervisor gives up."""
STOP_WITHIN_S = 9.0
"""From the request to the last kill, over all ranks; the promise made to the user is 10 s."""
LATER_RANK_S = 1.5
"""Kept back for each rank that follows; the first may need long to let go of its aircraft's link."""


MAX_LOG_BYTES = 16 * 1024 * 1024
"""A larger log is put aside when its process starts again."""


class ProcessState(StrEnum):
    """Where a supervised process is."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    BACKING_OFF = "backing off"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process: what to run, what must be ready before it, and when it is stopped."""

    name: str
    argv: tuple[str, ...]
    ready_file: Path
    log_file: Path
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to our own environment."""
    after: frozenset[str] = frozenset()
    stop_rank: int = 0
    """The lowest rank is stopped first; one rank is stopped together."""
    ready_within_s: float = 60.0


@dataclass(frozen=True, slots=True)
class ProcessView:
    """What the screens may know of a process."""

    name: str
    state: ProcessState
    pid: int | None
    restarts: int
    last_exit: int | None


class _Kept:
    """The changing half of one process."""

    def __init__(self, *, spec: ProcessSpec, backoff: Backoff) -> None:
        self.spec = spec
        self.backoff = backoff
        self.state = ProcessState.WAITING
        self.child: asyncio.subprocess.Process | None = None
        self.restarts = 0
        self.last_exit: int | None = None
        self.was_ready = asyncio.Event()
        self.ended = asyncio.Event()

    def signal(self, number: signal.Signals) -> None:
        if self.child is not None and self.child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.child.send_signal(number)


class Supervisor:
    """Keeps a set of processes; inside `running` they live, after it they are gone."""

    def __init__(
        self,
        *,
        specs: Sequence[ProcessSpec],
        new_backoff: Callable[[], Backoff] = Backoff,
        stop_within_s: float = STOP_WITHIN_S,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        names = {spec.name for spec in specs}
        for spec in specs:
            if not spec.after <= names:
                raise ValueError(f"{spec.name} waits for {sorted(spec.after - names)}, which nobody starts")
        self._kept = {spec.name: _Kept(spec=spec, backoff=new_backoff()) for spec in specs}
        self._stop_within_s = stop_within_s
        self._say = say
        """Told, in words for the person at the terminal, what did not go as planned."""
        self._stopping = asyncio.Event()
        self._hurried = asyncio.Event()
        self._failure: asyncio.Future[None] | None = None

    def views(self) -> list[ProcessView]:
        """All processes as they are now."""
        return [
            ProcessView(
                name=name,
                state=kept.state,
                pid=kept.child.pid if kept.child is not None and kept.child.returncode is None else None,
                restarts=kept.restarts,
                last_exit=kept.last_exit,
            )
            for name, kept in self._kept.items()
        ]

    async def all_ready(self) -> None:
        """Wait until each process has been ready once.

        Raises `ProcessFailed` (it died, again and again) or `NotReady` (it said nothing for too long).
        """
        if self._failure is None:
            raise RuntimeError("all_ready() outside running()")
        waiting = asyncio.create_task(self._each_was_ready(), name="wait for all processes")
        try:
            await asyncio.wait({waiting, self._failure}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if self._failure.done():
            self._failure.result()

    async def _each_was_ready(self) -> None:
        for kept in self._kept.values():
            await kept.was_ready.wait()

    async def wait_failed(self) -> None:
        """Wait until a process is given up; raises as `all_ready` does."""
        if self._failure is None:
            raise RuntimeError("wait_failed() outside running()")
        await asyncio.shield(self._failure)

    def hurry(self) -> None:
        """Kill at once whatever still runs: the second Ctrl-C."""
        self._hurried.set()
        for kept in self._kept.values():
            kept.signal(signal.SIGKILL)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Supervisor]:
        """Start all processes; on leaving, however it comes, end all of them within `STOP_WITHIN_S`."""
        self._failure = asyncio.get_running_loop().create_future()
        self._failure.add_done_callback(lambda future: future.cancelled() or future.exception())
        # Not a TaskGroup: what the block raises must leave as it is, and the keepers live on until all is stopped.
        keepers = [asyncio.create_task(self._keep(kept), name=f"keep {name}") for name, kept in self._kept.items()]
        for keeper in keepers:
            keeper.add_done_callback(self._note_keeper)
        try:
            yield self
        finally:
            await self._stop_all()
            await asyncio.gather(*keepers, return_exceptions=True)
            self._failure.cancel()

    def _note_keeper(self, keeper: asyncio.Task[None]) -> None:
        if not keeper.cancelled() and (error := keeper.exception()) is not None:
            self._fail(error)

    async def _keep(self, kept: _Kept) -> None:
        try:
            for needed in kept.spec.after:
                if not await self._unless_stopping(self._kept[needed].was_ready):
                    return
            while not self._stopping.is_set():
                await self._live_once(kept)
                if self._stopping.is_set() or self._gave_up(kept):
                    return
                kept.state = ProcessState.BACKING_OFF
                kept.restarts += 1
                delay_s = kept.backoff.next_s()
                log.warning(
                    "process ended; restarting",
                    extra={"child": kept.spec.name, "exit": kept.last_exit, "in_s": round(delay_s, 2)},
                )
                self._say(f"{kept.spec.name} ended {how_ended(kept.last_exit)}: it starts again in {delay_s:.1f} s")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), delay_s)
        finally:
            kept.state = ProcessState.STOPPED
            kept.ended.set()

    async def _live_once(self, kept: _Kept) -> None:
        spec = kept.spec
        kept.state = ProcessState.STARTING
        spec.ready_file.unlink(missing_ok=True)
        make_room(spec.log_file)
        with spec.log_file.open("ab") as output:
            kept.child = await asyncio.create_subprocess_exec(
                *leashed(spec.argv),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **spec.env},
                start_new_session=True,
            )
        if self._hurried.is_set():
            kept.signal(signal.SIGKILL)
        elif self._stopping.is_set():
            kept.signal(signal.SIGTERM)
        exited = asyncio.create_task(kept.child.wait(), name=f"exit of {spec.name}")
        try:
            if await self._became_ready(kept, exited):
                kept.state = ProcessState.READY
                kept.was_ready.set()
                await self._note_steady(kept, exited)
            kept.last_exit = await exited
        finally:
            if not exited.done():  # we are being torn down without `_stop_all`: leave nothing behind
                kept.signal(signal.SIGKILL)
                exited.cancel()

    async def _became_ready(self, kept: _Kept, exited: asyncio.Task[int]) -> bool:
        spec = kept.spec
        loop = asyncio.get_running_loop()
        deadline = loop.time() + spec.ready_within_s
        while not exited.done():
            if spec.ready_file.exists():
                return True
            if loop.time() > deadline:
                self._fail(NotReady(spec.name, spec.ready_within_s, tail=tail_of(spec.log_file)))
                kept.signal(signal.SIGKILL)
                return False
            await asyncio.wait({exited}, timeout=READY_POLL_S)
        return False

    async def _note_steady(self, kept: _Kept, exited: asyncio.Task[int]) -> None:
        await asyncio.wait({exited}, timeout=STEADY_S)
        if not exited.done():
            kept.backoff.reset()

    def _gave_up(self, kept: _Kept) -> bool:
        if kept.was_ready.is_set() or kept.restarts + 1 < FIRST_STARTS:
            return False
        self._fail(ProcessFailed(kept.spec.name, kept.last_exit or 0, tail=tail_of(kept.spec.log_file)))
        return True

    def _fail(self, error: BaseException) -> None:
        if self._failure is not None and not self._failure.done():
            self._failure.set_exception(error)

    async def _unless_stopping(self, event: asyncio.Event) -> bool:
        wanted = asyncio.create_task(event.wait(), name="wanted")
        stopping = asyncio.create_task(self._stopping.wait(), name="stopping")
        try:
            await asyncio.wait({wanted, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return not self._stopping.is_set()
        finally:
            wanted.cancel()
            stopping.cancel()

    async def _stop_all(self) -> None:
        self._stopping.set()
        ranks = sorted({kept.spec.stop_rank for kept in self._kept.values()})
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._stop_within_s
        for index, rank in enumerate(ranks):
            kept_back_s = min(LATER_RANK_S, self._stop_within_s / len(ranks)) * (len(ranks) - index - 1)
            share_s = deadline - loop.time() - kept_back_s
            await self._stop_rank([kept for kept in self._kept.values() if kept.spec.stop_rank == rank], share_s)

    async def _stop_rank(self, rank: Sequence[_Kept], within_s: float) -> None:
        for kept in rank:
            kept.signal(signal.SIGKILL if self._hurried.is_set() else signal.SIGTERM)
        ends = asyncio.gather(*(kept.ended.wait() for kept in rank))
        try:
            await asyncio.wait_for(ends, max(within_s, 0.1))
        except TimeoutError:
            for kept in rank:
                if not kept.ended.is_set():
                    log.warning("process did not end when asked: killed", extra={"child": kept.spec.name})
                    self._say(f"{kept.spec.name} did not end when asked: killed")
                    kept.signal(signal.SIGKILL)
            await asyncio.gather(*(kept.ended.wait() for kept in rank))


def leashed(argv: Sequence[str]) -> tuple[str, ...]:
    """``argv`` as a command that dies with this process."""
    return (sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *argv)


def make_room(log_file: Path) -> None:
    """Put a log that has grown large aside, in the place of the one before it."""
    log_file.parent.mkdir(parents=True, exist_ok=True)
    if log_file.exists() and log_file.stat().st_size > MAX_LOG_BYTES:
        log_file.replace(log_file.with_suffix(".old.log"))


def tail_of(path: Path, *, lines: int = 12, max_bytes: int = 8192) -> str:
    """The last lines of a log, for the person at the terminal."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - max_bytes))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
