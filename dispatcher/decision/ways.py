"""The way of one aircraft to a scene: straight where that is legal, around zones where it is not, or why there is none.

Who starts may stand in a dock or be in the air: a `Start` says where, with what figures and under which wind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatcher.decision.facts import DockFacts, Policy, SceneInZone
from dispatcher.decision.reason import Reason, ReasonCode, Risk, RiskCode
from dispatcher.decision.world import AREA_M, World
from geo.airspace.keepouts import FURTHEST_M
from geo.flight.energy import Leg
from geo.flight.performance import Performance
from geo.flight.plan import FlightPlan, Waypoint, legs_between, straight_plan, watch_place
from geo.flight.position import LatLon, distance_m
from geo.flight.wind import Wind
from geo.routing.layout import routed_plan
from geo.routing.prepared import Flags, Prepared
from geo.routing.route import Hindrance, NoWay, seek_route
from geo.routing.seeking import Seeking, outcome
from geo.routing.terrain import Heights
from geo.routing.watch import place_outside, zones_over, zones_within
from geo.terrain.elevation import UNKNOWN_M

KNOWN_M = FURTHEST_M - AREA_M
"""From a dock: the zones and the ground are looked at no further than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a flight begins. Heights are above ``plate_amsl_m``, the landing plate that it took or takes off from."""

    place: LatLon
    plate_amsl_m: float
    performance: Performance
    wind: Wind
    """At the height of the flight."""
    transit_m: float
    watch_m: float
    airborne_m: float | None = None
    """Its present height; None: it stands in its dock."""

    @property
    def ceiling_m(self) -> float:
        """Above the plate."""
        return self.performance.ceiling_agl_m


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """There, and back the same way."""

    out: tuple[Waypoint, ...]
    """After the climb over the start, as in `geo.flight.plan.FlightPlan`; the last is where it watches from. Of who is
    in the air already, the first is over where it is.
    """
    back: tuple[Waypoint, ...]
    straight: bool
    """True: as `geo.flight.plan.straight_plan` lays it."""
    risks: tuple[Risk, ...] = ()

    @property
    def climb_m(self) -> float:
        """Height of the vertical climb over the start."""
        return self.out[0].alt_above_home_m

    @property
    def landing_m(self) -> float:
        """Height from which it comes down again."""
        return self.back[-1].alt_above_home_m

    def legs(self, start: LatLon) -> tuple[tuple[Leg, ...], tuple[Leg, ...]]:
        """Out and home."""
        over = Waypoint(lat_deg=start[0], lon_deg=start[1], alt_above_home_m=self.climb_m)
        return legs_between((over, *self.out)), legs_between((self.out[-1], *self.back))


def start_of(dock: DockFacts, policy: Policy, *, height_m: float | None = None) -> Start:
    """A dock's aircraft; ``height_m`` takes the place of the policy's heights."""
    ceiling_m = dock.performance.ceiling_agl_m
    transit_m, watch_m = (
        min(height_m or policy.transit_alt_m, ceiling_m),
        min(height_m or policy.scene_alt_m, ceiling_m),
    )
    return Start(
        place=(dock.lat_deg, dock.lon_deg),
        plate_amsl_m=dock.alt_amsl_m,
        performance=dock.performance,
        wind=dock.wind_aloft(max(transit_m, watch_m), policy),
        transit_m=transit_m,
        watch_m=watch_m,
    )


def heights_of(start: Start, policy: Policy, *, terrain: bool) -> Heights:
    """The heights that a flight may use: its own, and over hills as much more as the ground asks for."""
    return Heights(
        levels_m=(start.transit_m,),
        watch_m=start.watch_m,
        clearance_m=policy.clearance_m if terrain else 0.0,
        ceiling_m=policy.ground_ceiling_m if terrain else max(start.transit_m, start.watch_m, start.ceiling_m),
    )


class SceneAmongZones:
    """One scene in one area: what is worked out for one start serves all others."""

    def __init__(self, prepared: Prepared, scene: LatLon, policy: Policy) -> None:
        self._prepared, self._scene, self._policy = prepared, scene, policy
        self.inside = tuple(zones_over(prepared, scene, None))
        """Zones whose area the scene lies in, at whatever height."""
        self.usual_is_clear = not zones_within(prepared, scene, None, policy.standoff_m + 1.0)
        """True: nothing is so near that the usual place to watch from could lie in it."""
        self._within = zones_within(prepared, scene, None, policy.watch_within_m)
        self._places: dict[tuple[int, ...], LatLon | None] = {}

    def outside(self, met: Flags | None) -> LatLon | None:
        """The nearest place outside the zones that are met (None: all), if there is one near enough."""
        zones = tuple(zone for zone in self._within if met is None or met[zone])
        if zones not in self._places:
            self._places[zones] = place_outside(
                self._prepared,
                self._scene,
                zones,
                nearest_m=self._policy.standoff_m,
                furthest_m=self._policy.watch_within_m,
            )
        return self._places[zones]

    @property
    def refused(self) -> bool:
        """True where no start can have it watched: inside zones without floor or top, with no place outside them."""
        endless = np.isneginf(self._prepared.lower_m) & np.isposinf(self._prepared.upper_m)
        if not any(endless[zone] for zone in self.inside):
            return False
        return self._policy.scene_in_zone is SceneInZone.REFUSE or self.outside(endless) is None


class Scenes(dict[int, SceneAmongZones]):
    """One scene, by area."""

    def among(self, prepared: Prepared, scene: LatLon, policy: Policy) -> SceneAmongZones:
        """The scene in the area that this is a view of."""
        key = id(prepared.tree)
        if key not in self:
            self[key] = SceneAmongZones(prepared, scene, policy)
        return self[key]


def find_way(
    start: Start, *, scene: LatLon, policy: Policy, world: World, scenes: Scenes | None = None
) -> Way | tuple[Reason, ...]:
    """The way to where a scene is watched from, or every reason why there is none.

    ``scenes``: kept from start to start of one scene.
    """
    return outcome(seek_way(start, scene=scene, policy=policy, world=world, scenes=scenes))


def seek_way(
    start: Start, *, scene: LatLon, policy: Policy, world: World, scenes: Scenes | None = None
) -> Seeking[Way | tuple[Reason, ...]]:
    """As `find_way`, to be left when it is known to take too long."""
    spot = watch_place(start=start.place, scene=scene, standoff_m=policy.standoff_m)
    if world.plain:
        return _straight(start, spot)
    if not world.ready:
        return _while_preparing(start, spot, world)
    prepared = world.seen_from(start.place, start.plate_amsl_m)
    away_m = distance_m(*start.place, *scene)
    if away_m > KNOWN_M:
        text = f"the scene is {away_m / 1000:.0f} km away: zones are looked at no further than {KNOWN_M / 1000:.0f} km"
        return (Reason(code=ReasonCode.NO_WAY, text=text, value=float(round(away_m)), limit=KNOWN_M),)
    if prepared is None:
        return _straight(start, spot)
    heights = heights_of(start, policy, terrain=prepared.terrain is not None)
    among = (Scenes() if scenes is None else scenes).among(prepared, scene, policy)
    place = _watched_from(spot, scene, prepared, heights, policy, among)
    if isinstance(place, Reason):
        return (place,)
    spot, risks = place
    if not risks and _is_clear(start, spot, prepared, heights):
        return _straight(start, spot)
    return (yield from _routed(start, spot, prepared, heights, risks))


def find_way_to(start: Start, *, place: LatLon, policy: Policy, world: World) -> Way | tuple[Reason, ...]:
    """The way to over a place itself, at the start's watch height, or every reason why there is none."""
    if world.plain:
        return _straight(start, place)
    if not world.ready:
        return _while_preparing(start, place, world)
    prepared = world.seen_from(start.place, start.plate_amsl_m)
    if prepared is None:
        return _straight(start, place)
    heights = heights_of(start, policy, terrain=prepared.terrain is not None)
    if _is_clear(start, place, prepared, heights):
        return _straight(start, place)
    return outcome(_routed(start, place, prepared, heights, ()))


def plan_way(
    way: Way, *, start: Start, scene: LatLon, scene_radius_m: float, policy: Policy, world: World
) -> FlightPlan:
    """The geometry of a flight from a dock along a way, its fence included."""
    prepared = None if not world.ready else world.seen_from(start.place, start.plate_amsl_m)
    if prepared is None:
        return straight_plan(
            home=start.place,
            scene=scene,
            scene_radius_m=scene_radius_m,
            transit_alt_m=start.transit_m,
            scene_alt_m=start.watch_m,
            standoff_m=policy.standoff_m,
            ceiling_m=start.ceiling_m,
            margin_m=policy.fence_margin_m,
        )
    heights = heights_of(start, policy, terrain=prepared.terrain is not None)
    highest_m = max(point.alt_above_home_m for point in (*way.out, *way.back))
    return routed_plan(
        prepared=prepared,
        home=start.place,
        out=way.out,
        back=way.back,
        scene=scene,
        scene_radius_m=scene_radius_m,
        ceiling_m=start.ceiling_m,
        margin_m=policy.fence_margin_m,
        met=prepared.met_between(heights, 0.0, highest_m),
    )


def _straight(start: Start, spot: LatLon) -> Way:
    over_spot = Waypoint(lat_deg=spot[0], lon_deg=spot[1], alt_above_home_m=start.transit_m)
    over_start = Waypoint(lat_deg=start.place[0], lon_deg=start.place[1], alt_above_home_m=start.transit_m)
    out, back = [over_spot], [over_start]
    if start.airborne_m is not None and spot != start.place:
        out.insert(0, over_start)
    if start.watch_m != start.transit_m:
        out.append(Waypoint(lat_deg=spot[0], lon_deg=spot[1], alt_above_home_m=start.watch_m))
        back.insert(0, over_spot)
    return Way(out=tuple(out), back=tuple(back), straight=True)


def _while_preparing(start: Start, spot: LatLon, world: World) -> Way | tuple[Reason, ...]:
    perhaps = world.perhaps_touched(start.place, spot)
    if not perhaps and world.airspace.ground is None:
        return _straight(start, spot)
    near = f": {_listed(perhaps)} may be in the way" if perhaps else ""
    text = f"zones and ground are being made ready for new ways, ask again in a moment{near}"
    return (Reason(code=ReasonCode.NO_WAY, text=text),)


def _watched_from(
    spot: LatLon, scene: LatLon, prepared: Prepared, heights: Heights, policy: Policy, among: SceneAmongZones
) -> tuple[LatLon, tuple[Risk, ...]] | Reason:
    """The usual place, or the nearest to the scene outside what both are inside of."""
    if among.usual_is_clear:
        return spot, ()
    met = prepared.met_between(heights, heights.levels_m[0], heights.watch_m)
    around = [zone for zone in among.inside if met[zone]]
    if around and policy.scene_in_zone is SceneInZone.REFUSE:
        text = f"the scene is inside {_names(prepared, around)}, where nothing is flown"
        return Reason(code=ReasonCode.SCENE_IN_ZONE, text=text)
    inside = around or zones_over(prepared, spot, met)
    if not inside:
        return spot, ()
    outside = among.outside(met)
    names = _names(prepared, inside)
    if outside is None:
        text = f"{names} leaves no place within {policy.watch_within_m:.0f} m of the scene to watch it from"
        return Reason(code=ReasonCode.SCENE_IN_ZONE, text=text, limit=policy.watch_within_m)
    away_m = distance_m(*outside, *scene)
    text = f"watched from {away_m:.0f} m away, outside {names}"
    return outside, (Risk(code=RiskCode.WATCHED_FROM_OUTSIDE, text=text),)


def _is_clear(start: Start, spot: LatLon, prepared: Prepared, heights: Heights) -> bool:
    """True where the straight way, its climb and its descent come near no zone, over ground as high as home."""
    if prepared.terrain is not None:
        return False
    touched = _touching(prepared, [start.place, spot])
    if not touched:
        return True
    least_m = min(0.0, start.airborne_m or 0.0)
    met = prepared.met_between(heights, least_m, max(start.transit_m, start.watch_m, start.airborne_m or 0.0))
    return not any(met[zone] for zone in touched)


def _routed(
    start: Start, spot: LatLon, prepared: Prepared, heights: Heights, risks: tuple[Risk, ...]
) -> Seeking[Way | tuple[Reason, ...]]:
    found = yield from seek_route(
        prepared=prepared,
        home=start.place,
        target=spot,
        heights=heights,
        performance=start.performance,
        wind=start.wind,
        airborne_m=start.airborne_m,
    )
    if isinstance(found, NoWay):
        if found.hindrance is Hindrance.WIND:
            text = "the wind leaves no speed over ground on any way there"
        else:
            text = f"no way past {_listed(found.zones)}"
        return (Reason(code=ReasonCode.NO_WAY, text=text),)
    highest_m = max(point.alt_above_home_m for point in found.out)
    if highest_m > UNKNOWN_M / 2:
        text = "the ground on the way is not known: the elevation model has no height there"
        return (Reason(code=ReasonCode.NO_WAY, text=text),)
    if highest_m > start.ceiling_m + 1e-6:
        text = (
            f"to clear the ground on the way it would fly {highest_m:.0f} m above the dock, "
            f"the ceiling is {start.ceiling_m:.0f} m"
        )
        value = float(round(highest_m))
        return (Reason(code=ReasonCode.ABOVE_CEILING, text=text, value=value, limit=start.ceiling_m),)
    more: list[Risk] = []
    if found.narrowed:
        text = f"nearer than {prepared.margin_m:.0f} m to {_listed(found.narrowed)}, where it starts or watches"
        more.append(Risk(code=RiskCode.MARGIN_NARROWED, text=text))
    passed = _passed(prepared, heights, [start.place, *(point.position for point in found.out)])
    if passed:
        more.append(Risk(code=RiskCode.PASSES_ZONE, text=f"passes over or under {_listed(passed)}"))
    return Way(out=found.out, back=found.back, straight=False, risks=(*more, *risks))


def _passed(prepared: Prepared, heights: Heights, path: list[LatLon]) -> tuple[str, ...]:
    """Zones over or under which a legal way leads."""
    crossed = [zone for zone in _touching(prepared, path) if not prepared.met_at(heights, heights.levels_m[0])[zone]]
    return tuple(sorted({prepared.obstacles[zone].name for zone in crossed}))


def _touching(prepared: Prepared, path: list[LatLon]) -> list[int]:
    east, north = prepared.frame.to_local([place[0] for place in path], [place[1] for place in path])
    return prepared.touching(list(zip(east.tolist(), north.tolist(), strict=True)))


def _names(prepared: Prepared, zones: list[int]) -> str:
    return _listed(sorted({prepared.obstacles[zone].name for zone in zones}))


def _listed(names: tuple[str, ...] | list[str], most: int = 4) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
