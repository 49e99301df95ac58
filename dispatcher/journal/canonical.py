"""RFC 8785 canonical JSON, three times as fast for what events hold: a decision's record has thousands of numbers.

Sorted compact JSON as the standard library writes it is the canonical form wherever keys are ASCII and each number is
written alike by Python and ECMAScript (RFC 8785, section 3.2.2.3). Anything else is left to `rfc8785`, errors included.
"""

from __future__ import annotations

import json
from typing import Any

import rfc8785

_ALIKE_FROM, _ALIKE_BELOW = 1e-4, 1e16
"""Between these, Python and ECMAScript both write a fraction without an exponent, by the same shortest digits."""
_WHOLE_BELOW = 2**53
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


class _NotAlike(Exception):  # a step on the way, never leaves this module
    """A value that the two languages may write differently."""


def canonical(value: dict[str, Any]) -> bytes:
    """``value`` in canonical form, UTF-8; raises `rfc8785.CanonicalizationError`."""
    try:
        return _encode(_alike(value)).encode()
    except (_NotAlike, ValueError, TypeError, RecursionError):
        return rfc8785.dumps(value)


def _alike(value: Any) -> Any:
    kind = type(value)
    if value is None or kind is str or kind is bool:
        return value
    if kind is float:
        if value.is_integer():
            if -_WHOLE_BELOW < value < _WHOLE_BELOW:
                return int(value)
        elif _ALIKE_FROM <= abs(value) < _ALIKE_BELOW:
            return value
    elif kind is int:
        if -_WHOLE_BELOW < value < _WHOLE_BELOW:
            return value
    elif kind is list or kind is tuple:
        return [_alike(each) for each in value]
    elif kind is dict and all(type(key) is str and key.isascii() for key in value):
        return {key: _alike(each) for key, each in value.items()}
    raise _NotAlike
