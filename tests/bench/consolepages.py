"""The built console, served with a crowd in place of a city: what its pages cost a browser, and nothing else."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI
from starlette.websockets import WebSocket, WebSocketDisconnect

from dispatcher.api.console import ConsoleFiles, console_router
from tests import crowd
from tests.bench.errors import NothingToMeasure

HZ = 10.0
"""What the dispatcher's hub sends at most."""


def token() -> str:
    """Says who sits there; nobody checks it here."""
    claims = {"sub": "controller-1", "roles": ["controller"], "force": "bench", "exp": 4_000_000_000}
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{part}.e30"


@contextlib.asynccontextmanager
async def crowded(*, drones: int, zones: int, incidents: int) -> AsyncIterator[str]:
    """The origin of a console whose city holds so much; the drones move ten times a second."""
    files = ConsoleFiles()
    if not files.built:
        raise NothingToMeasure("the console has not been built: make console")
    config = uvicorn.Config(_app(files, drones=drones, zones=zones, incidents=incidents), log_level="error")
    server = uvicorn.Server(config)
    # It listens from here on: who comes before the server runs waits in the system's queue.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]), name="a console's pages")
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


def _app(files: ConsoleFiles, *, drones: int, zones: int, incidents: int) -> FastAPI:
    app = FastAPI()
    first = crowd.snapshot(incidents=incidents, drones=drones)
    steps = [crowd.moved(drones=drones, step=2 + n) for n in range(crowd.TURN_STEPS)]

    @app.get("/api/v1/client")
    async def client() -> crowd.Json:
        nothing = {"style_url": None, "pmtiles_url": None, "attribution": None}
        return {"deployment": "simulation", "force": "bench", "map": nothing}

    @app.get("/api/v1/airspace")
    async def airspace() -> crowd.Json:
        return crowd.zones(zones)

    @app.websocket("/api/v1/live")
    async def live(viewer: WebSocket) -> None:
        await viewer.accept()
        with contextlib.suppress(WebSocketDisconnect):
            await viewer.receive_text()
            await viewer.send_text(first)
            step = 0
            while True:
                await viewer.send_text(steps[step % len(steps)])
                step += 1
                await asyncio.sleep(1 / HZ)

    app.include_router(console_router(files))
    return app
