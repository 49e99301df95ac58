"""One connection of the live view: authenticate, catch up, then at most one frame a tick while the token lasts.

It speaks through callables, so that the socket is somebody else's. A viewer that does not take its
frames loses what comes between, and after `PATIENCE_S` its connection. Nobody else notices.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from dispatcher.errors import DispatcherError, LinkExpired, LinkRevoked
from dispatcher.live.audience import PATIENCE_S, Seat
from dispatcher.live.hub import Hub
from dispatcher.live.outlet import Outlet, QueuedOutlet
from dispatcher.live.protocol import AuthFrame, CloseCode, HereFrame, ProtocolError, read_auth, read_frame
from dispatcher.live.sight import Sight, sight_of
from dispatcher.security.access import LIVE, PUBLIC, TABLE, WEBSOCKET
from dispatcher.security.errors import KeysUnavailable
from dispatcher.security.person import Person
from dispatcher.security.tokens import Authenticator
from kestrel.clock import Clock

log = logging.getLogger(__name__)

AUTH_WITHIN_S = 5.0
LONGEST_SLEEP_S = 3600.0
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
    """Run it once. ``receive`` gives the text of the next frame (None: not text); it and ``send`` raise `Gone`.

    Without an ``outlet`` all frames go through ``send``. ``on_known`` is called once, when we know who looks.
    """

    def __init__(
        self,
        *,
        hub: Hub,
        authenticator: Authenticator,
        clock: Clock,
        receive: Callable[[], Awaitable[str | None]],
        send: Callable[[str], Awaitable[None]],
        outlet: Outlet | None = None,
        on_known: Callable[[], None] = lambda: None,
        on_here: Callable[[Person], Awaitable[None]] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._hub = hub
        self._authenticator = authenticator
        self._clock = clock
        self._receive = receive
        self._send = send
        self._outlet = outlet or QueuedOutlet(send)
        self._on_known = on_known
        self._on_here = on_here or _nobody_listens
        self._patience_s = patience_s

    async def run(self) -> None:
        """Until the client goes (returns) or has to go (raises `Closing`)."""
        try:
            hello = await self._hello()
            person = await self._authenticate(hello)
            self._on_known()
            seat = await self._seat(sight_of(person), hello)
        except Gone:
            return
        self._expires_at = person.expires_at
        name = f"live viewer {person.id}"
        tasks = [
            asyncio.create_task(self._listen(person), name=f"{name}: listen"),
            asyncio.create_task(self._expire(), name=f"{name}: token"),
            asyncio.create_task(self._give_up(seat), name=f"{name}: patience"),
        ]
        if isinstance(seat.outlet, QueuedOutlet):
            tasks.append(asyncio.create_task(seat.outlet.run(), name=f"{name}: send"))
        self._hub.audience.sit(seat)
        # What was withdrawn while it was being let in.
        ending = self._hub.ending(seat.sight)
        if ending is not None:
            seat.end(*ending)
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.audience.leave(seat)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            error = task.exception()
            if error is not None and not isinstance(error, Gone):
                raise error

    async def _seat(self, sight: Sight, hello: AuthFrame) -> Seat:
        """Bring the client up to date; what changes from then on comes with the ticks."""
        hub = self._hub
        first = hub.resume(sight, epoch=hello.epoch, seq=hello.seq) or hub.snapshot(sight)
        try:
            async with asyncio.timeout(self._patience_s):
                await self._send(first.text)
        except TimeoutError:
            raise _too_slow() from None
        return Seat(
            sight=sight,
            outlet=self._outlet,
            seq=first.seq,
            patience_s=self._patience_s,
            took_at_s=self._clock.wall_s(),
        )

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
            over = isinstance(error, LinkRevoked | LinkExpired)
            raise Closing(CloseCode.LINK_OVER if over else CloseCode.NOT_AUTHENTICATED, error.detail) from None
        access = TABLE[WEBSOCKET, LIVE]
        if access is not PUBLIC and not person.has_any(access):
            raise Closing(CloseCode.FORBIDDEN, "no role of yours may look")
        return person

    async def _listen(self, person: Person) -> None:
        """A client may bring a fresh token, or say that it is here; anything else ends the connection."""
        while True:
            try:
                frame = read_frame(await self._receive())
            except ProtocolError as error:
                raise Closing(CloseCode.PROTOCOL, str(error)) from None
            if isinstance(frame, HereFrame):
                await self._here(person)
                await self._clock.sleep_wall(RENEW_FLOOR_S)
                continue
            fresh = await self._authenticate(frame)
            if fresh.id != person.id or sight_of(fresh) != sight_of(person):
                raise Closing(CloseCode.NOT_AUTHENTICATED, "another person's token: connect anew")
            self._expires_at = fresh.expires_at
            await self._clock.sleep_wall(RENEW_FLOOR_S)

    async def _here(self, person: Person) -> None:
        try:
            await self._on_here(person)
        except DispatcherError as error:
            # Signed off a moment ago, say: that is no reason to look at nothing any more.
            log.info("a heartbeat was not taken", extra={"person": person.id, "why": error.detail})

    async def _expire(self) -> None:
        while (left_s := (self._expires_at - self._clock.wall_now()).total_seconds()) > 0:
            await self._clock.sleep_wall(min(left_s, LONGEST_SLEEP_S))
        raise Closing(CloseCode.NOT_AUTHENTICATED, "the token has expired: sign in again")

    async def _give_up(self, seat: Seat) -> None:
        await seat.given_up.wait()
        raise _too_slow() if seat.ending is None else Closing(*seat.ending)


async def _nobody_listens(_: Person) -> None:
    """Where no console is watched."""


def _too_slow() -> Closing:
    return Closing(CloseCode.TOO_SLOW, "frames are not taken off: come again and resume")
