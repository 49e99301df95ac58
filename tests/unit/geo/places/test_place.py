"""Places as people write them, and as they must not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geodesy import distance_m
from geo.places.errors import PlaceError
from geo.places.grid import from_grid, reference_of
from geo.places.place import Spelling, read_place


@pytest.mark.parametrize(
    "words",
    [
        "52.40811, -1.51061",
        "52.40811 -1.51061",
        "52.40811;-1.51061",
        "(52.40811, -1.51061)",
        "geo:52.40811,-1.51061",
        "52.40811N 1.51061W",
        "52.40811 N, 1.51061 W",
        "N52.40811 W1.51061",
        "52.40811°N 1.51061°W",
        "1.51061W 52.40811N",
        "lat 52.40811 lon -1.51061",
        "Longitude: -1.51061, Latitude: 52.40811",
        "52°24'29.2\"N 1°30'38.2\"W",
        "52° 24′ 29.2″ N, 1° 30′ 38.2″ W",
        "52 24 29.2 N 1 30 38.2 W",
        "52:24:29.2N 1:30:38.2W",
        "N 52° 24.4866' W 1° 30.6366'",
        "52 24 29.2, -1 30 38.2",
        "52 24.4866 −1 30.6366",
    ],
)
def test_latitude_and_longitude_in_the_usual_spellings(words: str) -> None:
    place = read_place(words)
    assert place.spelling is Spelling.LAT_LON
    assert distance_m(place.lat_deg, place.lon_deg, 52.40811, -1.51061) < 1.5
    assert 0 < place.uncertainty_radius_m < 3


@pytest.mark.parametrize(
    ("words", "easting_m", "northing_m", "size_m"),
    [
        ("SP 33 79", 433_500, 279_500, 1000),
        ("SP3379", 433_500, 279_500, 1000),
        ("sp 335 791", 433_550, 279_150, 100),
        ("SP335791", 433_550, 279_150, 100),
        ("SP 33512 79181", 433_512.5, 279_181.5, 1),
        ("SP 335121 791812", 433_512.15, 279_181.25, 0.1),
        ("SP335121791812", 433_512.15, 279_181.25, 0.1),
        ("SP", 450_000, 250_000, 100_000),
    ],
)
def test_a_grid_reference_is_its_squares_middle_and_half_diagonal(
    words: str, easting_m: float, northing_m: float, size_m: float
) -> None:
    place = read_place(words)
    assert place.spelling is Spelling.GRID_REFERENCE
    assert distance_m(place.lat_deg, place.lon_deg, *from_grid(easting_m, northing_m)) < 0.01
    assert place.uncertainty_radius_m == pytest.approx(size_m / math.sqrt(2))


@pytest.mark.parametrize(
    "words",
    [
        "433512 279181",
        "433512, 279181",
        "433512279181",
        "E 433512 N 279181",
        "433512mE 279181mN",
        "Easting: 433512, Northing: 279181",
    ],
)
def test_eastings_and_northings(words: str) -> None:
    place = read_place(words)
    assert place.spelling is Spelling.EASTING_NORTHING
    assert distance_m(place.lat_deg, place.lon_deg, *from_grid(433_512, 279_181)) < 0.01
    assert place.uncertainty_radius_m == pytest.approx(math.sqrt(0.5))


def test_fewer_digits_are_a_larger_circle() -> None:
    assert read_place("52.4, -1.5").uncertainty_radius_m == pytest.approx(6520, rel=0.01)
    assert read_place("52.4081, -1.5106").uncertainty_radius_m == pytest.approx(6.52, rel=0.01)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "place: nothing was given; write it as"),
        ("the old mill", "place: "),
        ("52.4081", "longitude: '52.4081' holds one angle alone; give latitude, then longitude"),
        ("95.2, -1.5", "latitude: 95.2 is not between -90 and 90; give latitude first"),
        ("52.4N 1.5N", "place: .* gives latitude twice"),
        ("-52.4S 1.5W", "latitude: .* contradicts itself"),
        ("52 61 00 N 1 30 00 W", "latitude: 61 minutes are a degree or more"),
        ("SP 335 7918", "digits: .* different numbers of digits"),
        ("SP 335", "digits: .* even number"),
        ("SI 33 79", "letters: 'SI' is no square"),
        ("AA 33 79", "letters: AA is not one of Britain's squares"),
        ("833512 279181", "easting: 833512 m is not on the grid"),
        ("52..4, -1.5", "latitude: '52..4' is no angle"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field_with_a_remedy(words: str, said: str) -> None:
    with pytest.raises(PlaceError, match=said) as refused:
        read_place(words)
    assert refused.value.field
    assert refused.value.remedy


@settings(max_examples=100, deadline=None)
@given(easting_m=st.floats(400_000, 600_000), northing_m=st.floats(150_000, 400_000), half=st.integers(1, 6))
def test_the_circle_holds_the_point_that_the_reference_was_made_of(
    easting_m: float, northing_m: float, half: int
) -> None:
    place = read_place(reference_of(easting_m, northing_m, digits=2 * half))
    there = from_grid(easting_m, northing_m)
    assert distance_m(place.lat_deg, place.lon_deg, *there) <= place.uncertainty_radius_m * 1.001 + 0.001


@settings(max_examples=300, deadline=None)
@given(words=st.text(alphabet="0123456789 NSEWSPabc.,;:°'\"-+", max_size=30))
def test_nonsense_is_refused_and_never_crashes(words: str) -> None:
    try:
        place = read_place(words)
    except PlaceError:
        return
    assert -90 <= place.lat_deg <= 90
    assert -180 <= place.lon_deg <= 180
