"""``python -m tests.bench.badviewer URL [LOSS_PERCENT DELAY_MS]``: a WHEP viewer on a bad link.

At the far end of a link that is bad by itself, or, with the figures, through a relay that is. The ticket comes by
standard input; how many pictures it has decoded it says, as JSON, when that ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys

from aiortc.mediastreams import MediaStreamError

from tests.badrelay import bad_relay
from tests.videoviewers import whep_viewer


async def _main(url: str, *bad: str) -> None:
    loop = asyncio.get_running_loop()
    ticket = (await loop.run_in_executor(None, sys.stdin.readline)).strip()
    ended = asyncio.ensure_future(loop.run_in_executor(None, sys.stdin.read))
    pictures = 0
    async with contextlib.AsyncExitStack() as leaving:
        through = None
        if bad:
            relay = await leaving.enter_async_context(bad_relay(loss_percent=float(bad[0]), delay_ms=float(bad[1])))
            through = relay.answer_through
        viewer = await leaving.enter_async_context(whep_viewer(url, ticket, through=through))
        sys.stdout.write("connected\n")
        sys.stdout.flush()
        while not ended.done():
            try:
                await viewer.frame(within_s=2.0)
                pictures += 1
            except (TimeoutError, MediaStreamError):
                continue
        sys.stdout.write(json.dumps({"pictures": pictures}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
