"""A busy city: calls, and people who send, divert, hold and fly drones by hand as if nobody else were there.

All at random by one seed, often on purpose at places where another flies. What is refused is counted, with its kind.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

from contracts.orders import SafetyAction
from contracts.position import Place
from contracts.tasks import Altitude, Goto, Nudge, Orbit, Resume
from contracts.vocabulary import Phase
from dispatcher.entities import Flight
from dispatcher.errors import DispatcherError
from dispatcher.events import IncidentPlace
from geo.flight.position import LatLon, offset
from tests.closeness import Moment, too_near_at
from tests.virtual.city import SCENE, City
from tests.virtual.drone import Sample
from tests.virtual.eyes import EARTH_M, ground_m

AROUND_M = 900.0
DOCKS = {
    f"d-{number}": offset(*SCENE, bearing_deg=number * 61.0, distance_m=350.0 + 100.0 * number) for number in range(8)
}
SPARE = ("d-2", "d-5")
"""Their drones are at the workshop: others may be sent there."""
_LAST = ("hold", "return", "resume", "resume")
_IN_HAND = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING})

Act = Callable[[Flight], Coroutine[Any, Any, Any]]


@dataclass
class Busy:
    """What people do, and what became of it."""

    city: City
    rng: Random
    each_s: float = 8.0
    """Something is wanted of somebody so often."""
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _sent_to: LatLon | None = None

    async def run(self, seconds: float) -> None:
        """So long."""
        for dock_id in SPARE:
            self.city.posts[dock_id].drone.lat_deg += 0.2
        for _ in range(math.ceil(seconds / self.each_s)):
            await self._something()
            if self.rng.random() < 0.4:
                # Two at once: the second before the first has been heard to be done.
                await self._something()
            await self.city.run(self.each_s)

    async def _something(self) -> None:
        flights = [each for each in self.city.desk.state.active_flights() if each.phase in _IN_HAND]
        name = self.rng.choice(
            ("call", "call", "retask", "retask", "divert", "goto", "orbit", "altitude", "nudge", *_LAST)
        )
        if name == "call" or not flights:
            await self._try("call", self._call())
            return
        flight = self.rng.choice(flights)
        await self._try(name, getattr(self, f"_{name}")(flight))

    async def _try(self, name: str, asked: Coroutine[Any, Any, Any]) -> None:
        try:
            await asked
        except DispatcherError as refusal:
            self.refused[f"{name}: {type(refusal).__name__}"] += 1
        else:
            self.done[name] += 1

    async def _call(self) -> None:
        await self.city.press(await self.city.incident(watch_s=120.0, place=self._somewhere()))

    async def _retask(self, flight: Flight) -> None:
        lat_deg, lon_deg = self._somewhere()
        place = IncidentPlace(lat_deg=lat_deg, lon_deg=lon_deg)
        await self.city.desk.retask(flight.pilot, flight.id, place, 90.0, "there", None)

    async def _divert(self, flight: Flight) -> None:
        dock_id = self.rng.choice([None, *self.city.posts])
        await self.city.desk.divert(flight.pilot, flight.id, dock_id, "wet", None)

    async def _goto(self, flight: Flight) -> None:
        await self._task(flight, Goto(place=self._place(), alt_above_home_m=self._height_m()))

    async def _orbit(self, flight: Flight) -> None:
        radius_m = self.rng.uniform(40.0, 90.0)
        await self._task(flight, Orbit(centre=self._place(), radius_m=radius_m, speed_m_s=6.0))

    async def _altitude(self, flight: Flight) -> None:
        await self._task(flight, Altitude(alt_above_home_m=self.rng.uniform(30.0, 110.0)))

    async def _nudge(self, flight: Flight) -> None:
        nudge = Nudge(forward=self.rng.uniform(-1, 1), right=self.rng.uniform(-1, 1), up=self.rng.choice((-1, 0, 0, 1)))
        await self.city.desk.nudge(flight.pilot, flight.id, nudge, "look")

    async def _resume(self, flight: Flight) -> None:
        await self._task(flight, Resume())

    async def _hold(self, flight: Flight) -> None:
        await self.city.desk.command_flight("controller-1", flight.id, SafetyAction.HOLD, "wait", None)

    async def _return(self, flight: Flight) -> None:
        await self.city.desk.command_flight("controller-1", flight.id, SafetyAction.RETURN, "enough", None)

    async def _task(self, flight: Flight, task: Any) -> None:
        await self.city.desk.give_task(flight.pilot, flight.id, task, "look", None)

    def _somewhere(self) -> LatLon:
        """Often right where another flight watches or is, or where somebody was just sent."""
        flights = self.city.desk.state.active_flights()
        places = [self._sent_to] if self._sent_to is not None else []
        if flights:
            watch = self.rng.choice(flights).order.route_out[-1]
            places.append((watch.lat_deg, watch.lon_deg))
        seen = [each for each in self.city.slots.latest().values() if each.in_air]
        places += [(each.lat_deg, each.lon_deg) for each in seen[-1:]] if self.rng.random() < 0.5 else []
        if places and self.rng.random() < 0.6:
            there, away_m = self.rng.choice(places), self.rng.uniform(0, 60)
        else:
            there, away_m = SCENE, AROUND_M * math.sqrt(self.rng.random())
        self._sent_to = offset(*there, bearing_deg=self.rng.uniform(0, 360), distance_m=away_m)
        return self._sent_to

    def _place(self) -> Place:
        lat_deg, lon_deg = self._somewhere()
        return Place(lat_deg=lat_deg, lon_deg=lon_deg)

    def _height_m(self) -> float | None:
        return self.rng.choice((None, None, self.rng.uniform(30.0, 110.0)))


def tracks_of(city: City) -> dict[str, list[list[Moment]]]:
    """By dock, each stretch of time that its drone was in the air, in metres on a plane around the scene."""
    return {post.site.id: _in_the_air(post.drone.trail) for post in city.posts.values()}


def meetings(city: City) -> list[tuple[str, str, float]]:
    """Every pair of drones that were too near one another, and when first."""
    tracks = tracks_of(city)
    found = []
    names = sorted(tracks)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            for mine in tracks[one]:
                at = [when for theirs in tracks[other] if (when := too_near_at(mine, theirs)) is not None]
                found += [(one, other, min(at))] if at else []
    return found


def homecomings(city: City) -> list[float]:
    """When drones came to stand in a box, in the order of time: seconds of each last moment in the air."""
    seen = [
        (last.t_s, post.site.id)
        for post in city.posts.values()
        for last, then in pairwise(post.drone.trail)
        if last.in_air and not then.in_air and _stands_in_a_box(city, then)
    ]
    return [at_s for at_s, _ in sorted(seen)]


def launches_into_others(city: City, *, after_s: float) -> int:
    """How many took off after that while another was in the air."""
    begun = {name: [track[0][0] for track in tracks] for name, tracks in tracks_of(city).items()}
    flown = {name: [(track[0][0], track[-1][0]) for track in tracks] for name, tracks in tracks_of(city).items()}
    return sum(
        any(since < at_s < until for other, spans in flown.items() if other != name for since, until in spans)
        for name, starts in begun.items()
        for at_s in starts
        if at_s > after_s
    )


def _stands_in_a_box(city: City, sample: Sample) -> bool:
    return any(
        ground_m(sample.lat_deg, sample.lon_deg, post.site.lat_deg, post.site.lon_deg) < 1.0
        for post in city.posts.values()
    )


def _in_the_air(trail: list[Sample]) -> list[list[Moment]]:
    stretches: list[list[Moment]] = [[]]
    for sample in trail:
        if not sample.in_air:
            if stretches[-1]:
                stretches.append([])
            continue
        north_m = math.radians(sample.lat_deg - SCENE[0]) * EARTH_M
        east_m = math.radians(sample.lon_deg - SCENE[1]) * EARTH_M * math.cos(math.radians(SCENE[0]))
        stretches[-1].append((sample.t_s, east_m, north_m, sample.alt_amsl_m))
    return [each for each in stretches if len(each) > 1]
