"""Crewed traffic from the receiver's file to the map and to the option's risks; unknown, and never clear."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatcher.feeds.readsb import read_aircraft
from dispatcher.live.traffic import GONE_S
from dispatcher.presentation import View
from dispatcher.traffic import STALE_S, TrafficPicture, TrafficState
from dispatcher.trafficfeed import TrafficFeed
from tests.unit.api.house import House, Json, open_house
from tests.unit.feeds.test_readsb import aircraft


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, receiver=True) as house:
        yield house


def picture_of(house: House) -> TrafficPicture:
    assert house.crewed is not None
    return house.crewed


def file_of(house: House, *entries: Json, off_s: float = 0.0) -> bytes:
    return json.dumps({"now": house.clock.wall_now().timestamp() + off_s, "aircraft": list(entries)}).encode()


def hear(house: House, *entries: Json, off_s: float = 0.0) -> bool:
    return picture_of(house).put(read_aircraft(file_of(house, *entries, off_s=off_s)))


def over(house: House, **changes: Any) -> Json:
    """A helicopter 3 km north of cov-1 that comes straight at it, 60 m above the flights' height."""
    known = {
        "lat": 52.4338,
        "lon": -1.5197,
        "track": 180.0,
        "gs": 100.0,
        "alt_baro": 690,
        "alt_geom": ...,
        "nav_qnh": 1013.25,
    }
    return aircraft(**(known | changes))


async def risks(house: House) -> dict[str, list[str]]:
    shown = await house.incident()
    (option,) = [option for option in shown["options"] if option["dock_id"] == "cov-1"]
    told: dict[str, list[str]] = {}
    for risk in option["risks"]:
        told.setdefault(risk["code"], []).append(risk["text"])
    return told


async def test_one_that_may_come_too_near_is_a_risk_with_its_time_bearing_and_height(house: House) -> None:
    hear(house, over(house))
    (told,) = (await risks(house))["traffic_near"]
    assert told.startswith("HLE54 may come within the safe distance in ")
    assert "km at 0" in told or "km at 3" in told
    assert "m above" in told


async def cov_1(house: House) -> Json:
    shown = await house.incident()
    return dict(next(option for option in shown["options"] if option["dock_id"] == "cov-1"))


async def test_below_one_that_passes_high_enough_the_way_is_lower_and_nothing_is_met(house: House) -> None:
    usual = await cov_1(house)
    hear(house, over(house, alt_baro=1120, baro_rate=0, geom_rate=0))
    option = await cov_1(house)
    heights = {point["alt_above_home_m"] for point in option["route"]}
    assert heights == {50.0}
    assert max(point["alt_above_home_m"] for point in usual["route"]) == 60.0
    assert option["eligible"]
    assert "traffic_near" not in await risks(house)
    assert option["time_to_scene_s"] <= usual["time_to_scene_s"], "it costs nothing"
    flight = await house.in_the_air()
    order = house.desk.state.flights[UUID(flight["id"])].order
    assert {point.alt_above_home_m for point in order.route_out} == heights, "and it is flown so"


async def test_one_that_no_lower_height_clears_leaves_the_usual_height_and_the_risk(house: House) -> None:
    hear(house, over(house))
    assert {point["alt_above_home_m"] for point in (await cov_1(house))["route"]} == {60.0}
    assert (await risks(house))["traffic_near"]


async def test_one_that_is_far_high_or_on_the_ground_is_none(house: House) -> None:
    hear(
        house,
        over(house, alt_baro=9000),
        over(house, hex="400001", lat=52.55),
        over(house, hex="400002", alt_baro="ground"),
    )
    assert "traffic_near" not in await risks(house)


async def test_a_receiver_that_was_never_heard_or_stands_still_makes_traffic_unknown(house: House) -> None:
    assert (await risks(house))["traffic_unknown"] == ["traffic unknown: the receiver was last heard never"]
    hear(house, over(house))
    assert "traffic_unknown" not in await risks(house)
    await house.clock.advance(STALE_S + 1)
    await house.scene.all_report()
    told = await risks(house)
    assert told["traffic_unknown"] == ["traffic unknown: the receiver was last heard 11 s ago"]
    assert "traffic_near" not in told


async def test_a_file_that_is_old_or_stands_still_is_not_taken_for_now(house: House) -> None:
    assert not hear(house, over(house), off_s=-86_400)
    assert picture_of(house).state() is TrafficState.UNKNOWN
    assert not hear(house, over(house), off_s=-86_400), "the same picture again"
    await house.clock.advance(1)
    assert hear(house, over(house), off_s=-86_400), "it moves on: the receiver's clock is wrong, and it is alive"
    assert picture_of(house).state() is TrafficState.CURRENT


async def test_the_api_shows_what_is_heard_with_its_age_and_never_that_the_air_is_clear(house: House) -> None:
    shown = await house.taken("GET", "/traffic")
    assert (shown["state"], shown["age_s"], shown["aircraft"]) == ("unknown", None, [])
    hear(house, over(house), over(house, hex="400001", lat=10.0))
    await house.clock.advance(2)
    shown = await house.taken("GET", "/traffic")
    assert shown["state"] == "current"
    (heli,) = shown["aircraft"]
    assert (heli["callsign"], heli["age_s"]) == ("HLE54", 2.4)
    hear(house)
    shown = await house.taken("GET", "/traffic")
    assert "clear" not in json.dumps(shown)
    assert shown["aircraft"] == []


async def test_without_a_receiver_traffic_is_unknown_and_options_are_not_bothered(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        shown = await house.taken("GET", "/traffic")
        assert (shown["state"], shown["text"]) == ("unknown", "traffic unknown: no receiver is set up")
        assert "traffic_unknown" not in await risks(house)


async def test_traffic_is_in_the_live_view_and_not_in_the_journal(house: House) -> None:
    def shown(view: View = View.CONTROL) -> dict[tuple[str, str], Json]:
        house.hub.publish()
        entities = json.loads(house.hub.snapshot(view).text)["entities"]
        return {(each["kind"], each["id"]): each["data"] for each in entities if each["kind"].startswith("traffic")}

    feed = ("traffic_feed", "readsb")
    assert shown()[feed]["state"] == "unknown"
    before = await house.seq()
    for step in range(20):
        hear(house, over(house, lat=52.4338 - step / 1000))
        await house.clock.advance(0.5)
    now = shown()
    assert now[feed]["state"] == "current"
    assert now["traffic", "40621d"]["lat_deg"] == 52.4148
    assert shown(View.FIELD) == {}
    assert await house.seq() == before
    await house.clock.advance(STALE_S + 1)
    assert shown()[feed]["state"] == "unknown"
    assert ("traffic", "40621d") in shown(), "its last place stays, with its age"
    await house.clock.advance(GONE_S)
    assert ("traffic", "40621d") not in shown()


async def test_a_decision_is_derived_again_with_the_traffic_that_it_knew(house: House) -> None:
    from dispatcher.decision.choice import redecide
    from dispatcher.decision.facts import facts_from_json

    hear(house, over(house))
    await risks(house)
    decided: Any = [recorded async for recorded in house.journal.read() if recorded.type == "OptionsDecided"][-1]
    inputs = facts_from_json(decided.event.inputs)
    assert inputs.traffic is not None
    assert [each.aircraft for each in inputs.traffic.aircraft] == ["HLE54"]
    assert redecide(inputs).options_json() == decided.event.options


# --- the feed ---


async def test_a_file_is_read_again_and_again_and_its_loss_is_told_once(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "aircraft.json"
    feed = TrafficFeed(str(path), picture=picture_of(house), clock=house.clock, rng=random.Random(1))
    with caplog.at_level(logging.INFO):
        assert not await feed.look()
        assert not await feed.look()
        path.write_bytes(file_of(house, over(house)))
        assert await feed.look()
        assert await feed.look()
    told = [record.getMessage() for record in caplog.records if "traffic" in record.getMessage()]
    assert told == ["crewed traffic is not heard", "crewed traffic is heard again"]
    assert len(picture_of(house).aircraft()) == 1


@pytest.mark.parametrize("answer", [b"hello", b"[]", b"\xff\x00"])
async def test_a_file_of_something_else_changes_nothing(house: House, tmp_path: Path, answer: bytes) -> None:
    hear(house, over(house))
    path = tmp_path / "aircraft.json"
    path.write_bytes(answer)
    feed = TrafficFeed(str(path), picture=picture_of(house), clock=house.clock)
    assert not await feed.look()
    assert len(picture_of(house).aircraft()) == 1


async def test_a_server_is_asked_and_one_that_answers_otherwise_is_none(house: House) -> None:
    answers: list[httpx.Response] = [
        httpx.Response(200, content=file_of(house, over(house))),
        httpx.Response(302, headers={"Location": "http://elsewhere/"}),
        httpx.Response(500),
        httpx.Response(200, content=b"x" * (9 * 1024 * 1024)),
    ]

    async def served(_: httpx.Request) -> httpx.Response:
        if not answers:
            raise httpx.ConnectError("refused")
        return answers.pop(0)

    feed = TrafficFeed("http://receiver/data/aircraft.json", picture=picture_of(house), clock=house.clock)
    async with httpx.AsyncClient(transport=httpx.MockTransport(served)) as client:
        assert await feed.look(client)
        assert [await feed.look(client) for _ in range(4)] == [False] * 4
    assert len(picture_of(house).aircraft()) == 1


async def test_it_runs_until_it_is_cancelled_each_second_and_more_seldom_when_nothing_is_there(
    house: House, tmp_path: Path
) -> None:
    path = tmp_path / "aircraft.json"
    feed = TrafficFeed(str(path), picture=picture_of(house), clock=house.clock, rng=random.Random(1))
    looks: list[float] = []
    look = feed.look

    async def counted(client: httpx.AsyncClient | None = None) -> bool:
        looks.append(house.clock.wall_s())
        return await look(client)

    feed.look = counted  # type: ignore[method-assign]
    running = asyncio.create_task(feed.run(), name="feed")
    for _ in range(120):
        await house.clock.advance(0.5)
        await asyncio.sleep(0.002)
    seldom = len(looks)
    assert 4 <= seldom <= 45
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
