"""Warnings at a launch over HTTP: who may set which aside, for one launch, and what becomes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contracts.position import Weather
from contracts.reports import LaunchWarning
from contracts.vocabulary import DockState
from contracts.warnings import WarningCode
from dispatcher.policy.file import policy_loaded
from tests.policies import document
from tests.unit.api.house import House, Json, open_house

GUSTY: Json = {"warning": "gust_over_limit", "note": "one gust; somebody is on the ice"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


async def gusts(house: House, gust_m_s: float = 17.0, **changes: Any) -> None:
    """What the agent of cov-1 says in gusts beyond the limit of 16 m/s; the others cannot fly at all."""
    text = f"gusts {gust_m_s:.1f} m/s, limit 16.0 m/s"
    weather = Weather(wind_speed_m_s=4, wind_from_deg=240, gust_m_s=gust_m_s, rain_mm_h=0, temperature_c=11, age_s=1)
    warned = [LaunchWarning(warning=WarningCode.GUST_OVER_LIMIT, text=text)] if gust_m_s > 16 else []
    told = {"blockers": [each.text for each in warned], "warnings": warned, "weather": weather}
    await house.scene.status("cov-1", **(told | changes))
    for dock_id in ("cov-2", "cov-3"):
        await house.scene.status(dock_id, state=DockState.FAULT)


async def shown(house: House) -> Json:
    incident = await house.incident()
    options = await house.taken("GET", f"/incidents/{incident['id']}/options")
    return {**incident, **options}


def both(house: House) -> str:
    return house.person("both-1", "controller", "pilot")


async def press(house: House, incident: Json, role: str = "controller", key: str = "k", **changes: Any) -> Any:
    return await house.ask(
        "POST",
        f"/incidents/{incident['id']}/dispatch",
        role=role,
        json=house.press(incident, dock_id="cov-1", **changes),
        headers={"Idempotency-Key": key},
    )


async def test_a_warning_is_shown_once_with_its_figure_and_whose_it_is(house: House) -> None:
    await gusts(house)
    incident = await shown(house)
    option = next(each for each in incident["options"] if each["dock_id"] == "cov-1")
    assert (option["eligible"], option["only_warnings"]) == (False, True)
    (reason,) = option["reasons"]
    assert (reason["code"], reason["concern"], reason["value"], reason["limit"]) == (
        "gust_over_limit",
        "aircraft",
        17.0,
        16.0,
    )
    assert incident["may_set_aside"] == {"aircraft": ["pilot"], "operations": ["controller"]}
    broken = next(each for each in incident["options"] if each["dock_id"] == "cov-2")
    assert not broken["only_warnings"]


async def test_without_a_word_about_it_a_warning_keeps_the_dock_at_home(house: House) -> None:
    await gusts(house)
    incident = await shown(house)
    refused = await press(house, incident)
    assert refused.status_code == 409
    assert "unless its warnings are set aside" in refused.json()["detail"]


async def test_who_is_pilot_as_well_sets_it_aside_and_the_order_carries_it(house: House) -> None:
    await gusts(house)
    incident = await shown(house)
    sent = await press(house, incident, both(house), overrides=[GUSTY])
    assert sent.status_code == 201, sent.text
    flight = sent.json()
    (carried,) = flight["warnings"]["set_aside"]
    assert (carried["warning"], carried["by"], carried["note"]) == ("gust_over_limit", "both-1", GUSTY["note"])
    assert (carried["value"], carried["limit"], carried["concern"]) == (17.0, 16.0, "aircraft")
    assert flight["order"]["state"] == "sent"
    (order,) = [each.order for each in house.desk.state.flights.values()]
    assert [each.warning for each in order.overrides] == [WarningCode.GUST_OVER_LIMIT]
    briefing = await house.taken("GET", "/duty/briefing")
    (told,) = briefing["briefing"]["overrides"] if "briefing" in briefing else briefing["overrides"]
    assert (told["callsign"], told["by"], told["note"]) == ("K1", "both-1", GUSTY["note"])


async def test_a_controller_does_not_set_aside_what_is_the_pilots(house: House) -> None:
    await gusts(house)
    refused = await press(house, await shown(house), overrides=[GUSTY])
    assert refused.status_code == 403
    assert refused.json()["may_set_aside"] == ["pilot"]
    assert not house.desk.state.flights


async def test_left_to_the_pilot_nothing_is_sent_until_they_have_set_it_aside(house: House) -> None:
    await gusts(house)
    flight = (await press(house, await shown(house), left_to_pilot=True)).json()
    assert flight["order"]["state"] == "waiting_for_pilot"
    (left,) = flight["warnings"]["left_to_pilot"]
    assert (left["warning"], left["may_set_aside"]) == ("gust_over_limit", ["pilot"])
    path = f"/flights/{flight['id']}/accept"
    still = await house.ask("POST", path, role="pilot")
    assert still.status_code == 409
    assert still.json()["warnings"][0]["warning"] == "gust_over_limit"
    other = [{**GUSTY, "warning": "rain_over_limit"}]
    assert (await house.ask("POST", path, role="pilot", json={"overrides": other})).status_code == 422
    accepted = await house.taken("POST", path, role="pilot", json={"overrides": [GUSTY]})
    assert accepted["order"]["state"] == "sent"
    assert accepted["warnings"]["left_to_pilot"] == []
    assert [each["by"] for each in accepted["warnings"]["set_aside"]] == ["pilot-1"]


async def test_when_it_has_become_worse_the_press_is_answered_with_the_difference(house: House) -> None:
    await gusts(house)
    incident = await shown(house)
    await gusts(house, 20.0)
    stale = await press(house, incident, both(house), overrides=[GUSTY])
    assert stale.status_code == 409
    assert stale.json()["type"].endswith("stale-screen")
    assert stale.json()["difference"]["warnings"]["now"][0].startswith("gust 20.0 m/s")


async def test_a_blocker_beside_the_warning_keeps_it_at_home_whoever_presses(house: House) -> None:
    await gusts(house)
    incident = await shown(house)
    await gusts(house, blockers=["the autopilot is not ready to arm"], warnings=[])
    refused = await press(house, incident, both(house), overrides=[GUSTY])
    assert refused.status_code == 409
    assert not house.desk.state.flights


async def test_nobody_sets_aside_what_was_not_shown(house: House) -> None:
    incident = await shown(house)
    refused = await press(house, incident, both(house), overrides=[GUSTY])
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/overrides/0/warning"


async def test_a_warning_that_has_passed_meanwhile_still_travels_with_the_order(house: House) -> None:
    """Gusts come and go: what was set aside a second ago must not be refused a second later."""
    await gusts(house)
    incident = await shown(house)
    await gusts(house, 12.0)
    flight = (await press(house, incident, both(house), overrides=[GUSTY])).json()
    assert [each["warning"] for each in flight["warnings"]["set_aside"]] == ["gust_over_limit"]


async def test_the_next_launch_knows_nothing_of_it(house: House) -> None:
    await gusts(house)
    who = both(house)
    flight = (await press(house, await shown(house), who, overrides=[GUSTY])).json()
    await house.ask("POST", f"/flights/{flight['id']}/cancel")
    again = await press(house, await shown(house), who, key="second")
    assert again.status_code == 409


@pytest.mark.parametrize(("aircraft", "status"), [([], 403), (["controller"], 201)])
async def test_the_policy_names_who_may(house: House, aircraft: list[str], status: int) -> None:
    await house.desk.record([policy_loaded(document(warnings={"aircraft": aircraft}))])
    await gusts(house)
    answer = await press(house, await shown(house), overrides=[GUSTY])
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("note", ["", "x" * 401])
async def test_a_note_is_owed(house: House, note: str) -> None:
    await gusts(house)
    refused = await press(house, await shown(house), both(house), overrides=[{**GUSTY, "note": note}])
    assert refused.status_code == 422


async def test_a_warning_is_named_once(house: House) -> None:
    await gusts(house)
    refused = await press(house, await shown(house), both(house), overrides=[GUSTY, GUSTY])
    assert refused.status_code == 422
