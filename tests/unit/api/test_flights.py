"""The press, the flight, its record and its track over HTTP."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from contracts.reports import CommandSettled, FlightFlown, TrackPoint, TrackRecorded
from contracts.vocabulary import DockState, Outcome, Phase
from tests.unit.api.house import House, Json

OUT = (Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
HOME = (Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)


async def test_one_press_is_one_flight_however_often_it_arrives(house: House) -> None:
    incident = await house.incident()
    answers = await asyncio.gather(*(house.dispatch(incident) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    flights = [answer.json() for answer in answers]
    assert {flight["id"] for flight in flights} == {flights[0]["id"]}
    flight = flights[0]
    assert flight["deployment"] == "simulation"
    assert (flight["dock_id"], flight["pilot"], flight["ordered_by"]) == ("cov-1", "pilot-1", "controller-1")
    assert (flight["phase"], flight["order"]["state"], flight["ended"]) == ("ordered", "sent", False)
    assert flight["promised"]["time_to_scene_s"] == incident["options"][0]["time_to_scene_s"]
    assert (await house.taken("GET", f"/incidents/{incident['id']}"))["flight_id"] == flight["id"]
    order = house.desk.state.flights[UUID(flight["id"])].order
    assert flight["plan"]["way_out"] == [point.model_dump() for point in order.route_out]
    assert flight["plan"]["way_home"] == [point.model_dump() for point in order.route_home]


async def test_a_press_without_a_key_is_refused(house: House) -> None:
    incident = await house.incident()
    path = f"/incidents/{incident['id']}/dispatch"
    for headers in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "x" * 201}):
        answer = await house.ask("POST", path, json=house.press(incident), headers=headers)
        assert answer.status_code == 400, headers
        assert answer.json()["type"] == "/problems/idempotency-key"
    assert not house.desk.state.flights


async def test_a_key_of_another_incident_is_refused(house: House) -> None:
    one, other = await house.incident(), await house.incident()
    await house.dispatch(one, key="k")
    answer = await house.dispatch(other, key="k")
    assert answer.status_code == 422
    assert "another incident" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"purpose": ""}, "/purpose"),
        ({"purpose": "x" * 401}, "/purpose"),
        ({"decision_id": "none"}, "/decision_id"),
        ({"decision_id": 3}, "/decision_id"),
        ({"incident_revision": "1"}, "/incident_revision"),
        ({"incident_revision": 1.5}, "/incident_revision"),
        ({"incident_revision": 0}, "/incident_revision"),
        ({"dock_id": 1}, "/dock_id"),
        ({"speed": 1}, "/speed"),
    ],
)
async def test_a_wrong_press_names_its_field(house: House, changes: Json, pointer: str) -> None:
    answer = await house.dispatch(await house.incident(), **changes)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_what_has_changed_since_it_was_shown_is_told(house: House) -> None:
    incident = await house.incident()
    place = {"lat_deg": 52.42, "lon_deg": -1.50}
    await house.taken("PATCH", f"/incidents/{incident['id']}", json={"place": place, "grade": "9"})
    answer = await house.dispatch(incident)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/stale-screen")
    difference = answer.json()["difference"]
    assert difference["grade"] == {"shown": "1", "now": "9"}
    assert difference["place"]["now"]["lat_deg"] == 52.42


async def test_no_dock_is_refused_with_every_docks_reasons(house: House) -> None:
    for dock_id in ("cov-1", "cov-2", "cov-3"):
        await house.scene.status(dock_id, state=DockState.FAULT)
    answer = await house.dispatch(await house.incident())
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-eligible-dock")
    assert set(answer.json()["reasons"]) == {"cov-1", "cov-2", "cov-3"}
    assert all(reasons[0]["text"] for reasons in answer.json()["reasons"].values())


async def test_a_named_dock_goes_or_is_refused_never_replaced(house: House) -> None:
    await house.scene.status("cov-2", state=DockState.FAULT)
    incident = await house.incident()
    refused = await house.dispatch(incident, dock_id="cov-2")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/dock-not-eligible")
    assert (await house.dispatch(incident, dock_id="cov-9")).status_code == 404
    taken = await house.dispatch(incident, dock_id="cov-3")
    assert (taken.status_code, taken.json()["dock_id"]) == (201, "cov-3")


async def test_a_second_press_on_the_same_incident_names_the_flight_that_is_out(house: House) -> None:
    incident = await house.incident()
    flight = (await house.dispatch(incident, key="one")).json()
    answer = await house.dispatch(incident, key="two")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-dispatched")
    assert answer.json()["flight_id"] == flight["id"]


async def test_a_pilot_who_is_asked_first_accepts_and_nobody_else_can(house: House) -> None:
    await house.taken("POST", "/duty", role="pilot", json={"action": "sign_on", "accepts": "ask"})
    flight = (await house.dispatch(await house.incident())).json()
    assert flight["order"]["state"] == "waiting_for_pilot"
    path = f"/flights/{flight['id']}/accept"
    house.tokens["other"] = house.issuer.token("pilot-2", "pilot")
    other = await house.ask("POST", path, role="other")
    assert (other.status_code, other.json()["type"]) == (403, "/problems/forbidden")
    assert flight["acceptance"] is None
    accepted = await house.taken("POST", path, role="pilot")
    assert accepted["order"]["state"] == "sent"
    assert (accepted["acceptance"]["by"], accepted["acceptance"]["beforehand"]) == ("pilot-1", False)
    assert (await house.taken("POST", path, role="pilot"))["order"] == accepted["order"], "twice is once"


@pytest.mark.parametrize("action", ["return", "cancel"])
@pytest.mark.parametrize("role", ["controller", "pilot"])
async def test_a_flight_is_called_home_at_any_time_and_twice_is_once(house: House, action: str, role: str) -> None:
    flight = await house.flown(*OUT)
    path = f"/flights/{flight['id']}/{action}"
    first = await house.ask("POST", path, role=role)
    assert first.status_code == 202
    command = first.json()["command"]
    assert (command["action"], command["outcome"], command["actor"]) == (action, "pending", f"{role}-1")
    again = await house.ask("POST", path, role=role, json={"because": "smoke"}, headers={"Idempotency-Key": "k"})
    assert again.json()["command"]["id"] == command["id"]
    await house.scene.says(
        flight["dock_id"],
        CommandSettled(order_id=UUID(command["id"]), flight_id=UUID(flight["id"]), outcome=Outcome.CONFIRMED),
    )
    settled = await house.taken("GET", f"/flights/{flight['id']}")
    assert [given["outcome"] for given in settled["commands"]] == ["confirmed"]


async def test_a_flight_that_has_ended_takes_no_command(house: House) -> None:
    flight = await house.flown(*OUT, *HOME)
    answer = await house.ask("POST", f"/flights/{flight['id']}/return")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/flight-ended")


async def test_a_close_proposes_the_return_and_accepting_it_gives_the_command(house: House) -> None:
    flight = await house.flown(*OUT)
    closed = await house.taken("POST", f"/incidents/{flight['incident_id']}/close", json={"outcome": "over"})
    proposal = closed["proposals"][0]
    assert (proposal["kind"], proposal["status"]) == ("return", "open")
    assert not (await house.taken("GET", f"/flights/{flight['id']}"))["commands"], "a proposal is not an act"
    accepted = await house.taken("POST", f"/proposals/{proposal['id']}/accept")
    assert accepted["status"] == "accepted"
    commands = (await house.taken("GET", f"/flights/{flight['id']}"))["commands"]
    assert [(command["action"], command["actor"]) for command in commands] == [("return", "controller-1")]
    again = await house.ask("POST", f"/proposals/{proposal['id']}/dismiss")
    assert again.status_code == 409
    assert (await house.ask("POST", f"/proposals/{UUID(int=3)}/accept")).status_code == 404


async def test_the_record_holds_what_was_promised_and_what_was_flown(house: House) -> None:
    flight = await house.flown(*OUT, *HOME)
    fact = FlightFlown(
        flight_id=UUID(flight["id"]),
        time_to_airborne_s=9.1,
        time_to_scene_s=88.0,
        on_scene_s=300.0,
        battery_on_return_percent=61.0,
        distance_m=2000.0,
        whole_distance_m=4100.0,
    )
    await house.scene.says(flight["dock_id"], fact)
    record = await house.taken("GET", f"/flights/{flight['id']}", role="supervisor")
    assert [entry["phase"] for entry in record["phases"]] == ["ordered", *OUT, *HOME]
    assert record["flown"]["time_to_scene_s"] == 88.0
    assert set(record["flown"]) == {*record["promised"], "whole_distance_m"}
    assert record["ended"]


async def test_the_track_is_geojson_in_the_order_of_time_with_a_point_for_each_phase(house: House) -> None:
    flight = await house.flown(*OUT)
    began = house.clock.mission_now()

    def point(seconds: float, lat: float) -> TrackPoint:
        return TrackPoint(
            t=began + timedelta(seconds=seconds), lat_deg=lat, lon_deg=-1.5, alt_amsl_m=150.0, alt_above_home_m=60.0
        )

    for points in ([point(5, 52.41), point(6, 52.42)], [point(1, 52.40), point(5, 52.41)]):
        await house.scene.says(flight["dock_id"], TrackRecorded(flight_id=UUID(flight["id"]), points=points))
    answer = await house.ask("GET", f"/flights/{flight['id']}/track", role="officer")
    assert answer.headers["content-type"] == "application/geo+json"
    track = answer.json()
    assert (track["type"], track["deployment"]) == ("FeatureCollection", "simulation")
    line, *phases = track["features"]
    assert line["geometry"] == {
        "type": "LineString",
        "coordinates": [[-1.5, 52.40, 150.0], [-1.5, 52.41, 150.0], [-1.5, 52.42, 150.0]],
    }
    assert len(line["properties"]["times"]) == 3
    assert line["properties"]["times"] == sorted(line["properties"]["times"])
    assert [phase["properties"]["phase"] for phase in phases] == ["ordered", *OUT]
    assert all(phase["geometry"]["coordinates"] == [-1.5, 52.40, 150.0] for phase in phases), "the nearest sample"


async def test_a_flight_without_a_track_has_none(house: House) -> None:
    flight = (await house.dispatch(await house.incident())).json()
    track = await house.taken("GET", f"/flights/{flight['id']}/track")
    assert [feature["geometry"] for feature in track["features"]] == [None, None]


async def test_active_flights_are_listed_apart_from_ended_ones(house: House) -> None:
    ended = await house.flown(*OUT, *HOME)
    await house.scene.all_report()
    active = (await house.dispatch(await house.incident(), key="second")).json()

    async def ids(query: str) -> list[str]:
        return [flight["id"] for flight in (await house.taken("GET", f"/flights{query}"))["flights"]]

    assert await ids("") == [active["id"], ended["id"]]
    assert await ids("?active=true") == [active["id"]]
    assert await ids("?active=false") == [ended["id"]]
    assert await ids(f"?after={active['id']}") == [ended["id"]]


async def test_an_officer_sees_the_flight_but_not_who_commands_it(house: House) -> None:
    flight = await house.flown(*OUT)
    await house.ask("POST", f"/flights/{flight['id']}/return")
    seen = await house.taken("GET", f"/flights/{flight['id']}", role="officer")
    assert (seen["phase"], seen["promised"]) == ("en_route", flight["promised"])
    assert not {"pilot", "commands", "order", "ordered_by", "decision_id", "dock_id"} & seen.keys()


async def test_the_decision_on_which_a_flight_was_sent_is_told_as_it_was_shown(house: House) -> None:
    shown = await house.incident()
    flight = (await house.dispatch(shown)).json()
    told = await house.taken("GET", f"/flights/{flight['id']}/decision", role="supervisor")
    assert told["decision_id"] == flight["decision_id"]
    assert [option["dock_id"] for option in told["options"]] == [option["dock_id"] for option in shown["options"]]
    assert told["options"][0].keys() == shown["options"][0].keys()
    assert (await house.ask("GET", f"/flights/{flight['id']}/decision", role="officer")).status_code == 403


async def test_the_decision_of_a_flight_is_found_though_its_incident_was_merged(house: House) -> None:
    shown, kept = await house.incident(), await house.incident()
    flight = (await house.dispatch(shown)).json()
    await house.taken("POST", f"/incidents/{shown['id']}/merge", json={"into": kept["id"]})
    told = await house.taken("GET", f"/flights/{flight['id']}/decision")
    assert told["decision_id"] == flight["decision_id"]
