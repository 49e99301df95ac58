"""What the dock's camera sees, drawn: a still from above of plate, lid, aircraft and whatever is there, as a PNG.

No library draws here: 160 by 120 pixels need rectangles and discs, and PNG is zlib with a frame around it
(ISO/IEC 15948).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

WIDTH, HEIGHT = 160, 120
_PIXELS_M = 50.0
"""Pixels to a metre: 3.2 m across."""
_PLATE_M, _BOX_M, _ROTOR_M, _ARM_M, _HEAD_M, _SHOULDER_M, _PARCEL_M = 0.8, 0.95, 0.14, 0.26, 0.12, 0.26, 0.25
"""Half widths and radii, in metres."""

Colour = tuple[int, int, int]
GROUND: Colour = (92, 98, 84)
BOX: Colour = (190, 192, 196)
PLATE: Colour = (58, 60, 64)
MARK: Colour = (232, 232, 226)
LID: Colour = (214, 216, 220)
AIRFRAME: Colour = (24, 26, 30)
ROTOR: Colour = (120, 124, 130)
JACKET: Colour = (30, 64, 150)
HEAD: Colour = (214, 170, 140)
PARCEL: Colour = (224, 120, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is under the camera. ``aircraft_m``: north and east of the plate's middle; None: out of the picture."""

    lid_open_share: float
    aircraft_m: tuple[float, float] | None
    over_plate: str


class _Canvas:
    def __init__(self) -> None:
        self.pixels = bytearray(bytes(GROUND) * (WIDTH * HEIGHT))

    def box(self, north_m: float, east_m: float, half_north_m: float, half_east_m: float, colour: Colour) -> None:
        """A rectangle around a point."""
        left, right = _column(east_m - half_east_m), _column(east_m + half_east_m)
        line = bytes(colour) * max(0, right - left)
        for row in range(_row(north_m + half_north_m), _row(north_m - half_north_m)):
            start = 3 * (row * WIDTH + left)
            self.pixels[start : start + len(line)] = line

    def disc(self, north_m: float, east_m: float, radius_m: float, colour: Colour) -> None:
        """A filled circle."""
        steps = int(radius_m * _PIXELS_M)
        for step in range(-steps, steps + 1):
            away_m = step / _PIXELS_M
            half_m = (radius_m * radius_m - away_m * away_m) ** 0.5
            self.box(north_m + away_m, east_m, 0.5 / _PIXELS_M, half_m, colour)


def _column(east_m: float) -> int:
    return min(max(round(WIDTH / 2 + east_m * _PIXELS_M), 0), WIDTH)


def _row(north_m: float) -> int:
    return min(max(round(HEIGHT / 2 - north_m * _PIXELS_M), 0), HEIGHT)


def draw(view: View, *, note: str) -> bytes:
    """The picture; ``note`` (Latin-1) goes in as a comment."""
    canvas = _Canvas()
    canvas.box(0, 0, _BOX_M, _BOX_M, BOX)
    canvas.box(0, 0, _PLATE_M, _PLATE_M, PLATE)
    canvas.disc(0, 0, 0.34, MARK)
    canvas.disc(0, 0, 0.28, PLATE)
    if view.aircraft_m is not None:
        _aircraft(canvas, *view.aircraft_m)
    covered_m = _PLATE_M * (1.0 - view.lid_open_share)
    for side in (1, -1):  # two halves that meet in the middle
        canvas.box(side * (_PLATE_M - covered_m / 2), 0, covered_m / 2, _PLATE_M, LID)
    if view.over_plate == "person":
        canvas.box(0.2, 0.15, 0.13, _SHOULDER_M, JACKET)
        canvas.disc(0.2, 0.15, _HEAD_M, HEAD)
    elif view.over_plate:
        canvas.box(-0.15, 0.2, _PARCEL_M, _PARCEL_M, PARCEL)
    return _png(canvas.pixels, note)


def _aircraft(canvas: _Canvas, north_m: float, east_m: float) -> None:
    canvas.box(north_m, east_m, _ARM_M, 0.03, AIRFRAME)
    canvas.box(north_m, east_m, 0.03, _ARM_M, AIRFRAME)
    canvas.box(north_m, east_m, 0.1, 0.07, AIRFRAME)
    for up in (-1, 1):
        for right in (-1, 1):
            canvas.disc(north_m + up * _ARM_M, east_m + right * _ARM_M, _ROTOR_M, ROTOR)


def _png(pixels: bytearray, note: str) -> bytes:
    stride = 3 * WIDTH
    lines = b"".join(b"\0" + pixels[start : start + stride] for start in range(0, len(pixels), stride))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    comment = b"Comment\0" + note.encode("latin-1", "replace")
    chunks = ((b"IHDR", header), (b"tEXt", comment), (b"IDAT", zlib.compress(lines, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
