"""Our client against an RTSP server of another make, as many companion computers run it (Debian: python3-gi,
gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-ugly). Skipped, and said so, where that is not installed."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from pydantic import SecretStr

from kestrel.backoff import Backoff
from kestrel.clock import SystemClock
from kestrel.ports import FreePorts
from media.h264 import AccessUnit
from media.rtsp.address import Address
from media.rtsp.camera import PulledCamera
from media.rtsp.login import Login
from tests import gstreamercamera
from tests.films import decoded

PYTHON = "/usr/bin/python3"
_ASK = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst; Gst.init(None); "
_ASK += "assert Gst.ElementFactory.find('x264enc')"


def there_is_gstreamer() -> bool:
    """Whether the system's Python can serve a picture with it."""
    if not Path(PYTHON).exists():
        return False
    return subprocess.run([PYTHON, "-c", _ASK], capture_output=True, check=False).returncode == 0


@contextlib.asynccontextmanager
async def camera(password: str) -> AsyncIterator[str]:
    """Its address."""
    with FreePorts() as ports:
        port = ports.take()
    server = await asyncio.create_subprocess_exec(
        PYTHON,
        gstreamercamera.__file__,
        str(port),
        password,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        async with asyncio.timeout(30):
            assert await server.stdout.readline() == b"up\n"
        yield f"rtsp://127.0.0.1:{port}/main"
    finally:
        server.stdin.close()
        try:
            await asyncio.wait_for(server.wait(), 5)
        except TimeoutError:
            server.kill()
            await server.wait()


@pytest.mark.nightly
@pytest.mark.parametrize("over", ["tcp", "udp"])
async def test_a_camera_of_another_make_with_a_login_is_seen_whole(over: Literal["tcp", "udp"]) -> None:
    if not await asyncio.to_thread(there_is_gstreamer):
        pytest.skip("no RTSP server of another make: GStreamer's is not installed")
    units: list[AccessUnit] = []
    async with camera("sesame") as uri:
        asked = PulledCamera(
            aircraft_id="k1",
            address=Address.of(uri),
            over=over,
            login=Login(gstreamercamera.USERNAME, SecretStr("sesame")),
            on_unit=units.append,
            clock=SystemClock(),
            backoff=Backoff(),
            unix_us=lambda: time.time_ns() // 1000,
        )
        running = asyncio.create_task(asked.run())
        asked.begin()
        for _ in range(600):
            if len(units) >= 20:
                break
            await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.wait([running])
    assert len(units) >= 20, asked.why
    assert asked.connections == 1
    assert units[0].keyframe
    assert not any(unit.after_gap for unit in units[1:])
    assert len(decoded([unit.data for unit in units])) == len(units)
