"""Which tokens are believed, and that nothing of one ever shows up anywhere."""

from __future__ import annotations

import base64
import hmac
import json
import logging
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.security.errors import NotAuthenticated
from dispatcher.security.roles import Role
from kestrel.clock import VirtualClock
from tests.unit.security.issuer import Issuer


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def issuer(clock: VirtualClock) -> Issuer:
    return Issuer(clock)


async def _refusal(issuer: Issuer, token: str) -> str:
    with pytest.raises(NotAuthenticated) as refused:
        await issuer.authenticator().authenticate(token)
    return refused.value.detail


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256"])
async def test_a_token_of_each_asymmetric_kind_is_believed(issuer: Issuer, algorithm: str) -> None:
    issuer.add("key", algorithm)
    person = await issuer.authenticator().authenticate(issuer.token("pilot-1", "pilot", "officer", kid="key"))
    assert person.id == "pilot-1"
    assert person.roles == {Role.PILOT, Role.OFFICER}
    assert person.force == "test"
    assert person.expires_at.tzinfo is not None


async def test_a_token_without_a_key_name_is_checked_against_the_only_key_there_is(issuer: Issuer) -> None:
    token = issuer.token("pilot-1", "pilot", kid=None)
    assert (await issuer.authenticator().authenticate(token)).id == "pilot-1"
    issuer.add("two", "EdDSA")
    assert "does not list" in await _refusal(issuer, token)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(issuer: Issuer, algorithm: str) -> None:
    issuer.add("key", "ES256")
    public = issuer.keys["key"][1].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    head = _encoded({"alg": algorithm, "typ": "JWT", "kid": "key"}) + "." + _encoded(issuer.claims("pilot-1", "pilot"))
    signature = hmac.digest(public, head.encode(), algorithm.replace("HS", "sha"))
    forged = f"{head}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
    assert "algorithm" in await _refusal(issuer, forged)


async def test_an_unsigned_token_is_refused(issuer: Issuer) -> None:
    for name in ("none", "None", "NONE", None):
        forged = _encoded({"alg": name, "kid": "one"}) + "." + _encoded(issuer.claims("pilot-1", "pilot")) + "."
        assert await _refusal(issuer, forged)


async def test_a_token_cannot_choose_another_algorithm_than_its_keys(issuer: Issuer) -> None:
    issuer.add("elliptic", "ES256")
    token = issuer.token("pilot-1", "pilot", kid="elliptic")
    header, rest = token.split(".", 1)
    changed = json.loads(base64.urlsafe_b64decode(header + "==")) | {"kid": "one"}
    swapped = f"{_encoded(changed)}.{rest}"
    assert "algorithm is not that of its key" in await _refusal(issuer, swapped)


async def test_a_changed_token_is_refused(issuer: Issuer) -> None:
    head, _, signature = issuer.token("officer-1", "officer").split(".")
    forged = f"{head}.{_encoded(issuer.claims('officer-1', 'controller'))}.{signature}"
    assert "signature" in await _refusal(issuer, forged)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "https://elsewhere.example"}, "another issuer"),
        ({"iss": None}, "no iss"),
        ({"aud": "other"}, "audience"),
        ({"aud": None}, "no aud"),
        ({"exp": None}, "no exp"),
        ({"exp": "tomorrow"}, "expired"),
        ({"exp": True}, "expired"),
        ({"exp": 10**12}, "expired"),
        ({"sub": None}, "no sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "x" * 121}, "sub"),
        ({"sub": "pilot-\u202e1"}, "characters that are not seen"),
        ({"roles": None}, "roles"),
        ({"roles": "controller"}, "roles"),
        ({"roles": [1]}, "roles"),
        ({"force": "elsewhere"}, "another force"),
        ({"force": None}, "another force"),
    ],
)
async def test_every_claim_must_be_there_and_right(issuer: Issuer, changes: dict[str, Any], said: str) -> None:
    assert said in await _refusal(issuer, issuer.token("pilot-1", "pilot", **changes))


async def test_a_token_ends_with_its_time(issuer: Issuer, clock: VirtualClock) -> None:
    token = issuer.token("pilot-1", "pilot")
    authenticator = issuer.authenticator()
    await clock.advance(3600)
    assert (await authenticator.authenticate(token)).id == "pilot-1", "within the leeway for clocks"
    await clock.advance(6)
    with pytest.raises(NotAuthenticated, match="expired"):
        await authenticator.authenticate(token)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_a_token_of_the_future_is_refused(issuer: Issuer, clock: VirtualClock, claim: str) -> None:
    later = int(clock.wall_now().timestamp()) + 60
    assert "not valid yet" in await _refusal(
        issuer, issuer.token("pilot-1", "pilot", **cast("dict[str, Any]", {claim: later}))
    )


async def test_roles_of_other_systems_mean_nothing_here(issuer: Issuer) -> None:
    person = await issuer.authenticator().authenticate(issuer.token("clerk-1", "payroll", "Controller"))
    assert person.roles == frozenset()


async def test_no_part_of_a_token_is_logged_or_repeated(issuer: Issuer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for token in (
        issuer.token("pilot-1", "pilot", iss="https://elsewhere.example"),
        issuer.token("pilot-1", "pilot")[:-4] + "AAAA",
        "tell.nobody.this",
    ):
        detail = await _refusal(issuer, token)
        for part in token.split("."):
            assert part not in detail
            assert part not in caplog.text


@given(
    st.one_of(st.text(max_size=300), st.binary(max_size=200).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
)
async def test_garbage_is_refused_and_nothing_else_happens(text: str) -> None:
    issuer = Issuer(VirtualClock())
    for token in (text, f"{text}.{text}.{text}", "x" * 9000 + text):
        with pytest.raises(NotAuthenticated):
            await issuer.authenticator().authenticate(token)
