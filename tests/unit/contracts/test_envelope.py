"""The envelope: what was signed is what is read, and nothing else is."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import MAX_ENVELOPE_BYTES, seal, unseal
from contracts.errors import (
    BadSignature,
    EnvelopeError,
    EnvelopeExpired,
    MalformedEnvelope,
    UnknownKey,
    WrongAddressee,
)
from contracts.orders import EventAck, SafetyOrder
from contracts.signing import Keyring, SigningKey, TrustFile
from contracts.topics import Channel, Topic

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOPIC = Topic("wmp", "cov-1", Channel.ACK)
DISPATCHER = SigningKey.generate("dispatcher-1")
DOCK = SigningKey.generate("cov-1")
KEYRING = Keyring(
    TrustFile(
        keys=[
            DISPATCHER.trusted(force="wmp", holder="dispatcher"),
            DOCK.trusted(force="wmp", holder="cov-1"),
        ]
    )
)
ACK = EventAck(boot_id=UUID(int=1), counter=3)


def sealed(**changes: Any) -> bytes:
    values: dict[str, Any] = {
        "topic": TOPIC,
        "key": DISPATCHER,
        "message_id": UUID(int=2),
        "sequence": 4,
        "issued_at": NOW,
        "expires_at": NOW + timedelta(seconds=30),
    }
    return seal(ACK, **(values | changes))


def test_what_was_sealed_is_what_is_read() -> None:
    envelope = unseal(sealed(), topic=TOPIC, keyring=KEYRING, now=NOW)
    assert envelope.open_as(EventAck) == ACK
    assert (envelope.sequence, envelope.issued_at) == (4, NOW)


@given(position=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
def test_no_flipped_bit_goes_unnoticed(position: int, bit: int) -> None:
    payload = bytearray(sealed())
    payload[position % len(payload)] ^= 1 << bit
    try:
        envelope = unseal(payload, topic=TOPIC, keyring=KEYRING, now=NOW)
    except EnvelopeError:
        return
    # A bit may flip in how a value is written (the case of a digit of a UUID), never in what it says.
    assert envelope.signed_bytes() == unseal(sealed(), topic=TOPIC, keyring=KEYRING).signed_bytes()


@given(st.binary(max_size=400))
def test_noise_is_malformed_and_never_more_than_that(noise: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        unseal(noise, topic=TOPIC, keyring=KEYRING)


@pytest.mark.parametrize("field", ["force", "dock"])
def test_an_envelope_for_another_does_not_count_on_this_topic(field: str) -> None:
    document = json.loads(sealed())
    document[field] = "cov-2"
    with pytest.raises(WrongAddressee):
        unseal(json.dumps(document).encode(), topic=TOPIC, keyring=KEYRING)


def test_a_dock_cannot_speak_as_the_dispatcher() -> None:
    with pytest.raises(UnknownKey, match="may not speak as 'dispatcher'"):
        unseal(sealed(key=DOCK), topic=TOPIC, keyring=KEYRING)


def test_a_strangers_key_is_unknown() -> None:
    with pytest.raises(UnknownKey):
        unseal(sealed(key=SigningKey.generate("somebody")), topic=TOPIC, keyring=KEYRING)


def test_a_known_key_id_with_another_key_behind_it_is_found_out() -> None:
    with pytest.raises(BadSignature):
        unseal(sealed(key=SigningKey.generate("dispatcher-1")), topic=TOPIC, keyring=KEYRING)


def test_expiry_is_checked_when_the_time_is_given_and_to_the_second_exactly() -> None:
    payload = sealed()
    unseal(payload, topic=TOPIC, keyring=KEYRING, now=NOW + timedelta(seconds=29.9))
    with pytest.raises(EnvelopeExpired):
        unseal(payload, topic=TOPIC, keyring=KEYRING, now=NOW + timedelta(seconds=30))


def test_a_message_of_another_kind_is_not_opened() -> None:
    with pytest.raises(MalformedEnvelope, match="expected safety_order/1"):
        unseal(sealed(), topic=TOPIC, keyring=KEYRING).open_as(SafetyOrder)


def test_a_body_that_is_not_the_message_names_its_field_and_not_its_value() -> None:
    envelope = unseal(sealed(), topic=TOPIC, keyring=KEYRING)
    bad = envelope.model_copy(update={"body": {"boot_id": "secret-value", "counter": 1}})
    with pytest.raises(MalformedEnvelope) as refusal:
        bad.open_as(EventAck)
    assert "boot_id" in refusal.value.reason
    assert "secret-value" not in refusal.value.reason


def test_an_oversized_message_is_refused_unread() -> None:
    with pytest.raises(MalformedEnvelope, match="at most"):
        unseal(b"{" + b" " * MAX_ENVELOPE_BYTES, topic=TOPIC, keyring=KEYRING)


def test_a_deeply_nested_body_is_malformed_and_does_not_end_the_process() -> None:
    document = json.loads(sealed())
    text = json.dumps(document).replace('"counter": 3', '"counter": ' + "[" * 5000 + "]" * 5000)
    with pytest.raises(EnvelopeError):
        unseal(text.encode(), topic=TOPIC, keyring=KEYRING)


def test_numbers_that_have_no_canonical_form_are_malformed() -> None:
    document = json.loads(sealed())
    document["body"]["counter"] = 2**60
    document["signature"] = base64.b64encode(bytes(64)).decode()
    with pytest.raises(EnvelopeError):
        unseal(json.dumps(document).encode(), topic=TOPIC, keyring=KEYRING)


def test_a_private_key_is_not_shown_when_its_file_is_printed() -> None:
    file = DISPATCHER.to_file()
    assert file.private_key_b64 not in repr(file)
    assert SigningKey.load(file).sign(b"x") == DISPATCHER.sign(b"x")


def test_a_signature_outside_ascii_is_malformed_and_nothing_worse() -> None:
    envelope = json.loads(sealed()) | {"signature": "ü" * 88}
    with pytest.raises(MalformedEnvelope, match="not base64"):
        unseal(json.dumps(envelope).encode(), topic=TOPIC, keyring=KEYRING)
