"""The dock's own limits, whoever orders: every reason at once, in words that the person on duty can act on.

Pure. ``blockers`` says why this dock cannot launch at all now (shown all the time), ``warnings`` which of that a person
may set aside, ``order_reasons`` adds what is wrong with one order and leaves out what was set aside for it. What may be
asked in the air is judged by `dock_agent.taskguards`, what a flight must do by itself by `dock_agent.lookout`.
"""

from __future__ import annotations

from datetime import datetime

from contracts.fleet import AircraftType
from contracts.orders import FlightOrder
from contracts.position import Weather
from contracts.vocabulary import Lid
from contracts.warnings import WarningCode
from dock_agent import postflight
from dock_agent.energywatch import performance_for, wind_aloft
from dock_agent.findings import Finding, against
from dock_agent.flight import LINK_LOST_S, POSITION_OLD_S, since
from dock_agent.mission import flight_plan
from dock_agent.readings import AircraftReading, DockReading
from dock_agent.standing import Standing
from dock_agent.taskguards import task_reasons
from dock_agent.weatherwatch import beyond, unknown
from geo.flight.energy import Infeasible
from geo.flight.errors import FlightGeometryError
from geo.flight.plan import FlightPlan, estimate_plan
from geo.flight.position import LatLon, distance_m

__all__ = ["HOME_TOLERANCE_M", "Standing", "battery_percent", "blockers", "order_reasons", "task_reasons", "warnings"]

HOME_TOLERANCE_M = 5.0
"""How far an order's home may lie from the dock as the fleet file has it."""


def battery_percent(aircraft: AircraftReading, hardware: DockReading) -> float | None:
    """The charge: the aircraft's own word while it is heard, else the charger's; None: unknown."""
    if aircraft.link_age_s <= LINK_LOST_S and aircraft.battery_percent is not None:
        return aircraft.battery_percent
    return hardware.battery_percent if hardware.alive else None


def blockers(standing: Standing) -> list[str]:
    """Why this dock cannot launch now, whatever the order; empty when it can."""
    return [finding.text for finding in _findings(standing)]


def warnings(standing: Standing) -> list[Finding]:
    """Those of its blockers that a person may set aside for one launch."""
    return [finding for finding in _findings(standing) if finding.warning is not None]


def _findings(standing: Standing) -> list[Finding]:
    found = [Finding(text=text) for text in _unconditional(standing)]
    if standing.hardware.alive:
        found += _weather(standing.hardware.weather, standing.aircraft_type)
    return [*found, *_charge(standing), *(Finding(text=text) for text in _aftermath(standing))]


def _unconditional(standing: Standing) -> list[str]:
    reasons = []
    if standing.flight_id is not None:
        reasons.append("a flight is under way")
    if standing.held is not None:
        reasons.append(standing.held)
    if standing.expecting is not None:
        reasons.append(f"expecting aircraft {standing.expecting}")
    reasons += _hardware(standing.hardware)
    return reasons + _aircraft(standing)


def _charge(standing: Standing) -> list[Finding]:
    charge, least = (
        battery_percent(standing.aircraft, standing.hardware),
        standing.dock.limits.min_launch_battery_percent,
    )
    if charge is None:
        return [Finding(text="the battery's charge is unknown")]
    if charge >= least:
        return []
    text = f"the battery is at {charge:.0f} %; {least:.0f} % is the least to launch with"
    return [Finding(text=text, warning=WarningCode.CHARGE_TOO_LOW, value=charge, limit=least)]


def _aftermath(standing: Standing) -> list[str]:
    """What was left by the flight before, and what is over the dock."""
    reasons = []
    if not standing.checked and standing.flight_id is None:
        reasons.append(postflight.blocker(standing.hardware, standing.aircraft))
    if standing.distrusted is not None and standing.flight_id is None:
        reasons.append(standing.distrusted)
    if standing.raised is not None:
        reasons.append(f"something is over the dock: {standing.raised}")
    if standing.watch.converging is not None and standing.flight_id is None:
        reasons.append(f"a crewed aircraft is near: {standing.watch.converging}")
    return reasons


def order_reasons(order: FlightOrder, *, sequence: int, now: datetime, standing: Standing) -> list[str]:
    """Every reason not to fly this order; empty when it can be flown. ``now`` is mission time."""
    dock, reasons = standing.dock, []
    if order.deployment != standing.deployment:
        reasons.append(f"the order is for {order.deployment}; this dock is {standing.deployment}")
    if order.expires_at <= now:
        reasons.append(f"the order expired {since(order.expires_at, now):.0f} s ago")
    if sequence <= standing.last_sequence:
        reasons.append(f"the order is older than one already handled: number {sequence} after {standing.last_sequence}")
    if standing.barred:
        reasons.append("the flight was cancelled before its order arrived")
    if order.aircraft_id != dock.aircraft.id:
        reasons.append(f"the order is for aircraft {order.aircraft_id}; {dock.aircraft.id} stands here")
    reasons += [finding.text for finding in against(_findings(standing), order.overrides)]
    return reasons + _geometry(order, standing)


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


def _weather(weather: Weather | None, aircraft: AircraftType) -> list[Finding]:
    missing = unknown(weather)
    if weather is None or missing is not None:
        return [Finding(text=missing)] if missing is not None else []
    return beyond(weather, aircraft)


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
        outside_m = -plan.fence.clearance_m(*plan.home)
        reasons.append(f"the fence does not hold home, which is {outside_m:.0f} m outside")
    # It flies out of home and comes back to it: the two ways are one path.
    way = [plan.home, *(point.position for point in points)]
    if not plan.fence.contains_path(way):
        reasons.append(f"the fence does not hold the whole route{_outside(plan, way)}")
    return reasons


def _outside(plan: FlightPlan, way: list[LatLon]) -> str:
    outside_m = -min(plan.fence.clearance_m(*point) for point in way)
    return f": a point of it is {outside_m:.0f} m outside" if outside_m > 0 else ": a straight part of it leaves it"


def _energy(order: FlightOrder, plan: FlightPlan, standing: Standing) -> list[str]:
    """A watch shorter than ordered is not a reason: the guard in the air ends it in time."""
    charge = battery_percent(standing.aircraft, standing.hardware)
    weather = standing.hardware.weather
    if charge is None or weather is None:
        return []
    performance = performance_for(standing.aircraft_type, standing.dock, reserve_percent=order.reserve_percent)
    wind = wind_aloft(weather, plan=plan)
    estimate = estimate_plan(plan=plan, performance=performance, watch_s=0.0, charge_percent=charge, wind=wind)
    if estimate.infeasible is Infeasible.WIND_BEATS_AIRCRAFT:
        blows, flies = f"{wind.speed_m_s:.1f} m/s up there", f"{performance.top_airspeed_m_s:.1f} m/s through the air"
        return [f"the wind on the route is too strong for this aircraft: {blows} against {flies}"]
    if estimate.infeasible is Infeasible.ENERGY:
        needed = estimate.energy_wh / performance.battery_wh * 100 + performance.reserve_percent
        return [f"there and back with the reserve takes {needed:.0f} % of the battery; it has {charge:.0f} %"]
    return []
