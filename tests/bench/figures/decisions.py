"""One decision on a thousand docks among five hundred zones in wind: how long it takes, and against geopandas.

Everything is warm: the zones are ready, the facts are gathered. The fleet has docks of many heights, some of which
cannot go; the zones have floors and tops; scenes lie anywhere, inside zones too. The rival is what one would write
first with geopandas: it makes the same checks on the same facts (the gates, the energy of every dock, the zones on
every straight way by a spatial join, the scene inside a zone), and it looks for the way around zones of every dock that
can go with a plain visibility graph of the zones near the straight line. How long it takes when it is lent our bound,
and stops when the best eight are proven, is said beside it.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point, Polygon

from contracts.vocabulary import DockState
from dispatcher.decision.choice import decide, redecide
from dispatcher.decision.facts import DecisionInputs, DockFacts, PilotFacts
from dispatcher.decision.gates import reasons_against
from dispatcher.decision.weighing import BEST
from dispatcher.decision.world import Airspace, World, world_of
from geo.airspace.zone import Datum, Limit, Restriction, Volume, Zone
from geo.flight.energy import Leg, estimate_flight
from geo.flight.plan import watch_place
from geo.flight.position import LatLon, LocalPlane
from geo.flight.wind import wind_at
from geo.geodesy import distances_and_bearings
from geo.routing.obstacle import Obstacle
from geo.routing.prepared import Prepared
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.rounds import percentile
from tests.unit.decision.scene import DOCK, INCIDENT, NOW, POLICY, WEATHER
from tests.unit.geo.aircraft import HOME
from tests.unit.geo.routing.optimum import optimum_s
from tests.unit.geo.routing.worlds import random_zones

DOCKS, ZONES = 1_000, 500
AREA_M = 20_000.0
LARGEST_ZONE_M = 300.0
RANGE_M = 8_000.0
DECISIONS, RIVAL_DECISIONS = 400, 8
RIVAL_WHOLE = 2
"""Without our bound a decision of the rival takes tens of seconds."""
WARM = 5
RIVAL_SIDEWAYS_M = 400.0
SEA_M = DOCK.alt_amsl_m


@dataclass(frozen=True, slots=True)
class Setting:
    """A fleet, its world, and a decision's inputs of which only the incident changes."""

    world: World
    inputs: DecisionInputs
    plane: LocalPlane

    def asked(self, rng: np.random.Generator) -> DecisionInputs:
        """The inputs with a scene anywhere but at the edge."""
        lat, lon = self.plane.to_position(*rng.uniform(-0.45 * AREA_M, 0.45 * AREA_M, 2))
        return replace(self.inputs, incident=replace(INCIDENT, lat_deg=lat, lon_deg=lon))


def setting(*, docks: int = DOCKS, zones: int = ZONES) -> Setting:
    """The same fleet and zones every time."""
    rng, plane = np.random.default_rng(1000), LocalPlane(*HOME)
    fleet = [_dock(rng, plane, number) for number in range(docks)]
    obstacles = random_zones(rng, plane, count=zones, size_m=AREA_M, largest_m=LARGEST_ZONE_M, with_heights=True)
    loaded = prohibited(obstacles)
    digest = hashlib.sha256(repr([zone.volumes for zone in loaded]).encode()).hexdigest()
    world = world_of(Airspace(zones=loaded, revision=1, digest=digest), docks=fleet, policy=POLICY, mission_time=NOW)
    first = decide(
        incident=INCIDENT,
        docks=fleet,
        pilots=[PilotFacts(pilot_id="pilot-1", accepts_beforehand=True)],
        policy=POLICY,
        mission_time=NOW,
        deployment="simulation",
        world=world,
    )
    return Setting(world, first.inputs, plane)


def prohibited(obstacles: Sequence[Obstacle]) -> tuple[Zone, ...]:
    """Zones as a document would have brought them, where these obstacles are."""
    return tuple(
        Zone(
            id=f"zone-{number}",
            volumes=(
                Volume(
                    area=Polygon([(lon, lat) for lat, lon in each.rings[0]]),
                    lower=Limit(value_m=max(-500.0, each.lower_m) + SEA_M, datum=Datum.AMSL),
                    upper=None if math.isinf(each.upper_m) else Limit(value_m=each.upper_m + SEA_M, datum=Datum.AMSL),
                ),
            ),
            restriction=Restriction.PROHIBITED,
        )
        for number, each in enumerate(obstacles)
    )


def _dock(rng: np.random.Generator, plane: LocalPlane, number: int) -> DockFacts:
    lat, lon = plane.to_position(*rng.uniform(-AREA_M / 2, AREA_M / 2, 2))
    weather = replace(WEATHER, wind_speed_m_s=float(rng.uniform(4, 11)), wind_from_deg=float(rng.uniform(200, 240)))
    return replace(
        DOCK,
        dock_id=f"dock-{number:04}",
        lat_deg=lat,
        lon_deg=lon,
        alt_amsl_m=SEA_M + float(round(rng.uniform(-20, 20), 1)),
        charge_percent=float(rng.uniform(50, 100)),
        max_range_m=RANGE_M,
        state=DockState.FLYING if rng.random() < 0.1 else DockState.READY,
        weather=weather,
    )


async def _measure_time(_folder: Path, say: Say) -> Measured:
    made, rng = setting(), np.random.default_rng(25)
    ours, flyable, exact = [], 0, 0
    for number in range(DECISIONS + WARM):
        asked = made.asked(rng)
        began_s = time.process_time()
        best = redecide(asked, world=made.world).best
        taken_ms = (time.process_time() - began_s) * 1e3
        await asyncio.sleep(0)
        if number < WARM:
            continue
        ours.append(taken_ms)
        flyable += best is not None
        exact += best is not None and best.route is not None and len(best.route) > 1
    if flyable < 0.8 * DECISIONS:
        raise MeasurementFailed(f"only {flyable} of {DECISIONS} have a best dock")
    say(f"median {percentile(ours, 50):.1f} ms, worst {max(ours):.1f} ms; {exact} of {flyable} best ways are bent")
    return Measured(ours=(percentile(ours, 99),), rival=())


async def _measure_rival(_folder: Path, say: Say) -> Measured:
    made, rng = setting(), np.random.default_rng(26)
    rival = Plainly(made)
    ours, theirs, lent, agreed = [], [], [], 0
    for number in range(RIVAL_DECISIONS + 1):
        asked = made.asked(rng)
        began_s = time.process_time()
        decision = redecide(asked, world=made.world)
        best = decision.best_dock_id
        ours_ms = (time.process_time() - began_s) * 1e3
        began_s = time.process_time()
        found = rival.decide(asked, with_our_bound=True)
        lent_ms = (time.process_time() - began_s) * 1e3
        await asyncio.sleep(0)
        if number:
            ours.append(ours_ms)
            lent.append(lent_ms)
            agreed += found[:1] == ([best] if best is not None else [])
        if 0 < number <= RIVAL_WHOLE:
            began_s = time.process_time()
            rival.decide(asked)
            theirs.append((time.process_time() - began_s) * 1e3)
    say(f"ours {percentile(ours, 50):.1f} ms, geopandas {percentile(theirs, 50):.0f} ms; {agreed} best docks agree")
    say(f"geopandas with our bound lent to it: {percentile(lent, 50):.0f} ms")
    if agreed < 0.7 * RIVAL_DECISIONS:
        raise MeasurementFailed(f"the rival's best dock is ours in {agreed} of {RIVAL_DECISIONS}: not the same checks")
    return Measured(ours=(percentile(ours, 50),), rival=(percentile(theirs, 50),))


class Plainly:
    """The decision as one would first write it with geopandas. Its frames are made beforehand: it is warm too."""

    def __init__(self, made: Setting) -> None:
        self._world = made.world
        first = made.inputs.docks[0]
        prepared = made.world.seen_from((first.lat_deg, first.lon_deg), SEA_M)
        assert prepared is not None
        self._prepared: Prepared = prepared
        self._zones = gpd.GeoDataFrame(
            {"lower_m": prepared.lower_m, "upper_m": prepared.upper_m},
            geometry=[keep_out.area for keep_out in prepared.keep_outs],
        )
        self._bare = gpd.GeoDataFrame(self._zones.drop(columns="geometry"), geometry=list(prepared.zones))
        self._zones.sindex  # noqa: B018 - built beforehand
        self._bare.sindex  # noqa: B018

    def decide(self, inputs: DecisionInputs, *, with_our_bound: bool = False) -> list[str]:
        """The best docks by id, soonest first."""
        incident, policy = inputs.incident, inputs.policy
        scene = (incident.lat_deg, incident.lon_deg)
        metres, bearings = distances_and_bearings(
            [dock.lat_deg for dock in inputs.docks], [dock.lon_deg for dock in inputs.docks], *scene
        )
        rows = [
            self._row(inputs, dock, float(m), float(b))
            for dock, m, b in zip(inputs.docks, metres, bearings, strict=True)
        ]
        table = pd.DataFrame(rows)
        spots = self._spots(inputs, scene)
        lines = [LineString([self._local((d.lat_deg, d.lon_deg)), s]) for d, s in zip(inputs.docks, spots, strict=True)]
        ways = gpd.GeoDataFrame(table, geometry=lines)
        ways = ways[ways["ok"]]
        joined = gpd.sjoin(ways, self._zones, predicate="intersects")
        met = joined[
            (joined["level_m"] > joined["lower_m"] - 5.0 + joined["plate_m"])
            & (joined["level_m"] < joined["upper_m"] + 5.0 + joined["plate_m"])
        ]
        blocked = set(met.index)
        best: list[tuple[float, str]] = []
        for index, row in ways.sort_values("soonest_s").iterrows():
            if with_our_bound and len(best) >= BEST and row["soonest_s"] > best[BEST - 1][0]:
                break
            took_s = row["soonest_s"]
            if index in blocked:
                around_s = self._around_s(inputs.docks[int(index)], row.geometry, policy.transit_alt_m)
                if around_s is None:
                    continue
                took_s = row["ground_s"] + around_s
            best.append((took_s, row["dock_id"]))
            best.sort()
        return [dock_id for _, dock_id in best]

    def _row(self, inputs: DecisionInputs, dock: DockFacts, metres: float, bearing: float) -> dict[str, object]:
        policy = inputs.policy
        reasons = [*reasons_against(dock, policy, deployment=inputs.deployment)]
        way_m = max(0.0, metres - policy.standoff_m)
        flight = estimate_flight(
            performance=dock.performance,
            climb_m=policy.transit_alt_m,
            out=[Leg(distance_m=way_m, bearing_deg=bearing)],
            home=[Leg(distance_m=way_m, bearing_deg=(bearing + 180.0) % 360.0)],
            landing_m=policy.transit_alt_m,
            watch_s=policy.wanted_watch_s(inputs.incident),
            charge_percent=dock.charge_percent or 0.0,
            reserve_percent=policy.reserve_percent,
            wind=wind_at(dock.wind, policy.transit_alt_m),
        )
        near = dock.max_range_m is None or metres <= dock.max_range_m
        enough = flight.feasible and flight.watch_possible_s >= policy.min_watch_s
        ground_s = policy.order_s + dock.lid_s + dock.arming_s
        return {
            "dock_id": dock.dock_id,
            "reasons": reasons,
            "ok": not reasons and near and enough,
            "ground_s": ground_s,
            "soonest_s": ground_s + flight.time_to_scene_s,
            "watch_s": flight.watch.seconds,
            "battery_percent": flight.battery_on_return_percent,
            "level_m": policy.transit_alt_m,
            "plate_m": SEA_M - dock.alt_amsl_m,
        }

    def _spots(self, inputs: DecisionInputs, scene: LatLon) -> list[tuple[float, float]]:
        """Where each dock's aircraft watches from: short of the scene, or outside the zone that it is in."""
        point = Point(self._local(scene))
        inside = self._bare.iloc[self._bare.sindex.query(point, predicate="intersects")]
        if len(inside):
            near = self._zones.iloc[self._zones.sindex.query(point.buffer(inputs.policy.watch_within_m))]
            free = point.buffer(inputs.policy.watch_within_m).difference(near.union_all().buffer(0.5))
            if not free.is_empty:
                edge = free.exterior if hasattr(free, "exterior") else free.boundary
                spot = edge.interpolate(edge.project(point))
                return [(spot.x, spot.y)] * len(inputs.docks)
        places = [
            watch_place(start=(dock.lat_deg, dock.lon_deg), scene=scene, standoff_m=inputs.policy.standoff_m)
            for dock in inputs.docks
        ]
        east, north = self._prepared.frame.to_local([lat for lat, _ in places], [lon for _, lon in places])
        return list(zip(east.tolist(), north.tolist(), strict=True))

    def _around_s(self, dock: DockFacts, line: LineString, level_m: float) -> float | None:
        """A plain visibility graph of the zones near the straight line, as `tests.bench.figures.routes` has it."""
        strip = line.buffer(RIVAL_SIDEWAYS_M)
        near = self._zones.sindex.query(strip, predicate="intersects").tolist()
        start, target = ((float(x), float(y)) for x, y in line.coords)
        shift_m = SEA_M - dock.alt_amsl_m
        return optimum_s(
            areas=[self._prepared.keep_outs[i].area for i in near],
            obstacles=[
                replace(
                    self._prepared.obstacles[i],
                    lower_m=float(self._prepared.lower_m[i] + shift_m),
                    upper_m=float(self._prepared.upper_m[i] + shift_m),
                )
                for i in near
            ],
            start=start,
            target=target,
            levels_m=(level_m,),
            watch_m=level_m,
            vertical_margin_m=5.0,
            performance=dock.performance,
            wind=wind_at(dock.wind, level_m),
        )

    def _local(self, place: LatLon) -> tuple[float, float]:
        east, north = self._prepared.frame.to_local(*place)
        return float(east), float(north)


TIME = Figure(
    name="decision_1000_docks_p99",
    unit="ms",
    about=f"processor time of a decision on {DOCKS} docks among {ZONES} zones in wind, p99 of {DECISIONS}",
    measure=_measure_time,
)
RIVAL = Figure(
    name="decision_over_geopandas",
    unit="ms",
    about=f"processor time of such a decision, median of {RIVAL_DECISIONS}; rival: the same checks with geopandas, "
    f"median of {RIVAL_WHOLE}",
    measure=_measure_rival,
)
