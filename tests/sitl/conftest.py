"""What the flights of this folder are flown by: a real PX4 where one is named, else the simulator.

``KESTREL_PX4_URL`` (as MAVSDK takes it, ``udpin://...``; system id in ``KESTREL_PX4_SYSTEM_ID``, 1) is one that runs
already, at real time, at the rig's home: see `tests.flight.rig.HOME`. ``KESTREL_PX4_BIN`` is PX4's own binary: each
test starts a vehicle of its own (instance ``KESTREL_PX4_INSTANCE``, 0). Either way the box's presence sensor listens to
the ground-station link on port 14550. With neither, the same flights are the simulator's, ten times as fast.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flight.rig import Rig
from tests.sitl.px4 import flying_px4

SPEED = 10.0
"""Of the simulator; a real PX4 flies at real time."""


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """One dock whose aircraft is the PX4 of the environment, or the simulator's."""
    url, binary = os.environ.get("KESTREL_PX4_URL"), os.environ.get("KESTREL_PX4_BIN")
    if url is not None:
        number = int(os.environ.get("KESTREL_PX4_SYSTEM_ID", "1"))
        yield Rig(folder=tmp_path, speed=1.0, mavlink_url=url, system_id=number)
    elif binary is not None:
        instance = int(os.environ.get("KESTREL_PX4_INSTANCE", "0"))
        folder = tmp_path / "px4"
        folder.mkdir()
        async with flying_px4(Path(binary), instance=instance, folder=folder) as px4:
            yield Rig(folder=tmp_path, speed=1.0, mavlink_url=px4.url, system_id=px4.system_id)
    else:
        yield Rig(folder=tmp_path, speed=SPEED)
