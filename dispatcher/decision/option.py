"""What one dock could do for an incident, and the decision that holds them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.decision.codec import Json, from_json, to_json
from dispatcher.decision.facts import DecisionInputs, facts_to_json
from dispatcher.decision.reason import Blocker, Reason, Risk


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePoint:
    """A waypoint; height above the dock's landing plate."""

    lat_deg: float
    lon_deg: float
    alt_above_home_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One dock. Times count from the press, in steps of 0.1 s; percent and Wh in steps of 0.1; metres whole.

    Figures are given for a dock that is not eligible too, where they can be known; None where they cannot.
    """

    dock_id: str
    aircraft_id: str
    eligible: bool
    rank: int | None
    """1 for the best; None for a dock that is not eligible."""
    reasons: tuple[Reason, ...]
    distance_m: float
    bearing_deg: float
    """From the dock towards the scene, whole degrees."""
    time_to_airborne_s: float
    time_to_scene_s: float | None
    on_scene_s: float | None
    """The watch that the energy allows, cut off at the policy's cap."""
    watch_s: float | None
    """The watch that is promised: what is asked for, or what is possible if less."""
    battery_on_return_percent: float | None
    """After the promised watch."""
    energy_wh: float | None
    flight_s: float | None
    """From lift-off to motors off, with the promised watch."""
    battery_margin_percent: float | None = None
    """What is left above the reserve then."""
    route: tuple[RoutePoint, ...] | None = None
    """After the climb over the dock; the last is where it watches from. None: no way, or not looked for."""
    risks: tuple[Risk, ...] = ()
    bound: bool = False
    """True: the way was not looked for, and the figures are those of a straight one: nothing is better than that, and
    a zone may be in it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All options, the eligible ones first by rank, the others by distance; and what they were derived from."""

    incident_id: str
    incident_revision: int
    deployment: str
    blockers: tuple[Blocker, ...]
    """Not empty: nothing may be sent, whatever the options say."""
    pilot_id: str | None
    """Who would be in command: free, accepting beforehand if anybody does, with the fewest flights."""
    pilot_accepts_beforehand: bool
    options: Sequence[Option]
    """Each is made when it is looked at."""
    inputs: DecisionInputs

    @property
    def best(self) -> Option | None:
        """The option to take; None where nothing may or can be sent."""
        if self.blockers or not self.options or not self.options[0].eligible:
            return None
        return self.options[0]

    @property
    def best_dock_id(self) -> str | None:
        """The dock of the best option."""
        best = self.best
        return None if best is None else best.dock_id

    def option(self, dock_id: str) -> Option:
        """The option of a dock; raises `KeyError`."""
        found = getattr(self.options, "of", None)
        if found is not None:
            option: Option = found(dock_id)
            return option
        for option in self.options:
            if option.dock_id == dock_id:
                return option
        raise KeyError(dock_id)

    def options_json(self) -> list[Json]:
        """The options alone, as plain JSON values."""
        return [to_json(option) for option in self.options]

    def inputs_json(self) -> Json:
        """The inputs alone, as plain JSON values: `facts_from_json` reads them."""
        return facts_to_json(self.inputs)

    def to_json(self) -> Json:
        """Everything, as plain JSON values: identical inputs give identical values."""
        record: Json = to_json(self)
        record["best_dock_id"] = self.best_dock_id
        return record

    @classmethod
    def from_json(cls, record: Json) -> Decision:
        """The decision that `to_json` wrote; raises `UnreadableRecord`."""
        return from_json(cls, {name: value for name, value in record.items() if name != "best_dock_id"})
