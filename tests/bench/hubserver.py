"""The dispatcher's live hub alone in a process: real hub, real socket, real application and server, a real journal.

Only the link is left out: six aircraft in flight fill the telemetry slots at an agent's rate with samples made before,
so that what the process spends is the hub's.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from contracts.fleet import Dock, Fleet
from contracts.reports import Telemetry
from dispatcher.api.application import create_application
from dispatcher.app import replay
from dispatcher.desk import Desk
from dispatcher.journal import Journal
from dispatcher.link.telemetry import TelemetrySlots
from dispatcher.live.hub import Hub
from dispatcher.security.keyset import FileKeySource, KeySet
from dispatcher.security.tokens import JwtAuthenticator
from dispatcher.serving import listen, serving
from kestrel.clock import SystemClock
from kestrel.logs import configure
from kestrel.readiness import announce_ready
from kestrel.stopping import until_asked_to_stop
from kestrel.yamlfile import load_yaml
from tests.bench.past import Past, write_journal

ISSUER = "bench"
SAMPLES = 200
TELEMETRY_EACH_S = 0.2
BOOT = UUID(int=0xBE)


def samples(dock: Dock, fleet: Fleet, flight_id: UUID | None) -> list[Telemetry]:
    """A circle around the dock, as its agent would send it."""
    began = datetime.now(UTC)
    return [
        Telemetry(
            boot_id=BOOT,
            counter=number + 1,
            deployment=fleet.deployment,
            mission_time=began + timedelta(seconds=number * TELEMETRY_EACH_S),
            flight_id=flight_id,
            aircraft_id=dock.aircraft.id,
            lat_deg=dock.lat_deg + 0.003 * math.sin(number * math.tau / SAMPLES),
            lon_deg=dock.lon_deg + 0.005 * math.cos(number * math.tau / SAMPLES),
            alt_amsl_m=dock.alt_amsl_m + 60.37 + number % 7 / 10,
            alt_above_home_m=60.37 + number % 7 / 10,
            heading_deg=(number * 360 / SAMPLES) % 360,
            ground_speed_m_s=14.8,
            climb_m_s=0.1,
            battery_percent=round(93.0 - number / 100, 1),
            armed=True,
            in_air=True,
            flight_mode="MISSION",
            position_age_s=0.04,
            link_age_s=0.02,
        )
        for number in range(SAMPLES)
    ]


async def _feed(slots: TelemetrySlots, docks: Sequence[tuple[str, list[Telemetry]]]) -> None:
    for number in itertools.count():
        for dock_id, ready in docks:
            slots.put(dock_id, ready[number % SAMPLES])
        await asyncio.sleep(TELEMETRY_EACH_S)


async def _serve(*, fleet: Fleet, folder: Path, jwks_file: Path, tick_s: float, ready_file: Path) -> None:
    clock = SystemClock()
    past = Past(fleet=fleet, end=clock.mission_now(), lasting=timedelta(minutes=20))
    await past.begin()
    flights = [await past.begin_flight() for _ in fleet.docks]
    url = f"sqlite:///{folder / 'hub.sqlite3'}"
    await write_journal(url, fleet=fleet, drafts=past.drafts())
    slots = TelemetrySlots()
    flight_ids = {flight.dock_id: flight.id for flight in flights}
    docks = [(dock.id, samples(dock, fleet, flight_ids.get(dock.id))) for dock in fleet.docks]
    keys = KeySet(source=FileKeySource(path=jwks_file), clock=clock)
    authenticator = JwtAuthenticator(keys=keys, issuer=ISSUER, force=fleet.force, clock=clock)
    with listen("127.0.0.1", 0) as listening:
        async with Journal.open(url=url, force=fleet.force, clock=clock) as journal:
            state = await replay(journal)
            desk = Desk(
                journal=journal,
                state=state,
                clock=clock,
                policy=past.desk.policy,
                deployment=fleet.deployment,
                new_id=past.new_id,
                reach=past.reach,
            )
            hub = Hub(journal=journal, state=state, telemetry=slots, clock=clock, tick_s=tick_s)
            application = create_application(
                desk=desk, journal=journal, hub=hub, authenticator=authenticator, clock=clock, telemetry=slots
            )
            async with asyncio.TaskGroup() as tasks, hub.running(tasks), serving(tasks, application, listening):
                feeding = tasks.create_task(_feed(slots, docks), name="feed")
                announce_ready(ready_file, {"port": listening.getsockname()[1]})
                await until_asked_to_stop()
                feeding.cancel()


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    for name in ("fleet", "folder", "jwks-file", "ready-file"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--tick-s", type=float, required=True)
    options = parser.parse_args()
    configure(level="WARNING")
    asyncio.run(
        _serve(
            fleet=load_yaml(options.fleet, Fleet),
            folder=options.folder,
            jwks_file=options.jwks_file,
            tick_s=options.tick_s,
            ready_file=options.ready_file,
        )
    )


if __name__ == "__main__":
    main()
