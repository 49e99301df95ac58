"""From the press at the public API until the order is at the dock's agent, verified, checked and persisted.

The whole real system: HTTP, decision, journal synced to the disk, outbox, embedded broker, the agent's own process. The
docks' lids are quick here, so that a cancelled flight frees its dock soon; nothing of the measured way is touched.
The rival is the floor of this machine in the same run: one QoS 1 message through a bare broker of the same kind, and
one synced append to a bare SQLite file.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiomqtt
import yaml

from contracts.topics import Channel, Topic
from kestrel.brokeraccess import dispatcher_account, dock_account, new_password, write_accounts
from kestrel.ports import LOOPBACK, FreePorts
from tests.bench.child import child
from tests.bench.figure import Figure, Measured, Say
from tests.bench.presses import Button, Pressed, button_of, delays_s
from tests.bench.rounds import alternate, percentile
from tests.bench.stack import EXAMPLE_FLEET, EXAMPLE_SCENARIO, planned_stack

PRESSES = 20
"""In one round; its p95 is the round's value."""
LID_S = 0.5
MESSAGE_BYTES = 4096
"""About a signed flight order."""
FORCE, DOCK = "bench", "dock-1"
TIMEOUT_S = 10.0


async def measure(folder: Path, say: Say) -> Measured:
    """Milliseconds; one p95 a round."""
    fleet_file, scenario_file = with_quick_lids(folder)
    (folder / "run").mkdir()
    with planned_stack(folder / "run", fleet_file=fleet_file, scenario_file=scenario_file) as stack:
        async with stack.running(), button_of(stack) as button, _floor(folder) as floor:
            docks = itertools.cycle([dock.id for dock in stack.plan.fleet.docks])

            async def ours() -> float:
                pressed = [await press_and_cancel(button, next(docks)) for _ in range(PRESSES)]
                history = await button.history()
                decided_s = statistics.median(delays_s(pressed, history.decided_at))
                delays = delays_s(pressed, history.accepted_at)
                middle_ms, slowest_ms = statistics.median(delays) * 1000, max(delays) * 1000
                say(f"median {middle_ms:.0f} ms ({decided_s * 1000:.0f} to the decision), slowest {slowest_ms:.0f} ms")
                return percentile(delays, 95) * 1000

            async def rival() -> float:
                return percentile([await floor() for _ in range(PRESSES)], 95) * 1000

            await ours()
            mine, theirs = await alternate(ours, rival, say=say, unit="ms")
    return Measured(ours=tuple(mine), rival=tuple(theirs))


async def press_and_cancel(button: Button, dock_id: str) -> Pressed:
    """One press at a dock that is ready, called off once the agent has its order."""
    await button.until_ready(dock_id)
    pressed = await button.press(dock_id)
    await button.until(pressed, lambda flight: flight["phase"] != "ordered", "prepared")
    await button.controller.post(f"/api/v1/flights/{pressed.flight_id}/cancel")
    return pressed


def with_quick_lids(folder: Path) -> tuple[Path, Path]:
    """The example's fleet and scenario with lids that are open after `LID_S`, written into a folder."""
    written = []
    for source in (EXAMPLE_FLEET, EXAMPLE_SCENARIO):
        data: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
        for dock in data["docks"]:
            dock["lid_s"] = LID_S
        written.append(folder / source.name)
        written[-1].write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return written[0], written[1]


@asynccontextmanager
async def _floor(folder: Path) -> AsyncIterator[Any]:
    """One bare round of message and append, in seconds, as an awaitable to be called."""
    accounts, ready_file = folder / "bare-accounts.json", folder / "bare-broker.ready"
    users = {"dispatcher": new_password(), DOCK: new_password()}
    write_accounts(
        accounts,
        [
            dispatcher_account(force=FORCE, password=users["dispatcher"]),
            dock_account(force=FORCE, dock=DOCK, password=users[DOCK]),
        ],
    )
    with FreePorts() as ports:
        port = ports.take()
    argv = (sys.executable, "-m", "kestrel", "broker", "--port", str(port), "--accounts", str(accounts))
    environment = {"KESTREL_READY_FILE": str(ready_file)}
    topic = str(Topic(FORCE, DOCK, Channel.ORDER))
    with closing(_bare_journal(folder / "bare.sqlite3")) as journal:
        async with (
            child(argv, ready_file=ready_file, log_file=folder / "bare-broker.log", env=environment),
            _client(port, "dispatcher", users["dispatcher"]) as sender,
            _client(port, DOCK, users[DOCK]) as receiver,
        ):
            await receiver.subscribe(topic, qos=1)
            messages = aiter(receiver.messages)

            async def floor() -> float:
                began_s = time.monotonic()
                await asyncio.to_thread(_append, journal)
                await sender.publish(topic, bytes(MESSAGE_BYTES), qos=1)
                async with asyncio.timeout(TIMEOUT_S):
                    await anext(messages)
                return time.monotonic() - began_s

            yield floor


def _client(port: int, user: str, password: str) -> aiomqtt.Client:
    return aiomqtt.Client(LOOPBACK, port, username=user, password=password, identifier=f"bench-{user}")


def _bare_journal(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, payload TEXT)")
    connection.commit()
    return connection


def _append(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO events (payload) VALUES (?)", ("x" * MESSAGE_BYTES,))
    connection.commit()


FIGURE = Figure(
    name="press_to_order_p95",
    unit="ms",
    about="from POST dispatch until the agent has verified and persisted the order, p95; rival: bare MQTT and SQLite",
    measure=measure,
)
