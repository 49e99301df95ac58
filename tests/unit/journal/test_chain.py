"""The hash chain as arithmetic: every change is found, an erased payload is not a change, and the formula is the one
that is documented.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.journal.canonical import canonical
from dispatcher.journal.chain import (
    GENESIS,
    SALT_BYTES,
    Header,
    Link,
    Verifier,
    VerifyReport,
    hash_event,
    hash_payload,
)

LENGTH = 6


def header_of(seq: int) -> Header:
    return Header(
        seq=seq,
        force="test",
        stream=f"dock/{seq % 2}",
        version=(seq + 1) // 2,
        id=f"id-{seq}",
        type="DockSilent",
        schema_version=1,
        mission_time="2026-01-01T00:00:00.000000+00:00",
        wall_time="2026-01-01T00:00:01.000000+00:00",
        actor="system",
        causation_id=None if seq % 3 else f"id-{seq - 1}",
    )


def chain_of(length: int = LENGTH) -> list[Link]:
    links: list[Link] = []
    for seq in range(1, length + 1):
        payload = canonical({"dock_id": f"dock-{seq}", "silent_s": seq * 1.5})
        salt = bytes([seq]) * SALT_BYTES
        payload_hash = hash_payload(salt, payload)
        previous = links[-1].hash if links else GENESIS
        links.append(
            Link(
                header=header_of(seq),
                payload=payload,
                salt=salt,
                payload_hash=payload_hash,
                hash=hash_event(previous, header_of(seq), payload_hash),
            )
        )
    return links


def verified(links: list[Link]) -> VerifyReport:
    verifier = Verifier()
    for link in links:
        verifier.follow(link)
    return verifier.report()


def flipped(value: bytes, position: int, by: int) -> bytes:
    index = position % len(value)
    return value[:index] + bytes([value[index] ^ by]) + value[index + 1 :]


def test_an_untouched_chain_holds() -> None:
    links = chain_of()
    assert verified(links) == VerifyReport(ok=True, events=LENGTH, erased=0, head=links[-1].hash)


def test_an_empty_chain_holds_and_its_head_is_the_genesis() -> None:
    assert verified([]) == VerifyReport(ok=True, events=0, erased=0, head=bytes(32))


def test_the_hash_is_made_as_documented_from_the_standard_library_alone() -> None:
    first = chain_of(1)[0]
    names = [field.name for field in fields(Header)]
    # For these values, sorted keys without spaces are the form of RFC 8785.
    plain = json.dumps(
        {name: getattr(first.header, name) for name in names}, sort_keys=True, separators=(",", ":")
    ).encode()
    assert first.salt is not None
    assert first.payload is not None
    inner = hashlib.sha256(first.salt + first.payload).digest()
    assert first.payload_hash == inner
    assert first.hash == hashlib.sha256(bytes(32) + plain + inner).digest()


@given(at=st.integers(0, LENGTH - 1), position=st.integers(0, 10_000), by=st.integers(1, 255))
def test_any_changed_byte_of_a_payload_is_found_at_its_event(at: int, position: int, by: int) -> None:
    links = chain_of()
    payload = links[at].payload
    assert payload is not None
    links[at] = replace(links[at], payload=flipped(payload, position, by))
    report = verified(links)
    assert (report.ok, report.first_broken_seq) == (False, at + 1)


@given(
    at=st.integers(0, LENGTH - 1),
    name=st.sampled_from(["salt", "payload_hash", "hash"]),
    position=st.integers(0, 31),
    by=st.integers(1, 255),
)
def test_any_changed_byte_of_salt_or_hashes_is_found_at_its_event(at: int, name: str, position: int, by: int) -> None:
    links = chain_of()
    change: dict[str, Any] = {name: flipped(getattr(links[at], name), position, by)}
    links[at] = replace(links[at], **change)
    assert verified(links).first_broken_seq == at + 1


@given(at=st.integers(0, LENGTH - 1), data=st.data())
def test_any_changed_field_of_a_header_is_found_at_its_event(at: int, data: st.DataObject) -> None:
    links = chain_of()
    name = data.draw(st.sampled_from([field.name for field in fields(Header)]))
    was = getattr(links[at].header, name)
    values: st.SearchStrategy[Any] = st.integers(0, 10**6) if isinstance(was, int) else st.text()
    change: dict[str, Any] = {name: data.draw(values.filter(lambda value: value != was))}
    links[at] = replace(links[at], header=replace(links[at].header, **change))
    assert verified(links).first_broken_seq == at + 1


@given(at=st.integers(0, LENGTH - 2))
def test_a_missing_event_is_found_where_it_was(at: int) -> None:
    links = chain_of()
    del links[at]
    report = verified(links)
    assert report.first_broken_seq == at + 1
    assert "missing" in report.because


@given(order=st.permutations(range(LENGTH)))
def test_another_order_is_found(order: list[int]) -> None:
    links = chain_of()
    report = verified([links[index] for index in order])
    assert report.ok == (order == sorted(order))


@given(erased=st.sets(st.integers(0, LENGTH - 1)))
def test_erased_payloads_leave_the_chain_whole_and_are_counted(erased: set[int]) -> None:
    links = chain_of()
    for at in erased:
        links[at] = replace(links[at], payload=None, salt=None)
    assert verified(links) == VerifyReport(ok=True, events=LENGTH, erased=len(erased), head=links[-1].hash)


@pytest.mark.parametrize("kept", ["payload", "salt"])
def test_half_an_erasure_is_found(kept: str) -> None:
    links = chain_of()
    gone: dict[str, Any] = {"salt" if kept == "payload" else "payload": None}
    links[2] = replace(links[2], **gone)
    assert verified(links).first_broken_seq == 3


def test_an_erased_payload_cannot_be_put_back_changed() -> None:
    links = chain_of()
    links[2] = replace(links[2], payload=canonical({"dock_id": "other", "silent_s": 1.0}), salt=links[2].salt)
    assert verified(links).first_broken_seq == 3


def test_a_chain_forged_from_the_middle_with_right_hashes_differs_in_its_head() -> None:
    links = chain_of()
    salt = links[3].salt
    assert salt is not None
    forged = links[:3]
    for link in links[3:]:
        payload = canonical({"dock_id": "forged", "silent_s": 0.0})
        payload_hash = hash_payload(salt, payload)
        forged.append(
            Link(
                header=link.header,
                payload=payload,
                salt=salt,
                payload_hash=payload_hash,
                hash=hash_event(forged[-1].hash, link.header, payload_hash),
            )
        )
    report = verified(forged)
    # Whoever owns the store can rewrite its end; the head that was noted elsewhere shows it.
    assert report.ok
    assert report.head != links[-1].hash


def test_once_broken_a_verifier_stays_broken() -> None:
    links = chain_of()
    verifier = Verifier()
    assert not verifier.follow(links[1])
    assert not verifier.follow(links[0])
    assert verifier.report().first_broken_seq == 1
