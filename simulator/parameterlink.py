"""The parameter protocol: reading, setting and listing, as PX4 answers (and, for unknown names, does not)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator.parameters import Parameters

_A_TICK = 4
"""PARAM_VALUEs of a listing sent each tick, so that a listing does not flood the link."""


def _name(raw: str | bytes) -> str:
    text = raw.decode("ascii", "replace") if isinstance(raw, bytes) else raw
    return text.rstrip("\0")


class ParameterLink:
    """Answers PARAM_* messages through ``send``; ``step`` sends what is still owed."""

    def __init__(self, *, parameters: Parameters, send: Callable[[Any], None], say: Callable[[int, str], None]) -> None:
        self._parameters = parameters
        self._send = send
        self._say = say
        self._changed: list[str] = []
        self._listing: int | None = None

    def receive(self, message: Any) -> bool:
        """Take a message of the parameter protocol; False if it is not one."""
        kind = message.get_type()
        if kind == "PARAM_REQUEST_READ":
            if 0 <= message.param_index < len(self._parameters):
                self._answer(self._parameters.names[message.param_index])
            elif message.param_index < 0 and _name(message.param_id) in self._parameters:
                self._answer(_name(message.param_id))
        elif kind == "PARAM_REQUEST_LIST":
            self._listing = 0
        elif kind == "PARAM_SET":
            self._set(_name(message.param_id), message.param_value, message.param_type)
        else:
            return False
        return True

    def _set(self, name: str, value: float, kind: int) -> None:
        parameters = self._parameters
        if name not in parameters:
            return  # as PX4: no answer at all
        before = parameters.version
        if not parameters.set_from_wire(name, value, kind):
            self._say(3, f"param types mismatch param: {name}")
            return
        self._answer(name)
        if parameters.version != before:
            self._changed.append(name)

    def step(self) -> None:
        """Tell changes a second time (PX4's notification), and go on with a listing."""
        if self._changed:
            for name in sorted(self._changed):
                self._answer(name)
            self._changed.clear()
        if self._listing is not None:
            names = self._parameters.names
            for name in names[self._listing : self._listing + _A_TICK]:
                self._answer(name)
            self._listing += _A_TICK
            if self._listing >= len(names):
                self._listing = None

    def _answer(self, name: str) -> None:
        parameters = self._parameters
        self._send(
            mav.MAVLink_param_value_message(
                name.encode(),
                parameters.wire_value(name),
                parameters.type_of(name),
                len(parameters),
                parameters.names.index(name),
            )
        )
