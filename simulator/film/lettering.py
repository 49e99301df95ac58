"""Letters for what is burnt into the picture: five by seven dots, drawn into a luma plane."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]

_ROWS, _COLUMNS = 7, 5
BLACK, WHITE = 16, 235
"""Luma of ITU-R BT.601's limited range."""

_DOTS = {
    "A": "0e11111f111111",
    "B": "1e11111e11111e",
    "C": "0e11101010110e",
    "D": "1e11111111111e",
    "E": "1f10101e10101f",
    "F": "1f10101e101010",
    "G": "0e11101711110f",
    "H": "1111111f111111",
    "I": "0e04040404040e",
    "J": "0702020202120c",
    "K": "11121418141211",
    "L": "1010101010101f",
    "M": "111b1515111111",
    "N": "11191513111111",
    "O": "0e11111111110e",
    "P": "1e11111e101010",
    "Q": "0e11111115120d",
    "R": "1e11111e141211",
    "S": "0f10100e01011e",
    "T": "1f040404040404",
    "U": "1111111111110e",
    "V": "11111111110a04",
    "W": "11111115151b11",
    "X": "11110a040a1111",
    "Y": "11110a04040404",
    "Z": "1f01020408101f",
    "0": "0e11131519110e",
    "1": "040c040404040e",
    "2": "0e11010608101f",
    "3": "1f02040201110e",
    "4": "02060a121f0202",
    "5": "1f101e0101110e",
    "6": "0608101e11110e",
    "7": "1f010204080808",
    "8": "0e11110e11110e",
    "9": "0e11110f01020c",
    ":": "00040000000400",
    ".": "00000000000c0c",
    "-": "0000000e000000",
    "+": "0004041f040400",
    "/": "01010204081010",
    "°": "06090906000000",
    " ": "00000000000000",
}
_UNKNOWN = "1f11111111111f"


@lru_cache(maxsize=256)
def _glyph(letter: str, scale: int) -> Plane:
    """One letter and the gap after it: 7 by 6 dots, each ``scale`` pixels wide and high."""
    rows = bytes.fromhex(_DOTS.get(letter, _UNKNOWN))
    dots = [[(row >> (_COLUMNS - 1 - column)) & 1 for column in range(_COLUMNS)] + [0] for row in rows]
    luma = np.where(np.array(dots, dtype=bool), WHITE, BLACK).astype(np.uint8)
    return np.kron(luma, np.ones((scale, scale), dtype=np.uint8))


def write(luma: Plane, text: str, *, x: int, y: int, scale: int = 2) -> None:
    """Write white on a black ground, its upper left corner at (x, y); what does not fit in the plane is left out."""
    block = np.hstack([_glyph(letter, scale) for letter in text.upper()]) if text else np.zeros((0, 0), np.uint8)
    block = np.pad(block, scale, constant_values=BLACK)
    height, width = luma.shape
    if 0 <= x < width and 0 <= y < height:
        fits = block[: height - y, : width - x]
        luma[y : y + fits.shape[0], x : x + fits.shape[1]] = fits
