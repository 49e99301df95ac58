"""The moment of capture as a code in the picture, so that a measurement can read it from what is displayed.

Two rows of 32 cells, the first bit upper left: 8 bits that never change, 48 bits of Unix milliseconds, 8 bits of CRC
(polynomial 0x07). A cell is an eightieth of the picture's width; the code's right edge is one cell from the picture's,
and so is its upper edge. Coarse enough to be read after compression.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.film.lettering import BLACK, WHITE, Plane

COLUMNS, ROWS, CELLS_ACROSS = 32, 2, 80
_SYNC = 0b1011_0010
_TIME_BITS = 48


def _crc8(value: int) -> int:
    crc = 0
    for byte in value.to_bytes(7, "big"):
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc


def bits_of(unix_ms: int) -> npt.NDArray[np.bool_]:
    """Shape (2, 32); True is white."""
    head = _SYNC << _TIME_BITS | unix_ms & (1 << _TIME_BITS) - 1
    word = head << 8 | _crc8(head)
    bits = [bool(word >> (63 - place) & 1) for place in range(64)]
    return np.array(bits).reshape(ROWS, COLUMNS)


def draw(luma: Plane, unix_ms: int) -> None:
    """Draw the code into a plane whose width is a multiple of 80, with a dark edge around it."""
    cell, x, y = _placed(luma)
    luma[y - cell // 2 : y + ROWS * cell + cell // 2, x - cell // 2 : x + COLUMNS * cell + cell // 2] = BLACK
    cells = np.where(bits_of(unix_ms), WHITE, BLACK).astype(np.uint8)
    luma[y : y + ROWS * cell, x : x + COLUMNS * cell] = np.kron(cells, np.ones((cell, cell), dtype=np.uint8))


def read(luma: Plane) -> int | None:
    """Unix milliseconds of a picture's code; None where there is none, or it is damaged."""
    cell, x, y = _placed(luma)
    centres = luma[
        y + cell // 2 : y + ROWS * cell : cell,
        x + cell // 2 : x + COLUMNS * cell : cell,
    ]
    word = 0
    for bit in (centres > (BLACK + WHITE) // 2).ravel():
        word = word << 1 | int(bit)
    head = word >> 8
    if word & 0xFF != _crc8(head) or head >> _TIME_BITS != _SYNC:
        return None
    return head & (1 << _TIME_BITS) - 1


def _placed(luma: Plane) -> tuple[int, int, int]:
    """Cell, and the upper left corner, in pixels."""
    width = luma.shape[1]
    cell = width // CELLS_ACROSS
    return cell, width - (COLUMNS + 1) * cell, cell
