"""The latest value of each telemetry topic, with its age: what MAVSDK's callbacks leave behind and the agent reads.

MAVSDK calls back on a thread of its own. A slot is overwritten, never queued: a slow reader loses intermediate values
and nothing else. Armed, in air, mode and mission item are read again through the getters at each look, because a
callback may have been dropped.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mavsdk import System
from mavsdk.plugins.mission_raw import MissionRaw
from mavsdk.plugins.telemetry import FlightMode, LandedState, StatusTextType, Telemetry

from dock_agent.readings import AircraftReading, Ground, Mode, Position
from kestrel.clock import Clock

TEXT_S = 15.0
"""Wall seconds for which an autopilot's warning may explain something."""

MOTOR_TEXT_S = 300.0
"""Wall seconds for which its words of a failing motor are kept."""

_MODES = {
    FlightMode.HOLD: Mode.HOLD,
    FlightMode.MISSION: Mode.MISSION,
    FlightMode.RETURN_TO_LAUNCH: Mode.RETURN,
    FlightMode.LAND: Mode.LAND,
    FlightMode.TAKEOFF: Mode.TAKEOFF,
}
_GROUND = {
    LandedState.ON_GROUND: Ground.ON_GROUND,
    LandedState.TAKING_OFF: Ground.TAKING_OFF,
    LandedState.IN_AIR: Ground.IN_AIR,
    LandedState.LANDING: Ground.LANDING,
}
RATES_HZ = (
    ("landed_state", 5.0),
    ("position", 5.0),
    ("velocity_ned", 2.0),
    ("battery", 1.0),
    ("health", 2.0),
    ("attitude_euler", 1.0),
    ("attitude_quaternion", 1.0),
    ("imu", 1.0),
    ("odometry", 1.0),
    ("position_velocity_ned", 1.0),
    ("altitude", 1.0),
    ("raw_gps", 1.0),
)
"""Asked of the autopilot. Telemetry itself would lower the land detector's to 1 Hz; what nobody here reads (attitude
at 100 Hz, and the like) would be most of the traffic."""
_WATCHED = ("armed", "in_air", "landed_state", "flight_mode", "mission_progress")
"""Topics whose change is worth a look at once."""


@dataclass(slots=True)
class Slot:
    """One latest value; ``at_s`` is wall time on a monotonic scale."""

    value: Any = None
    at_s: float = -math.inf


class TelemetrySlots:
    """All topics of one system. ``on_change`` is called on MAVSDK's thread."""

    def __init__(self, *, system: System, clock: Clock, on_change: Callable[[], None]) -> None:
        self._clock = clock
        self._on_change = on_change
        self._telemetry = Telemetry(system)
        self._mission = MissionRaw(system)
        self._slots: dict[str, Slot] = {}
        self._motor = Slot()
        for topic in (*_WATCHED[:-1], "position", "battery", "health", "heading", "velocity_ned", "status_text"):
            self._subscribe(self._telemetry, topic)
        self._subscribe(self._mission, "mission_progress")

    @property
    def mission(self) -> MissionRaw:
        """The mission plugin, for uploads and jumps."""
        return self._mission

    def _subscribe(self, plugin: Any, topic: str) -> None:
        slot = self._slots[topic] = Slot()
        if topic == "status_text":
            getattr(plugin, "subscribe_status_text")(lambda text, _: self._put_text(slot, text))  # noqa: B009
            return
        watched = topic in _WATCHED

        def put(value: Any, _: Any) -> None:
            news = watched and not _same(value, slot.value)
            slot.value, slot.at_s = value, self._clock.wall_s()
            if news:
                self._on_change()

        getattr(plugin, f"subscribe_{topic}")(put)

    def _put_text(self, slot: Slot, text: Any) -> None:
        if text.type >= StatusTextType.WARNING:
            slot.value, slot.at_s = telling(slot, str(text.text).strip()[:120], self._clock.wall_s())
            if of_motor(slot.value):
                self._motor.value, self._motor.at_s = slot.value, slot.at_s
                self._on_change()

    def ask_rates(self) -> None:
        """Ask for low rates; to be repeated after each reconnect. Answers are not waited for."""
        for topic, rate_hz in RATES_HZ:
            getattr(self._telemetry, f"set_rate_{topic}_async")(rate_hz, _ignore)

    def reading(self, base: AircraftReading) -> AircraftReading:
        """The values now, on top of what is known about the link."""
        now_s, slots, telemetry = self._clock.wall_s(), self._slots, self._telemetry
        heard_s = max(slot.at_s for topic, slot in slots.items() if topic not in ("status_text", "mission_progress"))
        position, velocity = slots["position"].value, slots["velocity_ned"].value
        health, text = slots["health"].value, slots["status_text"]
        mode = telemetry.flight_mode() if slots["flight_mode"].value is not None else None
        # After a restart the item comes at once, but never how many there are: only an upload or a download tells that.
        progress = self._mission.mission_progress()
        item_known = slots["mission_progress"].value is not None and progress.current >= 0
        battery = slots["battery"].value
        return replace(
            base,
            link_age_s=now_s - heard_s,
            armed=telemetry.armed() if slots["armed"].value is not None else None,
            in_air=telemetry.in_air() if slots["in_air"].value is not None else None,
            ground=_GROUND.get(telemetry.landed_state(), Ground.UNKNOWN),
            mode=None if mode is None else _MODES.get(mode, Mode.OTHER),
            mode_name="unknown" if mode is None else mode.name,
            mission_item=progress.current if item_known else None,
            mission_count=progress.total if progress.total > 0 else None,
            position=_position(position),
            position_age_s=now_s - slots["position"].at_s,
            global_position_ok=bool(health and health.is_global_position_ok),
            armable=bool(health and health.is_armable and health.is_global_position_ok and health.is_home_position_ok),
            battery_percent=_finite(battery.remaining_percent, 0.0, 100.0) if battery is not None else None,
            heading_deg=_finite(slots["heading"].value.heading_deg % 360.0) if slots["heading"].value else None,
            ground_speed_m_s=_finite(math.hypot(velocity.north_m_s, velocity.east_m_s)) if velocity else None,
            climb_m_s=_finite(-velocity.down_m_s) if velocity else None,
            motor_text=self._motor.value if now_s - self._motor.at_s <= MOTOR_TEXT_S else None,
            velocity_north_m_s=_finite(velocity.north_m_s) if velocity else None,
            velocity_east_m_s=_finite(velocity.east_m_s) if velocity else None,
            last_text=text.value if now_s - text.at_s <= TEXT_S else None,
        )


def telling(before: Slot, text: str, now_s: float) -> tuple[str, float]:
    """Which of two warnings to keep, and its time: "resolve system health failures first" does not say which."""
    vague = "health failures" in text and now_s - before.at_s <= TEXT_S and str(before.value).startswith("Preflight")
    return (before.value if vague else text), now_s


def of_motor(text: str) -> bool:
    """True for the autopilot's words of a failing motor or speed controller, as PX4's checks and detectors put them."""
    words = text.lower()
    return "fail" in words and any(part in words for part in ("motor", "esc ", "escs"))


def _same(new: Any, old: Any) -> bool:
    if hasattr(new, "current"):
        return old is not None and new.current == old.current
    return bool(new == old)


def _position(value: Any) -> Position | None:
    if value is None:
        return None
    numbers = (value.latitude_deg, value.longitude_deg, value.absolute_altitude_m, value.relative_altitude_m)
    if not all(math.isfinite(number) for number in numbers) or numbers[:2] == (0.0, 0.0):
        return None
    lat_deg, lon_deg, alt_amsl_m, alt_above_home_m = numbers
    return Position(lat_deg=lat_deg, lon_deg=lon_deg, alt_amsl_m=alt_amsl_m, alt_above_home_m=alt_above_home_m)


def _finite(value: float, low: float = -math.inf, high: float = math.inf) -> float | None:
    return max(low, min(high, value)) if math.isfinite(value) else None


def _ignore(_result: Any, _user_data: Any) -> None:
    """Rates are best effort: the values' ages show what they really are."""
