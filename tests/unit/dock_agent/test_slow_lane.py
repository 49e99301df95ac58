"""A call that never comes back must hold up neither who waits for it nor the process."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading

import pytest

from dock_agent.errors import LinkError
from dock_agent.slow_lane import SlowLane


async def test_calls_give_what_they_return_or_raise_from_another_thread() -> None:
    lane = SlowLane(name="test")

    def fail() -> None:
        raise ValueError("no")

    assert await lane.run(threading.current_thread, within_s=10.0) is not threading.current_thread()
    with pytest.raises(ValueError, match="no"):
        await lane.run(fail, within_s=10.0)
    assert await lane.run(lambda: 7, within_s=10.0) == 7
    lane.close()


async def test_a_call_that_was_given_up_while_it_waited_never_starts() -> None:
    lane, release = SlowLane(name="test"), threading.Event()
    ran: list[str] = []
    with pytest.raises(LinkError, match="no answer"):
        await lane.run(release.wait, within_s=0.05)
    with pytest.raises(LinkError):
        await lane.run(lambda: ran.append("late"), within_s=0.05)
    release.set()
    assert await lane.run(lambda: "next", within_s=10.0) == "next"
    assert ran == []
    lane.close()


def test_a_call_that_hangs_does_not_keep_the_process_from_ending() -> None:
    program = textwrap.dedent(
        """
        import asyncio, threading
        from dock_agent.errors import LinkError
        from dock_agent.slow_lane import SlowLane

        async def main():
            lane = SlowLane(name="hangs")
            try:
                await lane.run(threading.Event().wait, within_s=0.1)
            except LinkError:
                print("given up")
            lane.close()

        asyncio.run(main())
        """
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "given up\n"
