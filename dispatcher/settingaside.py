"""Warnings of a launch that a person sets aside: which hold, who may, and what the order carries of it.

A dock that only warnings keep at home can be sent by a press that names it and sets each of them aside, by somebody
whom the policy names, with a note. Those that are the pilot's may be left to the pilot, who sets them aside when
accepting, or declines. Blockers are set aside by nobody. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from contracts.warnings import Concern, WarningCode, WarningOverride, concern_of, yields
from dispatcher.decision.codec import Json
from dispatcher.decision.option import Decision, Option
from dispatcher.decision.reason import Reason
from dispatcher.entities import DecisionView, Flight
from dispatcher.errors import DockNotEligible, Forbidden, Invalid, StaleScreen
from dispatcher.events import HeldWarning
from dispatcher.policy import WarningRules
from dispatcher.requests import Press, SetAside
from dispatcher.security.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What becomes of the warnings of one launch."""

    overrides: tuple[WarningOverride, ...] = ()
    """Set aside: they travel in the order."""
    left: tuple[HeldWarning, ...] = ()
    """Left to the pilot: nothing is sent before they have set them aside."""


NOTHING = Settled()
NEAREST_HELD = 3
"""Docks whose ways are looked for, so that somebody may decide to send one all the same."""


def warnings_of(option: Option) -> tuple[Reason, ...]:
    """What keeps this dock at home where all of it may be set aside; empty where it can go, or cannot at all."""
    only = all(concern_of(reason.code) is not Concern.BLOCKER and reason.limit is not None for reason in option.reasons)
    reckoned = option.time_to_scene_s is not None and not option.bound
    return option.reasons if only and reckoned else ()


def worth_a_way(decision: Decision) -> list[str]:
    """Where nobody can go: the nearest docks of a large fleet that warnings alone keep at home, as far as is known.

    Their ways were not looked for, and nothing is set aside on a bound.
    """
    if decision.blockers or decision.best is not None:
        return []
    held = (
        option.dock_id
        for option in decision.options
        if option.bound
        and option.time_to_scene_s is not None
        and all(concern_of(reason.code) is not Concern.BLOCKER for reason in option.reasons)
    )
    return list(islice(held, NEAREST_HELD))


def settle(
    option: Option,
    *,
    shown: DecisionView,
    press: Press,
    actor: str,
    roles: Collection[Role],
    rules: WarningRules,
    now: datetime,
) -> Settled:
    """What the press makes of the warnings of the dock that it names.

    Raises `StaleScreen` where others hold than were on the screen, `Forbidden` for one that this person may not set
    aside, `Invalid` for an override of what was not shown, `DockNotEligible` where one is neither set aside nor left.
    """
    on_screen = _shown_warnings(shown, option.dock_id)
    for place, each in enumerate(press.overrides):
        if each.warning.value not in on_screen:
            raise Invalid.field(f"/overrides/{place}/warning", f"{each.warning} was not shown for {option.dock_id}")
        _check_may(each.warning, roles, rules)
    holding = warnings_of(option)
    _check_screen(on_screen, holding)
    given = {each.warning.value: each for each in press.overrides}
    overrides = tuple(_override(each, on_screen[each.warning.value], actor=actor, now=now) for each in press.overrides)
    left, missing = [], []
    for reason in holding:
        if reason.code.value in given:
            continue
        concern = concern_of(reason.code)
        if press.left_to_pilot and Role.PILOT in rules.of(concern):
            left.append(
                HeldWarning(
                    warning=WarningCode(reason.code.value),
                    concern=concern,
                    text=reason.text,
                    value=_figure(reason.value),
                    limit=_figure(reason.limit),
                    may_set_aside=[role.value for role in rules.of(concern)],
                )
            )
        else:
            missing.append(reason)
    if missing:
        raise DockNotEligible(
            "a warning that nobody has set aside keeps it at home: " + "; ".join(reason.text for reason in missing),
            warnings=[told(reason.code, rules, text=reason.text) for reason in missing],
        )
    return Settled(overrides=overrides, left=tuple(left))


def settle_left(
    flight: Flight,
    given: Sequence[SetAside],
    *,
    actor: str,
    roles: Collection[Role],
    rules: WarningRules,
    now: datetime,
) -> list[WarningOverride]:
    """What the order carries once its pilot has accepted: each warning that was left to them is set aside, or none is.

    Raises `Invalid` for one that was not left to them, `Forbidden` for one that they may not set aside,
    `DockNotEligible` while one still stands.
    """
    left = {each.warning: each for each in flight.warnings_left}
    for place, each in enumerate(given):
        if each.warning not in left:
            raise Invalid.field(f"/overrides/{place}/warning", f"{each.warning} was not left to the pilot")
        _check_may(each.warning, roles, rules)
    missing = [held for code, held in left.items() if code not in {each.warning for each in given}]
    if missing:
        raise DockNotEligible(
            f"{flight.callsign} is kept at home by a warning that its pilot has not set aside: "
            + "; ".join(held.text for held in missing),
            warnings=[told(held.warning, rules, text=held.text) for held in missing],
        )
    new = [
        WarningOverride(
            warning=each.warning,
            text=left[each.warning].text,
            value=left[each.warning].value,
            limit=left[each.warning].limit,
            note=each.note,
            by=actor,
            at=now,
        )
        for each in given
    ]
    return [*flight.order.overrides, *new]


def told(code: str, rules: WarningRules, *, text: str) -> Json:
    """One warning as a refusal names it, with who may set it aside."""
    concern = concern_of(code)
    return {
        "warning": str(code),
        "concern": concern.value,
        "text": text,
        "may_set_aside": [role.value for role in rules.of(concern)],
    }


def _check_may(code: WarningCode, roles: Collection[Role], rules: WarningRules) -> None:
    named = rules.of(concern_of(code))
    if not any(role in named for role in roles):
        who = " or ".join(role.value for role in named) or "nobody"
        raise Forbidden(f"{code} may be set aside by {who}", warning=code.value, may_set_aside=[*named])


def _check_screen(on_screen: Mapping[str, Mapping[str, Any]], holding: Sequence[Reason]) -> None:
    """Each warning that holds now was on the screen, and is no worse now than its headroom."""
    new = [reason for reason in holding if not _covered(reason, on_screen.get(reason.code.value))]
    if new:
        raise StaleScreen(
            f"other warnings hold now than were shown: {'; '.join(reason.text for reason in new)}",
            difference={
                "warnings": {
                    "shown": [str(each["text"]) for each in on_screen.values()],
                    "now": [reason.text for reason in holding],
                }
            },
        )


def _covered(reason: Reason, shown: Mapping[str, Any] | None) -> bool:
    if shown is None or shown.get("value") is None:
        return False
    value, limit = _figure(reason.value), _figure(reason.limit)
    return yields(WarningCode(reason.code.value), shown=float(shown["value"]), value=value, limit=limit)


def _shown_warnings(shown: DecisionView, dock_id: str) -> dict[str, Mapping[str, Any]]:
    option = next((each for each in shown.options if each["dock_id"] == dock_id), None)
    reasons = [] if option is None else option.get("reasons") or []
    return {str(each["code"]): each for each in reasons if concern_of(str(each["code"])) is not Concern.BLOCKER}


def _override(given: SetAside, shown: Mapping[str, Any], *, actor: str, now: datetime) -> WarningOverride:
    return WarningOverride(
        warning=given.warning,
        text=str(shown["text"]),
        value=_figure(shown.get("value")),
        limit=_figure(shown.get("limit")),
        note=given.note,
        by=actor,
        at=now,
    )


def _figure(value: float | None) -> float:
    return 0.0 if value is None else float(value)
