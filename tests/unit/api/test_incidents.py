"""Incidents over HTTP: taken in once, ranked at once, and impossible ones refused by the name of the field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.vocabulary import DockState
from dispatcher.presentation import instant
from tests.unit.api.house import House, Json


async def test_a_new_incident_is_answered_with_every_dock_ranked(house: House) -> None:
    await house.scene.status("cov-2", state=DockState.FAULT)
    answer = await house.ask("POST", "/incidents", json=house.report(summary="two men", watch_s=120.0))
    assert answer.status_code == 201
    shown = answer.json()
    assert shown["deployment"] == "simulation"
    assert answer.headers["kestrel-deployment"] == "simulation"
    assert UUID(shown["id"]).version == 7
    assert (shown["status"], shown["revision"], shown["flight_id"]) == ("open", 1, None)
    assert shown["best"] == "cov-1"
    options = {option["dock_id"]: option for option in shown["options"]}
    assert set(options) == {"cov-1", "cov-2", "cov-3"}
    assert options["cov-1"]["rank"] == 1
    assert options["cov-1"]["watch_s"] == 120.0
    assert not options["cov-2"]["eligible"]
    assert options["cov-2"]["reasons"][0]["code"] == "dock_fault"
    assert options["cov-2"]["reasons"][0]["text"]
    assert shown["reported_at"] == shown["received_at"] == instant(house.clock.mission_now())


async def test_the_same_report_again_is_the_same_incident_and_decision(house: House) -> None:
    body = house.report()
    first = await house.ask("POST", "/incidents", json=body)
    before = await house.seq()
    second = await house.ask("POST", "/incidents", json=body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert await house.seq() == before, "nothing new to record"


async def test_the_same_reference_with_other_content_is_refused_with_the_difference(house: House) -> None:
    body = house.report()
    known = await house.taken("POST", "/incidents", json=body)
    answer = await house.ask("POST", "/incidents", json=body | {"category": "fire"})
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["type"] == "/problems/reference-conflict"
    assert problem["difference"] == {"category": {"known": "robbery", "sent": "fire"}}
    assert problem["incident_id"] == known["id"]


IMPOSSIBLE: list[tuple[Json, str]] = [
    ({"place": {"lat_deg": 137.0, "lon_deg": 0.0}}, "/place/lat_deg"),
    ({"place": {"lat_deg": -90.1, "lon_deg": 0.0}}, "/place/lat_deg"),
    ({"place": {"lat_deg": 52.4, "lon_deg": 181.0}}, "/place/lon_deg"),
    ({"place": {"lat_deg": "52.4", "lon_deg": 0.0}}, "/place/lat_deg"),
    ({"place": {"lat_deg": True, "lon_deg": 0.0}}, "/place/lat_deg"),
    ({"place": {"lat_deg": None, "lon_deg": 0.0}}, "/place/lat_deg"),
    ({"place": {"lat_deg": [52.4], "lon_deg": 0.0}}, "/place/lat_deg"),
    ({"place": {"lat_deg": 52.4}}, "/place/lon_deg"),
    ({"place": {"lat_deg": 52.4, "lon_deg": 0.0, "radius_m": -1.0}}, "/place/radius_m"),
    ({"place": {"lat_deg": 52.4, "lon_deg": 0.0, "radius_m": 20_001.0}}, "/place/radius_m"),
    ({"place": {"lat_deg": 52.4, "lon_deg": 0.0, "alt_m": 3.0}}, "/place/alt_m"),
    ({"place": "here"}, "/place"),
    ({"place": None}, "/place"),
    ({"source": ""}, "/source"),
    ({"source": " \t"}, "/source"),
    ({"source": 7}, "/source"),
    ({"source": "x" * 121}, "/source"),
    ({"reference": "a\x00b"}, "/reference"),
    ({"grade": None}, "/grade"),
    ({"category": ["fire"]}, "/category"),
    ({"summary": "x" * 4001}, "/summary"),
    ({"address": "x" * 201}, "/address"),
    ({"address": "14 High Street\nCoventry"}, "/address"),
    ({"address": "14\tHigh Street"}, "/address"),
    ({"address": None}, "/address"),
    ({"watch_s": "300"}, "/watch_s"),
    ({"watch_s": -1.0}, "/watch_s"),
    ({"watch_s": 7201.0}, "/watch_s"),
    ({"watch_s": False}, "/watch_s"),
    ({"reported_at": "yesterday"}, "/reported_at"),
    ({"reported_at": "2026-01-01"}, "/reported_at"),
    ({"reported_at": "2026-01-01T00:00:00"}, "/reported_at"),
    ({"reported_at": 1767225600}, "/reported_at"),
    ({"reported_at": "1767225600"}, "/reported_at"),
    ({"reported_at": "2026-02-30T00:00:00Z"}, "/reported_at"),
    ({"reported_at": "2027-01-01T00:00:00Z"}, "/reported_at"),
    ({"reported_at": "2025-12-24T23:59:59Z"}, "/reported_at"),
    ({"reported_at": "0001-01-01T00:00:00+14:00"}, "/reported_at"),
    ({"reported_at": "9999-12-31T23:59:59-14:00"}, "/reported_at"),
    ({"revision": 3}, "/revision"),
    ({"a/b~c": 1}, "/a~1b~0c"),
]


@pytest.mark.parametrize(("changes", "pointer"), IMPOSSIBLE)
async def test_an_impossible_incident_is_refused_by_the_name_of_the_field(
    house: House, changes: Json, pointer: str
) -> None:
    before = await house.seq()
    answer = await house.ask("POST", "/incidents", json=house.report(**changes))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert problem["deployment"] == "simulation"
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert all(fault["detail"] for fault in problem["errors"])
    assert await house.seq() == before
    assert not house.desk.state.incidents


@pytest.mark.parametrize("missing", ["source", "reference", "grade", "category", "place"])
async def test_what_must_be_there_is_named_when_it_is_not(house: House, missing: str) -> None:
    body = {name: value for name, value in house.report().items() if name != missing}
    problem = (await house.ask("POST", "/incidents", json=body)).json()
    assert problem["errors"] == [{"pointer": f"/{missing}", "field": missing, "detail": "is missing: give it"}]


async def test_all_faults_are_told_at_once(house: House) -> None:
    answer = await house.ask("POST", "/incidents", json={"place": {"lat_deg": 137.0, "lon_deg": "1"}, "watch_s": "x"})
    pointers = {fault["pointer"] for fault in answer.json()["errors"]}
    assert pointers >= {"/place/lat_deg", "/place/lon_deg", "/watch_s", "/source", "/reference", "/grade", "/category"}


@pytest.mark.parametrize("ahead_s", [299, -7 * 24 * 3600 + 1])
async def test_a_time_within_the_bounds_is_taken_as_it_is(house: House, ahead_s: int) -> None:
    moment = instant(house.clock.mission_now() + timedelta(seconds=ahead_s))
    assert (await house.incident(reported_at=moment))["reported_at"] == moment


async def test_an_amendment_changes_the_named_fields_and_counts_up(house: House) -> None:
    incident = await house.incident()
    path = f"/incidents/{incident['id']}"
    amended = await house.taken("PATCH", path, json={"grade": "3", "revision": 1})
    assert (amended["grade"], amended["category"], amended["revision"]) == ("3", "robbery", 2)
    stale = await house.ask("PATCH", path, json={"grade": "4", "revision": 1})
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/stale-screen")
    assert stale.json()["difference"] == {"revision": {"shown": 1, "now": 2}}
    same = await house.taken("PATCH", path, json={"grade": "3"})
    assert same["revision"] == 2, "nothing changed"


async def test_an_address_is_shown_as_it_was_said_and_never_stands_beside_another_place(house: House) -> None:
    incident = await house.incident(address=" 14 <b>High</b> Street, Coventry ")
    assert incident["address"] == "14 <b>High</b> Street, Coventry"
    path, elsewhere = f"/incidents/{incident['id']}", {"lat_deg": 52.42, "lon_deg": -1.49}
    seen = await house.taken("GET", path, role="officer")
    assert seen["address"] == incident["address"]
    corrected = await house.taken("PATCH", path, json={"address": "16 High Street"})
    assert (corrected["address"], corrected["revision"]) == ("16 High Street", 2)
    moved = await house.taken("PATCH", path, json={"place": elsewhere})
    assert moved["address"] == ""
    named = await house.taken(
        "PATCH", path, json={"place": {"lat_deg": 52.43, "lon_deg": -1.5}, "address": "1 Mill Lane"}
    )
    assert named["address"] == "1 Mill Lane"
    same_place = await house.taken("PATCH", path, json={"place": {"lat_deg": 52.43, "lon_deg": -1.5}, "grade": "3"})
    assert same_place["address"] == "1 Mill Lane", "the place is what it was"


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [("close", {"outcome": "false alarm"}, "closed"), ("decline", {"reason": "indoors"}, "declined")],
)
async def test_an_incident_ends_once(house: House, action: str, body: Json, status: str) -> None:
    incident = await house.incident()
    path = f"/incidents/{incident['id']}"
    assert (await house.taken("POST", f"{path}/{action}", json=body))["status"] == status
    again = await house.ask("POST", f"{path}/{action}", json=body)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/incident-not-open")
    assert (await house.ask("POST", f"{path}/{action}", json={})).status_code == 422
    reread = await house.taken("GET", path, role="supervisor")
    assert (reread["outcome"], reread["decline_reason"]) == (body.get("outcome"), body.get("reason"))
    repeated = await house.ask("POST", "/incidents", json=house.report() | {"reference": incident["reference"]})
    assert repeated.status_code == 200
    assert "options" not in repeated.json(), "nothing is ranked for what is over"


async def test_a_merge_answers_the_incident_that_goes_on(house: House) -> None:
    one, other = await house.incident(), await house.incident()
    merged = await house.taken("POST", f"/incidents/{one['id']}/merge", json={"into": other["id"]})
    assert merged["id"] == other["id"]
    assert (await house.taken("GET", f"/incidents/{one['id']}"))["merged_into"] == other["id"]
    itself = await house.ask("POST", f"/incidents/{other['id']}/merge", json={"into": other["id"]})
    assert (itself.status_code, itself.json()["errors"][0]["pointer"]) == (422, "/into")
    nowhere = await house.ask("POST", f"/incidents/{other['id']}/merge", json={"into": str(UUID(int=5))})
    assert nowhere.status_code == 404


async def test_each_look_at_the_options_is_a_decision_on_the_record(house: House) -> None:
    incident = await house.incident()
    before = await house.seq()
    decisions = [await house.taken("GET", f"/incidents/{incident['id']}/options") for _ in range(2)]
    assert decisions[0]["decision_id"] != decisions[1]["decision_id"]
    assert await house.seq() == before + 2


@pytest.mark.parametrize("wrong", ["nothing", str(UUID(int=9)), "%00", "{incident_id}", "0" * 32, "💥"])
async def test_an_unknown_id_is_not_found(house: House, wrong: str) -> None:
    for method, tail, body in (("GET", "", None), ("GET", "/options", None), ("POST", "/close", {"outcome": "x"})):
        answer = await house.ask(method, f"/incidents/{wrong}{tail}", json=body)
        assert answer.status_code == 404, (wrong, tail, answer.text)
        assert answer.json()["type"] == "/problems/not-found"


async def test_pages_hold_every_incident_once_the_newest_first(house: House) -> None:
    ids = []
    for _ in range(7):
        await house.clock.advance(1)
        ids.append((await house.incident())["id"])
    await house.taken("POST", f"/incidents/{ids[2]}/close", json={"outcome": "x"})
    seen: list[str] = []
    after: dict[str, Any] = {}
    while True:
        page = await house.taken("GET", "/incidents", params={"limit": 3, **after})
        seen += [incident["id"] for incident in page["incidents"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == ids[::-1]
    still_open = await house.taken("GET", "/incidents", params={"status": "open"})
    assert [incident["id"] for incident in still_open["incidents"]] == [one for one in ids[::-1] if one != ids[2]]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "status=gone", "after=here", "after=" + "x" * 40])
async def test_a_wrong_question_names_its_parameter(house: House, query: str) -> None:
    answer = await house.ask("GET", f"/incidents?{query}")
    assert answer.status_code == 422
    assert query.split("=")[0] in answer.json()["detail"]


async def test_an_officer_sees_the_occurrence_but_not_what_the_control_room_thinks(house: House) -> None:
    incident = await house.incident()
    seen = await house.taken("GET", f"/incidents/{incident['id']}", role="officer")
    assert seen["place"] == incident["place"]
    assert not {"proposals", "decline_reason", "options"} & seen.keys()
