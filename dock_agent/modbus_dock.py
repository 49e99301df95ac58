"""The dock's hardware over Modbus TCP, with the register map of `contracts.dock_registers`.

One poller keeps the latest reading; a dock that does not answer, or whose heartbeat register stands still, is dead and
says so in its reading. Reconnecting goes on by itself with back-off.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from contracts.dock_registers import (
    DEVICE_ID,
    INPUT_REGISTER_COUNT,
    MAP_VERSION,
    UNKNOWN_U16,
    ChargerState,
    Coil,
    InputRegister,
    LidState,
    Presence,
)
from contracts.position import Weather
from contracts.vocabulary import Charger, Lid
from dock_agent.errors import HardwareError
from dock_agent.readings import NO_DOCK, DockReading
from kestrel.backoff import Backoff
from kestrel.cancellation import Cancellation
from kestrel.clock import Clock

log = logging.getLogger(__name__)

POLL_S = 0.2
TIMEOUT_S = 1.0
STUCK_S = 5.0
"""Wall seconds without a step of the heartbeat register after which the controller counts as dead."""

_LIDS = {
    LidState.CLOSED: Lid.CLOSED,
    LidState.OPENING: Lid.OPENING,
    LidState.OPEN: Lid.OPEN,
    LidState.CLOSING: Lid.CLOSING,
    LidState.FAULT: Lid.FAULT,
}
_CHARGERS = {
    ChargerState.OFF: Charger.OFF,
    ChargerState.CHARGING: Charger.CHARGING,
    ChargerState.FULL: Charger.FULL,
    ChargerState.FAULT: Charger.FAULT,
}


def reading_of(registers: Sequence[int]) -> DockReading:
    """The input registers as values; raises `HardwareError` for another map or values outside it."""
    if len(registers) != INPUT_REGISTER_COUNT:
        raise HardwareError(f"{len(registers)} registers instead of {INPUT_REGISTER_COUNT}")
    if registers[InputRegister.MAP_VERSION] != MAP_VERSION:
        raise HardwareError(f"register map {registers[InputRegister.MAP_VERSION]}, this driver knows {MAP_VERSION}")
    try:
        lid = _LIDS[LidState(registers[InputRegister.LID_STATE])]
        seated = Presence(registers[InputRegister.PRESENCE]) is Presence.SEATED
        charger = _CHARGERS[ChargerState(registers[InputRegister.CHARGER_STATE])]
    except ValueError as error:
        raise HardwareError(f"a register holds {error}") from None
    permille = registers[InputRegister.BATTERY_CHARGE_PERMILLE]
    return DockReading(
        alive=True,
        trouble="",
        lid=lid,
        seated=seated,
        charger=charger,
        battery_percent=None if permille == UNKNOWN_U16 else min(100.0, permille / 10),
        weather=_weather(registers),
    )


def _weather(registers: Sequence[int]) -> Weather | None:
    values = [
        registers[register]
        for register in (
            InputRegister.WIND_SPEED_CM_S,
            InputRegister.WIND_FROM_DECIDEG,
            InputRegister.WIND_GUST_CM_S,
            InputRegister.RAIN_DECI_MM_H,
            InputRegister.WEATHER_AGE_S,
        )
    ]
    if UNKNOWN_U16 in values:
        return None
    wind, from_decideg, gust, rain, age_s = values
    temperature = registers[InputRegister.TEMPERATURE_DECI_C]
    return Weather(
        wind_speed_m_s=min(150.0, wind / 100),
        wind_from_deg=(from_decideg % 3600) / 10,
        gust_m_s=min(150.0, gust / 100),
        rain_mm_h=min(1000.0, rain / 10),
        temperature_c=max(-80.0, min(80.0, (temperature - 65536 if temperature >= 32768 else temperature) / 10)),
        age_s=age_s,
    )


class ModbusDock:
    """A `DockHardware`. Use ``async with dock.running()``."""

    def __init__(self, *, host: str, port: int, clock: Clock, backoff: Backoff | None = None) -> None:
        self._host, self._port, self._clock = host, port, clock
        self._backoff = backoff or Backoff()
        self._client: AsyncModbusTcpClient | None = None
        self._reading = NO_DOCK
        self._heartbeat = -1
        self._heartbeat_at_s = 0.0
        self.answered = asyncio.Event()
        """Set once the dock has been read."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[ModbusDock]:
        """Poll inside the block."""
        task = asyncio.create_task(self._run(), name="dock hardware")
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def reading(self) -> DockReading:
        return self._reading

    async def command_lid(self, *, opened: bool) -> None:
        await self._write(Coil.LID_OPEN, opened)

    async def enable_charger(self, *, enabled: bool) -> None:
        await self._write(Coil.CHARGER_ENABLE, enabled)

    async def _write(self, coil: Coil, value: bool) -> None:
        client = self._client
        if client is None:
            raise HardwareError("the dock's hardware is not connected")
        cancellation = Cancellation()
        try:
            answer = await client.write_coil(int(coil), value, device_id=DEVICE_ID)
        except (ModbusException, OSError, TimeoutError) as error:
            raise HardwareError(f"{coil.name} was not taken: {error}") from error
        finally:
            cancellation.heed()
        if answer.isError():
            raise HardwareError(f"{coil.name} was not taken: {answer}")

    async def _run(self) -> None:
        said, cancellation = False, Cancellation()
        while True:
            client = AsyncModbusTcpClient(
                self._host, port=self._port, timeout=TIMEOUT_S, retries=1, reconnect_delay=0, name="dock"
            )
            why = "no connection"
            try:
                if await client.connect():
                    self._client = client
                    self._heartbeat = -1
                    async for _ in self._polls(client):
                        cancellation.heed()
                        self._backoff.reset()
                        if said:
                            log.info("dock hardware is back")
                            said = False
            except (ModbusException, HardwareError, OSError, TimeoutError) as error:
                why = str(error)[:200]
            finally:
                self._client = None
                client.close()
            cancellation.heed()
            self._reading = DockReading(alive=False, trouble=f"no answer from {self._host}:{self._port} ({why})")
            if not said:
                log.warning("dock hardware lost", extra={"why": why})
                said = True
            await self._clock.sleep_wall(self._backoff.next_s())

    async def _polls(self, client: AsyncModbusTcpClient) -> AsyncIterator[None]:
        while True:
            answer = await client.read_input_registers(0, count=INPUT_REGISTER_COUNT, device_id=DEVICE_ID)
            if answer.isError():
                raise HardwareError(f"registers cannot be read: {answer}")
            self._reading = self._checked(answer.registers)
            self.answered.set()
            yield
            await self._clock.sleep_wall(POLL_S)

    def _checked(self, registers: Sequence[int]) -> DockReading:
        reading, now_s = reading_of(registers), self._clock.wall_s()
        heartbeat = registers[InputRegister.HEARTBEAT]
        if heartbeat != self._heartbeat:
            self._heartbeat, self._heartbeat_at_s = heartbeat, now_s
        elif now_s - self._heartbeat_at_s > STUCK_S:
            stuck_s = now_s - self._heartbeat_at_s
            return DockReading(alive=False, trouble=f"its controller has stood still for {stuck_s:.0f} s")
        return reading
