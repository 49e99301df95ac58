"""Whoever looks through a link sees one incident, its flights and their aircraft: nothing else, and no longer."""

from __future__ import annotations

import json

from contracts.reports import OrderAccepted
from contracts.vocabulary import Phase
from dispatcher.entities import Flight
from dispatcher.live.protocol import CloseCode
from tests.unit.live.viewing import Gallery, open_gallery

OUT = (Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)


async def flying(gallery: Gallery) -> Flight:
    """A flight on its way, seen in the air."""
    scene = gallery.scene
    await scene.all_report()
    incident = await scene.incident()
    flight = await scene.press(incident, key=str(incident.id))
    await scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
    await scene.fly(flight, *OUT)
    seen(gallery, flight)
    await gallery.tick()
    return flight


def seen(gallery: Gallery, flight: Flight, **changes: object) -> None:
    """Its aircraft speaks."""
    gallery.sample(flight.dock_id, **({"flight_id": flight.id, "armed": True, "in_air": True} | changes))


async def test_one_incident_with_its_flight_and_its_aircraft_and_nothing_else() -> None:
    async with open_gallery() as gallery:
        flight, other = await flying(gallery), await flying(gallery)
        seat = await gallery.watcher(flight.incident_id)
        await gallery.tick(3)
        assert {kind for kind, _ in seat.entities} == {"incident", "flight", "aircraft"}
        assert set(seat.of("incident")) == {str(flight.incident_id)}
        assert set(seat.of("flight")) == {str(flight.id)}
        assert set(seat.of("aircraft")) == {flight.order.aircraft_id}
        # Not in changes either, nor in any word of any frame.
        seen(gallery, other, lat_deg=52.5)
        await gallery.scene.desk.make_note(
            "controller-1",
            other.incident_id,
            origin="control",
            by_name="controller-1",
            text="for the others",
            link_id=None,
            idempotency_key=None,
        )
        await gallery.tick(20)
        told = json.dumps(seat.frames)
        for secret in (
            str(other.id),
            str(other.incident_id),
            other.order.aircraft_id + '"',
            "for the others",
            "pilot-",
        ):
            assert secret not in told, secret


async def test_a_note_of_the_control_room_is_there_at_the_next_tick() -> None:
    async with open_gallery() as gallery:
        flight = await flying(gallery)
        seat = await gallery.watcher(flight.incident_id)
        await gallery.scene.desk.make_note(
            "controller-1",
            flight.incident_id,
            origin="control",
            by_name="controller-1",
            text="stay in the car",
            link_id=None,
            idempotency_key=None,
        )
        await gallery.tick()
        notes = seat.of("incident")[str(flight.incident_id)]["notes"]
        assert [(note["by"], note["text"]) for note in notes] == [("control room", "stay in the car")]


async def test_the_aircraft_goes_from_sight_when_its_flight_is_over_and_flies_for_others() -> None:
    async with open_gallery() as gallery:
        scene = gallery.scene
        flight = await flying(gallery)
        seat = await gallery.watcher(flight.incident_id)
        away = await gallery.watcher(flight.incident_id)
        away.leave()
        await gallery.tick()
        aircraft_id = flight.order.aircraft_id
        assert set(seat.of("aircraft")) == {aircraft_id}
        await scene.fly(flight, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
        seen(gallery, flight, flight_id=None, armed=False, in_air=False)
        await gallery.tick(2)
        assert seat.of("aircraft") == {}
        assert set(seat.of("flight")) == {str(flight.id)}
        # Somebody else's incident now: not a word of it, and who was away meanwhile learns that it has gone.
        before = len(seat.texts)
        seen(gallery, flight, flight_id=None, armed=True, in_air=True, lat_deg=52.6)
        await gallery.tick(5)
        assert all('"tick"' in text for text in seat.texts[before:])
        again = await gallery.watcher(flight.incident_id, earlier=away)
        await gallery.tick()
        assert again.types()[0] == "resumed"
        assert again.of("aircraft") == {}


async def test_a_withdrawn_link_closes_its_sockets_and_no_other() -> None:
    async with open_gallery() as gallery:
        flight = await flying(gallery)
        seats = [await gallery.watcher(flight.incident_id) for _ in range(2)]
        control = await gallery.viewer("controller")
        link = seats[0].link
        assert link is not None
        await gallery.scene.desk.revoke_link("controller-1", flight.incident_id, link, "withdrawn")
        await gallery.settle()
        assert seats[0].closed == CloseCode.LINK_OVER
        assert seats[1].is_open()
        assert control.is_open()
        await gallery.tick()
        assert control.of("link")[str(link)]["revoked_by"] == "controller-1"
        again = await gallery.watcher(flight.incident_id, earlier=seats[0])
        assert again.closed == CloseCode.LINK_OVER
        assert again.frames == []


async def test_a_link_that_goes_over_with_its_incident_is_to_be_opened_again() -> None:
    async with open_gallery() as gallery:
        flight = await flying(gallery)
        other = await gallery.scene.incident()
        seat = await gallery.watcher(flight.incident_id)
        await gallery.scene.desk.merge_incident("controller-1", flight.incident_id, other.id)
        await gallery.settle()
        assert seat.closed == CloseCode.NOT_AUTHENTICATED
        await gallery.tick()
        again = await gallery.watcher(other.id, earlier=seat)
        assert again.types() == ["snapshot"]
        assert set(again.of("flight")) == {str(flight.id)}


async def test_links_are_shown_to_the_control_room_alone() -> None:
    async with open_gallery() as gallery:
        flight = await flying(gallery)
        seat = await gallery.watcher(flight.incident_id)
        officer = await gallery.viewer("officer")
        control = await gallery.viewer("controller")
        await gallery.tick(2)
        assert len(control.of("link")) == 1
        assert officer.of("link") == {}
        assert seat.of("link") == {}
