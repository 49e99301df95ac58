"""The supervisor, with real processes: readiness, restarts, stubborn children, and its own sudden death."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kestrel.backoff import Backoff
from kestrel.errors import NotReady, ProcessFailed
from kestrel.supervisor import ProcessSpec, ProcessState, Supervisor

READY_THEN_SLEEP = """
import pathlib, sys, time
pathlib.Path(sys.argv[1]).write_text("{}")
time.sleep(600)
"""
IGNORES_TERM = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).write_text("{}")
time.sleep(600)
"""
DIES_TWICE = """
import pathlib, sys, time
tries = pathlib.Path(sys.argv[1] + ".tries")
count = int(tries.read_text()) if tries.exists() else 0
tries.write_text(str(count + 1))
pathlib.Path(sys.argv[1]).write_text("{}")
if count < 2:
    sys.exit(3)
time.sleep(600)
"""
NOTES_ITS_END = """
import pathlib, signal, sys, time
def end(number, frame):
    with open(sys.argv[2], "a") as order:
        order.write(pathlib.Path(sys.argv[1]).stem + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
pathlib.Path(sys.argv[1]).write_text("{}")
while True:
    time.sleep(1)
"""


def spec(folder: Path, name: str, script: str, *arguments: str, **options: object) -> ProcessSpec:
    ready = folder / f"{name}.ready"
    return ProcessSpec(
        name=name,
        argv=(sys.executable, "-c", script, str(ready), *arguments),
        ready_file=ready,
        log_file=folder / "logs" / f"{name}.log",
        **options,  # type: ignore[arg-type]
    )


def quick_backoff() -> Backoff:
    return Backoff(first_s=0.01, cap_s=0.05, rng=random.Random(7))


async def until(condition: Callable[[], bool], *, patience_s: float = 20.0) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


async def test_a_process_starts_only_when_those_it_needs_are_ready(tmp_path: Path) -> None:
    slow = "import pathlib, sys, time; time.sleep(0.3)\n" + READY_THEN_SLEEP
    checks = "import pathlib, sys\nassert pathlib.Path(sys.argv[2]).exists()\n" + READY_THEN_SLEEP
    first = spec(tmp_path, "first", slow)
    second = spec(tmp_path, "second", checks, str(first.ready_file), after=frozenset({"first"}))
    supervisor = Supervisor(specs=[second, first], new_backoff=quick_backoff)
    async with supervisor.running():
        await supervisor.all_ready()
        views = {view.name: view for view in supervisor.views()}
        assert {view.state for view in views.values()} == {ProcessState.READY}
        assert all(view.restarts == 0 for view in views.values())
        pids = [view.pid for view in views.values()]
    assert all(pid is not None and is_gone(pid) for pid in pids)


async def test_a_process_that_dies_is_restarted_and_its_restarts_are_counted(tmp_path: Path) -> None:
    supervisor = Supervisor(specs=[spec(tmp_path, "frail", DIES_TWICE)], new_backoff=quick_backoff)
    async with supervisor.running():
        await until(lambda: supervisor.views()[0].restarts == 2 and supervisor.views()[0].state is ProcessState.READY)
        view = supervisor.views()[0]
        assert view.last_exit == 3
        assert view.pid is not None


async def test_a_killed_process_comes_back_with_another_pid(tmp_path: Path) -> None:
    supervisor = Supervisor(specs=[spec(tmp_path, "victim", READY_THEN_SLEEP)], new_backoff=quick_backoff)
    async with supervisor.running():
        await supervisor.all_ready()
        before = supervisor.views()[0].pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        await until(lambda: supervisor.views()[0].restarts == 1 and supervisor.views()[0].state is ProcessState.READY)
        assert supervisor.views()[0].pid != before
        assert supervisor.views()[0].last_exit == -signal.SIGKILL


async def test_a_process_that_never_gets_ready_by_dying_is_given_up_with_the_end_of_its_log(tmp_path: Path) -> None:
    dies = "import sys; sys.stderr.write('the port is taken\\n'); sys.exit(4)"
    supervisor = Supervisor(specs=[spec(tmp_path, "hopeless", dies)], new_backoff=quick_backoff)
    with pytest.raises(ProcessFailed) as caught:
        async with supervisor.running():
            await supervisor.all_ready()
    assert caught.value.exit_status == 4
    assert "the port is taken" in str(caught.value)


async def test_a_process_that_says_nothing_is_reported_as_not_ready_and_killed(tmp_path: Path) -> None:
    mute = spec(tmp_path, "mute", "import time; time.sleep(600)", ready_within_s=0.4)
    supervisor = Supervisor(specs=[mute], new_backoff=quick_backoff)
    with pytest.raises(NotReady, match="mute was not ready"):
        async with supervisor.running():
            await supervisor.all_ready()


async def test_a_process_that_ignores_sigterm_is_killed_within_the_bound(tmp_path: Path) -> None:
    supervisor = Supervisor(specs=[spec(tmp_path, "stubborn", IGNORES_TERM)], stop_within_s=0.5)
    async with supervisor.running():
        await supervisor.all_ready()
        pid = supervisor.views()[0].pid
    assert pid is not None
    assert is_gone(pid)


async def test_processes_are_stopped_rank_by_rank(tmp_path: Path) -> None:
    order = tmp_path / "order"
    specs = [
        spec(tmp_path, "broker", NOTES_ITS_END, str(order), stop_rank=2),
        spec(tmp_path, "dispatcher", NOTES_ITS_END, str(order), stop_rank=0),
        spec(tmp_path, "agent", NOTES_ITS_END, str(order), stop_rank=1),
    ]
    supervisor = Supervisor(specs=specs)
    async with supervisor.running():
        await supervisor.all_ready()
    assert order.read_text().split() == ["dispatcher", "agent", "broker"]


async def test_hurry_kills_at_once_what_ignores_sigterm(tmp_path: Path) -> None:
    supervisor = Supervisor(specs=[spec(tmp_path, "stubborn", IGNORES_TERM)], stop_within_s=3600.0)
    async with supervisor.running():
        await supervisor.all_ready()
        supervisor.hurry()
    assert supervisor.views()[0].last_exit == -signal.SIGKILL


async def test_a_cancelled_body_still_ends_every_process(tmp_path: Path) -> None:
    supervisor = Supervisor(specs=[spec(tmp_path, "child", READY_THEN_SLEEP)])
    started = asyncio.Event()

    async def body() -> None:
        async with supervisor.running():
            await supervisor.all_ready()
            started.set()
            await asyncio.sleep(3600)

    task = asyncio.create_task(body())
    await asyncio.wait_for(started.wait(), 20)
    pid = supervisor.views()[0].pid
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pid is not None
    assert is_gone(pid)


def test_a_need_that_nobody_starts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="waits for \\['broker'\\]"):
        Supervisor(specs=[spec(tmp_path, "agent", "", after=frozenset({"broker"}))])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_SET_PDEATHSIG is Linux's")
def test_kill_9_of_the_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    program = tmp_path / "supervise.py"
    program.write_text(
        textwrap.dedent(
            f"""
            import asyncio, pathlib, sys
            from kestrel.supervisor import ProcessSpec, Supervisor

            folder = pathlib.Path({str(tmp_path)!r})

            def spec(name, script):
                ready = folder / (name + ".ready")
                return ProcessSpec(name=name, argv=(sys.executable, "-c", script, str(ready)), ready_file=ready,
                                   log_file=folder / (name + ".log"))

            async def main():
                supervisor = Supervisor(specs=[spec("a", {READY_THEN_SLEEP!r}), spec("b", {IGNORES_TERM!r})])
                async with supervisor.running():
                    await supervisor.all_ready()
                    print(*(view.pid for view in supervisor.views()), flush=True)
                    await asyncio.sleep(3600)

            asyncio.run(main())
            """
        )
    )
    parent = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        children = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(children) == 2
        assert all(not is_gone(pid) for pid in children)
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()  # type: ignore[union-attr]
    asyncio.run(until(lambda: all(is_gone(pid) for pid in children)))


def is_gone(pid: int) -> bool:
    """True when there is no such process, or only its entry that nobody has waited for."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return False
