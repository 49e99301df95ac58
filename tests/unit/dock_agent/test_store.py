"""The agent's memory: gapless, in order over restarts, all or nothing."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from contracts.reports import AgentEvent, DockNoted
from contracts.vocabulary import Deployment
from dock_agent.errors import DockTaken
from dock_agent.lock import dock_lock
from dock_agent.store import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def note(store: Store, text: str) -> None:
    with store.transaction():
        store.append(
            AgentEvent(
                boot_id=store.boot_id,
                counter=store.next_counter(),
                deployment=Deployment.SIMULATION,
                mission_time=NOW,
                wall_time=NOW,
                fact=DockNoted(severity="info", text=text),
            )
        )


def test_what_an_earlier_process_left_unacknowledged_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    first = Store(path=path, boot_id=UUID(int=1))
    note(first, "one")
    note(first, "two")
    first.close()
    second = Store(path=path, boot_id=UUID(int=2))
    note(second, "three")
    assert [(p.event.boot_id.int, p.event.counter) for p in second.pending(limit=9)] == [(1, 1), (1, 2), (2, 1)]
    second.acknowledge(boot_id=UUID(int=1), counter=1)
    assert [(p.event.boot_id.int, p.event.counter) for p in second.pending(limit=9)] == [(1, 2), (2, 1)]
    second.close()


def test_an_acknowledgement_covers_one_boot_alone(tmp_path: Path) -> None:
    store = Store(path=tmp_path / "a.sqlite", boot_id=UUID(int=1))
    note(store, "one")
    assert store.acknowledge(boot_id=UUID(int=99), counter=50) == 0
    assert store.acknowledge(boot_id=UUID(int=1), counter=50) == 1
    assert store.pending(limit=9) == []
    store.close()


def test_a_transaction_that_fails_leaves_no_hole_in_the_numbers(tmp_path: Path) -> None:
    store = Store(path=tmp_path / "a.sqlite", boot_id=UUID(int=1))

    def fail() -> None:
        with store.transaction():
            store.next_counter()
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        fail()
    note(store, "one")
    assert [p.counter for p in store.pending(limit=9)] == [1]
    store.close()


def test_envelope_numbers_go_up_over_restarts(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    first = Store(path=path, boot_id=UUID(int=1))
    before = [first.next_sequence() for _ in range(3)]
    first.close()
    second = Store(path=path, boot_id=UUID(int=2))
    assert before == sorted(before)
    assert second.next_sequence() > before[-1]
    assert second.next_sequence() < 2**53
    second.close()


def test_a_second_agent_of_a_dock_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from dock_agent.lock import dock_lock\n"
        "with dock_lock(Path(sys.argv[1]), 'dock-1'):\n"
        "    print('held', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(DockTaken, match="another agent of dock dock-1 is running"), dock_lock(tmp_path, "dock-1"):
            pass
        first.kill()
        first.wait()
    with dock_lock(tmp_path, "dock-1"):
        pass
