"""What pydantic found, in our words: where by JSON pointer (RFC 6901), what is wrong, and what would be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import PydanticCustomError

from dispatcher.pointer import MAX_FAULTS, pointer_of

AT_FIELD = "at_field"
"""Of an error that a model's own validator finds in one of its fields: ``ctx`` has ``field`` and ``detail``."""

_DETAILS: dict[str, str] = {
    "missing": "is missing: give it",
    "extra_forbidden": "is not known here: leave it out, or check its spelling",
    "float_type": "must be a number, without quotes",
    "int_type": "must be a whole number, without quotes",
    "int_from_float": "must be a whole number",
    "finite_number": "must be a finite number",
    "string_type": "must be text, in quotes",
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "list_type": "must be a list",
    "uuid_parsing": "must be an id as Kestrel gave it out",
    "uuid_type": "must be an id as Kestrel gave it out, in quotes",
    "int_parsing": "must be a whole number",
    "bool_parsing": "must be true or false",
    "timezone_aware": "needs a time zone: end it with Z or an offset such as +01:00",
    "none_required": "must be null",
}


def at_field(field: str, detail: str) -> PydanticCustomError:
    """An error to raise in a model's validator: pydantic itself would lay it on the model as a whole."""
    return PydanticCustomError(AT_FIELD, "{field}: {detail}", {"field": field, "detail": detail})


def faults_of(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """One entry per fault: ``pointer`` (body) or ``parameter`` (elsewhere), ``field``, ``detail``."""
    return [_fault(error) for error in errors[:MAX_FAULTS]]


def _fault(error: Mapping[str, Any]) -> dict[str, str]:
    where, *path = error["loc"] or ("body",)
    if error["type"] == AT_FIELD:
        path.append(error["ctx"]["field"])
    detail = _detail(error)
    field = str(path[-1]) if path else ""
    if where == "body":
        return {"pointer": pointer_of(path), "field": field, "detail": detail}
    return {"in": str(where), "parameter": field, "field": field, "detail": detail}


def _detail(error: Mapping[str, Any]) -> str:
    kind, limits = error["type"], error.get("ctx", {})
    if kind == AT_FIELD:
        return str(limits["detail"])
    if kind in _DETAILS:
        return _DETAILS[kind]
    if kind in {"greater_than_equal", "greater_than", "less_than_equal", "less_than"}:
        words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
        name, limit = next((name, limits[name]) for name in words if name in limits)
        return f"must be {words[name]} {limit:g}"
    if kind == "string_too_short":
        least = limits["min_length"]
        return "must not be empty" if least == 1 else f"must have at least {least} characters"
    if kind == "string_too_long":
        return f"must have at most {limits['max_length']} characters"
    if kind in {"literal_error", "enum"}:
        return f"must be one of: {limits['expected']}"
    if kind == "value_error":
        return str(limits.get("error", error["msg"]))
    # Pydantic's own sentence, made to follow the field's name.
    return str(error["msg"]).replace("Input should", "must", 1).replace("Value", "value", 1)
