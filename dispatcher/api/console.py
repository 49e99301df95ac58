"""The pages of the web client, as files: nothing but what the build wrote, with the headers that keep it in its place.

Data never comes this way: a page is the same for everybody and holds nothing until its script has asked ``/api/v1``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from dispatcher.errors import NotFound
from dispatcher.security.access import PAGE_FILES, PAGES, WATCH_PAGES

BUILT: Final = Path(__file__).parents[1] / "console"
"""Where `hatch_build.py` leaves the built client."""
FOREVER: Final = "public, max-age=31536000, immutable"
"""For a name that holds the hash of what it names."""
ASK_AGAIN: Final = "no-cache"
_HASHED = re.compile(r"-[\w-]{8}\.\w+$")
_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".pmtiles": "application/vnd.pmtiles",
    ".webmanifest": "application/manifest+json",
}
_NOT_BUILT: Final = (
    "The console has not been built. Build it with `make console` and start again;\n"
    "the API is there all the same: /api/v1/docs\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSource:
    """The base map that a force has chosen; without one, the Natural Earth that comes along."""

    style_url: str | None = None
    pmtiles_url: str | None = None
    attribution: str | None = None


def content_security_policy(*, connect: Sequence[str] = ()) -> str:
    """Own scripts, styles and workers from own files only; data from here, the map's and the video's ``connect``."""
    elsewhere = "".join(f" {origin}" for origin in connect)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "worker-src 'self'",
            "style-src 'self'",
            "font-src 'self'",
            f"img-src 'self' data: blob:{elsewhere}",
            f"media-src 'self' blob:{elsewhere}",
            f"connect-src 'self'{elsewhere}",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


class ConsoleFiles:
    """What was built, listed once: a name that was not there at the start is not looked for on disk."""

    def __init__(self, folder: Path = BUILT, *, connect: Sequence[str] = ()) -> None:
        self._policy = content_security_policy(connect=connect)
        self._files = {
            f"/{path.relative_to(folder).as_posix()}": path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix != ".gz"
        }

    @property
    def built(self) -> bool:
        """True when there is a page to show."""
        return "/index.html" in self._files

    def page(self, request: Request, document: str = "/index.html") -> Response:
        """The document of a page."""
        if not self.built:
            return PlainTextResponse(_NOT_BUILT, status_code=503)
        return self.file(document, request)

    def file(self, name: str, request: Request) -> Response:
        """One file, packed where the browser takes that; parts of it on request (RFC 9110, section 14)."""
        path = self._files.get(name)
        if path is None:
            raise NotFound(f"there is nothing at {name}")
        headers = {
            "Content-Security-Policy": self._policy,
            "Cache-Control": FOREVER if _HASHED.search(name) else ASK_AGAIN,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), payment=(), usb=(), geolocation=(self)",
        }
        packed = path.with_name(path.name + ".gz")
        if packed.is_file():
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("accept-encoding", ""):
                path, headers["Content-Encoding"] = packed, "gzip"
        kind = _TYPES.get(Path(name).suffix, "application/octet-stream")
        answer = FileResponse(path, headers=headers, media_type=kind, stat_result=path.stat())
        if request.headers.get("if-none-match") == answer.headers["etag"]:
            keep = ("etag", "cache-control", "content-security-policy", "vary")
            return Response(status_code=304, headers={k: answer.headers[k] for k in keep if k in answer.headers})
        return answer


def console_router(files: ConsoleFiles) -> APIRouter:
    """The pages and their files, open to all; they stand in the table of access like everything else."""
    router = APIRouter(include_in_schema=False)

    async def page(request: Request) -> Response:
        return files.page(request)

    async def watch_page(request: Request) -> Response:
        return files.page(request, "/watch.html")

    async def file(request: Request) -> Response:
        return files.file(request.url.path, request)

    # Files first: a path that is named is none that has a parameter.
    for path in PAGE_FILES:
        router.add_api_route(path, file, methods=["GET"], response_model=None)
    for path in PAGES:
        router.add_api_route(path, page, methods=["GET"], response_model=None)
    for path in WATCH_PAGES:
        router.add_api_route(path, watch_page, methods=["GET"], response_model=None)
    return router
