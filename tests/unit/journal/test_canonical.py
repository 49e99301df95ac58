"""The fast canonical form is the canonical form: the same bytes as the reference for whatever JSON can hold."""

from __future__ import annotations

import math
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.journal.canonical import canonical

NUMBERS = (
    st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(min_value=-1e-3, max_value=1e-3)
    | st.floats(min_value=1e14, max_value=1e23)
    | st.integers(-(10**6), 10**6).map(float)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | NUMBERS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(value=st.dictionaries(st.text(), VALUES))
def test_it_gives_the_bytes_of_the_reference(value: dict[str, Any]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        # The samples of RFC 8785, appendix B, that JSON can hold, and the edges of what is written alike.
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (-9007199254740992.0, "-9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (1.0000000000000001e23, "1.0000000000000001e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.3333332, "333333333.3333332"),
        (333333333.33333325, "333333333.33333325"),
        (1424953923781206.2, "1424953923781206.2"),
        (1e-4, "0.0001"),
        (9.9e-5, "0.000099"),
        (3.0, "3"),
        (52.4068, "52.4068"),
    ],
)
def test_numbers_are_written_as_ecmascript_writes_them(number: float, text: str) -> None:
    assert canonical({"n": number}) == f'{{"n":{text}}}'.encode()


def test_keys_are_in_the_order_of_their_utf_16_units() -> None:
    # U+1F600 comes before U+FB33 in UTF-16, after it by code point.
    value = {"\ufb33": 1, "\U0001f600": 2, "a": 3, "A": 4, "": 5, "\r": 6}
    assert canonical(value) == '{"":5,"\\r":6,"A":4,"a":3,"\U0001f600":2,"\ufb33":1}'.encode()


def test_text_is_escaped_no_more_than_it_must_be() -> None:
    assert canonical({"t": '\u0000\u001f\b\t\n\f\r"\\/\u007f\u2028é'}) == (
        '{"t":"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\/\u007f\u2028é"}'.encode()
    )


@pytest.mark.parametrize("bad", [2**53, -(2**53), 10**30, math.nan, math.inf, "\ud800", {1: 2}, b"bytes", object()])
def test_what_has_no_canonical_form_is_refused_as_by_the_reference(bad: object) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical({"bad": bad})


def test_nesting_without_end_is_refused_and_does_not_crash() -> None:
    value: dict[str, Any] = {}
    value["again"] = value
    with pytest.raises((rfc8785.CanonicalizationError, RecursionError)):
        canonical(value)
