"""EIDO over HTTP: taken in like any other incident, and refused with the pointers."""

from __future__ import annotations

from tests.unit.api.house import House
from tests.unit.feeds.eido_documents import full


async def test_an_eido_document_is_an_incident_with_options_and_taken_once(house: House) -> None:
    first = await house.ask("POST", "/incidents/eido", json=full())
    assert first.status_code == 201, first.text
    shown = first.json()
    assert (shown["source"], shown["category"], shown["grade"]) == ("idx.example.org", "Traffic Collision", "1")
    assert shown["best"] == "cov-1"
    again = await house.ask("POST", "/incidents/eido", json=full())
    assert (again.status_code, again.json()["id"]) == (200, shown["id"])
    assert (await house.dispatch(shown)).status_code == 201


async def test_a_document_that_lacks_something_changes_nothing(house: House) -> None:
    before = await house.seq()
    document = full()
    del document["agencyComponent"][0]["agencyType"]
    del document["incidentComponent"]
    answer = await house.ask("POST", "/incidents/eido", json=document)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [
        "/agencyComponent/0/agencyType",
        "/incidentComponent",
    ]
    assert await house.seq() == before


async def test_a_call_of_the_future_is_refused(house: House) -> None:
    document = full()
    document["callComponent"][0]["callStartTimestamp"] = "2027-01-01T00:00:00Z"
    answer = await house.ask("POST", "/incidents/eido", json=document)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/callComponent/0/callStartTimestamp"
