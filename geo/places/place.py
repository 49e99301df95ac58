"""A place from words, whoever wrote them: a point, and how far from it the truth may be.

What a caller reads out carries its own precision. "SP 33 79" is a kilometre square and "52.41, -1.51" is rounded to
a hundredth of a degree; both are centres of something to search, with the half diagonal of it as radius.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from geo.flight.position import FLATTENING, SEMI_MAJOR_M
from geo.places.errors import UnreadablePlaceError
from geo.places.grid import from_grid, square_corner

_SQUARE_M = 100_000.0
_REMEDY = "write it as 52.4081, -1.5106 or SP 33512 79181 or 433512, 279181"


class Spelling(StrEnum):
    """How a place was written."""

    LAT_LON = "lat_lon"
    GRID_REFERENCE = "grid_reference"
    EASTING_NORTHING = "easting_northing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """WGS84, and a circle that holds every point that the words could mean."""

    lat_deg: float
    lon_deg: float
    uncertainty_radius_m: float
    spelling: Spelling


_GRID = re.compile(r"([A-Za-z]{2})\s*([\d\s,]*)")
_NUMERIC = re.compile(
    r"(?:E(?:ASTINGS?)?\s*[:=]?\s*)?(\d+(?:\.\d+)?)\s*m?E?\s*[,;\s]\s*(?:N(?:ORTHINGS?)?\s*[:=]?\s*)?(\d+(?:\.\d+)?)\s*m?N?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\b(lat|lon|lng)[a-z]*\b\s*[:=]?", re.IGNORECASE)
_HEMISPHERE = re.compile(r"[NSEW]", re.IGNORECASE)
_NUMBER = r"(\d+(?:\.\d+)?)"
_ANGLE = re.compile(
    rf"([-+]?)\s*{_NUMBER}\s*(?:°|deg|:)?\s*(?:{_NUMBER}\s*(?:'|:)?\s*(?:{_NUMBER}\s*(?:\"|'')?)?)?", re.IGNORECASE
)
_AXIS_OF = {"N": "latitude", "S": "latitude", "E": "longitude", "W": "longitude"}
_LIMIT_DEG = {"latitude": 90, "longitude": 180}
_MARKS = str.maketrans({"′": "'", "’": "'", "‘": "'", "″": '"', "”": '"', "“": '"', "º": "°", "−": "-", "–": "-"})


def read_place(words: str) -> Place:
    """A place in any spelling known here. Raises `UnreadablePlaceError` or `OffTheGridError`, naming the field."""
    text = " ".join(words.translate(_MARKS).split())
    if not text:
        raise UnreadablePlaceError("place", "nothing was given", _REMEDY)
    grid = _GRID.fullmatch(text)
    if grid is not None:
        return grid_reference(grid[1], grid[2])
    if re.fullmatch(r"\d{12}", text):
        return easting_northing(text[:6], text[6:])
    numeric = _NUMERIC.fullmatch(text)
    if numeric is not None and (float(numeric[1]) > 180 or float(numeric[2]) > 180):
        return easting_northing(numeric[1], numeric[2])
    return _lat_lon(text)


def grid_reference(letters: str, digits: str) -> Place:
    """The middle of the square that a British grid reference names; the radius is half its diagonal."""
    groups = digits.replace(",", " ").split()
    if len(groups) == 2 and len(groups[0]) != len(groups[1]):
        reason = f"{groups[0]!r} and {groups[1]!r} have different numbers of digits"
        raise UnreadablePlaceError("digits", reason, "give as many for easting as for northing")
    together = "".join(groups)
    if len(groups) > 2 or len(together) % 2 or len(together) > 12:
        reason = f"{digits.strip()!r} is not an even number of digits, 12 at most"
        raise UnreadablePlaceError("digits", reason, "give easting and northing with as many digits each")
    half = len(together) // 2
    size_m = _SQUARE_M / 10**half
    west_m, south_m = square_corner(letters)
    east_m = west_m + (int(together[:half] or "0") + 0.5) * size_m
    north_m = south_m + (int(together[half:] or "0") + 0.5) * size_m
    lat, lon = from_grid(east_m, north_m)
    return Place(
        lat_deg=lat,
        lon_deg=lon,
        uncertainty_radius_m=size_m * math.sqrt(0.5),
        spelling=Spelling.GRID_REFERENCE,
    )


def easting_northing(easting_m: str, northing_m: str) -> Place:
    """From metres on the British grid, as written: the last digit tells how far they were rounded."""
    for field, value in (("easting", easting_m), ("northing", northing_m)):
        if not re.fullmatch(r"\d+(\.\d+)?", value.strip()):
            raise UnreadablePlaceError(field, f"{value!r} is no number of metres", "write it as 433512 or 433512.4")
    lat, lon = from_grid(float(easting_m), float(northing_m))
    halves = [_last_digit(value.strip()) / 2 for value in (easting_m, northing_m)]
    return Place(lat_deg=lat, lon_deg=lon, uncertainty_radius_m=math.hypot(*halves), spelling=Spelling.EASTING_NORTHING)


@dataclass(frozen=True, slots=True)
class _Angle:
    degrees: float
    rounding_deg: float
    axis: str | None


def _lat_lon(text: str) -> Place:
    halves = _halves(text.removeprefix("geo:").strip(" ()[]"))
    if halves is None:
        raise UnreadablePlaceError("place", f"{text!r} is no spelling of a place known here", _REMEDY)
    if not halves[1]:
        raise UnreadablePlaceError("longitude", f"{text!r} holds one angle alone", "give latitude, then longitude")
    first, second = (_angle(half, field) for half, field in zip(halves, ("latitude", "longitude"), strict=True))
    if first.axis is not None and first.axis == second.axis:
        raise UnreadablePlaceError("place", f"{text!r} gives {first.axis} twice", "give N or S once, and E or W once")
    if first.axis == "longitude" or second.axis == "latitude":
        first, second = second, first
    for field, angle in (("latitude", first), ("longitude", second)):
        limit = _LIMIT_DEG[field]
        if not -limit <= angle.degrees <= limit:
            reason = f"{angle.degrees:g} is not between -{limit} and {limit}"
            raise UnreadablePlaceError(field, reason, "give latitude first, then longitude")
    per_lat_m, per_lon_m = _metres_per_degree(first.degrees)
    return Place(
        lat_deg=first.degrees,
        lon_deg=second.degrees,
        uncertainty_radius_m=math.hypot(first.rounding_deg * per_lat_m, second.rounding_deg * per_lon_m),
        spelling=Spelling.LAT_LON,
    )


def _halves(text: str) -> tuple[str, str] | None:
    """The two angles of a text, the second empty where there is one alone; None where it cannot be told apart."""
    labels = list(_LABEL.finditer(text))
    if len(labels) == 2:
        return text[: labels[1].start()].strip(" ,;"), text[labels[1].start() :].strip(" ,;")
    letters = list(_HEMISPHERE.finditer(text))
    if len(letters) == 2 and not labels:
        cut = letters[1].start() if letters[0].start() == 0 else letters[0].end()
        return text[:cut].strip(" ,;"), text[cut:].strip(" ,;")
    parts = [part.strip() for part in re.split(r"[,;]", text)]
    if len(parts) == 2:
        return parts[0], parts[1]
    words = text.split()
    if len(words) == 1:
        return (text, "") if _ANGLE.fullmatch(text) else None
    if len(parts) == 1 and len(words) in (2, 4, 6):
        middle = len(words) // 2
        return " ".join(words[:middle]), " ".join(words[middle:])
    return None


def _angle(half: str, field: str) -> _Angle:
    label = _LABEL.match(half)
    axis = None if label is None else ("latitude" if label[1].lower() == "lat" else "longitude")
    bare = half if label is None else half[label.end() :].strip()
    letter = ""
    if bare and bare[0].upper() in _AXIS_OF:
        letter, bare = bare[0].upper(), bare[1:].strip()
    elif bare and bare[-1].upper() in _AXIS_OF:
        letter, bare = bare[-1].upper(), bare[:-1].strip()
    field = axis or _AXIS_OF.get(letter, field)
    read = _ANGLE.fullmatch(bare)
    if read is None:
        raise UnreadablePlaceError(field, f"{half!r} is no angle", _REMEDY)
    if letter and (read[1] == "-" or (axis or field) != _AXIS_OF[letter]):
        raise UnreadablePlaceError(field, f"{half!r} contradicts itself", "give a sign or a letter, not both")
    degrees, rounding, unit = 0.0, 0.0, 1.0
    for name, number in zip(("degrees", "minutes", "seconds"), read.groups()[1:], strict=True):
        if number is None:
            break
        if name != "degrees" and float(number) >= 60:
            raise UnreadablePlaceError(field, f"{number} {name} are a degree or more", f"{name} go up to 59.999")
        degrees += float(number) * unit
        rounding = _last_digit(number) * unit / 2
        unit /= 60
    negative = read[1] == "-" or letter in ("S", "W")
    return _Angle(-degrees if negative else degrees, rounding, axis or (_AXIS_OF[letter] if letter else None))


def _last_digit(number: str) -> float:
    """What the last digit of a number as written counts."""
    return float(10.0 ** -len(number.partition(".")[2]))


def _metres_per_degree(lat_deg: float) -> tuple[float, float]:
    """Along a meridian and along a parallel of WGS84."""
    e2 = FLATTENING * (2 - FLATTENING)
    lat = math.radians(lat_deg)
    bulge = 1 - e2 * math.sin(lat) ** 2
    per_radian_m = SEMI_MAJOR_M / math.sqrt(bulge)
    return math.radians(per_radian_m * (1 - e2) / bulge), math.radians(per_radian_m * math.cos(lat))
