"""One connection: authenticate at once, keep up, keep one's token fresh, and slow nobody down."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.vocabulary import DockState
from dispatcher.live.protocol import CloseCode
from dispatcher.live.viewer import AUTH_WITHIN_S
from tests.unit.live.viewing import TOKEN_S, Gallery


async def test_who_says_nothing_is_closed_after_five_seconds(gallery: Gallery) -> None:
    seat = gallery.seat()
    await gallery.scene.clock.advance(AUTH_WITHIN_S - 0.1)
    assert seat.is_open()
    await gallery.scene.clock.advance(0.2)
    assert seat.closed == 4401
    assert seat.frames == []


@pytest.mark.parametrize(
    "said",
    [
        None, "", "hello", "[]", "{}", '{"type": "auth"}', {"type": "auth", "token": 7},
        {"type": "auth", "token": "x" * 9000}, {"type": "auth", "token": "x", "seq": "1"},
        {"type": "auth", "token": "x", "seq": -1}, {"type": "auth", "token": "x", "more": 1},
        {"type": "subscribe", "token": "x"}, "x" * 20_000, "[" * 10_000,
    ],
)  # fmt: skip
async def test_a_first_frame_that_is_not_in_the_protocol_closes(gallery: Gallery, said: Any) -> None:
    seat = gallery.seat()
    seat.say(said)
    await gallery.settle()
    assert seat.closed == CloseCode.PROTOCOL
    assert seat.frames == []


async def test_a_token_that_is_not_believed_closes_and_tells_nothing_of_it(gallery: Gallery) -> None:
    token = gallery.issuer.token("pilot-1", "pilot", force="elsewhere")
    seat = gallery.seat()
    seat.say({"type": "auth", "token": token})
    await gallery.settle()
    assert seat.closed == CloseCode.NOT_AUTHENTICATED
    assert token not in seat.why
    assert seat.frames == []


async def test_a_person_without_a_role_sees_nothing(gallery: Gallery) -> None:
    seat = gallery.seat()
    seat.say({"type": "auth", "token": gallery.issuer.token("clerk-1", "payroll")})
    await gallery.settle()
    assert seat.closed == CloseCode.FORBIDDEN
    assert seat.frames == []


async def test_an_issuer_that_is_away_is_said_to_come_again(gallery: Gallery) -> None:
    from dispatcher.live.viewer import Viewer
    from tests.unit.security.issuer import MemoryKeySource

    seat = gallery.seat()
    source = MemoryKeySource(issuer=gallery.issuer, failing=True)
    viewer = Viewer(
        hub=gallery.hub,
        authenticator=gallery.issuer.authenticator(source),
        clock=gallery.scene.clock,
        receive=seat._receive,
        send=seat._send,
    )
    seat.task.cancel()
    seat.say({"type": "auth", "token": gallery.issuer.token("pilot-1", "pilot")})
    task = gallery.tasks.create_task(seat._run(viewer))
    await gallery.settle()
    assert task.done()
    assert seat.closed == CloseCode.TRY_LATER


async def test_the_connection_ends_with_the_token(gallery: Gallery) -> None:
    seat = await gallery.viewer()
    await gallery.scene.clock.advance(TOKEN_S - 1)
    assert seat.is_open()
    await gallery.scene.clock.advance(3)
    assert seat.closed == CloseCode.NOT_AUTHENTICATED


async def test_a_fresh_token_of_the_same_person_keeps_it_open(gallery: Gallery) -> None:
    seat = await gallery.viewer("pilot")
    await gallery.scene.clock.advance(TOKEN_S * 0.8)
    seat.say({"type": "auth", "token": gallery.token("pilot-1", "pilot")})
    await gallery.scene.clock.advance(TOKEN_S * 0.8)
    assert seat.is_open()
    await gallery.scene.clock.advance(TOKEN_S * 0.4)
    assert seat.closed == CloseCode.NOT_AUTHENTICATED


@pytest.mark.parametrize(("subject", "role"), [("pilot-2", "pilot"), ("pilot-1", "officer")])
async def test_another_persons_or_another_roles_token_closes(gallery: Gallery, subject: str, role: str) -> None:
    seat = await gallery.viewer("pilot")
    seat.say({"type": "auth", "token": gallery.issuer.token(subject, role)})
    await gallery.settle()
    assert seat.closed == CloseCode.NOT_AUTHENTICATED


async def test_a_client_that_chatters_is_closed(gallery: Gallery) -> None:
    seat = await gallery.viewer("pilot")
    seat.say({"type": "hello"})
    await gallery.settle()
    assert seat.closed == CloseCode.PROTOCOL


async def test_a_client_that_goes_is_forgotten(gallery: Gallery) -> None:
    seat = await gallery.viewer()
    silent = gallery.seat()
    assert len(gallery.hub.audience) == 1
    seat.leave()
    silent.leave()
    await gallery.settle()
    assert (seat.closed, silent.closed) == (0, 0)
    assert len(gallery.hub.audience) == 0


async def test_a_slow_viewer_loses_what_comes_between_then_its_connection_and_slows_nobody(gallery: Gallery) -> None:
    quick, slow = await gallery.viewer(), await gallery.viewer()
    began = slow.frames[:]
    slow.taking.clear()
    for number in range(20):
        await gallery.scene.status("cov-1", state=DockState.FAULT if number % 2 else DockState.READY)
        await gallery.tick()
    assert len(quick.frames) >= 20
    assert slow.frames == began
    slow.taking.set()
    await gallery.tick(2)
    assert len(slow.frames) <= len(began) + 2, "one that was on its way, one with the latest values"
    assert slow.entities == quick.entities
    assert slow.is_open()
    slow.taking.clear()
    await gallery.scene.status("cov-1", state=DockState.EMPTY)
    await gallery.scene.clock.advance(13)
    assert slow.closed == 4408
    assert quick.is_open()
    assert gallery.hub.audience.counts.too_slow == 1
