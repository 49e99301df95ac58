"""Commands in flight over HTTP: who may give them, what each becomes, and how its outcome is told."""

from __future__ import annotations

from uuid import UUID

import pytest

from contracts.reports import CommandSettled
from contracts.vocabulary import Outcome, Phase
from tests.unit.api.house import House, Json

POINT = {"lat_deg": 52.411, "lon_deg": -1.511}
MOVES: dict[str, Json] = {
    "resume": {},
    "goto": {"place": POINT, "alt_above_home_m": 50.0},
    "orbit": {"centre": POINT, "radius_m": 60.0},
    "altitude": {"alt_above_home_m": 40.0},
    "extend": {"by_s": 120.0},
    "retask": {"place": POINT},
}
PAYLOADS: dict[str, Json] = {
    "look-at": {"place": POINT},
    "zoom": {"level": 0.5},
    "sensor": {"sensor": "visible"},
    "snapshot": {},
    "record": {"on": True},
}


async def _commands(house: House, flight: Json) -> list[Json]:
    return list((await house.taken("GET", f"/flights/{flight['id']}/commands"))["commands"])


async def _settle(house: House, flight: Json, command: Json, outcome: Outcome, detail: str = "") -> None:
    fact = CommandSettled(order_id=UUID(command["id"]), flight_id=UUID(flight["id"]), outcome=outcome, detail=detail)
    await house.scene.says(flight["dock_id"], fact)


@pytest.mark.parametrize("name", [*MOVES, *PAYLOADS])
async def test_the_pilot_in_command_moves_the_flight_and_its_camera(house: House, name: str) -> None:
    flight = await house.in_the_air()
    body = MOVES.get(name, PAYLOADS.get(name))
    answer = await house.ask("POST", f"/flights/{flight['id']}/{name}", role="pilot", json=body)
    assert answer.status_code == 202, answer.text
    command = answer.json()["command"]
    assert (command["outcome"], command["actor"], command["flight_id"]) == ("pending", "pilot-1", flight["id"])
    assert command["action"] == name.replace("-", "_")
    assert command["task"]["type"] == command["action"]
    await _settle(house, flight, command, Outcome.REFUSED, "outside the fence")
    assert [(each["id"], each["outcome"], each["detail"]) for each in await _commands(house, flight)] == [
        (command["id"], "refused", "outside the fence")
    ]


@pytest.mark.parametrize("name", MOVES)
async def test_who_is_not_in_command_cannot_move_it_and_is_told_who_can(house: House, name: str) -> None:
    flight = await house.in_the_air()
    path = f"/flights/{flight['id']}/{name}"
    other = house.person("pilot-2", "pilot")
    refused = await house.ask("POST", path, role=other, json=MOVES[name])
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")
    assert "pilot-1 is in command" in refused.json()["detail"]
    assert (await house.ask("POST", path, role="controller", json=MOVES[name])).status_code == 403
    assert not await _commands(house, flight)


@pytest.mark.parametrize("name", ["land", "parachute", "divert", "hand-over", "payload/lend"])
async def test_only_the_pilot_in_command_lands_diverts_and_gives_away(house: House, name: str) -> None:
    flight = await house.in_the_air()
    body = {"to": "pilot-1"} if name == "payload/lend" else None
    other = house.person("pilot-2", "pilot")
    refused = await house.ask("POST", f"/flights/{flight['id']}/{name}", role=other, json=body)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")


@pytest.mark.parametrize("name", ["hold", "return", "avoid"])
@pytest.mark.parametrize("who", ["controller", "pilot-2"])
async def test_anybody_in_the_room_makes_a_flight_safer_and_its_pilot_is_told_by_whom(
    house: House, name: str, who: str
) -> None:
    flight = await house.in_the_air()
    role = who if who == "controller" else house.person(who, "pilot")
    body = {"because": "a helicopter"}
    answer = await house.ask("POST", f"/flights/{flight['id']}/{name}", role=role, json=body)
    assert answer.status_code == 202, answer.text
    pilots = (await house.taken("GET", "/duty", role="supervisor"))["pilots"]
    notice = pilots[0]["notices"][-1]
    by = "controller-1" if who == "controller" else who
    assert (notice["by"], notice["flight_id"]) == (by, flight["id"])
    assert notice["command_id"] == answer.json()["command"]["id"]
    assert name in notice["text"]
    assert "a helicopter" in notice["text"]


async def test_a_pilot_is_not_told_of_their_own_commands(house: House) -> None:
    flight = await house.in_the_air()
    await house.taken("POST", f"/flights/{flight['id']}/hold", role="pilot")
    assert (await house.taken("GET", "/duty"))["pilots"][0]["notices"] == []


@pytest.mark.parametrize(
    ("name", "body", "pointer"),
    [
        ("goto", {}, "/place"),
        ("goto", {"place": {"lat_deg": 137, "lon_deg": 0.0}}, "/place/lat_deg"),
        ("goto", {"place": {"lat_deg": "52", "lon_deg": 0.0}}, "/place/lat_deg"),
        ("goto", {"place": POINT, "alt_above_home_m": 0}, "/alt_above_home_m"),
        ("goto", {"place": POINT, "speed": 3}, "/speed"),
        ("orbit", {"centre": POINT, "radius_m": 5.0}, "/radius_m"),
        ("orbit", {"centre": POINT, "radius_m": 50.0, "turning": "left"}, "/turning"),
        ("altitude", {"alt_above_home_m": 900.0}, "/alt_above_home_m"),
        ("extend", {"by_s": -1.0}, "/by_s"),
        ("nudge", {"forward": 1.5}, "/forward"),
        ("zoom", {"level": "near"}, "/level"),
        ("sensor", {"sensor": "radar"}, "/sensor"),
        ("record", {"on": 1}, "/on"),
        ("speaker", {"announcement": 0}, "/announcement"),
        ("land", {"confirmation": "yes"}, "/confirmation"),
    ],
)
async def test_a_wrong_command_names_its_field_and_gives_nothing(
    house: House, name: str, body: Json, pointer: str
) -> None:
    flight = await house.in_the_air()
    answer = await house.ask("POST", f"/flights/{flight['id']}/{name}", role="pilot", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert not await _commands(house, flight)


async def test_the_same_key_again_gives_the_same_command(house: House) -> None:
    flight = await house.in_the_air()
    path, headers = f"/flights/{flight['id']}/goto", {"Idempotency-Key": "once"}
    answers = [await house.taken("POST", path, role="pilot", json=MOVES["goto"], headers=headers) for _ in range(3)]
    assert len({answer["command"]["id"] for answer in answers}) == 1
    assert len(await _commands(house, flight)) == 1


async def test_what_the_aircraft_has_not_got_is_refused_in_words(house: House) -> None:
    flight = await house.in_the_air()
    for name, body, word in (
        ("light", {"on": True}, "light"),
        ("speaker", {"announcement": 1}, "speaker"),
        ("sensor", {"sensor": "thermal"}, "thermal"),
        ("parachute", {}, "parachute"),
    ):
        answer = await house.ask("POST", f"/flights/{flight['id']}/{name}", role="pilot", json=body)
        assert answer.status_code == 409, name
        assert word in answer.json()["detail"]


@pytest.mark.parametrize("phases", [(Phase.PREPARING,), (Phase.PREPARING, Phase.LAUNCHING)])
async def test_a_flight_that_is_not_on_its_way_is_not_moved(house: House, phases: tuple[Phase, ...]) -> None:
    flight = await house.in_the_air(*phases)
    answer = await house.ask("POST", f"/flights/{flight['id']}/goto", role="pilot", json=MOVES["goto"])
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    assert (await house.ask("POST", f"/flights/{flight['id']}/hold", role="pilot")).status_code == 202


async def test_a_hold_given_after_a_goto_is_not_the_one_that_was_pending_before_it(house: House) -> None:
    flight = await house.in_the_air()
    path = f"/flights/{flight['id']}"
    first = await house.taken("POST", f"{path}/hold", role="pilot")
    again = await house.taken("POST", f"{path}/hold", role="pilot")
    assert again["command"]["id"] == first["command"]["id"], "nothing came in between"
    await house.taken("POST", f"{path}/goto", role="pilot", json=MOVES["goto"])
    after = await house.taken("POST", f"{path}/hold", role="pilot")
    assert after["command"]["id"] != first["command"]["id"]


# --- the second press ---


async def test_a_landing_is_asked_back_once_and_names_callsign_and_place(house: House) -> None:
    flight = await house.in_the_air()
    path = f"/flights/{flight['id']}/land"
    first = await house.ask("POST", path, role="pilot")
    assert first.status_code == 202
    asked = first.json()["confirmation"]
    assert flight["callsign"] in asked["says"]
    assert "52.40800, -1.51600" in asked["says"]
    assert asked["expires_in_s"] == 10.0
    assert not await _commands(house, flight), "a question is not a command"
    second = await house.taken("POST", path, role="pilot", json={"confirmation": asked["token"]})
    assert second["command"]["action"] == "land"
    again = await house.ask("POST", path, role="pilot", json={"confirmation": asked["token"]})
    assert again.json()["command"]["id"] == second["command"]["id"], "while it is pending it is the same one"


async def test_a_confirmation_holds_for_ten_seconds(house: House) -> None:
    flight = await house.in_the_air()
    path = f"/flights/{flight['id']}/land"
    token = (await house.taken("POST", path, role="pilot"))["confirmation"]["token"]
    await house.clock.advance(10.5)
    late = await house.ask("POST", path, role="pilot", json={"confirmation": token})
    assert (late.status_code, late.json()["type"]) == (409, "/problems/conflict")
    assert "press again" in late.json()["detail"]
    assert not await _commands(house, flight)


async def test_a_confirmation_of_another_press_is_refused(house: House) -> None:
    one = await house.in_the_air()
    await house.scene.all_report()
    other = await house.in_the_air(key="other")
    token = (await house.taken("POST", f"/flights/{one['id']}/land", role="pilot"))["confirmation"]["token"]
    wrong = await house.ask("POST", f"/flights/{other['id']}/land", role="pilot", json={"confirmation": token})
    assert wrong.status_code == 409
    assert not await _commands(house, other)


# --- retask ---


async def test_an_accepted_retask_proposal_gives_the_retask_from_where_the_flight_is(house: House) -> None:
    flight = await house.in_the_air()
    place = {"lat_deg": 52.4125, "lon_deg": -1.5080}
    changed = await house.taken("PATCH", f"/incidents/{flight['incident_id']}", json={"place": place})
    proposal = changed["proposals"][0]
    assert proposal["kind"] == "retask"
    assert not await _commands(house, flight)
    accepted = await house.taken("POST", f"/proposals/{proposal['id']}/accept")
    assert accepted["status"] == "accepted"
    command = (await _commands(house, flight))[0]
    assert (command["action"], command["actor"]) == ("retask", "controller-1")
    assert command["task"]["scene"]["lat_deg"] == pytest.approx(place["lat_deg"])
    assert command["task"]["watch_s"] == 300.0


async def test_a_pilot_who_is_asked_accepts_a_retask_themselves(house: House) -> None:
    await house.taken("POST", "/duty", role="pilot", json={"action": "sign_on", "accepts": "ask"})
    answer = await house.dispatch(await house.incident())
    flight = answer.json()
    await house.taken("POST", f"/flights/{flight['id']}/accept", role="pilot")
    await house.scene.fly(
        house.desk.state.flights[UUID(flight["id"])], Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE
    )
    house.seen(UUID(flight["id"]), (52.408, -1.516))
    place = {"lat_deg": 52.4125, "lon_deg": -1.5080}
    changed = await house.taken("PATCH", f"/incidents/{flight['incident_id']}", json={"place": place})
    path = f"/proposals/{changed['proposals'][0]['id']}/accept"
    refused = await house.ask("POST", path)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")
    accepted = await house.taken("POST", path, role="pilot")
    assert (accepted["status"], [each["answer"] for each in accepted["answers"]]) == ("accepted", ["accept"])
    again = await house.taken("POST", path, role="pilot")
    assert again["answers"] == accepted["answers"], "the same answer again is the same answer"
    late = await house.ask("POST", path.replace("/accept", "/dismiss"))
    told = {name: late.json()[name] for name in ("type", "by", "answer", "became")}
    assert (late.status_code, told) == (
        409,
        {"type": "/problems/already-answered", "by": "pilot-1", "answer": "accept", "became": "accepted"},
    )
    assert [each["action"] for each in await _commands(house, flight)] == ["retask"]


async def test_no_way_is_laid_from_a_place_that_is_not_known(house: House) -> None:
    flight = await house.in_the_air()
    path = f"/flights/{flight['id']}/retask"
    await house.clock.advance(30)
    old = await house.ask("POST", path, role="pilot", json={"place": POINT})
    assert old.status_code == 409
    assert "s old" in old.json()["detail"]
    house.seen(UUID(flight["id"]), (52.408, -1.516), flight_id=None)
    unknown = await house.ask("POST", path, role="pilot", json={"place": POINT})
    assert unknown.status_code == 409
    assert "not known" in unknown.json()["detail"]


async def test_a_scene_that_the_charge_does_not_reach_is_refused_with_the_reason(house: House) -> None:
    flight = await house.in_the_air()
    house.seen(UUID(flight["id"]), (52.408, -1.516), battery_percent=24.0)
    far = {"place": {"lat_deg": 52.45, "lon_deg": -1.48}}
    refused = await house.ask("POST", f"/flights/{flight['id']}/retask", role="pilot", json=far)
    assert refused.status_code == 409
    assert "charge" in refused.json()["detail"]


async def test_a_flight_on_its_way_home_is_not_retasked(house: House) -> None:
    out = (Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING)
    flight = await house.in_the_air(*out)
    refused = await house.ask("POST", f"/flights/{flight['id']}/retask", role="pilot", json={"place": POINT})
    assert refused.status_code == 409


# --- one press for a scene ---


async def test_one_press_clears_the_air_over_a_scene_whoever_commands_what_is_there(house: House) -> None:
    one = await house.in_the_air()
    await house.scene.all_report()
    other = await house.in_the_air(key="other")
    await house.scene.all_report()
    far = await house.dispatch(await house.incident(place={"lat_deg": 52.3860, "lon_deg": -1.5600}), key="far")
    far_flight = house.desk.state.flights[UUID(far.json()["id"])]
    await house.scene.fly(far_flight, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
    cleared = await house.taken("POST", f"/incidents/{one['incident_id']}/clear-air", headers={"Idempotency-Key": "k"})
    assert {command["flight_id"] for command in cleared["commands"]} == {one["id"], other["id"]}
    assert {command["action"] for command in cleared["commands"]} == {"avoid"}
    again = await house.taken("POST", f"/incidents/{one['incident_id']}/clear-air", headers={"Idempotency-Key": "k"})
    assert [each["id"] for each in again["commands"]] == [each["id"] for each in cleared["commands"]]
    assert not far_flight.commands
    empty = await house.incident(place={"lat_deg": 52.30, "lon_deg": -1.70})
    assert (await house.ask("POST", f"/incidents/{empty['id']}/clear-air")).status_code == 409


# --- nudges ---


async def test_of_a_burst_of_nudges_the_first_and_the_last_are_recorded_and_none_is_carried_again(house: House) -> None:
    flight = await house.in_the_air()
    sent: list[float] = []
    house.desk.on_fleeting(lambda order: sent.append(order.message.model_dump()["task"]["forward"]))
    path = f"/flights/{flight['id']}/nudge"
    ids = set()
    for step in range(5):
        answer = await house.taken("POST", path, role="pilot", json={"forward": step / 10})
        ids.add(answer["command"]["id"])
        await house.clock.advance(0.2)
    assert len(ids) == 1
    assert sent == [0.0, 0.1, 0.2, 0.3, 0.4]
    await house.desk.end_nudges()
    assert len(await _commands(house, flight)) == 1
    await house.clock.advance(1.1)
    await house.desk.end_nudges()
    stream = [recorded async for recorded in house.journal.read(stream=f"flight/{flight['id']}")]
    assert [recorded.type for recorded in stream][-2:] == ["TaskGiven", "NudgesEnded"]
    ended = stream[-1].event.model_dump()
    assert (ended["count"], ended["last"]["forward"]) == (5, 0.4)
    next_burst = await house.taken("POST", path, role="pilot", json={"right": 1.0})
    assert next_burst["command"]["id"] not in ids


async def test_a_hold_ends_a_burst_and_another_pilot_cannot_nudge(house: House) -> None:
    flight = await house.in_the_air()
    path = f"/flights/{flight['id']}/nudge"
    first = await house.taken("POST", path, role="pilot", json={"forward": 1.0})
    other = house.person("pilot-2", "pilot")
    assert (await house.ask("POST", path, role=other, json={"forward": 1.0})).status_code == 403
    await house.taken("POST", f"/flights/{flight['id']}/hold")
    second = await house.taken("POST", path, role="pilot", json={"forward": 1.0})
    assert second["command"]["id"] != first["command"]["id"]
