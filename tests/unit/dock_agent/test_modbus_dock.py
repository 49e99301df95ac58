"""The Modbus driver: pure decoding, and a real server on loopback that moves, stands still, goes and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import pytest

from contracts.dock_registers import UNKNOWN_U16, InputRegister
from contracts.vocabulary import Charger, Lid
from dock_agent.errors import HardwareError
from dock_agent.modbus_dock import ModbusDock, reading_of
from kestrel.backoff import Backoff
from kestrel.clock import SystemClock
from kestrel.ports import FreePorts
from simulator import dockserver
from simulator.dock import Dock
from simulator.weather import Weather

GOOD = [1, 2, 1, 1, 873, 412, 2255, 680, 12, 65516, 3, 77]


class FastClock(SystemClock):
    """Wall time that runs twenty times as fast, so that five seconds of patience are a quarter of one."""

    def wall_s(self) -> float:
        return time.monotonic() * 20.0

    async def sleep_wall(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 20.0)


def test_registers_become_values_with_units() -> None:
    reading = reading_of(GOOD)
    assert (reading.lid, reading.seated, reading.charger) == (Lid.OPEN, True, Charger.CHARGING)
    assert reading.battery_percent == pytest.approx(87.3)
    weather = reading.weather
    assert weather is not None
    assert (weather.wind_speed_m_s, weather.wind_from_deg, weather.gust_m_s) == pytest.approx((4.12, 225.5, 6.8))
    assert (weather.rain_mm_h, weather.temperature_c, weather.age_s) == pytest.approx((1.2, -2.0, 3))


def test_a_sensor_without_a_value_is_unknown_and_not_65535() -> None:
    registers = list(GOOD)
    registers[InputRegister.BATTERY_CHARGE_PERMILLE] = UNKNOWN_U16
    registers[InputRegister.WEATHER_AGE_S] = UNKNOWN_U16
    reading = reading_of(registers)
    assert reading.battery_percent is None
    assert reading.weather is None


@pytest.mark.parametrize(
    ("register", "value", "words"),
    [
        (InputRegister.MAP_VERSION, 2, "register map 2"),
        (InputRegister.LID_STATE, 9, "9 is not a valid LidState"),
        (InputRegister.PRESENCE, 7, "7 is not a valid Presence"),
        (InputRegister.CHARGER_STATE, 4, "4 is not a valid ChargerState"),
    ],
)
def test_registers_outside_the_map_are_refused(register: InputRegister, value: int, words: str) -> None:
    registers = list(GOOD)
    registers[register] = value
    with pytest.raises(HardwareError, match=words):
        reading_of(registers)


def test_a_short_answer_is_refused() -> None:
    with pytest.raises(HardwareError, match="11 registers instead of 12"):
        reading_of(GOOD[:-1])


def _box() -> Dock:
    return Dock(name="d", lid_s=1.0, charge_percent_per_min=1.0, weather=Weather(), seed="1")


@contextlib.asynccontextmanager
async def _driver(port: int) -> AsyncIterator[ModbusDock]:
    dock = ModbusDock(host="127.0.0.1", port=port, clock=FastClock(), backoff=Backoff(first_s=0.2, cap_s=1.0))
    async with dock.running():
        yield dock


async def _until(what: Callable[[], bool]) -> None:
    """The reading is polled, as its users do."""
    deadline_s = time.monotonic() + 10.0
    while not what():
        assert time.monotonic() < deadline_s
        await asyncio.sleep(0.01)


async def test_a_lid_ordered_open_is_read_open_only_when_it_is() -> None:
    with FreePorts() as ports:
        port = ports.take()
    box = _box()
    async with dockserver.serve(box, f"127.0.0.1:{port}"), _driver(port) as dock:
        await asyncio.wait_for(dock.answered.wait(), 5.0)
        assert dock.reading().lid is Lid.CLOSED
        await dock.command_lid(opened=True)
        box.step(0.5)
        await _until(lambda: dock.reading().lid is Lid.OPENING)
        box.step(0.6)
        await _until(lambda: dock.reading().lid is Lid.OPEN)


async def test_a_controller_whose_counter_stands_still_is_dead_and_comes_back() -> None:
    with FreePorts() as ports:
        port = ports.take()
    box = _box()
    async with dockserver.serve(box, f"127.0.0.1:{port}"), _driver(port) as dock:
        await _until(lambda: dock.reading().alive)
        await _until(lambda: "stood still" in dock.reading().trouble)
        assert not dock.reading().alive
        assert dock.reading().lid is Lid.UNKNOWN
        box.step(1.0)
        await _until(lambda: dock.reading().alive)


async def test_a_dock_that_goes_away_is_said_to_be_unreachable_and_is_found_again() -> None:
    with FreePorts() as ports:
        port = ports.take()
    box = _box()
    async with _driver(port) as dock:
        await _until(lambda: "no answer from 127.0.0.1" in dock.reading().trouble)
        with pytest.raises(HardwareError):
            await dock.command_lid(opened=True)
        async with dockserver.serve(box, f"127.0.0.1:{port}"):
            await _until(lambda: dock.reading().alive)
        await _until(lambda: not dock.reading().alive)
