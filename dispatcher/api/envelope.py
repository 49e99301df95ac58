"""What every answer has around it: the deployment's label, the safe headers, a count, and a 500 that tells nothing."""

from __future__ import annotations

import logging
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dispatcher.api.context import Context
from dispatcher.api.gate import TEMPLATE
from dispatcher.api.problems import problem

log = logging.getLogger(__name__)

DEPLOYMENT_HEADER = "Kestrel-Deployment"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Envelope:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, *, context: Context) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # Frames of the live socket pass with nothing around them.
            await self._app(scope, receive, send)
            return
        started_s = self._context.clock.wall_s()
        status = 0

        async def send_dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[DEPLOYMENT_HEADER] = self._context.deployment
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
            await send(message)

        try:
            await self._app(scope, receive, send_dressed)
        except Exception:
            occurrence = uuid4()
            log.exception("a request failed: occurrence %s", occurrence)
            if status:
                raise
            answer = problem(
                deployment=self._context.deployment,
                instance=f"urn:uuid:{occurrence}",
                status=500,
                slug="internal",
                title="Something went wrong on our side",
                detail=f"tell your engineer the occurrence {occurrence}: the log has the rest",
            )
            await answer(scope, receive, send_dressed)
        finally:
            self._context.counters.answered(
                method=scope["method"] if scope["method"] in _METHODS else "other",
                template=scope.get(TEMPLATE, "none"),
                status=status,
                seconds=self._context.clock.wall_s() - started_s,
            )
