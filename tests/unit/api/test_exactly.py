"""A bound made exact: the decision that was shown, derived again, whatever has become of the wind and the zones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contracts.position import Weather
from dispatcher import events as ev
from dispatcher.decision.version import VERSION
from dispatcher.explaining import main
from geo.airspace.record import written_zone
from geo.flight.position import offset
from tests.desks import QUAD, SITES, dock
from tests.unit.api.house import House, Json
from tests.unit.decision.zones import box_zone

MORE = 40
"""Docks beside the three: with them a fleet of which not every way is looked for."""
SCENE = (52.41, -1.51)
STORM = Weather(wind_speed_m_s=11, wind_from_deg=30, gust_m_s=15, rain_mm_h=0, temperature_c=11, age_s=1)


def zones(name: str, *bearings_deg: float) -> ev.AirspaceLoaded:
    """Boxes around the scene, through which the straight ways of some docks go."""
    boxes = [
        box_zone(f"{name}-{number}", bearing_deg=bearing, distance_m=1_500, half_m=250, home=SCENE)
        for number, bearing in enumerate(bearings_deg)
    ]
    return ev.AirspaceLoaded(
        name=name,
        format="GeoJSON",
        origin="api",
        zones=tuple(written_zone(box) for box in boxes),
        features=len(boxes),
        source_sha256="0" * 64,
    )


async def large(house: House) -> Json:
    """An incident in the middle of a large fleet, zones between it and many docks."""
    sites = {
        f"more-{number:02}": offset(*SCENE, bearing_deg=number * 47.0, distance_m=900.0 + 90.0 * number)
        for number in range(MORE)
    }
    await house.desk.record([zones("town", 20, 80, 140, 200, 260, 320)])
    await house.desk.record(
        [
            ev.DockRegistered(dock=dock(dock_id, number, *site), aircraft_type=QUAD)
            for number, (dock_id, site) in enumerate(sites.items(), start=10)
        ]
    )
    for dock_id in sites:
        await house.scene.status(dock_id)
    await house.desk.worlds.prepare(house.desk.state, house.clock.mission_now())
    return await house.incident(place={"lat_deg": SCENE[0], "lon_deg": SCENE[1]})


def bounds_of(shown: Json) -> list[str]:
    return [option["dock_id"] for option in shown["options"] if option["bound"]]


async def exact(house: House, shown: Json, *dock_ids: str, **query: str) -> Json:
    path = f"/incidents/{shown['incident_id']}/options"
    return await house.taken("GET", path, params={"exact": list(dock_ids), **query})


async def test_a_bound_is_made_exact_as_kestrel_explain_makes_it(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = await large(house)
    asked = bounds_of(shown)[::4][:3]
    assert len(asked) == 3
    before = await house.seq()
    answer = await exact(house, shown, *asked)
    assert await house.seq() == before, "nothing was decided"
    assert (answer["decision_id"], answer["decided_at"]) == (shown["decision_id"], shown["decided_at"])
    assert "flights" not in answer
    options = {option["dock_id"]: option for option in answer["options"]}
    assert not any(options[dock_id]["bound"] for dock_id in asked)
    assert any(len(options[dock_id]["route"] or ()) > 1 for dock_id in asked), "some way is bent"
    assert set(bounds_of(answer)) == set(bounds_of(shown)) - set(asked)

    arguments = [shown["decision_id"], str(tmp_path / "journal.db"), "--json"]
    assert main([*arguments, *(f"--exact={dock_id}" for dock_id in asked)]) == 0
    explained = json.loads(capsys.readouterr().out)
    assert explained["differences"] == []
    assert [_as_decided(option) for option in answer["options"]] == [
        {name: option[name] for name in answer["options"][0] if name != "only_warnings"}
        for option in explained["options"]
    ]


def _as_decided(option: Json) -> Json:
    """Without what is said of the reasons where they are shown: whose they are to set aside."""
    reasons = [{name: value for name, value in each.items() if name != "concern"} for each in option["reasons"]]
    return {**{name: value for name, value in option.items() if name != "only_warnings"}, "reasons": reasons}


async def test_what_has_changed_since_does_not_change_it(house: House) -> None:
    shown = await large(house)
    asked = bounds_of(shown)[0]
    first = await exact(house, shown, asked)
    await house.desk.record([zones("fair", 0, 90, 180, 270), ev.AirspaceWithdrawn(name="town", because="over")])
    await house.clock.advance(240)
    for dock_id in (*SITES, asked):
        await house.scene.status(dock_id, weather=STORM, battery_percent=71.0)
    again = await exact(house, shown, asked, decision=shown["decision_id"])
    assert again == first
    anew = await house.taken("GET", f"/incidents/{shown['incident_id']}/options")
    assert anew["decision_id"] != shown["decision_id"]
    assert anew["options"] != first["options"]
    assert (await exact(house, shown, asked))["decision_id"] == anew["decision_id"], "the last one, if none is named"


async def test_what_cannot_be_made_exact_says_why(house: House) -> None:
    shown = await large(house)
    path = f"/incidents/{shown['incident_id']}/options"
    answer = await house.ask("GET", path, params={"exact": "nowhere"})
    assert (answer.status_code, "nowhere" in answer.json()["detail"]) == (404, True)
    other = (await house.incident())["decision_id"]
    answer = await house.ask("GET", path, params={"exact": "cov-1", "decision": other})
    assert (answer.status_code, "not among the last ones" in answer.json()["detail"]) == (404, True)
    await house.taken("POST", f"/incidents/{shown['incident_id']}/close", json={"outcome": "over"})
    answer = await house.ask("GET", path, params={"exact": "cov-1"})
    assert (answer.status_code, "look at the options" in answer.json()["detail"]) == (409, True)


async def test_a_decision_of_an_older_version_is_not_made_exact_by_this_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await large(house)
    monkeypatch.setattr("dispatcher.api.exactly.VERSION", VERSION + 1)
    answer = await house.ask("GET", f"/incidents/{shown['incident_id']}/options", params={"exact": "cov-1"})
    assert answer.status_code == 409
    assert f"made by version {VERSION}, this is {VERSION + 1}" in answer.json()["detail"]
