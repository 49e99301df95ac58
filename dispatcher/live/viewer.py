"""One connection of the live view: authenticate, catch up, then at most one frame a tick while the token lasts.

It speaks through two callables, so that the socket is somebody else's. A viewer that does not take its frames waits in
its own `send` and loses what comes between; after `PATIENCE_S` it loses its connection. Nobody else notices.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from dispatcher.errors import DispatcherError
from dispatcher.live.hub import HEARTBEAT_S, Hub
from dispatcher.live.protocol import AuthFrame, CloseCode, ProtocolError, read_auth
from dispatcher.presentation import View, view_of
from dispatcher.security.access import LIVE, PUBLIC, TABLE, WEBSOCKET
from dispatcher.security.errors import KeysUnavailable
from dispatcher.security.person import Person
from dispatcher.security.tokens import Authenticator
from kestrel.clock import Clock

AUTH_WITHIN_S = 5.0
PATIENCE_S = 10.0
"""Wall seconds that one frame may take to go out."""
RENEW_FLOOR_S = 1.0
"""Least wall seconds between two frames of a client after its first: nobody needs to say more."""


class Closing(Exception):
    """The connection is to be closed with ``code``."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Gone(Exception):
    """The client has closed the connection."""


class Viewer:
    """Run it once. ``receive`` gives the text of the next frame (None: not text) or raises `Gone`."""

    def __init__(
        self,
        *,
        hub: Hub,
        authenticator: Authenticator,
        clock: Clock,
        receive: Callable[[], Awaitable[str | None]],
        send: Callable[[str], Awaitable[None]],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._hub = hub
        self._authenticator = authenticator
        self._clock = clock
        self._receive = receive
        self._send = send
        self._patience_s = patience_s
        self._person: Person | None = None
        self._sending_since_s: float | None = None

    async def run(self) -> None:
        """Until the client goes (returns) or has to go (raises `Closing`)."""
        try:
            hello = await self._hello()
            person = self._person = await self._authenticate(hello)
        except Gone:
            return
        self._hub.counts.viewers += 1
        pumping = asyncio.create_task(self._pump(view_of(person.roles), hello), name=f"live viewer {person.id}")
        others = [
            asyncio.create_task(self._listen(person.id), name=f"live viewer {person.id}: listen"),
            asyncio.create_task(self._watch(), name=f"live viewer {person.id}: watch"),
        ]
        try:
            done, _ = await asyncio.wait([pumping, *others], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.counts.viewers -= 1
            for task in (pumping, *others):
                task.cancel()
            await asyncio.gather(pumping, *others, return_exceptions=True)
        for task in done:
            error = task.exception()
            if error is not None and not isinstance(error, Gone):
                raise error

    async def _hello(self) -> AuthFrame:
        listening = asyncio.ensure_future(self._receive())
        waiting = asyncio.ensure_future(self._clock.sleep_wall(AUTH_WITHIN_S))
        try:
            await asyncio.wait([listening, waiting], return_when=asyncio.FIRST_COMPLETED)
            if not listening.done():
                raise Closing(CloseCode.NOT_AUTHENTICATED, f"no token within {AUTH_WITHIN_S:.0f} s")
            return read_auth(listening.result())
        except ProtocolError as error:
            raise Closing(CloseCode.PROTOCOL, str(error)) from None
        finally:
            listening.cancel()
            waiting.cancel()

    async def _authenticate(self, frame: AuthFrame) -> Person:
        try:
            person = await self._authenticator.authenticate(frame.token.get_secret_value())
        except KeysUnavailable:
            raise Closing(CloseCode.TRY_LATER, "tokens cannot be checked at the moment") from None
        except DispatcherError as error:
            raise Closing(CloseCode.NOT_AUTHENTICATED, error.detail) from None
        access = TABLE[WEBSOCKET, LIVE]
        if access is not PUBLIC and not person.has_any(access):
            raise Closing(CloseCode.FORBIDDEN, "no role of yours may look")
        return person

    async def _pump(self, view: View, hello: AuthFrame) -> None:
        hub, clock = self._hub, self._clock
        frame = hub.resume(view, epoch=hello.epoch, seq=hello.seq) or hub.snapshot(view)
        await self._put(frame.text)
        seq, sent_at_s = frame.seq, clock.wall_s()
        while True:
            await hub.next_tick()
            news = hub.since(view, seq)
            if news is not None:
                await self._put(news.text)
                seq, sent_at_s = news.seq, clock.wall_s()
                continue
            # Changes that this view does not see count as seen.
            seq = hub.seq
            if clock.wall_s() - sent_at_s >= HEARTBEAT_S:
                await self._put(hub.tick_frame())
                sent_at_s = clock.wall_s()

    async def _put(self, text: str) -> None:
        self._sending_since_s = self._clock.wall_s()
        await self._send(text)
        self._sending_since_s = None
        counts = self._hub.counts
        counts.frames += 1
        counts.characters += len(text)

    async def _listen(self, person_id: str) -> None:
        """A client may bring a fresh token; anything else ends the connection."""
        while True:
            try:
                frame = read_auth(await self._receive())
            except ProtocolError as error:
                raise Closing(CloseCode.PROTOCOL, str(error)) from None
            person = await self._authenticate(frame)
            known = self._person
            if known is None or person.id != person_id or view_of(person.roles) is not view_of(known.roles):
                raise Closing(CloseCode.NOT_AUTHENTICATED, "another person's token: connect anew")
            self._person = person
            await self._clock.sleep_wall(RENEW_FLOOR_S)

    async def _watch(self) -> None:
        """Ends the connection when the token has expired, or a frame does not go out."""
        while True:
            await self._clock.sleep_wall(1.0)
            if self._person is not None and self._clock.wall_now() >= self._person.expires_at:
                raise Closing(CloseCode.NOT_AUTHENTICATED, "the token has expired: sign in again")
            since_s = self._sending_since_s
            if since_s is not None and self._clock.wall_s() - since_s > self._patience_s:
                self._hub.counts.too_slow += 1
                raise Closing(CloseCode.TOO_SLOW, "frames are not taken off: come again and resume")
