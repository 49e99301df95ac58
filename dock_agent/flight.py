"""One flight as the agent holds it, and what the agent sees of the world at one moment.

The state is a value: it is written to disk with the events it gave rise to, in one transaction, so that a killed agent
that comes back knows exactly what it has said and done. Durations of flight are kept as moments of mission time,
patience with the link as moments of wall time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.orders import FlightOrder, TaskOrder
from contracts.position import Place
from contracts.vocabulary import Avoidance, Condition, Phase
from dock_agent.flight_link import Command, Reply, Target
from dock_agent.readings import AircraftReading, DockReading, Ground

LINK_LOST_S = 3.0
"""Wall seconds of silence after which the link counts as lost; MAVSDK says the same after 2 to 3 s."""
POSITION_OLD_S = 3.0
"""Wall seconds after which a position is no longer one."""


class Asked(BaseModel):
    """The last command given, when (wall time), and what came back."""

    model_config = ConfigDict(frozen=True)

    at_wall: datetime
    command: Command | None = None
    """None: something asked of the payload."""
    item: int | None = None
    reply: Reply | None = None
    detail: str = ""


class HomeWish(BaseModel):
    """Somebody, or a guard, wants the aircraft home; it stands until telemetry shows that it comes."""

    model_config = ConfigDict(frozen=True)

    because: str
    order_ids: tuple[UUID, ...] = ()
    """The safety orders that wait for an outcome."""
    jumps: int = 0
    returns: int = 0
    given_up: bool = False
    """The outcome has been reported as unknown; the return is asked for again all the same."""


class StopWish(BaseModel):
    """Somebody, or a guard, wants it to hold or to come down here; it stands until telemetry shows it."""

    model_config = ConfigDict(frozen=True)

    command: Command
    """HOLD or LAND."""
    because: str
    order_ids: tuple[UUID, ...] = ()
    asked: Asked | None = None
    asks: int = 0
    given_up: bool = False
    anchored: bool = False
    """It was told to fly somewhere just before and may not have begun: standing still says nothing yet, and only an
    acknowledged target where it is ends that."""


class Doing(BaseModel):
    """A task under way: what was asked for it, and how the world was when it began."""

    model_config = ConfigDict(frozen=True)

    order: TaskOrder
    begun: datetime
    """Mission time."""
    target: Target | None = None
    asked: Asked | None = None
    asks: int = 0
    from_place: Place | None = None
    from_alt_amsl_m: float | None = None
    before: str = ""
    """What telemetry said of it at the start, where only a change can show that it was done."""


class Step(StrEnum):
    """How far a new plan in the air has come."""

    HOLD = "hold"
    UPLOAD = "upload"
    COMPARE = "compare"
    SET_ITEM = "set_item"
    START = "start"


class Replanning(BaseModel):
    """A new plan on its way on board. Until it has been compared the old one counts, and may be what is flown."""

    model_config = ConfigDict(frozen=True)

    order: TaskOrder
    after: FlightOrder
    """The flight order as it becomes."""
    watches: bool = True
    landing_m: float = 0.0
    dock_id: str | None = None
    step: Step = Step.HOLD
    asked: Asked | None = None
    asks: int = 0
    uploads: int = 0
    looks: int = 0
    busy: bool = False
    """A transfer is under way."""


class Flight(BaseModel):
    """The state of the phase machine."""

    model_config = ConfigDict(frozen=True)

    order: FlightOrder
    """As it stands now: a retask or a divert that was compared on board has changed places, fence and watch in it."""
    phase: Phase
    phase_at: datetime
    accepted_at: datetime
    conditions: tuple[Condition, ...] = ()
    resumed: bool = False
    """True after the agent was restarted in this flight, until a phase has been seen with its own eyes."""

    lid_from: datetime
    """Mission time from which the lid's patience counts."""
    lid_asked_wall: datetime | None = None
    uploading: bool = False
    upload_tries: int = 0
    uploaded: bool = False

    asked: Asked | None = None
    arm_tries: int = 0
    start_tries: int = 0
    armed_at: datetime | None = None
    home: HomeWish | None = None
    stop: StopWish | None = None
    told_to_land: bool = False
    """It comes down here because somebody said so, and may be told otherwise."""
    held_for: str | None = None
    """The guard's reason for which it was made to hold; a person may take it on from there."""
    avoiding: bool = False
    refusal: str | None = None
    """Set when the launch is being undone on the ground; the flight then ends as refused for this reason."""

    task: Doing | None = None
    """The one task that moves the aircraft."""
    newest_issued_at: datetime | None = None
    """Of the newest moving task or safety order taken: an older task that comes late is not done any more."""
    payload: tuple[Doing, ...] = ()
    """At most one of each type."""
    nudging: Doing | None = None
    """The first nudge of a burst, until a move shows it."""
    nudged_wall: datetime | None = None
    """Wall time of the last nudge, while no hold has followed it."""
    nudge_ids: tuple[UUID, ...] = ()
    """The last nudge of the burst, which the hold settles."""
    recording: Doing | None = None
    """The policy's own recording, while it is being started."""
    recording_tries: int = 0
    recording_ended: bool = False

    replanning: Replanning | None = None
    replanned: bool = False
    """The plan on board went up in the air: it has no take-off."""
    watches: bool = True
    landing_m: float = 0.0
    """The landing plate of where it will land above the one it took off from."""
    home_dock_id: str | None = None
    """Another dock that is home now; None: its own."""
    board_unsure: bool = False
    """An upload in the air was not seen to its end: only the autopilot's own return is sure to fit what is on board."""

    outbound_seen: bool = False
    """True once telemetry has shown a mission item before the watch: until then an item may be the last flight's."""
    airborne_at: datetime | None = None
    turned: bool = False
    """It flies for another incident than it was ordered for."""
    scene_at: datetime | None = None
    watch_from: datetime | None = None
    """When it reached the watch position of the present plan."""
    extended_s: float = 0.0
    holds_longer: bool = False
    """It has been made to hold for the extension; somebody who resumes has the mission end the watch again."""
    looked_at: datetime | None = None
    """Mission time of the last look that was written down."""
    left_scene_at: datetime | None = None
    distance_m: float = 0.0
    scene_distance_m: float | None = None
    """Flown when it reached the watch position."""
    last_place: Place | None = None
    landed_at: datetime | None = None
    """Mission time since which it has been on the ground with its motors off (or seated without a link)."""
    seated_unheard_at: datetime | None = None
    lost_at: datetime | None = None
    closing: bool = False
    battery_percent: float | None = None
    lid_shut_at: datetime | None = None
    """Since when the lid has not been open for it, while it is out."""
    lid_alarm: bool = False
    waiting_at: datetime | None = None
    """Since when it holds near home for a lid that is shut, or for a divert."""
    beside: bool = False
    """It lands beside its box."""

    @property
    def watch_ends_at(self) -> datetime | None:
        """Mission time at which the watch is over, as ordered and extended; None before it began."""
        if self.watch_from is None or not self.watches:
            return None
        return self.watch_from + timedelta(seconds=self.order.watch_s + self.extended_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The world at one moment: mission and wall time, the aircraft, the dock, and what a guard says."""

    now: datetime
    wall: datetime
    aircraft: AircraftReading
    dock: DockReading
    lid_s: float
    factor: float = 1.0
    """Seconds of mission time in a second of wall time."""
    must_return: str | None = None
    """A guard's reason to come home now, in words."""
    battery_at_home_percent: float | None = None
    """Predicted, if it turned home now by the planned way."""
    must_leave_at: datetime | None = None
    """Mission time at which the charge forces it home."""
    must_hold: str | None = None
    """A guard's reason to stop and hang there now, in words; after a bounded time it becomes ``must_return``."""
    over_dock: str | None = None
    """What a person has seen over the box and raised: nothing may come down there, and its lid must not move."""
    held: str | None = None
    """Why the dock is out of service for maintenance: what has not been armed yet stays."""
    converging: str | None = None
    """The crewed aircraft that converges, in words."""
    avoid: Avoidance | None = None
    """What is to be flown at once because a crewed aircraft converges; back to None it holds, and a person decides."""

    def patience_s(self, *, mission_s: float, wall_s: float) -> float:
        """Mission seconds to wait for something that takes mission time to do, and wall time to be heard of."""
        return max(mission_s, wall_s * self.factor)

    @property
    def heard(self) -> bool:
        """True when the aircraft's link is fresh and is that of our aircraft."""
        return self.aircraft.identified and self.aircraft.link_age_s <= LINK_LOST_S

    @property
    def place(self) -> Place | None:
        """Where the aircraft is, if that is known and fresh."""
        position = self.aircraft.position
        if position is None or self.aircraft.position_age_s > POSITION_OLD_S:
            return None
        return Place(lat_deg=position.lat_deg, lon_deg=position.lon_deg)

    @property
    def flying(self) -> bool:
        """True when telemetry shows it in the air."""
        return self.heard and bool(self.aircraft.in_air) and self.aircraft.armed is not False

    @property
    def on_ground(self) -> bool:
        """True when telemetry shows it on the ground."""
        return self.heard and self.aircraft.ground is Ground.ON_GROUND and self.aircraft.in_air is False

    @property
    def grounded(self) -> bool:
        """True when it stands on the ground with its motors off."""
        return self.on_ground and self.aircraft.armed is False


def since(start: datetime, now: datetime) -> float:
    """Seconds from one moment to another of the same clock."""
    return (now - start) / timedelta(seconds=1)
