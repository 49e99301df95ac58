"""A recorded PX4 session as data: its two sides, what of it can be compared, and sessions derived from it.

What PX4 said is compared as sequences, one for each kind of thing said: answers in the order of the requests, modes,
landed states, progress through the mission, texts, commands passed on. Left out is what differs between two flights of
one PX4: times, noise on positions, where the flight log is written, and states that a stream of one message a second
only shows by chance because they last less than that.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymavlink.dialects.v20 import development as mav

RECORDINGS = Path(__file__).parents[3] / ".." / "shared" / "px4-trace"
NAMES = ("whole-flight", "way-home")

Line = dict[str, Any]
Said = tuple[Any, ...]

PLAN_MESSAGES = ("MISSION_REQUEST_INT", "MISSION_ACK", "MISSION_COUNT", "MISSION_ITEM_INT")
ANSWERS = ("COMMAND_ACK", "AUTOPILOT_VERSION")


def recorded(name: str) -> list[Line]:
    """Every line, in order of time."""
    with gzip.open(RECORDINGS / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def number(value: Any) -> Any:
    """A field's value; the recording writes NaN as a word."""
    return math.nan if value == "nan" else value


def message_of(line: Line) -> Any:
    """The recorded message as one to send."""
    kind = getattr(mav, f"MAVLink_{line['m'].lower()}_message")
    fields = {name: number(value) for name, value in line.items() if name in kind.fieldnames}
    if "param_id" in fields:
        fields["param_id"] = fields["param_id"].encode()
    return kind(**fields)


def line_of(message: Any, at_s: float) -> Line:
    """A message heard, in the recording's shape."""
    fields: Line = message.to_dict()
    return {"t": at_s, "dir": "px4", "m": message.get_type()} | fields


def _repr(line: Line, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(repr(float(number(line[name]))) for name in names if name in line)


def _answer(line: Line) -> Said:
    kind = line["m"]
    if kind == "COMMAND_ACK":
        return kind, line["command"], line["result"], line["target_system"], line["target_component"]
    return kind, *(line[name] for name in ("capabilities", "flight_sw_version", "middleware_sw_version"))


def _plan(line: Line) -> Said:
    names = ("target_system", "target_component", "mission_type", "type", "seq", "count", "frame", "command")
    return line["m"], *_repr(
        line, (*names, "current", "autocontinue", "x", "y", *(f"param{n}" for n in range(1, 5)), "z")
    )


def _passed_on(line: Line) -> Said:
    params = [f"param{n}" for n in range(1, 7)]
    # The altitude at which PX4 idles after a landing is measured; the rest of what it passes on is not.
    last = () if line["command"] == 0 else _repr(line, ("param7",))
    return (
        line["command"],
        line["target_system"],
        line["target_component"],
        line["confirmation"],
        *_repr(line, params),
        *last,
    )


_EACH: dict[str, tuple[tuple[str, ...], Callable[[Line], Said]]] = {
    "answers": (ANSWERS, _answer),
    "plans": (PLAN_MESSAGES, _plan),
    "parameters": (("PARAM_VALUE",), lambda line: (line["param_id"], line["param_value"], line["param_type"])),
    "reached": (("MISSION_ITEM_REACHED",), lambda line: (line["seq"],)),
}
"""Streams in which every message counts: their messages, and what is compared of one."""

_CHANGES: dict[str, tuple[tuple[str, ...], Callable[[Line], Said]]] = {
    "heartbeat": (
        ("HEARTBEAT",),
        lambda line: (line["type"], line["autopilot"], line["base_mode"], line["custom_mode"], line["system_status"]),
    ),
    "landed": (("EXTENDED_SYS_STATE",), lambda line: (line["vtol_state"], line["landed_state"])),
    "mission": (
        ("MISSION_CURRENT",),
        lambda line: (line["seq"], line["total"], line["mission_state"], line["mission_mode"]),
    ),
    "orbit": (("ORBIT_EXECUTION_STATUS",), lambda line: (line["radius"], line["frame"])),
}
"""Streams that repeat a state: what counts is how it changes."""
_SHOWN_BY_CHANCE_S = {"heartbeat": 1.1, "landed": 1.1, "mission": 1.3, "orbit": 0.0}
"""States that last no longer may fall between two messages of the stream, of which there is one a second."""


def _texts(lines: Iterable[Line]) -> Iterator[tuple[float, Said]]:
    """Whole texts, their chunks joined; not the one that names the log file."""
    for line in lines:
        if line["m"] != "STATUSTEXT":
            continue
        if line["chunk_seq"] == 0:
            joined, began = "", line["t"]
        joined += line["text"]
        if len(line["text"].encode()) < 50 and not joined.startswith("[logger]"):
            yield began, (line["severity"], joined)


def _changes(kind: str, lines: Sequence[Line]) -> Iterator[tuple[float, Said]]:
    """(time, state) at each change, without states so short that the stream need not show them."""
    kinds, what = _CHANGES[kind]
    states: list[tuple[float, Said]] = []
    for line in lines:
        if line["m"] in kinds and (not states or states[-1][1] != what(line)):
            states.append((line["t"], what(line)))
    shortest_s = _SHOWN_BY_CHANCE_S[kind]
    ends = [*(at for at, _ in states[1:]), math.inf][: len(states)]
    lasting = [(at, state) for (at, state), until in zip(states, ends, strict=True) if until - at > shortest_s]
    for index, (at, state) in enumerate(lasting):
        if index == 0 or lasting[index - 1][1] != state:
            yield at, state


def streams(lines: Sequence[Line]) -> dict[str, list[tuple[float, Said]]]:
    """Everything of PX4's side that is compared, by stream, with its times."""
    told = {
        kind: [(line["t"], what(line)) for line in lines if line["m"] in kinds] for kind, (kinds, what) in _EACH.items()
    }
    told |= {kind: list(_changes(kind, lines)) for kind in _CHANGES}
    told["texts"] = list(_texts(lines))
    # At one in two seconds, which of the short modes are seen is chance; which modes there are is not.
    modes = {
        (line["standard_mode"], line["custom_mode"], line["intended_custom_mode"])
        for line in lines
        if line["m"] == "CURRENT_MODE"
    }
    told["modes"] = [(0.0, mode) for mode in sorted(modes)]
    passed = [(line["t"], _passed_on(line)) for line in lines if line["m"] == "COMMAND_LONG"]
    # Copies of two commands overlap as their timers have it; of each command they come in order.
    for command in sorted({said[0] for _, said in passed}):
        told[f"passed on {command}"] = [entry for entry in passed if entry[1][0] == command]
    return told


def milestones(lines: Sequence[Line]) -> list[tuple[float, Said]]:
    """The steps of a flight in order: texts, items first reached, changes of mode and landed state."""
    told = streams(lines)
    first_reached = [
        entry for index, entry in enumerate(told["reached"]) if index == 0 or told["reached"][index - 1][1] != entry[1]
    ]
    steps = [
        *((at, ("text", *said)) for at, said in told["texts"]),
        *((at, ("reached", *said)) for at, said in first_reached),
        *((at, ("landed", *said)) for at, said in told["landed"]),
        *((at, ("heartbeat", *said)) for at, said in told["heartbeat"]),
    ]
    return sorted(steps, key=lambda step: step[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session to replay: all lines, from when the client first spoke."""

    name: str
    lines: tuple[Line, ...]

    @property
    def asked(self) -> list[Line]:
        """The client's side."""
        return [line for line in self.lines if line["dir"] == "sdk"]

    @property
    def answered(self) -> list[Line]:
        """PX4's side."""
        return [line for line in self.lines if line["dir"] == "px4"]

    @property
    def system_id(self) -> int:
        """Of the aircraft."""
        return int(next(line["sys"] for line in self.lines if line["dir"] == "px4"))

    @property
    def home(self) -> tuple[float, float, float]:
        """Latitude, longitude, altitude (AMSL) from the first home position."""
        line = next(line for line in self.lines if line["m"] == "HOME_POSITION")
        return line["latitude"] * 1e-7, line["longitude"] * 1e-7, line["altitude"] * 1e-3


def session(name: str) -> Session:
    """A recording as it is."""
    return Session(name=name, lines=tuple(recorded(name)))


# Sessions derived from a recording ------------------------------------------------------------------------------------


def _moved_line(line: Line, *, lat_e7: int, lon_e7: int, up_mm: int) -> Line:
    moved = dict(line)
    kind = line["m"]
    if kind == "HOME_POSITION":
        moved |= {"latitude": line["latitude"] + lat_e7, "longitude": line["longitude"] + lon_e7}
        moved["altitude"] = line["altitude"] + up_mm
    elif kind == "MISSION_ITEM_INT" and line["frame"] != 2:
        moved |= {"x": line["x"] + lat_e7, "y": line["y"] + lon_e7}
    elif kind == "COMMAND_INT":
        moved |= {"x": line["x"] + lat_e7, "y": line["y"] + lon_e7, "z": number(line["z"]) + up_mm / 1000}
    elif kind == "STATUSTEXT" and line["text"].startswith("RTL: start return at "):
        amsl = int(line["text"].split()[4])
        moved["text"] = line["text"].replace(f"at {amsl} m", f"at {amsl + up_mm // 1000} m")
    return moved


def elsewhere(origin: Session, *, lat_deg: float, lon_deg: float, up_m: int, system_id: int) -> Session:
    """The same session of another aircraft at another place; east-west distances keep their degrees, so move north a
    little only.
    """
    shift = {"lat_e7": round(lat_deg * 1e7), "lon_e7": round(lon_deg * 1e7), "up_mm": up_m * 1000}
    lines = []
    for line in origin.lines:
        moved = _moved_line(line, **shift)
        if line["dir"] == "px4":
            moved["sys"] = system_id
        if line["dir"] == "sdk" and line.get("target_system") == origin.system_id:
            moved["target_system"] = system_id
        if line["m"] == "COMMAND_LONG" and line["dir"] == "px4":
            moved["target_system"] = system_id
            if line["command"] == 1001 and line["param1"] == origin.system_id:
                moved["param1"] = float(system_id)
        if line["m"] == "PARAM_VALUE" and line["param_id"] == "MAV_SYS_ID":
            continue
        lines.append(moved)
    return Session(name=f"{origin.name}, elsewhere", lines=tuple(lines))


def with_item_doubled(origin: Session, *, upload: int, item: int) -> Session:
    """The same session with a waypoint of its ``upload``-th mission (from 0) twice: all numbers after it grow."""
    lines: list[Line] = []
    uploads = -1
    doubled_reached = False
    for line in origin.lines:
        kind = line["m"]
        if kind == "MISSION_COUNT" and line["dir"] == "sdk" and line["mission_type"] == 0:
            uploads += 1
        if uploads != upload:
            lines.append(line)
            continue
        changed = dict(line)
        if kind in PLAN_MESSAGES and line["mission_type"] == 0:
            if kind == "MISSION_COUNT":
                changed["count"] = line["count"] + 1
            elif "seq" in line and line["seq"] > item:
                changed["seq"] = line["seq"] + 1
            lines.append(changed)
            if line.get("seq") == item:
                lines.append(changed | {"seq": item + 1})
            continue
        if kind == "MISSION_SET_CURRENT" and line["seq"] > item:
            changed["seq"] = line["seq"] + 1
        elif kind == "MISSION_CURRENT" and line["total"] < 65535:
            changed |= {"total": line["total"] + 1, "seq": line["seq"] + (line["seq"] > item)}
        elif kind == "MISSION_ITEM_REACHED" and line["seq"] >= item:
            if not doubled_reached:
                lines.append(dict(line) | {"seq": item})  # the first of the two is passed at once
                doubled_reached = True
            changed["seq"] = line["seq"] + 1
        lines.append(changed)
    return Session(name=f"{origin.name}, item {item} twice", lines=tuple(_answers_in_turn(lines)))


def _answers_in_turn(lines: list[Line]) -> list[Line]:
    """Doubling leaves two requests and then two answers; the protocol asks, is answered, and asks again."""
    ordered = list(lines)
    for index in range(1, len(ordered) - 2):
        one, two, three, four = ordered[index - 1 : index + 3]
        if not all("seq" in line for line in (one, two, three, four)) or one["dir"] == three["dir"]:
            continue
        pairs = one["m"] == two["m"] != three["m"] == four["m"]
        if pairs and one["seq"] + 1 == two["seq"] and three["seq"] + 1 == four["seq"]:
            ordered[index], ordered[index + 1] = three, two
    return ordered


def _retimed(lines: Sequence[Line], times: Sequence[float]) -> list[Line]:
    return [line | {"t": at} for line, at in zip(lines, times, strict=True)]


def in_another_order(origin: Session) -> Session:
    """The same session with the plans sent in the other order (mission first), or the parameters in reverse."""
    first_arm = next(line["t"] for line in origin.asked if line.get("command") == 400)
    plan_kinds = {*PLAN_MESSAGES, "MISSION_REQUEST_LIST"}
    plans = [i for i, line in enumerate(origin.lines) if line["m"] in plan_kinds and line["t"] < first_arm]
    lines = list(origin.lines)
    order = sorted(plans, key=lambda i: origin.lines[i]["mission_type"])
    sets = [i for i, line in enumerate(origin.lines) if line["m"] == "PARAM_SET"]
    if order == plans and len(sets) > 1:
        pairs = [(i, _echo(origin.lines, i)) for i in sets]
        plans = sorted(i for pair in pairs for i in pair)
        order = [i for pair in reversed(pairs) for i in pair]
    times = [origin.lines[i]["t"] for i in plans]
    for place, line in zip(plans, _retimed([origin.lines[i] for i in order], times), strict=True):
        lines[place] = line
    return Session(name=f"{origin.name}, in another order", lines=tuple(lines))


def _echo(lines: Sequence[Line], index: int) -> int:
    """Where the first answer to a PARAM_SET is."""
    name = lines[index]["param_id"]
    return next(
        i for i, line in enumerate(lines) if i > index and line["m"] == "PARAM_VALUE" and line["param_id"] == name
    )
