"""A zone as everything inside knows it, whatever document it came from.

Areas are WGS84 polygons (longitude, latitude in degrees), valid, exterior counter-clockwise, cut at the antimeridian,
and their edges are straight in longitude and latitude as RFC 7946 has it. Heights are metres with their datum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shapely.geometry import Polygon

from geo.airspace.errors import ZoneError
from geo.airspace.period import Period

FOOT_M = 0.3048
"""International foot, exact."""
FLIGHT_LEVEL_M = 100 * FOOT_M
"""A flight level is 100 ft of pressure altitude (ICAO Annex 2)."""


class Format(StrEnum):
    """The documents that are understood."""

    ED269 = "ED-269"
    ED318 = "ED-318"
    AIXM = "AIXM 5.1"
    GEOJSON = "GeoJSON"
    KML = "KML"


class Restriction(StrEnum):
    """What a zone asks of a flight; the spelling is ED-269's."""

    PROHIBITED = "PROHIBITED"
    REQ_AUTHORISATION = "REQ_AUTHORISATION"
    CONDITIONAL = "CONDITIONAL"
    USPACE = "USPACE"
    NO_RESTRICTION = "NO_RESTRICTION"


class Reason(StrEnum):
    """Why a zone is there: ED-269's and ED-318's words together."""

    AIR_TRAFFIC = "AIR_TRAFFIC"
    SENSITIVE = "SENSITIVE"
    PRIVACY = "PRIVACY"
    POPULATION = "POPULATION"
    NATURE = "NATURE"
    NOISE = "NOISE"
    FOREIGN_TERRITORY = "FOREIGN_TERRITORY"
    """ED-269 alone."""
    DAR = "DAR"
    """ED-318 alone: dynamic airspace reconfiguration."""
    EMERGENCY = "EMERGENCY"
    OTHER = "OTHER"


class Purpose(StrEnum):
    """What an authority is to be asked for."""

    AUTHORIZATION = "AUTHORIZATION"
    NOTIFICATION = "NOTIFICATION"
    INFORMATION = "INFORMATION"


class Datum(StrEnum):
    """What a height is measured from."""

    AGL = "AGL"
    """Ground or water below."""
    AMSL = "AMSL"
    """Mean sea level."""
    WGS84 = "WGS84"
    """The ellipsoid."""
    FL = "FL"
    """The 1013.25 hPa surface: `Limit.value_m` is pressure altitude."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A height in metres above its datum."""

    value_m: float
    datum: Datum

    def __post_init__(self) -> None:
        if not math.isfinite(self.value_m):
            raise ZoneError(f"a limit of {self.value_m} m")


GROUND = Limit(value_m=0.0, datum=Datum.AGL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """What an area was drawn from, kept so that it can be written again exactly."""

    lat_deg: float
    lon_deg: float
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One polygon between two heights."""

    area: Polygon
    lower: Limit = GROUND
    upper: Limit | None = None
    """None: without end."""
    circle: Circle | None = None
    """Set where the area is this circle, its arcs as lines within 1 m."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who answers for a zone."""

    name: str | None = None
    service: str | None = None
    contact_name: str | None = None
    email: str | None = None
    phone: str | None = None
    site_url: str | None = None
    purpose: Purpose = Purpose.INFORMATION
    interval_before: str | None = None
    """How long before a flight it wants to be asked, as an ISO 8601 duration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a zone was read."""

    document: str
    format: Format
    index: int
    """Place of its feature in the document, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A place with a rule for drones. Two zones are equal when they say the same, wherever they were read."""

    id: str
    volumes: tuple[Volume, ...]
    restriction: Restriction
    country: str | None = None
    """ISO 3166-1 alpha-3."""
    name: str | None = None
    variant: str = "COMMON"
    """COMMON, or CUSTOMIZED for one operator (ED-269 calls it type)."""
    reasons: tuple[Reason, ...] = ()
    other_reason: str | None = None
    conditions: str | None = None
    message: str | None = None
    periods: tuple[Period, ...] = ()
    """When it applies; empty: always."""
    authorities: tuple[Authority, ...] = ()
    source: Source | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.id:
            raise ZoneError("a zone without an identifier")
        if not self.volumes:
            raise ZoneError(f"zone {self.id} has no volume")

    @property
    def permanent(self) -> bool:
        """True when it always applies."""
        return not self.periods

    def applies_at(self, instant: datetime) -> bool:
        """Whether it applies at an aware instant. Raises `ZoneError` for one without an offset."""
        if instant.tzinfo is None:
            raise ZoneError("an instant needs an offset from UTC")
        return not self.periods or any(period.holds(instant) for period in self.periods)

    def applies_during(self, since: datetime, until: datetime) -> bool:
        """Whether it applies at any instant from one to the other. Raises `ZoneError` as `applies_at` does."""
        if since.tzinfo is None or until.tzinfo is None:
            raise ZoneError("an instant needs an offset from UTC")
        return not self.periods or any(period.touches(since, until) for period in self.periods)
