"""A client of the dispatcher's public API and of the local issuer: it uses nothing that others could not use."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from kestrel.backoff import Backoff
from kestrel.clock import Clock, SystemClock
from kestrel.errors import ApiRefused, ApiUnreachable
from kestrel.tokens import Role

TIMEOUT_S = 10.0
PATIENCE_S = 60.0
"""Wall seconds for which a request is repeated while nobody answers: a restart of the dispatcher fits in."""
RETRIED = frozenset({429, 502, 503, 504})

Json = dict[str, Any]


class ApiClient:
    """One person's access. Requests that got no answer are repeated: use it for what is idempotent."""

    def __init__(self, *, http: httpx.AsyncClient, token: str, clock: Clock, patience_s: float = PATIENCE_S) -> None:
        self._http, self._clock = http, clock
        self._headers = {"Authorization": f"Bearer {token}"}
        self._patience_s = patience_s

    async def get(self, path: str, **parameters: str | int) -> Json:
        """The JSON answer; raises `ApiRefused`, `ApiUnreachable`."""
        return await self._ask("GET", path, parameters=parameters)

    async def post(self, path: str, body: Json | None = None, *, idempotency_key: str | None = None) -> Json:
        """The JSON answer; raises `ApiRefused`, `ApiUnreachable`."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return await self._ask("POST", path, body=body or {}, headers=headers)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str | int] | None = None,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        backoff = Backoff()
        deadline_wall_s = self._clock.wall_s() + self._patience_s
        while True:
            why = ""
            try:
                answer = await self._http.request(
                    method, path, params=parameters, json=body, headers={**self._headers, **(headers or {})}
                )
            except httpx.TransportError as error:
                why = f"{type(error).__name__} {error}".strip()
            else:
                if answer.status_code not in RETRIED:
                    return _read(answer, f"{method} {path}")
                why = f"status {answer.status_code}"
            if self._clock.wall_s() >= deadline_wall_s:
                raise ApiUnreachable(f"{method} {path}: no answer for {self._patience_s:.0f} s ({why})")
            await self._clock.sleep_wall(backoff.next_s())


@contextlib.asynccontextmanager
async def api_session(base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Connections to one server, closed at the end; a proxy of the environment is not for loopback."""
    async with httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_S, trust_env=False) as http:
        yield http


async def ask_for_token(*, issuer: str, secret_file: Path, subject: str, roles: Sequence[Role], force: str) -> str:
    """A token from the local issuer; raises `ApiRefused`, `ApiUnreachable`."""
    secret = await asyncio.to_thread(secret_file.read_text, encoding="ascii")
    async with api_session(issuer) as http:
        client = ApiClient(http=http, token=secret.strip(), clock=SystemClock(), patience_s=10.0)
        answer = await client.post("/token", {"sub": subject, "roles": [str(role) for role in roles], "force": force})
    return str(answer["access_token"])


def _read(answer: httpx.Response, what: str) -> Json:
    try:
        document = answer.json()
    except ValueError:
        document = None
    if answer.is_success and isinstance(document, dict):
        return document
    problem = document if isinstance(document, dict) else {"title": answer.text[:200] or "an answer that is not JSON"}
    raise ApiRefused(what=what, status=answer.status_code, problem=problem)
