"""The dock's own limits, whoever orders: every reason at once, in words that the person on duty can act on.

Pure. ``blockers`` says why this dock cannot launch at all now (shown all the time), ``order_reasons`` adds what is
wrong with one order, ``must_return`` watches the charge in the air against the way home in the measured wind.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from contracts.fleet import AircraftType, Dock
from contracts.orders import FlightOrder
from contracts.position import Weather
from contracts.vocabulary import Deployment, Lid
from dock_agent.flight import LINK_LOST_S, POSITION_OLD_S
from dock_agent.mission import flight_plan
from dock_agent.readings import AircraftReading, DockReading
from geo.flight.energy import Infeasible
from geo.flight.errors import FlightGeometryError
from geo.flight.performance import Performance
from geo.flight.plan import FlightPlan, Waypoint, estimate_plan, estimate_return_from
from geo.flight.position import bearing_deg, distance_m
from geo.flight.wind import Wind

WEATHER_OLD_S = 120.0
"""Mission seconds after which a weather sample says nothing about now."""
HOME_TOLERANCE_M = 5.0
"""How far an order's home may lie from the dock as the fleet file has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the agent knows of its dock at this moment."""

    dock: Dock
    aircraft_type: AircraftType
    deployment: Deployment
    aircraft: AircraftReading
    hardware: DockReading
    flight_id: UUID | None
    last_sequence: int
    """Of the orders handled so far."""
    barred: bool = False
    """True when this order's flight was cancelled before the order arrived."""


def performance_of(aircraft_type: AircraftType, *, reserve_percent: float, ceiling_m: float) -> Performance:
    """The aircraft type as the energy model takes it."""
    named = aircraft_type.model_dump(include={field.name for field in fields(Performance)})
    return Performance(**named, reserve_percent=reserve_percent, ceiling_agl_m=ceiling_m)


def wind_of(weather: Weather) -> Wind:
    """The wind as the energy model takes it."""
    return Wind(speed_m_s=weather.wind_speed_m_s, from_deg=weather.wind_from_deg)


def battery_percent(aircraft: AircraftReading, hardware: DockReading) -> float | None:
    """The charge: the aircraft's own word while it is heard, else the charger's; None: unknown."""
    if aircraft.link_age_s <= LINK_LOST_S and aircraft.battery_percent is not None:
        return aircraft.battery_percent
    return hardware.battery_percent if hardware.alive else None


def blockers(standing: Standing) -> list[str]:
    """Why this dock cannot launch now, whatever the order; empty when it can."""
    reasons = []
    if standing.flight_id is not None:
        reasons.append("a flight is under way")
    reasons += _hardware(standing.hardware)
    reasons += _aircraft(standing)
    if standing.hardware.alive:
        reasons += _weather(standing.hardware.weather, standing.aircraft_type)
    charge, least = (
        battery_percent(standing.aircraft, standing.hardware),
        standing.dock.limits.min_launch_battery_percent,
    )
    if charge is None:
        reasons.append("the battery's charge is unknown")
    elif charge < least:
        reasons.append(f"the battery is at {charge:.0f} %; {least:.0f} % is the least to launch with")
    return reasons


def order_reasons(order: FlightOrder, *, sequence: int, now: datetime, standing: Standing) -> list[str]:
    """Every reason not to fly this order; empty when it can be flown. ``now`` is mission time."""
    dock, reasons = standing.dock, []
    if order.deployment != standing.deployment:
        reasons.append(f"the order is for {order.deployment}; this dock is {standing.deployment}")
    if order.expires_at <= now:
        reasons.append("the order has expired")
    if sequence <= standing.last_sequence:
        reasons.append("the order is older than one already handled")
    if standing.barred:
        reasons.append("the flight was cancelled before its order arrived")
    if order.aircraft_id != dock.aircraft.id:
        reasons.append(f"the order is for aircraft {order.aircraft_id}; {dock.aircraft.id} stands here")
    reasons += blockers(standing)
    return reasons + _geometry(order, standing)


def must_return(
    order: FlightOrder, *, aircraft: AircraftReading, weather: Weather | None, dock: Dock, aircraft_type: AircraftType
) -> str | None:
    """Why the aircraft must come home now, for its battery's sake; None while it need not.

    Without a fresh weather sample the type's wind limit is assumed, against it all the way.
    """
    position, charge = aircraft.position, aircraft.battery_percent
    if position is None or charge is None or aircraft.position_age_s > POSITION_OLD_S:
        return None
    plan = flight_plan(order)
    reserve = max(order.reserve_percent, dock.limits.reserve_percent)
    performance = performance_of(aircraft_type, reserve_percent=reserve, ceiling_m=dock.limits.ceiling_above_home_m)
    at = Waypoint(
        lat_deg=position.lat_deg, lon_deg=position.lon_deg, alt_above_home_m=max(0.0, position.alt_above_home_m)
    )
    known = weather is not None and weather.age_s <= WEATHER_OLD_S
    wind = wind_of(weather) if weather is not None and known else _head_wind(plan, at, aircraft_type)
    home = estimate_return_from(plan=plan, performance=performance, at=at, wind=wind)
    if home.infeasible is not None:
        return "the wind is too strong for the way home: the longer it waits, the worse"
    if charge <= home.percent + reserve:
        return f"the battery is at {charge:.0f} %: {home.percent:.0f} % brings it home, {reserve:.0f} % is the reserve"
    return None


def _hardware(hardware: DockReading) -> list[str]:
    if not hardware.alive:
        return [f"the dock's hardware is unreachable: {hardware.trouble}"]
    reasons = []
    if hardware.lid is Lid.FAULT:
        reasons.append("the lid reports a fault")
    if not hardware.seated:
        reasons.append("no aircraft is seated in the box")
    return reasons


def _aircraft(standing: Standing) -> list[str]:
    aircraft, site = standing.aircraft, standing.dock
    if aircraft.trouble is not None:
        return [aircraft.trouble]
    if not aircraft.connected or aircraft.link_age_s > LINK_LOST_S:
        return ["the aircraft is not connected"]
    if not aircraft.identified:
        return ["the aircraft's identity has not been confirmed yet"]
    reasons = []
    position = aircraft.position
    if position is None or aircraft.position_age_s > POSITION_OLD_S or not aircraft.global_position_ok:
        reasons.append("the aircraft's position is unknown")
    else:
        away_m = distance_m(position.lat_deg, position.lon_deg, site.lat_deg, site.lon_deg)
        if away_m > site.limits.max_site_offset_m and standing.flight_id is None:
            reasons.append(
                f"the aircraft is {away_m:.0f} m from its site; {site.limits.max_site_offset_m:.0f} m is the most"
            )
    if standing.flight_id is None and (aircraft.armed or aircraft.in_air):
        reasons.append("the aircraft is armed or in the air without a flight of ours")
    if not aircraft.tuned:
        reasons.append(aircraft.untuned_because or "the aircraft's parameters have not been checked yet")
    if not aircraft.armable and not aircraft.armed:
        text = f": {aircraft.last_text}" if aircraft.last_text else ""
        reasons.append(f"the autopilot is not ready to arm{text}")
    return reasons


def _weather(weather: Weather | None, aircraft: AircraftType) -> list[str]:
    if weather is None:
        return ["the weather is unknown: the dock has no sensor value"]
    if weather.age_s > WEATHER_OLD_S:
        return [f"the weather is unknown: the last sample is {weather.age_s:.0f} s old"]
    reasons = []
    for what, value, limit, unit in (
        ("wind", weather.wind_speed_m_s, aircraft.wind_limit_m_s, "m/s"),
        ("gusts", weather.gust_m_s, aircraft.gust_limit_m_s, "m/s"),
        ("rain", weather.rain_mm_h, aircraft.rain_limit_mm_h, "mm/h"),
        ("temperature", weather.temperature_c, aircraft.temperature_max_c, "°C"),
    ):
        if value > limit:
            reasons.append(f"{what} {value:.1f} {unit}, limit {limit:.1f} {unit}")
    if weather.temperature_c < aircraft.temperature_min_c:
        reasons.append(f"temperature {weather.temperature_c:.1f} °C, least {aircraft.temperature_min_c:.1f} °C")
    return reasons


def _geometry(order: FlightOrder, standing: Standing) -> list[str]:
    try:
        plan = flight_plan(order)
        return _limits(order, plan, standing) + _energy(order, plan, standing)
    except FlightGeometryError as error:
        return [f"the route of the order cannot be flown: {error}"]


def _limits(order: FlightOrder, plan: FlightPlan, standing: Standing) -> list[str]:
    dock, limits, reasons = standing.dock, standing.dock.limits, []
    off_m = distance_m(order.home.lat_deg, order.home.lon_deg, dock.lat_deg, dock.lon_deg)
    if off_m > HOME_TOLERANCE_M:
        reasons.append(f"the order's home is {off_m:.0f} m from this dock")
    points = (*plan.route_out, *plan.route_home)
    furthest_m = max(distance_m(*plan.home, *point.position) for point in points)
    if furthest_m > limits.max_range_m:
        reasons.append(f"the route goes {furthest_m:.0f} m away; {limits.max_range_m:.0f} m is the most")
    ceiling_m = min(order.ceiling_above_home_m, limits.ceiling_above_home_m)
    highest_m = max(point.alt_above_home_m for point in points)
    if highest_m > ceiling_m:
        reasons.append(f"the route goes up to {highest_m:.0f} m; the ceiling is {ceiling_m:.0f} m above home")
    ordered_m, own_m = order.ceiling_above_home_m, limits.ceiling_above_home_m
    if ordered_m > own_m:
        reasons.append(f"the order's ceiling is {ordered_m:.0f} m; this dock's is {own_m:.0f} m")
    fastest = standing.aircraft_type.cruise_m_s
    if order.cruise_speed_m_s > fastest:
        reasons.append(f"the order's speed is {order.cruise_speed_m_s:.1f} m/s; the aircraft's is {fastest:.1f} m/s")
    if not plan.fence.contains(*plan.home):
        reasons.append("the fence does not hold home")
    if not plan.fence.contains_path([plan.home, *(point.position for point in points)]):
        reasons.append("the fence does not hold the whole route")
    return reasons


def _energy(order: FlightOrder, plan: FlightPlan, standing: Standing) -> list[str]:
    """A watch shorter than ordered is not a reason: the guard in the air ends it in time."""
    charge = battery_percent(standing.aircraft, standing.hardware)
    weather = standing.hardware.weather
    if charge is None or weather is None:
        return []
    reserve = max(order.reserve_percent, standing.dock.limits.reserve_percent)
    performance = performance_of(
        standing.aircraft_type, reserve_percent=reserve, ceiling_m=standing.dock.limits.ceiling_above_home_m
    )
    estimate = estimate_plan(
        plan=plan, performance=performance, watch_s=0.0, charge_percent=charge, wind=wind_of(weather)
    )
    if estimate.infeasible is Infeasible.WIND_BEATS_AIRCRAFT:
        return ["the wind on the route is too strong for this aircraft"]
    if estimate.infeasible is Infeasible.ENERGY:
        needed = estimate.energy_wh / performance.battery_wh * 100 + reserve
        return [f"there and back with the reserve takes {needed:.0f} % of the battery; it has {charge:.0f} %"]
    return []


def _head_wind(plan: FlightPlan, at: Waypoint, aircraft: AircraftType) -> Wind:
    return Wind(speed_m_s=aircraft.wind_limit_m_s, from_deg=bearing_deg(*at.position, *plan.home))
