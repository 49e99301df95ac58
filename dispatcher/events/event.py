"""The base of all events, and a place as incidents have it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.position import LatDeg, LonDeg


class Event(BaseModel):
    """Base of all events; ``stream`` of the journal is ``{kind}/{id}`` as `streams` says."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    schema_version: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """The name under which the journal keeps it."""
        return cls.__name__


class IncidentPlace(BaseModel):
    """Where, and how sure: WGS84 and the radius of a circle that holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    lat_deg: LatDeg
    lon_deg: LonDeg
    radius_m: float = Field(default=0.0, ge=0, le=20_000)
