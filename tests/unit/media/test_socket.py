"""The socket where real ones cannot be made to misbehave on time: a viewer that takes nothing."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import Any

import pytest
from starlette.websockets import WebSocket

from contracts.signing import DISPATCHER, Keyring, SigningKey, TrustFile
from contracts.viewing import Ticket, write_ticket
from contracts.vocabulary import Deployment
from kestrel.clock import SystemClock
from media import socket as video_socket
from media.doorman import Doorman
from media.sessions import STOPPING, Sessions
from media.socket import VideoSocket
from media.stream import Stream
from tests.unit.media.test_stream import picture

KEY = SigningKey.generate("test-dispatcher")
FLIGHT = uuid.UUID(int=3)


class Client:
    """An ASGI client: what it was sent; from ``stuck`` on it takes nothing more."""

    def __init__(self, *says: str) -> None:
        self.sent: list[Any] = []
        self.code: int | None = None
        self.stuck = False
        self.still_there = asyncio.Event()
        self._says = ["", *says]

    async def receive(self) -> dict[str, Any]:
        if len(self._says) > 0:
            said = self._says.pop(0)
            return {"type": "websocket.receive", "text": said} if said else {"type": "websocket.connect"}
        await self.still_there.wait()
        return {"type": "websocket.disconnect", "code": 1006}

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            self.code = message["code"]
        elif message["type"] == "websocket.send":
            if self.stuck:
                await asyncio.Event().wait()
            self.sent.append(message.get("bytes") or json.loads(message["text"]))

    @property
    def pictures(self) -> int:
        return sum(1 for each in self.sent if isinstance(each, bytes))


class Door:
    def __init__(self, *, most: int = 2) -> None:
        clock = SystemClock()
        self.sessions = Sessions(clock=clock, most=most)
        self.stream = Stream(flight_id=FLIGHT, wall_s=clock.wall_s)
        keyring = Keyring(TrustFile(keys=[KEY.trusted(force="test", holder=DISPATCHER)]))
        doorman = Doorman(
            keyring=keyring, force="test", deployment=Deployment.SIMULATION, sessions=self.sessions, clock=clock
        )
        self.socket = VideoSocket(
            doorman=doorman,
            sessions=self.sessions,
            stream_of=lambda flight_id: self.stream if flight_id == FLIGHT else None,
            origins=frozenset(),
            clock=clock,
        )

    async def serve(self, client: Client) -> None:
        scope = {"type": "websocket", "path": "/", "headers": []}
        await self.socket.serve(WebSocket(scope, client.receive, client.send), FLIGHT)


def auth(**changes: Any) -> str:
    now_s = int(time.time())
    values: dict[str, Any] = {"jti": str(uuid.uuid4()), "sub": "officer-1", "force": "test", "flight": FLIGHT}
    times = {"iat": now_s, "exp": now_s + 300, "until": now_s + 600}
    ticket = Ticket(**(values | times | {"deployment": Deployment.SIMULATION} | changes))
    return json.dumps({"type": "auth", "ticket": write_ticket(ticket, key=KEY)})


async def watched(door: Door, client: Client, pictures: int) -> asyncio.Task[None]:
    """Served until it has so many."""
    for number in range(5):
        door.stream.publish(picture(number))
    task = asyncio.create_task(door.serve(client))
    async with asyncio.timeout(5):
        while client.pictures < pictures:
            door.stream.publish(picture(client.pictures + 4))
            await asyncio.sleep(0.005)
    return task


async def test_who_takes_nothing_for_too_long_is_let_go_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_socket, "TAKES_NOTHING_S", 0.1)
    door, stuck, good = Door(), Client(auth()), Client(auth())
    one, other = await watched(door, stuck, 5), await watched(door, good, 5)
    stuck.stuck = True
    async with asyncio.timeout(5):
        while not one.done():
            door.stream.publish(picture(good.pictures + 4))
            await asyncio.sleep(0.005)
    assert stuck.code == 4408
    assert not other.done()
    assert door.sessions.count(FLIGHT) == 1
    seen = good.pictures
    door.stream.publish(picture(0))
    for _ in range(1000):
        if good.pictures > seen:
            break
        await asyncio.sleep(0.005)
    assert good.pictures > seen
    good.still_there.set()
    await other
    assert door.sessions.count(FLIGHT) == 0


async def test_no_more_are_served_than_there_are_places_for() -> None:
    door = Door(most=1)
    first = await watched(door, Client(auth()), 1)
    second = Client(auth())
    await door.serve(second)
    assert second.code == 4429
    door.sessions.cut_all(STOPPING)
    await first


@pytest.mark.parametrize("said", ["", "hello", "[]", '{"type": "auth"}', '{"type": "auth", "ticket": 5}', "x" * 9000])
async def test_a_first_frame_that_is_no_ticket_closes(said: str) -> None:
    client = Client(*([said] if said else []))
    client.still_there.set()
    await Door().serve(client)
    assert client.code in (4401, None)
    assert client.sent == []


async def test_a_client_that_talks_too_much_is_let_go() -> None:
    door, client = Door(), Client(auth(), *["x" * 1000] * 5)
    await door.serve(client)
    assert client.code == 1000
    assert door.sessions.count(FLIGHT) == 0


async def test_a_session_ends_with_its_persons_token() -> None:
    door, client = Door(), Client(auth(until=int(time.time()) + 1, exp=int(time.time()) + 1))
    task = await watched(door, client, 1)
    async with asyncio.timeout(5):
        while not task.done():
            door.sessions.look_after()
            await asyncio.sleep(0.02)
    assert client.code == 4410
