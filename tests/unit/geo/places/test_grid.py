"""The British grid, held against the Ordnance Survey's own forty points."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geodesy import distance_m
from geo.places.errors import OffTheGridError
from geo.places.grid import from_grid, reference_of, square_corner, to_grid

SAMPLES = Path(__file__).resolve().parents[5] / "shared" / "samples" / "geography"
NEAR_M = 0.01


def rows(name: str) -> list[list[str]]:
    file = SAMPLES / f"OSTN15_OSGM15_Test{name}.txt"
    if not file.exists():
        pytest.skip("the Ordnance Survey's test points are not beside this checkout (../shared/samples/geography)")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [row for row in csv.reader(lines) if row and row[0] != "PointID"]


def test_the_forty_points_come_out_on_the_grid_within_a_centimetre() -> None:
    wanted = {row[0]: (float(row[1]), float(row[2])) for row in rows("Output_ETRStoOSGB")}
    given_points = rows("Input_ETRStoOSGB")
    assert len(given_points) == 40
    for name, lat, lon, *_ in given_points:
        assert math.dist(to_grid(float(lat), float(lon)), wanted[name]) < NEAR_M, name


def test_the_forty_points_come_back_from_the_grid_within_a_centimetre() -> None:
    results = (row for row in rows("Output_OSGBtoETRS") if row[1] == "RESULT")
    wanted = {row[0]: (float(row[2]), float(row[3])) for row in results}
    given_points = rows("Input_OSGBtoETRS")
    assert len(given_points) == len(wanted) == 40
    for name, easting, northing, *_ in given_points:
        assert distance_m(*from_grid(float(easting), float(northing)), *wanted[name]) < NEAR_M, name


@settings(max_examples=100, deadline=None)
@given(easting_m=st.floats(400_000, 500_000), northing_m=st.floats(200_000, 400_000))
def test_there_and_back_is_the_same_point(easting_m: float, northing_m: float) -> None:
    assert math.dist(to_grid(*from_grid(easting_m, northing_m)), (easting_m, northing_m)) < NEAR_M


@pytest.mark.parametrize(
    ("letters", "corner"),
    [
        ("SV", (0, 0)),
        ("SP", (400_000, 200_000)),
        ("TQ", (500_000, 100_000)),
        ("NT", (300_000, 600_000)),
        ("HP", (400_000, 1_200_000)),
    ],
)
def test_letters_name_their_square(letters: str, corner: tuple[float, float]) -> None:
    assert square_corner(letters) == corner
    assert square_corner(letters.lower()) == corner
    assert reference_of(*corner, digits=0) == letters


def test_a_reference_is_the_square_that_holds_the_point() -> None:
    assert reference_of(433_512.9, 279_181.2) == "SP 33512 79181"
    assert reference_of(433_512.9, 279_181.2, digits=4) == "SP 33 79"
    assert reference_of(433_512.95, 279_181.2, digits=12) == "SP 335129 791812"
    with pytest.raises(ValueError, match="even"):
        reference_of(1, 1, digits=5)


@pytest.mark.parametrize("letters", ["SI", "AA", "ZZ", "S1", "X"])
def test_letters_of_no_square_are_refused(letters: str) -> None:
    with pytest.raises(OffTheGridError, match="letters: "):
        square_corner(letters)


def test_what_is_off_the_grid_is_refused_by_its_field() -> None:
    with pytest.raises(OffTheGridError, match=r"position: .*not covered by OSTN15"):
        to_grid(48.85, 2.35)
    with pytest.raises(OffTheGridError, match=r"northing: 1\.3e\+06 m is not on the grid"):
        from_grid(400_000, 1_300_000)
    with pytest.raises(OffTheGridError, match="easting"):
        from_grid(-1, 0)
