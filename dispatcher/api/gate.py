"""Nobody passes who does not stand in the table of access: ASGI middleware before all routing.

The WebSocket of the table passes without a token, because its first frame brings one; any other is turned away here.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from dispatcher.api.context import PERSON, Context
from dispatcher.api.problems import problem, refusal
from dispatcher.errors import DispatcherError, Forbidden
from dispatcher.security.access import PUBLIC, WEBSOCKET, Entry, entry_of, methods_of
from dispatcher.security.errors import NotAuthenticated
from dispatcher.security.person import Person, Watch
from dispatcher.security.tokens import Authenticator

TEMPLATE = "kestrel.template"
"""Key of the scope under which the path template stands, for the counters."""
_TOKEN_NAMES = frozenset({"token", "access_token", "id_token", "authorization", "jwt", "bearer"})


class TokenInUrl(DispatcherError):
    """URLs end up in logs and histories; this one must be considered known to others."""

    status = 400
    slug = "token-in-url"
    title = "A token never goes into a URL"


class Gate:
    """Authenticates, looks up the table, and leaves the person in the scope."""

    def __init__(self, app: ASGIApp, *, context: Context, authenticator: Authenticator) -> None:
        self._app = app
        self._context = context
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        method = WEBSOCKET if scope["type"] == "websocket" else scope["method"]
        entry = entry_of(method, scope["path"])
        try:
            _refuse_token_in_url(scope)
            if entry is None:
                await self._unknown(scope, receive, send)
                return
            scope[TEMPLATE] = entry.template
            if entry.access is not PUBLIC and method != WEBSOCKET:
                person = await self._person(scope)
                if not person.has_any(entry.access):
                    needed = " or ".join(sorted(role.value for role in entry.access))
                    raise Forbidden(f"this needs the role {needed}")
                if person.watch is not None and not self._is_watched(person.watch, entry):
                    raise Forbidden("this link opens one incident and nothing else")
                scope[PERSON] = person
        except DispatcherError as error:
            self._context.counters.refused(error.slug)
            if scope["type"] == "websocket":
                await _turn_away(receive, send)
                return
            answer = refusal(error, deployment=self._context.deployment, instance=scope["path"])
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _unknown(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Strangers do not learn what exists: 401 comes before 404 and 405."""
        if scope["type"] == "websocket":
            raise Forbidden("there is no such socket")
        await self._person(scope)
        methods = ", ".join(sorted(methods_of(scope["path"])))
        answer = problem(
            deployment=self._context.deployment,
            instance=scope["path"],
            status=405 if methods else 404,
            slug="method-not-allowed" if methods else "not-found",
            title="Not with this method" if methods else "Not found",
            detail=f"this path takes {methods}" if methods else "there is nothing at this path: see /api/v1/docs",
            headers={"Allow": methods} if methods else None,
        )
        await answer(scope, receive, send)

    def _is_watched(self, watch: Watch, entry: Entry) -> bool:
        """True when the path is of the link's own incident, or of a flight on it."""
        incident_id, flight_id = entry.parameters.get("incident_id"), entry.parameters.get("flight_id")
        if incident_id is not None:
            return incident_id == str(watch.incident_id)
        if flight_id is None:
            return False
        state = self._context.desk.state
        incident = state.incidents.get(watch.incident_id)
        if incident is None:
            return False
        # One that has been turned to another incident is not theirs to see any more.
        flights = (state.flights.get(each) for each in incident.flight_ids if str(each) == flight_id)
        return any(flight is not None and flight.incident_id == incident.id for flight in flights)

    async def _person(self, scope: Scope) -> Person:
        given = Headers(scope=scope).getlist("authorization")
        if not given:
            raise NotAuthenticated("send a token: Authorization: Bearer <token>")
        scheme, _, token = given[0].partition(" ")
        if len(given) > 1 or scheme.lower() != "bearer" or not token.strip():
            raise NotAuthenticated("send one token: Authorization: Bearer <token>")
        return await self._authenticator.authenticate(token.strip())


def _refuse_token_in_url(scope: Scope) -> None:
    query = scope.get("query_string", b"")
    if not query:
        return
    names = {name.lower() for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)}
    if names & _TOKEN_NAMES:
        raise TokenInUrl("send it in the Authorization header, or in the socket's first frame; and get a new one")


async def _turn_away(receive: Receive, send: Send) -> None:
    message = await receive()
    if message["type"] == "websocket.connect":
        # Before it is accepted a close becomes a plain 403.
        await send({"type": "websocket.close", "code": 4403, "reason": "not here"})
