"""The ground that is filmed: streets, houses and green of a town that goes on for ever, as textures of every
coarseness.

One tile of 1,024 m repeats in both directions. It is drawn once, from a seed, and halved again and again, so that a
row of the picture far away takes its colours from a coarse copy and does not flicker.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

METRES_PER_TEXEL = 0.5
SIDE = 2048
LEVELS = 8
_STREET_M, _MAIN_M = 64.0, 256.0
_HOUSES = 5200
_TREES = 2600

# Luma, chroma blue, chroma red, and what a thermal camera sees of it.
_GREEN = (96, 118, 122, 70)
_ASPHALT = (74, 128, 127, 96)
_MAIN = (104, 127, 129, 104)
_LINE = (200, 127, 128, 100)
_TREE = (58, 117, 121, 60)


@dataclass(frozen=True, slots=True)
class Ground:
    """Four flat arrays (luma, blue, red, heat), all levels one after the other; ``offsets`` say where each begins."""

    luma: Bytes
    blue: Bytes
    red: Bytes
    heat: Bytes
    offsets: npt.NDArray[np.int32]


def make_ground(seed: int = 20) -> Ground:
    """The same seed is the same town."""
    rng = np.random.default_rng(seed)
    planes = [np.full((SIDE, SIDE), value, dtype=np.float32) for value in _GREEN]
    lawn = rng.normal(0.0, 5.0, (SIDE // 8, SIDE // 8)).repeat(8, axis=0).repeat(8, axis=1)
    planes[0] += lawn
    _scatter(planes, rng, count=_TREES, smallest=3, largest=9, colours=[_TREE])
    roofs = [
        (126, 120, 146, 132),
        (150, 122, 136, 140),
        (112, 128, 132, 128),
        (176, 126, 130, 150),
        (92, 124, 140, 122),
    ]
    _scatter(planes, rng, count=_HOUSES, smallest=14, largest=36, colours=roofs)
    texels = np.arange(SIDE) * METRES_PER_TEXEL
    for every_m, half_m, colour in ((_STREET_M, 4.0, _ASPHALT), (_MAIN_M, 8.0, _MAIN), (_MAIN_M, 0.5, _LINE)):
        on = np.abs((texels + every_m / 2) % every_m - every_m / 2) <= half_m
        for plane, value in zip(planes, colour, strict=True):
            plane[on, :] = value
            plane[:, on] = value
    planes[0] += rng.normal(0.0, 4.0, (SIDE, SIDE))
    levels = [_halved(plane) for plane in planes]
    sizes = [(SIDE >> level) ** 2 for level in range(LEVELS)]
    offsets = np.cumsum([0, *sizes[:-1]]).astype(np.int32)
    return Ground(luma=levels[0], blue=levels[1], red=levels[2], heat=levels[3], offsets=offsets)


def _scatter(
    planes: list[npt.NDArray[np.float32]],
    rng: np.random.Generator,
    *,
    count: int,
    smallest: int,
    largest: int,
    colours: list[tuple[int, int, int, int]],
) -> None:
    places = rng.integers(0, SIDE - largest, (count, 2))
    sizes = rng.integers(smallest, largest, (count, 2))
    kinds = rng.integers(0, len(colours), count)
    shades = rng.normal(0.0, 9.0, count)
    for (y, x), (height, width), kind, shade in zip(places, sizes, kinds, shades, strict=True):
        for number, (plane, value) in enumerate(zip(planes, colours[kind], strict=True)):
            plane[y : y + height, x : x + width] = value + (shade if number in (0, 3) else 0.0)


def _halved(plane: npt.NDArray[np.float32]) -> Bytes:
    """Every level, from the finest, in one flat array."""
    levels: list[Bytes] = []
    for _ in range(LEVELS):
        levels.append(np.clip(plane, 16, 240).astype(np.uint8).ravel())
        plane = np.float32(0.25) * (plane[::2, ::2] + plane[1::2, ::2] + plane[::2, 1::2] + plane[1::2, 1::2])
    return np.concatenate(levels)
