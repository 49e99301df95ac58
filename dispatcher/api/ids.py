"""Ids as they stand in paths and cursors."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path

from contracts.screentext import Line
from dispatcher.api.fields import Id
from dispatcher.errors import Invalid

DockId = Annotated[Line, Path(max_length=48, description="the dock's id")]
IncidentId = Annotated[Id, Path(description="the incident's id")]
FlightId = Annotated[Id, Path(description="the flight's id")]
AlarmId = Annotated[Id, Path(description="the alarm's id")]
HandoverId = Annotated[Id, Path(description="the hand-over's id")]
LinkId = Annotated[Id, Path(description="the link's id")]
ProposalId = Annotated[Id, Path(description="the proposal's id")]


def cursor_of(text: str | None) -> int | None:
    """The id that a page ended with, as a number in the order of time; raises `Invalid`."""
    if text is None:
        return None
    try:
        return UUID(text).int
    except ValueError:
        raise Invalid("after: is not the `next` of a page", parameter="after") from None
