"""All isochrones of a county: a hundred docks among five hundred zones; and of one of them after its wind has turned.

Both in processor time on one core, everything in it: what corners see, ways, areas in degrees. The rivals are asked the
same, where `find_route` arrives in time, as one would write it first: along 24 bearings from a dock, the rim is looked
for by halving, a route at a time. That finds one rim on each bearing and no pockets; a few docks are measured, the rest
is their share.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from geo.flight.position import LocalPlane, offset
from geo.flight.wind import Wind
from geo.isochrones.survey import ISOCHRONES_S, Survey, ZonesOf, heights_of
from geo.routing.prepared import Prepared
from geo.routing.route import Route, find_route
from geo.site import CoverageSite, CoverageTerms
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.unit.geo.aircraft import HOME, PATROL
from tests.unit.geo.routing.worlds import random_zones

DOCKS, ZONES = 100, 500
COUNTY_M = 40_000.0
LARGEST_ZONE_M = 300.0
MARGIN_M = 20.0
BEARINGS = 24
HALVINGS = 7
"""To 35 m at 4.5 km."""
ROUNDS = 3
TURNS = 12
TERMS = CoverageTerms(standoff_m=0.0)


class County:
    """Docks in winds of their own among zones: the same every time."""

    def __init__(self) -> None:
        rng, plane = np.random.default_rng(100), LocalPlane(*HOME)
        zones = random_zones(rng, plane, count=ZONES, size_m=COUNTY_M, largest_m=LARGEST_ZONE_M, with_heights=True)
        self.zones = zones
        self.sites = []
        for number in range(DOCKS):
            lat_deg, lon_deg = plane.to_position(*rng.uniform(-COUNTY_M / 2, COUNTY_M / 2, 2))
            wind = Wind(speed_m_s=float(rng.integers(0, 12)), from_deg=15.0 * float(rng.integers(0, 24)))
            self.sites.append(
                CoverageSite(
                    dock_id=f"dock-{number:03}", lat_deg=lat_deg, lon_deg=lon_deg, performance=PATROL, wind=wind
                )
            )

    @staticmethod
    def around(prepared: Prepared) -> ZonesOf:
        """These zones for every dock."""
        return lambda _: prepared

    def prepared(self) -> Prepared:
        """The zones, ready to be asked."""
        return Prepared(self.zones, around=HOME, margin_m=MARGIN_M)


def _rival_s(prepared: Prepared, site: CoverageSite) -> float:
    """Processor seconds of a dock's isochrones, route by route."""
    began_s = time.process_time()
    home, heights = (site.lat_deg, site.lon_deg), heights_of(site, TERMS)
    for step in range(BEARINGS):
        for limit in ISOCHRONES_S:
            low_m, high_m = 0.0, PATROL.cruise_m_s * limit
            for _ in range(HALVINGS):
                middle_m = (low_m + high_m) / 2
                target = offset(*home, bearing_deg=360.0 * step / BEARINGS, distance_m=middle_m)
                route = find_route(
                    prepared=prepared, home=home, target=target, heights=heights, performance=PATROL, wind=site.wind
                )
                if isinstance(route, Route) and route.seconds <= limit:
                    low_m = middle_m
                else:
                    high_m = middle_m
    return time.process_time() - began_s


async def _measure_all(_folder: Path, say: Say) -> Measured:
    county = County()
    ours: list[float] = []
    rival: list[float] = []
    for _ in range(ROUNDS):
        began_s = time.process_time()
        prepared = county.prepared()
        solved = Survey().solve(county.sites, terms=TERMS, zones=county.around(prepared))
        ours.append(time.process_time() - began_s)
        reached = sum(not dock.by_energy.is_empty for dock in solved.values())
        if reached < 0.8 * DOCKS:
            raise MeasurementFailed(f"only {reached} of {DOCKS} docks reach anything")
        await asyncio.sleep(0)
        rival.append(DOCKS * _rival_s(prepared, county.sites[len(rival)]))
        say(f"{ours[-1]:.2f} s; route by route {rival[-1]:.0f} s")
        await asyncio.sleep(0)
    return Measured(ours=tuple(ours), rival=tuple(rival))


async def _measure_one(_folder: Path, say: Say) -> Measured:
    county = County()
    ours: list[float] = []
    rival: list[float] = []
    prepared = county.prepared()
    survey = Survey()
    survey.solve(county.sites, terms=TERMS, zones=county.around(prepared))
    sites = list(county.sites)
    for turn in range(TURNS):
        number = 7 * turn % DOCKS
        wind = sites[number].wind
        sites[number] = replace(sites[number], wind=replace(wind, speed_m_s=wind.speed_m_s + 1.0))
        began_s = time.process_time()
        survey.solve(sites, terms=TERMS, zones=county.around(prepared))
        ours.append((time.process_time() - began_s) * 1e3)
        if survey.solved != 1:
            raise MeasurementFailed(f"{survey.solved} docks were solved")
        await asyncio.sleep(0)
    for site in sites[:2]:
        rival.append(_rival_s(prepared, site) * 1e3)
        await asyncio.sleep(0)
    say(f"worst {max(ours):.0f} ms")
    return Measured(ours=tuple(ours), rival=tuple(rival))


ALL = Figure(
    name="coverage_100_docks_cpu",
    unit="s",
    about=f"processor time of all isochrones and energy limits of {DOCKS} docks among {ZONES} zones, from nothing; "
    f"rival: `find_route` by halving along {BEARINGS} bearings, without the energy limit",
    measure=_measure_all,
)
ONE = Figure(
    name="coverage_one_dock_cpu",
    unit="ms",
    about="processor time of one of these docks after its wind has turned; rival: the same by routes",
    measure=_measure_one,
)
