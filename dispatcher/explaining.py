"""A decision derived again from the record: ``kestrel explain DECISION``.

The journal is folded up to the decision, which gives the zones that were loaded then; the decision is made again from
its recorded inputs in those zones, and must come to the same bytes. With ``--exact DOCK`` the ways of these docks are
looked for as well, as ``GET /incidents/{id}/options?exact=DOCK`` does. Exit status: 0 it comes to the same; 1 it does
not, and where; 2 it cannot be derived, and why; 3 it was made by another version of the decision, and figures differ.
The id of a proposed turn is taken too, and the plan that proposed it made again (`dispatcher.turnexplaining`).
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dispatcher import presentation, turnexplaining
from dispatcher.decision.errors import DecisionError
from dispatcher.decision.facts import DecisionInputs, facts_from_json
from dispatcher.decision.option import Decision, Option
from dispatcher.decision.version import VERSION
from dispatcher.decision.world import Ground
from dispatcher.events import OptionsDecided, TurnProposed
from dispatcher.journal.canonical import canonical
from dispatcher.journal.codec import decode
from dispatcher.journal.errors import JournalError
from dispatcher.record import Recorded
from dispatcher.rederiving import CannotBeDerived, derive
from dispatcher.state import State, apply
from dispatcher.terrainfile import bounds_of
from dispatcher.worlds import airspace_of
from geo.terrain.errors import TerrainRefused
from geo.terrain.reading import read_terrain

LATEST = "last"
_MOST_OPTIONS = 12
"""Shown in words; JSON has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A decision in the record, and all that was known then."""

    recorded: Recorded
    event: OptionsDecided
    state: State
    inputs: DecisionInputs

    @property
    def of_another_version(self) -> bool:
        """True when other code than this came to it: figures may differ, and nobody has touched the record."""
        return self.event.decision_version != VERSION


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive one decision again; returns the exit status."""
    parser = argparse.ArgumentParser(prog="kestrel explain", description=__doc__)
    parser.add_argument("decision", help="the decision's id, or how it begins; `last`")
    parser.add_argument("journal", type=Path, help="the journal's file (SQLite); it is only read")
    parser.add_argument("--terrain", type=Path, help="the elevation model that it was decided over")
    parser.add_argument("--terrain-sea-level", help="what its heights are above, where its file does not say")
    parser.add_argument("--terrain-gaps-are-sea", action="store_true", help="where it has no height there is water")
    parser.add_argument(
        "--exact", metavar="DOCK", action="append", default=[], help="look for the way of this dock too"
    )
    parser.add_argument("--json", action="store_true", help="the derived decision, as JSON")
    options = parser.parse_args(arguments)
    try:
        try:
            found = find(options.journal, options.decision)
        except CannotBeDerived:
            turn = turnexplaining.proposed_turn(_read(options.journal), options.decision)
            if turn is None:
                raise
            return _explain_turn(turn, as_json=options.json)
        ground = _ground(
            options.terrain, found, sea_level=options.terrain_sea_level, gaps_are_sea=options.terrain_gaps_are_sea
        )
        loaded = airspace_of(found.state, ground)
        again = derive(found.inputs, loaded=loaded)
        shown = derive(found.inputs, loaded=loaded, exact_for=options.exact) if options.exact else again
    except (CannotBeDerived, DecisionError, JournalError, TerrainRefused, OSError) as wrong:
        sys.stderr.write(f"kestrel: {options.journal}: {wrong}\n")
        return 2
    differences = compare(found, again)
    if options.json:
        about = {
            "decision_id": str(found.event.decision_id),
            "made_by_version": found.event.decision_version,
            "derived_by_version": VERSION,
            "differences": differences,
        }
        sys.stdout.write(json.dumps({**about, **shown.to_json()}, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write("\n".join(in_words(found, shown, differences, exact=options.exact)) + "\n")
    if not differences:
        return 0
    return 3 if found.of_another_version else 1


def _explain_turn(recorded: Recorded, *, as_json: bool) -> int:
    event = recorded.event
    if not isinstance(event, TurnProposed):
        return 2
    planned = turnexplaining.again(event)
    found = turnexplaining.differences(event, planned)
    if as_json:
        about = {"proposal_id": str(event.proposal_id), "differences": found}
        shown = {**about, "assignments": [presentation.planned(each) for each in planned]}
        sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write("\n".join(turnexplaining.in_words(recorded, event, planned, found)) + "\n")
    return 1 if found else 0


def find(journal: Path, decision: str) -> Found:
    """The decision whose id begins so, and the state just before it. Raises `CannotBeDerived` or `JournalError`."""
    wanted = decision.lower()
    state, found = State(), None
    for recorded in _read(journal):
        event = recorded.event
        if isinstance(event, OptionsDecided) and (wanted == LATEST or str(event.decision_id).startswith(wanted)):
            if found is not None and wanted != LATEST:
                raise CannotBeDerived(f"more than one decision begins with {decision}: give more of its id")
            found = recorded, event, state
        state = apply(state, recorded)
    if found is None:
        raise CannotBeDerived("no decision is recorded" if wanted == LATEST else f"no decision begins with {decision}")
    recorded, event, before = found
    return Found(recorded=recorded, event=event, state=before, inputs=facts_from_json(event.inputs))


def compare(found: Found, again: Decision) -> list[str]:
    """Where the derived decision is not the recorded one, in words; empty: the same bytes.

    A decision that an older schema recorded is compared in the figures that it had.
    """
    event = found.event
    old = found.recorded.schema_version < OptionsDecided.schema_version
    recorded = {option["dock_id"]: option for option in event.options}
    derived = {option["dock_id"]: option for option in again.options_json()}
    differences = []
    if event.best_dock_id != again.best_dock_id:
        differences.append(f"best dock: recorded {event.best_dock_id}, derived {again.best_dock_id}")
    for dock_id in sorted(recorded.keys() | derived.keys()):
        was, is_now = recorded.get(dock_id), derived.get(dock_id)
        if was is None or is_now is None:
            differences.append(f"{dock_id}: {'is not recorded' if was is None else 'is not derived'}")
            continue
        names = sorted(was.keys() if old else was.keys() | is_now.keys())
        differences += [
            f"{dock_id}: {name}: recorded {_short(was.get(name))}, derived {_short(is_now.get(name))}"
            for name in names
            if canonical({"": was.get(name)}) != canonical({"": is_now.get(name)})
        ]
    if not differences and not old and list(recorded) != list(derived):
        differences.append("the options are the same, in another order")
    if not differences and not old and _bytes(event.options) != _bytes(again.options_json()):
        differences.append("the options read the same and are not the same bytes")
    return differences


def in_words(found: Found, again: Decision, differences: Sequence[str], *, exact: Collection[str] = ()) -> list[str]:
    """The decision for a person: what was asked, what it rested on, each option, and whether it holds.

    Of a large fleet only the first options are told, and those of the docks ``exact``.
    """
    event, inputs = found.event, found.inputs
    incident, facts = inputs.incident, inputs.airspace
    zones = "no airspace was loaded"
    if facts is not None:
        terrain = ", over an elevation model" if facts.terrain else ""
        ready = "" if facts.ready else ", which was still being made ready"
        zones = f"airspace revision {facts.revision} ({facts.digest[:12] or 'empty'}){ready}{terrain}"
    lines = [
        f"decision {event.decision_id}, event {found.recorded.seq}, {inputs.mission_time:%Y-%m-%d %H:%M:%S} UTC",
        f"incident {incident.incident_id} revision {incident.revision}, {incident.lat_deg:.6f} {incident.lon_deg:.6f}",
        f"{len(inputs.docks)} docks, {len(inputs.pilots)} pilots on duty; {zones}",
        *(f"nothing may be sent: {blocker.text}" for blocker in again.blockers),
        f"best: {again.best_dock_id or 'none'}"
        + (f", commanded by {again.pilot_id}" if again.best_dock_id and again.pilot_id else ""),
    ]
    told = [
        option for place, option in enumerate(again.options) if place < _MOST_OPTIONS or option.dock_id in set(exact)
    ]
    for option in told:
        lines += _option_in_words(option)
    if len(again.options) > len(told):
        lines.append(f"... and {len(again.options) - len(told)} docks more: --json has them all")
    if found.of_another_version:
        made = f"made by decision version {event.decision_version}, this is {VERSION}"
        lines.append(f"{made}: re-derived figures may differ")
    if not differences:
        lines.append("derived again from the record: the same")
    elif found.of_another_version:
        lines += ["they do, here:", *(f"  {each}" for each in differences)]
    else:
        lines += ["NOT the decision that is recorded:", *(f"  {each}" for each in differences)]
    return lines


def _option_in_words(option: Option) -> list[str]:
    if not option.eligible:
        return [f"  --  {option.dock_id}, {option.distance_m:.0f} m", *(f"        {r.text}" for r in option.reasons)]
    bound = " at best, its way was not looked for" if option.bound else ""
    times = f"airborne in {option.time_to_airborne_s:.1f} s, on scene in {option.time_to_scene_s:.1f} s"
    leaves = f"watches {option.watch_s:.0f} s, home with {option.battery_on_return_percent:.1f} %"
    lines = [f"  {option.rank:2}  {option.dock_id}, {option.distance_m:.0f} m: {times}, {leaves}{bound}"]
    if option.route is not None and len(option.route) > 1:
        lines.append(f"        route: {_route(option)}")
    return lines + [f"        mind: {risk.text}" for risk in option.risks]


def _route(option: Option) -> str:
    points = [f"{point.lat_deg:.5f} {point.lon_deg:.5f} {point.alt_above_home_m:.0f} m" for point in option.route or ()]
    return " -> ".join(points)


def _ground(terrain: Path | None, found: Found, *, sea_level: str | None, gaps_are_sea: bool) -> Ground | None:
    if terrain is None or found.inputs.airspace is None:
        if found.inputs.airspace is not None and found.inputs.airspace.terrain is not None:
            raise CannotBeDerived("it was decided over an elevation model: name its file with --terrain")
        return None
    docks = [view.dock for view in found.state.docks.values()]
    elevation = read_terrain(
        str(terrain.resolve()), sea_level=sea_level, within=bounds_of(docks), gaps_are_sea=gaps_are_sea
    )
    return Ground(terrain_amsl=elevation.cleared_amsl_m, digest=elevation.digest)


def _read(path: Path) -> Iterator[Recorded]:
    if not path.is_file():
        raise CannotBeDerived("no such file")
    try:
        with closing(sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            for row in connection.execute("SELECT * FROM events ORDER BY seq"):
                yield decode(dict(row))
    except sqlite3.DatabaseError as error:
        raise CannotBeDerived(f"this is no journal: {error}") from None


def _bytes(options: Sequence[dict[str, Any]]) -> bytes:
    return canonical({"options": list(options)})


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:117]}..."


if __name__ == "__main__":
    sys.exit(main())
