"""The MQTT session: connected is who was granted all it asked for, and nothing but its end ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from random import Random
from typing import Any, Self, cast

import aiomqtt
import pytest

from kestrel.backoff import Backoff
from kestrel.mqtt import Broker, MqttSession, Subscription

WITHIN_S = 20.0


class FakeClient:
    """A client whose broker answers a subscription with ``answer``, and then has ``payloads``."""

    def __init__(self, answer: int | Exception, payloads: list[bytes], *, kept: bytes | None = None) -> None:
        self._answer = answer
        self._payloads = payloads
        self._kept = kept

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def subscribe(self, _topic: str, *, qos: int) -> tuple[int, ...]:
        if isinstance(self._answer, Exception):
            raise self._answer
        return (min(self._answer, qos) if self._answer < 3 else self._answer,)

    @property
    async def messages(self) -> AsyncIterator[aiomqtt.Message]:
        if self._kept is not None:
            yield aiomqtt.Message("a/topic", self._kept, 0, True, 1, None)
        for payload in self._payloads:
            yield aiomqtt.Message("a/topic", payload, 0, False, 1, None)
        await asyncio.Event().wait()


class FakeBrokerSession(MqttSession):
    """A session with one fake client after another; the last one stays."""

    def __init__(self, clients: list[FakeClient], **options: Any) -> None:
        super().__init__(
            broker=Broker(host="", port=0),
            client_id="test",
            subscriptions=[Subscription("a/topic", 1)],
            backoff=Backoff(first_s=0.001, cap_s=0.001, rng=Random(1)),
            **options,
        )
        self.clients = clients

    def _new_client(self) -> aiomqtt.Client:
        return cast("aiomqtt.Client", self.clients.pop(0))


async def _ignore(_topic: str, _payload: bytes) -> None:
    pass


@pytest.mark.parametrize("answer", [0x80, RuntimeError("of a kind that nobody thought of")])
async def test_a_session_that_is_refused_or_fails_is_not_connected_says_so_once_and_tries_again(
    answer: int | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    session = FakeBrokerSession([FakeClient(answer, []), FakeClient(answer, []), FakeClient(1, [])], on_message=_ignore)
    async with asyncio.timeout(WITHIN_S), session.running():
        await session.wait_connected()
        assert session.clients == []
    assert [record.message for record in caplog.records].count("broker lost") == 1


async def test_a_handler_that_fails_at_every_message_is_counted_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = asyncio.Event()

    async def fail(_topic: str, payload: bytes) -> None:
        if payload == b"last":
            done.set()
        raise ValueError

    session = FakeBrokerSession([FakeClient(1, [b"1", b"2", b"last"])], on_message=fail)
    async with asyncio.timeout(WITHIN_S), session.running():
        await done.wait()
    assert session.handler_failures == 3
    assert [record.message for record in caplog.records].count("message handler failed") == 1


async def test_a_session_that_hears_nothing_connects_anew_and_bears_twice_the_silence_each_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    # What the broker keeps for newcomers is heard each time, and says nothing of who is there now.
    clients = [FakeClient(1, [], kept=b"status") for _ in range(3)] + [FakeClient(1, [b"at last"], kept=b"status")]
    heard = asyncio.Event()

    async def hear(_topic: str, payload: bytes) -> None:
        if payload == b"at last":
            heard.set()

    session = FakeBrokerSession(clients, on_message=hear, silence_s=0.02)
    async with asyncio.timeout(WITHIN_S), session.running():
        await heard.wait()
    why = [str(vars(record)["why"]) for record in caplog.records if record.message == "broker lost"]
    assert len(why) == 1, "said once, until somebody is heard again"
    assert "nothing came for" in why[0]
    assert session.clients == []
    assert session.bears_silence_s == 0.02, "whoever speaks again is waited for no longer than before"
    assert [record.message for record in caplog.records] == ["broker connected", "broker lost", "broker connected"]
    assert session.handler_failures == 0


async def test_a_slow_handler_is_no_silence_and_the_end_of_a_session_is_not_held_up_by_the_watch() -> None:
    done: list[bytes] = []
    both = asyncio.Event()

    async def slow(_topic: str, payload: bytes) -> None:
        await asyncio.sleep(0.08)
        done.append(payload)
        if len(done) == 2:
            both.set()

    session = FakeBrokerSession([FakeClient(1, [b"one", b"two"])], on_message=slow, silence_s=0.05)
    async with asyncio.timeout(WITHIN_S):
        async with session.running():
            await both.wait()
    assert done == [b"one", b"two"]
    assert session.clients == []
