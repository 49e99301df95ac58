"""The British National Grid: OSTN15 between WGS84 and metres, and the letters in front of a grid reference.

The transformation is the Ordnance Survey's own, by `convertbng`, exact to millimetres; a projection library without its
grid files is metres out. WGS84 and ETRS89 are taken for one, as the Ordnance Survey's users do: they drift apart by
2.5 cm a year, and satellite positions are off by more.
"""

from __future__ import annotations

import math

from convertbng.cutil import convert_bng, convert_lonlat  # type: ignore[import-not-found, unused-ignore]

from geo.places.errors import OffTheGridError

EAST_END_M = 700_000.0
NORTH_END_M = 1_300_000.0
_SQUARE_M = 100_000.0
_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
"""Twenty-five, without I: rows of five from the north-west. The grid's origin is the south-west corner of square SV."""
_REMEDY = "give latitude and longitude instead"


def to_grid(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """Eastings and northings in metres (OSGB36). Raises `OffTheGridError` beyond OSTN15."""
    easting, northing = convert_bng(lon_deg, lat_deg)
    if not (math.isfinite(easting[0]) and math.isfinite(northing[0])):
        reason = f"latitude {lat_deg}, longitude {lon_deg} is not covered by OSTN15"
        raise OffTheGridError("position", reason, "there is no grid reference for it")
    return float(easting[0]), float(northing[0])


def from_grid(easting_m: float, northing_m: float) -> tuple[float, float]:
    """Latitude and longitude in degrees. Raises `OffTheGridError` naming the field that is off, or beyond OSTN15."""
    for field, value, end in (("easting", easting_m, EAST_END_M), ("northing", northing_m, NORTH_END_M)):
        if not 0 <= value < end:
            reason = f"{value:g} m is not on the grid"
            raise OffTheGridError(field, reason, f"it must be at least 0 and below {end:.0f} m")
    lon, lat = convert_lonlat(easting_m, northing_m)
    if not (math.isfinite(lon[0]) and math.isfinite(lat[0])):
        reason = f"easting {easting_m:g}, northing {northing_m:g} is not covered by OSTN15"
        raise OffTheGridError("position", reason, _REMEDY)
    return float(lat[0]), float(lon[0])


def square_corner(letters: str) -> tuple[float, float]:
    """South-west corner of a lettered 100 km square, metres. Raises `OffTheGridError`."""
    pair = letters.upper()
    if len(pair) != 2 or any(letter not in _LETTERS for letter in pair):
        raise OffTheGridError("letters", f"{letters!r} is no square of the grid", "they are two, as in SP, and never I")
    (big_column, big_row), (column, row) = (_column_and_row(letter) for letter in pair)
    easting_m = (big_column - 2) * 5 * _SQUARE_M + column * _SQUARE_M
    northing_m = (big_row - 1) * 5 * _SQUARE_M + row * _SQUARE_M
    if not (0 <= easting_m < EAST_END_M and 0 <= northing_m < NORTH_END_M):
        raise OffTheGridError("letters", f"{pair} is not one of Britain's squares", "look at the letters again")
    return easting_m, northing_m


def reference_of(easting_m: float, northing_m: float, *, digits: int = 10) -> str:
    """The grid reference of the square that holds a point, as in "SP 33512 79181". Raises `OffTheGridError`.

    ``digits`` is their number in all: even, 0 to 12, a metre with 10.
    """
    if digits not in range(0, 13, 2):
        raise ValueError(f"a grid reference has an even number of digits up to 12, not {digits}")
    if not (0 <= easting_m < EAST_END_M and 0 <= northing_m < NORTH_END_M):
        raise OffTheGridError("position", f"easting {easting_m:g}, northing {northing_m:g} is not on the grid", _REMEDY)
    column, row = int(easting_m // _SQUARE_M) + 10, int(northing_m // _SQUARE_M) + 5
    letters = _letter(column // 5, row // 5) + _letter(column % 5, row % 5)
    half = digits // 2
    size_m = _SQUARE_M / 10**half
    parts = [f"{min(int(value % _SQUARE_M / size_m), 10**half - 1):0{half}d}" for value in (easting_m, northing_m)]
    return " ".join((letters, *parts)) if half else letters


def _column_and_row(letter: str) -> tuple[int, int]:
    """In a block of five by five: column from the west, row from the south."""
    index = _LETTERS.index(letter)
    return index % 5, 4 - index // 5


def _letter(column: int, row: int) -> str:
    return _LETTERS[(4 - row) * 5 + column]
