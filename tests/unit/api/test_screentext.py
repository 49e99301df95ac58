"""Every text that comes in from outside has the rule of unseen characters, or stands here with the reason why not."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

import contracts
from contracts import fleet, screentext
from contracts.message import Message
from contracts.reports import DockNoted
from dispatcher.events import DockRegistered
from dispatcher.journal.upcasters import upcast
from tests.desks import QUAD, dock
from tests.unit.api.house import House

NOT_SHOWN = {"DockPicture.image_b64": "base64, decoded before anybody sees it"}
RULES = frozenset({screentext.as_text, screentext.as_line, screentext.as_said})


def unruled(name: str, kind: Any, metadata: tuple[Any, ...] = (), seen: frozenset[Any] = frozenset()) -> Iterator[str]:
    """The places within a type where any text may stand."""
    if any(isinstance(each, AfterValidator | BeforeValidator) and each.func in RULES for each in metadata):
        return
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from unruled(name, parts[0], (*metadata, *parts[1:]), seen)
    elif origin in (Union, UnionType):
        for part in parts:
            yield from unruled(name, part, metadata, seen)
    elif kind is str:
        if not any(_narrow(getattr(each, "pattern", None)) for each in _flat(metadata)):
            yield name
    elif origin is Literal or kind is NoneType:
        return
    elif parts:
        for part in parts:
            yield from unruled(f"{name}[]", part, (), seen)
    elif isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
        for field, info in kind.model_fields.items():
            yield from unruled(f"{kind.__name__}.{field}", info.annotation, tuple(info.metadata), seen | {kind})


def _flat(metadata: tuple[Any, ...]) -> Iterator[Any]:
    for each in metadata:
        yield each
        yield from getattr(each, "metadata", ())


def _narrow(pattern: Any) -> bool:
    """A pattern of named characters alone: none that says which are not there, and no dot for any."""
    text = getattr(pattern, "pattern", pattern)
    return isinstance(text, str) and "[^" not in text and "." not in text.replace("\\.", "") and "\\S" not in text


def _routes(routes: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for route in routes:
        if hasattr(route, "original_router"):
            yield from _routes(route.original_router.routes, prefix + route.include_context.prefix)
        elif hasattr(route, "dependant"):
            yield prefix + route.path, route


def _parts(dependant: Any) -> Iterator[Any]:
    yield dependant
    for each in dependant.dependencies:
        yield from _parts(each)


async def test_every_parameter_and_body_field_of_the_api_has_the_rule(house: House) -> None:
    found: set[str] = set()
    count = 0
    for path, route in _routes(house.application.routes):
        for part in _parts(route.dependant):
            for each in (*part.path_params, *part.query_params, *part.header_params, *part.body_params):
                count += 1
                info = each.field_info
                found.update(unruled(f"{path} {each.alias}", info.annotation, tuple(info.metadata)))
    assert count > 100
    assert found == set()


def test_every_field_of_the_fleet_file_and_of_the_wire_has_the_rule() -> None:
    for module in pkgutil.iter_modules(contracts.__path__, "contracts."):
        importlib.import_module(module.name)
    kinds: list[type[BaseModel]] = [fleet.Fleet, *Message.__subclasses__()]
    found = {place for kind in kinds for place in unruled(kind.__name__, kind)}
    assert found == set(NOT_SHOWN)


def test_the_walk_names_a_field_without_a_rule_wherever_it_is() -> None:
    class Inner(BaseModel):
        plain: str
        ruled: screentext.Line | None
        narrow: Annotated[str, Field(pattern="^[a-z0-9-]+$")]
        wide: Annotated[str, Field(pattern="^[^:]+$")]
        stamp: UUID

    class Outer(BaseModel):
        inner: list[Inner] | None
        by_name: dict[str, int]

    assert set(unruled("Outer", Outer)) == {"Inner.plain", "Inner.wide", "Outer.by_name[]"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/docks/cov-1/hold?held_by=engineer%E2%80%AE-1", 422),
        ("/airspace/notices?because=a%E2%80%A8b%E2%80%AEc", 422),
        ("/docks/cov%E2%80%8B-1/hold", 404),
        ("/docks/cov-1/hold?held_by=engineer%E3%85%A4-1", 422),
        ("/airspace/zones/a%E2%80%AEb", 404),
    ],
)
async def test_a_parameter_with_what_is_not_seen_is_refused_and_not_said_back(
    house: House, path: str, status: int
) -> None:
    refused = await house.ask("DELETE", path, role="engineer" if "hold" in path else "supervisor")
    assert refused.status_code == status
    assert ("U+" in refused.text) is (status == 422)
    assert screentext.unseen_in(json.dumps(refused.json(), ensure_ascii=False)) is None


def test_what_a_machine_says_is_never_refused_for_it_but_loses_it() -> None:
    noted = DockNoted(severity="info", text="preflight\u202e fail: \u200bcompass")
    assert noted.text == "preflight  fail:  compass"


@pytest.mark.parametrize(("name", "found"), [("Dock\u202e 1", 1), ("Dock\u3164 1", 1), ("Dock\ufe0f 1", 2)])
def test_a_name_with_what_is_not_seen_is_refused_in_the_fleet_file_and_read_without_it_in_an_older_journal(
    name: str, found: int
) -> None:
    site = dock("cov-1", 1, 52.4, -1.5).model_dump(mode="json")
    site["name"] = name
    with pytest.raises(ValidationError, match=re.escape(f"U+{ord(name[4]):04X}")):
        fleet.Dock.model_validate(site)
    old = {"dock": site, "aircraft_type": QUAD.model_dump(mode="json")}
    read = DockRegistered.model_validate(upcast("DockRegistered", old, found=found, wanted=3))
    assert (read.dock.name, read.dock.aircraft.uid, read.aircraft_type) == ("Dock  1", "0x1", QUAD)
