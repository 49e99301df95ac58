"""The ``aircraft.json`` of readsb (its README-json): which aircraft its receiver hears, hostile until checked.

Heights on the air are pressure altitudes or heights above the ellipsoid, neither of which is the sea level that drones
fly by; each is brought to it as well as what is on the air allows, and says by how much it may be wrong.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

FT_M = 0.3048
KT_M_S = 1852 / 3600
STANDARD_HPA = 1013.25
M_PER_HPA = 8.3
"""Near the ground of the standard atmosphere (ICAO Doc 7488: 27.3 ft for each hectopascal)."""
QNH_HPA = (940.0, 1060.0)
ERROR_WITH_QNH_M = 50.0
"""A transponder's own 38 m (ICAO Annex 10, volume IV: 125 ft), and what the air differs from the standard one."""
ERROR_WITHOUT_QNH_M = 450.0
"""960 to 1067 hPa: as low and as high as the pressure is in all but the rarest weather."""
GEOID_MIDDLE_M, GEOID_SPREAD_M = -10.5, 96.5
"""The sea level lies 107 m below to 86 m above the ellipsoid (EGM96)."""
POSITION_OLD_S = 60.0
"""readsb itself takes a position that is older for none."""
MOST_BYTES = 8 * 1024 * 1024
MOST_AIRCRAFT = 5_000
_HEX = re.compile(r"^~?[0-9a-f]{6}$")
_CALLSIGN = re.compile(r"^[A-Z0-9 .-]{1,8}$")


class NotTraffic(Exception):
    """The bytes are no aircraft.json; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An aircraft with a position, as of the file's ``now``."""

    address: str
    callsign: str | None
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float | None
    alt_error_m: float
    on_ground: bool
    ground_speed_m_s: float | None
    track_deg: float | None
    climb_m_s: float
    position_age_s: float
    """At the file's ``now``."""
    category: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """What one file says."""

    now_unix_s: float
    """By the receiver's own clock."""
    aircraft: tuple[Sighting, ...]
    without_position: int
    """Heard, but nobody knows where: they are there all the same."""
    faulty: int
    """Entries that make no sense."""


def read_aircraft(data: bytes) -> Sightings:
    """What a file says. Raises `NotTraffic`; single entries that make no sense are counted and left out."""
    if len(data) > MOST_BYTES:
        raise NotTraffic(f"it is larger than {MOST_BYTES // 1024 // 1024} MB")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise NotTraffic("it is not JSON") from None
    now = _number(document.get("now"), 0, 1e11) if isinstance(document, dict) else None
    entries = document.get("aircraft") if isinstance(document, dict) else None
    if now is None or not isinstance(entries, list):
        raise NotTraffic("it is no aircraft.json: it needs `now` and a list `aircraft`")
    if len(entries) > MOST_AIRCRAFT:
        raise NotTraffic(f"it has {len(entries)} aircraft: at most {MOST_AIRCRAFT} are taken")
    common_hpa = _common_qnh_hpa(entries)
    found: dict[str, Sighting] = {}
    without, faulty = 0, 0
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("hex"), str) or not _HEX.match(entry["hex"]):
            faulty += 1
            continue
        if entry.get("lat") is None or entry.get("lon") is None:
            without += 1
            continue
        sighting = _sighting(entry, common_hpa)
        if sighting is None:
            faulty += 1
        elif sighting.position_age_s > POSITION_OLD_S:
            without += 1
        else:
            found[sighting.address] = sighting
    return Sightings(now_unix_s=now, aircraft=tuple(found.values()), without_position=without, faulty=faulty)


def _sighting(entry: dict[str, Any], common_hpa: float | None) -> Sighting | None:
    lat, lon = _number(entry["lat"], -90, 90), _number(entry["lon"], -180, 180)
    age_s = _number(entry.get("seen_pos"), 0, 1e6)
    if lat is None or lon is None or age_s is None:
        return None
    speed_kt = _number(entry.get("gs"), 0, 2_000)
    # A course is one only of what moves.
    track = _number(entry.get("track"), 0, 360) if speed_kt is not None and speed_kt > 0 else None
    climb = next((rate for name in ("geom_rate", "baro_rate") if (rate := _number(entry.get(name), -3e4, 3e4))), 0.0)
    alt_m, error_m = _height(entry, common_hpa)
    callsign = entry.get("flight")
    category = entry.get("category")
    return Sighting(
        address=entry["hex"],
        callsign=callsign.strip() or None if isinstance(callsign, str) and _CALLSIGN.match(callsign) else None,
        lat_deg=lat,
        lon_deg=lon,
        alt_amsl_m=alt_m,
        alt_error_m=error_m,
        on_ground=entry.get("alt_baro") == "ground",
        ground_speed_m_s=None if speed_kt is None else speed_kt * KT_M_S,
        track_deg=None if track is None else track % 360.0,
        climb_m_s=climb * FT_M / 60.0,
        position_age_s=age_s,
        category=category if isinstance(category, str) and re.match(r"^[A-D][0-7]$", category) else None,
    )


def _height(entry: dict[str, Any], common_hpa: float | None) -> tuple[float | None, float]:
    """Above mean sea level, and by how much it may be wrong; None: it is not told."""
    baro_ft, geom_ft = _number(entry.get("alt_baro"), -2_000, 1e5), _number(entry.get("alt_geom"), -2_000, 1e5)
    own_hpa = _number(entry.get("nav_qnh"), *QNH_HPA)
    hpa = common_hpa if own_hpa is None else own_hpa
    ways: list[tuple[float, float]] = []
    if baro_ft is not None:
        above_m = 0.0 if hpa is None else (hpa - STANDARD_HPA) * M_PER_HPA
        error_m = ERROR_WITHOUT_QNH_M if hpa is None else ERROR_WITH_QNH_M
        ways.append((baro_ft * FT_M + above_m, error_m))
    if geom_ft is not None:
        ways.append((geom_ft * FT_M - GEOID_MIDDLE_M, GEOID_SPREAD_M))
    return min(ways, key=lambda way: way[1], default=(None, 0.0))


def _common_qnh_hpa(entries: list[Any]) -> float | None:
    """What most aircraft in hearing have set: the pressure is the same for all who are low and near."""
    set_hpa = [hpa for hpa in _qnhs(entries) if abs(hpa - STANDARD_HPA) > 0.6]  # high up they set the standard
    return median(set_hpa) if len(set_hpa) >= 3 else None


def _qnhs(entries: list[Any]) -> Iterator[float]:
    for entry in entries:
        hpa = _number(entry.get("nav_qnh"), *QNH_HPA) if isinstance(entry, dict) else None
        if hpa is not None:
            yield hpa


def _number(value: object, low: float, high: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and low <= number <= high else None
