"""The dispatcher as a process: what it takes to start, how it ends, and what a start leaves in the journal."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from rasterio.transform import from_origin
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from contracts.topics import DISPATCHER
from dispatcher.events import DispatcherStarted, DockRegistered
from kestrel.keyfile import write_private_key
from kestrel.ports import LOOPBACK
from kestrel.tokens import Role, TokenKey
from tests.desks import QUAD, SITES, dock
from tests.journals import open_journal, read_all, spoil
from tests.unit.feeds.test_readsb import aircraft
from tests.unit.geo.airspace.documents import features_269, zone_269
from tests.unit.geo.terrain.rasters import slope, write
from tests.wire import FORCE, Keys

PATIENCE_S = 120.0
ISSUER = "test-issuer"
STARTED = ["DispatcherStarted", "PolicyLoaded", "DockRegistered", "DockRegistered", "DockRegistered"]
"""What a first start journals."""


def fleet_of(*dock_ids: str, **changes: Any) -> dict[str, Any]:
    docks = [dock(each, number, *SITES[each]) for number, each in enumerate(SITES, start=1) if each in dock_ids]
    fleet = {
        "schema": "kestrel.fleet/1",
        "force": FORCE,
        "name": "Test Police",
        "deployment": "simulation",
        "aircraft_types": {"quad": QUAD.model_dump(mode="json")},
        "docks": [each.model_dump(mode="json") for each in docks],
    }
    return fleet | changes


@dataclass
class Home:
    """A folder with all that a dispatcher needs, and the environment that says where it is."""

    folder: Path
    token_key: TokenKey = field(default_factory=lambda: TokenKey(private=ec.generate_private_key(ec.SECP256R1())))

    def authorization(self, role: Role) -> dict[str, str]:
        """The header of somebody with this role."""
        now = datetime.now(UTC)
        token = self.token_key.mint(issuer=ISSUER, subject="person-1", roles=[role], force=FORCE, now=now)
        return {"Authorization": f"Bearer {token}"}

    @property
    def journal_file(self) -> Path:
        return self.folder / "journal.db"

    @property
    def ready_file(self) -> Path:
        return self.folder / "ready.json"

    @property
    def fleet_file(self) -> Path:
        return self.folder / "fleet.yaml"

    def write_fleet(self, fleet: dict[str, Any]) -> None:
        self.fleet_file.write_text(yaml.safe_dump(fleet))

    def environment(self, **changes: str | None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KESTREL_")}
        ours = {
            "KESTREL_FLEET_FILE": str(self.fleet_file),
            "KESTREL_KEY_FILE": str(self.folder / "dispatcher.json"),
            "KESTREL_TRUST_FILE": str(self.folder / "trust.json"),
            "KESTREL_DATABASE_URL": f"sqlite:///{self.journal_file}",
            "KESTREL_HTTP_PORT": "0",
            "KESTREL_MQTT_PORT": "1",  # nobody there: a dispatcher serves without its broker
            "KESTREL_READY_FILE": str(self.ready_file),
            "KESTREL_JWKS_FILE": str(self.folder / "jwks.json"),
            "KESTREL_ISSUER": ISSUER,
        }
        return {name: value for name, value in (kept | ours | changes).items() if value is not None}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    keys = Keys()
    write_private_key(tmp_path / "dispatcher.json", keys.of[DISPATCHER])
    (tmp_path / "trust.json").write_text(keys.trust_file.model_dump_json(by_alias=True))
    (tmp_path / "jwks.json").write_text(json.dumps(made.token_key.jwks()))
    made.write_fleet(fleet_of(*SITES))
    return made


@asynccontextmanager
async def started(home: Home, **changes: str | None) -> AsyncIterator[asyncio.subprocess.Process]:
    """A dispatcher process inside the block, killed after it if it is there still."""
    home.ready_file.unlink(missing_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "dispatcher",
        env=home.environment(**changes),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def ready(home: Home, process: asyncio.subprocess.Process) -> str:
    """Its address, once it says that it is ready."""
    async with asyncio.timeout(PATIENCE_S):
        while not home.ready_file.exists():
            assert process.returncode is None, (await process.communicate())[1].decode()
            await asyncio.sleep(0.05)
    facts = json.loads(home.ready_file.read_text())
    return f"http://{facts['host']}:{facts['port']}"


async def stopped(process: asyncio.subprocess.Process) -> int:
    """Its exit status after a polite request to end."""
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE_S):
        return await process.wait()


async def refusal(home: Home, **changes: str | None) -> str:
    """What a dispatcher says that will not start."""
    async with started(home, **changes) as process, asyncio.timeout(PATIENCE_S):
        _, said = await process.communicate()
        assert process.returncode == 2, said.decode()
        return said.decode().strip()


async def types_in(home: Home) -> list[str]:
    async with open_journal(home.journal_file, force=FORCE) as journal:
        assert (await journal.verify()).ok
        return [recorded.type for recorded in await read_all(journal)]


async def test_it_serves_without_a_broker_and_ends_when_asked(home: Home) -> None:
    async with started(home) as process:
        url = await ready(home, process)
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
            answer = await client.get("/api/v1/health")
            assert answer.status_code == 200
            assert answer.json()["deployment"] == "simulation"
            assert (await client.get("/api/v1/docks")).status_code == 401
        with pytest.raises(InvalidStatus):
            await connect(f"{url.replace('http', 'ws', 1)}/api/v1/live?token=a-secret")
        assert await stopped(process) == 0
        _, said = await process.communicate()
        assert b"a-secret" not in said
    assert await types_in(home) == STARTED


async def test_the_ready_file_comes_when_the_socket_answers(home: Home) -> None:
    async with started(home) as process:
        url = httpx.URL(await ready(home, process))
        with socket.create_connection((url.host, url.port), timeout=5):
            pass


async def test_a_second_start_journals_only_what_the_fleet_file_changed(home: Home) -> None:
    async with started(home) as process:
        await ready(home, process)
        await stopped(process)
    async with started(home) as process:
        await ready(home, process)
        await stopped(process)
    fleet = fleet_of("cov-1", "cov-2")
    fleet["docks"][0]["lid_s"] = 6.0
    home.write_fleet(fleet)
    async with started(home) as process:
        await ready(home, process)
        await stopped(process)
    types = await types_in(home)
    assert types[5:] == ["DispatcherStarted", "DispatcherStarted", "DockRegistered", "DockWithdrawn"]
    async with open_journal(home.journal_file, force=FORCE) as journal:
        events = [recorded.event for recorded in await read_all(journal)]
    changed = events[7]
    assert isinstance(changed, DockRegistered)
    assert (changed.dock.id, changed.dock.lid_s) == ("cov-1", 6.0)
    boots = {event.boot_id for event in events if isinstance(event, DispatcherStarted)}
    assert len(boots) == 3


async def test_zones_ground_weather_and_traffic_are_read_from_their_files_and_zones_journalled_once(home: Home) -> None:
    now = datetime.now(UTC)
    (home.folder / "city.json").write_bytes(features_269(zone_269()))
    write(home.folder / "ground.tif", slope(300, 300), transform=from_origin(-1.65, 52.55, 0.001, 0.001))
    (home.folder / "weather.txt").write_text(f"METAR EGBE {now:%d%H%M}Z 24008KT 9999 NSC 08/06 Q1004\n")
    files = {
        "KESTREL_AIRSPACE_FILES": str(home.folder / "city.json"),
        "KESTREL_TERRAIN_FILE": str(home.folder / "ground.tif"),
        "KESTREL_WEATHER_FILE": str(home.folder / "weather.txt"),
        "KESTREL_TRAFFIC_SOURCE": str(home.folder / "aircraft.json"),
    }
    small = fleet_of("cov-1")
    small["docks"][0]["limits"]["max_range_m"] = 3000.0
    home.write_fleet(small)
    for _ in range(2):
        async with started(home, **files) as process:
            url = await ready(home, process)
            headers = home.authorization(Role.CONTROLLER)
            async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S, headers=headers) as client:

                async def asked(path: str, client: httpx.AsyncClient = client) -> dict[str, Any]:
                    return dict((await client.get(f"/api/v1{path}")).raise_for_status().json())

                (document,) = (await asked("/airspace"))["documents"]
                assert (document["name"], document["origin"], document["zones"]) == ("city.json", "file", 1)
                assert (await asked("/terrain"))["sea_level"] == "EGM96"
                # The receiver writes its file again and again; an old one is not taken for now.
                for _ in range(200):
                    heard = {"now": datetime.now(UTC).timestamp(), "aircraft": [aircraft()]}
                    (home.folder / "aircraft.json").write_text(json.dumps(heard))
                    await asyncio.sleep(0.2)
                    if (await asked("/weather"))["stations"] and (await asked("/traffic"))["aircraft"]:
                        break
                else:
                    pytest.fail("weather or traffic was never heard")
            assert await stopped(process) == 0
    types = await types_in(home)
    assert (types.count("AirspaceLoaded"), types.count("WeatherReported")) == (1, 1)
    assert types.count("DispatcherStarted") == 2


async def test_an_airspace_file_that_cannot_be_read_is_named(home: Home) -> None:
    (home.folder / "city.json").write_text("hello")
    said = await refusal(home, KESTREL_AIRSPACE_FILES=str(home.folder / "city.json"))
    assert "city.json: it is neither JSON nor XML" in said


async def test_kill_9_leaves_a_journal_that_the_next_start_takes_up(home: Home) -> None:
    async with started(home) as process:
        await ready(home, process)
        process.kill()
        assert await process.wait() == -signal.SIGKILL
    async with started(home) as process:
        await ready(home, process)
        assert await stopped(process) == 0
    assert (await types_in(home)).count("DispatcherStarted") == 2


async def test_a_second_dispatcher_on_the_same_journal_says_so_and_leaves_the_first_alone(home: Home) -> None:
    async with started(home) as first:
        url = await ready(home, first)
        said = await refusal(home)
        assert "in use by another dispatcher" in said
        assert len(said.splitlines()) == 1
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
            assert (await client.get("/api/v1/health")).status_code == 200


async def test_a_journal_of_another_deployment_is_never_gone_on_with(home: Home) -> None:
    async with started(home) as process:
        await ready(home, process)
        await stopped(process)
    home.write_fleet(fleet_of(*SITES, deployment="live"))
    said = await refusal(home)
    assert "is live, but the journal is of a simulation deployment" in said
    assert await types_in(home) == STARTED


async def test_a_fault_in_the_fleet_file_is_named_with_its_line(home: Home) -> None:
    fleet = fleet_of(*SITES)
    fleet["docks"][1]["lat_deg"] = 137.0
    home.write_fleet(fleet)
    line = next(n for n, text in enumerate(home.fleet_file.read_text().splitlines(), start=1) if "137.0" in text)
    said = await refusal(home)
    assert f"fleet.yaml:{line}: docks.1.lat_deg" in said
    assert not home.journal_file.exists()


async def test_a_missing_setting_is_named(home: Home) -> None:
    assert "KESTREL_JWKS_URL" in await refusal(home, KESTREL_JWKS_FILE=None)
    assert "KESTREL_FLEET_FILE: is missing: set it" in await refusal(home, KESTREL_FLEET_FILE=None)


async def test_a_taken_port_is_said_before_anything_is_touched(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = await refusal(home, KESTREL_HTTP_PORT=str(port))
    assert f"cannot listen on {LOOPBACK}:{port}" in said
    assert not home.journal_file.exists()


async def test_a_key_that_others_may_read_is_refused(home: Home) -> None:
    (home.folder / "dispatcher.json").chmod(0o644)
    assert "chmod 600" in await refusal(home)


async def test_an_open_live_connection_does_not_keep_it_from_ending(home: Home) -> None:
    async with started(home) as process:
        url = httpx.URL(await ready(home, process))
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\n")  # a request that is never finished
        await writer.drain()
        assert await stopped(process) == 0
        writer.close()
        with contextlib.suppress(ConnectionResetError):  # asked to end before it has read that
            assert await reader.read() == b""


INCIDENT = {
    "source": "cad",
    "reference": "R1",
    "grade": "immediate",
    "category": "robbery",
    "place": {"lat_deg": 52.41, "lon_deg": -1.51},
}


ONE_MORE = """
INSERT INTO events
SELECT seq + 1, force, 'dock/other', 1, '018f0000-0000-7000-8000-000000000001', type, schema_version,
       mission_time, wall_time, actor, causation_id, payload, salt, payload_hash, hash
FROM events ORDER BY seq DESC LIMIT 1
"""


async def test_a_journal_that_grew_behind_its_back_ends_it_and_the_next_start_reads_what_is_there(home: Home) -> None:
    async with started(home) as process:
        url = await ready(home, process)
        assert spoil(home.journal_file, ONE_MORE) == 1
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
            headers = home.authorization(Role.CONTROLLER)
            answer = await client.post("/api/v1/incidents", json=INCIDENT, headers=headers)
            assert answer.status_code == 503
            assert "cov-" not in answer.text
        async with asyncio.timeout(PATIENCE_S):
            _, said = await process.communicate()
        assert process.returncode == 2
        assert b"start anew" in said
    async with started(home) as process:
        url = await ready(home, process)
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
            answer = await client.post("/api/v1/incidents", json=INCIDENT, headers=home.authorization(Role.CONTROLLER))
            assert answer.status_code == 201
            verified = await client.get("/api/v1/journal/verify", headers=home.authorization(Role.SUPERVISOR))
            assert verified.json()["first_broken_seq"] == len(STARTED) + 1
        assert await stopped(process) == 0
