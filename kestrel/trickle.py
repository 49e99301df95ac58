"""The demo's incidents: one after the other from a file, at a steady pace, for as long as the demo runs."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.envelope import first_fault
from contracts.position import Place
from kestrel.clock import Clock
from kestrel.controller import Controller
from kestrel.errors import FileError

GAP_S = 120.0
"""Mission seconds between two incidents."""
PATIENCE_S = 300.0
"""Mission seconds for which an incident waits for a dock before it is declined."""
SETTLE_S = 5400.0


class Occurrence(BaseModel):
    """One incident of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grade: str = Field(min_length=1, max_length=40)
    category: str = Field(min_length=1, max_length=200)
    summary: str = Field(max_length=4000)
    place: Place
    watch_s: float = Field(ge=0, le=7200)
    purpose: str = Field(min_length=1, max_length=400)


class IncidentsFile(BaseModel):
    """The file: schema and incidents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: str = Field(alias="schema", pattern=r"^kestrel\.incidents/1$")
    incidents: list[Occurrence] = Field(min_length=1, max_length=10_000)


def read_incidents(path: Path) -> list[Occurrence]:
    """The incidents of a file; raises `FileError`."""
    try:
        return IncidentsFile.model_validate(json.loads(path.read_bytes())).incidents
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise FileError(path, first_fault(error)) from None
    except ValueError as error:
        raise FileError(path, f"not JSON: {error}") from None


async def trickle(
    occurrences: list[Occurrence], *, controller: Controller, clock: Clock, run_id: str, watch_s: float | None = None
) -> None:
    """Report and answer one occurrence after the other, for ever; each flight is seen home beside the next ones.

    An occurrence that fails is said and given up; the others go on.
    """

    async def handle(occurrence: Occurrence, number: int) -> None:
        with controller.contained(f"{run_id}-{number}"):
            await answer(occurrence, number)

    async def answer(occurrence: Occurrence, number: int) -> None:
        handled = await controller.take_in(
            {
                "source": "demo",
                "reference": f"{run_id}-{number}",
                "grade": occurrence.grade,
                "category": occurrence.category,
                "summary": occurrence.summary,
                "place": occurrence.place.model_dump(),
                "watch_s": occurrence.watch_s if watch_s is None else watch_s,
            }
        )
        await controller.answer(handled, purpose=occurrence.purpose)
        await controller.see_home(handled, purpose=occurrence.purpose, within_s=SETTLE_S)

    async with asyncio.TaskGroup() as group:
        for number in itertools.count(1):
            occurrence = occurrences[(number - 1) % len(occurrences)]
            group.create_task(handle(occurrence, number), name=f"incident {number}")
            await clock.sleep_mission(GAP_S)
