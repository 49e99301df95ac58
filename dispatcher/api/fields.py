"""The fields that bodies share, and their base: closed, and strict about numbers, times, ids and text."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from contracts.screentext import Line

_INSTANT = re.compile(r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$")


def _instant_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _INSTANT.match(value):
        raise ValueError("must be a time as in RFC 3339, such as 2026-01-31T09:30:00Z")
    return value


def _id_text(value: Any) -> Any:
    # An id is the 36 characters that were given out, not one of the other spellings that a UUID has.
    if isinstance(value, str) and len(value) != 36:
        raise ValueError("must be an id as Kestrel gave it out")
    return value


Address = Annotated[
    Line,
    Field(max_length=200, description="street and number as people say them, one line; it is shown, never looked up"),
]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant_text)]
Id = Annotated[UUID, BeforeValidator(_id_text)]
Latitude = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False, description="WGS84 degrees")]
Longitude = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False, description="WGS84 degrees")]
MAX_RADIUS_M = 20_000.0
Radius = Annotated[
    float,
    Field(strict=True, ge=0, le=MAX_RADIUS_M, allow_inf_nan=False, description="of a circle that holds it, metres"),
]
Watch = Annotated[
    float, Field(strict=True, ge=0, le=7200, allow_inf_nan=False, description="wanted on scene, mission seconds")
]
Revision = Annotated[int, Field(strict=True, ge=1, description="the revision that was on the screen")]


class Body(BaseModel):
    """Base of all bodies."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
