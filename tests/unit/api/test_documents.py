"""Hostile bodies: never a 500, never a change, always a problem that says where."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.api.document import MAX_DEPTH, NotJson, read_document
from dispatcher.errors import Invalid
from tests.unit.api.house import House


def _pointers(body: bytes) -> list[str]:
    with pytest.raises(Invalid) as refused:
        read_document(body)
    return [fault["pointer"] for fault in refused.value.extra["errors"]]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (b"NaN", [""]),
        (b'{"a": {"b": [1, NaN]}}', ["/a/b/1"]),
        (b'{"a": Infinity, "b": -Infinity}', ["/a", "/b"]),
        (b'{"a": 1e400}', ["/a"]),
        (b'{"a": 1' + b"0" * 30 + b"}", ["/a"]),
        (b'{"a": "\\ud800"}', ["/a"]),
        (b'{"a": "x\\udfffy"}', ["/a"]),
        (b'{"\\ud800": 1}', [""]),
        (b'{"a": 1, "b": 2, "a": 3}', ["/a"]),
        (b'{"x": [{"a/b": 1, "a/b": 1}]}', ["/x/0/a~1b"]),
        (b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2), [""]),
        (b"[" * 50_000, [""]),
        (b'{"a":' * 50_000, [""]),
    ],
)
def test_what_json_allows_and_we_do_not_is_located(body: bytes, pointers: list[str]) -> None:
    assert _pointers(body) == pointers


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{'a': 1}", b'{"a": 1,}', b"\xff", b'\xef\xbb\xbf{"a": 1}', "{}".encode("utf-16"), b"9" * 5000]
)
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(NotJson):
        read_document(body)


def test_deep_but_allowed_nesting_is_taken() -> None:
    assert read_document(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_what_is_taken_can_be_written_as_strict_json_again(value: Any) -> None:
    try:
        taken = read_document(json.dumps(value).encode())
    except Invalid:
        return
    json.dumps(taken, allow_nan=False, ensure_ascii=False).encode("utf-8")
    assert taken == value or any(isinstance(part, float) and math.isnan(part) for part in [value])


@given(st.binary(max_size=400))
def test_any_bytes_are_taken_or_refused_as_a_problem(body: bytes) -> None:
    with contextlib.suppress(Invalid, NotJson):
        read_document(body)
    assert {Invalid.status, NotJson.status} == {422, 400}


ODD = st.one_of(
    JSON_VALUES,
    st.sampled_from(
        [137, -181.0, "52.4", True, None, [], {}, "", " ", 1e308, -1, "2027-01-01T00:00:00Z", "\x00", "💥"]
    ),
)


async def test_no_hostile_report_makes_a_500_or_an_incident_that_cannot_be(house: House) -> None:
    good = house.report()
    seen: set[int] = set()
    bodies: list[Any] = []

    @settings(max_examples=60)
    @given(
        st.dictionaries(
            st.sampled_from([*good, "place", "summary", "watch_s", "reported_at", "extra"]), ODD, max_size=4
        ),
        st.dictionaries(st.sampled_from(["lat_deg", "lon_deg", "radius_m", "x"]), ODD, max_size=3),
    )
    def gather(changes: dict[str, Any], place: dict[str, Any]) -> None:
        bodies.append({**good, "place": {**good["place"], **place}} | changes)

    gather()
    headers = {"Content-Type": "application/json"}
    for number, body in enumerate(bodies):
        report = body | {"reference": f"H{number}"} if "reference" not in body else body
        answer = await house.ask("POST", "/incidents", content=json.dumps(report), headers=headers)
        seen.add(answer.status_code)
        assert answer.status_code in (200, 201, 409, 422), (report, answer.text)
        if answer.status_code == 422:
            assert all("pointer" in fault for fault in answer.json()["errors"]), answer.text
    assert 422 in seen
    for incident in house.desk.state.incidents.values():
        assert math.isfinite(incident.place.radius_m)
        assert incident.source.strip()
    assert (await house.taken("GET", "/journal/verify", role="engineer"))["ok"]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"3", b"null", b"true"])
async def test_a_body_that_is_no_object_is_refused(house: House, body: bytes) -> None:
    answer = await house.ask("POST", "/incidents", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == ""


async def test_a_missing_body_is_asked_for(house: House) -> None:
    answer = await house.ask("POST", "/incidents")
    assert answer.status_code == 422


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_other_media_types_are_refused(house: House, media_type: str) -> None:
    answer = await house.ask("POST", "/incidents", content=b"a=b", headers={"Content-Type": media_type})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/not-json-type")
