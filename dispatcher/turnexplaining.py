"""A proposed turn made again from the record: `kestrel explain` on the id of its proposal.

The plan is made from the inputs that were journalled with the proposal, and must come to the same turn with the same
figures and the same words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from dispatcher.assigning import Planned
from dispatcher.events import TurnProposed
from dispatcher.planrecord import PlanInputs
from dispatcher.record import Recorded
from dispatcher.rederiving import CannotBeDerived


def proposed_turn(records: Iterable[Recorded], wanted: str) -> Recorded | None:
    """The event of the turn whose proposal's id begins so; None where there is none, or more than one."""
    found = [
        recorded
        for recorded in records
        if isinstance(recorded.event, TurnProposed) and str(recorded.event.proposal_id).startswith(wanted.lower())
    ]
    return found[0] if len(found) == 1 else None


def again(event: TurnProposed) -> tuple[Planned, ...]:
    """The plan, from its recorded inputs. Raises `CannotBeDerived`."""
    try:
        return PlanInputs.from_json(event.inputs).planned()
    except (KeyError, TypeError, ValueError) as wrong:
        raise CannotBeDerived(f"the inputs of this turn cannot be read: {wrong}") from None


def differences(event: TurnProposed, planned: Iterable[Planned]) -> list[str]:
    """Where the plan that is made again does not turn this flight, or not with these figures; empty: it is the same."""
    mine = next((each for each in planned if each.incident_id == str(event.incident_id)), None)
    if mine is None or mine.turn is None or mine.turn.flight_id != str(event.flight_id):
        return [f"recorded: {event.callsign} would be turned; derived: {'nothing' if mine is None else mine.because}"]
    turn = mine.turn
    pairs: tuple[tuple[str, Any, Any], ...] = (
        ("from_incident_id", event.from_incident_id, UUID(turn.serves)),
        ("gain_s", event.gain_s, mine.gain_s),
        ("time_to_scene_s", event.time_to_scene_s, mine.time_to_scene_s),
        ("watch_s", event.watch_s, turn.watch_s),
        ("battery_on_return_percent", event.battery_on_return_percent, turn.battery_on_return_percent),
        ("otherwise_dock_id", event.otherwise_dock_id, mine.otherwise_dock_id),
        ("otherwise_s", event.otherwise_s, mine.otherwise_s),
        ("others_s", event.others_s, turn.others_s),
        ("told", tuple(event.told), turn.watched_by),
        ("because", event.because, mine.because),
    )
    return [f"{name}: recorded {was}, derived {now}" for name, was, now in pairs if was != now]


def in_words(recorded: Recorded, event: TurnProposed, planned: Iterable[Planned], found: list[str]) -> list[str]:
    """The turn for a person, the whole plan that it was part of, and whether it holds."""
    return [
        f"turn {event.proposal_id}, event {recorded.seq}, {recorded.mission_time:%Y-%m-%d %H:%M:%S} UTC",
        f"{event.callsign} from incident {event.from_incident_id} to {event.incident_id}: {event.gain_s:.0f} s gained",
        *(f"  {each.grade}, waited {each.waited_s:.0f} s: {each.because}" for each in planned),
        *(["NOT the turn that is recorded:", *(f"  {each}" for each in found)] if found else []),
        *([] if found else ["derived again from the record: the same"]),
    ]
