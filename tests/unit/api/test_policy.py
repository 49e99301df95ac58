"""The policy over HTTP: what it says of an incident, launches that wait for an answer, and rules that are set aside."""

from __future__ import annotations

from dispatcher.policy.file import policy_loaded
from tests.policies import document
from tests.unit.api.house import House

INDOORS = {"name": "Indoors", "categories": ["*indoors*"], "because": "nothing to see", "override": ["supervisor"]}


async def under_policy(house: House) -> None:
    await house.desk.record([policy_loaded(document(no_fly=[INDOORS]), source="policy.yaml", lines={"no_fly/0": 33})])


async def test_the_policy_is_shown_as_it_was_journalled_and_in_words(house: House) -> None:
    assert (await house.ask("GET", "/policy")).status_code == 404
    await under_policy(house)
    shown = await house.taken("GET", "/policy", role="supervisor")
    assert shown["policy"]["no_fly"][0]["name"] == "Indoors"
    assert any("Indoors" in line and "[line 33]" in line for line in shown["words"])
    assert shown["digest"] == policy_loaded(document(no_fly=[INDOORS])).digest
    assert (await house.ask("GET", "/policy", role="officer")).status_code == 403


async def test_a_launch_that_waits_is_listed_with_its_deadline_and_what_happens_then(house: House) -> None:
    await under_policy(house)
    incident = await house.incident(grade="1")
    assert incident["policy"]["launch"] == "by_itself"
    await house.desk.look_after_launches()
    (proposal,) = (await house.taken("GET", "/proposals", role="pilot"))["proposals"]
    assert (proposal["kind"], proposal["flight_id"], proposal["incident_id"]) == ("launch", None, incident["id"])
    assert (proposal["launch"]["dock_id"], proposal["launch"]["unanswered"]) == ("cov-1", "launched")
    assert proposal["launch"]["answer_by"] > proposal["proposed_at"]
    shown = await house.taken("GET", f"/incidents/{incident['id']}")
    assert shown["proposals"] == [proposal]
    assert (await house.ask("POST", f"/proposals/{proposal['id']}/dismiss", role="officer")).status_code == 403
    dismissed = await house.taken("POST", f"/proposals/{proposal['id']}/dismiss", role="pilot")
    assert dismissed["status"] == "dismissed"
    assert (await house.taken("GET", "/proposals"))["proposals"] == []
    assert len((await house.taken("GET", "/proposals?status=dismissed"))["proposals"]) == 1


async def test_an_accepted_launch_is_a_flight(house: House) -> None:
    await under_policy(house)
    incident = await house.incident(grade="2")
    await house.desk.look_after_launches()
    (proposal,) = (await house.taken("GET", "/proposals"))["proposals"]
    assert (await house.taken("POST", f"/proposals/{proposal['id']}/accept"))["status"] == "accepted"
    (flight,) = (await house.taken("GET", "/flights"))["flights"]
    assert (flight["incident_id"], flight["ordered_by"]) == (incident["id"], "controller-1")


async def test_a_press_that_the_policy_forbids_names_the_rule_and_who_may_set_it_aside(house: House) -> None:
    await under_policy(house)
    incident = await house.incident(category="crisis indoors")
    refused = await house.dispatch(incident)
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["type"].endswith("policy-forbids")
    assert problem["rules"] == [
        {"rule": "Indoors", "line": 33, "text": "Indoors: nothing to see", "override": ["supervisor"]}
    ]
    path, note = f"/incidents/{incident['id']}/override", {"note": "he is on the roof now"}
    mine = await house.ask("POST", path, json=note)
    assert mine.status_code == 403
    assert "Indoors may be overridden by supervisor" in mine.json()["detail"]
    assert (await house.ask("POST", path, json={"note": ""}, role="supervisor")).status_code == 422
    shown = await house.taken("POST", path, json=note, role="supervisor")
    assert [rule["overridden"] for rule in shown["policy"]["rules"]] == [False, True]
    assert (await house.dispatch(incident, key="press-2")).status_code == 201


async def test_an_officer_sees_nothing_of_the_policy_on_an_incident(house: House) -> None:
    await under_policy(house)
    incident = await house.incident()
    shown = await house.taken("GET", f"/incidents/{incident['id']}", role="officer")
    assert "policy" not in shown
    assert "proposals" not in shown


async def test_an_incident_tells_its_grades_place_in_the_policy_whatever_the_feed_calls_it(house: House) -> None:
    assert (await house.incident(grade="1"))["grade_rank"] is None, "nothing has judged it"
    await under_policy(house)
    words = ("Scheduled", "Advice", "priority", "2", "Immediate", "1", "a word of its own")
    ranks = [(await house.incident(grade=grade))["grade_rank"] for grade in words]
    assert ranks == [2, 3, 1, 1, 0, 0, 1]
