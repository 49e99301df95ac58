"""Who may watch a flight, who does, and what was recorded: tickets, reports, the journal."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.reports import PayloadChanged
from contracts.signing import DISPATCHER, Keyring, SigningKey, TrustFile
from contracts.viewing import Ticket, read_ticket
from contracts.vocabulary import Deployment, Phase
from dispatcher.video import VideoDoor
from dispatcher.viewership import MEDIA_SILENT_S
from tests.unit.api.house import House, Json, open_house
from tests.unit.api.test_watching import given, opened

KEY = SigningKey.generate("test-dispatcher")
KEYRING = Keyring(TrustFile(keys=[KEY.trusted(force="test", holder=DISPATCHER)]))
URL = "http://media.test:8041"


def door(**changes: Any) -> VideoDoor:
    values: dict[str, Any] = {"key": KEY, "force": "test", "deployment": Deployment.SIMULATION, "url": URL}
    return VideoDoor(**(values | changes))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, video=door()) as house:
        house.tokens["media"] = house.issuer.token("media-1", "media", exp=4_000_000_000)
        yield house


async def asked(house: House, flight: Json, role: str = "controller", reason: str = "commanding") -> Json:
    return await house.taken("POST", f"/flights/{flight['id']}/video", role=role, json={"reason": reason})


def ticket_of(answer: Json, house: House) -> Ticket:
    return read_ticket(
        answer["ticket"],
        keyring=KEYRING,
        force="test",
        deployment=Deployment.SIMULATION,
        now=house.clock.wall_now(),
    )


def session(ticket: Json, flight: Json, **changes: Any) -> Json:
    return {
        "session_id": str(uuid.uuid4()),
        "ticket_id": ticket["ticket_id"],
        "flight_id": flight["id"],
        "via": "whep",
        "since": "2026-01-01T00:00:00Z",
    } | changes


def part(flight: Json, **changes: Any) -> Json:
    return {
        "flight_id": flight["id"],
        "part": 1,
        "began_at": "2026-01-01T00:00:00Z",
        "mission_began_at": "2026-01-01T00:00:00Z",
        "duration_s": 0.0,
        "bytes": 0,
        "complete": False,
    } | changes


async def reported(house: House, **report: Any) -> Json:
    return await house.taken("POST", "/video/report", role="media", json=report)


async def types(house: House, flight: Json) -> list[str]:
    stream = f"flight/{flight['id']}"
    return [entry.type async for entry in house.journal.read(stream=stream) if entry.type.startswith("Video")]


async def video(house: House, flight: Json) -> Json:
    return await house.taken("GET", f"/flights/{flight['id']}/video")


async def test_a_ticket_is_journalled_with_who_and_why_before_it_is_given(house: House) -> None:
    flight = await house.in_the_air()
    answer = await asked(house, flight, "officer", "attending")
    ticket = ticket_of(answer, house)
    assert (ticket.sub, str(ticket.flight), ticket.jti) == ("officer-1", flight["id"], answer["ticket_id"])
    records = [entry async for entry in house.journal.read(stream=f"flight/{flight['id']}")]
    assert (records[-1].type, records[-1].actor) == ("VideoTicketGiven", "officer-1")
    assert records[-1].event.model_dump()["reason"] == "attending"
    assert answer["whep_url"] == f"{URL}/v1/flights/{flight['id']}/whep"
    assert answer["socket_url"] == f"ws://media.test:8041/v1/flights/{flight['id']}/socket"


async def test_a_ticket_opens_for_five_minutes_and_never_outlives_its_person(house: House) -> None:
    flight = await house.in_the_air()
    ends = int((house.clock.wall_now() + timedelta(hours=1)).timestamp())
    house.tokens["late"] = house.issuer.token("controller-9", "controller", exp=ends)
    ticket = ticket_of(await asked(house, flight, "late"), house)
    assert ticket.exp - ticket.iat == 300
    assert ticket.until == ends


async def test_without_a_reason_that_is_known_there_is_no_ticket(house: House) -> None:
    flight = await house.in_the_air()
    for body in ({}, {"reason": "curious"}, {"reason": "commanding", "more": 1}):
        answer = await house.ask("POST", f"/flights/{flight['id']}/video", json=body)
        assert answer.status_code == 422, answer.text
    assert await types(house, flight) == []


async def test_an_officer_watches_live_and_plays_nothing(house: House) -> None:
    flight = await house.in_the_air()
    answer = await asked(house, flight, "officer", "attending")
    assert answer["recordings_url"] is None
    assert not ticket_of(answer, house).play
    assert ticket_of(await asked(house, flight, "supervisor", "reviewing"), house).play


async def test_of_a_flight_that_is_over_only_the_control_room_gets_a_ticket(house: House) -> None:
    flight = await house.flown(
        *(Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING),
        Phase.DOCKED,
    )
    assert flight["ended"]
    refused = await house.ask("POST", f"/flights/{flight['id']}/video", role="officer", json={"reason": "attending"})
    assert refused.status_code == 403
    assert (await asked(house, flight, "supervisor", "reviewing"))["recordings_url"]
    assert (await reported(house))["flights"] == []


async def test_whoever_looks_through_a_link_watches_its_flight_under_the_links_name(house: House) -> None:
    flight = await house.in_the_air()
    await house.scene.all_report()
    other = await house.in_the_air(key="other")
    incident = await house.taken("GET", f"/incidents/{flight['incident_id']}")
    link = await given(house, incident)
    house.tokens["tablet"] = (await opened(house, link["token"])).json()["session"]["token"]
    answer = await asked(house, flight, "tablet", "attending")
    ticket = ticket_of(answer, house)
    assert ticket.sub == "PC 4711, car 12"
    assert ticket.until - ticket.iat > 3600  # the link's time, not that of its session
    refused = await house.ask("POST", f"/flights/{other['id']}/video", role="tablet", json={"reason": "attending"})
    assert refused.status_code == 403
    await house.ask("DELETE", f"/incidents/{incident['id']}/links/{link['link']['id']}")
    assert (await reported(house))["withdrawn"] == [answer["ticket_id"]]


async def test_the_media_process_learns_what_is_on_and_whether_it_is_recorded(house: House) -> None:
    flight = await house.in_the_air()
    (told,) = (await reported(house))["flights"]
    assert (told["flight_id"], told["recording"]) == (flight["id"], False)
    changed = PayloadChanged(flight_id=UUID(flight["id"]), what="recording", value="on")
    await house.scene.says(flight["dock_id"], changed)
    (told,) = (await reported(house))["flights"]
    assert told["recording"]


async def test_the_control_room_sees_who_watches_and_the_journal_when(house: House) -> None:
    flight = await house.in_the_air()
    ticket = await asked(house, flight, "officer", "attending")
    watching = [session(ticket, flight)]
    for _ in range(3):  # told every second, journalled once
        await reported(house, watching=watching)
    shown = await house.taken("GET", f"/flights/{flight['id']}")
    assert [(viewer["viewer"], viewer["reason"], viewer["via"]) for viewer in shown["video"]["viewers"]] == [
        ("officer-1", "attending", "whep")
    ]
    await reported(house)
    assert (await video(house, flight))["viewers"] == []
    assert await types(house, flight) == ["VideoTicketGiven", "VideoWatchBegan", "VideoWatchEnded"]
    assert "video" not in await house.taken("GET", f"/flights/{flight['id']}", role="officer")


async def test_a_session_by_a_ticket_that_was_never_given_is_not_believed(house: House) -> None:
    flight = await house.in_the_air()
    await reported(house, watching=[session({"ticket_id": str(uuid.uuid4())}, flight)])
    assert await types(house, flight) == []


async def test_recordings_are_journalled_when_they_begin_and_when_they_are_complete(house: House) -> None:
    flight = await house.in_the_air()
    await reported(house, parts=[part(flight)])
    await reported(house, parts=[part(flight, duration_s=2.0, bytes=99)])  # it grows: nothing to write down
    done = part(flight, duration_s=5.0, bytes=500, complete=True, because="it ended", sha256="a" * 64)
    for _ in range(2):
        await reported(house, parts=[done])
    await reported(house, parts=[part(flight)])  # an old report that comes late changes nothing
    assert await types(house, flight) == ["VideoRecordingBegan", "VideoRecordingEnded"]
    (shown,) = (await video(house, flight))["recordings"]
    assert (shown["complete"], shown["bytes"], shown["sha256"]) == (True, 500, "a" * 64)


async def test_an_exception_of_the_recording_is_journalled_once(house: House) -> None:
    flight = await house.in_the_air()
    exception = {
        "id": str(uuid.uuid4()),
        "flight_id": flight["id"],
        "at": "2026-01-01T00:00:00Z",
        "text": "recording is on, and no picture comes",
    }
    for _ in range(2):
        await reported(house, exceptions=[exception])
    assert await types(house, flight) == ["VideoRecordingExcepted"]
    assert [each["text"] for each in (await video(house, flight))["exceptions"]] == [exception["text"]]


async def test_a_withdrawn_ticket_is_told_to_the_media_process_until_it_would_have_ended(house: House) -> None:
    flight = await house.in_the_air()
    ticket = await asked(house, flight, "officer", "attending")
    path = f"/flights/{flight['id']}/video/{ticket['ticket_id']}"
    assert (await house.ask("DELETE", path, role="officer")).status_code == 403
    for _ in range(2):
        assert (await house.ask("DELETE", path, role="supervisor")).status_code == 200
    assert (await reported(house))["withdrawn"] == [ticket["ticket_id"]]
    assert await types(house, flight) == ["VideoTicketGiven", "VideoTicketWithdrawn"]
    await house.clock.leap(12 * 3600 + 1)
    assert (await reported(house))["withdrawn"] == []
    unknown = f"/flights/{flight['id']}/video/{uuid.uuid4()}"
    assert (await house.ask("DELETE", unknown, role="supervisor")).status_code == 404


async def test_of_a_silent_media_process_nobody_is_said_to_watch(house: House) -> None:
    flight = await house.in_the_air()
    ticket = await asked(house, flight)
    await reported(house, watching=[session(ticket, flight)])
    await house.clock.advance(MEDIA_SILENT_S - 1)
    await house.desk.look_after_video()
    assert (await video(house, flight))["viewers"]
    await house.clock.advance(2)
    await house.desk.look_after_video()
    assert (await video(house, flight))["viewers"] == []


async def test_the_role_of_the_media_process_opens_nothing_else_and_no_person_reports(house: House) -> None:
    flight = await house.in_the_air()
    for method, path in (("GET", "/flights"), ("GET", f"/flights/{flight['id']}"), ("GET", "/docks")):
        assert (await house.ask(method, path, role="media")).status_code == 403
    for role in ("controller", "engineer", "supervisor"):
        assert (await house.ask("POST", "/video/report", role=role, json={})).status_code == 403


async def test_a_report_for_flights_that_nobody_knows_changes_nothing(house: House) -> None:
    nowhere = {"id": str(uuid.uuid4())}
    before = await house.seq()
    await reported(house, watching=[session({"ticket_id": str(uuid.uuid4())}, nowhere)], parts=[part(nowhere)])
    assert await house.seq() == before


async def test_a_force_has_a_video_server_of_its_own_by_configuration(tmp_path: Path) -> None:
    template = "https://mtx.example/{aircraft_id}/whep?flight={flight_id}"
    async with open_house(tmp_path, video=door(url=None, whep_template=template)) as house:
        flight = await house.in_the_air()
        answer = await asked(house, flight)
        assert answer["provider"] == "external"
        aircraft = flight["aircraft_id"]
        assert answer["whep_url"] == f"https://mtx.example/{aircraft}/whep?flight={flight['id']}"
        assert answer["socket_url"] is answer["recordings_url"] is None


async def test_where_there_is_no_video_it_is_said_and_nothing_is_journalled(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        flight = await house.in_the_air()
        answer = await house.ask("POST", f"/flights/{flight['id']}/video", json={"reason": "commanding"})
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/no-video")
        assert await types(house, flight) == []


def test_the_pages_of_the_console_may_connect_to_where_video_is_and_nowhere_else() -> None:
    assert door().origins == ("http://media.test:8041", "ws://media.test:8041")
    assert door(url="https://media.test/video/").origins == ("https://media.test", "wss://media.test")
    assert door(whep_template="https://mtx.example/{flight_id}/whep").origins == (
        "https://mtx.example",
        "wss://mtx.example",
    )
    assert VideoDoor().origins == ()
