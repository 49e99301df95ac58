"""From a question to the bytes that are sent: runs in the process of coverage, and keeps there what has been solved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
import shapely

from dispatcher.coverage.question import Question
from dispatcher.decision.world import World
from dispatcher.presentation import Json
from geo.coverage import open_areas
from geo.geodesy import Array
from geo.isochrones.gaps import force_area, gaps_in, union_of
from geo.isochrones.survey import ISOCHRONES_S, Area, DockAreas, Survey
from geo.routing.prepared import Prepared
from geo.site import CoverageSite

_DECIMALS = 6
"""Of a degree: a decimetre."""


class Solver:
    """Answers one question after the other; what is the same as the last time is not solved again."""

    def __init__(self) -> None:
        self._survey = Survey(seconds=ISOCHRONES_S)
        self._world: World | None = None

    def answer(self, question: Question) -> bytes:
        """A GeoJSON FeatureCollection: docks by id, each time and the energy limit; then the unions, then the gaps."""
        collection = {
            "deployment": question.deployment,
            "type": "FeatureCollection",
            "features": [*_features(question, self._solved(question))],
        }
        return json.dumps(collection, separators=(",", ":")).encode()

    def _solved(self, question: Question) -> list[DockAreas]:
        if not question.zones:
            return [open_areas(site, terms=question.terms, seconds=ISOCHRONES_S) for site in question.sites]
        key = question.key_of_zones()
        if self._world is None or self._world.key != key:
            self._world = World(question.airspace(), key)
        world = self._world
        plates = {site.dock_id: plate for site, plate in zip(question.sites, question.plates_amsl_m, strict=True)}

        def zones(site: CoverageSite) -> Prepared | None:
            return world.seen_from((site.lat_deg, site.lon_deg), plates[site.dock_id])

        solved = self._survey.solve(question.sites, terms=question.terms, zones=zones)
        return [solved[site.dock_id] for site in question.sites]


def _features(question: Question, docks: Sequence[DockAreas]) -> Iterator[Json]:
    for dock, wind, source in zip(docks, question.measured, question.wind_sources, strict=True):
        for seconds, area, furthest_m in zip(
            (*ISOCHRONES_S, None), (*dock.by_time, dock.by_energy), dock.furthest_m, strict=True
        ):
            yield _feature(
                area,
                {
                    "dock_id": dock.dock_id,
                    "kind": "energy" if seconds is None else "time",
                    "seconds": seconds,
                    "max_radius_m": round(furthest_m, 1),
                    "wind_speed_m_s": wind.speed_m_s,
                    "wind_from_deg": wind.from_deg,
                    "wind_source": source,
                    "charge_percent": 100.0,
                    "shut_in_by": list(dock.shut_in_by),
                },
            )
    if not docks:
        return
    area = force_area(docks)
    unions = [union_of(dock.by_time[index] for dock in docks) for index in range(len(ISOCHRONES_S))]
    unions.append(union_of(dock.by_energy for dock in docks))
    for kind in ("union", "gap"):
        for seconds, union in zip((*ISOCHRONES_S, None), unions, strict=True):
            shown = union if kind == "union" else gaps_in(area, union)
            yield _feature(shown, {"dock_id": None, "kind": kind, "seconds": seconds, "area": "hull_of_energy_limits"})


def _feature(area: Area, properties: Json) -> Json:
    def rounded(points: Array) -> Array:
        return np.round(points, _DECIMALS)

    geometry = json.loads(shapely.to_geojson(shapely.transform(area, rounded)))
    return {"type": "Feature", "geometry": geometry, "properties": properties}
