"""The fleet file against the state: which docks are new, changed or gone. Read at each start, journalled as events."""

from __future__ import annotations

from pathlib import Path

from contracts.fleet import Fleet
from dispatcher.events import DockRegistered, DockWithdrawn, Event
from dispatcher.state import State
from kestrel.errors import FileError
from kestrel.yamlfile import load_yaml


def read_fleet(path: Path) -> Fleet:
    """The fleet of a file; raises `FileError` with the line of each fault."""
    return load_yaml(path, Fleet)


def check_deployment(path: Path, fleet: Fleet, state: State) -> None:
    """Raise `FileError` when the journal was begun for another deployment: training never goes on as live."""
    begun_as = state.deployment
    if begun_as is not None and fleet.deployment != begun_as:
        problem = f"is {fleet.deployment}, but the journal is of a {begun_as} deployment: give it a journal of its own"
        raise FileError(path, problem, field="deployment")


def fleet_changes(state: State, fleet: Fleet) -> list[Event]:
    """The events that make the state's docks those of the fleet file; none when they are already.

    A dock that is no longer in the file stays while its drone is out, so that it can be called home; it goes at the
    next start.
    """
    changes: list[Event] = []
    for dock in fleet.docks:
        aircraft_type = fleet.type_of(dock)
        known = state.docks.get(dock.id)
        if known is None or known.dock != dock or known.aircraft_type != aircraft_type:
            changes.append(DockRegistered(dock=dock, aircraft_type=aircraft_type))
    kept = {dock.id for dock in fleet.docks}
    kept |= {dock_id for dock_id, view in state.docks.items() if view.active_flight_id is not None}
    changes.extend(DockWithdrawn(dock_id=dock_id) for dock_id in sorted(set(state.docks) - kept))
    return changes
