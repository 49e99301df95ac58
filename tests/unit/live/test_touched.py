"""While one drone relieves another the live view is told of both: an event names all that it changed."""

from __future__ import annotations

from contracts.reports import OrderAccepted
from contracts.vocabulary import Outcome, Phase
from dispatcher.decision.facts import Policy
from dispatcher.entities import Flight
from dispatcher.live.ledger import Key
from dispatcher.live.touched import FLIGHT, INCIDENT, touched
from dispatcher.state import State, apply
from tests.desks import Scene
from tests.unit.dispatcher.test_turns import Room

OUT = (Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE)


async def _flown(scene: Scene, flight: Flight) -> None:
    await scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
    await scene.fly(flight, *OUT)


async def _relieved(scene: Scene) -> None:
    """One relieves the other, and the incident then turns out to be part of another one."""
    incident = await scene.incident(watch_s=3600)
    first = await scene.press(incident)
    await _flown(scene, first)
    for _ in range(200):
        await scene.wait(5)
        await scene.desk.look_after_relays()
        relief = next((each for each in scene.desk.state.flights.values() if each.relieves == first.id), None)
        if relief is not None:
            break
    assert relief is not None
    other = await scene.incident(watch_s=3600)
    await scene.desk.merge_incident("controller-1", incident.id, other.id)
    await _flown(scene, relief)
    await scene.desk.look_after_relays()
    await scene.fly(first, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
    await scene.desk.look_after_relays()


async def test_every_event_of_a_relay_names_the_incidents_and_flights_that_it_changed() -> None:
    scene = await Scene.open(policy=Policy(watch_s=300, watch_cap_s=900))
    await _relieved(scene)
    assert {"ReliefForeseen", "IncidentMerged", "CommandGiven"} <= set(scene.log.types())
    _names_all(scene)


async def test_every_event_of_a_turn_names_the_incidents_and_flights_that_it_changed() -> None:
    room = await Room.open(phase=Phase.ON_SCENE)
    await room.watched()
    await room.graver()
    await room.desk.answer_proposal("pilot-1", room.proposal.id, accepted=True)
    await room.wait(22)
    await room.settled(Outcome.REFUSED)
    await room.wait(1)
    assert {"TurnProposed", "TurnCountdownBegan", "FlightTurned"} <= set(room.scene.log.types())
    _names_all(room.scene)


def _names_all(scene: Scene) -> None:
    state = State()
    for recorded in scene.log.records:
        after = apply(state, recorded)
        changed = {
            Key(kind, str(entity_id))
            for kind, was, is_now in (
                (INCIDENT, state.incidents, after.incidents),
                (FLIGHT, state.flights, after.flights),
            )
            for entity_id in is_now
            if was.get(entity_id) != is_now[entity_id]
        }
        assert changed <= set(touched(after, recorded.event)), recorded.type
        state = after
