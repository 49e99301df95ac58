"""One agent per dock on a machine: an exclusive lock that the kernel releases when its holder dies, however it dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from dock_agent.errors import DockTaken


@contextlib.contextmanager
def dock_lock(state_dir: Path, dock_id: str) -> Iterator[Path]:
    """Hold ``state_dir/DOCK.lock`` inside the block; raises `DockTaken`."""
    state_dir.mkdir(parents=True, exist_ok=True)
    path = state_dir / f"{dock_id}.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DockTaken(dock_id, path) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield path
