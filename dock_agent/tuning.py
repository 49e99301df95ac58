"""The autopilot's parameters that a flight relies on, and what they must be. Pure.

They are read when the aircraft is found, set only if wrong, and read back; never on the way to a launch. PX4's defaults
would fly 5 m/s, ignore a lost link and return across whatever lies in between.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.fleet import AircraftType

LINK_LOSS_PARAMETER = "COM_DL_LOSS_T"
LINK_LOSS_MAX = 300
TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One parameter. ``at_least``: any value from ``value`` up will do."""

    name: str
    value: float
    integer: bool = False
    at_least: bool = False
    optional: bool = False
    """Autopilots without it are taken as they are."""

    def suits(self, found: float) -> bool:
        """True when the value found need not be changed."""
        if self.at_least:
            return found >= self.value - TOLERANCE
        return abs(found - self.value) <= TOLERANCE


def wanted_parameters(aircraft: AircraftType) -> tuple[Wanted, ...]:
    """Upper limits before what they limit."""
    return (
        Wanted(name="RTL_TYPE", value=2, integer=True),  # return along the mission's way home
        Wanted(name="NAV_DLL_ACT", value=2, integer=True),  # link lost: return
        Wanted(name="GF_ACTION", value=2, integer=True),  # at the fence: hold; who then brings it home: ADR 12
        Wanted(name="MPC_XY_VEL_MAX", value=aircraft.cruise_m_s, at_least=True),
        Wanted(name="MPC_XY_CRUISE", value=aircraft.cruise_m_s),
        Wanted(name="MPC_Z_VEL_MAX_UP", value=aircraft.climb_m_s, at_least=True, optional=True),
        Wanted(name="MPC_Z_VEL_MAX_DN", value=aircraft.descent_m_s, at_least=True, optional=True),
        Wanted(name="MPC_Z_V_AUTO_UP", value=aircraft.climb_m_s),
        Wanted(name="MPC_Z_V_AUTO_DN", value=aircraft.descent_m_s),
    )


def link_loss_seconds(ordered_s: float, *, factor: float) -> int:
    """The autopilot's link-loss time for an order's.

    It waits for the client, who lives in wall time, but counts in its own: in a simulation that runs ``factor`` times
    as fast, PX4's start-up scales the parameter the same way (with factor 1 there is nothing to scale).
    """
    return max(1, min(LINK_LOSS_MAX, round(ordered_s * factor)))
