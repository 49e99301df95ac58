"""Retasks and diverts as the desk lays them: from the flight's own plan and heights, refused in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.fleet import Aircraft, Dock, Links
from contracts.orders import FlightOrder
from contracts.position import Place, Waypoint
from contracts.reports import PlanChanged
from contracts.vocabulary import Deployment, Phase
from dispatcher.decision.facts import Policy
from dispatcher.entities import Flight, OrderState
from dispatcher.errors import Conflict, FlightEnded, Invalid
from dispatcher.events import IncidentPlace, Promise
from dispatcher.rerouting import cost, lay_divert, lay_retask, too_dear
from geo.flight.fence import Fence
from geo.flight.plan import straight_plan
from geo.flight.position import distance_m, offset
from geo.flight.wind import Wind
from tests.unit.geo.aircraft import HOME, PATROL

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = Policy()
OLD_SCENE = offset(*HOME, bearing_deg=60, distance_m=2000)
NEW_SCENE = offset(*HOME, bearing_deg=150, distance_m=1500)


def box(dock_id: str, place: tuple[float, float], *, alt_amsl_m: float = 90.0) -> Dock:
    return Dock(
        id=dock_id,
        name=dock_id,
        lat_deg=place[0],
        lon_deg=place[1],
        alt_amsl_m=alt_amsl_m,
        aircraft=Aircraft(id=f"k-{dock_id}", callsign="K1", type="quad", system_id=1),
        links=Links(mavlink_url="udpin://127.0.0.1:14540", modbus="127.0.0.1:15020"),
    )


BASE = box("cov-1", HOME)
OTHER = box("cov-2", offset(*HOME, bearing_deg=300, distance_m=1200), alt_amsl_m=102.0)


def flight_in(phase: Phase, *, transit_m: float = 60.0, scene_m: float = 60.0, **changes: Any) -> Flight:
    plan = straight_plan(home=HOME, scene=OLD_SCENE, transit_alt_m=transit_m, scene_alt_m=scene_m)
    order = FlightOrder(
        order_id=UUID(int=1),
        flight_id=UUID(int=2),
        incident_id=UUID(int=3),
        deployment=Deployment.SIMULATION,
        aircraft_id="k1",
        pilot="pilot-1",
        purpose="a test",
        issued_at=NOW,
        expires_at=NOW + timedelta(seconds=60),
        home=Place(lat_deg=HOME[0], lon_deg=HOME[1]),
        scene=Place(lat_deg=OLD_SCENE[0], lon_deg=OLD_SCENE[1]),
        route_out=[point(*each.position, each.alt_above_home_m) for each in plan.route_out],
        route_home=[point(*each.position, each.alt_above_home_m) for each in plan.route_home],
        fence=[Place(lat_deg=lat, lon_deg=lon) for lat, lon in plan.fence.vertices],
        ceiling_above_home_m=120,
        cruise_speed_m_s=15,
        watch_s=600,
        reserve_percent=20,
    )
    flight = Flight(
        id=order.flight_id,
        incident_id=order.incident_id,
        incident_revision=1,
        decision_id=UUID(int=4),
        dock_id="cov-1",
        callsign="K1",
        mark=0,
        pilot="pilot-1",
        order=order,
        order_sequence=1,
        order_state=OrderState.ACCEPTED,
        promise=Promise(
            time_to_airborne_s=9,
            time_to_scene_s=170,
            on_scene_s=600,
            battery_on_return_percent=50,
            distance_m=2000,
        ),
        phase=phase,
        phases=(),
        ordered_at=NOW,
        ordered_by="controller-1",
        event_id=UUID(int=5),
    )
    return replace(flight, **changes)


def point(lat_deg: float, lon_deg: float, alt_m: float) -> Waypoint:
    return Waypoint(lat_deg=lat_deg, lon_deg=lon_deg, alt_above_home_m=alt_m)


HERE = point(*OLD_SCENE, 60)


def at_new_scene(radius_m: float = 0.0) -> IncidentPlace:
    return IncidentPlace(lat_deg=NEW_SCENE[0], lon_deg=NEW_SCENE[1], radius_m=radius_m)


def fence_of(places: list[Place]) -> Fence:
    return Fence(vertices=tuple((place.lat_deg, place.lon_deg) for place in places))


def test_a_retask_leads_from_here_to_the_new_scene_and_home_at_the_flights_own_heights() -> None:
    flight = flight_in(Phase.ON_SCENE, transit_m=75, scene_m=90)
    retask = lay_retask(flight=flight, present=HERE, scene=at_new_scene(), policy=POLICY, watch_s=240)
    assert retask.watch_s == 240
    assert [each.alt_above_home_m for each in retask.route_out] == [75, 75, 90]
    assert [each.alt_above_home_m for each in retask.route_home] == [75, 75]
    assert distance_m(retask.route_out[-1].lat_deg, retask.route_out[-1].lon_deg, *NEW_SCENE) == pytest.approx(
        30, abs=1
    )
    assert (retask.route_home[-1].lat_deg, retask.route_home[-1].lon_deg) == HOME


def test_the_fence_of_a_retask_holds_the_way_home_that_is_on_board_until_then() -> None:
    retask = lay_retask(
        flight=flight_in(Phase.EN_ROUTE), present=point(*HOME, 60), scene=at_new_scene(), policy=POLICY, watch_s=240
    )
    fence = fence_of(retask.fence)
    assert fence.contains_path((OLD_SCENE, HOME))
    assert fence.contains_path((HOME, NEW_SCENE))


def test_a_second_retask_starts_from_the_plan_that_the_agent_confirmed() -> None:
    first = lay_retask(flight=flight_in(Phase.ON_SCENE), present=HERE, scene=at_new_scene(), policy=POLICY, watch_s=240)
    flight = flight_in(
        Phase.ON_SCENE,
        plan=PlanChanged(
            flight_id=UUID(int=2),
            order_id=UUID(int=9),
            scene=first.scene,
            route_out=first.route_out,
            route_home=first.route_home,
            fence=first.fence,
            watch_s=240,
            home=BASE.place,
            home_dock_id="cov-1",
        ),
    )
    back = IncidentPlace(lat_deg=OLD_SCENE[0], lon_deg=OLD_SCENE[1])
    second = lay_retask(flight=flight, present=first.route_out[-1], scene=back, policy=POLICY, watch_s=60)
    assert fence_of(second.fence).contains_path((NEW_SCENE, HOME)), "the way home of the first retask is on board"
    assert fence_of(second.fence).contains_path((OLD_SCENE, HOME))


@pytest.mark.parametrize("phase", [Phase.ORDERED, Phase.PREPARING, Phase.LAUNCHING])
def test_a_flight_that_is_not_on_its_way_yet_gets_no_new_scene(phase: Phase) -> None:
    with pytest.raises(Conflict, match="not on its way yet"):
        lay_retask(flight=flight_in(phase), present=HERE, scene=at_new_scene(), policy=POLICY, watch_s=60)


@pytest.mark.parametrize("phase", [Phase.RETURNING, Phase.LANDING])
def test_a_flight_on_its_way_home_gets_no_new_scene(phase: Phase) -> None:
    with pytest.raises(Conflict, match="on its way home"):
        lay_retask(flight=flight_in(phase), present=HERE, scene=at_new_scene(), policy=POLICY, watch_s=60)


@pytest.mark.parametrize("phase", [Phase.DOCKED, Phase.LANDED_AWAY, Phase.CANCELLED])
def test_a_flight_that_has_ended_gets_no_new_way(phase: Phase) -> None:
    with pytest.raises(FlightEnded):
        lay_retask(flight=flight_in(phase), present=HERE, scene=at_new_scene(), policy=POLICY, watch_s=60)
    with pytest.raises(FlightEnded):
        lay_divert(flight=flight_in(phase), present=HERE, dock=OTHER, home=BASE, policy=POLICY)


def test_a_scene_beyond_the_docks_limit_is_refused_with_both_figures() -> None:
    with pytest.raises(Invalid, match=r"1[45]\d\d m from K1's dock, whose limit is 1000 m"):
        lay_retask(
            flight=flight_in(Phase.ON_SCENE),
            present=HERE,
            scene=at_new_scene(),
            policy=POLICY,
            watch_s=60,
            max_range_m=1000,
        )


def test_a_divert_leads_to_the_other_plate_with_its_height_over_ours() -> None:
    divert = lay_divert(flight=flight_in(Phase.RETURNING), present=HERE, dock=OTHER, home=BASE, policy=POLICY)
    assert divert.dock_id == "cov-2"
    assert divert.landing_above_home_m == pytest.approx(12)
    assert divert.home == OTHER.place
    # 60 m above its plate, which lies 12 m higher; it climbs where it is, before it goes.
    assert [each.alt_above_home_m for each in (*divert.route_out, *divert.route_home)] == [72, 72]
    assert fence_of(divert.fence).contains_path((OLD_SCENE, HOME)), "the way home that is on board until then"
    assert fence_of(divert.fence).contains_path((OLD_SCENE, (OTHER.lat_deg, OTHER.lon_deg)))


def test_a_flight_cannot_divert_to_the_dock_that_it_comes_home_to() -> None:
    with pytest.raises(Conflict, match="already"):
        lay_divert(flight=flight_in(Phase.RETURNING), present=HERE, dock=BASE, home=BASE, policy=POLICY)


def test_a_flight_on_the_ground_cannot_divert() -> None:
    with pytest.raises(Conflict, match="not in the air yet"):
        lay_divert(flight=flight_in(Phase.PREPARING), present=HERE, dock=OTHER, home=BASE, policy=POLICY)


def test_a_plate_on_a_tower_is_refused_in_words() -> None:
    tower = box("tower", offset(*HOME, bearing_deg=300, distance_m=1200), alt_amsl_m=200)
    with pytest.raises(Invalid, match=r"cannot go to tower: its landing plate is 110 m above"):
        lay_divert(flight=flight_in(Phase.ON_SCENE), present=HERE, dock=tower, home=BASE, policy=POLICY)


def test_what_a_retask_costs_decides_whether_it_may_be_given() -> None:
    flight = flight_in(Phase.ON_SCENE)
    retask = lay_retask(flight=flight, present=HERE, scene=at_new_scene(), policy=POLICY, watch_s=240)

    def reason(charge_percent: float, wind: Wind, least_watch_s: float = 60) -> str | None:
        estimate = cost(
            task=retask, flight=flight, present=HERE, performance=PATROL, charge_percent=charge_percent, wind=wind
        )
        return too_dear(estimate, least_watch_s=least_watch_s)

    calm = Wind(speed_m_s=0, from_deg=0)
    assert reason(80, calm) is None
    assert "does not reach" in (reason(25, calm) or "")
    assert "s on scene" in (reason(80, calm, least_watch_s=3600) or "")
    assert "wind" in (reason(80, Wind(speed_m_s=25, from_deg=0)) or "")


def test_a_divert_to_a_near_dock_costs_less_than_one_far_away() -> None:
    flight = flight_in(Phase.ON_SCENE)
    far = box("far", offset(*HOME, bearing_deg=240, distance_m=4000))
    costs = [
        cost(
            task=lay_divert(flight=flight, present=HERE, dock=dock, home=BASE, policy=POLICY),
            flight=flight,
            present=HERE,
            performance=PATROL,
            charge_percent=60,
        ).energy_wh
        for dock in (OTHER, far)
    ]
    assert costs[0] < costs[1]
