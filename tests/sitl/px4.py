"""A real PX4 in simulation (SIH quadrotor) as a process of the test's own, started from ``KESTREL_PX4_BIN``."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.flight.rig import HOME, HOME_ALT_AMSL_M

STARTED = "Startup script returned successfully"
START_S = 40.0
STOP_S = 8.0


@dataclass(frozen=True, slots=True)
class Px4:
    """Where it can be heard: instance *i* is system *i* + 1 and sends its onboard link to port 14540 + *i*."""

    instance: int

    @property
    def url(self) -> str:
        """As MAVSDK takes it."""
        return f"udpin://127.0.0.1:{14540 + self.instance}"

    @property
    def system_id(self) -> int:
        """MAVLink's."""
        return self.instance + 1


@contextlib.asynccontextmanager
async def flying_px4(binary: Path, *, instance: int, folder: Path) -> AsyncIterator[Px4]:
    """A new vehicle at the rig's home, at real time, with nothing remembered; it ends with the block.

    ``binary`` is ``.../build/px4_sitl_default/bin/px4``; its ``etc`` lies beside ``bin``. ``folder`` is empty.
    Instances 0 to 9.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PX4_")}
    environment = kept | {
        "PX4_SIM_MODEL": "sihsim_quadx",
        "PX4_SIMULATOR": "sihsim",
        "PX4_HOME_LAT": repr(HOME[0]),
        "PX4_HOME_LON": repr(HOME[1]),
        "PX4_HOME_ALT": repr(HOME_ALT_AMSL_M),
    }
    said = folder / "px4.log"
    arguments = ["-d", "-i", str(instance), "-w", str(folder), str(binary.parents[1] / "etc")]
    with said.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            str(binary),
            *arguments,
            cwd=folder,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        async with asyncio.timeout(START_S):
            while STARTED not in said.read_text(errors="replace"):
                if process.returncode is not None:
                    raise AssertionError(f"PX4 ended at its start:\n{said.read_text(errors='replace')[-2000:]}")
                await asyncio.sleep(0.2)
        yield Px4(instance)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
