"""The camera over a dock's plate: its last still and how old that is, served as ``GET /picture`` over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from simulator.errors import PortTaken
from simulator.place import Place
from simulator.schema import split_host_port
from simulator.stills import View, draw

EVERY_S = 1.0
"""Simulation time from one still to the next."""
_SEEN_BELOW_M = 4.0
_SEEN_WITHIN_M = 1.5
_REQUEST_S = 5.0
_MAX_REQUEST = 8192
_MAX_CLIENTS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One picture: a PNG, when it was taken (simulation time), and which it is, from 1."""

    png: bytes
    taken_s: float
    sequence: int


class DockCamera:
    """Takes a still when asked for one and the last is older than a second. Frozen it keeps the last; dead: none."""

    def __init__(self, *, place: Place) -> None:
        self._place = place
        self._last: Still | None = None

    def still(self) -> tuple[Still, float] | None:
        """The newest picture and its age in simulation seconds; None: it has none."""
        dock = self._place.dock
        if dock.troubles.camera_dead:
            return None
        last = self._last
        if not dock.troubles.camera_frozen and (last is None or dock.sim_s - last.taken_s >= EVERY_S):
            last = self._last = self._take(1 if last is None else last.sequence + 1)
        return None if last is None else (last, dock.sim_s - last.taken_s)

    def _take(self, sequence: int) -> Still:
        place = self._place
        dock, occupant = place.dock, place.occupant
        at_m = occupant.place_m()
        seen = at_m is not None and occupant.height_m() < _SEEN_BELOW_M and max(map(abs, at_m)) < _SEEN_WITHIN_M
        view = View(
            lid_open_share=dock.lid_open_share,
            aircraft_m=at_m if seen else None,
            over_plate=dock.troubles.over_plate,
        )
        note = f"{dock.name}, simulated, {dock.sim_s:.1f} s, number {sequence}"
        return Still(png=draw(view, note=note), taken_s=dock.sim_s, sequence=sequence)


def _answer(camera: DockCamera, request: bytes) -> bytes:
    """The whole response to a request's first line."""
    method, _, rest = request.partition(b" ")
    path = rest.partition(b" ")[0].partition(b"?")[0]
    if path != b"/picture":
        return _response("404 Not Found", b"there is only /picture\n")
    if method != b"GET":
        return _response("405 Method Not Allowed", b"only GET\n", "Allow: GET")
    found = camera.still()
    if found is None:
        return _response("503 Service Unavailable", b"the camera gives no picture\n")
    still, age_s = found
    headers = (f"Picture-Age-S: {age_s:.2f}", f"Picture-Sequence: {still.sequence}", "Cache-Control: no-store")
    return _response("200 OK", still.png, *headers, kind="image/png")


def _response(status: str, body: bytes, *headers: str, kind: str = "text/plain; charset=utf-8") -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close")
    return "\r\n".join((*lines, *headers, "", "")).encode("ascii") + body


@asynccontextmanager
async def serve(camera: DockCamera, *, owner: str, address: str) -> AsyncIterator[None]:
    """Serve a camera on HOST:PORT for the time of the block.

    Raises:
        PortTaken: the address cannot be bound.
    """
    clients: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(clients) >= _MAX_CLIENTS:
            writer.close()
            return
        clients.add(writer)
        try:
            async with asyncio.timeout(_REQUEST_S):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(_answer(camera, head.split(b"\r\n", 1)[0]))
                await writer.drain()
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # gone, too slow or no HTTP
        finally:
            clients.discard(writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    host, port = split_host_port(address)
    try:
        server = await asyncio.start_server(talk, host, port, limit=_MAX_REQUEST)
    except OSError as problem:
        raise PortTaken(owner=owner, address=f"tcp {address}", reason=problem.strerror or str(problem)) from problem
    try:
        yield
    finally:
        server.close()
        for writer in list(clients):
            writer.close()
        await server.wait_closed()
