"""Watch links over HTTP: given by a controller, opened by a device, withdrawn; and the notes that go to and fro."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Header
from pydantic import ConfigDict, Field
from starlette.responses import JSONResponse

from contracts.screentext import Line, Text
from dispatcher import presentation
from dispatcher.api import watchexamples as examples
from dispatcher.api.context import Ctx, Who
from dispatcher.api.fields import Body
from dispatcher.api.ids import FlightId, IncidentId, LinkId
from dispatcher.events import Viewed, ViewReason
from dispatcher.incidents import incident_of
from dispatcher.presentation import instant, view_of
from dispatcher.security.person import Person
from dispatcher.security.roles import Role
from dispatcher.security.watching import WatchSessions
from dispatcher.watching import LONGEST, links_of

DEFAULT_LASTS_S = 4 * 3600.0
_CONTROL_ROOM = frozenset({Role.CONTROLLER, Role.PILOT, Role.SUPERVISOR, Role.ENGINEER})

NoteKey = Annotated[
    Line | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="one for each press; the same press again is the same note",
    ),
]


class LinkBody(Body):
    """A new link."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"given_to": "PC 4711, car 12", "reason": "attending", "lasts_s": 14400.0}]}
    )

    given_to: Annotated[Text, Field(min_length=1, max_length=120, description="the person, as the force names them")]
    reason: ViewReason
    lasts_s: Annotated[
        float,
        Field(
            strict=True,
            ge=60,
            le=LONGEST.total_seconds(),
            allow_inf_nan=False,
            description="wall seconds until it expires",
        ),
    ] = DEFAULT_LASTS_S


class OpenBody(Body):
    """A device opens a link. Both secrets stay in the body: never in a URL."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"token": "the 43 characters after the #", "device_key": "made on the device"}]}
    )

    token: Annotated[Line, Field(min_length=1, max_length=200, repr=False)]
    device_key: Annotated[
        Line,
        Field(
            min_length=32,
            max_length=200,
            repr=False,
            description="256 random bits as text, made once on the device and kept there",
        ),
    ]


class NoteBody(Body):
    """One line."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "suspect running north"}]})

    text: Annotated[Text, Field(min_length=1, max_length=280)]


class ViewBody(Body):
    """What is looked at, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"what": "replay", "reason": "reviewing"}]})

    what: Viewed
    reason: ViewReason


incidents_router = APIRouter(prefix="/incidents", tags=["watch links"])
flights_router = APIRouter(prefix="/flights", tags=["watch links"])


@incidents_router.post("/{incident_id}/links", status_code=201, responses=examples.LINK_GIVEN)
async def give_link(incident_id: IncidentId, body: LinkBody, ctx: Ctx, person: Who) -> JSONResponse:
    """A link to this incident and to nothing else. Its token is told once, here; ``path`` goes after your origin."""
    link, token = await ctx.desk.give_link(
        person.id,
        incident_id,
        given_to=body.given_to,
        reason=body.reason,
        lasts=timedelta(seconds=body.lasts_s),
    )
    shown = presentation.watch_link(link)
    # After the # it never leaves the browser: not in a request, a log, or a Referer.
    return ctx.answer({"link": shown, "token": token, "path": f"/watch/#{token}"}, status=201)


@incidents_router.get("/{incident_id}/links", responses=examples.LINKS)
async def list_links(incident_id: IncidentId, ctx: Ctx) -> JSONResponse:
    """Every link to the incident, the first first: to whom, until when, on a device or not, withdrawn or not."""
    state = ctx.desk.state
    links = links_of(state, incident_of(state, incident_id))
    return ctx.answer({"links": [presentation.watch_link(link) for link in links]})


@incidents_router.delete("/{incident_id}/links/{link_id}", responses=examples.LINK)
async def revoke_link(incident_id: IncidentId, link_id: LinkId, ctx: Ctx, person: Who) -> JSONResponse:
    """Withdraw it: whoever looks through it is shown nothing more, from now."""
    link = await ctx.desk.revoke_link(person.id, incident_id, link_id, f"withdrawn by {person.id}")
    return ctx.answer({"link": presentation.watch_link(link)})


@incidents_router.get("/{incident_id}/notes", responses=examples.NOTES)
async def list_notes(incident_id: IncidentId, ctx: Ctx, person: Who) -> JSONResponse:
    """The latest lines on the incident, oldest first."""
    entity = incident_of(ctx.desk.state, incident_id)
    return ctx.answer({"notes": presentation.notes(entity.notes, view_of(person.roles))})


@incidents_router.post("/{incident_id}/notes", status_code=201, responses=examples.NOTE)
async def make_note(
    incident_id: IncidentId, body: NoteBody, ctx: Ctx, person: Who, key: NoteKey = None
) -> JSONResponse:
    """A line to the control room; from the control room, to everybody on the way: their screens show its last one."""
    made = await ctx.desk.make_note(
        person.id,
        incident_id,
        origin=_origin(person),
        by_name=person.id if person.watch is None else person.watch.given_to,
        text=body.text,
        link_id=None if person.watch is None else person.watch.link_id,
        idempotency_key=key,
    )
    return ctx.answer({"note": presentation.note(made, view_of(person.roles))}, status=201)


@flights_router.post("/{flight_id}/views", status_code=201, responses=examples.VIEW)
async def view_flight(flight_id: FlightId, body: ViewBody, ctx: Ctx, person: Who) -> JSONResponse:
    """I look at this, and why: say so before it is shown. It stays in the journal."""
    link_id = None if person.watch is None else person.watch.link_id
    await ctx.desk.view_flight(person.id, flight_id, what=body.what, reason=body.reason, link_id=link_id)
    return ctx.answer({"viewed": body.what.value, "reason": body.reason.value}, status=201)


def watch_router(sessions: WatchSessions) -> APIRouter:
    """The exchange of a link for a session, for which nobody is known yet."""
    router = APIRouter(prefix="/watch", tags=["watch links"])

    @router.post("", responses=examples.WATCH)
    async def open_link(body: OpenBody, ctx: Ctx) -> JSONResponse:
        """Open a link on this device: a session of some minutes for one incident. Come again before it is over.

        The first device that opens a link is the only one that it opens on.
        """
        link = await ctx.desk.open_link(body.token, body.device_key)
        token, expires = sessions.begin(link)
        return ctx.answer(
            {
                "session": {"token": token, "expires_wall_time": instant(expires)},
                "incident_id": str(link.incident_id),
                "given_to": link.given_to,
                "reason": link.reason.value,
                "link_expires_wall_time": instant(link.expires_wall_time),
                "force_name": ctx.desk.state.force_name,
                "mission_time": instant(ctx.clock.mission_now()),
                "wall_time": instant(ctx.clock.wall_now()),
            }
        )

    return router


def _origin(person: Person) -> Literal["field", "control"]:
    return "control" if person.has_any(_CONTROL_ROOM) else "field"
