"""Every route against the one table of access, both ways, and every role at every door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatcher.security.access import PAGE_FILES, PAGES, PUBLIC, TABLE, WATCH_PAGES, WEBSOCKET, entry_of
from dispatcher.security.roles import Role
from tests.unit.api.house import ROLES, House

SOME_ID = str(UUID(int=1))


def routes_of(routes: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(method, template) of every route, those of included routers too; an unknown kind of route fails."""
    for route in routes:
        if hasattr(route, "original_router"):
            inside = route.original_router
            assert not getattr(inside, "_low_priority_routes", ())
            yield from routes_of(inside.routes, prefix + route.include_context.prefix)
        elif type(route).__name__ == "WebSocketRoute":
            yield WEBSOCKET, prefix + route.path
        else:
            assert type(route).__name__ == "APIRoute", f"what is {route}?"
            for method in route.methods:
                yield method, prefix + route.path


def _path(template: str) -> str:
    for name in (
        "incident_id",
        "flight_id",
        "proposal_id",
        "alarm_id",
        "dock_id",
        "link_id",
        "handover_id",
        "ticket_id",
        "name",
    ):
        template = template.replace(f"{{{name}}}", SOME_ID)
    template = template.replace("{token}", "a-link").replace("{file}", "app-0a1B2c_4.js")
    assert "{" not in template
    return template


DOORS = sorted((method, template) for method, template in TABLE if method != WEBSOCKET)


async def test_routes_and_table_are_the_same(house: House) -> None:
    routes = sorted(routes_of(house.application.routes))
    assert len(routes) == len(set(routes)), "one route for each line"
    assert set(routes) == set(TABLE)


def test_each_line_of_the_table_is_found_by_its_own_path() -> None:
    for method, template in TABLE:
        entry = entry_of(method, _path(template))
        assert entry is not None
        assert (entry.method, entry.template, entry.access) == (method, template, TABLE[method, template])


def test_only_what_must_be_is_public() -> None:
    public = {template for (_, template), access in TABLE.items() if access is PUBLIC}
    assert public == {
        *("/api/v1/health", "/api/v1/openapi.json", "/api/v1/docs", "/api/v1/client", "/api/v1/watch"),
        *PAGES,
        *WATCH_PAGES,
        *PAGE_FILES,
    }


async def test_every_role_gets_what_the_table_says_and_nothing_else(house: House) -> None:
    for method, template in DOORS:
        access = TABLE[method, template]
        for role in (None, *ROLES):
            answer = await house.fetch(method, _path(template), role=role)
            where = f"{method} {template} as {role}: {answer.status_code} {answer.text[:200]}"
            if access is PUBLIC:
                # An exchange with nothing to exchange is a fault, and no question of who asks.
                assert answer.status_code == (200 if method == "GET" else 422), where
            elif role is None:
                assert answer.status_code == 401, where
                assert answer.headers["www-authenticate"].startswith("Bearer"), where
            elif Role(role) in access:
                assert answer.status_code not in (401, 403, 500), where
            else:
                assert answer.status_code == 403, where
                assert answer.json()["type"] == "/problems/forbidden", where


async def test_a_person_without_a_role_gets_nothing(house: House) -> None:
    house.tokens["clerk"] = house.issuer.token("clerk-1", "payroll")
    for method, template in DOORS:
        if TABLE[method, template] is not PUBLIC:
            answer = await house.fetch(method, _path(template), role="clerk")
            assert answer.status_code == 403, (method, template)


async def test_strangers_do_not_learn_what_exists(house: House) -> None:
    for path in ("/nothing", "/incidents/", "//incidents", "/INCIDENTS", "/incidents/x/y/z", "/docs/", "/health/x"):
        assert (await house.ask("GET", path, role=None)).status_code == 401, path
        assert (await house.ask("GET", path, role="engineer")).status_code == 404, path
    assert (await house.ask("DELETE", "/incidents", role=None)).status_code == 401
    answer = await house.ask("DELETE", "/incidents", role="officer")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert (await house.ask("HEAD", "/health", role=None)).status_code == 401
    assert (await house.ask("OPTIONS", "/incidents", role=None)).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "bearer not.a.token", "Bearer a b"])
async def test_other_credentials_are_not_taken(house: House, header: str) -> None:
    answer = await house.http.get("/api/v1/docks", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["detail"]


async def test_two_tokens_are_one_too_many(house: House) -> None:
    headers = httpx.Headers([("Authorization", f"Bearer {house.token(role)}") for role in ("pilot", "controller")])
    assert (await house.http.get("/api/v1/docks", headers=headers)).status_code == 401


@pytest.mark.parametrize("name", ["token", "access_token", "Authorization", "JWT"])
async def test_a_token_in_the_url_is_refused_even_when_it_is_good(house: House, name: str) -> None:
    token = house.token("engineer")
    answer = await house.ask("GET", f"/docks?{name}={token}", role="engineer")
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/token-in-url"
    assert token not in answer.text


async def test_the_actor_of_an_event_is_the_tokens_subject(house: House) -> None:
    house.tokens["controller"] = house.issuer.token("controller-7", "controller")
    incident = await house.incident()
    actors = {
        recorded.type: recorded.actor async for recorded in house.journal.read(stream=f"incident/{incident['id']}")
    }
    assert actors == {"IncidentReported": "controller-7", "OptionsDecided": "controller-7"}
