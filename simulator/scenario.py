"""The scenario file: what there is in the simulated world, and on which ports. Schema ``kestrel.scenario/1``."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from simulator.errors import PortsCollide, UnknownType


def _host_and_port(text: str) -> str:
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("must be HOST:PORT with a port of 1 to 65535, like 127.0.0.1:14580")
    return text


def _whole_bytes(text: str) -> str:
    try:
        raw = bytes.fromhex(text)
    except ValueError as problem:
        raise ValueError("must be hexadecimal digits, two for each byte") from problem
    if not 8 <= len(raw) <= 18:
        raise ValueError("must be 8 to 18 bytes (16 to 36 hexadecimal digits)")
    return text.lower()


HostPort = Annotated[str, AfterValidator(_host_and_port)]
Uid = Annotated[str, AfterValidator(_whole_bytes)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]


def split_host_port(address: str) -> tuple[str, int]:
    """Take ``HOST:PORT`` (already checked) apart."""
    host, _, port = address.rpartition(":")
    return host, int(port)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeatherPart(_Part):
    """The weather at the start; wind at flying height, direction it comes from (true)."""

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


class PayloadPart(_Part):
    """What a type carries besides its gimbal; a command for what is not there is answered UNSUPPORTED."""

    camera: bool = True
    zoom_max: float = Field(default=8.0, ge=1, le=200, description="1: the camera has no zoom")
    thermal: bool = False
    light: bool = False
    speaker: bool = False
    parachute: bool = False
    adsb_receiver: bool = False


class AircraftType(_Part):
    """What a type of multicopter can do; defaults are those of a small quadrotor."""

    mass_kg: float = Field(gt=0, le=50)
    battery_wh: float = Field(gt=0, le=5000)
    hover_power_w: float = Field(gt=0, le=20000)
    max_speed_m_s: float = Field(gt=0, le=60, description="through the air, level")
    climb_m_s: float = Field(gt=0, le=20)
    descent_m_s: float = Field(gt=0, le=20)
    disc_area_m2: float = Field(default=0.25, gt=0, le=20, description="of all rotors together")
    drag_area_m2: float = Field(default=0.018, ge=0, le=5, description="drag coefficient times frontal area")
    idle_power_w: float = Field(default=6.0, ge=0, le=500, description="switched on, motors off, not in a dock")
    payload: PayloadPart = PayloadPart()


class MavlinkPart(_Part):
    """The aircraft's onboard link: where it listens, and where it sends whether or not anybody listens."""

    bind: HostPort
    send_to: HostPort


class Px4Part(_Part):
    """A real PX4 flies in this place; its ground-station link is only listened to, for the dock's presence sensor."""

    observe: HostPort


class AircraftPart(_Part):
    """One aircraft; ``battery_percent`` at the start."""

    id: Identifier
    type: str
    system_id: int = Field(ge=1, le=250)
    uid: Uid
    battery_percent: float = Field(default=100.0, ge=0, le=100)
    mavlink: MavlinkPart | None = None
    px4: Px4Part | None = None

    @model_validator(mode="after")
    def _simulated_or_real(self) -> Self:
        if (self.mavlink is None) == (self.px4 is None):
            raise ValueError("needs exactly one of mavlink (simulated here) and px4 (a real PX4 flies in its place)")
        return self


class DockPart(_Part):
    """One dock and the aircraft that lives in it; the site is where the aircraft stands (WGS84, AMSL)."""

    id: Identifier
    lat_deg: float = Field(ge=-90, le=90)
    lon_deg: float = Field(ge=-180, le=180)
    alt_amsl_m: float = Field(ge=-500, le=9000)
    modbus: HostPort
    lid_s: float = Field(default=6.0, gt=0, le=120)
    charge_percent_per_min: float = Field(default=2.0, ge=0, le=100)
    aircraft: AircraftPart


class Scenario(_Part):
    """A whole simulated world."""

    schema_name: Literal["kestrel.scenario/1"] = Field(alias="schema")
    name: str = Field(min_length=1, max_length=80)
    seed: int = 0
    speed: float = Field(default=1.0, gt=0, le=100)
    geoid_m: float = Field(default=0.0, ge=-120, le=120, description="ellipsoid height of the geoid here; SIH has 0")
    weather: WeatherPart = WeatherPart()
    aircraft_types: dict[str, AircraftType] = Field(min_length=1)
    docks: list[DockPart] = Field(min_length=1, max_length=500)

    def check(self) -> None:
        """Check what joins the parts: known types, no id twice, no two sockets on one port.

        Raises:
            UnknownType: an aircraft of a type that is not described.
            PortsCollide: one listening port, or one destination, given twice.
        """
        listening: dict[str, str] = {}
        for dock in self.docks:
            aircraft = dock.aircraft
            if aircraft.type not in self.aircraft_types:
                raise UnknownType(aircraft=aircraft.id, type_name=aircraft.type)
            udp = aircraft.mavlink.bind if aircraft.mavlink else aircraft.px4.observe if aircraft.px4 else ""
            claims = [(f"udp {udp}", aircraft.id), (f"tcp {dock.modbus}", dock.id)]
            if aircraft.mavlink:
                claims.append((f"udp {aircraft.mavlink.send_to}", f"{aircraft.id} (send_to)"))
            for address, owner in claims:
                if address in listening:
                    raise PortsCollide(address=address, first=listening[address], second=owner)
                listening[address] = owner

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
