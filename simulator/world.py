"""The simulated world: every place of a scenario, stepped together in fixed steps. No sockets, no wall clock."""

from __future__ import annotations

import math
from dataclasses import replace

from simulator import effects
from simulator.dock import Dock
from simulator.errors import UnknownTarget
from simulator.faults import CrewedTrack, Fault, WeatherTurns
from simulator.identity import Identity
from simulator.localframe import LocalFrame
from simulator.place import SEAT_RADIUS_M, ObservedAircraft, Occupant, Place, SimulatedAircraft
from simulator.scenario import DockPart, Scenario
from simulator.timeline import Injected, Timeline
from simulator.tracks import Track, heard
from simulator.vehicle import Vehicle
from simulator.weather import Turning, Weather, Wind

STEP_S = 0.02
"""One step of physics and autopilot, in simulation time."""
_SLOW_STEPS = 25
"""Weather, traffic and who stands in whose dock are looked at every so many steps (half a second)."""


class World:
    """Built from a scenario; the same scenario and commands at the same steps are the same world, to the bit.

    Raises:
        UnknownTarget: a fault of the scenario is for what is not there, or for a real PX4.
    """

    def __init__(self, scenario: Scenario, *, speed: float | None = None) -> None:
        self.scenario = scenario
        self.speed = scenario.speed if speed is None else speed
        self.steps = 0
        self._usual = Weather(**scenario.weather.model_dump())
        self._turning = Turning(self._usual)
        self._weather = self._usual
        self.places: dict[str, Place] = {dock.id: self._place(dock) for dock in scenario.docks}
        self._dock_of = {dock.aircraft.id: dock.id for dock in scenario.docks}
        self._frames = {dock.id: _frame(dock, scenario) for dock in scenario.docks}
        self._tracks: dict[int, Track] = {}
        self.timeline = Timeline(begin=self._begin, end=self._end, seed=f"{scenario.seed}/{scenario.name}/faults")
        for fault in scenario.faults:
            self.inject(fault)

    @property
    def sim_s(self) -> float:
        """Simulation time since the start."""
        return self.steps * STEP_S

    @property
    def weather(self) -> Weather:
        """As it is now."""
        return self._weather

    def step(self) -> None:
        """Everything lives one step."""
        self.steps += 1
        if self.timeline.next_s <= self.steps * STEP_S:
            self.timeline.step(self.steps * STEP_S)
        if self.steps % _SLOW_STEPS == 0:
            self._drift()
        for place in self.places.values():
            place.step(STEP_S)

    def run(self, seconds: float) -> None:
        """Live this long."""
        for _ in range(round(seconds / STEP_S)):
            self.step()

    def vehicle(self, dock_id: str) -> Vehicle:
        """The simulated aircraft of a dock; KeyError if a real one flies there."""
        occupant = self.places[dock_id].occupant
        if not isinstance(occupant, SimulatedAircraft):
            raise KeyError(f"{dock_id} has no simulated aircraft")
        return occupant.vehicle

    # Faults -----------------------------------------------------------------------------------------------------------

    def inject(self, fault: Fault) -> Injected:
        """Put a fault in, its ``at_s`` counted from now (0: with the next step).

        Raises:
            UnknownTarget: its dock or aircraft is not there, or is a real PX4 that cannot be broken from here.
        """
        if not isinstance(fault, WeatherTurns | CrewedTrack):
            effects.check(fault, self.places[self._dock_id(fault)])
        return self.timeline.put(fault, now_s=self.sim_s)

    def mend(self, number: int) -> Injected | None:
        """End a fault by its number, now; None if there is none (any more)."""
        return self.timeline.take_out(number)

    def _dock_id(self, fault: Fault) -> str:
        name = fault.dock or fault.aircraft or ""
        dock_id = self._dock_of.get(name, name)
        if dock_id not in self.places:
            raise UnknownTarget(kind=fault.kind, target=name, reason="is not in the scenario")
        return dock_id

    def _begin(self, injected: Injected) -> None:
        fault = injected.fault
        if isinstance(fault, WeatherTurns):
            self._turn_weather(over_s=fault.over_s)
        elif isinstance(fault, CrewedTrack):
            self._tracks[injected.number] = Track(fault, begins_s=injected.begins_s)
        else:
            effects.apply(fault, self.places[self._dock_id(fault)])

    def _end(self, injected: Injected) -> None:
        fault = injected.fault
        if isinstance(fault, WeatherTurns):
            self._turn_weather(over_s=fault.over_s)
        elif isinstance(fault, CrewedTrack):
            del self._tracks[injected.number]
            self._hear()
        else:
            dock_id = self._dock_id(fault)
            others = [each.fault for each in self.timeline.active]
            local = [each for each in others if not isinstance(each, WeatherTurns | CrewedTrack)]
            effects.renew(self.places[dock_id], [each for each in local if self._dock_id(each) == dock_id])

    # Weather and traffic ----------------------------------------------------------------------------------------------

    def _turn_weather(self, *, over_s: float) -> None:
        """Towards the scenario's weather with what the active changes say of it, the newest last.

        A change that gives the mean wind and no gust leaves the gusts as much above it as they were.
        """
        weather = self._usual
        for injected in self.timeline.active:
            if isinstance(injected.fault, WeatherTurns):
                weather = turned(weather, injected.fault)
        self._turning.turn(weather, now_s=self.sim_s, over_s=over_s)
        self._set_weather()

    def _set_weather(self) -> None:
        self._weather = self._turning.at(self.sim_s)
        for place in self.places.values():
            place.set_weather(self._weather)

    def _drift(self) -> None:
        self._find_guests()
        if not self._turning.settled(self.sim_s) or self._weather != self._turning.at(self.sim_s):
            self._set_weather()
        if self._tracks:
            self._hear()

    def _hear(self) -> None:
        positions = (track.at(self.sim_s) for track in self._tracks.values())
        flying = tuple(each for each in positions if each is not None)
        for dock_id, place in self.places.items():
            if isinstance(place.occupant, SimulatedAircraft):
                place.occupant.vehicle.traffic = heard(flying, self._frames[dock_id])

    def _find_guests(self) -> None:
        """Who stands on another dock's plate: its presence sensor feels whatever has come down there."""
        away: list[tuple[str, Occupant]] = []
        for dock_id, place in self.places.items():
            place.guest = None
            offset_m = place.occupant.offset_m()
            if offset_m is not None and offset_m > SEAT_RADIUS_M and place.occupant.is_landed():
                away.append((dock_id, place.occupant))
        for home_id, occupant in away:
            place_m = occupant.place_m()
            if place_m is None:
                continue
            where = self._frames[home_id].to_global(*place_m)
            for dock_id, place in self.places.items():
                if dock_id != home_id and math.hypot(*self._frames[dock_id].to_local(*where)) <= SEAT_RADIUS_M:
                    place.guest = occupant

    # Building ---------------------------------------------------------------------------------------------------------

    def _place(self, part: DockPart) -> Place:
        scenario, aircraft = self.scenario, part.aircraft
        seed = f"{scenario.seed}/{scenario.name}"
        dock = Dock(
            name=part.id,
            lid_s=part.lid_s,
            charge_percent_per_min=part.charge_percent_per_min,
            weather=self._usual,
            seed=seed,
        )
        frame = _frame(part, scenario)
        if aircraft.px4 is not None:
            return Place(dock=dock, occupant=ObservedAircraft(frame=frame))
        vehicle = Vehicle(
            identity=Identity(name=aircraft.id, system_id=aircraft.system_id, uid=bytes.fromhex(aircraft.uid)),
            kind=scenario.aircraft_types[aircraft.type],
            frame=frame,
            battery_percent=aircraft.battery_percent,
            speed=self.speed,
            video_uri=aircraft.video,
            films=aircraft.films,
        )
        wind = Wind(weather=self._usual, seed=f"{seed}/aircraft/{aircraft.id}")
        return Place(dock=dock, occupant=SimulatedAircraft(vehicle=vehicle, wind=wind))


def _frame(part: DockPart, scenario: Scenario) -> LocalFrame:
    return LocalFrame(lat_deg=part.lat_deg, lon_deg=part.lon_deg, alt_amsl_m=part.alt_amsl_m, geoid_m=scenario.geoid_m)


def turned(weather: Weather, change: WeatherTurns) -> Weather:
    """The weather with a change in it."""
    above_m_s = None if weather.gust_m_s is None else weather.gust_m_s - weather.wind_speed_m_s
    given = {
        name: value
        for name in ("wind_speed_m_s", "wind_from_deg", "gust_m_s", "rain_mm_h", "temperature_c")
        if (value := getattr(change, name)) is not None
    }
    weather = replace(weather, **given)
    if change.gust_m_s is None and above_m_s is not None:
        return replace(weather, gust_m_s=weather.wind_speed_m_s + above_m_s)
    if weather.gust_m_s is not None and weather.gust_m_s < weather.wind_speed_m_s:
        return replace(weather, gust_m_s=weather.wind_speed_m_s)
    return weather
