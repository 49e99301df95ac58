"""The issuer's keys: read seldom, renewed when they must be, and never a weak one."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from dispatcher.security.errors import KeysUnavailable, NotAuthenticated
from dispatcher.security.keyset import (
    FLOOR_S,
    FRESH_S,
    READ_WITHIN_S,
    STALE_S,
    FileKeySource,
    KeySet,
    UrlKeySource,
    parse_keys,
)
from kestrel.clock import VirtualClock
from tests.unit.security.issuer import Issuer, MemoryKeySource


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def source(clock: VirtualClock) -> MemoryKeySource:
    return MemoryKeySource(issuer=Issuer(clock))


@pytest.fixture
def keys(clock: VirtualClock, source: MemoryKeySource) -> KeySet:
    return KeySet(source=source, clock=clock)


async def test_many_who_ask_at_once_cause_one_read(keys: KeySet, source: MemoryKeySource) -> None:
    await asyncio.gather(*(keys.key("one") for _ in range(50)))
    assert source.reads == 1


async def test_a_new_key_is_found_by_reading_again(keys: KeySet, source: MemoryKeySource, clock: VirtualClock) -> None:
    await keys.key("one")
    await clock.advance(FLOOR_S)
    source.issuer.add("two", "ES256")
    assert (await keys.key("two")).algorithm == "ES256"
    assert source.reads == 2


async def test_unknown_keys_cannot_make_us_ask_the_issuer_all_the_time(
    keys: KeySet, source: MemoryKeySource, clock: VirtualClock
) -> None:
    await keys.key("one")
    await clock.advance(FLOOR_S)
    for number in range(20):
        with pytest.raises(NotAuthenticated, match="does not list"):
            await keys.key(f"unknown-{number}")
    assert source.reads == 2


async def test_a_withdrawn_key_is_gone_once_the_keys_are_old(
    keys: KeySet, source: MemoryKeySource, clock: VirtualClock
) -> None:
    source.issuer.add("two", "EdDSA")
    await keys.key("two")
    del source.issuer.keys["two"]
    await clock.advance(FRESH_S + 1)
    await keys.key("two")  # has the keys renewed, and does not wait for it
    await clock.advance(0)
    with pytest.raises(NotAuthenticated):
        await keys.key("two")


class HangingKeySource(MemoryKeySource):
    """A source that can stop to answer."""

    hanging = False

    async def read(self) -> bytes:
        document = await super().read()
        if self.hanging:
            await asyncio.Event().wait()
        return document


async def test_who_brings_a_known_key_never_waits_for_an_issuer_that_is_away(clock: VirtualClock) -> None:
    source = HangingKeySource(issuer=Issuer(clock))
    keys = KeySet(source=source, clock=clock)
    await keys.key("one")
    source.hanging = True
    await clock.advance(FRESH_S + 1)
    known = [asyncio.ensure_future(keys.key("one")) for _ in range(3)]
    unknown = asyncio.ensure_future(keys.key("two"))
    await clock.advance(0)
    assert all(each.done() for each in known)
    assert not unknown.done()
    await clock.advance(READ_WITHIN_S)
    assert isinstance(unknown.exception(), NotAuthenticated)
    await keys.key("one")
    await clock.advance(0)
    assert source.reads == 2, "one at a time, and the floor between them"


async def test_the_last_keys_serve_on_while_the_issuer_is_away_but_not_for_ever(
    keys: KeySet, source: MemoryKeySource, clock: VirtualClock
) -> None:
    await keys.key("one")
    source.failing = True
    await clock.advance(FRESH_S + 1)
    assert (await keys.key("one")).kid == "one"
    await clock.advance(STALE_S)
    with pytest.raises(KeysUnavailable):
        await keys.key("one")


async def test_nobody_is_let_in_before_the_keys_are_there(
    keys: KeySet, source: MemoryKeySource, clock: VirtualClock
) -> None:
    source.failing = True
    for _ in range(3):
        with pytest.raises(KeysUnavailable, match="away"):
            await keys.key("one")
    assert source.reads == 1, "the floor holds for failures too"
    source.failing = False
    await clock.advance(FLOOR_S)
    assert (await keys.key("one")).kid == "one"


def test_weak_and_symmetric_keys_are_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    short = RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key(), as_dict=True)  # noqa: S505  # that is the point
    curve = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key(), as_dict=True)
    good = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True)
    document = {
        "keys": [
            {"kty": "oct", "k": "c2VjcmV0", "kid": "symmetric"},
            short | {"kid": "short"},
            curve | {"kid": "other curve"},
            good | {"kid": "for encryption", "use": "enc"},
            good | {"kid": "another algorithm", "alg": "HS256"},
            {"kty": "EC", "crv": "P-256", "kid": "broken", "x": "AA", "y": "AA"},
            good | {"kid": "good"},
        ]
    }
    assert [key.kid for key in parse_keys(json.dumps(document).encode())] == ["good"]


@pytest.mark.parametrize(
    "document", [b"", b"[]", b"{}", b'{"keys": 1}', b'{"keys": [1]}', b'{"keys": []}', b"[" * 9999]
)
def test_what_is_no_key_set_is_refused(document: bytes) -> None:
    with pytest.raises(KeysUnavailable):
        parse_keys(document)


async def test_keys_come_from_a_file(tmp_path: Path, clock: VirtualClock) -> None:
    path = tmp_path / "jwks.json"
    with pytest.raises(KeysUnavailable, match="cannot be read"):
        await FileKeySource(path=path).read()
    path.write_bytes(Issuer(clock).jwks())
    assert (await KeySet(source=FileKeySource(path=path), clock=clock).key("one")).algorithm == "EdDSA"


@contextmanager
def _serving(status: int, body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/jwks.json"
        finally:
            server.shutdown()
            thread.join()


async def test_keys_come_from_a_url(clock: VirtualClock) -> None:
    with _serving(200, Issuer(clock).jwks()) as url:
        assert (await KeySet(source=UrlKeySource(url=url), clock=clock).key("one")).algorithm == "EdDSA"


@pytest.mark.parametrize(("status", "body"), [(404, b"{}"), (302, b""), (200, b"x" * (300 * 1024))])
async def test_a_url_that_gives_no_keys_is_said_to(status: int, body: bytes) -> None:
    with _serving(status, body) as url, pytest.raises(KeysUnavailable):
        await UrlKeySource(url=url).read()


async def test_an_issuer_that_is_not_there_is_said_to_be_away() -> None:
    with _serving(200, b"") as url:
        pass
    with pytest.raises(KeysUnavailable, match="cannot be had"):
        await UrlKeySource(url=url).read()
