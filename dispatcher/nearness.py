"""Flights that are not apart after all, and what is done about it: the others are moved, or people are told what to do.

Hold, return and land are never refused, and an aircraft may be blown, or held by its own guards, where nobody sent it.
So what all flights are doing now is looked at every second, and at once after such a command. Whoever comes down where
it is goes first: others that are on their way there are held before it, others that hang below it are called home, out
of its way. These are the acts that make safer, and their pilots are told. What is left is an alarm, with the metres and
what to do.

Pure: from the state and the sky to the events that follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from uuid import UUID

from contracts.orders import SafetyAction
from contracts.vocabulary import AlarmKind, Outcome, Phase
from dispatcher import commanding
from dispatcher import events as ev
from dispatcher.entities import Flight, State
from dispatcher.errors import DispatcherError
from dispatcher.identifiers import NewId
from dispatcher.record import SYSTEM
from dispatcher.volumes import Air, Sky, last_of, volume_of
from geo.flight.position import distance_m
from geo.flight.separation import APART_M, BESIDE_M, Near, Volume, in_the_way, nearest

ASIDE_M = APART_M + 3 * BESIDE_M
"""Whoever is further than this from where another comes down, and what it drifts until it stops, is held; others go."""
_MOVES = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING})
_HOMEWARD = frozenset({SafetyAction.RETURN.value, SafetyAction.CANCEL.value, SafetyAction.LAND.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two flights that are not apart."""

    mover: Flight
    """The one that comes down, or that was last told something."""
    other: Flight
    near: Near
    """Of the other, as the mover comes near it."""


def pairs_of(state: State, sky: Sky) -> list[Pair]:
    """All pairs that are not apart in what they are doing now, in the order of their callsigns."""
    doing = [
        (flight, volume)
        for flight in sorted(state.active_flights(), key=lambda flight: flight.callsign)
        if (volume := volume_of(state, flight, descending=False, sky=sky, now_alone=True)) is not None
    ]
    return list(_pairs(doing))


def _pairs(doing: Iterable[tuple[Flight, Volume]]) -> Iterator[Pair]:
    for one, other in combinations(doing, 2):
        if not (one[0].phase.is_airborne or other[0].phase.is_airborne):
            continue
        mover, still = (one, other) if _goes_first(one[0]) >= _goes_first(other[0]) else (other, one)
        for near in nearest(mover[1], [still[1]]):
            yield Pair(mover=mover[0], other=still[0], near=near)


def look(state: State, sky: Sky, *, now: datetime, new_id: NewId) -> list[ev.Event]:
    """What follows now: commands to the others, alarms raised and alarms over."""
    pairs = pairs_of(state, sky)
    events: list[ev.Event] = []
    moved: set[str] = set()
    for pair in pairs:
        lander = next((each for each in (pair.mover, pair.other) if comes_down(each)), None)
        if lander is None:
            continue
        still = pair.other if lander is pair.mover else pair.mover
        action = out_of_the_way(state, lander, still, sky)
        if action is None or still.callsign in moved:
            continue
        moved.add(still.callsign)
        because = f"{lander.callsign} comes down where it is, and {still.callsign} was on its way there"
        events += _told(state, still, action, because, now=now, new_id=new_id)
    return [*events, *_alarms(state, pairs)]


def comes_down(flight: Flight) -> bool:
    """True for who was told to land where it is."""
    last = last_of(flight)
    return last is not None and last.action == SafetyAction.LAND.value and flight.phase.is_airborne


def out_of_the_way(state: State, lander: Flight, other: Flight, sky: Sky) -> SafetyAction | None:
    """What the other is told; None where its way does not lead there any more, or nothing that is safer is known."""
    last = last_of(other)
    below, here = sky.of(lander), sky.of(other)
    if below is None or here is None or other.phase not in _MOVES:
        return None
    landing, ahead = _air(state, lander).landing(below), _air(state, other).ahead(here)
    if not in_the_way(landing, [ahead]):
        return None
    aside = distance_m(*below.at.position, *here.at.position) > ASIDE_M + below.drift_m + here.drift_m
    if aside:
        held = last is not None and last.action == SafetyAction.HOLD.value
        return None if held else SafetyAction.HOLD
    homeward = other.phase is Phase.RETURNING or (last is not None and last.action in _HOMEWARD)
    return None if homeward else SafetyAction.RETURN


def _air(state: State, flight: Flight) -> Air:
    return Air(flight=flight, plate_amsl_m=state.docks[flight.dock_id].dock.alt_amsl_m, descending=False)


def _told(
    state: State, flight: Flight, action: SafetyAction, because: str, *, now: datetime, new_id: NewId
) -> list[ev.Event]:
    try:
        return commanding.command(
            state, flight.id, action, actor=SYSTEM, because=because, idempotency_key=None, now=now, new_id=new_id
        )
    except DispatcherError:
        return []


def _alarms(state: State, pairs: list[Pair]) -> list[ev.Event]:
    events: list[ev.Event] = []
    by_mover: dict[UUID, list[Pair]] = {}
    for pair in pairs:
        by_mover.setdefault(pair.mover.id, []).append(pair)
    alarmed = {home for home in state.open_alarms.values() if isinstance(home, UUID)}
    flights = {pair.mover.id: pair.mover for pair in pairs}
    flights |= {flight_id: state.flights[flight_id] for flight_id in alarmed if flight_id in state.flights}
    for flight in sorted(flights.values(), key=lambda each: (each.callsign, each.id.int)):
        lasting = next((each for each in flight.alarms if each.active and each.kind is AlarmKind.TOO_NEAR), None)
        mine = by_mover.get(flight.id, [])
        if not mine and lasting is not None:
            events.append(ev.AlarmEnded(alarm=AlarmKind.TOO_NEAR, flight_id=flight.id))
        elif mine and (lasting is None or not lasting.text.startswith(_who(mine))):
            events.append(ev.AlarmRaised(alarm=AlarmKind.TOO_NEAR, flight_id=flight.id, text=_text(mine)))
    return events


def _who(pairs: list[Pair]) -> str:
    names = sorted({pair.other.callsign for pair in pairs})
    return f"{pairs[0].mover.callsign} is not kept apart from {', '.join(names)}"


def _text(pairs: list[Pair]) -> str:
    """Who, by how much, and what to do: that depends on what the first is doing."""
    mover = pairs[0].mover
    figures = "; ".join(str(pair.near) for pair in pairs)
    if comes_down(mover):
        what = f"{mover.callsign} comes down where it is: keep the others from under it until it is down"
    elif any(comes_down(pair.other) for pair in pairs):
        what = f"hold {mover.callsign} until the other is down"
    else:
        what = "send one of them to another height, or 40 m aside; hold the other meanwhile"
    return f"{_who(pairs)}: {what}. {figures}"[:400]


def _goes_first(flight: Flight) -> tuple[bool, datetime]:
    """The one that comes down, else the one that a person was last to move, or to order."""
    moved = (each for each in reversed(flight.commands) if each.is_manoeuvre and each.outcome is not Outcome.REFUSED)
    last = next((each for each in moved if each.actor != SYSTEM), None)
    return comes_down(flight), flight.ordered_at if last is None else last.issued_at
