"""Writes the parts of the format pages that follow from the source: `make docs`. One command for all of them."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from enum import IntEnum, StrEnum
from importlib import import_module
from itertools import pairwise
from typing import get_args

from pydantic import BaseModel

from contracts import dock_registers, tasks, vocabulary
from contracts.fleet import Aircraft, AircraftType, Dock, Fleet, Limits, Links
from contracts.orders import SafetyAction
from contracts.position import Place, Waypoint, Weather
from contracts.reports import AgentEvent
from contracts.topics import Channel
from dispatcher.events import EVENT_TYPES
from dispatcher.journal.table import events
from dispatcher.policy.document import Launch
from docs.fields import rows_of, table
from docs.format_words import WORDS
from docs.inserts import Sections, cell, write

WIRE_MESSAGES = (
    (
        "contracts.orders",
        (
            *("FlightOrder", "SafetyOrder", "TaskOrder", "ReceiveOrder", "WithdrawReceiveOrder", "BlockerOrder"),
            *("MaintenanceOrder", "EventAck", "DispatcherHeartbeat"),
        ),
    ),
    ("contracts.reports", ("AgentEvent", "DockStatus", "Telemetry", "DockPicture", "AgentWill")),
)
TASKS = (
    *("Resume", "Retask", "Divert", "Goto", "Orbit", "Altitude", "LookAt", "Extend", "Nudge", "Zoom", "SelectSensor"),
    *("Snapshot", "Record", "Light", "Speaker", "Avoid", "Parachute"),
)
"""What a `TaskOrder` may carry."""
SCENARIO_PARTS = (
    "Scenario",
    "WeatherPart",
    "AircraftType",
    "PayloadPart",
    "DockPart",
    "AircraftPart",
    "MavlinkPart",
    "Px4Part",
)
POLICY_PARTS = (
    *("PolicyDocument", "Grade", "QuietHours", "NoFly", "Automation", "Diversion", "AirspaceRules"),
    *("Watch", "Flights", "Pilots"),
)
VOCABULARY = (
    *("Phase", "Condition", "Outcome", "DockState", "Lid", "Charger", "Deployment"),
    *("AlarmKind", "Traffic", "Avoidance", "RecordingFrom"),
)


def section(model: type[BaseModel], *, level: int = 3) -> str:
    """Heading, docstring and fields of a model."""
    return f"{'#' * level} {model.__name__}\n\n{_said(model)}\n\n{table(model, _words(model))}\n"


def _words(model: type[BaseModel]) -> Mapping[str, str]:
    return WORDS.get(f"{model.__module__}.{model.__name__}", {})


def fleet_tables() -> str:
    """The fleet file, from the whole to its parts."""
    return "\n".join(section(model) for model in (Fleet, Dock, Aircraft, Links, Limits, AircraftType))


def policy_tables() -> str:
    """The policy file, from the whole to its parts."""
    module = import_module("dispatcher.policy.document")
    return "\n".join(section(getattr(module, name)) for name in POLICY_PARTS)


def launch_table() -> str:
    """How a flight may begin."""
    said = member_docstrings(Launch)
    lines = ["| `launch` | what happens |", "|---|---|"]
    return "\n".join(lines + [f"| `{launch.value}` | {cell(said[launch.name])} |" for launch in Launch])


def scenario_tables() -> str:
    """The scenario file, from the whole to its parts."""
    module = import_module("simulator.scenario")
    return "\n".join(section(getattr(module, name)) for name in SCENARIO_PARTS)


def fault_tables() -> str:
    """What all faults say, and of each kind what it says besides."""
    module = import_module("simulator.faults")
    common = module.FaultPart
    kinds, _ = get_args(module.Fault)
    parts = [section(common)]
    for model in get_args(kinds):
        own = table(model, _words(model), without=set(common.model_fields))
        parts.append(f"### {model.__name__}\n\n{_said(model)}\n\n{own}\n")
    return "\n".join([*parts, section(module.PointPart)])


def channel_table() -> str:
    """MQTT channels with what the source says of them."""
    said = member_docstrings(Channel)
    lines = ["| topic ends with | what |", "|---|---|"]
    return "\n".join(lines + [f"| `{channel.value}` | {cell(said[channel.name])} |" for channel in Channel])


def message_tables() -> str:
    """Every message body, and what they are made of."""
    parts = [
        section(getattr(import_module(module), name), level=3) for module, names in WIRE_MESSAGES for name in names
    ]
    parts += [section(getattr(tasks, name), level=3) for name in TASKS]
    return "\n".join([*parts, *(section(model) for model in (Place, Waypoint, Weather))])


def envelope_table() -> str:
    """The envelope's fields."""
    from contracts.envelope import Envelope

    return table(Envelope, WORDS["contracts.envelope.Envelope"])


def fact_table() -> str:
    """What an agent's event may say."""
    lines = ["| fact | fields | what it says |", "|---|---|---|"]
    union, _ = get_args(AgentEvent.model_fields["fact"].annotation) or (None, None), None
    for kind in union:
        if kind is None:
            continue
        names = ", ".join(f"`{row.name}`" for row in rows_of(kind) if row.name != "type")
        lines.append(f"| `{kind.model_fields['type'].default}` | {names} | {cell(_said(kind))} |")
    return "\n".join(lines)


def word_tables() -> str:
    """The closed lists of words."""
    lines = ["| list | words |", "|---|---|"]
    for name in VOCABULARY:
        words: type[StrEnum] = getattr(vocabulary, name)
        lines.append(f"| {name} | {', '.join(f'`{word.value}`' for word in words)} |")
    lines.append(f"| SafetyAction | {', '.join(f'`{word.value}`' for word in SafetyAction)} |")
    return "\n".join(lines)


def coil_table() -> str:
    """What is commanded."""
    return _registers(dock_registers.Coil, "coil")


def register_table() -> str:
    """What is measured."""
    return _registers(dock_registers.InputRegister, "register", WORDS_OF_REGISTERS)


WORDS_OF_REGISTERS = {
    "MAP_VERSION": f"{dock_registers.MAP_VERSION}; a driver that does not know it refuses the dock.",
    "LID_STATE": "Values below.",
    "PRESENCE": "Values below.",
    "CHARGER_STATE": "Values below.",
    "WIND_SPEED_CM_S": "Mean wind, centimetres per second.",
    "WIND_GUST_CM_S": "Gust, centimetres per second.",
    "RAIN_DECI_MM_H": "Tenths of a millimetre per hour.",
}


def register_values() -> str:
    """What the numbers of states mean."""
    lines = ["| register | values |", "|---|---|"]
    for register, states in (
        ("LID_STATE", dock_registers.LidState),
        ("PRESENCE", dock_registers.Presence),
        ("CHARGER_STATE", dock_registers.ChargerState),
    ):
        lines.append(f"| `{register}` | {', '.join(f'{state.value} {state.name.lower()}' for state in states)} |")
    return "\n".join(lines)


def journal_columns() -> str:
    """The columns of the table of events."""
    lines = ["| column | type | null |", "|---|---|---|"]
    return "\n".join(
        lines + [f"| `{each.name}` | {each.type!s} | {'yes' if each.nullable else 'no'} |" for each in events.columns]
    )


def event_types() -> str:
    """Every type of event with its fields."""
    lines = ["| type | payload | what it says |", "|---|---|---|"]
    for name, kind in EVENT_TYPES.items():
        fields = ", ".join(f"`{field}`" for field in kind.model_fields)
        said = _said(kind) if kind.__doc__ != kind.__mro__[1].__doc__ else ""
        lines.append(f"| `{name}` | {fields} | {cell(said)} |")
    return "\n".join(lines)


def _said(model: type[BaseModel]) -> str:
    """A class's own docstring as one paragraph or more."""
    text = textwrap.dedent(f"    {model.__dict__.get('__doc__') or ''}").strip()
    return "\n".join(line.strip() for line in text.replace("``", "`").splitlines())


def _registers(kind: type[IntEnum], what: str, words: Mapping[str, str] | None = None) -> str:
    said = {**(words or {}), **member_docstrings(kind)}
    lines = [f"| {what} | name | what it is |", "|---|---|---|"]
    return "\n".join(
        lines + [f"| {member.value} | `{member.name}` | {cell(said.get(member.name, ''))} |" for member in kind]
    )


def member_docstrings(kind: type) -> dict[str, str]:
    """Member of an enumeration to the docstring that stands under it."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    said = {}
    for node, after in pairwise(body):
        if isinstance(node, ast.Assign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            said[ast.unparse(node.targets[0])] = str(after.value.value)
    return said


_JOURNAL: Mapping[str, Callable[[], str]] = {"journal columns": journal_columns, "event types": event_types}
PAGES: Mapping[str, Sections] = {
    "fleet.md": {"fleet file": fleet_tables},
    "policy.md": {"launch": launch_table, "policy file": policy_tables},
    "scenario.md": {"scenario file": scenario_tables, "faults": fault_tables},
    "wire.md": {
        "channels": channel_table,
        "envelope": envelope_table,
        "facts": fact_table,
        "messages": message_tables,
        "words": word_tables,
    },
    "dock-registers.md": {"coils": coil_table, "registers": register_table, "values": register_values},
    "journal.md": _JOURNAL,
}


if __name__ == "__main__":
    write(PAGES)
