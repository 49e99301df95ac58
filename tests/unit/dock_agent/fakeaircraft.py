"""An aircraft that obeys, fails or stays silent as a test wants, on a virtual clock.

It flies its mission item by item in straight lines, and to points and in circles, as far as the phase machine can tell
the difference. Like the real one it stays on its way to a point when it is told to hold once more.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import replace

from contracts.tasks import Light, Record, SelectSensor, Sensor, Snapshot, Speaker, Zoom
from dock_agent.flight_link import Answer, Command, PayloadAct, Reply, Target
from dock_agent.mission import Item, MissionPlan, OnBoard, RawItem
from dock_agent.readings import AircraftReading, Ground, Mode, Parachute, PayloadReading, Position
from geo.flight.position import LocalPlane, bearing_deg, distance_m
from kestrel.clock import Clock

HOME = (52.4081, -1.5106)
GROUND_AMSL_M = 88.0
ACK = Answer(Reply.ACKNOWLEDGED)
DENIED = Answer(Reply.DENIED, "COMMAND_DENIED")
SILENCE = Answer(Reply.SILENCE, "no answer")


class FakeAircraft:
    """A `FlightLink` with an aircraft behind it. Faults are switched on by attributes or `failing`."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._last_s = clock.mission_s()
        self.base = AircraftReading(
            identified=True, connected=True, system_id=1, uid="01", tuned=True, armable=True, global_position_ok=True
        )
        self.commands: list[tuple[Command, int | None]] = []
        self.targets: list[Target | None] = []
        """Beside each command, its target."""
        self.acts: list[PayloadAct] = []
        self.ignores_payload = False
        """What is asked of the payload is acknowledged and not done."""
        self.payload_answer = ACK
        self.eyes = PayloadReading(recording=False, zoom=0.0, thermal=False, pictures=0, light_on=False)
        self.gimbal = True
        self.roi: tuple[float, float, float] | None = None
        self.chute: Parachute | None = None
        self.target: Target | None = None
        """Of the goto or orbit that it flies."""
        self.heading_deg = 0.0
        self.moved_m_s = 0.0
        self.downloads = 0
        self.download_fails = 0
        """How many downloads from now on end without an answer."""
        self.garbles_upload = False
        """An upload is acknowledged, and another mission is on board afterwards."""
        self.upload_s = 0.05
        """Wall seconds that an upload takes."""
        self.transfers_stopped = 0
        self._uploading = False
        self.uploads: list[MissionPlan] = []
        self.plan: MissionPlan | None = None
        self.link_loss_s: float | None = None
        self.answers: dict[Command, Answer] = {}
        """What comes back instead of an acknowledgement; the command is then not obeyed."""
        self.ignores: set[Command] = set()
        """Commands that are acknowledged and not obeyed (trap 1)."""
        self.upload_answer = ACK
        self.deaf_s: float | None = None
        """Wall seconds since the link was cut; None while it is heard."""
        self.armed = False
        self.mode = Mode.HOLD
        self.item = 0
        self.stale_item: int | None = None
        """What is read instead of the item, as from a getter that has not been refreshed."""
        self.loiter_s = 0.0
        self.battery = 95.0
        self.drain_percent_s = 0.02
        self.lat_deg, self.lon_deg, self.height_m = *HOME, 0.0
        self.ground_m = 0.0
        """Of where it stands, or last stood, above home."""
        self.frozen: AircraftReading | None = None
        self.drift_m_s = (0.0, 0.0)
        """North, east: what carries it off in the air, whatever it flies."""
        self.falls_m_s = 0.0
        """Sinking like a stone, or under a canopy; on the ground its motors are off."""
        self.position_age_s = 0.1

    def fly(self) -> None:
        """Live until now."""
        now_s = self._clock.mission_s()
        while self._last_s < now_s:
            step_s = min(0.1, now_s - self._last_s)
            self._last_s += step_s
            self._step(step_s)

    def _step(self, dt_s: float) -> None:
        self.moved_m_s = 0.0
        if not self.armed:
            return
        self.battery = max(0.0, self.battery - self.drain_percent_s * dt_s)
        if self.falls_m_s > 0.0:
            self.height_m = max(0.0, self.height_m - self.falls_m_s * dt_s)
            self.armed = self.in_air
            return
        if self.in_air and self.drift_m_s != (0.0, 0.0):
            north_m, east_m = self.drift_m_s[0] * dt_s, self.drift_m_s[1] * dt_s
            self.lat_deg, self.lon_deg = LocalPlane(self.lat_deg, self.lon_deg).to_position(east_m, north_m)
        if self.mode is Mode.LAND:
            self.ground_m, self.height_m = 0.0, max(0.0, self.height_m - 2.0 * dt_s)
            if self.height_m == 0.0:
                self.armed, self.mode = False, Mode.HOLD
            return
        if self.target is not None and self.mode in (Mode.HOLD, Mode.OTHER):
            self._pursue(self.target, dt_s)
            return
        if self.plan is None or self.mode not in (Mode.MISSION, Mode.RETURN):
            return
        item = self.plan.items[self.item]
        if item.command == Item.ROI_LOCATION:
            self.roi = (item.x / 1e7, item.y / 1e7, GROUND_AMSL_M)
        if item.command == Item.ROI_NONE:
            self.roi = None
        if item.command not in (Item.WAYPOINT, Item.LOITER_TIME, Item.LAND, Item.TAKEOFF):
            self._next()
            return
        if not self._go(item, dt_s):
            return
        if item.command == Item.LOITER_TIME and self.mode is Mode.MISSION:
            self.loiter_s += dt_s
            if self.loiter_s < item.params[0]:
                return
        if item.command == Item.LAND:
            self.ground_m = self.height_m
            self.armed, self.mode = False, Mode.HOLD
            return
        self._next()

    def _next(self) -> None:
        assert self.plan is not None
        self.item = min(self.item + 1, len(self.plan.items) - 1)
        self.loiter_s = 0.0

    def _pursue(self, target: Target, dt_s: float) -> None:
        """Fly to a point, or to a circle and along it."""
        height_m = target.alt_amsl_m - GROUND_AMSL_M
        if not target.radius_m:
            self._move((target.lat_deg, target.lon_deg), height_m, dt_s)
            if target.yaw_deg is not None:
                self.heading_deg = target.yaw_deg
            return
        plane = LocalPlane(target.lat_deg, target.lon_deg)
        east_m, north_m = plane.to_local(self.lat_deg, self.lon_deg)
        angle = math.atan2(east_m, north_m) + target.speed_m_s * dt_s / target.radius_m
        radius_m = abs(target.radius_m)
        on_circle = plane.to_position(radius_m * math.sin(angle), radius_m * math.cos(angle))
        self._move(on_circle, height_m, dt_s)

    def _go(self, item: RawItem, dt_s: float) -> bool:
        """Move towards an item; True when there."""
        return self._move((item.x / 1e7, item.y / 1e7), item.z, dt_s)

    def _move(self, target: tuple[float, float], height_m: float, dt_s: float) -> bool:
        plane = LocalPlane(self.lat_deg, self.lon_deg)
        east_m, north_m = plane.to_local(*target)
        away_m = (east_m**2 + north_m**2) ** 0.5
        reach_m = 15.0 * dt_s
        self.moved_m_s = min(away_m, reach_m) / dt_s
        if away_m > reach_m:
            self.heading_deg = math.degrees(math.atan2(east_m, north_m)) % 360.0
        if away_m <= reach_m:
            self.lat_deg, self.lon_deg = target
        else:
            self.lat_deg, self.lon_deg = plane.to_position(east_m * reach_m / away_m, north_m * reach_m / away_m)
        rise_m = height_m - self.height_m
        rate_m_s = 4.0 if rise_m > 0 else 2.0
        self.height_m += max(-rate_m_s * dt_s, min(rate_m_s * dt_s, rise_m))
        return away_m <= reach_m and abs(height_m - self.height_m) < 0.01

    @property
    def in_air(self) -> bool:
        """Off the ground."""
        return self.height_m > self.ground_m + 0.2

    def reading(self) -> AircraftReading:
        self.fly()
        if self.deaf_s is not None:
            assert self.frozen is not None
            age_s = self._clock.wall_s() - self.deaf_s
            return replace(self.frozen, link_age_s=age_s, position_age_s=age_s, connected=age_s < 3.0)
        on_item = self.plan is not None and self.item == self.plan.land_item
        landing = self.mode is Mode.LAND or (on_item and self.mode in (Mode.MISSION, Mode.RETURN))
        ground = Ground.LANDING if landing and self.in_air else Ground.IN_AIR if self.in_air else Ground.ON_GROUND
        return replace(
            self.base,
            link_age_s=0.1,
            armed=self.armed,
            in_air=self.in_air,
            ground=ground,
            mode=self.mode,
            mode_name=self.mode.name,
            mission_item=self.stale_item if self.stale_item is not None else self.item if self.plan else None,
            mission_count=len(self.plan.items) if self.plan is not None else None,
            position=Position(
                lat_deg=self.lat_deg,
                lon_deg=self.lon_deg,
                alt_amsl_m=GROUND_AMSL_M + self.height_m,
                alt_above_home_m=self.height_m,
            ),
            position_age_s=self.position_age_s,
            battery_percent=self.battery,
            heading_deg=self.heading_deg,
            ground_speed_m_s=self.moved_m_s,
            climb_m_s=-self.falls_m_s if self.in_air else 0.0,
            payload=self._payload(),
            parachute=self.chute,
        )

    def _payload(self) -> PayloadReading:
        """What camera, gimbal and light say of themselves."""
        if not self.gimbal:
            return self.eyes
        pitch_deg, yaw_deg = 0.0, self.heading_deg
        if self.roi is not None:
            lat_deg, lon_deg, alt_amsl_m = self.roi
            away_m = distance_m(self.lat_deg, self.lon_deg, lat_deg, lon_deg)
            down_m = GROUND_AMSL_M + self.height_m - alt_amsl_m
            pitch_deg = -math.degrees(math.atan2(down_m, max(0.1, away_m)))
            yaw_deg = bearing_deg(self.lat_deg, self.lon_deg, lat_deg, lon_deg)
        return replace(self.eyes, camera_pitch_deg=pitch_deg, camera_yaw_deg=yaw_deg)

    @contextlib.contextmanager
    def link_cut(self) -> Iterator[None]:
        """Nothing is heard and nothing arrives inside the block; the aircraft flies on."""
        self.frozen, self.deaf_s = self.reading(), self._clock.wall_s()
        try:
            yield
        finally:
            self.deaf_s = None

    async def upload(self, plan: MissionPlan) -> Answer:
        self._uploading = True
        await self._clock.sleep_wall(self.upload_s)
        if not self._uploading:
            return Answer(Reply.DENIED, "TRANSFER_CANCELLED")
        self._uploading = False
        self.uploads.append(plan)
        if self.deaf_s is not None:
            return SILENCE
        if self.upload_answer.reply is Reply.ACKNOWLEDGED:
            self.take_plan(replace(plan, items=plan.items[:-1]) if self.garbles_upload else plan)
        return self.upload_answer

    def take_plan(self, plan: MissionPlan) -> None:
        """It is on board now."""
        self.plan, self.item, self.loiter_s = plan, 0, 0.0

    async def download(self) -> OnBoard | None:
        await self._clock.sleep_wall(0.05)
        self.downloads += 1
        if self.deaf_s is not None or self.download_fails > 0 or self.plan is None:
            self.download_fails = max(0, self.download_fails - 1)
            return None
        # As the real one: a fence comes back in another frame, and heights as single floats.
        fence = tuple(replace(item, frame=5) for item in self.plan.fence)
        return OnBoard(items=tuple(replace(item, z=item.z + 1e-5) for item in self.plan.items), fence=fence)

    def stop_transfer(self) -> None:
        self.transfers_stopped += 1
        self._uploading = False

    async def payload(self, act: PayloadAct) -> Answer:
        self.acts.append(act)
        await self._clock.sleep_wall(0.01)
        if self.deaf_s is not None:
            return SILENCE
        if self.payload_answer.reply is Reply.ACKNOWLEDGED and not self.ignores_payload:
            self._act(act)
        return self.payload_answer

    def _act(self, act: PayloadAct) -> None:
        match act:
            case Record(on=on):
                self.eyes = replace(self.eyes, recording=on)
            case Zoom(level=level):
                self.eyes = replace(self.eyes, zoom=level)
            case SelectSensor(sensor=sensor):
                self.eyes = replace(self.eyes, thermal=sensor is Sensor.THERMAL)
            case Snapshot():
                self.eyes = replace(self.eyes, pictures=(self.eyes.pictures or 0) + 1)
            case Light(on=on):
                self.eyes = replace(self.eyes, light_on=on)
            case Speaker(announcement=number):
                self.eyes = replace(self.eyes, announcement=number)

    async def set_link_loss_return(self, seconds: float) -> Answer:
        self.link_loss_s = seconds
        return ACK

    async def command(self, command: Command, *, item: int | None = None, target: Target | None = None) -> Answer:
        self.fly()
        self.commands.append((command, item))
        self.targets.append(target)
        await self._clock.sleep_wall(0.01)
        if self.deaf_s is not None:
            await self._clock.sleep_wall(2.0)
            return SILENCE
        if command in self.answers:
            return self.answers[command]
        if command not in self.ignores:
            self.obey(command, item, target)
        return ACK

    def obey(self, command: Command, item: int | None = None, target: Target | None = None) -> None:
        """Do it."""
        self.fly()
        if command in (Command.START, Command.RETURN, Command.LAND):
            self.target = None
        if command is Command.HOLD and self.mode is not Mode.HOLD:
            self.target = None
        match command:
            case Command.ARM:
                self.armed = True
            case Command.DISARM:
                if not self.in_air:
                    self.armed, self.mode = False, Mode.HOLD
            case Command.START:
                self.mode = Mode.MISSION
            case Command.JUMP:
                assert item is not None
                self.item, self.loiter_s = item, 0.0
            case Command.RETURN:
                self.return_by_itself()
            case Command.HOLD:
                self.mode = Mode.HOLD
            case Command.LAND:
                self.mode = Mode.LAND
            case Command.GOTO:
                self.mode, self.target = Mode.HOLD, target
            case Command.ORBIT:
                self.mode, self.target = Mode.OTHER, target
            case Command.LOOK:
                self.roi = None if target is None else (target.lat_deg, target.lon_deg, target.alt_amsl_m)
            case Command.PARACHUTE:
                self.chute = Parachute.DEPLOYED

    def return_by_itself(self) -> None:
        """The autopilot's own return: along the mission's way home."""
        assert self.plan is not None
        self.mode, self.target = Mode.RETURN, None
        self.item = max(self.item, self.plan.home_items[0])
