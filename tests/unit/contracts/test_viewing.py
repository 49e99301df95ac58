from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.signing import DISPATCHER, Keyring, SigningKey, TrustFile
from contracts.viewing import LEEWAY_S, BadTicket, Ticket, read_ticket, write_ticket
from contracts.vocabulary import Deployment

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FLIGHT = uuid.UUID(int=5)
KEY, DOCKS_KEY, STRANGERS_KEY = (SigningKey.generate(name) for name in ("test-dispatcher", "test-cov-1", "stranger"))
KEYRING = Keyring(
    TrustFile(
        keys=[KEY.trusted(force="test", holder=DISPATCHER), DOCKS_KEY.trusted(force="test", holder="cov-1")],
    )
)


def ticket(**changes: Any) -> Ticket:
    now_s = int(NOW.timestamp())
    values: dict[str, Any] = {
        "jti": str(uuid.UUID(int=9)),
        "sub": "officer-1",
        "force": "test",
        "deployment": Deployment.SIMULATION,
        "flight": FLIGHT,
        "iat": now_s,
        "exp": now_s + 300,
        "until": now_s + 3600,
    }
    return Ticket(**(values | changes))


def read(text: str, *, after_s: float = 0, opening: bool = True, keyring: Keyring = KEYRING) -> Ticket:
    now = NOW + timedelta(seconds=after_s)
    return read_ticket(text, keyring=keyring, force="test", deployment=Deployment.SIMULATION, now=now, opening=opening)


def test_a_ticket_says_what_was_written() -> None:
    assert read(write_ticket(ticket(), key=KEY)) == ticket()


def test_any_reader_of_signed_tokens_can_check_it() -> None:
    public = base64.b64decode(KEY.trusted(force="test", holder=DISPATCHER).public_key_b64)
    key = jwt.PyJWK({"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(public).rstrip(b"=").decode()}).key
    text = write_ticket(ticket(), key=KEY)
    claims = jwt.decode(text, key, algorithms=["EdDSA"], audience="kestrel-media", options={"verify_exp": False})
    assert (claims["sub"], claims["flight"]) == ("officer-1", str(FLIGHT))


def test_it_opens_for_minutes_and_goes_on_for_longer() -> None:
    text = write_ticket(ticket(), key=KEY)
    assert read(text, after_s=299)
    with pytest.raises(BadTicket, match="expired"):
        read(text, after_s=300 + LEEWAY_S)
    assert read(text, after_s=3599, opening=False)
    with pytest.raises(BadTicket, match="expired"):
        read(text, after_s=3600 + LEEWAY_S, opening=False)


def test_a_ticket_from_the_future_is_not_believed() -> None:
    with pytest.raises(BadTicket, match="clocks"):
        read(write_ticket(ticket(), key=KEY), after_s=-60)


@pytest.mark.parametrize("key", [DOCKS_KEY, STRANGERS_KEY], ids=["a dock's", "nobody's"])
def test_only_the_dispatchers_key_signs_tickets(key: SigningKey) -> None:
    with pytest.raises(BadTicket, match="signature"):
        read(write_ticket(ticket(), key=key))


def test_a_changed_claim_breaks_the_signature() -> None:
    head, _, signature = write_ticket(ticket(), key=KEY).split(".")
    claims = json.loads(ticket().model_dump_json()) | {"sub": "somebody-else"}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    with pytest.raises(BadTicket, match="signature"):
        read(f"{head}.{body}.{signature}")


def test_a_ticket_without_a_signature_is_none() -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none","kid":"test-dispatcher"}').rstrip(b"=").decode()
    _, body, _ = write_ticket(ticket(), key=KEY).split(".")
    with pytest.raises(BadTicket):
        read(f"{head}.{body}.")


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"force": "elsewhere"}, "another force"), ({"deployment": Deployment.LIVE}, "another deployment")],
)
def test_a_ticket_for_elsewhere_is_not_believed(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(BadTicket, match=why):
        read(write_ticket(ticket(**changes), key=KEY))


@given(st.text(max_size=200))
def test_no_text_whatever_opens_anything(text: str) -> None:
    with pytest.raises(BadTicket):
        read(text)


def test_what_is_refused_repeats_nothing_of_the_ticket() -> None:
    text = write_ticket(ticket(sub="officer-47"), key=STRANGERS_KEY)
    with pytest.raises(BadTicket) as refused:
        read(text)
    assert "officer-47" not in str(refused.value)
    assert text[:20] not in str(refused.value)
