"""PX4's checks before arming: what speaks against a flight, in the words of its texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.vehicle import Vehicle


def problems(vehicle: Vehicle) -> list[str]:
    """Every check that fails now; empty: it may arm."""
    troubles, parameters = vehicle.troubles, vehicle.parameters
    found = [troubles.arming_refused] if troubles.arming_refused else []
    if not vehicle.gnss.has_fix or not vehicle.gnss.usable:
        found.append("Global position required")
    if troubles.motor_failed:
        found.append("Motor failure")
    if parameters["NAV_DLL_ACT"] > 0 and vehicle.failsafe.link_is_lost(vehicle.sim_s, vehicle.link_heard_s):
        found.append("No connection to the GCS")
    if parameters["GF_ACTION"] > 0 and not vehicle.inside_fence(vehicle.seen.north_m, vehicle.seen.east_m):
        found.append("Vehicle outside geofence")
    if vehicle.battery.fraction <= parameters["BAT_CRIT_THR"]:
        found.append("Battery unhealthy")
    if vehicle.fault:
        found.append(vehicle.fault)
    return found
