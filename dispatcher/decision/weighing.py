"""All docks weighed at once: what speaks against each, how soon it could be there at best, and exactly who is first.

A straight way bounds every other: nothing from that dock is sooner. So the docks are gone through by that bound, each
way is looked for exactly, and when the best `BEST` are known to be before all that are left, the rest stay as they are:
`bound`. Of a small fleet every way is looked for.
"""

from __future__ import annotations

import bisect
import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dispatcher.decision.columns import BIT, OPEN, Columns
from dispatcher.decision.facts import DecisionInputs, DockFacts
from dispatcher.decision.figures import (
    Figures,
    battery_risk,
    out_of_coverage,
    out_of_range,
    physics,
    reserve_percent,
    tenths,
    told_of,
)
from dispatcher.decision.gates import reasons_against, risks_of
from dispatcher.decision.option import Option, RoutePoint
from dispatcher.decision.options import Options
from dispatcher.decision.reason import Reason, ReasonCode
from dispatcher.decision.traffic import TRAFFIC_LOOKED_AT, traffic_risks
from dispatcher.decision.ways import Scenes, Start, Way, seek_way, start_of
from dispatcher.decision.world import World
from geo.estimates import Estimates, estimate_flights
from geo.flight.energy import Leg, estimate_flight
from geo.flight.position import bearing_deg as back_bearing_deg
from geo.flight.position import distance_m
from geo.flight.wind import shear
from geo.geodesy import Array, distances_and_bearings
from geo.routing.prepared import REACH_M
from geo.routing.seeking import Seeking, outcome

BEST = 8
"""So many are proven to be the best; every other eligible dock is later than they are."""
SMALL_FLEET = 32
"""Of a fleet of at most so many docks every way is looked for, whatever speaks against the dock."""
_SLACK_S = 0.11
"""More than what rounding to tenths can take from a bound."""

Indices = npt.NDArray[np.intp]


class Weighing:
    """One decision's docks. Indices are places in the inputs' docks."""

    def __init__(self, inputs: DecisionInputs, *, world: World, everywhere: tuple[Reason, ...]) -> None:
        """``everywhere``: what speaks against every dock."""
        self._inputs, self._world, self._everywhere = inputs, world, everywhere
        self._docks = inputs.docks
        self._scene = (inputs.incident.lat_deg, inputs.incident.lon_deg)
        self._columns = Columns(inputs.docks)
        self._distance_m, self._bearing_deg = distances_and_bearings(
            self._columns["lat_deg"], self._columns["lon_deg"], *self._scene
        )
        listed = inputs.relief.heights if inputs.relief is not None and inputs.relief.heights else inputs.apart
        heights = {each.dock_id: each.height_m for each in listed}
        self._heights = [heights.get(dock.dock_id) for dock in inputs.docks]
        self._no_height = self._without_height()
        reach = None if inputs.within_reach is None else frozenset(inputs.within_reach)
        self._covered = np.ones(len(inputs.docks), dtype=np.bool_)
        if reach is not None:
            self._covered = np.array([dock.dock_id in reach for dock in inputs.docks], dtype=np.bool_)
        self._exact: dict[int, Option] = {}
        self._scenes = Scenes()
        self._at_least_s: dict[int, float] = {}
        """From lift-off: what searches that were left had seen."""

    def options(self) -> Options:
        """All options, the eligible ones first by rank, the others by distance."""
        mask = self._masks()
        eligible = np.flatnonzero(mask == 0)
        self._look_for_ways(eligible)
        found = set(eligible.tolist()) - set(self._exact)
        found |= {index for index, option in self._exact.items() if option.eligible}
        metres = self._distance_m.round().tolist()
        others = sorted(
            set(range(len(self._docks))) - found, key=lambda index: (metres[index], self._docks[index].dock_id)
        )
        ranked = self._ranked(found)
        ranks = {index: rank for rank, index in enumerate(ranked, start=1)}
        ids = [dock.dock_id for dock in self._docks]
        return Options(built=self.built, order=[*ranked, *others], ranks=ranks, ids=ids)

    def built(self, index: int, rank: int | None) -> Option:
        """One option."""
        option = self._exact.get(index)
        if option is None:
            nowhere = self._nowhere and self._covered[index]
            option = self._option(index, found=outcome(self._seek(index)) if nowhere else None)
        if rank is None:
            return option
        more = traffic_risks(option, self._docks[index], self._inputs.traffic) if rank <= TRAFFIC_LOOKED_AT else ()
        return replace(option, rank=rank, risks=(*option.risks, *more))

    def _look_for_ways(self, eligible: Indices) -> None:
        """Exact ways for those who are asked for, and for the soonest until the best are proven."""
        asked, small = set(self._inputs.exact_for), len(self._docks) <= SMALL_FLEET
        wanted = np.flatnonzero(self._covered).tolist() if asked or small else []
        for index in wanted:
            if small or self._docks[index].dock_id in asked:
                self._exact[index] = self._option(index, found=outcome(self._seek(index)))
        if small:
            return
        waiting = list(zip(self._soonest_s[eligible].tolist(), eligible.tolist(), strict=True))
        heapq.heapify(waiting)
        seeking: dict[int, Seeking[Way | tuple[Reason, ...]]] = {}
        best: list[float] = []
        while waiting:
            soonest_s, index = heapq.heappop(waiting)
            if len(best) >= BEST and soonest_s - _SLACK_S > best[BEST - 1]:
                break
            if index not in self._exact:
                if index not in seeking:
                    seeking[index] = self._seek(index)
                try:
                    later_s = next(seeking[index])
                except StopIteration as end:
                    self._exact[index] = self._option(index, found=end.value)
                else:
                    self._at_least_s[index] = max(later_s, self._at_least_s.get(index, 0.0))
                    heapq.heappush(waiting, (self._not_before_s(index), index))
                    continue
            option = self._exact[index]
            if option.eligible and option.time_to_scene_s is not None:
                bisect.insort(best, option.time_to_scene_s)

    def _not_before_s(self, index: int) -> float:
        """When one whose way is not found yet could be on scene at best: straight, or by what its search has seen."""
        return max(
            float(self._soonest_s[index]), float(self._airborne_s[index]) + self._at_least_s.get(index, -math.inf)
        )

    def _ranked(self, found: Iterable[int]) -> list[int]:
        """As `geo.ranking` has it, on the steps that are shown: figures in tenths are equal or a step apart."""
        soonest_s, energy_wh = self._soonest_s.tolist(), self._straight.energy_wh.tolist()
        for index in self._at_least_s:
            soonest_s[index] = self._not_before_s(index)

        def key(index: int) -> tuple[float, float, str]:
            option = self._exact.get(index)
            if option is None:
                return tenths(soonest_s[index]), tenths(energy_wh[index]), self._docks[index].dock_id
            return option.time_to_scene_s or 0.0, option.energy_wh or 0.0, option.dock_id

        return sorted(found, key=key)

    def _without_height(self) -> dict[str, str]:
        """Docks for whose aircraft no height is free, and why in words."""
        if self._inputs.relief is not None and self._inputs.relief.heights:
            text = "no height is free for it over the scene, beside those of the aircraft that are there"
            ids = (dock.dock_id for dock, height_m in zip(self._docks, self._heights, strict=True) if height_m is None)
            return dict.fromkeys(ids, text)
        return {
            facts.dock_id: f"no height is free on its way and over the scene beside {', '.join(facts.beside)}"
            for facts in self._inputs.apart
            if facts.height_m is None
        }

    # --- arrays ---

    def _masks(self) -> npt.NDArray[np.uint64]:
        """What speaks against each dock as far as it is known without a way."""
        inputs, columns, straight = self._inputs, self._columns, self._straight
        mask = columns.against(inputs.policy, deployment=inputs.deployment)
        with np.errstate(invalid="ignore"):
            mask[self._distance_m > columns["max_range_m"]] |= BIT[ReasonCode.OUT_OF_RANGE]
        mask[~self._covered] |= BIT[ReasonCode.OUT_OF_RANGE]
        mask[straight.blown_away] |= BIT[ReasonCode.WIND_BEATS_AIRCRAFT]
        mask[straight.short_of_energy] |= BIT[ReasonCode.OUT_OF_ENERGY]
        mask[straight.watch_possible_s < inputs.policy.min_watch_s] |= BIT[ReasonCode.WATCH_TOO_SHORT]
        if self._no_height:
            mask[np.array([dock.dock_id in self._no_height for dock in self._docks], dtype=np.bool_)] |= BIT[
                ReasonCode.NO_HEIGHT_FREE
            ]
        if self._nowhere:
            mask |= BIT[ReasonCode.SCENE_IN_ZONE]
        for reason in self._everywhere:
            mask |= BIT[reason.code]
        return mask

    @cached_property
    def _airborne_s(self) -> Array:
        opening_s = np.where(self._columns["lid"] == OPEN, 0.0, self._columns["lid_s"])
        return self._inputs.policy.order_s + opening_s + self._columns["arming_s"]

    @cached_property
    def _soonest_s(self) -> Array:
        """When each could be on scene at best, from the press; infinite where it cannot."""
        soonest = self._airborne_s + self._straight.time_to_scene_s
        return np.where(self._straight.blown_away, np.inf, soonest)

    @cached_property
    def _straight(self) -> Estimates:
        """Flights straight to the nearest place that the scene may be watched from: no way is shorter."""
        policy, performances = self._inputs.policy, self._columns.performances
        ceiling_m = performances["ceiling_agl_m"]
        own_m = np.array([height or math.nan for height in self._heights], dtype=np.float64)
        transit_m = np.minimum(np.where(np.isnan(own_m), policy.transit_alt_m, own_m), ceiling_m)
        watch_m = np.minimum(np.where(np.isnan(own_m), policy.scene_alt_m, own_m), ceiling_m)
        climb_m, rise_m = transit_m, watch_m - transit_m
        if self._world.airspace.ground is not None:
            climb_m, rise_m = self._least_climb_m(transit_m), np.zeros_like(rise_m)
        high_m = np.maximum(transit_m, watch_m)
        factors = {height: shear(height, exponent=policy.wind_shear) for height in set(high_m.tolist())}
        factor = np.array([factors[height] for height in high_m.tolist()], dtype=np.float64)
        nearer_m = max([policy.standoff_m, *(away_m for _, away_m in self._watched)])
        return estimate_flights(
            performances=performances,
            climb_m=climb_m,
            way_m=np.maximum(0.0, self._distance_m - nearer_m),
            bearing_deg=self._bearing_deg,
            homeward_deg=(self._bearing_deg + 180.0) % 360.0,
            rise_m=rise_m,
            wind_m_s=np.nan_to_num(self._columns["wind_speed_m_s"]) * factor,
            wind_from_deg=np.nan_to_num(self._columns["wind_from_deg"]),
            watch_s=policy.wanted_watch_s(self._inputs.incident),
            charge_percent=self._columns["charge_percent"],
            reserve_percent=np.maximum(policy.reserve_percent, performances["reserve_percent"]),
        )

    @cached_property
    def _watched(self) -> list[tuple[bool, float]]:
        """For each area: whether no start can have the scene watched, and from how far it is at most."""
        policy, found = self._inputs.policy, []
        for area in self._world.areas:
            if distance_m(*area.around, *self._scene) > REACH_M:
                continue
            among = self._scenes.among(area.seen_from(0.0), self._scene, policy)
            away_m = policy.standoff_m
            if not among.usual_is_clear:
                outside = among.outside(None)
                away_m = policy.watch_within_m if outside is None else distance_m(*outside, *self._scene) + 0.1
            found.append((among.refused, away_m))
        return found

    @cached_property
    def _nowhere(self) -> bool:
        """True where nobody can have the scene watched, from whichever dock: then no way is worth looking for."""
        return bool(self._watched) and all(refused for refused, _ in self._watched)

    def _least_climb_m(self, transit_m: Array) -> Array:
        """Over hills and in valleys the height over a dock gives way to the ground there."""
        policy, ground = self._inputs.policy, self._world.airspace.ground
        if ground is None:
            return transit_m
        ground_m = ground.terrain_amsl(self._columns["lat_deg"], self._columns["lon_deg"]) - self._columns["alt_amsl_m"]
        least_m, most_m = ground_m + policy.clearance_m, ground_m + policy.ground_ceiling_m
        return np.minimum(np.maximum(transit_m, least_m), most_m)

    # --- one dock ---

    def _start(self, index: int) -> Start:
        return start_of(self._docks[index], self._inputs.policy, height_m=self._heights[index])

    def _seek(self, index: int) -> Seeking[Way | tuple[Reason, ...]]:
        return seek_way(
            self._start(index), scene=self._scene, policy=self._inputs.policy, world=self._world, scenes=self._scenes
        )

    def _option(self, index: int, *, found: Way | tuple[Reason, ...] | None) -> Option:
        """``found``: where its way was looked for; None: as bound."""
        inputs, dock = self._inputs, self._docks[index]
        policy = inputs.policy
        distance_m, covered = float(self._distance_m[index]), bool(self._covered[index])
        start = self._start(index)
        reasons = [*reasons_against(dock, policy, deployment=inputs.deployment)]
        way: Way | None = None
        figures: Figures | None = None
        if isinstance(found, Way):
            way, figures = found, self._figures(dock, start, found, index)
        elif found is not None:
            reasons += found
        elif covered and dock.charge_percent is not None:
            figures = Figures.at(self._straight, index, charge_percent=dock.charge_percent)
            if index in self._at_least_s:
                figures = replace(figures, to_scene_s=max(figures.to_scene_s, self._at_least_s[index]))
        reasons += self._physics(dock, start, figures, distance_m=distance_m, covered=covered)
        if dock.dock_id in self._no_height:
            reasons.append(Reason(code=ReasonCode.NO_HEIGHT_FREE, text=self._no_height[dock.dock_id]))
        reasons += self._everywhere
        airborne_s = float(self._airborne_s[index])
        told = told_of(figures, policy, airborne_s=airborne_s, reserve=reserve_percent(dock, policy))
        option = Option(
            dock_id=dock.dock_id,
            aircraft_id=dock.aircraft_id,
            eligible=not reasons,
            rank=None,
            reasons=tuple(reasons),
            distance_m=float(round(distance_m)),
            bearing_deg=float(round(float(self._bearing_deg[index])) % 360),
            time_to_airborne_s=tenths(airborne_s),
            time_to_scene_s=told.to_scene_s,
            on_scene_s=told.on_scene_s,
            watch_s=told.watch_s,
            battery_on_return_percent=told.battery_percent,
            battery_margin_percent=told.margin_percent,
            energy_wh=told.energy_wh,
            flight_s=told.flight_s,
            route=None if way is None else _points(way),
            bound=covered and found is None,
        )
        if way is None or reasons:
            return option
        risks = (*way.risks, *risks_of(dock, policy), *battery_risk(option.battery_margin_percent))
        return replace(option, risks=risks)

    def _figures(self, dock: DockFacts, start: Start, way: Way, index: int) -> Figures | None:
        """The flight along a way with what is known; None where the charge is not."""
        if dock.charge_percent is None:
            return None
        policy = self._inputs.policy
        out: Sequence[Leg]
        home: Sequence[Leg]
        if way.straight:
            # Meridians converge: over some kilometres the way home is not quite the opposite of the way out.
            homeward_deg = back_bearing_deg(*self._scene, *start.place)
            way_m = max(0.0, float(self._distance_m[index]) - policy.standoff_m)
            out, home = _straight_legs(
                way_m, float(self._bearing_deg[index]), homeward_deg, start.watch_m - start.transit_m
            )
        else:
            out, home = way.legs(start.place)
        return Figures.of(
            estimate_flight(
                performance=dock.performance,
                climb_m=way.climb_m,
                out=out,
                home=home,
                landing_m=way.landing_m,
                watch_s=policy.wanted_watch_s(self._inputs.incident),
                charge_percent=dock.charge_percent,
                reserve_percent=policy.reserve_percent,
                wind=start.wind,
            )
        )

    def _physics(
        self, dock: DockFacts, start: Start, figures: Figures | None, *, distance_m: float, covered: bool
    ) -> list[Reason]:
        policy = self._inputs.policy
        reasons = [reason for reason in (out_of_range(dock, distance_m),) if reason is not None]
        if figures is not None:
            height_m = max(start.transit_m, start.watch_m)
            against = physics(dock, policy, figures, distance_m=distance_m, wind=start.wind, height_m=height_m)
            return reasons if against is None else [*reasons, against]
        if not covered and dock.charge_percent is not None and not reasons:
            reasons.append(out_of_coverage(distance_m))
        return reasons


def _points(way: Way) -> tuple[RoutePoint, ...]:
    return tuple(
        RoutePoint(
            lat_deg=point.lat_deg, lon_deg=point.lon_deg, alt_above_home_m=round(point.alt_above_home_m, 1) + 0.0
        )
        for point in way.out
    )


def _straight_legs(way_m: float, bearing_deg: float, homeward_deg: float, rise_m: float) -> tuple[list[Leg], list[Leg]]:
    """The same legs that `geo.flight.plan.straight_plan` has, without its points."""
    out = [Leg(distance_m=way_m, bearing_deg=bearing_deg)] if way_m > 0 else []
    home = [Leg(distance_m=way_m, bearing_deg=homeward_deg)] if way_m > 0 else []
    if rise_m != 0:
        out.append(Leg(distance_m=0.0, bearing_deg=0.0, rise_m=rise_m))
        home.insert(0, Leg(distance_m=0.0, bearing_deg=0.0, rise_m=-rise_m))
    return out, home
