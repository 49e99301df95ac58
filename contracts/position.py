"""Positions and measured weather as they travel: WGS84 degrees, heights with their datum in the name."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LatDeg = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
LonDeg = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Place(BaseModel):
    """A point on the ground, WGS84."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lat_deg: LatDeg
    lon_deg: LonDeg


class Waypoint(Place):
    """A point of a route; height above the dock's landing plate (PX4's home)."""

    alt_above_home_m: float = Field(ge=0, le=500, allow_inf_nan=False)


class Weather(BaseModel):
    """What a dock's weather station measured; the wind is where it comes *from*, true north."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wind_speed_m_s: float = Field(ge=0, le=150)
    wind_from_deg: float = Field(ge=0, lt=360)
    gust_m_s: float = Field(ge=0, le=150)
    rain_mm_h: float = Field(ge=0, le=1000)
    temperature_c: float = Field(ge=-80, le=80)
    age_s: float = Field(ge=0, le=65535)
