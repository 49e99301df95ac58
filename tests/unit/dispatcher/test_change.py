"""The fold's own replace does what that of `dataclasses` does."""

from __future__ import annotations

import dataclasses

import pytest

from contracts.vocabulary import Phase
from dispatcher.folding.change import replace
from tests.desks import Scene


async def test_a_replaced_entity_is_equal_to_what_dataclasses_would_make_and_the_old_one_is_as_it_was() -> None:
    scene = await Scene.open()
    flight = await scene.press(await scene.incident())
    await scene.fly(flight, Phase.PREPARING)
    state = scene.desk.state
    for entity, change in (
        (state, {"seq": state.seq + 1, "force": "other"}),
        (state.flights[flight.id], {"phase": Phase.LAUNCHING}),
        (state.incidents[flight.incident_id], {"grade": "2"}),
        (state.docks[flight.dock_id], {"active_flight_id": None}),
        (state.pilots["pilot-1"], {"max_flights": 9}),
    ):
        before = dataclasses.replace(entity)
        changed = replace(entity, **change)
        assert changed == dataclasses.replace(entity, **change)
        assert type(changed) is type(entity)
        assert entity == before
        assert entity != changed


async def test_a_replaced_entity_is_frozen_too() -> None:
    scene = await Scene.open()
    changed = replace(scene.desk.state, seq=5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        changed.seq = 6  # type: ignore[misc] # that is what is tried


async def test_a_field_that_there_is_not_is_refused() -> None:
    scene = await Scene.open()
    with pytest.raises(TypeError, match="State has no flihgts"):
        replace(scene.desk.state, flihgts=None)
