"""The media process as it runs, and a dispatcher's side of its talk: what is on is set, what it reports is kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import yaml

from contracts.signing import DISPATCHER, SigningKey, TrustFile
from contracts.video import VideoFlight, VideoOrders, VideoReport
from contracts.viewing import Ticket, write_ticket
from contracts.vocabulary import Deployment
from kestrel.ports import FreePorts
from kestrel.supervisor import leashed

FORCE = "test"
TOKEN = "the-media-process"  # noqa: S105 - nothing is behind it
EXAMPLE = Path(__file__).parents[1] / "examples" / "coventry" / "fleet.yaml"


@dataclass
class Told:
    """What a dispatcher says, and what it has heard."""

    flights: list[VideoFlight] = field(default_factory=list)
    withdrawn: list[UUID] = field(default_factory=list)
    reports: list[VideoReport] = field(default_factory=list)
    silent: bool = False

    def on(self, *, aircraft: str = "k1", recording: bool = False, flight_id: UUID | None = None) -> UUID:
        """A flight is on, and no other."""
        flight_id = flight_id or uuid.uuid4()
        self.flights = [
            VideoFlight(flight_id=flight_id, dock_id="cov-1", aircraft_id=aircraft, callsign="K1", recording=recording)
        ]
        return flight_id

    def parts(self, flight_id: UUID) -> dict[int, tuple[bool, str]]:
        """The parts of a flight, as they were told last: complete, because."""
        parts = (part for report in self.reports for part in report.parts if part.flight_id == flight_id)
        return {part.part: (part.complete, part.because) for part in parts}


@contextlib.contextmanager
def dispatcher_side() -> Iterator[tuple[str, Told]]:
    """An HTTP server that takes reports; its address, and what it says."""
    told = Told()

    class Reports(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if told.silent or self.headers["authorization"] != f"Bearer {TOKEN}":
                self.send_response(503)
                self.send_header("content-length", "0")
                self.end_headers()
                return
            told.reports.append(VideoReport.model_validate_json(body))
            orders = VideoOrders(
                deployment=Deployment.SIMULATION, flights=list(told.flights), withdrawn=list(told.withdrawn)
            )
            answer = orders.model_dump_json().encode()
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Reports) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", told
        finally:
            server.shutdown()
            thread.join()


@dataclass
class MediaProcess:
    """One, started and stopped at will; its ports and its folder stay."""

    folder: Path
    told: Told
    api_url: str
    port: int
    video_port: int
    key: SigningKey
    origins: str = "http://console.test"
    host: str = "127.0.0.1"
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def rtp_to(self) -> str:
        """Where the aircraft's video arrives."""
        return f"127.0.0.1:{self.video_port}"

    def flight_url(self, flight_id: UUID, what: str) -> str:
        """Of a flight: whep, recordings, state."""
        return f"{self.url}/v1/flights/{flight_id}/{what}"

    def socket_url(self, flight_id: UUID) -> str:
        """Of a flight's socket."""
        return self.flight_url(flight_id, "socket").replace("http", "ws", 1)

    def ticket(self, flight_id: UUID, *, key: SigningKey | None = None, **changes: Any) -> str:
        """As the dispatcher signs it."""
        now_s = int(time.time())
        values: dict[str, Any] = {
            "jti": str(uuid.uuid4()),
            "sub": "officer-1",
            "force": FORCE,
            "deployment": Deployment.SIMULATION,
            "flight": flight_id,
            "play": True,
            "iat": now_s,
            "exp": now_s + 300,
            "until": now_s + 3600,
        }
        return write_ticket(Ticket(**(values | changes)), key=key or self.key)

    async def start(self, *, within_s: float = 30.0) -> None:
        """Until it is ready."""
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        environment = {
            **os.environ,
            "KESTREL_FLEET_FILE": str(self.folder / "fleet.yaml"),
            "KESTREL_TRUST_FILE": str(self.folder / "trust.json"),
            "KESTREL_API_URL": self.api_url,
            "KESTREL_MEDIA_ORIGINS": self.origins,
            "KESTREL_MEDIA_HOST": self.host,
            "KESTREL_MEDIA_TOKEN_FILE": str(self.folder / "media.token"),
            "KESTREL_MEDIA_PORT": str(self.port),
            "KESTREL_MEDIA_DIR": str(self.folder / "recordings"),
            "KESTREL_READY_FILE": str(ready),
        }
        with (self.folder / "media.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *leashed((sys.executable, "-m", "media")), env=environment, stdout=log, stderr=log
            )
        process = self.process

        async def is_ready() -> bool:
            assert process.returncode is None, self.log
            return ready.exists()

        await holds(is_ready, within_s=within_s)

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.folder / "media.log").read_text(encoding="utf-8", errors="replace")

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int | None:
        """Send a signal, and wait."""
        if self.process is None or self.process.returncode is not None:
            return None
        self.process.send_signal(number)
        async with asyncio.timeout(10):
            return await self.process.wait()

    async def state(self, flight_id: UUID) -> dict[str, Any]:
        """What it says of a flight's stream; {} while there is none."""
        headers = {"Authorization": f"Bearer {self.ticket(flight_id)}"}
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(self.flight_url(flight_id, "state"), headers=headers)
            return dict(answer.json()) if answer.is_success else {}

    async def until(self, flight_id: UUID, stream: str, *, within_s: float = 15.0) -> None:
        """Wait until a stream is so."""

        async def is_so() -> bool:
            return (await self.state(flight_id)).get("stream") == stream

        await holds(is_so, within_s=within_s)


async def holds(check: Callable[[], Awaitable[bool]], *, within_s: float = 20.0) -> None:
    """Wait until it does; `TimeoutError` when it does not in time."""
    async with asyncio.timeout(within_s):
        while True:
            if await check():
                return
            await asyncio.sleep(0.05)


def _prepare(folder: Path, links: dict[str, Any]) -> tuple[int, int, SigningKey]:
    """The files of a fleet of one: ports of the API and of the video, and the dispatcher's key."""
    folder.mkdir(parents=True, exist_ok=True)
    with FreePorts() as ports:
        port, video_port = ports.take(), ports.take()
    fleet = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    dock = fleet["docks"][0]
    dock["links"] |= {"video": f"rtp://127.0.0.1:{video_port}"} | links
    fleet |= {"force": FORCE, "docks": [dock]}
    (folder / "fleet.yaml").write_text(yaml.safe_dump(fleet), encoding="utf-8")
    key = SigningKey.generate("test-dispatcher")
    trust = TrustFile(keys=[key.trusted(force=FORCE, holder=DISPATCHER)])
    (folder / "trust.json").write_text(trust.model_dump_json(by_alias=True), encoding="utf-8")
    (folder / "media.token").write_text(TOKEN, encoding="ascii")
    return port, video_port, key


@contextlib.asynccontextmanager
async def media_process(
    folder: Path, *, origins: str = "http://console.test", host: str = "127.0.0.1", **links: Any
) -> AsyncIterator[MediaProcess]:
    """Running, for a fleet of one; ``links`` are more of its aircraft's links."""
    port, video_port, key = _prepare(folder, links)
    with dispatcher_side() as (api_url, told):
        media = MediaProcess(
            folder=folder,
            told=told,
            api_url=api_url,
            port=port,
            video_port=video_port,
            key=key,
            origins=origins,
            host=host,
        )
        await media.start()
        try:
            yield media
        finally:
            await media.end(signal.SIGKILL)
