"""A token issuer for one machine: where there is no identity provider, and only there.

It binds to the loopback interface alone and mints a token only for who can read the secret in its folder (mode 0600).
The dispatcher is given ``KESTREL_ISSUER`` and ``KESTREL_JWKS_URL`` and cannot tell it from any other provider.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contracts.envelope import first_fault
from contracts.topics import Identifier
from kestrel.clock import Clock
from kestrel.errors import FileError, WrongUsage
from kestrel.readiness import announce_ready
from kestrel.tokens import LIFETIME, Role, TokenKey

KEY_FILE = "issuer.pem"
SECRET_FILE = "issuer.secret"  # noqa: S105 - a file's name
MAX_BODY_BYTES = 4096


class TokenRequest(BaseModel):
    """Whose token, and for which roles."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sub: Identifier
    roles: list[Role] = Field(min_length=1, max_length=len(Role))
    force: Identifier
    lifetime_s: int = Field(default=int(LIFETIME.total_seconds()), ge=1, le=int(LIFETIME.total_seconds()))


def require_loopback(host: str) -> None:
    """Raise `WrongUsage` for any address that others could reach."""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise WrongUsage(f"the local issuer serves only the loopback interface, not {host}: use an identity provider")


def issuer_url(host: str, port: int) -> str:
    """What stands in ``iss``."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def load_or_make_secret(path: Path) -> str:
    """The secret that lets a process of this user ask for tokens; made, mode 0600, when there is none."""
    try:
        if path.stat().st_mode & 0o077:
            raise FileError(path, "others may read this secret: chmod 600 it")
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        secret = secrets.token_urlsafe(32)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secret)
        return secret


def issuer_app(*, key: TokenKey, secret: str, issuer: str, clock: Clock) -> Starlette:
    """The issuer as an ASGI application."""

    async def jwks(_: Request) -> Response:
        return JSONResponse(key.jwks())

    async def configuration(_: Request) -> Response:
        return JSONResponse({"issuer": issuer, "jwks_uri": f"{issuer}/.well-known/jwks.json"})

    async def token(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return _problem(401, "the issuer's secret is needed: it stands in a file of the run directory")
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return _problem(413, f"more than {MAX_BODY_BYTES} bytes")
        try:
            wanted = TokenRequest.model_validate_json(body)
        except ValidationError as error:
            return _problem(422, first_fault(error))
        now = clock.wall_now()
        minted = key.mint(
            issuer=issuer,
            subject=wanted.sub,
            roles=wanted.roles,
            force=wanted.force,
            now=now,
            lifetime=timedelta(seconds=wanted.lifetime_s),
        )
        return JSONResponse({"access_token": minted, "token_type": "Bearer", "expires_in": wanted.lifetime_s})

    routes: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("/.well-known/jwks.json", "GET", jwks),
        ("/.well-known/openid-configuration", "GET", configuration),
        ("/token", "POST", token),
    ]
    return Starlette(routes=[Route(path, endpoint, methods=[method]) for path, method, endpoint in routes])


async def serve_issuer(*, host: str, port: int, folder: Path, ready_file: Path | None, clock: Clock) -> None:
    """Serve until SIGTERM or SIGINT. Raises `WrongUsage`, `FileError`."""
    require_loopback(host)
    key, secret = _load_or_make(folder)
    issuer = issuer_url(host, port)
    app = issuer_app(key=key, secret=secret, issuer=issuer, clock=clock)
    await _Server(
        config=uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, lifespan="off"),
        ready_file=ready_file,
        facts={"issuer": issuer, "jwks_url": f"{issuer}/.well-known/jwks.json"},
    ).serve()


def _load_or_make(folder: Path) -> tuple[TokenKey, str]:
    folder.mkdir(parents=True, exist_ok=True)
    return TokenKey.load_or_make(folder / KEY_FILE), load_or_make_secret(folder / SECRET_FILE)


class _Server(uvicorn.Server):
    """Announces readiness when the socket listens."""

    def __init__(self, *, config: uvicorn.Config, ready_file: Path | None, facts: dict[str, str]) -> None:
        super().__init__(config)
        self._ready_file = ready_file
        self._facts = facts

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            announce_ready(self._ready_file, self._facts)


def _problem(status: int, title: str) -> Response:
    return JSONResponse(
        {"type": "about:blank", "title": title, "status": status}, status, media_type="application/problem+json"
    )
