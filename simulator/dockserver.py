"""A dock on the network: its registers as a Modbus TCP server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.pdu import ModbusPDU
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from contracts.dock_registers import DEVICE_ID, INPUT_REGISTER_COUNT, Coil
from simulator.dock import Dock
from simulator.errors import PortTaken
from simulator.schema import split_host_port

_log = logging.getLogger(__name__)
_READ_COILS, _READ_INPUT, _WRITE_COIL, _WRITE_COILS = 1, 4, 5, 15


class _Registers:
    """Answers each request from the dock as it is at that moment."""

    def __init__(self, dock: Dock) -> None:
        self._dock = dock

    async def access(
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        current: list[int],
        written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Called by the server before it reads or writes ``current``; ``count`` counts registers.

        A fault of ours is logged here: the server's own log is shut (see `simulator.__main__`).
        """
        try:
            return self._access(function, address, current, written)
        except Exception:
            _log.exception("%s: request %d at %d cannot be answered", self._dock.name, function, address)
            return ExcCodes.DEVICE_FAILURE

    def _access(
        self, function: int, address: int, current: list[int], written: list[int] | list[bool] | None
    ) -> ExcCodes | None:
        dock = self._dock
        if function == _READ_INPUT:
            current[:INPUT_REGISTER_COUNT] = dock.registers()
        elif function == _READ_COILS:
            current[0] = dock.lid_open_wanted << Coil.LID_OPEN | dock.charger_enabled << Coil.CHARGER_ENABLE
        elif function in (_WRITE_COIL, _WRITE_COILS) and written is not None:
            if address + len(written) > len(Coil):
                return ExcCodes.ILLEGAL_ADDRESS
            for offset, value in enumerate(written):
                if address + offset == Coil.LID_OPEN:
                    dock.lid_open_wanted = bool(value)
                elif address + offset == Coil.CHARGER_ENABLE:
                    dock.charger_enabled = bool(value)
        return None


class _Silence:
    """Swallows requests while the dock's controller hangs: the connection stands, no answer comes."""

    def __init__(self, dock: Dock) -> None:
        self._dock = dock

    def pass_on(self, sending: bool, pdu: ModbusPDU) -> ModbusPDU | None:
        """Called by the server with each request and answer; None: never heard of it."""
        return None if self._dock.troubles.modbus_silent and not sending else pdu


@asynccontextmanager
async def serve(dock: Dock, address: str) -> AsyncIterator[None]:
    """Serve a dock on HOST:PORT for the time of the block.

    Raises:
        PortTaken: the address cannot be bound.
    """
    device = SimDevice(
        id=DEVICE_ID,
        simdata=(
            [SimData(0, count=16, values=False, datatype=DataType.BITS)],
            [SimData(0, count=16, values=False, datatype=DataType.BITS)],
            [SimData(0, count=1, values=0, datatype=DataType.REGISTERS)],
            [SimData(0, count=INPUT_REGISTER_COUNT, values=0, datatype=DataType.REGISTERS, readonly=True)],
        ),
        action=_Registers(dock).access,
    )
    silence: Any = _Silence(dock).pass_on  # the server takes None, its annotation does not say so
    server = ModbusTcpServer(device, address=split_host_port(address), trace_pdu=silence)
    try:
        await server.serve_forever(background=True)
    except RuntimeError as problem:
        raise PortTaken(owner=dock.name, address=f"tcp {address}", reason=str(problem)) from problem
    try:
        yield
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]
