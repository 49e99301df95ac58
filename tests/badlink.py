"""A bad link: the way to a far end loses packets and takes its time (tc netem)."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator

from tests.farend import FarEnd, NoFarEnd, far_end, run


@contextlib.asynccontextmanager
async def bad_link(*, loss_percent: float, delay_ms: int) -> AsyncIterator[FarEnd]:
    """Towards the far end; what comes back has half the delay and the same loss.

    Raises `NoFarEnd` without root, iproute2 or netem.
    """
    if shutil.which("tc") is None:
        raise NoFarEnd("tc is not installed: apt-get install iproute2")
    loss = f"{loss_percent:g}%"
    async with far_end() as link:
        await run("tc", "qdisc", "add", "dev", link.near, "root", "netem", "delay", f"{delay_ms}ms", "loss", loss)
        back = ("delay", f"{delay_ms // 2}ms", "loss", loss)
        await run(*link.inside("tc", "qdisc", "add", "dev", link.far, "root", "netem", *back))
        yield link
