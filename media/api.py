"""The media process over HTTP: WHEP, the socket, recordings, state. What it answers is in docs/reference/video.md."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from contracts.viewing import Ticket
from media.doorman import Doorman
from media.errors import Refused, no_such_flight, not_authenticated
from media.flights import Flights
from media.library import Library
from media.recorder import Sidecar
from media.sessions import Session, Sessions
from media.socket import VideoSocket
from media.whep import MAX_OFFER_BYTES, Whep, without_names

COOKIE = "kestrel_recordings"
_PREFLIGHT_S = 600


class Api:
    """The endpoints and what they work with."""

    def __init__(
        self,
        *,
        doorman: Doorman,
        sessions: Sessions,
        flights: Flights,
        library: Library,
        whep: Whep,
        socket: VideoSocket,
    ) -> None:
        self._doorman = doorman
        self._sessions = sessions
        self._flights = flights
        self._library = library
        self._whep = whep
        self._socket = socket

    def application(self, origins: list[str]) -> Starlette:
        """As ASGI; pages of these origins may use it."""
        flight = "/v1/flights/{flight_id:uuid}"
        routes = [
            Route("/v1/health", self._health, methods=["GET"]),
            Route(f"{flight}/whep", self._open_whep, methods=["POST"]),
            Route("/v1/sessions/{session_id:uuid}", self._session_state, methods=["GET"]),
            Route("/v1/sessions/{session_id:uuid}", self._close_whep, methods=["DELETE"]),
            Route(f"{flight}/state", self._state, methods=["GET"]),
            Route(f"{flight}/recordings", self._recordings, methods=["GET"]),
            Route(f"{flight}/recordings/cookie", self._cookie, methods=["POST"]),
            Route(flight + "/recordings/{part:int}.mp4", self._recording, methods=["GET", "HEAD"]),
            WebSocketRoute(f"{flight}/socket", self._watch),
        ]
        cors = Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Range"],
            expose_headers=["Location", "Content-Range", "Accept-Ranges", "ETag"],
            allow_credentials=True,
            max_age=_PREFLIGHT_S,
        )
        return Starlette(routes=routes, middleware=[cors], exception_handlers={Refused: _on_refused})

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"ok": True})

    # Live -------------------------------------------------------------------------------------------------------------

    async def _open_whep(self, request: Request) -> Response:
        flight_id = _flight(request)
        ticket = self._doorman.bearer(request.headers.get("authorization"), flight_id)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/sdp":
            raise _refused(415, "not-sdp", "This is not an SDP offer", "send it as Content-Type: application/sdp")
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_OFFER_BYTES:
                raise _refused(413, "offer-too-large", "The offer is too large", f"at most {MAX_OFFER_BYTES} bytes")
        stream = self._flights.stream(flight_id)
        if stream is None:
            raise no_such_flight()
        offer = body.decode("utf-8", errors="replace")
        if request.client is not None:
            offer = without_names(offer, request.client.host)
        session, answer = await self._whep.open(ticket=ticket, stream=stream, offer=offer)
        return Response(answer, 201, media_type="application/sdp", headers={"Location": f"/v1/sessions/{session.id}"})

    async def _session_state(self, request: Request) -> Response:
        session = self._session(request)
        stream, sent = self._flights.stream(session.ticket.flight), self._whep.sent(session)
        if stream is None:
            raise no_such_flight()
        picture = None if sent is None else {"rtp_timestamp": sent.rtp_timestamp, "came_ms": sent.came_unix_us / 1000}
        return _answer({"picture": picture, **self._socket.state(stream)})

    async def _close_whep(self, request: Request) -> Response:
        self._session(request).cut("left")
        return Response(status_code=200)

    def _session(self, request: Request) -> Session:
        """The one of the path, if the ticket is the one that opened it. Raises `Refused`."""
        session = self._sessions.get(request.path_params["session_id"])
        header = request.headers.get("authorization")
        if session is None:
            raise not_authenticated("there is no such session of this ticket")
        ticket = self._doorman.bearer(header, session.ticket.flight, opening=False)
        if ticket.jti != session.ticket.jti:
            raise not_authenticated("there is no such session of this ticket")
        return session

    async def _watch(self, socket: WebSocket) -> None:
        await self._socket.serve(socket, socket.path_params["flight_id"])

    async def _state(self, request: Request) -> Response:
        flight_id = _flight(request)
        self._doorman.bearer(request.headers.get("authorization"), flight_id, opening=False)
        stream = self._flights.stream(flight_id)
        if stream is None:
            raise no_such_flight()
        return _answer({"flight_id": str(flight_id), **self._socket.state(stream)})

    # Recordings -------------------------------------------------------------------------------------------------------

    async def _recordings(self, request: Request) -> Response:
        flight_id = _flight(request)
        self._may_play(request, flight_id)
        growing = self._flights.recording(flight_id)
        parts = [part for part in self._library.parts(flight_id) if growing is None or part.part != growing.part]
        if growing is not None:
            parts.append(growing)
        return _answer({"flight_id": str(flight_id), "recordings": [_listed(part) for part in parts]})

    async def _recording(self, request: Request) -> Response:
        flight_id = _flight(request)
        self._may_play(request, flight_id)
        path = self._library.file(flight_id, request.path_params["part"])
        if path is None:
            raise no_such_flight("there is no such part of its recording")
        return FileResponse(path, media_type="video/mp4", headers={"Cache-Control": "private, no-store"})

    async def _cookie(self, request: Request) -> Response:
        flight_id = _flight(request)
        header = request.headers.get("authorization")
        ticket = self._doorman.bearer(header, flight_id, opening=False)
        answer = Response(status_code=204)
        answer.set_cookie(
            COOKIE,
            (header or "").partition(" ")[2].strip(),
            expires=datetime.fromtimestamp(ticket.until, UTC),
            path=f"/v1/flights/{flight_id}/recordings",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return answer

    def _may_play(self, request: Request, flight_id: UUID) -> Ticket:
        header = request.headers.get("authorization")
        if header is None and COOKIE in request.cookies:
            ticket = self._doorman.check(request.cookies[COOKIE], flight_id, opening=False)
        else:
            ticket = self._doorman.bearer(header, flight_id, opening=False)
        if not ticket.play:
            raise _refused(403, "not-to-play", "Recordings are for the control room", "this ticket is for live video")
        return ticket


def _flight(request: Request) -> UUID:
    flight_id = request.path_params["flight_id"]
    return flight_id if isinstance(flight_id, UUID) else UUID(str(flight_id))


def _listed(part: Sidecar) -> dict[str, Any]:
    listed = part.model_dump(mode="json", exclude={"schema_", "flight_id", "aircraft_id", "codec"})
    return {
        **listed,
        "url": f"/v1/flights/{part.flight_id}/recordings/{part.part}.mp4",
        "type": f'video/mp4; codecs="{part.codec}"',
    }


def _answer(content: dict[str, Any]) -> Response:
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


def _refused(status: int, slug: str, title: str, detail: str) -> Refused:
    return Refused(detail, status=status, slug=slug, title=title, close_code=4400)


async def _on_refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    problem = {
        "type": f"urn:kestrel:problem:{error.slug}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": request.url.path,
    }
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    return JSONResponse(problem, error.status, headers=headers, media_type="application/problem+json")
