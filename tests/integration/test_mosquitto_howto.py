"""The rules of docs/how-to/mosquitto.md, taken out of the page and tried on a real Mosquitto with real clients."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest
import pytest_asyncio

from kestrel.brokeraccess import allows, dispatcher_account, dock_account
from kestrel.ports import FreePorts

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "mosquitto.md"
USERS = ("dispatcher", "cov-1", "cov-2")
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="needs Debian's mosquitto: apt-get install mosquitto")


def rules() -> str:
    """The page's access rules."""
    blocks = re.findall(r"```(?:sh)?\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (block,) = (found for found in blocks if "pattern write" in found)
    return str(block)


@pytest_asyncio.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """A Mosquitto with the page's rules; each user's password is its name."""
    passwords = tmp_path / "passwords"
    passwords.touch()
    for user in USERS:
        subprocess.run(["mosquitto_passwd", "-b", str(passwords), user, user], check=True)  # noqa: ASYNC221
    (tmp_path / "acl").write_text(rules())
    with FreePorts() as ports:
        number = ports.take()
    config = tmp_path / "mosquitto.conf"
    config.write_text(
        f"listener {number} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\nacl_file {tmp_path / 'acl'}\n"
        "user root\n"
    )
    assert MOSQUITTO is not None
    broker = await asyncio.create_subprocess_exec(MOSQUITTO, "-c", str(config), stderr=asyncio.subprocess.DEVNULL)
    try:
        await _listening(number)
        yield number
    finally:
        broker.terminate()
        await broker.wait()


async def _listening(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            await writer.wait_closed()
            return
    raise AssertionError("Mosquitto does not listen")


def client(port: int, user: str) -> aiomqtt.Client:
    return aiomqtt.Client("127.0.0.1", port, username=user, password=user, identifier=f"test-{user}", timeout=10)


async def heard_by(listener: aiomqtt.Client, speaker: aiomqtt.Client, topics: list[str]) -> list[str]:
    """Publish to all ``topics``; which of them does the listener get? The last one must be one that it gets."""
    for topic in topics:
        await speaker.publish(topic, b"x", qos=1)
    heard = []
    async with asyncio.timeout(20):
        async for message in listener.messages:
            heard.append(str(message.topic))
            if heard[-1] == topics[-1]:
                return heard
    return heard


async def test_the_dispatcher_is_heard_on_its_channels_by_the_right_dock_alone(port: int) -> None:
    base = "kestrel/v1/coventry"
    async with client(port, "dispatcher") as dispatcher, client(port, "cov-1") as dock:
        for name in ("cov-1", "cov-2"):
            for channel in ("order", "safety", "ack"):
                await dock.subscribe(f"{base}/{name}/{channel}", qos=1)
        await dock.subscribe(f"{base}/dispatcher/heartbeat", qos=1)
        said = [f"{base}/{name}/{channel}" for name in ("cov-2", "cov-1") for channel in ("order", "safety", "ack")]
        said.append(f"{base}/dispatcher/heartbeat")
        assert await heard_by(dock, dispatcher, said) == said[3:]


async def test_a_dock_is_heard_for_itself_alone_and_never_as_the_dispatcher(port: int) -> None:
    base = "kestrel/v1/coventry"
    async with client(port, "dispatcher") as dispatcher, client(port, "cov-1") as dock:
        await dispatcher.subscribe(f"{base}/#", qos=1)
        forbidden = [f"{base}/cov-2/event", f"{base}/cov-1/order", f"{base}/dispatcher/heartbeat", "elsewhere"]
        allowed = [f"{base}/cov-1/{channel}" for channel in ("status", "telemetry", "will", "event")]
        assert await heard_by(dispatcher, dock, [*forbidden, *allowed]) == allowed


def test_the_page_and_the_embedded_broker_grant_the_same() -> None:
    page = rules().replace("%u", "cov-1")
    granted = {word: re.findall(rf"^pattern {word} (\S+)$", page, re.MULTILINE) for word in ("write", "read")}
    dock = dock_account(force="coventry", dock="cov-1", password="any")  # noqa: S106 - it is thrown away
    assert sorted(granted["write"]) == sorted(dock.publish)
    assert sorted(granted["read"]) == sorted(dock.subscribe)
    dispatcher = dispatcher_account(force="coventry", password="any")  # noqa: S106
    assert sorted(re.findall(r"^topic write (\S+)$", page, re.MULTILINE)) == sorted(dispatcher.publish)
    assert allows(dispatcher.subscribe, "kestrel/v1/coventry/#")
