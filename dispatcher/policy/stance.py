"""What the policy says of one incident now: its grade, how a flight may begin, and by which rules.

Pure: policy, incident and moment in, the stance out. The strictest rule holds; each says its name and its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from immutables import Map

from dispatcher.policy.document import STRICTNESS, Launch, NoFly, PolicyDocument, QuietHours, Weekday, folded
from dispatcher.security.roles import Role


@dataclass(frozen=True, kw_only=True)
class PolicyInForce:
    """The policy that holds, as it was journalled."""

    document: PolicyDocument
    digest: str
    """SHA-256 of its canonical JSON, in hex."""
    source: str
    """The file's name; empty: the built-in one."""
    lines: Map[str, int]
    """Where each rule stands in that file, by ``section/index``."""
    loaded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """One rule that bears on an incident."""

    rule: str
    """Its name in the policy."""
    kind: str
    """``grade``, ``unknown_grade``, ``quiet_hours`` or ``no_fly``."""
    line: int | None
    """Where it stands in the file; None: the built-in policy."""
    launch: Launch
    """The freest that it leaves."""
    text: str
    override: tuple[str, ...] = ()
    """Roles that may press nevertheless, where ``launch`` is never."""


@dataclass(frozen=True, kw_only=True)
class Stance:
    """How a flight to the incident may begin, and why."""

    grade: str
    """The policy's name for it."""
    rank: int
    """0 is served first."""
    weight: float
    known: bool
    """False: the feed's word is none of the policy's, see the ruling."""
    launch: Launch
    window_s: float | None
    """Of the countdown or the question; None where there is neither."""
    purpose: str
    rulings: tuple[Ruling, ...]

    @property
    def forbidding(self) -> tuple[Ruling, ...]:
        """The rulings for which no drone goes at all."""
        return tuple(ruling for ruling in self.rulings if ruling.launch is Launch.NEVER)

    def may_override(self, roles: frozenset[Role]) -> bool:
        """True when these roles may press against every rule that forbids it."""
        return all(any(role.value in ruling.override for role in roles) for ruling in self.forbidding)


def stance_of(policy: PolicyInForce, *, grade: str, category: str, now: datetime) -> Stance:
    """What the policy says of an incident with this grade and category at this moment (aware, mission time)."""
    document = policy.document
    called = document.grade_called(grade)
    rank, found = called or document.grade_called(document.unknown_grade) or (0, document.grades[0])
    rulings = [
        Ruling(
            rule=found.name,
            kind="grade",
            line=policy.lines.get(f"grades/{rank}"),
            launch=found.launch,
            text=f"{found.name}: {LAUNCH_WORDS[found.launch]}",
            override=_roles(found.override),
        )
    ]
    if called is None:
        rulings.append(
            Ruling(
                rule="unknown_grade",
                kind="unknown_grade",
                line=policy.lines.get("unknown_grade"),
                launch=found.launch,
                text=f"grade {grade!r} is not in the policy: taken as {found.name}",
                override=_roles(found.override),
            )
        )
    rulings += _quiet(policy, found.name, now)
    rulings += _no_fly(policy, found.name, category)
    launch = max((ruling.launch for ruling in rulings), key=STRICTNESS.__getitem__)
    return Stance(
        grade=found.name,
        rank=rank,
        weight=found.weight,
        known=called is not None,
        launch=launch,
        window_s=found.window_s if launch in (Launch.BY_ITSELF, Launch.ASKS) else None,
        purpose=found.purpose,
        rulings=tuple(rulings),
    )


def is_quiet(hours: QuietHours, *, zone: ZoneInfo, now: datetime) -> bool:
    """Whether a moment lies in quiet hours: by the clock on the wall there, so also on the nights when it is changed.

    Starts are inclusive, ends are not.
    """
    local = now.astimezone(zone)
    clock, days = f"{local:%H:%M}", list(Weekday)
    if hours.starts < hours.ends:
        return days[local.weekday()] in hours.days and hours.starts <= clock < hours.ends
    if clock >= hours.starts:
        return days[local.weekday()] in hours.days
    yesterday = local.date() - timedelta(days=1)
    return clock < hours.ends and days[yesterday.weekday()] in hours.days


def matches(pattern: str, category: str) -> bool:
    """Whether a category is what the policy calls it: the whole text, ``*`` for any, without regard to capitals."""
    parts = (re.escape(part) for part in folded(pattern).split("*"))
    return re.fullmatch(".*".join(parts), folded(category)) is not None


def _quiet(policy: PolicyInForce, grade: str, now: datetime) -> Iterator[Ruling]:
    document = policy.document
    zone = ZoneInfo(document.time_zone)
    for index, hours in enumerate(document.quiet_hours):
        if _concerns(document, hours, grade) and is_quiet(hours, zone=zone, now=now):
            yield Ruling(
                rule=hours.name,
                kind="quiet_hours",
                line=policy.lines.get(f"quiet_hours/{index}"),
                launch=hours.launch,
                text=f"{hours.name}, {hours.starts} to {hours.ends} {document.time_zone}: {hours.because}",
                override=_roles(hours.override),
            )


def _no_fly(policy: PolicyInForce, grade: str, category: str) -> Iterator[Ruling]:
    for index, rule in enumerate(policy.document.no_fly):
        if _concerns(policy.document, rule, grade) and any(matches(each, category) for each in rule.categories):
            yield Ruling(
                rule=rule.name,
                kind="no_fly",
                line=policy.lines.get(f"no_fly/{index}"),
                launch=Launch.NEVER,
                text=f"{rule.name}: {rule.because}",
                override=_roles(rule.override),
            )


def _concerns(document: PolicyDocument, rule: QuietHours | NoFly, grade: str) -> bool:
    if rule.grades is None:
        return True
    named = (document.grade_called(name) for name in rule.grades)
    return any(found is not None and found[1].name == grade for found in named)


def _roles(roles: Sequence[Role]) -> tuple[str, ...]:
    return tuple(role.value for role in roles)


LAUNCH_WORDS = {
    Launch.BY_ITSELF: "a drone launches by itself after a countdown that anybody in control can cancel",
    Launch.ASKS: "a launch is proposed, and happens only if somebody says so in time",
    Launch.PRESSED: "a controller presses dispatch",
    Launch.NEVER: "no drone flies",
}
