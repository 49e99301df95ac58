"""A place in a body, in any of the ways in which a control room is told one, each with the precision that it has.

A drone is sent to search a circle, not a pretended point: "SP 33 79" is a kilometre square, and its half diagonal is
part of the radius. How far off the place itself may be comes on top of how far it was rounded.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from contracts.screentext import Text
from dispatcher.api.faults import at_field
from dispatcher.api.fields import MAX_RADIUS_M, Body, Latitude, Longitude, Radius
from dispatcher.events import IncidentPlace
from geo.places.errors import PlaceError
from geo.places.place import Place, Spelling, easting_northing, read_place

GridMetres = Annotated[float, Field(strict=True, ge=0, lt=1_300_000, allow_inf_nan=False)]


def _words(text: str) -> str:
    _read(text)
    return text


def _grid(text: str) -> str:
    if _read(text).spelling is not Spelling.GRID_REFERENCE:
        raise ValueError("is no grid reference: write it as SP 33512 79181, or give it as text")
    return text


def _read(text: str) -> Place:
    try:
        place = read_place(text)
    except PlaceError as wrong:
        raise ValueError(f"{wrong.reason}; {wrong.remedy}") from None
    if place.uncertainty_radius_m > MAX_RADIUS_M:
        raise ValueError(f"is too rough: it may be {place.uncertainty_radius_m / 1000:.0f} km off; give more digits")
    return place


class PlaceBody(Body):
    """Where, and how sure; in exactly one way: degrees, grid metres, a grid reference, or whatever was said as text."""

    lat_deg: Latitude | None = None
    lon_deg: Longitude | None = None
    easting_m: GridMetres | None = Field(default=None, description="British National Grid, with northing_m")
    northing_m: GridMetres | None = Field(default=None, description="British National Grid, with easting_m")
    grid: Annotated[Text, Field(min_length=1, max_length=40), AfterValidator(_grid)] | None = Field(
        default=None, description="a British grid reference: SP 33512 79181, SP 335 791, SP37"
    )
    text: Annotated[Text, Field(min_length=1, max_length=120), AfterValidator(_words)] | None = Field(
        default=None,
        description="any of these as it was said or copied: 52.4081, -1.5106 or 52°24'29\"N 1°30'38\"W or SP 335 791 "
        "or 433512, 279181",
    )
    radius_m: Radius = 0.0

    @model_validator(mode="after")
    def _in_one_way(self) -> Self:
        degrees, metres = (self.lat_deg, self.lon_deg), (self.easting_m, self.northing_m)
        ways = [any(part is not None for part in way) for way in (degrees, metres, (self.grid,), (self.text,))]
        if sum(ways) != 1:
            raise ValueError(
                "give the place in exactly one way: lat_deg and lon_deg, easting_m and northing_m, grid, or text"
            )
        for names, pair in ((("lat_deg", "lon_deg"), degrees), (("easting_m", "northing_m"), metres)):
            missing = [name for name, part in zip(names, pair, strict=True) if part is None]
            if len(missing) == 1:
                raise at_field(missing[0], f"is missing: give both {names[0]} and {names[1]}")
        if self.place().radius_m > MAX_RADIUS_M:
            raise ValueError(f"with its own precision it may be more than {MAX_RADIUS_M / 1000:.0f} km off")
        return self

    def place(self) -> IncidentPlace:
        """As the domain has it; the radius is what was given and what the spelling implies, together."""
        if self.lat_deg is not None and self.lon_deg is not None:
            return IncidentPlace(lat_deg=self.lat_deg, lon_deg=self.lon_deg, radius_m=self.radius_m)
        said = self._said()
        # Not checked again: what is too far off has been refused by then, in the words of this body.
        return IncidentPlace.model_construct(
            lat_deg=said.lat_deg,
            lon_deg=said.lon_deg,
            radius_m=round(self.radius_m + said.uncertainty_radius_m, 2),
        )

    def _said(self) -> Place:
        if self.easting_m is None or self.northing_m is None:
            return read_place(self.grid or self.text or "")
        try:
            return easting_northing(_as_written(self.easting_m), _as_written(self.northing_m))
        except PlaceError as wrong:
            field = "northing_m" if wrong.field == "northing" else "easting_m"
            raise at_field(field, f"{wrong.reason}; {wrong.remedy}") from None


def _as_written(metres: float) -> str:
    """A number as people write it, without the digits that JSON adds."""
    return f"{metres:.3f}".rstrip("0").rstrip(".")
