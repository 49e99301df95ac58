"""Frozen dataclasses to plain JSON values and back, exactly.

A decision is hashed in the journal and derived again from it, so what is written must read back equal: numbers are
finite, a number field is always a float, a field that is missing or unknown is an error and never a default.
"""

from __future__ import annotations

import math
import types
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from dispatcher.decision.errors import InvalidFactError, UnreadableRecord

T = TypeVar("T")
Json = dict[str, Any]


def to_json(value: Any) -> Any:
    """Plain dicts, lists, strings, numbers, booleans and None; raises `InvalidFactError` for anything else."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidFactError("number", value)
        return value + 0.0  # -0.0 becomes 0.0, as RFC 8785 writes it
    if isinstance(value, datetime):
        return _time_to_json(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [to_json(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_json(getattr(value, name)) for name in _names(type(value))}
    raise InvalidFactError(type(value).__name__, value)


def from_json(kind: type[T], data: Any, *, path: str = "") -> T:
    """The dataclass that `to_json` wrote; raises `UnreadableRecord` with the JSON pointer of what is wrong."""
    return cast("T", _read(kind, data, path))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, data: Any, path: str) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        return _read_dataclass(kind, data, path)
    origin = get_origin(kind)
    if origin is Union or origin is types.UnionType:
        if data is None and type(None) in get_args(kind):
            return None
        inner = next(option for option in get_args(kind) if option is not type(None))
        return _read(inner, data, path)
    if origin is tuple or origin is Sequence:
        if not isinstance(data, list):
            raise UnreadableRecord(path, "must be a list")
        inner = get_args(kind)[0]
        return tuple(_read(inner, item, f"{path}/{index}") for index, item in enumerate(data))
    return _read_scalar(kind, data, path)


def _read_dataclass(kind: type, data: Any, path: str) -> Any:
    if not isinstance(data, dict):
        raise UnreadableRecord(path, "must be an object")
    names = _names(kind)
    for name in data:
        if name not in names:
            raise UnreadableRecord(f"{path}/{name}", "is not known")
    values = {}
    for name in names:
        if name not in data:
            raise UnreadableRecord(f"{path}/{name}", "is missing")
        values[name] = _read(_hints(kind)[name], data[name], f"{path}/{name}")
    try:
        return kind(**values)
    except ValueError as error:
        raise UnreadableRecord(path, str(error)) from error


def _read_scalar(kind: Any, data: Any, path: str) -> Any:
    if kind is float and isinstance(data, int | float) and not isinstance(data, bool):
        return float(data)
    if kind is int and isinstance(data, float) and data.is_integer():
        return int(data)
    if kind is datetime and isinstance(data, str):
        return _time_from_json(data, path)
    if isinstance(kind, type) and issubclass(kind, StrEnum) and isinstance(data, str):
        try:
            return kind(data)
        except ValueError as error:
            raise UnreadableRecord(path, f"{data!r} is not a {kind.__name__}") from error
    if kind in (bool, int, str) and type(data) is kind:
        return data
    raise UnreadableRecord(path, f"must be a {getattr(kind, '__name__', kind)}, not {data!r}")


def _time_to_json(value: datetime) -> str:
    if value.tzinfo is None:
        raise InvalidFactError("time without a zone", value)
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _time_from_json(data: str, path: str) -> datetime:
    try:
        value = datetime.fromisoformat(data)
    except ValueError as error:
        raise UnreadableRecord(path, f"{data!r} is not a time") from error
    if value.tzinfo is None:
        raise UnreadableRecord(path, f"{data!r} has no zone")
    return value.astimezone(UTC)
