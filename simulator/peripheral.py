"""What is on the aircraft's link beside the autopilot: components with a MAVLink id and a heartbeat of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from pymavlink.dialects.v20 import development as mav

from simulator.command import Command, Result
from simulator.frames import Packer

_HEARTBEAT_S = 1.0


@dataclass(frozen=True, slots=True)
class Reply:
    """The result of a command and the messages that go out before its acknowledgement."""

    result: Result
    messages: tuple[Any, ...] = ()


class Peripheral(Protocol):
    """One component."""

    component_id: int

    def heartbeat(self) -> Any | None:
        """HEARTBEAT; None while it is dead."""

    def due(self, sim_s: float) -> list[Any]:
        """What it says by itself up to this simulation time; called in each step."""

    def takes(self, command: Command) -> bool:
        """Whether it is its business; also asked of commands to everybody."""

    def command(self, command: Command) -> Reply | None:
        """Do a command that it takes; None: no answer at all."""

    def receive(self, message: Any) -> None:
        """Any other message to it or to everybody."""


class Attached:
    """A peripheral on the link: its frames, heartbeats and acknowledgements."""

    def __init__(self, *, peripheral: Peripheral, system_id: int, first_heartbeat_s: float) -> None:
        self.peripheral = peripheral
        self._packer = Packer(system_id=system_id, component_id=peripheral.component_id)
        self._heartbeat_s = first_heartbeat_s

    def become(self, system_id: int) -> None:
        """It belongs to another system from now on."""
        self._packer = Packer(system_id=system_id, component_id=self.peripheral.component_id)

    def collect(self, sim_s: float) -> list[bytes]:
        """Every frame due up to this time."""
        messages = self.peripheral.due(sim_s)
        if sim_s >= self._heartbeat_s:
            self._heartbeat_s = sim_s + _HEARTBEAT_S
            beat = self.peripheral.heartbeat()
            if beat is not None:
                messages = [beat, *messages]
        return [self._packer.pack(message) for message in messages]

    def command(self, command: Command, *, addressed: bool) -> list[bytes] | None:
        """Do a command and acknowledge it; None if it is not its business. ``addressed``: it was sent to it by name."""
        if not self.peripheral.takes(command):
            if not addressed or self.peripheral.heartbeat() is None:
                return None
            reply: Reply | None = Reply(Result.UNSUPPORTED)
        else:
            reply = self.peripheral.command(command)
        if reply is None:
            return []
        ack = mav.MAVLink_command_ack_message(command.number, int(reply.result), 0, 0, *command.sender)
        return [self._packer.pack(message) for message in (*reply.messages, ack)]
