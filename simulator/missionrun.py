"""Flying the mission on board, item by item, as PX4's navigator does."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum, auto

from simulator import guidance
from simulator.body import MOTORS_OFF, BodyState, Demand
from simulator.guidance import Target
from simulator.localframe import LocalFrame
from simulator.parameters import Limits
from simulator.plan import FRAME_RELATIVE, FRAME_RELATIVE_INT, Cmd, Plan, PlanItem


class Stage(Enum):
    """What is being done about the current item."""

    CLIMB = auto()
    """Straight up to the item's height, before the first leg."""
    FLY = auto()
    STAY = auto()
    LAND = auto()
    DONE = auto()


class MissionRun:
    """Progress through a plan. ``skip_waits`` is PX4's return along the mission: loiters and delays are flown through.

    ``command`` is called with each item that is no place, as it is executed.
    """

    def __init__(self, *, frame: LocalFrame, command: Callable[[PlanItem], None]) -> None:
        self.frame = frame
        self._command = command
        self.plan = Plan()
        self.home_alt_amsl_m = frame.alt_amsl_m
        self.current = 0
        self.reached = -1
        self.started = False
        self.finished = False
        self.stage = Stage.FLY
        self.speed_m_s: float | None = None
        self.skip_waits = False
        self.from_ground = True
        """Whether the climb to the first item began on the ground."""
        self._on_foot = True  # has not yet climbed to the first item since it stood on the ground
        self._until_s: float | None = None
        self._leg_start: tuple[float, float] | None = None
        self._jumps: dict[int, int] = {}

    def load(self, plan: Plan) -> None:
        """Take a new plan; it starts at item 0."""
        self.plan = plan
        self.rewind()

    def rewind(self) -> None:
        """Back to item 0, as after the landing that ended a mission."""
        self.current = 0
        self.reached = -1
        self.started = False
        self.finished = False
        self.speed_m_s = None
        self._jumps.clear()
        self._until_s = None

    def select(self, index: int, state: BodyState | None) -> bool:
        """Make an item current; False if there is none such. With a ``state`` the mission is being flown: go on there.

        DO_LAND_START is never current: PX4 goes on to the item after it.
        """
        if not 0 <= index < len(self.plan):
            return False
        if self.plan[index].command == Cmd.LAND_START and index + 1 < len(self.plan):
            index += 1
        self.current = index
        self.finished = False
        if state is not None:
            self.activate(state, skip_waits=self.skip_waits)
        return True

    def activate(self, state: BodyState, *, skip_waits: bool = False) -> None:
        """Begin or resume at the current item. In its middle, the speed that earlier items set is set again."""
        self.started = True
        self.skip_waits = skip_waits
        self._until_s = None
        if self.finished:
            self.rewind()
            self.started = True
        if self.current > 0:
            speed = self.plan.speed_before(self.current)
            self.speed_m_s = None if speed is None else speed.params[1]
        self._leg_start = (state.north_m, state.east_m)
        self._run_commands()
        self._on_foot = self._on_foot or state.on_ground
        if not self.finished and self._on_foot and not skip_waits:
            self.stage = Stage.CLIMB
            self.from_ground = state.on_ground

    def has_to_climb(self, state: BodyState, accept_alt_m: float) -> bool:
        """Whether it begins straight up to its first item."""
        item = self.item
        if item is None or not item.is_place or self.finished or self.stage is not Stage.CLIMB:
            return False
        return state.on_ground or state.down_m - self.target_of(item)[2] > accept_alt_m

    @property
    def item(self) -> PlanItem | None:
        """The current item."""
        return self.plan[self.current] if self.current < len(self.plan) else None

    def target_of(self, item: PlanItem) -> tuple[float, float, float]:
        """North, east, down of an item with a place."""
        north, east = self.frame.to_local(item.lat_deg, item.lon_deg)
        return north, east, self.frame.alt_amsl_m - item.alt_amsl_m(self.home_alt_amsl_m)

    def _run_commands(self) -> None:
        """Execute items from the current one on until one takes time; end the mission after the last."""
        passed = 0
        while self.current < len(self.plan):
            item = self.plan[self.current]
            if item.is_place:
                self.stage = Stage.FLY
                return
            if item.command == Cmd.DELAY and not self.skip_waits:
                self.stage = Stage.STAY
                return
            passed += 1
            if item.command == Cmd.JUMP and self._jump(item) and passed < 10 * len(self.plan):
                continue
            if item.command == Cmd.CHANGE_SPEED and item.params[1] > 0:
                self.speed_m_s = item.params[1]
            if not self.skip_waits or item.command in (Cmd.CHANGE_SPEED, Cmd.RETURN):
                self._command(item)
            self.reached = self.current
            if item.command == Cmd.RETURN:
                self.finished = True
                return
            self.current += 1
        self.current = max(0, len(self.plan) - 1)
        self.finished = True
        self.stage = Stage.DONE

    def _jump(self, item: PlanItem) -> bool:
        done = self._jumps.get(self.current, 0)
        target, repeats = int(item.params[0]), int(item.params[1])
        if not 0 <= target < len(self.plan) or 0 <= repeats <= done:
            return False
        self._jumps[self.current] = done + 1
        self.current = target
        return True

    def _advance(self, state: BodyState) -> None:
        self.reached = self.current
        self._until_s = None
        item = self.plan[self.current]
        north, east, _ = self.target_of(item) if item.is_place else (state.north_m, state.east_m, 0.0)
        self._leg_start = (north, east)
        self.current += 1
        self._run_commands()

    def step(self, state: BodyState, limits: Limits, sim_s: float, yaw_rad: float = math.nan) -> Demand:
        """What to ask of the body now; ``yaw_rad`` overrides the heading along the path."""
        item = self.item
        if item is None or self.finished:
            return guidance.stay_at(state, (state.north_m, state.east_m, state.down_m), limits, yaw_rad)
        if self.stage is Stage.STAY and not item.is_place:
            return self._delay(item, state, limits, sim_s)
        place = self.target_of(item)
        if self.stage is Stage.CLIMB:
            if state.on_ground and item.command == Cmd.LAND:
                self.stage = Stage.LAND
            elif abs(place[2] - state.down_m) > limits.accept_alt_m and state.down_m > place[2]:
                here = self._leg_start or (state.north_m, state.east_m)
                return guidance.climb(state, here, place[2], limits)
            else:
                self.stage = Stage.FLY
                self._on_foot = False
        if item.command == Cmd.LAND:
            return self._land(place, state, limits, yaw_rad)
        return self._fly(item, place, state, limits, sim_s, yaw_rad)

    def _delay(self, item: PlanItem, state: BodyState, limits: Limits, sim_s: float) -> Demand:
        if self._until_s is None:
            self._until_s = sim_s + max(0.0, item.params[0])
        if sim_s >= self._until_s:
            self._advance(state)
        here = self._leg_start or (state.north_m, state.east_m)
        return guidance.stay_at(state, (*here, state.down_m), limits)

    def _land(self, place: tuple[float, float, float], state: BodyState, limits: Limits, yaw: float) -> Demand:
        if state.on_ground and self.stage is Stage.LAND:
            return MOTORS_OFF._replace(motors=True, down_m_s=0.3)
        if self.stage is Stage.FLY:
            distance = math.hypot(place[0] - state.north_m, place[1] - state.east_m)
            if distance > 0.4 * limits.accept_m or state.ground_speed_m_s > 0.6:
                target = Target(place[0], place[1], state.down_m, self._leg_start)
                return guidance.fly_to(state, target, limits, self._speed(limits), yaw)
            self.stage = Stage.LAND
        return guidance.sink(state, (place[0], place[1]), limits)

    def landed(self) -> None:
        """The landing of the current item is over."""
        self.reached = self.current
        self.finished = True
        self._on_foot = True
        self.stage = Stage.DONE

    def _fly(
        self,
        item: PlanItem,
        place: tuple[float, float, float],
        state: BodyState,
        limits: Limits,
        sim_s: float,
        yaw_rad: float,
    ) -> Demand:
        wait_s = self._wait_s(item)
        speed = self._speed(limits)
        exit_speed = 0.0 if wait_s > 0 else self._exit_speed(place, speed)
        if math.isnan(yaw_rad) and not math.isnan(item.params[3]) and item.command != Cmd.LOITER_TIME:
            yaw_rad = math.radians(item.params[3])
        distance = math.hypot(place[0] - state.north_m, place[1] - state.east_m)
        accept = max(limits.accept_m, item.params[1]) if item.command == Cmd.WAYPOINT else limits.accept_m
        near = distance <= accept and abs(place[2] - state.down_m) <= limits.accept_alt_m
        if near and self.stage is Stage.FLY:
            self.stage = Stage.STAY
            self._until_s = sim_s + wait_s
        if self.stage is Stage.STAY and self._until_s is not None and sim_s >= self._until_s:
            self._advance(state)
        if self.stage is Stage.STAY:
            return guidance.stay_at(state, place, limits, yaw_rad)
        return guidance.fly_to(state, Target(*place, self._leg_start, exit_speed), limits, speed, yaw_rad)

    def _wait_s(self, item: PlanItem) -> float:
        if item.command == Cmd.LOITER_UNLIMITED:
            return 0.0 if self.skip_waits else math.inf
        if self.skip_waits or item.command == Cmd.TAKEOFF:
            return 0.0
        return max(0.0, item.params[0]) if item.command in (Cmd.LOITER_TIME, Cmd.WAYPOINT) else 0.0

    def _speed(self, limits: Limits) -> float:
        return min(self.speed_m_s or limits.cruise, limits.xy_max)

    def _exit_speed(self, place: tuple[float, float, float], speed_m_s: float) -> float:
        """How fast the corner may be passed: not at all at the last item, slowly at right angles."""
        following = self.plan.next_place(self.current + 1)
        if following is None or self._leg_start is None:
            return 0.0
        after = self.target_of(self.plan[following])
        turn = math.atan2(after[1] - place[1], after[0] - place[0]) - math.atan2(
            place[1] - self._leg_start[1], place[0] - self._leg_start[0]
        )
        return max(0.7, 0.6 * speed_m_s * math.cos(turn))


def problem_with(
    plan: Plan, *, frame: LocalFrame, state: BodyState, reach_m: float, inside: Callable[..., bool]
) -> str:
    """Why PX4 would not fly this plan (the text it reports), or an empty string."""
    first = plan.next_place(0)
    if first is None:
        return "No valid mission available, refusing to fly"
    for index, item in enumerate(plan.items):
        if not item.is_place:
            continue
        north, east = frame.to_local(item.lat_deg, item.lon_deg)
        if index == first and math.hypot(north - state.north_m, east - state.east_m) > reach_m > 0:
            return f"First waypoint too far away: {math.hypot(north, east):.0f}m, {reach_m:.0f}m max"
        if not inside(north, east):
            return f"Geofence violation for waypoint {index + 1}"
        if (
            item.frame not in (FRAME_RELATIVE, FRAME_RELATIVE_INT)
            and item.z < frame.alt_amsl_m
            and item.command != Cmd.LAND
        ):
            return f"Waypoint {index + 1} below home"
    return ""
