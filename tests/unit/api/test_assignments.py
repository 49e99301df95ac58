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
