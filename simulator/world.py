"""The simulated world: every place of a scenario, stepped together in fixed steps. No sockets, no wall clock."""

from __future__ import annotations

from simulator.dock import Dock
from simulator.identity import Identity
from simulator.localframe import LocalFrame
from simulator.place import ObservedAircraft, Place, SimulatedAircraft
from simulator.scenario import DockPart, Scenario
from simulator.vehicle import Vehicle
from simulator.weather import Weather, Wind

STEP_S = 0.02
"""One step of physics and autopilot, in simulation time."""


class World:
    """Built from a scenario; the same scenario and commands at the same steps are the same world, to the bit."""

    def __init__(self, scenario: Scenario, *, speed: float | None = None) -> None:
        self.scenario = scenario
        self.speed = scenario.speed if speed is None else speed
        self.weather = Weather(**scenario.weather.model_dump())
        self.steps = 0
        self.places: dict[str, Place] = {dock.id: self._place(dock) for dock in scenario.docks}

    @property
    def sim_s(self) -> float:
        """Simulation time since the start."""
        return self.steps * STEP_S

    def step(self) -> None:
        """Everything lives one step."""
        self.steps += 1
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

    def _place(self, part: DockPart) -> Place:
        scenario, aircraft = self.scenario, part.aircraft
        seed = f"{scenario.seed}/{scenario.name}"
        dock = Dock(
            name=part.id,
            lid_s=part.lid_s,
            charge_percent_per_min=part.charge_percent_per_min,
            weather=self.weather,
            seed=seed,
        )
        frame = LocalFrame(
            lat_deg=part.lat_deg, lon_deg=part.lon_deg, alt_amsl_m=part.alt_amsl_m, geoid_m=scenario.geoid_m
        )
        if aircraft.px4 is not None:
            return Place(dock=dock, occupant=ObservedAircraft(frame=frame))
        vehicle = Vehicle(
            identity=Identity(name=aircraft.id, system_id=aircraft.system_id, uid=bytes.fromhex(aircraft.uid)),
            kind=scenario.aircraft_types[aircraft.type],
            frame=frame,
            battery_percent=aircraft.battery_percent,
            speed=self.speed,
        )
        wind = Wind(weather=self.weather, seed=f"{seed}/aircraft/{aircraft.id}")
        return Place(dock=dock, occupant=SimulatedAircraft(vehicle=vehicle, wind=wind))
