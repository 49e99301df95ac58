"""The fleet file: force, docks, sites, aircraft, links, types and limits. What is not in it never flies.

`kestrel.yamlfile` reads it with line numbers in its errors; the dispatcher loads it as `DockRegistered` events and each
agent finds its own dock in it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts import videolink
from contracts.misfits import Misfit, refuse
from contracts.position import LatDeg, LonDeg, Percent, Place
from contracts.screentext import Line, as_line
from contracts.topics import DISPATCHER, Identifier
from contracts.vocabulary import Deployment

Name = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True), AfterValidator(as_line)]
"""As it stands on every screen: one line, without characters that are not seen."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class AircraftType(_Section):
    """Named performance; every figure is for still air at sea level unless it says otherwise."""

    cruise_m_s: float = Field(gt=0, le=40)
    climb_m_s: float = Field(gt=0, le=15)
    descent_m_s: float = Field(gt=0, le=10)
    """Over the last stretch to the ground."""
    acceleration_m_s2: float = Field(default=5.0, gt=0, le=20)
    battery_wh: float = Field(gt=0, le=5000)
    hover_power_w: float = Field(gt=0, le=20000)
    cruise_power_w: float = Field(gt=0, le=20000)
    climb_power_w: float = Field(gt=0, le=20000)
    wind_limit_m_s: float = Field(gt=0, le=40)
    gust_limit_m_s: float = Field(gt=0, le=60)
    airspeed_max_m_s: float | None = Field(default=None, gt=0, le=60)
    """Highest speed through the air that it can hold, not below ``cruise_m_s``; None: 1.4 times that."""
    rain_limit_mm_h: float = Field(ge=0, le=200)
    temperature_min_c: float = Field(ge=-60, le=60)
    temperature_max_c: float = Field(ge=-60, le=80)
    arming_s: float = Field(default=4.0, ge=0, le=60)
    """From lid open to off the ground: arming, spool-up, detection of take-off."""
    has_gimbal: bool = True
    has_zoom: bool = True
    has_thermal: bool = False
    has_light: bool = False
    has_speaker: bool = False
    has_parachute: bool = False
    has_adsb_in: bool = False
    """A receiver for crewed aircraft; without one the traffic is unknown, never clear."""

    @model_validator(mode="after")
    def _top_above_cruise(self) -> AircraftType:
        if self.airspeed_max_m_s is not None and self.airspeed_max_m_s < self.cruise_m_s:
            raise ValueError("airspeed_max_m_s must be at least cruise_m_s")
        return self

    @model_validator(mode="after")
    def _temperatures_in_order(self) -> AircraftType:
        if self.temperature_min_c >= self.temperature_max_c:
            raise ValueError("temperature_min_c must be below temperature_max_c")
        return self


class Links(_Section):
    """How the agent reaches its aircraft and its dock's hardware."""

    mavlink_url: Line = Field(pattern=r"^(udpin|udpout|tcpout|serial)://.+$")
    """As MAVSDK takes it, e.g. ``udpin://127.0.0.1:14540``."""
    modbus: Line = Field(pattern=r"^[^:\s]+:[0-9]{1,5}$")
    """``host:port`` of the dock's Modbus TCP server."""
    camera: Line | None = Field(default=None, pattern=r"^[^:\s]+:[0-9]{1,5}$")
    """``host:port`` of the dock's own camera, which serves ``GET /picture`` over HTTP; null: the dock has none."""
    video: Line | None = None
    """``rtp://host:port`` where the media process listens for the H.264 that the aircraft sends, or
    ``rtsp://host:port/path`` (``rtsps://``) of the camera that it asks for it; null: no live video. What the
    file may hold, `contracts.videolink` says; here stands whatever a journal has."""
    video_from: Line | None = Field(default=None, max_length=45)
    """With ``rtp://``: the IP address that it must come from; null: whoever sends first."""
    video_over: Literal["tcp", "udp"] = "tcp"
    """With ``rtsp://``: how the packets come; ``tcp``, within the connection, passes any firewall."""


class Aircraft(_Section):
    """The one aircraft of a dock, with the identity that the agent checks before its first write."""

    id: Identifier
    callsign: Name
    type: Name
    system_id: int = Field(ge=1, le=250)
    uid: Line | None = Field(default=None, max_length=64)
    """MAVLink hardware UID as MAVSDK reports it; null accepts any (said loudly by the agent)."""


class Limits(_Section):
    """What this dock's agent never exceeds, whoever orders it."""

    max_range_m: float = Field(default=8000.0, gt=0, le=100_000)
    ceiling_above_home_m: float = Field(default=120.0, gt=0, le=500)
    min_launch_battery_percent: Percent = 60.0
    reserve_percent: Percent = 20.0
    max_site_offset_m: float = Field(default=50.0, gt=0, le=1000)
    """An aircraft further than this from its site is shown as unregistered and never ranked."""


class Dock(_Section):
    """A box, where it stands, what is in it and what it may do."""

    id: Identifier
    name: Name
    lat_deg: LatDeg
    lon_deg: LonDeg
    alt_amsl_m: float = Field(ge=-500, le=6000)
    """Of the landing plate, EGM96."""
    lid_s: float = Field(default=4.0, gt=0, le=120)
    aircraft: Aircraft
    links: Links
    limits: Limits = Limits()

    @property
    def place(self) -> Place:
        """The site as a place."""
        return Place(lat_deg=self.lat_deg, lon_deg=self.lon_deg)


def as_heard(callsign: str) -> str:
    """The same for callsigns that nobody tells apart by radio: K1, k 1, K-1."""
    plain = unicodedata.normalize("NFKC", callsign).casefold()
    return "".join(letter for letter in plain if letter.isalnum()) or plain


def bare_uid(uid: str) -> str:
    """The same for a MAVLink UID however it is written: the shorter of its two forms is padded with zeros."""
    return uid.lower().rstrip("0")


class Fleet(_Section):
    """The whole file."""

    schema_: Literal["kestrel.fleet/1"] = Field(alias="schema")
    force: Identifier
    name: Name
    deployment: Deployment
    aircraft_types: dict[Name, AircraftType] = Field(min_length=1)
    docks: list[Dock] = Field(min_length=1, max_length=2000)

    @model_validator(mode="after")
    def _consistent(self) -> Fleet:
        refuse(self._misfits())
        return self

    def _misfits(self) -> Iterator[Misfit]:
        yield from self._repeated("id")
        yield from self._repeated("aircraft.id")
        yield from self._repeated("aircraft.callsign", one_spelling=as_heard)
        yield from self._repeated("aircraft.uid", one_spelling=bare_uid)
        yield from self._repeated("links.mavlink_url")
        yield from self._repeated("links.modbus", one_spelling=str.lower)
        of_video = list(self._of_video())
        # What is repeated is quoted: never an address with a login in it.
        yield from of_video or self._repeated("links.video", one_spelling=videolink.one_spelling)
        for place, dock in enumerate(self.docks):
            if dock.id == DISPATCHER:
                yield ("docks", place, "id"), f"{DISPATCHER!r} is reserved: choose another"
            if dock.aircraft.type not in self.aircraft_types:
                known = ", ".join(sorted(self.aircraft_types))
                yield ("docks", place, "aircraft", "type"), f"{dock.aircraft.type!r} is not one of: {known}"

    def _of_video(self) -> Iterator[Misfit]:
        for place, dock in enumerate(self.docks):
            links = dock.links
            faults = videolink.faults(video=links.video, video_from=links.video_from, video_over=links.video_over)
            for field, text in faults:
                yield ("docks", place, "links", field), text

    def _repeated(self, field: str, *, one_spelling: Callable[[str], str] = str) -> Iterator[Misfit]:
        value_of: Callable[[Dock], str | None] = attrgetter(field)
        first: dict[str, Dock] = {}
        for place, dock in enumerate(self.docks):
            value = value_of(dock)
            if value is None:
                continue
            owner = first.setdefault(one_spelling(value), dock)
            if owner is not dock:
                spelt = value_of(owner)
                otherwise = "" if spelt == value else f", as {spelt!r}"
                told = f"{value!r} stands at dock {owner.id!r} already{otherwise}: each must be unique"
                yield ("docks", place, *field.split(".")), told

    def dock(self, dock_id: str) -> Dock:
        """The dock of that id; raises `KeyError`."""
        for dock in self.docks:
            if dock.id == dock_id:
                return dock
        raise KeyError(dock_id)

    def type_of(self, dock: Dock) -> AircraftType:
        """The performance of a dock's aircraft."""
        return self.aircraft_types[dock.aircraft.type]
