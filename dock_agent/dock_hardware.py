"""The dock's hardware, as a protocol: a Modbus driver behind it in the product, a fake behind it in tests.

Writing a coil is not moving a lid: both orders return nothing, and what happened is read from the registers.
"""

from __future__ import annotations

from typing import Protocol

from dock_agent.readings import DockReading


class DockHardware(Protocol):
    """One dock. Orders are bounded in wall time and raise `HardwareError` when the dock did not take them."""

    def reading(self) -> DockReading:
        """The registers as last polled; never waits."""

    async def command_lid(self, *, opened: bool) -> None:
        """Order the lid open or closed."""

    async def enable_charger(self, *, enabled: bool) -> None:
        """Allow or forbid charging."""
