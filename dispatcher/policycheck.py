"""What a policy file means, in words, before anybody relies on it: `kestrel policy check FILE`.

It reads with the very function that the dispatcher starts with. Exit status: 0 the dispatcher would take it; 2 it would
not, and every fault is told with its line.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from dispatcher.decision.facts import SceneInZone
from dispatcher.policy.document import AirspaceRules, Grade, Launch, PolicyDocument, QuietHours, Weekday
from dispatcher.policy.file import load_policy
from dispatcher.security.roles import Role
from kestrel.errors import FileError


def main(arguments: Sequence[str] | None = None) -> int:
    """Read one file and say what it means; returns the exit status."""
    parser = argparse.ArgumentParser(prog="kestrel policy check", description=__doc__)
    parser.add_argument("file", type=Path, help="policy file")
    parser.add_argument("--json", action="store_true", help="the whole policy with its defaults, as JSON")
    options = parser.parse_args(arguments)
    try:
        loaded = load_policy(options.file)
    except FileError as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    if options.json:
        sys.stdout.write(json.dumps({"digest": loaded.digest, "policy": loaded.content}, indent=1) + "\n")
    else:
        said = [*in_words(loaded.document, lines=loaded.lines), f"digest {loaded.digest}"]
        sys.stdout.write("\n".join(said) + "\n")
    return 0


def in_words(policy: PolicyDocument, *, lines: dict[str, int]) -> Iterator[str]:
    """One line for each thing that the policy says, the gravest grade first."""
    yield f"{policy.name}; local times are those of {policy.time_zone}"
    yield "Grades, the gravest first:"
    for index, grade in enumerate(policy.grades):
        also = f" (also {', '.join(grade.aliases)})" if grade.aliases else ""
        stays = f"; watch {_span(grade.watch_s)}" if grade.watch_s is not None else ""
        yield f"  {grade.name}{also}: {_launch(grade)}; weight {grade.weight:g}{stays}{_line(lines, 'grades', index)}"
    yield f"  any other grade is taken as {policy.unknown_grade}, and the incident says so"
    yield "Quiet hours:" if policy.quiet_hours else "Quiet hours: none"
    for index, hours in enumerate(policy.quiet_hours):
        yield f"  {_hours(hours)}{_line(lines, 'quiet_hours', index)}"
    yield "Never flown:" if policy.no_fly else "Never flown: nothing by its category"
    for index, rule in enumerate(policy.no_fly):
        whom = _grades(rule.grades)
        what = f"{', '.join(rule.categories)} ({whom}): {rule.because}; {_override(rule.override)}"
        yield f"  {rule.name}: {what}{_line(lines, 'no_fly', index)}"
    if any(grade.window_s is not None for grade in policy.grades):
        automation = policy.automation
        yield (
            f"By itself or proposed only within {_span(automation.fresh_s)} of an incident's coming in, and not within "
            f"{automation.apart_m:g} m of one that has a drone"
        )
    diversion, airspace, watch = policy.diversion, policy.airspace, policy.watch
    flights, pilots = policy.flights, policy.pilots
    yield (
        f"A drone on a lesser call, or on its way home, is proposed for another from {_span(diversion.gain_s)} gained; "
        f"its pilot has {_span(diversion.answer_s)} to answer, and who watches is told {_span(diversion.countdown_s)} "
        "before it goes"
        if diversion.proposed
        else "No drone that is out is proposed for another call"
    )
    yield (
        "Nothing is held back for the calls to come"
        if policy.reserve.weight == 0
        else f"Held back for the calls to come, from {policy.reserve.least_calls} calls on record: "
        f"what they lose counts {policy.reserve.weight:g} times"
    )
    yield (
        f"Zones that are flown around: {', '.join(_kept_out(airspace))}, "
        f"by {airspace.margin_m:g} m; a scene in one: {_scene_in_zone(airspace)}"
    )
    yield (
        f"Watch: {_span(watch.usual_s)}, at least {_span(min(watch.least_s, watch.usual_s))}, "
        f"at most {_span(watch.most_s)} of one drone"
    )
    yield (
        f"Flights: {flights.transit_alt_above_home_m:g} m on the way, {flights.scene_alt_above_home_m:g} m on scene, "
        f"{flights.standoff_m:g} m before it; reserve {flights.reserve_percent:g} %"
    )
    yield (
        f"  crewed aircraft: {flights.avoidance.value}; recording from: {flights.recording_from.value}; "
        f"home by itself {flights.link_loss_return_s:g} s after its link is lost"
    )
    warnings = policy.warnings
    yield (
        f"Warnings at a launch are set aside, with a note, for that launch alone: those of the aircraft by "
        f"{_roles(warnings.aircraft)}, those of operations by {_roles(warnings.operations)}; blockers by nobody"
    )
    yield (
        f"Pilots: {pilots.flights_in_hand} by hand, {pilots.flights_watched} beside; a silent console's flights are "
        f"held after {_span(pilots.silent_hold_s)} and called home {_span(pilots.silent_return_s)} later"
    )


def _launch(grade: Grade) -> str:
    window = _span(grade.window_s or 0.0)
    match grade.launch:
        case Launch.BY_ITSELF:
            return f"launches by itself after a countdown of {window}, unless somebody cancels it"
        case Launch.ASKS:
            return f"asks for {window}, then the proposal is withdrawn"
        case Launch.PRESSED:
            return "only when a controller presses"
        case Launch.NEVER:
            return f"never flies; {_override(grade.override)}"


def _hours(hours: QuietHours) -> str:
    days = "every day" if set(hours.days) == set(Weekday) else " ".join(day.value for day in hours.days)
    left = {
        Launch.BY_ITSELF: "",
        Launch.ASKS: "nothing launches by itself, it asks",
        Launch.PRESSED: "only when a controller presses",
        Launch.NEVER: f"nothing flies, {_override(hours.override)}",
    }[hours.launch]
    return f"{hours.name}: {hours.starts} to {hours.ends}, {days}, {_grades(hours.grades)}: {left} ({hours.because})"


def _kept_out(airspace: AirspaceRules) -> list[str]:
    return list(dict.fromkeys(["PROHIBITED", *(each.value for each in airspace.keep_out)]))


def _scene_in_zone(airspace: AirspaceRules) -> str:
    if airspace.scene_in_zone is SceneInZone.REFUSE:
        return "no drone is sent"
    return f"watched from outside, from at most {airspace.watch_within_m:g} m"


def _grades(names: Sequence[str] | None) -> str:
    return "all grades" if names is None else ", ".join(names)


def _override(roles: Sequence[Role]) -> str:
    return f"overridden, with a note, by: {_roles(roles)}" if roles else "nobody can override it"


def _roles(roles: Sequence[Role]) -> str:
    return ", ".join(role.value for role in roles) or "nobody"


def _span(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 120 or seconds % 60 else f"{seconds / 60:g} min"


def _line(lines: dict[str, int], section: str, index: int) -> str:
    line = lines.get(f"{section}/{index}")
    return "" if line is None else f" [line {line}]"


if __name__ == "__main__":
    sys.exit(main())
