"""A bad link: a network namespace of its own whose only way out loses packets and takes its time (tc netem,
veth(4))."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BadLink:
    """What is inside reaches this machine at ``host``; `inside` makes a command run there."""

    namespace: str
    host: str

    def inside(self, *argv: str) -> tuple[str, ...]:
        """The command, run at the far end of the link."""
        return ("ip", "netns", "exec", self.namespace, *argv)


class NoBadLink(Exception):
    """It cannot be made here; says why."""


async def _run(*argv: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        raise NoBadLink(f"{' '.join(argv[:4])}: {said.decode(errors='replace').strip()[:200]}")


@contextlib.asynccontextmanager
async def bad_link(*, loss_percent: float, delay_ms: int) -> AsyncIterator[BadLink]:
    """Towards the far end; what comes back has half the delay and the same loss.

    Raises `NoBadLink` without root, iproute2 or netem.
    """
    if os.geteuid() != 0:
        raise NoBadLink("a network namespace needs root")
    if shutil.which("ip") is None or shutil.which("tc") is None:
        raise NoBadLink("iproute2 is not installed: apt-get install iproute2")
    number = os.getpid() % 16_000
    name, near, far = f"kestrel-{number}", f"kv{number}a", f"kv{number}b"
    net = f"10.213.{number // 64}"
    first = number % 64 * 4
    host, guest = f"{net}.{first + 1}", f"{net}.{first + 2}"
    try:
        await _run("ip", "netns", "add", name)
        await _run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
        await _run("ip", "address", "add", f"{host}/30", "dev", near)
        await _run("ip", "link", "set", near, "up")
        inside = ("ip", "-n", name)
        await _run(*inside, "address", "add", f"{guest}/30", "dev", far)
        await _run(*inside, "link", "set", far, "up")
        await _run(*inside, "link", "set", "lo", "up")
        loss = f"{loss_percent:g}%"
        await _run("tc", "qdisc", "add", "dev", near, "root", "netem", "delay", f"{delay_ms}ms", "loss", loss)
        back = ("delay", f"{delay_ms // 2}ms", "loss", loss)
        await _run("ip", "netns", "exec", name, "tc", "qdisc", "add", "dev", far, "root", "netem", *back)
        yield BadLink(namespace=name, host=host)
    finally:
        with contextlib.suppress(NoBadLink):
            await _run("ip", "netns", "delete", name)  # the pair goes with it
        with contextlib.suppress(NoBadLink):
            await _run("ip", "link", "delete", near)
