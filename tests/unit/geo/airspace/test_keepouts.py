"""Zones as what routes keep out of: whatever the datum, the larger zone; wherever on earth; for docks of any height."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from shapely.geometry import Point, Polygon, box

from geo.airspace.keepouts import FURTHEST_M, KeepOuts, called, forbidding
from geo.airspace.period import Period
from geo.airspace.zone import GROUND, Datum, Limit, Restriction, Volume, Zone
from geo.geodesy import Array
from geo.routing.errors import InvalidRequestError
from tests.unit.geo.aircraft import HOME

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LAT, LON = HOME


def zone(area: Polygon | None = None, *, lower: Limit = GROUND, upper: Limit | None = None) -> Zone:
    near = box(LON + 0.01, LAT + 0.01, LON + 0.02, LAT + 0.02)
    return Zone(
        id="z", volumes=(Volume(area=area or near, lower=lower, upper=upper),), restriction=Restriction.PROHIBITED
    )


def between(zones: list[Zone], plate_m: float, **more: object) -> tuple[float, float]:
    """Floor and top of the one obstacle, above a plate."""
    kept = KeepOuts(zones, around=HOME, reach_m=20_000.0, margin_m=30.0, **more)  # type: ignore[arg-type]
    seen = kept.seen_from(plate_m)
    assert len(seen.lower_m) == 1
    return float(seen.lower_m[0]), float(seen.upper_m[0])


def at(value_m: float, datum: Datum) -> Limit:
    return Limit(value_m=value_m, datum=datum)


def slope(lat_deg: Array, lon_deg: Array) -> Array:
    """Ground that rises to the north: 80 m AMSL at home, 10 m for each hundredth of a degree."""
    return 80.0 + 1000.0 * (np.asarray(lat_deg) - LAT) + 0.0 * np.asarray(lon_deg)


def test_a_limit_above_the_sea_is_lower_for_a_higher_dock() -> None:
    limits = [zone(lower=at(200.0, Datum.AMSL), upper=at(500.0, Datum.AMSL))]
    assert between(limits, 80.0) == (120.0, 420.0)
    assert between(limits, 130.0) == (70.0, 370.0)


def test_a_limit_above_ground_follows_the_dock_over_flat_ground_give_or_take_what_is_not_known() -> None:
    limits = [zone(lower=at(100.0, Datum.AGL), upper=at(200.0, Datum.AGL))]
    assert between(limits, 80.0) == between(limits, 400.0) == (100.0, 200.0)
    assert between(limits, 80.0, ground_within_m=30.0) == (70.0, 230.0)


def test_with_a_terrain_model_it_is_over_the_lowest_and_the_highest_ground_in_the_zone() -> None:
    floor_m, top_m = between([zone(lower=at(100.0, Datum.AGL), upper=at(200.0, Datum.AGL))], 80.0, terrain_amsl=slope)
    # The zone lies 10 to 20 m higher than home, its margin some centimetres on either side.
    assert 109.0 < floor_m <= 110.0
    assert 220.0 <= top_m < 221.0


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.FL])
def test_where_a_height_is_not_known_exactly_the_zone_is_the_larger(datum: Datum) -> None:
    floor_m, top_m = between([zone(lower=at(1000.0, datum), upper=at(2000.0, datum))], 0.0)
    assert floor_m < 1000.0 - 50.0
    assert top_m > 2000.0 + 50.0


def test_from_the_ground_and_without_end_are_endless() -> None:
    assert between([zone()], 80.0) == (-math.inf, math.inf)


def test_a_floor_above_ground_that_crosses_a_top_above_the_sea_leaves_nothing_open_between_them() -> None:
    assert between([zone(lower=at(300.0, Datum.AGL), upper=at(200.0, Datum.AMSL))], 80.0) == (120.0, 300.0)


def test_docks_of_all_heights_share_what_is_prepared() -> None:
    kept = KeepOuts([zone()], around=HOME, reach_m=20_000.0, margin_m=30.0)
    low, high = kept.seen_from(10.0), kept.seen_from(300.0)
    assert low.keep_outs is high.keep_outs
    assert low.tree is high.tree
    assert kept.seen_from(10.0) is low


def test_what_is_far_away_is_left_out_and_what_is_very_large_is_cut() -> None:
    far = zone(box(LON + 3, LAT, LON + 3.1, LAT + 0.1))
    country = zone(box(LON - 8, LAT - 8, LON + 8, LAT + 8), lower=at(3000.0, Datum.AMSL))
    kept = KeepOuts([far, country], around=HOME, reach_m=FURTHEST_M, margin_m=30.0)
    (area,) = kept.prepared.zones
    assert area.area == pytest.approx((2 * FURTHEST_M) ** 2, rel=1e-3)


def test_long_edges_stay_where_the_document_has_them() -> None:
    """Straight in longitude and latitude: an edge of a degree bends by some hundred metres in the local plane."""
    south = zone(box(LON - 0.5, LAT - 0.3, LON + 0.5, LAT - 0.01))
    kept = KeepOuts([south], around=HOME, reach_m=50_000.0, margin_m=30.0)
    (area,) = kept.prepared.zones
    east, north = kept.prepared.frame.to_local(LAT - 0.01, LON + 0.4)
    edge_m = float(area.boundary.distance(Point(float(east), float(north))))
    assert edge_m < 0.2


def test_on_both_sides_of_the_antimeridian_a_zone_is_met() -> None:
    both = Zone(
        id="fiji",
        volumes=(Volume(area=box(179.9, -17, 180, -16.9)), Volume(area=box(-180, -17, -179.9, -16.9))),
        restriction=Restriction.PROHIBITED,
    )
    for lon in (179.95, -179.95):
        kept = KeepOuts([both], around=(-16.95, lon), reach_m=40_000.0, margin_m=30.0)
        assert len(kept.names) == 2
        assert len(kept.prepared.touching([(0.0, 0.0)])) >= 1


def test_only_what_forbids_and_applies_counts() -> None:
    def one(name: str, restriction: Restriction, *periods: Period) -> Zone:
        return Zone(id=name, volumes=zone().volumes, restriction=restriction, periods=periods)

    zones = [
        one("always", Restriction.PROHIBITED),
        one("asked", Restriction.REQ_AUTHORISATION),
        one("u-space", Restriction.USPACE),
        one("over", Restriction.PROHIBITED, Period(end=NOW - timedelta(hours=1))),
        one("soon", Restriction.PROHIBITED, Period(start=NOW + timedelta(minutes=30))),
    ]
    until = NOW + timedelta(hours=1)
    assert forbidding(zones, restrictions=frozenset(), since=NOW, until=until) == (0, 4)
    asked = frozenset({Restriction.REQ_AUTHORISATION})
    assert forbidding(zones, restrictions=asked, since=NOW, until=until) == (0, 1, 4)


def test_an_area_that_is_none_is_refused_and_a_zone_has_a_name_for_people() -> None:
    with pytest.raises(InvalidRequestError, match="reach_m"):
        KeepOuts([], around=HOME, reach_m=FURTHEST_M + 1, margin_m=30.0)
    assert called(zone()) == "z"
    assert (
        called(Zone(id="z", name="Prison", volumes=zone().volumes, restriction=Restriction.PROHIBITED)) == "Prison (z)"
    )
