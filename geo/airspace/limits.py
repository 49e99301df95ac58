"""Vertical limits as documents write them: units, words and datums, with the cautious reading of what is unclear.

Cautious is the larger zone: from the ground where the lower limit is unclear, without end where the upper is.
"""

from __future__ import annotations

import math

from geo.airspace.fields import number, short, word
from geo.airspace.finding import Notes
from geo.airspace.zone import FLIGHT_LEVEL_M, FOOT_M, GROUND, Datum, Limit

_DATUMS = {
    "AGL": Datum.AGL,
    "SFC": Datum.AGL,
    "GND": Datum.AGL,
    "AMSL": Datum.AMSL,
    "MSL": Datum.AMSL,
    "WGS84": Datum.WGS84,
    "W84": Datum.WGS84,
    "FL": Datum.FL,
    "STD": Datum.FL,
}
_METRES = {"M": 1.0, "FT": FOOT_M, "FL": FLIGHT_LEVEL_M, "SM": 10.0}
"""AIXM's SM is a standard level in tens of metres."""
_GROUND_WORDS = frozenset({"GND", "SFC", "FLOOR"})
_OPEN_WORDS = frozenset({"", "UNL", "UNLTD", "UNLIMITED", "CEILING"})
_HIGHEST_M = 1_000_000.0


def read_limits(
    *, lower: object, lower_datum: object, upper: object, upper_datum: object, unit: object, notes: Notes
) -> tuple[Limit, Limit | None]:
    """Both limits in one unit; see `read_pair`."""
    return read_pair(
        lower=lower,
        lower_datum=lower_datum,
        lower_unit=unit,
        upper=upper,
        upper_datum=upper_datum,
        upper_unit=unit,
        notes=notes,
    )


def read_pair(
    *,
    lower: object,
    lower_datum: object,
    lower_unit: object,
    upper: object,
    upper_datum: object,
    upper_unit: object,
    notes: Notes,
) -> tuple[Limit, Limit | None]:
    """Both limits in metres; an upper limit of None is without end. What is put right or assumed goes to the notes."""
    bottom: Limit | None = GROUND
    if word(lower) not in _OPEN_WORDS | _GROUND_WORDS:
        bottom = _limit("lower", lower, lower_datum, lower_unit, notes)
        if bottom is None:
            notes.assumed(f"its lower limit {short(lower)!r} is no height: taken from the ground")
    top: Limit | None = None
    if word(upper) in _GROUND_WORDS:
        notes.assumed("its upper limit is the ground: taken without upper limit")
    elif word(upper) not in _OPEN_WORDS:
        top = _limit("upper", upper, upper_datum, upper_unit, notes)
        if top is None:
            notes.assumed(f"its upper limit {short(upper)!r} is no height: taken without upper limit")
    return _in_order(bottom or GROUND, top, notes)


def _limit(which: str, value: object, datum: object, unit: object, notes: Notes) -> Limit | None:
    named = word(value)
    flight_level = named.startswith("FL")
    amount = number(named.removeprefix("FL")) if flight_level else number(value)
    if amount is None:
        return None
    unit_word = "FL" if flight_level else word(unit)
    if unit_word not in _METRES:
        guessed = "M" if which == "upper" or not unit_word else "FT"
        if unit_word:
            # Feet are the shorter: of the two guesses each limit takes the one that makes the zone larger.
            notes.assumed(f"the unit {short(unit)!r} of its {which} limit is unknown: {guessed} assumed")
        unit_word = guessed
    value_m = amount * _METRES[unit_word]
    if not math.isfinite(value_m) or abs(value_m) > _HIGHEST_M:
        return None
    if unit_word in {"FL", "SM"}:
        return Limit(value_m=value_m, datum=Datum.FL)
    known = _DATUMS.get(word(datum))
    if known is None and not (which == "lower" and value_m == 0):
        notes.assumed(
            f"its {which} limit of {value_m:g} m says no datum that is known ({short(datum)}): "
            + ("taken above sea level" if which == "lower" else "taken above ground")
        )
    return Limit(value_m=value_m, datum=known or (Datum.AMSL if which == "lower" and value_m else Datum.AGL))


def _in_order(lower: Limit, upper: Limit | None, notes: Notes) -> tuple[Limit, Limit | None]:
    if upper is None or lower.datum is not upper.datum or lower.value_m < upper.value_m:
        return lower, upper
    if lower.value_m == upper.value_m:
        notes.assumed(f"both its limits are {lower.value_m:g} m {lower.datum}: taken without upper limit")
        return lower, None
    notes.repaired(f"its lower limit {lower.value_m:g} m is above its upper limit {upper.value_m:g} m: exchanged")
    return upper, lower
