"""Where crewed aircraft of the scenario are at a moment, and which of them an aircraft hears."""

from __future__ import annotations

import math

from simulator.faults import CrewedTrack
from simulator.localframe import LocalFrame
from simulator.traffic import CrewedAircraft

HEARD_WITHIN_M = 40_000.0
"""A receiver the size of a matchbox hears airliners further off; nothing that matters to a flight at 120 m is."""


class Track:
    """A straight line from ``start`` to ``end``, from ``begins_s`` on."""

    def __init__(self, fault: CrewedTrack, *, begins_s: float) -> None:
        self._fault = fault
        self._begins_s = begins_s
        start, end = fault.start, fault.end
        self._frame = LocalFrame(lat_deg=start.lat_deg, lon_deg=start.lon_deg, alt_amsl_m=start.alt_amsl_m)
        self._north_m, self._east_m = self._frame.to_local(end.lat_deg, end.lon_deg)
        self._up_m = end.alt_amsl_m - start.alt_amsl_m
        self._takes_s = math.hypot(self._north_m, self._east_m, self._up_m) / fault.speed_m_s

    def at(self, sim_s: float) -> CrewedAircraft | None:
        """As it would be heard now; None once it has flown its way."""
        flown_s = sim_s - self._begins_s
        if not 0 <= flown_s <= self._takes_s:
            return None
        share = flown_s / self._takes_s if self._takes_s > 0 else 0.0
        lat_deg, lon_deg = self._frame.to_global(share * self._north_m, share * self._east_m)
        level_m = math.hypot(self._north_m, self._east_m)
        return CrewedAircraft(
            icao=self._fault.icao,
            callsign=self._fault.callsign,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            alt_amsl_m=self._fault.start.alt_amsl_m + share * self._up_m,
            heading_deg=math.degrees(math.atan2(self._east_m, self._north_m)) % 360.0,
            speed_m_s=level_m / self._takes_s if self._takes_s > 0 else 0.0,
            climb_m_s=self._up_m / self._takes_s if self._takes_s > 0 else 0.0,
            emitter_type=self._fault.emitter_type,
        )


def heard(flying: tuple[CrewedAircraft, ...], frame: LocalFrame) -> tuple[CrewedAircraft, ...]:
    """Those near enough to a dock for the receiver of its aircraft."""
    return tuple(each for each in flying if math.hypot(*frame.to_local(each.lat_deg, each.lon_deg)) <= HEARD_WITHIN_M)
