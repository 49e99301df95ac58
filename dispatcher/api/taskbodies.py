"""The bodies of commands in flight: closed and strict about numbers, as all bodies are."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from contracts.position import Place
from contracts.screentext import Text
from contracts.tasks import (
    Altitude,
    Extend,
    Goto,
    Light,
    LookAt,
    Nudge,
    Orbit,
    Record,
    SelectSensor,
    Sensor,
    Speaker,
    Turning,
    Zoom,
)
from contracts.vocabulary import Phase
from dispatcher.api.bodies import CommandBody
from dispatcher.api.fields import Body, Id, Latitude, Longitude, Watch
from dispatcher.api.placebodies import PlaceBody
from dispatcher.events import ReadBack

Person = Annotated[Text, Field(min_length=1, max_length=120)]


def _number(description: str, *, ge: float | None = None, gt: float | None = None, le: float | None = None) -> float:
    field: float = Field(strict=True, ge=ge, gt=gt, le=le, allow_inf_nan=False, description=description)
    return field


Height = Annotated[float, _number("above the dock that it took off from, metres", gt=0, le=500)]
Axis = Annotated[float, _number("share of the aircraft's gentle speed, -1 to 1", ge=-1, le=1)]


class PointBody(Body):
    """A point on the ground."""

    lat_deg: Latitude
    lon_deg: Longitude

    def point(self) -> Place:
        """As the wire has it."""
        return Place(lat_deg=self.lat_deg, lon_deg=self.lon_deg)


class ConfirmBody(CommandBody):
    """The first press brings no confirmation, the second that of the first."""

    confirmation: Id | None = Field(default=None, description="`token` of the answer to the first press")


class RetaskBody(CommandBody):
    """A new scene."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"place": {"lat_deg": 52.4102, "lon_deg": -1.5099}, "watch_s": 300.0}]}
    )

    place: PlaceBody
    watch_s: Watch | None = None


class GotoBody(CommandBody):
    """Fly there and hold."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"place": {"lat_deg": 52.4102, "lon_deg": -1.5099}, "alt_above_home_m": 50.0}]}
    )

    place: PointBody
    alt_above_home_m: Height | None = Field(default=None, description="the present height when left out")

    def task(self) -> Goto:
        """As the agent takes it."""
        return Goto(place=self.place.point(), alt_above_home_m=self.alt_above_home_m)


class OrbitBody(CommandBody):
    """Circle a point, looking at it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "centre": {"lat_deg": 52.4102, "lon_deg": -1.5099},
                    "radius_m": 60.0,
                    "speed_m_s": 5.0,
                    "turning": "clockwise",
                }
            ]
        }
    )

    centre: PointBody
    radius_m: Annotated[float, _number("metres", ge=10, le=500)]
    speed_m_s: Annotated[float, _number("along the circle", gt=0, le=20)] = 5.0
    turning: Turning = Turning.CLOCKWISE
    alt_above_home_m: Height | None = Field(default=None, description="the present height when left out")

    def task(self) -> Orbit:
        """As the agent takes it."""
        return Orbit(
            centre=self.centre.point(),
            radius_m=self.radius_m,
            speed_m_s=self.speed_m_s,
            turning=self.turning,
            alt_above_home_m=self.alt_above_home_m,
        )


class AltitudeBody(CommandBody):
    """Climb or descend where it is, and hold."""

    alt_above_home_m: Height

    def task(self) -> Altitude:
        """As the agent takes it."""
        return Altitude(alt_above_home_m=self.alt_above_home_m)


class LookAtBody(CommandBody):
    """Keep the camera on a point; ahead at the horizon when the place is left out."""

    place: PointBody | None = None
    alt_above_home_m: Annotated[float, _number("of what is looked at", ge=-500, le=500)] = 0.0

    def task(self) -> LookAt:
        """As the agent takes it."""
        return LookAt(place=None if self.place is None else self.place.point(), alt_above_home_m=self.alt_above_home_m)


class ExtendBody(CommandBody):
    """More time on scene."""

    by_s: Annotated[float, _number("mission seconds", gt=0, le=3600)]

    def task(self) -> Extend:
        """As the agent takes it."""
        return Extend(by_s=self.by_s)


class DivertBody(CommandBody):
    """To another dock."""

    dock_id: Annotated[Text, Field(min_length=1, max_length=48)] | None = Field(
        default=None, description="the nearest that can take it in when left out"
    )


class NudgeBody(CommandBody):
    """One of a burst, sent as long as keys are held; letting go is a hold."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"forward": 1.0, "turn_right": -0.5}]})

    forward: Axis = 0.0
    right: Axis = 0.0
    up: Axis = 0.0
    turn_right: Axis = 0.0

    def task(self) -> Nudge:
        """As the agent takes it."""
        return Nudge(forward=self.forward, right=self.right, up=self.up, turn_right=self.turn_right)


class ZoomBody(CommandBody):
    """The camera's zoom."""

    level: Annotated[float, _number("0 the widest, 1 the nearest", ge=0, le=1)]

    def task(self) -> Zoom:
        """As the agent takes it."""
        return Zoom(level=self.level)


class SensorBody(CommandBody):
    """Which of the camera's eyes is shown."""

    sensor: Sensor

    def task(self) -> SelectSensor:
        """As the agent takes it."""
        return SelectSensor(sensor=self.sensor)


class SwitchBody(CommandBody):
    """On or off."""

    on: Annotated[bool, Field(strict=True)]

    def record(self) -> Record:
        """The recording on board."""
        return Record(on=self.on)

    def light(self) -> Light:
        """The search light."""
        return Light(on=self.on)


class SpeakerBody(CommandBody):
    """One of the aircraft's stored announcements."""

    announcement: Annotated[int, Field(strict=True, ge=1, le=99)]

    def task(self) -> Speaker:
        """As the agent takes it."""
        return Speaker(announcement=self.announcement)


class OfferBody(CommandBody):
    """To whom command is offered."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "pilot-2", "because": "end of my shift"}]})

    to: Person | None = Field(default=None, description="a pilot on duty; all of them when left out")


class ReadBackBody(Body):
    """What the taker sees of the flight: it must be so, or they look again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"callsign": "Kestrel 1", "phase": "on_scene"}]})

    callsign: Annotated[Text, Field(min_length=1, max_length=120)]
    phase: Phase

    def read_back(self) -> ReadBack:
        """As the desk takes it."""
        return ReadBack(callsign=self.callsign, phase=self.phase)


class LendBody(Body):
    """Who gets camera, light and speaker."""

    to: Person


class HoldBody(Body):
    """Why a dock is taken out of service."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"because": "rotor blades are changed"}]})

    because: Annotated[Text, Field(min_length=1, max_length=200)]


class BlockerBody(Body):
    """What is over the dock."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "a child on the roof"}]})

    text: Annotated[Text, Field(min_length=1, max_length=200)]
