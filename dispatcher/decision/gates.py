"""The gates that a dock must pass before physics is asked: identity, agent, dock, battery, weather, pilot.

Each gate is a small function that yields reasons; all of them are asked, so that a dock tells everything that keeps it
at home and not only the first. The gates of the physics are in `dispatcher.decision.choice`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contracts.vocabulary import DockState, Lid
from dispatcher.decision.facts import DockFacts, PilotFacts, Policy, ReportFacts, WeatherFacts
from dispatcher.decision.reason import Reason, ReasonCode, Risk, RiskCode

NEAR_LIMIT = 0.8
"""Of a limit of wind or gusts: from there on a flight is told to be near it."""
OLD_SHARE = 0.5
"""Of the greatest age of a measurement: from there on it is told to be old."""
BUSY = {DockState.PREPARING, DockState.FLYING, DockState.RECOVERING}


def reasons_against(dock: DockFacts, policy: Policy, *, deployment: str) -> Iterator[Reason]:
    """Everything but physics and pilots. What was measured is not asked of a dock whose agent is silent."""
    yield from _identity(dock, deployment)
    silent = _silence(dock, policy)
    if silent is not None:
        yield silent
    yield from _occupation(dock)
    if silent is None:
        yield from _dock(dock)
        yield from _charge(dock, policy)
        yield from _weather(dock, policy)
        for blocker in dock.blockers:
            yield Reason(code=ReasonCode.AGENT_REFUSES, text=f"the dock's agent will not launch: {blocker}")


def risks_of(dock: DockFacts, policy: Policy) -> Iterator[Risk]:
    """What the weather at a dock that may launch is near to."""
    weather, limits = dock.weather, dock.performance
    if weather is None:
        return
    if weather.report is not None:
        yield Risk(code=RiskCode.WEATHER_REPORTED, text=f"wind {_as_reported(weather, weather.report)}")
    elif weather.age_s > OLD_SHARE * policy.weather_max_age_s:
        yield Risk(code=RiskCode.WEATHER_OLD, text=f"the weather was measured {weather.age_s:.0f} s ago")
    for what, value, limit in (
        ("wind", weather.wind_speed_m_s, limits.wind_limit_m_s),
        ("gust", weather.gust_m_s, limits.gust_limit_m_s),
    ):
        if value > NEAR_LIMIT * limit:
            yield Risk(code=RiskCode.WIND_NEAR_LIMIT, text=f"{what} {value:.1f} m/s, limit {limit:.1f}")
    yield from _worsening(dock, weather)


def _worsening(dock: DockFacts, weather: WeatherFacts) -> Iterator[Risk]:
    """What the forecast holds possible during a flight that is more than what blows now, and near to a limit."""
    forecast, limits = dock.forecast, dock.performance
    if forecast is None:
        return
    said = f"TAF {forecast.station}, {forecast.distance_m / 1000:.0f} km away"
    for what, value, now, limit in (
        ("wind", forecast.wind_speed_m_s, weather.wind_speed_m_s, limits.wind_limit_m_s),
        ("gust", forecast.gust_m_s, weather.gust_m_s, limits.gust_limit_m_s),
    ):
        if value > max(NEAR_LIMIT * limit, now):
            when = f" from {forecast.gust_from:%H:%M}Z" if what == "gust" else ""
            text = f"{what} {value:.1f} m/s forecast{when}, limit {limit:.1f} ({said})"
            yield Risk(code=RiskCode.WEATHER_WORSENS, text=text)
    if forecast.storms_from is not None:
        text = f"thunderstorms forecast from {forecast.storms_from:%H:%M}Z ({said})"
        yield Risk(code=RiskCode.WEATHER_WORSENS, text=text)


def _as_reported(weather: WeatherFacts, report: ReportFacts) -> str:
    return f"from METAR {report.station} {report.distance_m / 1000:.0f} km away, {weather.age_s / 60:.0f} min old"


def choose_pilot(pilots: Sequence[PilotFacts]) -> PilotFacts | None:
    """Free, accepting beforehand rather than asked, with the fewest flights, then by id; None: nobody."""
    free = [pilot for pilot in pilots if pilot.free]
    return min(
        free, key=lambda pilot: (not pilot.accepts_beforehand, pilot.flights_in_command, pilot.pilot_id), default=None
    )


def no_pilot(pilots: Sequence[PilotFacts]) -> Reason:
    """The reason of every dock when nobody can take command."""
    if not pilots:
        return Reason(code=ReasonCode.NO_PILOT_FREE, text="no pilot is on duty: sign one on", value=0.0)
    return Reason(
        code=ReasonCode.NO_PILOT_FREE,
        text=_not_free(pilots),
        value=float(sum(pilot.flights_in_command for pilot in pilots)),
        limit=float(sum(pilot.limit for pilot in pilots)),
    )


def _not_free(pilots: Sequence[PilotFacts]) -> str:
    """Each pilot counts once, by what has to end first: a console that is not heard takes no flight at all."""
    silent = sum(pilot.silent for pilot in pilots)
    by_hand = sum(not pilot.silent and pilot.flights_in_hand > pilot.hand_limit for pilot in pilots)
    full = len(pilots) - silent - by_hand
    if silent == len(pilots):
        one = "the console of the only pilot on duty is silent"
        return one if silent == 1 else f"the consoles of all {silent} pilots on duty are silent"
    parts = [
        f"{full} with as many flights as allowed" if full else "",
        f"{by_hand} flying too many by hand" if by_hand else "",
        f"{silent} with a silent console" if silent else "",
    ]
    return f"no pilot is free: {len(pilots)} on duty, {', '.join(filter(None, parts))}"


def _identity(dock: DockFacts, deployment: str) -> Iterator[Reason]:
    if not dock.registered:
        because = dock.unregistered_because or "what stands there is not what the fleet file says"
        yield Reason(code=ReasonCode.UNREGISTERED, text=f"unregistered: {because}")
    if dock.deployment is not None and dock.deployment != deployment:
        yield Reason(
            code=ReasonCode.WRONG_DEPLOYMENT,
            text=f"the dock is in a {dock.deployment} deployment, this one is {deployment}",
        )
    if dock.maintenance:
        because = dock.maintenance_because or "taken out of service for maintenance"
        yield Reason(code=ReasonCode.MAINTENANCE, text=because)


def _silence(dock: DockFacts, policy: Policy) -> Reason | None:
    age_s, limit_s = dock.heartbeat_age_s, policy.heartbeat_max_age_s
    if age_s is None:
        return Reason(code=ReasonCode.AGENT_OFFLINE, text="the dock's agent has not been heard yet", limit=limit_s)
    if dock.agent_online and age_s <= limit_s:
        return None
    return Reason(
        code=ReasonCode.AGENT_OFFLINE,
        text=f"the dock's agent is offline, last heard {age_s:.0f} s ago (limit {limit_s:.0f} s)",
        limit=limit_s,
        age_s=_tenths(age_s),
    )


def _occupation(dock: DockFacts) -> Iterator[Reason]:
    if dock.flight_id is not None:
        yield Reason(code=ReasonCode.BUSY, text="a flight from this dock is under way")
    elif dock.state in BUSY:
        yield Reason(code=ReasonCode.BUSY, text=f"busy: {dock.state}")


def _dock(dock: DockFacts) -> Iterator[Reason]:
    if dock.state is None:
        yield Reason(code=ReasonCode.STATE_UNKNOWN, text="the dock's state is unknown")
    elif dock.state is DockState.FAULT:
        yield Reason(code=ReasonCode.DOCK_FAULT, text="the dock reports a fault")
    if dock.state is DockState.EMPTY or dock.seated is False:
        if dock.flight_id is None and dock.state not in BUSY:
            yield Reason(code=ReasonCode.NO_AIRCRAFT, text="no aircraft is in the dock")
    elif dock.seated is None:
        yield Reason(code=ReasonCode.PRESENCE_UNKNOWN, text="it is unknown whether an aircraft is in the dock")
    if not dock.aircraft_connected:
        yield Reason(code=ReasonCode.AIRCRAFT_OFFLINE, text="the agent has no link to its aircraft")
    if dock.lid is Lid.FAULT:
        yield Reason(code=ReasonCode.LID_FAULT, text="the lid reports a fault")
    elif dock.lid is Lid.UNKNOWN:
        yield Reason(code=ReasonCode.LID_UNKNOWN, text="the lid's position is unknown: the dock does not answer")


def _charge(dock: DockFacts, policy: Policy) -> Iterator[Reason]:
    charge, age_s, least = dock.charge_percent, dock.charge_age_s, dock.min_launch_charge_percent
    if charge is None:
        yield Reason(code=ReasonCode.CHARGE_UNKNOWN, text="the battery's charge is unknown")
        return
    if age_s is not None and age_s > policy.charge_max_age_s:
        yield Reason(
            code=ReasonCode.CHARGE_UNKNOWN,
            text=f"the battery's charge was last measured {age_s:.0f} s ago (limit {policy.charge_max_age_s:.0f} s)",
            limit=policy.charge_max_age_s,
            age_s=_tenths(age_s),
        )
    if charge < least:
        told = _beyond(charge, least)
        yield Reason(
            code=ReasonCode.CHARGE_TOO_LOW,
            text=f"charge {told:.1f} %, a launch needs {least:.1f} %{_measured(age_s)}",
            value=told,
            limit=least,
            age_s=None if age_s is None else _tenths(age_s),
        )


def _weather(dock: DockFacts, policy: Policy) -> Iterator[Reason]:
    weather, limits = dock.weather, dock.performance
    if weather is None:
        yield Reason(code=ReasonCode.WEATHER_UNKNOWN, text="the dock's weather is unknown")
        return
    limit_s = policy.weather_max_age_s if weather.report is None else policy.report_max_age_s
    if weather.age_s > limit_s:
        yield Reason(
            code=ReasonCode.WEATHER_UNKNOWN,
            text=f"the weather was last measured {weather.age_s:.0f} s ago (limit {limit_s:.0f} s)",
            limit=limit_s,
            age_s=_tenths(weather.age_s),
        )
    yield from _over(ReasonCode.WIND_OVER_LIMIT, "wind", "m/s", weather.wind_speed_m_s, limits.wind_limit_m_s, weather)
    yield from _over(ReasonCode.GUST_OVER_LIMIT, "gust", "m/s", weather.gust_m_s, limits.gust_limit_m_s, weather)
    yield from _over(ReasonCode.RAIN_OVER_LIMIT, "rain", "mm/h", weather.rain_mm_h, limits.rain_limit_mm_h, weather)
    celsius, lowest, highest = weather.temperature_c, limits.temperature_min_c, limits.temperature_max_c
    if not lowest <= celsius <= highest:
        limit = lowest if celsius < lowest else highest
        told = _beyond(celsius, limit)
        yield Reason(
            code=ReasonCode.TEMPERATURE_OUT_OF_LIMITS,
            text=f"temperature {told:.1f} °C, limits {lowest:.1f} to {highest:.1f}{_measured(weather.age_s)}",
            value=told,
            limit=limit,
            age_s=_tenths(weather.age_s),
        )


def _over(
    code: ReasonCode, what: str, unit: str, value: float, limit: float, weather: WeatherFacts
) -> Iterator[Reason]:
    if value > limit:
        told = _beyond(value, limit)
        yield Reason(
            code=code,
            text=f"{what} {told:.1f} {unit}, limit {limit:.1f}{_measured(weather.age_s)}",
            value=told,
            limit=limit,
            age_s=_tenths(weather.age_s),
        )


def _measured(age_s: float | None) -> str:
    return "" if age_s is None else f", measured {age_s:.0f} s ago"


def _beyond(value: float, limit: float) -> float:
    """In tenths, and beyond the limit that the figure itself is beyond: the nearest tenth, else the next one out.

    A figure that is told as its own limit could be set aside by nobody, and nobody would understand why it holds.
    """
    nearest, side = _tenths(value), 1.0 if value > limit else -1.0
    return nearest if side * (nearest - limit) > 0 else _tenths(nearest + side * 0.1)


def _tenths(value: float) -> float:
    return round(value, 1) + 0.0
