"""The body of a zone that somebody draws for a time."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from contracts.screentext import Text
from dispatcher.api.fields import Body, Instant, Latitude, Longitude
from dispatcher.zonedrawing import Drawing, DrawnCircle
from geo.airspace.zone import FLIGHT_LEVEL_M, FOOT_M, GROUND, Datum, Limit, Restriction

HIGHEST_M = 30_000.0
MOST_CORNERS = 2_000

Metres = Annotated[float, Field(strict=True, ge=-500, le=HIGHEST_M, allow_inf_nan=False)]
Feet = Annotated[float, Field(strict=True, ge=-1600, le=HIGHEST_M / FOOT_M, allow_inf_nan=False)]
FlightLevel = Annotated[int, Field(strict=True, ge=0, le=990)]


class CornerBody(Body):
    """A corner of a polygon."""

    lat_deg: Latitude
    lon_deg: Longitude


class CircleBody(Body):
    """A circle."""

    lat_deg: Latitude
    lon_deg: Longitude
    radius_m: Annotated[float, Field(strict=True, gt=0, le=200_000, allow_inf_nan=False)]


class HeightBody(Body):
    """A height in one of three units, and what it is measured from."""

    height_m: Metres | None = None
    height_ft: Feet | None = None
    flight_level: FlightLevel | None = None
    datum: Datum | None = Field(default=None, description="of metres and feet; AGL: above ground, AMSL: above the sea")

    @model_validator(mode="after")
    def _one_height_with_its_datum(self) -> Self:
        given = [each for each in (self.height_m, self.height_ft, self.flight_level) if each is not None]
        if len(given) != 1:
            raise ValueError("give one of height_m, height_ft and flight_level")
        if self.flight_level is not None and self.datum not in (None, Datum.FL):
            raise ValueError("a flight level has its own datum: leave datum out")
        if self.flight_level is None and self.datum in (None, Datum.FL):
            raise ValueError("metres and feet need a datum: AGL, AMSL or WGS84")
        return self

    def limit(self) -> Limit:
        """As a zone has it."""
        if self.flight_level is not None:
            return Limit(value_m=self.flight_level * FLIGHT_LEVEL_M, datum=Datum.FL)
        value_m = self.height_m if self.height_ft is None else self.height_ft * FOOT_M
        return Limit(value_m=value_m or 0.0, datum=self.datum or Datum.AMSL)


class ZoneBody(Body):
    """A zone for a time: a circle or a polygon, between two heights, from a start to an end."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "fire at the tyre works",
                    "reason": "air ambulance expected, keep clear",
                    "circle": {"lat_deg": 52.4081, "lon_deg": -1.5106, "radius_m": 400.0},
                    "upper": {"height_m": 300.0, "datum": "AGL"},
                    "end": "2026-01-31T11:30:00Z",
                }
            ]
        }
    )

    title: Annotated[Text, Field(min_length=1, max_length=120)]
    reason: Annotated[Text, Field(min_length=1, max_length=400, description="why; recorded, and shown on the map")]
    restriction: Restriction = Restriction.PROHIBITED
    circle: CircleBody | None = None
    polygon: Annotated[list[CornerBody], Field(min_length=3, max_length=MOST_CORNERS)] | None = None
    lower: HeightBody | None = Field(default=None, description="from the ground when left out")
    upper: HeightBody | None = Field(default=None, description="without end when left out")
    start: Instant | None = Field(default=None, description="mission time; now when left out")
    end: Instant = Field(description="mission time; at most 30 days after the start")

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if (self.circle is None) == (self.polygon is None):
            raise ValueError("give one of circle and polygon")
        return self

    def drawing(self) -> Drawing:
        """As the desk takes it."""
        circle, polygon = self.circle, self.polygon or []
        return Drawing(
            title=self.title,
            reason=self.reason,
            shape=DrawnCircle(lat_deg=circle.lat_deg, lon_deg=circle.lon_deg, radius_m=circle.radius_m)
            if circle is not None
            else [(corner.lat_deg, corner.lon_deg) for corner in polygon],
            end=self.end,
            restriction=self.restriction,
            lower=GROUND if self.lower is None else self.lower.limit(),
            upper=None if self.upper is None else self.upper.limit(),
            start=self.start,
        )
