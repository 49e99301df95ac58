"""A shift begins with reading and signing, and ends with leaving to the next one what is open."""

from __future__ import annotations

from contracts.vocabulary import DockState
from tests.unit.api.house import House
from tests.unit.api.test_policy import under_policy


async def test_the_briefing_tells_weather_restrictions_unfit_docks_and_flights(house: House) -> None:
    flight = await house.in_the_air()
    await house.scene.status("cov-2", state=DockState.FAULT, blockers=["the lid is iced over"])
    told = await house.taken("GET", "/duty/briefing", role="supervisor")
    assert told["seq"] == house.journal.last_seq
    assert [each["dock_id"] for each in told["weather"]] == ["cov-1", "cov-2", "cov-3"]
    assert told["weather"][0]["measured"]["wind_speed_m_s"] == 4
    unfit = {each["dock_id"]: each["because"] for each in told["docks_unfit"]}
    assert unfit["cov-2"] == ["the dock reports a fault", "the lid is iced over"]
    assert "cov-3" not in unfit
    assert [each["id"] for each in told["flights"]] == [flight["id"]]
    assert told["restrictions"]["revision"] == 0
    assert told["incidents_open"] == 1


async def test_weather_over_the_aircrafts_limits_is_named_and_its_age_is_of_now(house: House) -> None:
    before = await house.taken("GET", "/duty/briefing")
    report = house.desk.state.docks["cov-1"].report
    assert report is not None
    assert report.weather is not None
    storm = report.weather.model_copy(update={"gust_m_s": 21.0, "temperature_c": -14.0})
    await house.scene.status("cov-1", weather=storm)
    await house.clock.advance(30)
    told = await house.taken("GET", "/duty/briefing")
    assert before["weather"][0]["over"] == []
    assert told["weather"][0]["over"] == ["gust", "temperature"]
    measured, limits = told["weather"][0]["measured"], told["weather"][0]["limits"]
    assert limits["gust_m_s"] < measured["gust_m_s"], "what is over a limit stands beside it"
    assert not limits["temperature_min_c"] <= measured["temperature_c"] <= limits["temperature_max_c"]
    assert told["weather"][0]["measured"]["age_s"] == 31.0


async def test_a_controller_signs_on_and_says_what_was_read_and_the_journal_keeps_it(house: House) -> None:
    seq = (await house.taken("GET", "/duty/briefing"))["seq"]
    body = {"action": "sign_on", "as": "controller", "acknowledges": ["weather", "restrictions"], "briefing_seq": seq}
    shown = await house.taken("POST", "/duty", json=body)
    assert shown["controller"] == "controller-1"
    assert shown["acknowledged"]["what"] == ["restrictions", "weather"]
    assert shown["acknowledged"]["briefing_seq"] == seq
    duty = await house.taken("GET", "/duty", role="engineer")
    assert [each["controller"] for each in duty["controllers"]] == ["controller-1"]
    recorded = [each.type async for each in house.journal.read(stream="duty/controller-1")]
    assert recorded == ["ControllerSignedOn", "BriefingAcknowledged"]
    await house.taken("POST", "/duty", json={"action": "sign_off", "as": "controller"})
    assert (await house.taken("GET", "/duty"))["controllers"] == []


async def test_a_pilot_acknowledges_too_and_keeps_it_while_they_stay_on_duty(house: House) -> None:
    body = {"action": "sign_on", "accepts": "ask", "acknowledges": ["weather"]}
    assert (await house.taken("POST", "/duty", role="pilot", json=body))["acknowledged"]["what"] == ["weather"]
    again = await house.taken("POST", "/duty", role="pilot", json={"action": "sign_on", "accepts": "beforehand"})
    assert again["acknowledged"]["what"] == ["weather"]


async def test_nobody_is_on_duty_as_what_their_token_does_not_say(house: House) -> None:
    for role, as_what in (("controller", "pilot"), ("pilot", "controller")):
        before = house.journal.last_seq
        answer = await house.ask("POST", "/duty", role=role, json={"action": "sign_on", "as": as_what})
        assert answer.status_code == 403
        assert f"needs the role {as_what}" in answer.json()["detail"]
        assert house.journal.last_seq == before


async def test_what_nobody_can_have_read_is_not_acknowledged(house: House) -> None:
    body = {"action": "sign_on", "as": "controller", "acknowledges": ["weather"], "briefing_seq": 10_000}
    answer = await house.ask("POST", "/duty", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "briefing_seq"


async def test_a_controllers_duty_ends_with_their_token(house: House) -> None:
    second = house.person("controller-2", "controller")
    house.tokens[second] = house.issuer.token("controller-2", "controller")
    await house.taken("POST", "/duty", role=second, json={"action": "sign_on", "as": "controller"})
    await house.clock.advance(3601)
    await house.desk.look_after_flights()
    assert (await house.taken("GET", "/duty"))["controllers"] == []


async def test_the_next_shift_accepts_what_the_last_one_left(house: House) -> None:
    flight = await house.in_the_air()
    await house.scene.status("cov-3", state=DockState.FAULT)
    second = house.person("controller-2", "controller")
    body = {"as": "controller", "note": "cov-3 waits for its motor"}
    assert (await house.ask("POST", "/duty/handover", json=body)).status_code == 409, "nobody hands over who is not on"
    for who in ("controller", second):
        await house.taken("POST", "/duty", role=who, json={"action": "sign_on", "as": "controller"})
    left = (await house.taken("POST", "/duty/handover", json=body))["handover"]
    assert left["flights"] == [flight["id"]]
    assert left["docks_unfit"] == ["cov-3"]
    path = f"/duty/handover/{left['id']}/accept"
    assert (await house.ask("POST", path)).status_code == 409, "nobody takes over from themselves"
    assert (await house.ask("POST", path, role="pilot")).status_code == 409, "a pilot does not take a control room"
    taken = (await house.taken("POST", path, role=second))["handover"]
    assert taken["accepted_by"] == "controller-2"
    assert (await house.taken("POST", path, role=second))["handover"] == taken
    told = await house.taken("GET", "/duty/briefing")
    assert told["handovers"] == [taken]
    recorded = [each.type async for each in house.journal.read(stream="duty/controller-2")]
    assert recorded == ["ControllerSignedOn", "ShiftAccepted"]


async def test_what_was_set_aside_stands_in_the_briefing_with_who_and_why(house: House) -> None:
    await under_policy(house)
    incident = await house.incident(category="crisis indoors")
    note = {"note": "he is on the roof now"}
    await house.taken("POST", f"/incidents/{incident['id']}/override", json=note, role="supervisor")
    (override,) = (await house.taken("GET", "/duty/briefing"))["overrides"]
    assert (override["incident_id"], override["by"], override["note"]) == (incident["id"], "supervisor-1", note["note"])
    assert override["rules"] == ["Indoors"]
    await house.taken("POST", f"/incidents/{incident['id']}/close", json={"outcome": "talked down"})
    assert (await house.taken("GET", "/duty/briefing"))["overrides"] == []
