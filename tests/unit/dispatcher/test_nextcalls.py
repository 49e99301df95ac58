"""Where the next call may come, from a force's own record, and what that makes each dock worth."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.reports import PlanChanged
from contracts.vocabulary import DockState, Phase
from dispatcher.decision.assignment import Weighing
from dispatcher.entities import IncidentStatus
from dispatcher.nextcalls import CHARGING_S, Past, Standing, late_s, next_calls, past_of, ready_in_s, reserve_of
from geo.flight.position import offset
from tests.desks import Scene

TOWN = (52.4000, -1.5000)
VILLAGE = (52.4900, -1.5000)
"""10 km north."""
DAY_S = 86_400.0
ONE = Standing(dock_id="town-1", lat_deg=52.4000, lon_deg=-1.5000, cruise_m_s=15.0)
TWO = replace(ONE, dock_id="town-2", lat_deg=52.4020)
FAR = replace(ONE, dock_id="village", lat_deg=VILLAGE[0])


def test_with_too_few_calls_on_record_nothing_is_known() -> None:
    assert next_calls(Past(places=(TOWN,) * 49, span_s=DAY_S), least=50) is None
    assert next_calls(Past(places=(TOWN,) * 50, span_s=DAY_S), least=50) is not None


def test_a_dock_that_alone_covers_a_village_is_dearer_than_one_of_two_in_a_town() -> None:
    ahead = next_calls(Past(places=(TOWN,) * 60 + (VILLAGE,) * 40, span_s=DAY_S), least=50)
    assert ahead is not None
    worth = reserve_of(ahead, [ONE, TWO, FAR], weighing=Weighing())
    assert worth["village"] > 5 * max(worth["town-1"], worth["town-2"])
    assert worth["village"] <= Weighing().reserve_most_s


def test_more_calls_make_the_reserve_dearer_and_no_weight_makes_it_nothing() -> None:
    rare = next_calls(Past(places=(TOWN,) * 60 + (VILLAGE,) * 40, span_s=30 * DAY_S), least=50)
    often = next_calls(Past(places=(TOWN,) * 60 + (VILLAGE,) * 40, span_s=3 * DAY_S), least=50)
    assert rare is not None
    assert often is not None
    docks, uncapped = [ONE, TWO, FAR], Weighing(reserve_most_s=10_000.0)
    assert reserve_of(rare, docks, weighing=uncapped)["village"] == pytest.approx(
        reserve_of(often, docks, weighing=uncapped)["village"] / 10
    )
    assert set(reserve_of(often, docks, weighing=Weighing(reserve_weight=0.0)).values()) == {0.0}


def test_lateness_begins_where_the_docks_no_longer_reach() -> None:
    past = Past(places=(TOWN,) * 50 + (VILLAGE,) * 50, span_s=30 * DAY_S)
    ahead, busier = next_calls(past, least=50), next_calls(replace(past, span_s=2 * DAY_S), least=50)
    assert ahead is not None
    assert busier is not None
    assert late_s(ahead, [ONE]) > 3 * late_s(ahead, [ONE, FAR])
    alone_s = pytest.approx(late_s(busier, [ONE]))
    assert late_s(busier, [ONE, FAR]) == alone_s, "whose drone is often away is often not the one to go"


async def test_a_call_that_became_part_of_another_came_once() -> None:
    scene = await Scene.open()
    first = await scene.incident()
    await scene.clock.advance(100)
    second = await scene.incident()
    merged = replace(second, status=IncidentStatus.MERGED)
    past = past_of([first, replace(second, received_at=first.received_at + timedelta(seconds=100))])
    assert (len(past.places), past.span_s) == (2, 100.0)
    assert len(past_of([first, merged]).places) == 1


def test_a_dock_is_the_dearer_to_send_from_the_longer_its_neighbours_drone_is_away() -> None:
    ahead = next_calls(Past(places=(TOWN,) * 100, span_s=DAY_S), least=50)
    assert ahead is not None
    uncapped = Weighing(reserve_most_s=100_000.0)

    def worth(ready_in_s: float) -> dict[str, float]:
        return reserve_of(ahead, [ONE, replace(TWO, ready_in_s=ready_in_s)], weighing=uncapped)

    ready, soon, later, never = (worth(seconds) for seconds in (0.0, 300.0, 1500.0, math.inf))
    assert ready["town-1"] < soon["town-1"] < later["town-1"] < never["town-1"]
    assert set(ready) == {"town-1", "town-2"}
    assert set(soon) == {"town-1"}, "only what can be ordered has a price"


async def test_when_a_drone_can_be_ordered_follows_from_what_it_does() -> None:
    scene = await Scene.open()
    flight = await scene.press(await scene.incident(), dock_id="cov-1")

    def ready(dock_id: str, state: DockState | None = DockState.READY, percent: float = 100.0) -> float:
        view, desk = scene.desk.state.docks[dock_id], scene.desk
        status = desk._statuses()[dock_id].model_copy(update={"state": state, "battery_percent": percent})
        out = None if view.active_flight_id is None else desk.state.flights[view.active_flight_id]
        return ready_in_s(view, None if state is None else status, out)

    assert [ready("cov-2"), ready("cov-2", None), ready("cov-2", DockState.FAULT)] == [0.0, math.inf, math.inf]
    assert 1.0 == ready("cov-2", DockState.CHARGING, 95.0) < ready("cov-2", DockState.CHARGING, 30.0) < CHARGING_S
    assert ready("cov-1") == math.inf, "nobody knows how long it watches"
    await scene.fly(flight, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING)
    assert CHARGING_S < ready("cov-1") < CHARGING_S + 300.0
    await scene.desk.hold_dock("engineer-1", "cov-2", "rotor blades")
    assert ready("cov-2") == math.inf


async def test_of_a_way_home_only_what_is_left_counts_where_that_is_known() -> None:
    scene = await Scene.open()
    flight = await scene.press(await scene.incident(), dock_id="cov-1")
    await scene.fly(flight, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING)
    desk, site = scene.desk, scene.desk.state.docks["cov-1"].dock

    def ready() -> float:
        (standing,) = [each for each in desk._standing() if each.dock_id == "cov-1"]
        return standing.ready_in_s - CHARGING_S

    whole_s = desk.state.flights[flight.id].promise.time_to_scene_s
    assert ready() == pytest.approx(whole_s), "nobody has seen it"
    scene.seen(flight, *offset(site.lat_deg, site.lon_deg, bearing_deg=90, distance_m=150))
    (cruise_m_s,) = {each.cruise_m_s for each in desk._standing()}
    assert ready() == pytest.approx(150 / cruise_m_s, rel=0.01)
    scene.seen(flight, *offset(site.lat_deg, site.lon_deg, bearing_deg=90, distance_m=50_000))
    assert ready() == pytest.approx(whole_s), "never more than the whole way"
    await scene.fly(flight, Phase.LANDING)
    scene.seen(flight, site.lat_deg, site.lon_deg)
    assert ready() == pytest.approx(0.0, abs=0.1)
    view, status, home = desk.state.docks["cov-1"], desk._statuses()["cov-1"], (site.lat_deg, site.lon_deg)
    order = flight.order
    to_another = PlanChanged(
        flight_id=flight.id,
        order_id=order.order_id,
        scene=order.scene,
        route_out=order.route_out,
        route_home=order.route_home,
        fence=order.fence,
        watch_s=order.watch_s,
        home=order.home,
        home_dock_id="cov-2",
    )
    elsewhere = replace(desk.state.flights[flight.id], plan=to_another)
    assert ready_in_s(view, status, elsewhere, at=home, cruise_m_s=15.0) == whole_s + CHARGING_S


async def test_the_plan_at_the_desk_spares_the_dock_that_the_next_calls_need() -> None:
    scene = await Scene.open(pilots=2)
    # The record: calls come beside cov-2, which nobody else is near.
    for number in range(60):
        old = await scene.incident(52.4300 + number * 1e-5, -1.4900)
        await scene.desk.close_incident("controller-1", old.id, "over")
    await scene.clock.advance(60)
    await scene.all_report()
    # Between the two, a little nearer to cov-2.
    call = await scene.incident(52.4188, -1.5043, grade="4")
    options = (await scene.desk.decide("controller-1", call.id)).options
    assert options[0]["dock_id"] == "cov-2"
    (planned,) = await scene.desk.assignments()
    assert planned.dock_id == "cov-1"
    assert "worth more elsewhere" in planned.because
