"""Who relieves a flight on scene: the dock, and when its drone is ordered; or why nobody can.

Pure: from a need, as `dispatcher.relay` finds it, and a decision on all docks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher.decision.option import Decision, Option
from dispatcher.flights import PILOT_ANSWERS_WITHIN
from dispatcher.relay import LEAST_REST, MARGIN, Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The dock that would relieve, and when it is ordered; or the reasons of all."""

    option: Option | None
    order_at: datetime | None
    reasons: Mapping[str, Sequence[str]]


def choose(need: Need, decision: Decision, now: datetime, *, exact_alone: bool = False) -> Choice:
    """The dock that can watch longest among those that come in time, then the one that is there soonest."""
    asking = timedelta(0) if decision.pilot_accepts_beforehand else PILOT_ANSWERS_WITHIN
    there = max(need.leaves_at, now)
    useful: list[tuple[bool, float, float, str, Option]] = []
    for option in decision.options:
        if not option.eligible or option.dock_id in need.tried or (exact_alone and option.bound):
            continue
        if option.time_to_scene_s is None or option.watch_s is None:
            continue
        if option.time_to_scene_s + LEAST_REST.total_seconds() > need.watch_s:
            continue
        arrival = now + timedelta(seconds=option.time_to_scene_s)
        if arrival + timedelta(seconds=option.watch_s) <= there:
            continue
        in_time = arrival + asking <= there
        watched_s = option.watch_s if in_time else 0.0
        useful.append((not in_time, -watched_s, option.time_to_scene_s, option.dock_id, option))
    if decision.blockers or need.unsafe is not None or not useful:
        return Choice(option=None, order_at=None, reasons=_reasons(need, decision))
    option = min(useful, key=lambda each: each[:4])[-1]
    lead = timedelta(seconds=option.time_to_scene_s or 0.0) + MARGIN + asking
    return Choice(option=option, order_at=need.leaves_at - lead, reasons={})


def alarm_text(need: Need, choice: Choice, now: datetime, *, callsign_of: Callable[[str], str]) -> str:
    """What the person who answers for the incident is told when nobody can relieve a flight."""
    left_s = (need.leaves_at - now).total_seconds()
    when = f"leaves the scene at {need.leaves_at:%H:%M:%S} UTC" if left_s > 0 else "is not on scene any more"
    why: dict[str, list[str]] = {}
    for dock_id, texts in choice.reasons.items():
        why.setdefault(texts[0] if texts else "no", []).append(callsign_of(dock_id))
    alike = len(why) == 1 < len(choice.reasons)
    reasons = "; ".join(f"{'all docks' if alike else ', '.join(names)}: {text}" for text, names in why.items())
    minutes = f", in {left_s / 60:.0f} min" if left_s > 0 else ""
    return f"{need.flight.callsign} {when}{minutes}, and no drone can relieve it. {reasons}"[:400]


def _reasons(need: Need, decision: Decision) -> dict[str, list[str]]:
    if need.unsafe is not None:
        return {"all docks": [need.unsafe]}
    if decision.blockers:
        return {"incident": [blocker.text for blocker in decision.blockers]}
    reasons: dict[str, list[str]] = {}
    for option in decision.options:
        if option.dock_id == need.flight.dock_id and not option.eligible:
            continue
        if option.dock_id in need.tried:
            reasons[option.dock_id] = [need.tried[option.dock_id]]
        elif option.eligible:
            reasons[option.dock_id] = ["could not be there early enough, or long enough, to be of use"]
        else:
            reasons[option.dock_id] = [reason.text for reason in option.reasons]
    return reasons
