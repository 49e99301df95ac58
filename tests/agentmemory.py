"""Looks into a dock agent's own store, read-only: what it has not yet got rid of."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.stack import Stack


def unacknowledged(stack: Stack, dock_id: str) -> int:
    """How many events the agent still keeps for want of an acknowledgement."""
    path = stack.run.state_dir(dock_id) / f"{dock_id}.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        return int(store.execute("SELECT count(*) FROM outbox").fetchone()[0])
