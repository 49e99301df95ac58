"""What a dock's status means: is it the dock of the fleet file, what has changed, what may be decided on it.

Pure: the status and its age come in, events and facts go out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.position import Place, Weather
from contracts.reports import DockStatus
from contracts.vocabulary import AIRBORNE, Deployment, Lid
from dispatcher.authority import watch_limit
from dispatcher.decision.facts import (
    DockFacts,
    IncidentFacts,
    PilotFacts,
    Policy,
    WeatherFacts,
    performance_from_fleet,
)
from dispatcher.entities import DockView, Incident, IncidentStatus, with_raised
from dispatcher.events import DockReported, IncidentPlace
from dispatcher.incidents import active_flight_of, ground_distance_m
from dispatcher.maintenance import beside_holds, held_because
from dispatcher.policy import FlyingPolicy
from dispatcher.state import State
from dispatcher.weather import Around

REPORT_AGAIN_S = 60.0
"""An unchanged dock is journalled again after this much mission time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A dock's last status and when it came, on the monotonic wall clock."""

    status: DockStatus
    at_wall_s: float


def unregistered_because(view: DockView, status: DockStatus, deployment: Deployment | None) -> str:
    """Why this is not the dock of the fleet file; empty when it is."""
    aircraft = view.dock.aircraft
    if deployment is not None and status.deployment != deployment:
        return f"the agent states a {status.deployment} deployment, this one is {deployment}"
    if status.aircraft_system_id is not None and status.aircraft_system_id != aircraft.system_id:
        return f"aircraft has MAVLink system id {status.aircraft_system_id}, the fleet file says {aircraft.system_id}"
    if aircraft.uid is not None and status.aircraft_uid is not None and status.aircraft_uid != aircraft.uid:
        return f"aircraft has UID {status.aircraft_uid}, the fleet file says {aircraft.uid}"
    at_home = status.flight_id is None or status.phase not in AIRBORNE
    if at_home and status.aircraft_position is not None:
        off_m = ground_distance_m(_as_place(status.aircraft_position), _as_place(view.dock.place))
        if off_m > view.dock.limits.max_site_offset_m:
            return f"aircraft is {off_m:.0f} m from its site, at most {view.dock.limits.max_site_offset_m:.0f} m"
    return ""


def reported(view: DockView, status: DockStatus, deployment: Deployment | None) -> DockReported:
    """The status as an event."""
    because = unregistered_because(view, status, deployment)
    return DockReported(
        dock_id=view.dock.id,
        state=status.state,
        flight_id=status.flight_id,
        lid=status.lid,
        aircraft_seated=status.aircraft_seated,
        charger=status.charger,
        battery_percent=status.battery_percent,
        weather=status.weather,
        aircraft_connected=status.aircraft_connected,
        aircraft_system_id=status.aircraft_system_id,
        aircraft_uid=status.aircraft_uid,
        aircraft_position=status.aircraft_position,
        blockers=status.blockers,
        registered=not because,
        unregistered_because=because,
        measured_at=status.mission_time,
        traffic=status.traffic,
        receiving_flight_id=status.receiving_flight_id,
        picture_age_s=status.picture_age_s,
        checked_after_flight=status.checked_after_flight,
        maintenance_order_id=status.maintenance_order_id,
    )


def worth_recording(last: DockReported | None, new: DockReported) -> bool:
    """True when a decision could come out differently, or a minute of mission time has passed."""
    if last is None or abs((new.measured_at - last.measured_at).total_seconds()) >= REPORT_AGAIN_S:
        return True
    same = (
        "state",
        "flight_id",
        "lid",
        "aircraft_seated",
        "charger",
        "aircraft_connected",
        "aircraft_system_id",
        "aircraft_uid",
        "blockers",
        "registered",
        "traffic",
        "receiving_flight_id",
        "checked_after_flight",
        "maintenance_order_id",
    )
    if any(getattr(last, name) != getattr(new, name) for name in same):
        return True
    return _moved(last.battery_percent, new.battery_percent, 1.0) or _weather_moved(last, new)


def dock_facts(
    state: State, heard: Mapping[str, Heard], *, policy: Policy, now: datetime, wall_s: float
) -> list[DockFacts]:
    """Every registered dock as the decision takes it; ages are measured here."""
    around = Around(state.weather, policy=policy, now=now) if state.weather.stations else None
    return [
        _facts(view, heard.get(view.dock.id), state.deployment, policy, around, now, wall_s)
        for view in state.docks.values()
    ]


def pilot_facts(state: State, *, now: datetime, flying: FlyingPolicy) -> list[PilotFacts]:
    """Every pilot on duty as the decision takes it; whose shift is over takes no new flight."""
    return [
        PilotFacts(
            pilot_id=pilot.id,
            accepts_beforehand=pilot.accepts == "beforehand",
            flights_in_command=len(state.flights_watched(pilot.id)),
            limit=watch_limit(pilot, flying),
            flights_in_hand=len(state.flights_in_hand(pilot.id)),
            hand_limit=flying.flights_in_hand,
            silent=pilot.silent_since is not None,
        )
        for pilot in state.pilots.values()
        if pilot.until is None or now < pilot.until
    ]


def incident_facts(state: State, incident: Incident) -> IncidentFacts:
    """The incident as the decision takes it."""
    flight = active_flight_of(state, incident)
    return IncidentFacts(
        incident_id=str(incident.id),
        revision=incident.revision,
        lat_deg=incident.place.lat_deg,
        lon_deg=incident.place.lon_deg,
        radius_m=incident.place.radius_m,
        grade=incident.grade,
        closed=incident.status is not IncidentStatus.OPEN,
        active_flight_id=None if flight is None else str(flight.id),
        watch_s=incident.watch_s if incident.watch_s is not None else watch_of_grade(state, incident.grade),
    )


def watch_of_grade(state: State, grade: str) -> float | None:
    """The watch that the policy wants for a grade; None: the usual one."""
    if state.policy is None:
        return None
    document = state.policy.document
    called = document.grade_called(grade) or document.grade_called(document.unknown_grade)
    return None if called is None else called[1].watch_s


def _facts(
    view: DockView,
    heard: Heard | None,
    deployment: Deployment | None,
    policy: Policy,
    around: Around | None,
    now: datetime,
    wall_s: float,
) -> DockFacts:
    dock, aircraft_type = view.dock, view.aircraft_type
    status = heard.status if heard else None
    age_s = max(0.0, (now - status.mission_time).total_seconds()) if status else 0.0
    weather = status.weather if status else None
    because = unregistered_because(view, status, deployment) if status else ""
    because = because or away_because(view)
    at_agent = None if status is None else status.flight_id or status.receiving_flight_id
    flight_id = view.active_flight_id or view.expected_flight_id or at_agent
    return DockFacts(
        dock_id=dock.id,
        lat_deg=dock.lat_deg,
        lon_deg=dock.lon_deg,
        alt_amsl_m=dock.alt_amsl_m,
        aircraft_id=dock.aircraft.id,
        performance=performance_from_fleet(aircraft_type=aircraft_type, limits=dock.limits),
        min_launch_charge_percent=dock.limits.min_launch_battery_percent,
        max_range_m=dock.limits.max_range_m,
        lid_s=dock.lid_s,
        arming_s=aircraft_type.arming_s,
        deployment=str(status.deployment) if status else None,
        registered=not because,
        unregistered_because=because,
        maintenance=bool(view.holds),
        maintenance_because=held_because(view),
        agent_online=status is not None and not view.silent,
        heartbeat_age_s=None if heard is None else max(0.0, wall_s - heard.at_wall_s),
        state=status.state if status else None,
        flight_id=None if flight_id is None else str(flight_id),
        charge_percent=status.battery_percent if status else None,
        charge_age_s=age_s if status else None,
        seated=status.aircraft_seated if status else None,
        aircraft_connected=status.aircraft_connected if status else False,
        weather=weather_of(view, weather, age_s, policy=policy, around=around),
        forecast=None if around is None else around.forecast(dock.lat_deg, dock.lon_deg),
        blockers=tuple(with_raised(_own_blockers(status, view), view.blocker)),
        lid=status.lid if status else Lid.UNKNOWN,
    )


def _own_blockers(status: DockStatus | None, view: DockView) -> list[str]:
    """What the agent alone knows: its warnings are judged by the gates, on the same status, with their figures.

    That it is held is said once, by the gate of maintenance.
    """
    if status is None:
        return []
    warned = {each.text for each in status.warnings}
    return [text for text in beside_holds(view, status.blockers) if text not in warned]


def weather_of(
    view: DockView, measured: Weather | None, since_s: float, *, policy: Policy, around: Around | None
) -> WeatherFacts | None:
    """The dock's own, while it is new enough; else what an aerodrome near it reports; else the dock's own, old.

    Decisions and coverage ask this alike. ``since_s``: mission seconds since the dock said what it ``measured``.
    """
    own = None
    if measured is not None:
        own = WeatherFacts(
            wind_speed_m_s=measured.wind_speed_m_s,
            wind_from_deg=measured.wind_from_deg,
            gust_m_s=measured.gust_m_s,
            rain_mm_h=measured.rain_mm_h,
            temperature_c=measured.temperature_c,
            age_s=measured.age_s + since_s,
        )
    if around is None or (own is not None and own.age_s <= policy.weather_max_age_s):
        return own
    return around.reported(view.dock.lat_deg, view.dock.lon_deg) or own


def away_because(view: DockView) -> str:
    """Why a dock is not the fleet file's any more since a flight was diverted; empty when it is."""
    if view.guest_of is not None:
        return f"the aircraft of {view.guest_of} stands in it: an engineer re-homes it or brings it back"
    return f"its aircraft stands in {view.away_in}: an engineer brings it back" if view.away_in is not None else ""


def _as_place(place: Place) -> IncidentPlace:
    return IncidentPlace(lat_deg=place.lat_deg, lon_deg=place.lon_deg)


def _moved(last: float | None, new: float | None, step: float) -> bool:
    if last is None or new is None:
        return last is not new
    return abs(new - last) >= step


def _weather_moved(last: DockReported, new: DockReported) -> bool:
    was, is_now = last.weather, new.weather
    if was is None or is_now is None:
        return was is not is_now
    return (
        abs(was.wind_speed_m_s - is_now.wind_speed_m_s) >= 1.0
        or abs(was.gust_m_s - is_now.gust_m_s) >= 1.5
        or abs(was.rain_mm_h - is_now.rain_mm_h) >= 0.5
        or abs(was.temperature_c - is_now.temperature_c) >= 1.0
    )
