"""Links that open one incident to one device: given, opened, refused, withdrawn; and the notes that go to and fro."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import httpx
import pytest

from contracts.vocabulary import Phase
from dispatcher.security.access import PUBLIC, TABLE, WEBSOCKET
from dispatcher.security.roles import Role
from dispatcher.watching import DECLINED_KEPT, MOST_LINKS, NOTES_AT_ONCE
from tests.unit.api.house import House, Json

TABLET = "t" * 43
OTHER = "o" * 43


async def given(house: House, incident: Json, **changes: Any) -> Json:
    """A new link, with its token."""
    body = {"given_to": "PC 4711, car 12", "reason": "attending"} | changes
    return await house.taken("POST", f"/incidents/{incident['id']}/links", json=body)


async def opened(house: House, token: str, device: str = TABLET) -> httpx.Response:
    """Somebody opens it."""
    return await house.ask("POST", "/watch", role=None, json={"token": token, "device_key": device})


async def watcher(house: House, incident: Json, device: str = TABLET) -> str:
    """A name for `House.ask`'s ``role`` under which one looks through a new link."""
    answer = await opened(house, (await given(house, incident))["token"], device)
    assert answer.status_code == 200, answer.text
    name = f"watcher of {incident['id']}"
    house.tokens[name] = answer.json()["session"]["token"]
    return name


async def types(house: House, stream: str) -> list[str]:
    """What the journal holds of a stream."""
    return [recorded.type async for recorded in house.journal.read(stream=stream)]


async def test_a_link_opens_its_incident_and_the_journal_says_who_gave_it_to_whom_and_why(house: House) -> None:
    incident = await house.incident()
    link = await given(house, incident)
    assert link["path"] == f"/watch/#{link['token']}"
    session = (await opened(house, link["token"])).json()
    assert session["incident_id"] == incident["id"]
    assert session["given_to"] == "PC 4711, car 12"
    assert session["force_name"] == "Test Police"
    house.tokens["watcher"] = session["session"]["token"]
    shown = await house.taken("GET", f"/incidents/{incident['id']}", role="watcher")
    assert shown["grade"] == "1"
    assert "proposals" not in shown
    records = [recorded async for recorded in house.journal.read(stream=f"incident/{incident['id']}")]
    by_type = {recorded.type: recorded for recorded in records}
    assert by_type["WatchLinkGiven"].actor == "controller-1"
    payload = by_type["WatchLinkGiven"].event.model_dump(mode="json")
    assert (payload["given_to"], payload["reason"]) == ("PC 4711, car 12", "attending")
    assert [recorded.type for recorded in records][-2:] == ["WatchLinkBound", "WatchLinkOpened"]
    assert by_type["WatchLinkBound"].actor == f"watch:{link['link']['id']}"


async def test_neither_the_token_nor_the_devices_key_is_kept_or_shown_again(house: House) -> None:
    incident = await house.incident()
    link = await given(house, incident)
    await opened(house, link["token"])
    rows = [str(dict(row)) for row in await house.journal.read_raw(0, 500)]
    listed = await house.ask("GET", f"/incidents/{incident['id']}/links")
    for text in (*rows, listed.text):
        assert link["token"] not in text
        assert TABLET not in text


async def test_a_watcher_gets_what_the_table_says_of_the_own_incident_and_nothing_of_another(house: House) -> None:
    flight = await house.in_the_air()
    await house.scene.all_report()
    other = await house.in_the_air(key="another", at=(52.42, -1.5))
    incident = await house.taken("GET", f"/incidents/{flight['incident_id']}")
    name = await watcher(house, incident)
    own = {"incident_id": flight["incident_id"], "flight_id": flight["id"]}
    foreign = {"incident_id": other["incident_id"], "flight_id": other["id"]}
    seen = set()
    for (method, template), access in TABLE.items():
        if method == WEBSOCKET or access is PUBLIC:
            continue
        for ids, is_own in ((own, True), (foreign, False)):
            path = template.removeprefix("/api/v1").format_map(defaultdict(lambda: str(flight["id"]), ids))
            answer = await house.ask(method, path, role=name)
            if is_own and Role.WATCH in access:
                assert answer.status_code not in (401, 403, 500), (method, template, answer.text)
                seen.add((method, template))
            else:
                assert answer.status_code == 403, (method, template, answer.status_code)
    assert seen >= {
        ("GET", "/api/v1/incidents/{incident_id}"),
        ("GET", "/api/v1/flights/{flight_id}"),
        ("POST", "/api/v1/incidents/{incident_id}/notes"),
        ("POST", "/api/v1/flights/{flight_id}/views"),
    }


def test_where_a_watcher_may_go_the_path_names_what_it_is_held_against() -> None:
    for (method, template), access in TABLE.items():
        if access is not PUBLIC and Role.WATCH in access and method != WEBSOCKET:
            assert "{incident_id}" in template or "{flight_id}" in template, template


async def test_an_issuers_token_with_the_role_of_a_watcher_is_nobody(house: House) -> None:
    incident = await house.incident()
    house.tokens["pretender"] = house.issuer.token("somebody", "watch")
    answer = await house.ask("GET", f"/incidents/{incident['id']}", role="pretender")
    assert answer.status_code == 403


async def test_a_second_device_is_refused_and_the_control_room_is_told_once(house: House) -> None:
    incident = await house.incident()
    link = await given(house, incident)
    assert (await opened(house, link["token"])).status_code == 200
    for _ in range(3):
        answer = await opened(house, link["token"], OTHER)
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/link-elsewhere"
        assert "ask the control room" in answer.json()["detail"]
    notes = (await house.taken("GET", f"/incidents/{incident['id']}/notes"))["notes"]
    assert [note["origin"] for note in notes] == ["system"]
    assert "PC 4711, car 12" in notes[0]["text"]
    listed = (await house.taken("GET", f"/incidents/{incident['id']}/links"))["links"]
    assert listed[0]["declined_devices"] == 1
    # The one that it belongs to goes on, and is not told.
    house.tokens["watcher"] = (await opened(house, link["token"])).json()["session"]["token"]
    assert (await house.taken("GET", f"/incidents/{incident['id']}/notes", role="watcher"))["notes"] == []


async def test_many_other_devices_do_not_fill_the_journal(house: House) -> None:
    incident = await house.incident()
    link = await given(house, incident)
    await opened(house, link["token"])
    for number in range(DECLINED_KEPT + 4):
        assert (await opened(house, link["token"], f"{number:043}")).status_code == 403
    assert (await types(house, f"incident/{incident['id']}")).count("WatchLinkDeclined") == DECLINED_KEPT


async def test_an_expired_link_opens_nothing_and_says_what_to_do(house: House) -> None:
    incident = await house.incident()
    link = await given(house, incident, lasts_s=120.0)
    session = (await opened(house, link["token"])).json()
    assert session["session"]["expires_wall_time"] == session["link_expires_wall_time"]
    house.tokens["watcher"] = session["session"]["token"]
    await house.clock.advance(119)
    assert (await house.ask("GET", f"/incidents/{incident['id']}", role="watcher")).status_code == 200
    await house.clock.advance(2)
    assert (await house.ask("GET", f"/incidents/{incident['id']}", role="watcher")).status_code == 401
    answer = await opened(house, link["token"])
    assert answer.status_code == 410
    assert answer.json()["type"] == "/problems/link-expired"
    assert "ask the control room" in answer.json()["detail"]


@pytest.mark.parametrize("token", ["x" * 43, "x", "../..", "kw1.abc", "é" * 43])
async def test_a_forged_link_opens_nothing(house: House, token: str) -> None:
    await given(house, await house.incident())
    before = house.journal.last_seq
    answer = await opened(house, token)
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/link-unknown"
    assert house.journal.last_seq == before


@pytest.mark.parametrize("session", ["kw1.", "kw1.eyJhbGciOiJub25lIn0.e30.", "kw1." + "a" * 9000])
async def test_a_forged_session_is_nobody(house: House, session: str) -> None:
    incident = await house.incident()
    house.tokens["forger"] = session
    assert (await house.ask("GET", f"/incidents/{incident['id']}", role="forger")).status_code == 401


async def test_a_withdrawn_link_ends_its_session_at_once(house: House) -> None:
    incident = await house.incident()
    link = await given(house, incident)
    house.tokens["watcher"] = (await opened(house, link["token"])).json()["session"]["token"]
    path = f"/incidents/{incident['id']}/links/{link['link']['id']}"
    withdrawn = await house.taken("DELETE", path)
    assert withdrawn["link"]["revoked_by"] == "controller-1"
    assert (await house.taken("DELETE", path))["link"] == withdrawn["link"]
    for answer in (
        await house.ask("GET", f"/incidents/{incident['id']}", role="watcher"),
        await opened(house, link["token"]),
    ):
        assert answer.status_code == 410
        assert answer.json()["type"] == "/problems/link-revoked"
    assert (await types(house, f"incident/{incident['id']}")).count("WatchLinkRevoked") == 1


async def test_a_session_lasts_some_minutes_and_its_link_opens_another(house: House) -> None:
    incident = await house.incident()
    link = await given(house, incident)
    house.tokens["watcher"] = (await opened(house, link["token"])).json()["session"]["token"]
    await house.clock.advance(601)
    assert (await house.ask("GET", f"/incidents/{incident['id']}", role="watcher")).status_code == 401
    house.tokens["watcher"] = (await opened(house, link["token"])).json()["session"]["token"]
    assert (await house.ask("GET", f"/incidents/{incident['id']}", role="watcher")).status_code == 200
    # It came back within a quarter of an hour: one look, as far as the journal is concerned.
    assert (await types(house, f"incident/{incident['id']}")).count("WatchLinkOpened") == 1
    await house.clock.advance(901)
    await opened(house, link["token"])
    assert (await types(house, f"incident/{incident['id']}")).count("WatchLinkOpened") == 2


async def test_a_link_goes_over_with_its_incident_when_that_becomes_part_of_another(house: House) -> None:
    flight = await house.in_the_air()
    other = await house.incident()
    incident = await house.taken("GET", f"/incidents/{flight['incident_id']}")
    name = await watcher(house, incident)
    await house.taken("POST", f"/incidents/{incident['id']}/notes", role=name, json={"text": "two more cars"})
    await house.taken("POST", f"/incidents/{incident['id']}/merge", json={"into": other["id"]})
    assert (await house.ask("GET", f"/incidents/{incident['id']}", role=name)).status_code == 403
    shown = await house.taken("GET", f"/incidents/{other['id']}", role=name)
    assert [note["text"] for note in shown["notes"]] == ["two more cars"]
    assert (await house.ask("GET", f"/flights/{flight['id']}", role=name)).status_code == 200


async def test_only_an_open_incident_has_new_links_and_not_without_end(house: House) -> None:
    incident = await house.incident()
    for _ in range(MOST_LINKS):
        await given(house, incident)
    body = {"given_to": "one more", "reason": "attending"}
    answer = await house.ask("POST", f"/incidents/{incident['id']}/links", json=body)
    assert answer.status_code == 409
    await house.taken("POST", f"/incidents/{incident['id']}/close", json={"outcome": "done"})
    answer = await house.ask("POST", f"/incidents/{incident['id']}/links", json=body)
    assert answer.json()["type"] == "/problems/incident-not-open"


@pytest.mark.parametrize(
    "changes",
    [{"given_to": ""}, {"given_to": "x" * 121}, {"reason": "because"}, {"lasts_s": 59.0}, {"lasts_s": 43201.0}],
)
async def test_a_link_without_a_name_a_reason_or_an_end_is_not_given(house: House, changes: Json) -> None:
    incident = await house.incident()
    before = house.journal.last_seq
    body = {"given_to": "PC 4711", "reason": "attending"} | changes
    answer = await house.ask("POST", f"/incidents/{incident['id']}/links", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in changes
    assert house.journal.last_seq == before


async def test_a_note_from_the_field_reaches_the_control_room_and_its_answer_comes_back(house: House) -> None:
    incident = await house.incident()
    name = await watcher(house, incident)
    path = f"/incidents/{incident['id']}/notes"
    key = {"Idempotency-Key": "tap-1"}
    first = await house.taken("POST", path, role=name, json={"text": "suspect running north"}, headers=key)
    again = await house.taken("POST", path, role=name, json={"text": "suspect running north"}, headers=key)
    assert first["note"] == again["note"]
    await house.taken("POST", path, role="controller", json={"text": "wait for the dog unit"})
    shown = (await house.taken("GET", f"/incidents/{incident['id']}"))["notes"]
    assert [(note["origin"], note["by"], note["text"]) for note in shown] == [
        ("field", "PC 4711, car 12", "suspect running north"),
        ("control", "controller-1", "wait for the dog unit"),
    ]
    seen = (await house.taken("GET", path, role=name))["notes"]
    assert [note["by"] for note in seen] == ["PC 4711, car 12", "control room"]


async def test_a_page_gone_wrong_does_not_fill_the_journal_with_notes(house: House) -> None:
    incident = await house.incident()
    name = await watcher(house, incident)
    path = f"/incidents/{incident['id']}/notes"
    for number in range(NOTES_AT_ONCE):
        await house.taken("POST", path, role=name, json={"text": f"note {number}"})
    answer = await house.ask("POST", path, role=name, json={"text": "one more"})
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    await house.clock.advance(61)
    await house.taken("POST", path, role=name, json={"text": "one more"})


async def test_whoever_looks_says_why_and_it_is_in_the_journal(house: House) -> None:
    flight = await house.flown(Phase.PREPARING, Phase.LAUNCHING)
    answer = await house.ask("POST", f"/flights/{flight['id']}/views", json={"what": "video"})
    assert answer.status_code == 422
    await house.taken(
        "POST", f"/flights/{flight['id']}/views", role="supervisor", json={"what": "replay", "reason": "complaint"}
    )
    viewed = [
        recorded
        async for recorded in house.journal.read(stream=f"flight/{flight['id']}")
        if recorded.type == "FlightViewed"
    ]
    assert [(each.actor, each.event.model_dump(mode="json")) for each in viewed] == [
        ("supervisor-1", {"flight_id": flight["id"], "what": "replay", "reason": "complaint", "link_id": None})
    ]
