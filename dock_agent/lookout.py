"""The agent's look-out: all watches over a flight in one place, once a mission second, and what they demand of it.

It decides nothing about how a demand is flown (`dock_agent.phases`) and says nothing (`dock_agent.agent`): it holds the
watches' states, which are values, and turns them into demands and alarms. A restarted agent begins with empty watches
and sees within seconds what there is to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.fleet import AircraftType, Dock
from contracts.orders import FlightOrder
from contracts.position import Weather
from contracts.vocabulary import AlarmKind, Avoidance, Phase, Traffic
from dock_agent.alarms import Alarm
from dock_agent.avoidance import Airspace
from dock_agent.confinement import Confinement
from dock_agent.crewed_traffic import receiver_works
from dock_agent.energywatch import Consumption, Forecast, forecast, performance_for, standing_at, wind_for
from dock_agent.flight import LINK_LOST_S, Flight, since
from dock_agent.mission import flight_plan
from dock_agent.parachute import motor_failed
from dock_agent.readings import AircraftReading, DockReading, Mode, Parachute
from dock_agent.weatherwatch import WeatherWatch
from geo.flight.plan import FlightPlan

LOOK_S = 1.0
"""Mission seconds between two looks."""
LASTS_S = 3.0
"""Mission seconds for which the charge must force it home before it is called home: a voltage dips and comes back."""
POSITION_LOST_S = 3.0
"""Mission seconds without a usable position after which somebody is told."""
_WATCHED = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING})
_OUTWARD = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE})
_ALOFT = frozenset({Phase.LAUNCHING, *_WATCHED, Phase.LANDING})
_AVOIDING = {
    Avoidance.DESCEND: "it descends to {height:.0f} m above home by itself and holds there",
    Avoidance.HOLD: "it holds by itself",
    Avoidance.RETURN: "it returns by itself",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What the look-out demands and tells at a moment."""

    must_return: str | None = None
    must_hold: str | None = None
    avoid: Avoidance | None = None
    traffic: Traffic = Traffic.UNKNOWN
    converging: str | None = None
    """The crewed aircraft that converges, in words."""
    forecast: Forecast | None = None
    alarms: tuple[Alarm, ...] = ()


NO_WATCH = Watch()


class Lookout:
    """Of one dock and its drone. ``look`` may be called at any pace; it looks anew once a mission second."""

    def __init__(self, *, dock: Dock, aircraft_type: AircraftType) -> None:
        self._dock, self._type = dock, aircraft_type
        self._looked_at: datetime | None = None
        self._flight: Flight | None = None
        self.watch = Watch()
        self._airspace = Airspace()
        self._clean()

    def _clean(self) -> None:
        self._consumption = Consumption()
        self._confinement = Confinement()
        self._weather = WeatherWatch()
        self._low_since: datetime | None = None
        self._was_low: tuple[FlightOrder, str] | None = None
        """Of which plan, and why: a divert to a nearer dock is another plan."""
        self._lost_since: datetime | None = None
        self._measured: Weather | None = None
        """The weather's last sample of this flight: what a sensor that has died since had said."""
        self._lasting: dict[AlarmKind, Alarm] = {}
        self._planned: tuple[FlightOrder, FlightPlan] | None = None

    def look(
        self, *, flight: Flight | None, aircraft: AircraftReading, dock: DockReading, now: datetime, factor: float = 1.0
    ) -> Watch:
        """What is demanded now; ``now`` is mission time, ``factor`` mission seconds in a wall second."""
        before = self._flight
        changed = (before and before.order.flight_id) != (flight and flight.order.flight_id)
        if changed:
            self._clean()
        elif self._looked_at is not None and 0 <= since(self._looked_at, now) < LOOK_S:
            return self.watch
        self._looked_at, self._flight = now, flight
        heard = aircraft.identified and aircraft.link_age_s <= LINK_LOST_S
        if heard:
            self._airspace = self._airspace.after(own=aircraft, now=now, factor=factor)
        else:
            self._airspace = Airspace()
        if flight is None:
            self.watch = Watch(traffic=self._airspace.traffic, converging=self._airspace.words or None)
        elif heard:
            self.watch = self._in_flight(flight, aircraft, dock, now)
        else:
            # Nothing is demanded of whoever cannot hear it; what was last known of the charge stays on the screens.
            stands = (alarm for alarm in self.watch.alarms if alarm.kind is not AlarmKind.AIRCRAFT)
            self.watch = Watch(forecast=self.watch.forecast, alarms=(*stands, *_of_identity(flight, aircraft)))
        return self.watch

    def _in_flight(self, flight: Flight, aircraft: AircraftReading, dock: DockReading, now: datetime) -> Watch:
        plan, watched = self._plan(flight.order), flight.phase in _WATCHED and flight.landed_at is None
        self._weather = self._weather.after(
            weather=dock.weather, aircraft_type=self._type, now=now, overrides=flight.order.overrides
        )
        charge = self._charge(flight, plan, aircraft, dock, now) if watched else None
        low = self._low(flight, aircraft, charge, now)
        if watched:
            self._confinement = self._confinement.after(
                at=standing_at(aircraft),
                mode=aircraft.mode,
                plan=plan,
                now=now,
                taken_over=flight.task is not None or flight.home is not None or flight.replanning is not None,
            )
        else:
            self._confinement = Confinement()
        outward = flight.phase in _OUTWARD
        weather = self._weather.must_return(now) if outward else None
        return Watch(
            must_return=low or self._confinement.must_return(now) or weather,
            must_hold=self._confinement.must_hold(now),
            avoid=self._airspace.avoid(flight.order.avoidance) if watched else None,
            traffic=self._airspace.traffic,
            converging=self._airspace.words or None,
            forecast=charge,
            alarms=tuple(self._alarms(flight, aircraft, charge, now)),
        )

    def _plan(self, order: FlightOrder) -> FlightPlan:
        """The order's geometry, worked out once for each order as it stands."""
        if self._planned is None or self._planned[0] is not order:
            self._planned = (order, flight_plan(order))
        return self._planned[1]

    def _charge(
        self, flight: Flight, plan: FlightPlan, aircraft: AircraftReading, dock: DockReading, now: datetime
    ) -> Forecast | None:
        at, percent = standing_at(aircraft), aircraft.battery_percent
        if at is None or percent is None:
            return None
        performance = performance_for(self._type, self._dock, reserve_percent=flight.order.reserve_percent)
        self._measured = dock.weather or self._measured
        wind = wind_for(
            dock.weather,
            plan=plan,
            at=at,
            aircraft_type=self._type,
            overrides=flight.order.overrides,
            last=self._measured,
        )
        self._consumption = self._consumption.after(
            now=now, charge_percent=percent, aircraft=aircraft, performance=performance, wind=wind
        )
        return forecast(
            plan=plan,
            performance=performance,
            at=at,
            charge_percent=percent,
            wind=wind,
            now=now,
            correction=self._consumption.correction,
            outbound=flight.phase is Phase.EN_ROUTE and flight.task is None,
        )

    def _low(self, flight: Flight, aircraft: AircraftReading, charge: Forecast | None, now: datetime) -> str | None:
        """Why the charge forces it home, once it has done so for a while; also out of a hold on the way home."""
        homeward = flight.phase not in _OUTWARD and aircraft.mode in (Mode.MISSION, Mode.RETURN, Mode.LAND)
        why = charge.must_return if charge is not None and not homeward else None
        self._low_since = None if why is None else self._low_since or now
        lasting = self._low_since is not None and since(self._low_since, now) >= LASTS_S
        if lasting:
            self._was_low = (flight.order, str(why))
        return why if lasting else None

    def _alarms(self, flight: Flight, aircraft: AircraftReading, charge: Forecast | None, now: datetime) -> list[Alarm]:
        if flight.phase not in _ALOFT or flight.landed_at is not None:
            return list(self._lasting.values())
        found = [*self._of_traffic(flight, aircraft), *self._of_energy(flight, charge)]
        confined = self._confinement
        if confined.breached_at is not None:
            text = f"{confined.what}: it holds, and returns by itself unless told otherwise"
            found.append(Alarm(kind=AlarmKind.CORRIDOR, text=text))
        if self._weather.must_return(now) is not None:
            does = "it returns by itself" if flight.phase in _OUTWARD else "watch it home"
            text = f"beyond the aircraft's limits: {'; '.join(self._weather.broken)}: {does}"
            found.append(Alarm(kind=AlarmKind.WEATHER, text=text))
        elif self._weather.unknown is not None:
            text = f"{self._weather.unknown}: the strongest wind allowed is reckoned with; consider calling it home"
            found.append(Alarm(kind=AlarmKind.WEATHER, text=text))
        found += self._of_position(aircraft, now)
        self._of_accidents(aircraft)
        return [*self._lasting.values(), *found]

    def _of_traffic(self, flight: Flight, aircraft: AircraftReading) -> list[Alarm]:
        near = self._airspace.nearest
        if near is not None:
            height_m = flight.order.avoidance_alt_above_home_m
            does = _AVOIDING[flight.order.avoidance].format(height=height_m)
            return [
                Alarm(
                    kind=AlarmKind.TRAFFIC,
                    text=f"{self._airspace.words}: {does}; what comes next is for the pilot to say",
                    bearing_deg=near.bearing_deg,
                    above_m=near.above_m,
                    distance_m=near.distance_m,
                    in_s=near.in_s,
                )
            ]
        if self._type.has_adsb_in and not receiver_works(aircraft):
            text = "the receiver of crewed aircraft is silent: traffic unknown; watch and listen for others"
            return [Alarm(kind=AlarmKind.TRAFFIC_UNKNOWN, text=text)]
        return []

    def _of_energy(self, flight: Flight, charge: Forecast | None) -> list[Alarm]:
        """Stands until it comes down, so that nobody has to catch the moment at which it turned."""
        if flight.phase not in _WATCHED:
            return []
        if charge is not None and not charge.reaches_home and charge.must_return is not None:
            text = f"{charge.must_return}: it may not reach home; divert it to a nearer dock, or choose where it lands"
            return [Alarm(kind=AlarmKind.ENERGY, text=text)]
        if self._was_low is None or self._was_low[0] is not flight.order:
            return []
        return [Alarm(kind=AlarmKind.ENERGY, text=f"{self._was_low[1]}: it comes home by itself; watch it home")]

    def _of_position(self, aircraft: AircraftReading, now: datetime) -> list[Alarm]:
        lost = standing_at(aircraft) is None or not aircraft.global_position_ok
        self._lost_since = (self._lost_since or now) if lost else None
        if self._lost_since is None or since(self._lost_since, now) < POSITION_LOST_S:
            return []
        text = "the position is lost: nothing but hold, return and land is commanded; the autopilot may come down"
        return [Alarm(kind=AlarmKind.POSITION, text=text)]

    def _of_accidents(self, aircraft: AircraftReading) -> None:
        """These stand until the flight is over, whatever is heard afterwards."""
        failed = motor_failed(aircraft)
        if failed is not None and AlarmKind.MOTOR not in self._lasting:
            fitted = "; deploy the parachute if it falls" if self._type.has_parachute else ""
            text = f"{failed}: send somebody to where it comes down{fitted}"
            self._lasting[AlarmKind.MOTOR] = Alarm(kind=AlarmKind.MOTOR, text=text)
        if aircraft.parachute is Parachute.DEPLOYED:
            text = "the parachute is out: it drifts with the wind; send somebody to where it comes down"
            self._lasting[AlarmKind.PARACHUTE] = Alarm(kind=AlarmKind.PARACHUTE, text=text)
        elif self._type.has_parachute and aircraft.parachute is Parachute.FAULT:
            text = "the parachute is not in order: bring it home"
            self._lasting.setdefault(AlarmKind.PARACHUTE, Alarm(kind=AlarmKind.PARACHUTE, text=text))


def _of_identity(flight: Flight, aircraft: AircraftReading) -> list[Alarm]:
    """Who answers is not ours: what is not identified is never heard."""
    if aircraft.trouble is None or flight.phase not in _ALOFT or flight.landed_at is not None:
        return []
    text = f"{aircraft.trouble}: nothing is commanded to it; look for our own"
    return [Alarm(kind=AlarmKind.AIRCRAFT, text=text)]
