"""A place in each of the ways in which a control room is told one, and what is none."""

from __future__ import annotations

import math
from typing import Any

import pytest

from geo.geodesy import distance_m
from geo.places.grid import from_grid
from tests.unit.api.house import House, Json

HALF_DIAGONAL = math.sqrt(0.5)
CENTRE = from_grid(433_512.5, 279_181.5)


@pytest.mark.parametrize(
    ("place", "radius_m"),
    [
        ({"lat_deg": CENTRE[0], "lon_deg": CENTRE[1]}, 0.0),
        ({"lat_deg": CENTRE[0], "lon_deg": CENTRE[1], "radius_m": 25.0}, 25.0),
        ({"grid": "SP 33512 79181"}, HALF_DIAGONAL),
        ({"grid": "sp3351279181", "radius_m": 50.0}, 50 + HALF_DIAGONAL),
        ({"text": "SP 335 791"}, 100 * HALF_DIAGONAL),
        ({"text": "433512, 279181"}, HALF_DIAGONAL),
        ({"easting_m": 433512, "northing_m": 279181.0}, HALF_DIAGONAL),
        ({"easting_m": 433512.5, "northing_m": 279181.5, "radius_m": 10}, 10 + 0.1 * HALF_DIAGONAL),
        ({"text": f"{CENTRE[0]:.4f}, {CENTRE[1]:.4f}"}, 6.5),
    ],
)
async def test_a_place_is_answered_as_degrees_with_the_radius_that_its_spelling_implies(
    house: House, place: Json, radius_m: float
) -> None:
    shown = (await house.incident(place=place))["place"]
    assert set(shown) == {"lat_deg", "lon_deg", "radius_m"}
    assert shown["radius_m"] == pytest.approx(radius_m, abs=0.1)
    off_m = distance_m(shown["lat_deg"], shown["lon_deg"], *CENTRE)
    assert off_m <= radius_m + 0.8, "the circle holds the place that was meant"


async def test_an_incident_is_moved_by_a_grid_reference(house: House) -> None:
    incident = await house.incident()
    amended = await house.taken("PATCH", f"/incidents/{incident['id']}", json={"place": {"grid": "SP 33512 79181"}})
    assert distance_m(amended["place"]["lat_deg"], amended["place"]["lon_deg"], *CENTRE) < 0.1
    assert amended["revision"] == 2


@pytest.mark.parametrize(
    ("place", "pointer", "says"),
    [
        ({}, "/place", "exactly one way"),
        ({"radius_m": 5.0}, "/place", "exactly one way"),
        ({"lat_deg": 52.4, "lon_deg": -1.5, "text": "SP 33 79"}, "/place", "exactly one way"),
        ({"grid": "SP 33 79", "text": "SP 33 79"}, "/place", "exactly one way"),
        ({"lat_deg": 52.4}, "/place/lon_deg", "is missing"),
        ({"northing_m": 279181}, "/place/easting_m", "is missing"),
        ({"easting_m": 1, "northing_m": 1_200_000}, "/place/easting_m", "OSTN15"),
        ({"easting_m": -1, "northing_m": 1}, "/place/easting_m", "at least 0"),
        ({"easting_m": "433512", "northing_m": 279181}, "/place/easting_m", "without quotes"),
        ({"text": "by the church"}, "/place/text", "no spelling of a place"),
        ({"text": "SP 335 79"}, "/place/text", "different numbers of digits"),
        ({"text": "ZZ 33 79"}, "/place/text", "Britain's squares"),
        ({"text": "SP"}, "/place/text", "too rough"),
        ({"text": "52, -1"}, "/place/text", "too rough"),
        ({"grid": "52.41, -1.51"}, "/place/grid", "no grid reference"),
        ({"text": "SP3 7", "radius_m": 19_000.0}, "/place", "20 km"),
        ({"text": 5}, "/place/text", ""),
        ({"text": "\x00"}, "/place/text", "control characters"),
        ({"text": "SP 33 79\u202e"}, "/place/text", "U+202E"),
        ({"text": "1" * 500}, "/place/text", "at most 120"),
    ],
)
async def test_what_is_no_place_is_refused_with_the_field_and_the_remedy(
    house: House, place: Json, pointer: str, says: str
) -> None:
    before = await house.seq()
    answer = await house.ask("POST", "/incidents", json=house.report(place=place))
    assert answer.status_code == 422
    (fault, *_) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert says in fault["detail"]
    assert await house.seq() == before


async def test_the_same_report_in_another_spelling_is_other_content(house: House) -> None:
    body: dict[str, Any] = house.report(place={"grid": "SP 33512 79181"})
    assert (await house.ask("POST", "/incidents", json=body)).status_code == 201
    assert (await house.ask("POST", "/incidents", json=body)).status_code == 200
    body["place"] = {"grid": "SP 335 791"}
    assert (await house.ask("POST", "/incidents", json=body)).status_code == 409
