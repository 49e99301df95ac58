"""The fence and the cleared corridor, watched by the agent: out of either it holds, and after a while returns.

The autopilot watches the fence too (`dock_agent.tuning`, GF_ACTION); the corridor only this does. The fence always
applies. The corridor applies while the mission or a return is flown, once the aircraft has been on it: a goto or an
orbit may leave it, and so does the way back to it afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dock_agent.flight import since
from dock_agent.readings import Mode
from geo.flight.plan import FlightPlan, Waypoint

CORRIDOR_HALF_WIDTH_M = 40.0
"""Less than the 50 m that a fence leaves around its route (`geo.flight.plan`): the corridor speaks first."""
FENCE_SLACK_M = 2.0
"""A satellite fix is no better than that."""
OUTSIDE_LASTS_S = 1.0
"""Mission seconds outside before it counts: one odd fix is none."""
HOLDS_S = 15.0
"""Mission seconds of holding, for a person to decide; then it returns."""
_AIRBORNE_M = 5.0
"""Lower than this above home it is landing or lifting off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """Where the aircraft stands in relation to what was cleared."""

    joined: bool = False
    """It has been on the corridor since it last began to fly the mission."""
    outside_since: datetime | None = None
    what: str = ""
    """Which limit it is outside of and by how much, in words; empty inside."""
    breached_at: datetime | None = None
    """Since when the breach counts; it lasts until it is inside and flies on."""

    taken_over: bool = False
    """Somebody has decided what comes next: a task, a new plan or the way home."""

    def after(
        self, *, at: Waypoint | None, mode: Mode | None, plan: FlightPlan, now: datetime, taken_over: bool = False
    ) -> Confinement:
        """The state after a look; without a fresh position nothing changes."""
        if at is None or at.alt_above_home_m < _AIRBORNE_M:
            return self if at is None else Confinement()
        on_mission = mode in (Mode.MISSION, Mode.RETURN)
        away_m = min(
            plan.corridor_out().distance_m(*at.position),
            plan.corridor_home().distance_m(*at.position),
        )
        joined = on_mission and (self.joined or away_m <= CORRIDOR_HALF_WIDTH_M)
        outside_m = -plan.fence.clearance_m(*at.position)
        what = ""
        if outside_m > FENCE_SLACK_M:
            what = f"it is {outside_m:.0f} m outside the fence"
        elif joined and away_m > CORRIDOR_HALF_WIDTH_M:
            what = f"it is {away_m:.0f} m off the cleared way; {CORRIDOR_HALF_WIDTH_M:.0f} m is the most"
        if not what:
            # A hold ends being on the corridor; the breach stands until somebody decides, or it flies on.
            decided = self.taken_over or taken_over
            still_held = self.breached_at is not None and mode is Mode.HOLD and not decided
            return replace(
                self,
                joined=joined,
                outside_since=None,
                what=self.what if still_held else "",
                breached_at=self.breached_at if still_held else None,
                taken_over=False,
            )
        outside_since = self.outside_since or now
        lasting = since(outside_since, now) >= OUTSIDE_LASTS_S
        breached_at = self.breached_at or (now if lasting else None)
        taken_over = breached_at is not None and (self.taken_over or taken_over)
        return Confinement(
            joined=joined, outside_since=outside_since, what=what, breached_at=breached_at, taken_over=taken_over
        )

    def must_hold(self, now: datetime) -> str | None:
        """Why it must stop now; None when it need not, somebody has taken over, or it is time to return."""
        if self.breached_at is None or self.taken_over or since(self.breached_at, now) >= HOLDS_S:
            return None
        return self.what

    def must_return(self, now: datetime) -> str | None:
        """Why it must come home: the hold has lasted long enough."""
        if self.breached_at is None or since(self.breached_at, now) < HOLDS_S:
            return None
        return f"{self.what}: nobody has decided otherwise in {HOLDS_S:.0f} s"
