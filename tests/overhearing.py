"""A second pair of ears on the broker, with the dispatcher's account: what agents and dispatcher say, as it is said.

It can also speak, with any account: to find out what a forger could do.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import aiomqtt

from contracts.envelope import Envelope
from contracts.topics import DISPATCHER, ROOT, Channel, Topic
from kestrel.ports import LOOPBACK

MAX_QUEUED = 4096


@dataclass(frozen=True, slots=True)
class Said:
    """One message; ``at_s`` by the loop's clock."""

    at_s: float
    dock: str
    channel: Channel
    body: dict[str, Any]


class Overhearing:
    """See `overhearing`."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self._changed = asyncio.Condition()

    async def listen(self, client: aiomqtt.Client) -> None:
        """Take messages in until cancelled."""
        async for message in client.messages:
            if message.retain:
                continue  # what the broker kept is not being said now
            topic = Topic.parse(str(message.topic))
            try:
                body = Envelope.model_validate_json(bytes(message.payload)).body
            except ValueError:
                continue  # forgeries of the tests themselves
            async with self._changed:
                self.said.append(Said(asyncio.get_running_loop().time(), topic.dock, topic.channel, body))
                self._changed.notify_all()

    def find(self, wanted: Callable[[Said], bool]) -> Said | None:
        """The first that fits."""
        return next((said for said in self.said if wanted(said)), None)

    async def until(self, wanted: Callable[[Said], bool], *, within_s: float, what: str) -> Said:
        """The first that fits; `AssertionError` after ``within_s`` wall seconds."""
        try:
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(lambda: self.find(wanted) is not None)
        except TimeoutError:
            raise AssertionError(f"not heard within {within_s:.0f} s: {what}") from None
        found = self.find(wanted)
        assert found is not None
        return found


def phase_said(flight_id: str, phase: str) -> Callable[[Said], bool]:
    """Whether it is the agent's word that a flight has entered a phase."""

    def fits(said: Said) -> bool:
        fact = said.body.get("fact", {})
        return bool(
            said.channel is Channel.EVENT
            and fact.get("type") == "phase_entered"
            and fact.get("flight_id") == flight_id
            and fact.get("phase") == phase
        )

    return fits


@contextlib.asynccontextmanager
async def speaker(*, port: int, user: str, password: str) -> AsyncIterator[aiomqtt.Client]:
    """A connection to the broker as some user, to publish with."""
    async with aiomqtt.Client(
        LOOPBACK, port, username=user, password=password, identifier=f"test-speaker-{user}", timeout=10
    ) as client:
        yield client


@contextlib.asynccontextmanager
async def overhearing(*, port: int, password: str, force: str) -> AsyncIterator[Overhearing]:
    """Listening inside the block."""
    heard = Overhearing()
    async with aiomqtt.Client(
        LOOPBACK,
        port,
        username=DISPATCHER,
        password=password,
        identifier="test-ears",
        timeout=10,
        max_queued_incoming_messages=MAX_QUEUED,
    ) as client:
        await client.subscribe(f"{ROOT}/{force}/#", qos=1)
        listening = asyncio.create_task(heard.listen(client), name="overhearing")
        try:
            yield heard
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
