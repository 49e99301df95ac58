"""The plan for many incidents over HTTP: docks and drones in the air compete, and nothing is sent by looking."""

from __future__ import annotations

from uuid import UUID

from contracts.vocabulary import DockState, Phase
from tests.unit.api.house import House


async def test_every_incident_without_a_drone_is_in_the_plan_the_gravest_first(house: House) -> None:
    lesser = await house.incident(grade="4")
    graver = await house.incident(grade="1", place={"lat_deg": 52.411, "lon_deg": -1.511})
    before = await house.seq()
    shown = await house.taken("GET", "/assignments")
    assert [each["incident_id"] for each in shown["assignments"]] == [graver["id"], lesser["id"]]
    first, second = shown["assignments"]
    assert (first["kind"], first["dock_id"], first["grade"]) == ("dock", graver["best"], "Immediate")
    assert second["dock_id"] not in (None, first["dock_id"]), "one drone is not planned twice"
    assert first["because"]
    assert second["because"]
    assert await house.seq() == before, "a plan is no act"


async def test_what_has_a_drone_is_not_in_the_plan(house: House) -> None:
    await house.in_the_air()
    assert (await house.taken("GET", "/assignments"))["assignments"] == []


async def test_a_drone_on_a_lesser_call_is_planned_for_a_graver_one_near_it(house: House) -> None:
    lesser = await house.taken("POST", "/incidents", json=house.report(grade="4"))
    answer = await house.dispatch(lesser)
    flight_id = UUID(answer.json()["id"])
    flight = house.desk.state.flights[flight_id]
    await house.scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
    house.seen(flight_id, (52.4095, -1.5105))
    for dock_id in ("cov-2", "cov-3"):
        if dock_id != flight.dock_id:
            await house.scene.status(dock_id, state=DockState.FAULT)
    graver = await house.incident(grade="1", place={"lat_deg": 52.4105, "lon_deg": -1.5085})
    options = await house.taken("GET", f"/incidents/{graver['id']}/options")
    (turn,) = options["flights"]
    assert (turn["flight_id"], turn["serves_incident_id"]) == (str(flight_id), lesser["id"])
    assert turn["eligible"], turn["reasons"]
    assert 0 < turn["time_to_scene_s"] < 60
    assert turn["others_s"] is None, "nobody else could go to the lesser call"
    (planned,) = (await house.taken("GET", "/assignments"))["assignments"]
    assert (planned["incident_id"], planned["kind"]) == (graver["id"], "diversion")
    assert planned["flight"]["flight_id"] == str(flight_id)
    assert "pilot-1 must accept" in planned["because"]
    assert house.desk.state.flights[flight_id].incident_id == UUID(lesser["id"]), "nobody has moved it"


async def test_a_flight_whose_place_is_not_known_is_shown_with_the_reason(house: House) -> None:
    await house.in_the_air()
    await house.clock.advance(60)
    for dock_id in ("cov-1", "cov-2", "cov-3"):
        await house.scene.status(dock_id)
    other = await house.incident(place={"lat_deg": 52.4105, "lon_deg": -1.5085})
    (turn,) = (await house.taken("GET", f"/incidents/{other['id']}/options"))["flights"]
    assert not turn["eligible"]
    assert "s old" in turn["reasons"][0]


async def test_officers_are_not_shown_the_plan(house: House) -> None:
    assert (await house.ask("GET", "/assignments", role="officer")).status_code == 403


async def test_a_turn_is_shown_accepted_by_its_pilot_alone_counted_down_and_cancelled(house: House) -> None:
    lesser = await house.taken("POST", "/incidents", json=house.report(grade="4"))
    flight_id = UUID((await house.dispatch(lesser)).json()["id"])
    flight = house.desk.state.flights[flight_id]
    await house.scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
    house.seen(flight_id, (52.4095, -1.5105))
    for dock_id in ("cov-2", "cov-3"):
        await house.scene.status(dock_id, state=DockState.FAULT)
    await house.taken(
        "POST", f"/incidents/{lesser['id']}/links", json={"given_to": "PC 4711", "reason": "attending", "lasts_s": 600}
    )
    graver = await house.incident(grade="1", place={"lat_deg": 52.4105, "lon_deg": -1.5085})
    await house.desk.look_after_turns()
    (proposal,) = (await house.taken("GET", "/proposals"))["proposals"]
    assert (proposal["kind"], proposal["incident_id"], proposal["turn"]["told"]) == ("turn", graver["id"], ["PC 4711"])
    path = f"/proposals/{proposal['id']}"
    early = await house.ask("POST", f"{path}/cancel", role="pilot")
    assert (early.status_code, "no countdown is running" in early.json()["detail"]) == (409, True)
    refused = await house.ask("POST", f"{path}/accept")
    assert (refused.status_code, "pilot-1 is in command of K1" in refused.json()["detail"]) == (403, True)
    counting = await house.taken("POST", f"{path}/accept", role="pilot")
    assert (counting["status"], counting["turn"]["accepted_by"]) == ("countdown", "pilot-1")
    listed = (await house.taken("GET", "/proposals?status=countdown"))["proposals"]
    assert [each["id"] for each in listed] == [proposal["id"]]
    shown = await house.taken("GET", f"/flights/{flight_id}", role="officer")
    assert shown["leaving"] == {"at": counting["turn"]["turns_at"]}
    assert "turns" not in shown, "where it goes is not the field's business"
    again = await house.ask("POST", f"{path}/dismiss")
    assert (again.status_code, "cancel it to stop it" in again.json()["detail"]) == (409, True)
    assert (await house.ask("POST", f"{path}/cancel", role="officer")).status_code == 403
    cancelled = await house.taken("POST", f"{path}/cancel", json={"because": "they are at the door"})
    assert cancelled["status"] == "cancelled"
    assert (await house.taken("GET", f"/flights/{flight_id}"))["leaving"] is None


async def test_after_a_turn_the_link_of_the_call_that_was_left_opens_the_flight_no_more(house: House) -> None:
    lesser = await house.taken("POST", "/incidents", json=house.report(grade="4"))
    flight_id = UUID((await house.dispatch(lesser)).json()["id"])
    await house.scene.fly(house.desk.state.flights[flight_id], Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
    house.seen(flight_id, (52.4095, -1.5105))
    for dock_id in ("cov-2", "cov-3"):
        await house.scene.status(dock_id, state=DockState.FAULT)
    await house.incident(grade="1", place={"lat_deg": 52.4105, "lon_deg": -1.5085})
    await house.desk.look_after_turns()
    (proposal,) = (await house.taken("GET", "/proposals"))["proposals"]
    await house.taken("POST", f"/proposals/{proposal['id']}/accept", role="pilot")
    given = await house.taken(
        "POST", f"/incidents/{lesser['id']}/links", json={"given_to": "PC 4711", "reason": "attending", "lasts_s": 600}
    )
    opened = await house.taken("POST", "/watch", json={"token": given["token"], "device_key": "x" * 40}, role=None)
    house.tokens["link"] = opened["session"]["token"]
    assert (await house.ask("GET", f"/incidents/{lesser['id']}", role="link")).status_code == 200
    assert (await house.ask("GET", f"/flights/{flight_id}", role="link")).status_code == 403
    decision = await house.taken("GET", f"/flights/{flight_id}/decision")
    assert decision["incident_id"] == lesser["id"], "it was sent for that one"
    track = await house.taken("GET", f"/flights/{flight_id}/track")
    assert [each["properties"]["kind"] for each in track["features"]].count("turn") == 1
    kml = await house.ask("GET", f"/flights/{flight_id}/export?format=kml&reason=investigating", role="supervisor")
    assert kml.text.count(", grade ") == 2, "the export has both calls"
