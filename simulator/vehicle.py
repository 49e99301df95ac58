"""One PX4-like multicopter: arming, landing, batteries, failsafes and modes, stepped by simulation time alone.

Nothing here knows a socket or a wall clock. What PX4 waits for a client to do is scaled by the speed in the parameters,
as PX4's own start-up in simulation does, so that it stays in wall seconds.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator import body, parachute, preflight
from simulator.attitude import Attitude, attitude_of
from simulator.battery import Battery
from simulator.body import MOTORS_OFF, BodyState, Demand, Hull
from simulator.failsafe import Failsafe, Sensed
from simulator.fence import Fence, beyond_cylinder
from simulator.gimbal import Gimbal
from simulator.gnss import Gnss
from simulator.identity import Identity
from simulator.landing import LandDetector, Touch
from simulator.localframe import LocalFrame
from simulator.missionrun import problem_with
from simulator.modes import Health, LandedState, Mode
from simulator.navigator import Navigator
from simulator.parachute import Parachute
from simulator.parameters import Limits, Parameters
from simulator.passing import Passing
from simulator.plan import PlanType
from simulator.power import PowerCurve
from simulator.ramp import Ramp
from simulator.scenario import AircraftType
from simulator.traffic import CrewedAircraft
from simulator.transfer import PlanTransfer
from simulator.troubles import Troubles
from simulator.view import View
from simulator.weather import STILL_AIR, Air

STANDBY_AT_S = 4.0
READY_AT_S = 4.6
_CANOPY_NEEDS_M = 5.0
"""Lower than this the parachute's own trigger does not fire."""
_WATCH_S = 0.1
"""How often failsafes look."""
_ASK_S = 0.09
"""How often the navigator asks something of the body, which follows with every step: a tenth of a second, in steps."""
_SPEND_S = 0.09
"""How often the battery is drawn from: a tenth of a second, in steps."""
_OUTBOX = 4096


class Vehicle:
    """The aircraft and its autopilot. Messages to send gather in ``outbox`` (bounded; the oldest fall out unsent)."""

    def __init__(
        self,
        *,
        identity: Identity,
        kind: AircraftType,
        frame: LocalFrame,
        battery_percent: float = 100.0,
        speed: float = 1.0,
        video_uri: str = "",
        films: bool = True,
    ) -> None:
        self.kind = kind
        self.frame = frame
        self.speed = speed
        self.video_uri = video_uri
        """Where its camera's picture is sent, or served; empty: nowhere."""
        self.films = films
        """False: that is told, and no picture comes."""
        self.sim_s = 0.0
        self.body = BodyState()
        self.air = STILL_AIR
        self.battery = Battery(capacity_wh=kind.battery_wh, cells=kind.cells, percent=battery_percent)
        self.parameters = Parameters(system_id=identity.system_id, speed=speed)
        self.troubles = Troubles()
        self.gnss = Gnss()
        self.parachute = Parachute(fitted=kind.payload.parachute)
        self.outbox: deque[Any] = deque(maxlen=_OUTBOX)
        self.transfer = PlanTransfer(send=self.outbox.append, on_change=self._plan_changed, troubles=self.troubles)
        self.passing = Passing(send=self.outbox.append, system_id=lambda: self.identity.system_id)
        self.gimbal = Gimbal(system_id=identity.system_id, fitted=kind.payload.gimbal)
        self.view = View(gimbal=self.gimbal, passing=self.passing, clock=lambda: self.sim_s)
        self.navigator = Navigator(
            frame=frame,
            parameters=self.parameters,
            say=self.say,
            execute=self.view.execute_item,
            mission_left=self.view.mission_left,
            camera_level=self.view.level,
        )
        self.view.steer(self.navigator)
        self.failsafe = Failsafe(parameters=self.parameters, say=self.say, change_mode=self._change_mode)
        self.armed = False
        self.traffic: tuple[CrewedAircraft, ...] = ()
        """Crewed aircraft that the receiver hears now."""
        self.adsb_fitted = kind.payload.adsb_receiver
        self.adsb_healthy = True
        self.fault = ""
        """Why it can no longer fly; empty while it can."""
        self.terminated = False
        """PX4's flight termination: armed still, but no motor turns any more."""
        self.link_heard_s: float | None = None
        self.on_shore_power = True
        self.home_set_s: float | None = None
        self.armed_s = -math.inf
        self._identity = identity
        self._ground = LandDetector()
        self._ramp = Ramp()
        self._attitude: Attitude | None = None
        self._watch_at_s = 0.0
        self._spent_s = self._spend_at_s = 0.0
        self._asked: Demand | None = None
        self._ask_at_s = 0.0
        self._text_id = 0
        self._hull = Hull(kind.max_speed_m_s, kind.climb_m_s, kind.descent_m_s)
        self._power = PowerCurve(
            mass_kg=kind.mass_kg,
            hover_power_w=kind.hover_power_w,
            disc_area_m2=kind.disc_area_m2,
            drag_area_m2=kind.drag_area_m2,
        )
        self._fence = Fence(self.transfer.plans[PlanType.FENCE], frame)
        self._limits = self._read_limits()
        self._limits_version = self.parameters.version

    # What it is and says ----------------------------------------------------------------------------------------------

    @property
    def identity(self) -> Identity:
        """Who it says it is."""
        return self.troubles.identity or self._identity

    @property
    def seen(self) -> BodyState:
        """The body where the autopilot believes it to be."""
        north_m, east_m = self.troubles.position_offset_m
        if north_m == 0.0 == east_m:
            return self.body
        return self.body._replace(north_m=self.body.north_m + north_m, east_m=self.body.east_m + east_m)

    @property
    def mode(self) -> Mode:
        """The flight mode."""
        return self.navigator.mode

    @property
    def landed(self) -> bool:
        """On the ground, as the land detector has it."""
        return self._ground.landed

    @property
    def ready(self) -> bool:
        """Booted, with a position, and nothing broken."""
        return self.sim_s >= READY_AT_S and self.gnss.has_fix and self.gnss.usable and not self.fault

    @property
    def health(self) -> Health:
        """HEARTBEAT.system_status."""
        if self.sim_s < STANDBY_AT_S:
            return Health.BOOT
        if self.terminated:
            return Health.TERMINATED
        if self.armed:
            return Health.FAILSAFE if self.failsafe.active is not None else Health.ACTIVE
        return Health.STANDBY

    @property
    def landed_state(self) -> LandedState:
        """EXTENDED_SYS_STATE.landed_state."""
        return LandedState.ON_GROUND if self.landed else self.navigator.airborne_state()

    @property
    def client_s(self) -> float:
        """Time as the client on the ground counts it, for time-outs that wait for it."""
        return self.sim_s / self.speed

    @property
    def attitude(self) -> Attitude:
        """How it is held now."""
        if self._attitude is None:
            self._attitude = attitude_of(self.body, self.air)
        return self._attitude

    @property
    def alt_amsl_m(self) -> float:
        """Altitude now."""
        return self.frame.alt_amsl_m - self.body.down_m

    def say(self, severity: int, text: str) -> None:
        """STATUSTEXT, in chunks of 50 characters as PX4 sends long ones."""
        raw = text.encode()
        chunks = [raw[i : i + 50] for i in range(0, len(raw), 50)] or [b""]
        for number, chunk in enumerate(chunks):
            self.outbox.append(mav.MAVLink_statustext_message(severity, chunk, self._text_id, number))
        self._text_id = (self._text_id + 1) % 65536

    # What it is told --------------------------------------------------------------------------------------------------

    def heard_ground_station(self) -> None:
        """A ground station's heartbeat came in."""
        self.link_heard_s = self.sim_s

    def arm(self) -> bool:
        """Start the motors if every check passes; texts say why not."""
        if self.armed:
            return True
        problems = preflight.problems(self)
        for problem in problems:
            self.say(4, f"Preflight Fail: {problem}")
        if problems or not self.ready:
            self.say(2, "Arming denied: Resolve system health failures first\t")
            return False
        self.armed = True
        self.armed_s = self.sim_s
        self._ground.motors_started()
        self.navigator.home = (self.seen.north_m, self.seen.east_m)
        self.home_set_s = self.sim_s
        self.say(6, "Armed by external command\t")
        if self.navigator.mode is Mode.MISSION:
            self.navigator.mission.activate(self.seen)
        return True

    def disarm(self, *, force: bool = False) -> bool:
        """Stop the motors; refused in the air unless forced (then it falls)."""
        if self.armed and not self.landed and not force:
            self.say(2, "Disarming denied: not landed\t")
            return False
        if self.armed:
            self._stop_motors("Disarmed by external command\t")
        return True

    def _stop_motors(self, text: str) -> None:
        self.armed = False
        self.terminated = False
        self.say(6, text)
        self.failsafe.cleared()
        self.navigator.enter(Mode.HOLD, self.seen)
        self.navigator.wanted_mode = None

    def terminate(self, reason: str) -> None:
        """Flight termination: it falls, under its parachute where one is fitted and comes out. Never undone."""
        if self.terminated:
            return
        self.terminated = True
        self.fault = reason
        self.failsafe.cleared()
        self.say(0, f"{reason}: flight terminated\t")
        self.release_parachute()

    def release_parachute(self) -> bool:
        """Let the parachute out, and with it stop the motors; False if there is none, or it is disabled."""
        out = self.parachute.released
        if out or not self.parachute.release(stuck=self.troubles.parachute_stuck):
            return out
        self.say(2, "Parachute released\t")
        self.terminate("Parachute released")
        return True

    def crash(self, reason: str) -> None:
        """An accident: the motors stop for good, and it says why; a parachute on board comes out by itself."""
        self.fault = reason
        self.say(0, f"{reason}: motors stopped\t")
        if self.body.height_m > _CANOPY_NEEDS_M:
            self.parachute.release(stuck=self.troubles.parachute_stuck)
        if self.armed:
            self._stop_motors("Disarmed by failure detector\t")

    def command_mode(self, mode: Mode) -> None:
        """A mode asked for by a command. An infeasible mission is told by text only, and held instead, as PX4 does."""
        self.failsafe.cleared()
        self._change_mode(mode)

    def _change_mode(self, mode: Mode) -> None:
        if mode is Mode.MISSION:
            problem = problem_with(
                self.navigator.mission.plan,
                frame=self.frame,
                state=self.seen,
                reach_m=self.parameters["MIS_DIST_1WP"],
                inside=self.inside_fence,
            )
            if problem:
                self.say(2, f"{problem}\t")
                mode = Mode.HOLD
        self.navigator.enter(mode, self.seen)

    def select_item(self, index: int) -> bool:
        """Make an item of the mission current; False if there is none such. While it is flown it goes on there."""
        return self.navigator.mission.select(index, self.seen if self.navigator.on_mission else None)

    def inside_fence(self, north_m: float, east_m: float) -> bool:
        """Whether the fence on board, and PX4's cylinder around home, allow this point."""
        home_north, home_east = self.navigator.home
        return self._fence.allows(north_m, east_m) and not beyond_cylinder(
            home_distance_m=math.hypot(north_m - home_north, east_m - home_east),
            height_m=0.0,
            max_distance_m=self.parameters["GF_MAX_HOR_DIST"],
            max_height_m=0.0,
        )

    def _plan_changed(self, plan_type: PlanType) -> None:
        if plan_type is PlanType.FENCE:
            self._fence = Fence(self.transfer.plans[PlanType.FENCE], self.frame)
        elif plan_type is PlanType.MISSION:
            self.navigator.mission.load(self.transfer.plans[PlanType.MISSION])
            if self.navigator.on_mission and self.armed:
                self._change_mode(Mode.MISSION)  # switches to item 0 at once

    # Time -------------------------------------------------------------------------------------------------------------

    def step(self, dt_s: float, air: Air) -> None:
        """Live ``dt_s`` seconds of simulation time, in this air."""
        self.sim_s += dt_s
        self.air = air
        self._attitude = None
        if self._limits_version != self.parameters.version:
            self._limits = self._read_limits()
            self._limits_version = self.parameters.version
        watching = self.sim_s >= self._watch_at_s
        if watching:
            self.gnss.step(self.sim_s, lost=self.troubles.gps_lost)
            if self.home_set_s is None and self.gnss.usable:
                self.home_set_s = self.sim_s
        demand = MOTORS_OFF
        if self.armed and not self.terminated:
            if self._asked is None or self.sim_s >= self._ask_at_s:
                self._asked = self._demand(air)
                self._ask_at_s = self.sim_s + _ASK_S
            demand = self._asked
        elif self._asked is not None:
            self._asked = None
        if self.parachute.open and not self.body.on_ground:
            self.body = parachute.sink(self.body, air, dt_s)
            self._detect()
        elif self.armed or not self.body.on_ground:
            self.body = body.step(self.body, demand, air, self._hull, dt_s)
            self._detect()
        if self.sim_s >= self._spend_at_s:
            self._spend(self.sim_s - self._spent_s)
            self._spent_s = self.sim_s
            self._spend_at_s = self.sim_s + _SPEND_S
        wanted = self.navigator.wanted_mode
        if wanted is not None:
            self.navigator.wanted_mode = None
            self._change_mode(wanted)
            self._asked = None
        if watching:
            self._watch_at_s = self.sim_s + _WATCH_S
            self._watch()

    def _demand(self, air: Air) -> Demand:
        """What the autopilot asks of the body. Without a position it sinks level, and the wind carries it (Descend)."""
        thrust = self.sim_s - self.armed_s >= self.parameters["COM_SPOOLUP_TIME"]
        if self.gnss.usable or self.landed or self.mode is not Mode.LAND:
            demand = self.navigator.step(self.seen, self._limits, self.sim_s, thrust=thrust)
            return self._ramp.pass_on(demand, self.body, self.sim_s, ramp_s=self.parameters["MPC_TKO_RAMP_T"])
        return Demand(air.north_m_s, air.east_m_s, self._limits.land)

    def _read_limits(self) -> Limits:
        kind = self.kind
        return Limits(self.parameters, max_speed=kind.max_speed_m_s, climb=kind.climb_m_s, descent=kind.descent_m_s)

    def _detect(self) -> None:
        """Take-off and landing, and the disarming that follows a landing or a start that nothing came of."""
        rising_s = 0.0 if self.terminated or not self.armed else self._ramp.rising_s
        touch = self._ground.step(self.body, self.sim_s, rising_s=rising_s)
        if touch is Touch.TAKEN_OFF:
            self.say(6, "Takeoff detected\t")
        elif touch is Touch.LANDED:
            self.say(6, "Landing detected\t")
            if self.navigator.going_straight_home:
                idle = (0.0, self.parameters["NAV_ACC_RAD"], self.parameters["NAV_LOITER_RAD"], math.nan, 0.0, 0.0)
                self.passing.command(0, (*idle, self.frame.alt_amsl_m), self.sim_s)
            elif self.navigator.on_mission:
                self.navigator.mission.landed()
        if not self.armed or not self.landed:
            return
        if self._ground.rested_s(self.sim_s) >= self.parameters["COM_DISARM_LAND"] > 0:
            self._stop_motors("Disarmed by landing\t")
        elif not self._ground.flown and self.sim_s - self.armed_s > self.parameters["COM_DISARM_PRFLT"] > 0:
            self._stop_motors("Disarmed by auto preflight disarming\t")

    def _spend(self, dt_s: float) -> None:
        self.battery.missing_v = self.troubles.cell_sag_v
        if not self.armed:
            self.battery.drain(0.0 if self.on_shore_power else self.kind.idle_power_w, dt_s)
            return
        state = self.body
        if state.on_ground:
            watts = self.kind.idle_power_w + 0.15 * self.kind.hover_power_w
        else:
            airspeed = math.hypot(state.v_north_m_s - self.air.north_m_s, state.v_east_m_s - self.air.east_m_s)
            watts = self.kind.idle_power_w + self._power.watts(airspeed, -state.v_down_m_s)
        self.battery.drain(watts, dt_s)
        if self.battery.empty:
            self.crash("Battery empty")

    def _watch(self) -> None:
        self.transfer.step(self.client_s)
        self.passing.step(self.sim_s)
        state = self.seen
        flying = self.armed and not self.landed and not self.terminated
        if flying and self.troubles.motor_failed:
            self.terminate("Motor failure")
            return
        self.gimbal.follow(state, dt_s=_WATCH_S)
        self.failsafe.step(
            Sensed(
                self.sim_s,
                flying,
                self.navigator.mode,
                self.link_heard_s,
                self.battery.fraction,
                not flying or not self.gnss.usable or self._within_limits(state),
                self.gnss.usable,
            )
        )

    def _within_limits(self, state: BodyState) -> bool:
        highest = self.parameters["GF_MAX_VER_DIST"]
        return self.inside_fence(state.north_m, state.east_m) and not 0 < highest < state.height_m
