"""A process of its own for coverage: a thread would hold the interpreter, and a press would wait for a map.

It is started when something is first asked, asked one thing at a time, and dies with the dispatcher, whatever kills
that (`kestrel.leash`). Only bytes come back, ready to be sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from dispatcher.coverage.question import Question
from kestrel.leash import die_with_parent

NICE = 10
"""A press and an order go before a map."""
_END_WITHIN_S = 2.0


class WorkshopClosed(Exception):
    """The process has gone before it had answered."""


class Workshop:
    """See the module. Not for two questions at once."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._line: Connection | None = None

    @property
    def pid(self) -> int | None:
        """Of the process; None while there is none."""
        return None if self._process is None else self._process.pid

    async def solve(self, question: Question) -> bytes:
        """The answer. Raises `WorkshopClosed` when the process dies over it, `RuntimeError` when it says it cannot."""
        line = self._line or self.start()
        try:
            good, answer = await asyncio.to_thread(_asked, line, question)
        except (EOFError, OSError) as error:
            code = self._ended()
            raise WorkshopClosed(f"the process of coverage has ended (exit code {code})") from error
        if not good:
            raise RuntimeError(answer.decode())
        return answer

    def close(self) -> None:
        """End the process, whatever it is at."""
        self._ended()

    def _ended(self) -> int | None:
        """Make an end of it; its exit code."""
        process, self._process = self._process, None
        line, self._line = self._line, None
        if process is not None:
            process.kill()
            process.join(_END_WITHIN_S)
        if line is not None:
            line.close()
        return None if process is None else process.exitcode

    def start(self) -> Connection:
        """Start the process; its end of the line."""
        # Here and not on a thread: the kernel takes the thread that starts a process for its parent.
        context = get_context("spawn")
        mine, its = context.Pipe()
        self._process = context.Process(target=_work, args=(its, os.getpid()), name="kestrel coverage", daemon=True)
        self._process.start()
        its.close()
        self._line = mine
        return mine


def _asked(line: Connection, question: Question) -> tuple[bool, bytes]:
    line.send(question)
    good, answer = line.recv()
    return bool(good), bytes(answer)


def _work(line: Connection, parent_pid: int) -> None:
    """In the process: answer until the line is closed."""
    die_with_parent(parent_pid, by=signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
    from dispatcher.coverage.solving import Solver  # what a start of the dispatcher need not load

    solver = Solver()
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            question = line.recv()
            try:
                line.send((True, solver.answer(question)))
            except (EOFError, BrokenPipeError):
                raise
            except Exception as error:  # one question that cannot be answered is not the end of the others
                line.send((False, f"{type(error).__name__}: {error}".encode()))
