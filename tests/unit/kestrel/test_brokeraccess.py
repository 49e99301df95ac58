"""Who may use the embedded broker, tested as rules and through a real broker with real clients."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest
import pytest_asyncio

from kestrel.amqttfaults import SteadyDict
from kestrel.brokeraccess import (
    allows,
    dispatcher_account,
    dock_account,
    password_fits,
    read_accounts,
    write_accounts,
)
from kestrel.errors import FileError
from kestrel.ports import FreePorts
from kestrel.supervisor import ProcessSpec, Supervisor

FORCE = "coventry"
RIGHT = "right-one"


def secret_of(name: str) -> str:
    return f"pw-{name}"


@pytest.mark.parametrize(
    ("granted", "wanted", "may"),
    [
        ("kestrel/v1/f/#", "kestrel/v1/f/+/event", True),
        ("kestrel/v1/f/#", "kestrel/v1/f/d1/event", True),
        ("kestrel/v1/f/#", "kestrel/v1/#", False),
        ("kestrel/v1/f/#", "#", False),
        ("kestrel/v1/f/+/order", "kestrel/v1/f/d1/order", True),
        ("kestrel/v1/f/+/order", "kestrel/v1/f/#", False),
        ("kestrel/v1/f/+/order", "kestrel/v1/f/d1/order/more", False),
        ("kestrel/v1/f/d1/order", "kestrel/v1/f/+/order", False),
        ("kestrel/v1/f/d1/order", "kestrel/v1/f/d1", False),
    ],
)
def test_a_grant_covers_only_what_is_no_wider_than_itself(granted: str, wanted: str, may: bool) -> None:
    assert allows([granted], wanted) is may


def test_a_dock_may_neither_order_nor_speak_for_another() -> None:
    account = dock_account(force=FORCE, dock="cov-1", password=secret_of("cov-1"))
    assert allows(account.publish, f"kestrel/v1/{FORCE}/cov-1/event")
    assert not allows(account.publish, f"kestrel/v1/{FORCE}/cov-1/order")
    assert not allows(account.publish, f"kestrel/v1/{FORCE}/cov-2/event")
    assert allows(account.subscribe, f"kestrel/v1/{FORCE}/dispatcher/heartbeat")
    assert not allows(account.subscribe, f"kestrel/v1/{FORCE}/cov-2/order")


def test_a_password_is_kept_as_a_hash_that_only_it_fits(tmp_path: Path) -> None:
    write_accounts(tmp_path / "accounts.json", [dock_account(force=FORCE, dock="cov-1", password=RIGHT)])
    text = (tmp_path / "accounts.json").read_text()
    assert RIGHT not in text
    assert (tmp_path / "accounts.json").stat().st_mode & 0o777 == 0o600
    account = read_accounts(tmp_path / "accounts.json")["cov-1"]
    assert password_fits(account, RIGHT)
    assert not password_fits(account, "wrong")


def test_an_accounts_file_that_is_not_one_names_its_fault(tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text('{"accounts": [{"username": ""}]}')
    with pytest.raises(FileError, match=r"accounts\.0\.username"):
        read_accounts(tmp_path / "accounts.json")


@pytest_asyncio.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """A running embedded broker with the dispatcher and two docks; passwords are ``pw-`` and the name."""
    accounts = tmp_path / "accounts.json"
    write_accounts(
        accounts,
        [
            dispatcher_account(force=FORCE, password=secret_of("dispatcher")),
            dock_account(force=FORCE, dock="cov-1", password=secret_of("cov-1")),
            dock_account(force=FORCE, dock="cov-2", password=secret_of("cov-2")),
        ],
    )
    with FreePorts() as ports:
        number = ports.take()
    ready = tmp_path / "broker.ready"
    broker = ProcessSpec(
        name="broker",
        argv=(sys.executable, "-m", "kestrel", "broker", "--port", str(number), "--accounts", str(accounts)),
        ready_file=ready,
        log_file=tmp_path / "broker.log",
        env={"KESTREL_READY_FILE": str(ready)},
    )
    supervisor = Supervisor(specs=[broker])
    async with supervisor.running():
        await supervisor.all_ready()
        yield number
        pid = supervisor.views()[0].pid
        assert pid is not None, (tmp_path / "broker.log").read_text()
        os.kill(pid, 0)
    assert supervisor.views()[0].last_exit == 0, "the broker ends cleanly when asked"
    assert supervisor.views()[0].last_exit != -signal.SIGKILL


def client(port: int, name: str, *, password: str | None = None) -> aiomqtt.Client:
    return aiomqtt.Client(
        "127.0.0.1",
        port,
        username=name or None,
        password=password or secret_of(name),
        identifier=f"test-{name}",
        clean_session=False,
        timeout=5,
    )


async def test_the_broker_carries_an_order_to_its_dock_and_to_no_other(port: int) -> None:
    topic = f"kestrel/v1/{FORCE}/cov-1/order"
    async with client(port, "dispatcher") as dispatcher, client(port, "cov-1") as dock, client(port, "cov-2") as other:
        await dock.subscribe(topic, qos=1)
        granted = await other.subscribe(topic, qos=1)
        assert [code if isinstance(code, int) else code.value for code in granted] == [0x80], (
            "refused (MQTT 3.1.1, 3.9.3)"
        )
        await dispatcher.publish(topic, b"fly", qos=1)
        message = await asyncio.wait_for(anext(aiter(dock.messages)), 10)
        assert (str(message.topic), message.payload) == (topic, b"fly")


async def test_what_a_dock_may_not_say_reaches_nobody(port: int) -> None:
    async with client(port, "dispatcher") as dispatcher, client(port, "cov-2") as dock:
        await dispatcher.subscribe(f"kestrel/v1/{FORCE}/+/event", qos=1)
        await dock.publish(f"kestrel/v1/{FORCE}/cov-1/event", b"forged", qos=1)
        await dock.publish(f"kestrel/v1/{FORCE}/cov-2/event", b"honest", qos=1)
        message = await asyncio.wait_for(anext(aiter(dispatcher.messages)), 10)
        assert message.payload == b"honest"


@pytest.mark.parametrize(("name", "password"), [("", None), ("dispatcher", "guess"), ("nobody", "pw-nobody")])
async def test_nobody_gets_in_without_an_account(port: int, name: str, password: str | None) -> None:
    with pytest.raises(aiomqtt.MqttError):
        async with client(port, name, password=password):
            pass


async def test_a_client_that_takes_its_session_over_hears_what_comes_after(port: int) -> None:
    # As after a stall: the broker still holds the old connection for open when the new one comes.
    topic = f"kestrel/v1/{FORCE}/cov-1/order"
    async with client(port, "dispatcher") as dispatcher:
        for turn in range(4):
            before, after = client(port, "cov-1"), client(port, "cov-1")
            await before.__aenter__()
            await before.subscribe(topic, qos=1)
            async with after:
                await after.subscribe(topic, qos=1)
                await asyncio.sleep(0.2)
                await dispatcher.publish(topic, f"fly {turn}".encode(), qos=1)
                message = await asyncio.wait_for(anext(aiter(after.messages)), 5)
                assert message.payload == f"fly {turn}".encode()
            with contextlib.suppress(aiomqtt.MqttError):
                await before.__aexit__(None, None, None)


async def test_nobody_is_told_what_is_retained_for_another(port: int) -> None:
    async with client(port, "cov-2") as neighbour, client(port, "dispatcher") as dispatcher:
        await dispatcher.subscribe(f"kestrel/v1/{FORCE}/+/status", qos=1)
        await neighbour.publish(f"kestrel/v1/{FORCE}/cov-2/status", b"online", qos=1, retain=True)
        await asyncio.wait_for(anext(aiter(dispatcher.messages)), 5)
        async with client(port, "cov-1") as dock:
            await dock.subscribe(f"kestrel/v1/{FORCE}/cov-1/order", qos=1)
            await dispatcher.publish(f"kestrel/v1/{FORCE}/cov-1/order", b"fly", qos=1)
            message = await asyncio.wait_for(anext(aiter(dock.messages)), 5)
            assert message.payload == b"fly", "the first that it hears is its own"
    async with client(port, "dispatcher") as late:
        await late.subscribe(f"kestrel/v1/{FORCE}/+/status", qos=1)
        message = await asyncio.wait_for(anext(aiter(late.messages)), 5)
        assert message.payload == b"online", "who may hear it is told"


def test_a_broadcast_loops_over_the_subscriptions_that_there_were_when_it_began() -> None:
    subscriptions = SteadyDict({"a/#": [], "b/#": []})
    for topic_filter, subscribers in subscriptions.items():
        subscriptions[topic_filter + "/new"] = subscribers
    for topic_filter in subscriptions:
        subscriptions.pop(topic_filter)
    assert subscriptions == {}
