"""What both exports share: a document by the letter, and what could not be said in it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shapely.geometry import Polygon

from geo.airspace.authority import FIELDS
from geo.airspace.finding import Finding, Notes
from geo.airspace.period import WEEK, DailyPeriod
from geo.airspace.zone import FOOT_M, Authority, Circle, Datum, Limit, Reason, Volume, Zone

LONGEST_TEXT = 200
LONGEST_IDENTIFIER = 7
MOST_REASONS = 9
_COUNTRY_LETTERS = 3
_ANY_LENGTH = frozenset({"email", "siteURL", "intervalBefore"})
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A document, and what a person should know of it: zones that are not in it, limits that had to be widened."""

    document: Mapping[str, Any]
    findings: tuple[Finding, ...]

    def as_bytes(self) -> bytes:
        """UTF-8 JSON without a byte-order mark."""
        return json.dumps(self.document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def short_identifier(identifier: str) -> str:
    """At most seven characters: itself where it is short enough, else two of it and five of its SHA-256."""
    if len(identifier) <= LONGEST_IDENTIFIER:
        return identifier
    digest = hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).digest()
    return identifier[:2] + "".join(_BASE32[byte % 32] for byte in digest[: LONGEST_IDENTIFIER - 2])


def fitted(value: str, most: int = LONGEST_TEXT) -> str:
    """Text within a length that the standard allows."""
    return value if len(value) <= most else value[: most - 1] + "…"


def own_fields(zone: Zone, *, reasons: tuple[Reason, ...]) -> dict[str, Any]:
    """What the standard shortens or has no word for, so that our own reader gets it back whole."""
    texts = (
        ("id", zone.id, LONGEST_IDENTIFIER),
        ("name", zone.name, LONGEST_TEXT),
        ("message", zone.message, LONGEST_TEXT),
    )
    own: dict[str, Any] = {key: value for key, value, most in texts if value is not None and len(value) > most}
    if reasons != zone.reasons:
        own["reasons"] = [reason.value for reason in zone.reasons]
    return own


def written_authority(authority: Authority, notes: Notes) -> dict[str, str]:
    """What it says, by the standards' names. The purpose is the caller's."""
    texts: dict[str, str] = {}
    for written, ours in FIELDS:
        value = getattr(authority, ours)
        if value is not None:
            texts[written] = value if written in _ANY_LENGTH else fitted(value)
            if texts[written] != value:
                notes.assumed(f"its authority's {written} is longer than {LONGEST_TEXT}: shortened")
    return texts


def country_of(zone: Zone, default: str, notes: Notes) -> str:
    """Three letters, as the standards have them."""
    if zone.country is None or len(zone.country) == _COUNTRY_LETTERS:
        return zone.country or default
    notes.assumed(f"its country {zone.country!r} is no three letters: written as {default}")
    return default


def rings(area: Polygon) -> list[list[list[float]]]:
    """Closed rings of longitude and latitude."""
    return [[[lon, lat] for lon, lat in ring.coords] for ring in (area.exterior, *area.interiors)]


def days(daily: DailyPeriod) -> list[str]:
    """ANY for a whole week."""
    return ["ANY"] if daily.days == WEEK else [day.value for day in daily.days]


def expressible(volume: Volume, notes: Notes, *, allowed: frozenset[Datum]) -> tuple[Limit, Limit | None] | None:
    """Limits in datums that the format has; None, and told, where there is no honest way.

    An upper limit that cannot be said becomes none, which makes the zone larger. A lower limit that cannot be said
    would close all the air below it, so the volume is left out and told.
    """
    if volume.lower.datum not in allowed:
        notes.skipped(f"a volume begins at {described(volume.lower)}, which the format cannot say: it is not written")
        return None
    if volume.upper is not None and volume.upper.datum not in allowed:
        notes.assumed(f"a volume ends at {described(volume.upper)}, which the format cannot say: written without end")
        return volume.lower, None
    return volume.lower, volume.upper


def described(limit: Limit) -> str:
    """For people."""
    if limit.datum is Datum.FL:
        return f"FL{limit.value_m / (100 * FOOT_M):g}"
    return f"{limit.value_m:g} m {limit.datum.value}"


def whole(limit: Limit | None, unit: str) -> int | None:
    """The limit as a whole number of a unit (M, FT), or None where it is not exactly that."""
    if limit is None:
        return None
    size = FOOT_M if unit == "FT" else 1.0
    amount = round(limit.value_m / size)
    return amount if amount * size == limit.value_m else None


def in_unit(metres: float, unit: str) -> float | None:
    """A length in a unit (M, FT) such that its metres are exactly these again; None where no number is."""
    if unit == "M":
        return metres
    feet = metres / FOOT_M
    near = (feet, math.nextafter(feet, 0.0), math.nextafter(feet, math.inf))
    return next((guess for guess in near if guess * FOOT_M == metres), None)


def widened(lower: Limit, upper: Limit | None, notes: Notes) -> tuple[Limit, Limit | None]:
    """Limits to the next whole metre outwards, told."""
    notes.assumed("its limits are no whole metres or feet: widened to the next whole metre")
    bottom = Limit(value_m=float(math.floor(lower.value_m)), datum=lower.datum)
    top = None if upper is None else Limit(value_m=float(math.ceil(upper.value_m)), datum=upper.datum)
    return bottom, top


def centre(circle: Circle) -> list[float]:
    """Longitude and latitude."""
    return [circle.lon_deg, circle.lat_deg]
