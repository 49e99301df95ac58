"""The far end of a link: a network namespace of its own and a veth pair to it (veth(4)), which can be a black hole.

A hole is made of wrong link-layer addresses at both ends: what is sent arrives at nobody. No carrier is lost, nothing
is refused, no ICMP comes back, as in a radio cell that is left. The namespace has no name: it lives as long as the
process that holds it, whose standard input is ours, so that nothing is left even of a test that is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import secrets
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CLONE_NEWNET: Final = 0x40000000
HOST_LLADDR, GUEST_LLADDR, NOBODY = "02:4b:00:00:00:01", "02:4b:00:00:00:02", "02:4b:00:00:00:ff"
_READY_S: Final = 5.0


class NoFarEnd(Exception):
    """It cannot be made here; says why, and what would help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FarEnd:
    """``host`` is this machine's address on the link and ``guest`` the far one's; devices ``near`` and ``far``."""

    pid: int
    host: str
    guest: str
    near: str
    far: str

    def inside(self, *argv: str) -> tuple[str, ...]:
        """The command, run at the far end of the link."""
        return ("nsenter", f"--net=/proc/{self.pid}/ns/net", *argv)

    async def swallow(self) -> None:
        """From now on all that is sent is lost, in both directions, and nobody is told."""
        await self._neighbours(at_near=NOBODY, at_far=NOBODY)

    async def forward(self) -> None:
        """Everything passes again."""
        await self._neighbours(at_near=GUEST_LLADDR, at_far=HOST_LLADDR)

    def exists(self) -> bool:
        """True while the near device is there."""
        return self._device.exists()

    def carrier(self) -> bool:
        """True while the device says that the line is up."""
        return (self._device / "carrier").read_text(encoding="ascii").strip() == "1"

    @property
    def _device(self) -> Path:
        return Path("/sys/class/net") / self.near

    async def dial(self, port: int) -> socket.socket:
        """A TCP connection from the far end to this one, whose near half is not in a namespace at all."""
        return await asyncio.to_thread(self._dial, port)

    def _dial(self, port: int) -> socket.socket:
        # setns(2) moves the calling thread alone, and a socket stays in the namespace that it was made in. asyncio's
        # threads are used again: this one goes back.
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net", "rb") as own, open(f"/proc/{self.pid}/ns/net", "rb") as there:
            if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            try:
                return socket.create_connection((self.host, port), timeout=10)
            finally:
                libc.setns(own.fileno(), CLONE_NEWNET)

    async def _neighbours(self, *, at_near: str, at_far: str) -> None:
        entry = ("nud", "permanent")
        await run("ip", "neighbour", "replace", self.guest, "lladdr", at_near, "dev", self.near, *entry)
        await run(*self.inside("ip", "neighbour", "replace", self.host, "lladdr", at_far, "dev", self.far, *entry))


async def run(*argv: str) -> None:
    """A command that must not fail: raises `NoFarEnd` with what it said."""
    process = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        raise NoFarEnd(f"{' '.join(argv)}: {said.decode(errors='replace').strip()[:200]}")


@contextlib.asynccontextmanager
async def far_end() -> AsyncIterator[FarEnd]:
    """Inside the block; raises `NoFarEnd` without root or iproute2."""
    if os.geteuid() != 0:
        raise NoFarEnd("a network namespace needs root: sudo .venv/bin/python -m pytest -m namespace")
    for tool, package in (("ip", "iproute2"), ("unshare", "util-linux"), ("nsenter", "util-linux")):
        if shutil.which(tool) is None:
            raise NoFarEnd(f"{tool} is not installed: apt-get install {package}")
    number = secrets.randbelow(2**14)
    net, first = f"10.213.{number // 64}", number % 64 * 4
    near, far = f"kv{number}a", f"kv{number}b"
    async with _held() as pid:
        link = FarEnd(pid=pid, host=f"{net}.{first + 1}", guest=f"{net}.{first + 2}", near=near, far=far)
        try:
            await run(
                *("ip", "link", "add", near, "address", HOST_LLADDR, "type", "veth"),
                *("peer", "name", far, "address", GUEST_LLADDR, "netns", str(pid)),
            )
            await run("ip", "address", "add", f"{link.host}/30", "dev", near)
            await run("ip", "link", "set", near, "up")
            await run(*link.inside("ip", "address", "add", f"{link.guest}/30", "dev", far))
            await run(*link.inside("ip", "link", "set", far, "up"))
            await run(*link.inside("ip", "link", "set", "lo", "up"))
            await link.forward()
            yield link
        finally:
            # With it goes the pair, even when somebody is still inside.
            with contextlib.suppress(NoFarEnd):
                await run("ip", "link", "delete", near)


@contextlib.asynccontextmanager
async def _held() -> AsyncIterator[int]:
    """The pid of a process in a network namespace of its own, which ends when we do."""
    holder = await asyncio.create_subprocess_exec(
        *("unshare", "--net", "sh", "-c", "echo in; exec cat"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stderr is not None
    try:
        async with asyncio.timeout(_READY_S):
            if await holder.stdout.readline() != b"in\n":
                raise NoFarEnd(f"unshare: {(await holder.stderr.read()).decode(errors='replace').strip()[:200]}")
        yield holder.pid
    finally:
        holder.stdin.close()
        await holder.wait()
