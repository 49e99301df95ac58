"""Flights that are not apart after all, and what is done about it: the others are moved, or people are told what to do.

Hold, return and land are never refused, and an aircraft may be blown, or held by its own guards, where nobody sent it.
So what all flights are doing now is looked at every second, and at once after such a command. Whoever comes down where
it is goes first: others that are on their way there are held before it, others that hang below it are called home, out
of its way. These are the acts that make safer, given once, and their pilots are told. What a person told any of them is
never undone, nor what one does for a crewed aircraft. A missing flight is looked
at as it was last known, and told nothing. What is left is an alarm, with the metres and what to do.

Pure: from the state and the sky to the events that follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from uuid import UUID

from contracts.orders import SafetyAction
from contracts.tasks import Avoid
from contracts.vocabulary import AlarmKind, Outcome, Phase
from dispatcher import commanding
from dispatcher import events as ev
from dispatcher.entities import Flight, State
from dispatcher.errors import DispatcherError
from dispatcher.identifiers import NewId
from dispatcher.missing import last_known, may_still_fly
from dispatcher.record import SYSTEM
from dispatcher.volumes import Air, Sky, last_of, volume_of
from geo.flight.position import distance_m
from geo.flight.separation import APART_M, BESIDE_M, Near, Volume, in_the_way, nearest

ASIDE_M = APART_M + 3 * BESIDE_M
"""Whoever is further than this from where another comes down, and what it drifts until it stops, is held; others go."""
_MOVES = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING})
_STAYS = frozenset({*(action.value for action in SafetyAction), Avoid.model_fields["type"].default})
"""Whoever was told one of these last is told nothing by the system: a later order would be what it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two flights that are not apart."""

    mover: Flight
    """The one that comes down, or that was last told something; never a missing one, which hears nothing."""
    other: Flight
    near: Near
    """Of the other, as the mover comes near it."""


def pairs_of(state: State, sky: Sky) -> list[Pair]:
    """All pairs that are not apart in what they are doing now, in the order of their callsigns."""
    doing = [
        (flight, volume)
        for flight in sorted(
            [*state.active_flights(), *may_still_fly(state, sky.now)], key=lambda flight: flight.callsign
        )
        if (volume := volume_of(state, flight, descending=False, sky=sky, now_alone=True)) is not None
    ]
    return list(_pairs(doing))


def _pairs(doing: Iterable[tuple[Flight, Volume]]) -> Iterator[Pair]:
    for one, other in combinations(doing, 2):
        if not one[1].may_meet(other[1]) or not any(last_known(each[0]).phase.is_airborne for each in (one, other)):
            continue
        if one[0].ended and other[0].ended:
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
    """What the other is told; None where its way does not lead there any more, or where what it does is not to be
    undone: what a person told it for safety or since the landing began, what it does for a crewed aircraft, and what
    it was told for this landing already."""
    below, here = sky.of(lander), sky.of(other)
    if below is None or here is None or other.phase not in _MOVES or _stays(lander, other):
        return None
    landing, air = [_air(state, lander).landing(below)], _air(state, other)
    if not in_the_way(air.ahead(here), landing):
        return None
    if in_the_way(air.standing(here), landing) and not in_the_way(air.at_the_end(here), landing):
        return None
    aside = distance_m(*below.at.position, *here.at.position) > ASIDE_M + below.drift_m + here.drift_m
    if aside:
        return SafetyAction.HOLD
    return None if other.phase is Phase.RETURNING else SafetyAction.RETURN


def _stays(lander: Flight, other: Flight) -> bool:
    last, landing = last_of(other), last_of(lander)
    if last is not None and last.action in _STAYS:
        return True
    if any(each.active and each.kind is AlarmKind.TRAFFIC for each in other.alarms):
        return True
    since = (each for each in other.commands if landing is not None and each.issued_at >= landing.issued_at)
    moved = (each for each in since if each.is_manoeuvre and each.action != "extend")
    # What the system gave and the agent refused was given; what a person gave that was refused moved nobody.
    return any(each.actor == SYSTEM or each.outcome is not Outcome.REFUSED for each in moved)


def _air(state: State, flight: Flight) -> Air:
    plate_amsl_m = state.docks[flight.dock_id].dock.alt_amsl_m
    return Air(flight=flight, plate_amsl_m=plate_amsl_m, descending=False, now_alone=True)


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
        elif mine and (lasting is None or not lasting.text.startswith(f"{_who(mine)}:")):
            events.append(ev.AlarmRaised(alarm=AlarmKind.TOO_NEAR, flight_id=flight.id, text=_text(mine)))
    return events


def _who(pairs: list[Pair]) -> str:
    names = sorted({pair.other.callsign for pair in pairs})
    return f"{pairs[0].mover.callsign} is not kept apart from {', '.join(names)}"


def _text(pairs: list[Pair]) -> str:
    """Who, by how much, and what to do: that depends on what the first is doing."""
    mover = pairs[0].mover
    figures = "; ".join(str(pair.near) for pair in pairs)
    if any(pair.other.ended for pair in pairs):
        lost = ", ".join(sorted({pair.other.callsign for pair in pairs if pair.other.ended}))
        what = f"{lost} is missing and may be there: send {mover.callsign} to another height, or 40 m aside"
    elif comes_down(mover):
        what = f"{mover.callsign} comes down where it is: keep the others from under it until it is down"
    elif any(comes_down(pair.other) for pair in pairs):
        what = f"hold {mover.callsign} until the other is down"
    else:
        what = "send one of them to another height, or 40 m aside; hold the other meanwhile"
    return f"{_who(pairs)}: {what}. {figures}"[:400]


def _goes_first(flight: Flight) -> tuple[bool, bool, datetime]:
    """One that hears what it is told, the one that comes down, else the one that a person was last to move, or to
    order."""
    moved = (each for each in reversed(flight.commands) if each.is_manoeuvre and each.outcome is not Outcome.REFUSED)
    last = next((each for each in moved if each.actor != SYSTEM), None)
    return not flight.ended, comes_down(flight), flight.ordered_at if last is None else last.issued_at
