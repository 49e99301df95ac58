"""The scenario file: what there is in the simulated world, and on which ports. Schema ``kestrel.scenario/1``."""

from __future__ import annotations

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from simulator.errors import PortsCollide, UnknownTarget, UnknownType
from simulator.faults import Fault
from simulator.schema import HostPort, Identifier, Part, Uid


class WeatherPart(Part):
    """The weather at the start; wind at 10 m above ground, as a dock's mast tells it."""

    wind_speed_m_s: float = Field(default=0.0, ge=0, le=60)
    wind_from_deg: float = Field(default=0.0, ge=0, lt=360)
    gust_m_s: float | None = Field(default=None, ge=0, le=90, description="highest wind in ten minutes; none: no gusts")
    rain_mm_h: float = Field(default=0.0, ge=0, le=500)
    temperature_c: float = Field(default=15.0, ge=-60, le=60)

    @model_validator(mode="after")
    def _gusts_exceed_the_mean(self) -> Self:
        if self.gust_m_s is not None and self.gust_m_s < self.wind_speed_m_s:
            raise ValueError("gust_m_s is the highest wind, so it cannot be below wind_speed_m_s")
        return self


class PayloadPart(Part):
    """What a type carries; a command for what is not there is answered UNSUPPORTED."""

    gimbal: bool = True
    camera: bool = True
    zoom_max: float = Field(default=8.0, ge=1, le=200, description="1: the camera has no zoom")
    thermal: bool = False
    light: bool = False
    speaker: bool = False
    parachute: bool = False
    adsb_receiver: bool = False
    remote_id: bool = Field(default=False, description="a transmitter of its own, beside what PX4 tells")


class AircraftType(Part):
    """What a type of multicopter can do; defaults are those of a small quadrotor."""

    mass_kg: float = Field(gt=0, le=50)
    battery_wh: float = Field(gt=0, le=5000)
    hover_power_w: float = Field(gt=0, le=20000)
    max_speed_m_s: float = Field(gt=0, le=60, description="through the air, level")
    climb_m_s: float = Field(gt=0, le=20)
    descent_m_s: float = Field(gt=0, le=20)
    disc_area_m2: float = Field(default=0.25, gt=0, le=20, description="of all rotors together")
    drag_area_m2: float = Field(default=0.018, ge=0, le=5, description="drag coefficient times frontal area")
    idle_power_w: float = Field(default=6.0, ge=0, le=500, description="of all but the motors, always when not docked")
    cells: int = Field(default=4, ge=1, le=24, description="of its battery, in series")
    payload: PayloadPart = PayloadPart()


class MavlinkPart(Part):
    """The aircraft's onboard link: where it listens, and where it sends whether or not anybody listens."""

    bind: HostPort
    send_to: HostPort


class Px4Part(Part):
    """A real PX4 flies in this place; its ground-station link is only listened to, for the dock's presence sensor."""

    observe: HostPort


class AircraftPart(Part):
    """One aircraft; ``battery_percent`` at the start."""

    id: Identifier
    type: str
    system_id: int = Field(ge=1, le=250)
    uid: Uid
    battery_percent: float = Field(default=100.0, ge=0, le=100)
    video: str = Field(
        default="",
        max_length=140,
        pattern=r"^(rtsp://[^:@\s/]+:[0-9]{1,5}/[!-~]*|rtp://[^:\s/]+:[0-9]{1,5})?$",
        description="while it flies: where its video is sent, `rtp://HOST:PORT`, or where it is served, `rtsp://HOST:PORT/PATH`",
    )
    films: bool = Field(default=True, description="false: its video is announced and never comes, which costs nothing")
    mavlink: MavlinkPart | None = None
    px4: Px4Part | None = None

    @model_validator(mode="after")
    def _simulated_or_real(self) -> Self:
        if (self.mavlink is None) == (self.px4 is None):
            raise ValueError("needs exactly one of mavlink (simulated here) and px4 (a real PX4 flies in its place)")
        return self


class DockPart(Part):
    """One dock and the aircraft that lives in it; the site is where the aircraft stands (WGS84, AMSL)."""

    id: Identifier
    lat_deg: float = Field(ge=-90, le=90)
    lon_deg: float = Field(ge=-180, le=180)
    alt_amsl_m: float = Field(ge=-500, le=9000)
    modbus: HostPort
    camera: HostPort | None = Field(default=None, description="the dock camera's HTTP server; none: it has no camera")
    lid_s: float = Field(default=6.0, gt=0, le=120)
    charge_percent_per_min: float = Field(default=2.0, ge=0, le=100)
    aircraft: AircraftPart


class Scenario(Part):
    """A whole simulated world."""

    schema_name: Literal["kestrel.scenario/1"] = Field(alias="schema")
    name: str = Field(min_length=1, max_length=80)
    seed: int = 0
    speed: float = Field(default=1.0, gt=0, le=100)
    geoid_m: float = Field(default=48.0, ge=-120, le=120, description="ellipsoid height of mean sea level; SIH has 0")
    weather: WeatherPart = WeatherPart()
    aircraft_types: dict[str, AircraftType] = Field(min_length=1)
    docks: list[DockPart] = Field(min_length=1, max_length=500)
    faults: list[Fault] = Field(default=[], max_length=1000)

    def check(self) -> None:
        """Check what joins the parts: known types and targets, no id twice, no two sockets on one port.

        Raises:
            UnknownType: an aircraft of a type that is not described.
            PortsCollide: one listening port, or one destination, given twice.
            UnknownTarget: a fault for a dock or an aircraft that is not there.
        """
        listening: dict[str, str] = {}
        for dock in self.docks:
            aircraft = dock.aircraft
            if aircraft.type not in self.aircraft_types:
                raise UnknownType(aircraft=aircraft.id, type_name=aircraft.type)
            udp = aircraft.mavlink.bind if aircraft.mavlink else aircraft.px4.observe if aircraft.px4 else ""
            claims = [(f"udp {udp}", aircraft.id), (f"tcp {dock.modbus}", dock.id)]
            if dock.camera:
                claims.append((f"tcp {dock.camera}", f"{dock.id} (camera)"))
            if aircraft.mavlink:
                claims.append((f"udp {aircraft.mavlink.send_to}", f"{aircraft.id} (send_to)"))
            if aircraft.video.startswith("rtp://"):
                claims.append((f"udp {aircraft.video.removeprefix('rtp://')}", f"{aircraft.id} (video)"))
            elif aircraft.video:
                claims.append((f"tcp {urlsplit(aircraft.video).netloc}", f"{aircraft.id} (video)"))
            for address, owner in claims:
                if address in listening:
                    raise PortsCollide(address=address, first=listening[address], second=owner)
                listening[address] = owner
        known = {dock.id for dock in self.docks} | {dock.aircraft.id for dock in self.docks}
        for fault in self.faults:
            target = fault.dock or fault.aircraft
            if target is not None and target not in known:
                raise UnknownTarget(kind=fault.kind, target=target, reason="is not in the scenario")

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for what, names in (
            ("dock id", [dock.id for dock in self.docks]),
            ("aircraft id", [dock.aircraft.id for dock in self.docks]),
        ):
            doubles = sorted({name for name in names if names.count(name) > 1})
            if doubles:
                raise ValueError(f"{what} {doubles[0]!r} is used twice")
        return self
