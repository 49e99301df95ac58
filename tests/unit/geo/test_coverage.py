"""Coverage against the energy model it comes from, and the shapes it takes at the edges of the map."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point

from geo import geodesy
from geo.coverage import CoverageIndex, coverage_frame, geodesic_area, reach_by_energy_m, reach_in_time_m
from geo.errors import CoverageError
from geo.flight.energy import FlightEstimate
from geo.flight.plan import estimate_plan, straight_plan
from geo.flight.position import LatLon
from geo.flight.wind import Wind
from geo.isochrones.survey import ISOCHRONES_S
from geo.site import CoverageSite, CoverageTerms
from tests.unit.geo.aircraft import HOME, PATROL, bearings, winds

TERMS = CoverageTerms()
BREEZE = Wind(speed_m_s=9, from_deg=270)


def site(dock_id: str = "dock-1", at: LatLon = HOME, wind: Wind = BREEZE) -> CoverageSite:
    return CoverageSite(dock_id=dock_id, lat_deg=at[0], lon_deg=at[1], performance=PATROL, wind=wind)


def flight_to(place: CoverageSite, *, bearing: float, way_m: float, terms: CoverageTerms = TERMS) -> FlightEstimate:
    home = (place.lat_deg, place.lon_deg)
    plan = straight_plan(
        home=home,
        scene=geodesy.destination(*home, bearing_deg=bearing, distance_m=way_m),
        transit_alt_m=terms.transit_alt_m,
        scene_alt_m=terms.scene_alt_m,
        standoff_m=terms.standoff_m,
    )
    return estimate_plan(
        plan=plan,
        performance=place.performance,
        watch_s=terms.min_watch_s,
        charge_percent=place.charge_percent,
        reserve_percent=terms.reserve_percent,
        wind=place.wind,
    )


@settings(deadline=None)
@given(
    wind=winds,
    bearing=bearings,
    charge=st.floats(40, 100),
    scene_alt_m=st.sampled_from([30.0, 60.0, 90.0]),
)
def test_the_energy_limit_is_where_a_flight_stops_being_possible(
    wind: Wind, bearing: float, charge: float, scene_alt_m: float
) -> None:
    place = replace(site(wind=wind), charge_percent=charge)
    terms = replace(TERMS, scene_alt_m=scene_alt_m)
    limit_m = reach_by_energy_m(site=place, terms=terms, bearing_deg=bearing)
    # Meridians converge: the plan's way home does not bear exactly opposite to the way out. That is worth some metres.
    if limit_m > 100:
        assert flight_to(place, bearing=bearing, way_m=limit_m - 20, terms=terms).watch_possible_s >= terms.min_watch_s
    beyond = flight_to(place, bearing=bearing, way_m=limit_m + 20, terms=terms)
    assert beyond.watch_possible_s < terms.min_watch_s


@settings(deadline=None)
@given(
    wind=winds,
    bearing=bearings,
    seconds=st.floats(30, 600),
    airborne_s=st.floats(0, 20),
    scene_alt_m=st.sampled_from([30.0, 60.0, 90.0]),
)
def test_an_isochrone_is_where_a_flight_arrives_at_that_time(
    wind: Wind, bearing: float, seconds: float, airborne_s: float, scene_alt_m: float
) -> None:
    place = replace(site(wind=wind), time_to_airborne_s=airborne_s)
    terms = replace(TERMS, scene_alt_m=scene_alt_m)
    reach_m = reach_in_time_m(site=place, terms=terms, bearing_deg=bearing, seconds=seconds)
    if reach_m > terms.standoff_m + 1:
        arrival_s = airborne_s + flight_to(place, bearing=bearing, way_m=reach_m, terms=terms).time_to_scene_s
        assert arrival_s == pytest.approx(seconds, abs=0.3)
    elif reach_m == 0:
        overhead_s = airborne_s + flight_to(place, bearing=bearing, way_m=1, terms=terms).time_to_scene_s
        assert overhead_s > seconds - 1e-6


def test_the_frame_has_a_row_for_each_dock_and_time_and_one_for_the_energy() -> None:
    frame = coverage_frame([site("dock-2"), site("dock-1", at=(52.5, -1.4))])
    assert frame.crs.to_epsg() == 4326
    assert list(frame["dock_id"]) == ["dock-1"] * 6 + ["dock-2"] * 6
    assert list(frame["seconds"][:5]) == list(ISOCHRONES_S)
    assert list(frame["kind"][:6]) == ["time"] * 5 + ["energy"]
    assert math.isnan(frame["seconds"][5])
    assert bool(frame.is_valid.all())
    shapes = list(frame.geometry[:6])
    for inner, outer in pairwise(shapes):
        assert inner.area < outer.area
        assert outer.buffer(1e-9).contains(inner)


def test_wind_pulls_the_polygons_out_of_round() -> None:
    stiff = Wind(speed_m_s=11, from_deg=270)
    west_m, east_m = (
        reach_in_time_m(site=site(wind=stiff), terms=TERMS, bearing_deg=bearing, seconds=300) for bearing in (270, 90)
    )
    assert west_m < 0.8 * east_m


def test_polygons_are_geodesic_and_not_degrees() -> None:
    for lat in (0.0, 52.4, 78.2, -70.0):
        frame = coverage_frame([site(at=(lat, 15.0), wind=Wind(speed_m_s=0, from_deg=0))], seconds=[180])
        row = frame[frame["kind"] == "time"].iloc[0]
        radii = [geodesy.distance_m(lat, 15.0, y, x) for x, y in row.geometry.exterior.coords]
        assert max(radii) - min(radii) < 1
        assert radii[0] == pytest.approx(row["max_radius_m"], abs=1)


@pytest.mark.parametrize("home", [(-17.0, 179.999), (-17.0, -179.999), (71.0, 180.0), (71.0, -180.0)])
def test_a_dock_at_the_antimeridian_covers_both_sides(home: LatLon) -> None:
    frame = coverage_frame([site(at=home)])
    area = frame[frame["kind"] == "energy"].geometry.iloc[0]
    assert isinstance(area, MultiPolygon)
    west, south, east, north = area.bounds
    assert (west, east) == (-180, 180)
    assert north - south < 1
    assert area.area < 2
    index = CoverageIndex(frame)
    for bearing in (90.0, 270.0):
        assert index.candidates(*geodesy.destination(*home, bearing_deg=bearing, distance_m=3000)) == ("dock-1",)
    assert index.candidates(home[0], 180.0) == index.candidates(home[0], -180.0) == ("dock-1",)
    assert index.candidates(home[0], 0.0) == ()


@pytest.mark.parametrize("home", [(90.0, 0.0), (89.99, 10.0), (-89.98, -120.0)])
def test_a_dock_beside_the_pole_covers_it(home: LatLon) -> None:
    index = CoverageIndex(coverage_frame([site(at=home, wind=Wind(speed_m_s=0, from_deg=0))]))
    sign = math.copysign(1, home[0])
    for lon in (-180.0, -90.0, 0.0, 90.0, 180.0):
        assert index.candidates(sign * 89.999, lon) == ("dock-1",)
        assert index.candidates(sign * 90.0, lon) == ("dock-1",)
        assert index.candidates(sign * 89.0, lon) == ()


@settings(deadline=None, max_examples=40)
@given(bearing=bearings, way_m=st.floats(0, 20_000))
def test_the_index_finds_every_dock_that_a_flight_is_possible_from(bearing: float, way_m: float) -> None:
    scene = geodesy.destination(*HOME, bearing_deg=bearing, distance_m=way_m)
    limit_m = reach_by_energy_m(site=PLACE, terms=TERMS, bearing_deg=bearing)
    found = INDEX.candidates(*scene)
    if way_m <= limit_m:
        assert found == ("dock-1",)
    elif way_m > limit_m + 150:
        assert found == ()


PLACE = site()
INDEX = CoverageIndex(coverage_frame([PLACE]))


def test_an_isochrone_tells_who_is_there_in_time() -> None:
    index = CoverageIndex(coverage_frame([site("dock-b"), site("dock-a"), site("dock-c", at=(52.6, -1.5))]))
    assert index.covering(*HOME, seconds=60) == ("dock-a", "dock-b")
    assert index.covering(52.6, -1.5, seconds=60) == ("dock-c",)
    assert index.covering(52.5, -1.5, seconds=60) == ()
    assert index.frame["dock_id"].nunique() == 3


def test_a_site_limit_and_an_empty_battery_cut_the_coverage_off() -> None:
    near = replace(site(wind=Wind(speed_m_s=0, from_deg=0)), max_range_m=800.0)
    frame = coverage_frame([near, replace(site("dock-empty"), charge_percent=20.0)], seconds=[300])
    assert list(frame["max_radius_m"]) == [800, 800, 0, 0]
    assert [shape.is_empty for shape in frame.geometry] == [False, False, True, True]
    assert CoverageIndex(frame).candidates(*HOME) == ("dock-1",)


def test_a_gale_leaves_nothing_and_breaks_nothing() -> None:
    frame = coverage_frame([site(wind=Wind(speed_m_s=30, from_deg=45))])
    assert bool(frame.geometry.is_empty.all())
    half = coverage_frame([site(wind=Wind(speed_m_s=20.5, from_deg=45))])
    assert bool(half.is_valid.all())


def test_no_docks_give_an_empty_frame_and_an_index_that_finds_nobody() -> None:
    frame = coverage_frame([])
    assert len(frame) == 0
    assert CoverageIndex(frame).candidates(*HOME) == ()


def test_the_same_docks_give_the_same_frame_whatever_their_order() -> None:
    sites = [site("dock-1"), site("dock-2", at=(52.3, -1.6))]
    assert coverage_frame(sites).to_json() == coverage_frame(sites[::-1]).to_json()


def test_frames_that_cannot_be_are_refused() -> None:
    with pytest.raises(CoverageError):
        coverage_frame([site(), site()])
    with pytest.raises(CoverageError):
        coverage_frame([site()], bearings=4)
    with pytest.raises(CoverageError):
        coverage_frame([site()], seconds=[0])
    frame = coverage_frame([site()], seconds=[60])
    with pytest.raises(CoverageError):
        CoverageIndex(frame.drop(columns="kind"))
    with pytest.raises(CoverageError):
        CoverageIndex(frame.to_crs("EPSG:3857"))


def test_a_sector_without_reach_is_left_out_and_the_rest_stands() -> None:
    area = geodesic_area(*HOME, bearings_deg=[0, 45, 90, 135, 180, 225, 270, 315], radii_m=[900] * 4 + [0] * 4)
    assert area.is_valid
    east = geodesy.destination(*HOME, bearing_deg=80, distance_m=500)
    west = geodesy.destination(*HOME, bearing_deg=260, distance_m=100)
    assert area.contains(Point(east[1], east[0]))
    assert not area.contains(Point(west[1], west[0]))
