"""Whole PX4 sessions replayed: what the client said to PX4 is said to the simulator, and all that either said compared.

The recordings lie beside the repository, where there are any; without them these tests are skipped. The same is asked
of sessions derived from them, so that no value of a recording can be known to the simulator.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tests.unit.simulator.recording import (
    NAMES,
    RECORDINGS,
    Line,
    Session,
    elsewhere,
    in_another_order,
    milestones,
    number,
    session,
    streams,
    with_item_doubled,
)
from tests.unit.simulator.replay import Replay

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason=f"no PX4 recordings at {RECORDINGS}")


def _far_away(origin: Session) -> Session:
    return elsewhere(origin, lat_deg=0.01, lon_deg=23.5, up_m=612, system_id=41)


DERIVED: dict[str, Callable[[], Session]] = {
    "whole-flight": lambda: session("whole-flight"),
    "way-home": lambda: session("way-home"),
    "whole-flight elsewhere": lambda: _far_away(session("whole-flight")),
    "way-home elsewhere": lambda: _far_away(session("way-home")),
    "whole-flight with a waypoint twice": lambda: with_item_doubled(session("whole-flight"), upload=0, item=2),
    "way-home with a waypoint twice": lambda: with_item_doubled(session("way-home"), upload=0, item=2),
    "way-home with a waypoint twice in the air": lambda: with_item_doubled(session("way-home"), upload=1, item=5),
    "whole-flight in another order": lambda: in_another_order(session("whole-flight")),
    "way-home in another order": lambda: in_another_order(session("way-home")),
}


@cache
def replayed(name: str) -> tuple[Session, list[Line], list[Line]]:
    """The session, what the simulator said in it and what PX4 said, both from the client's first line on."""
    derived = DERIVED[name]()
    began = derived.asked[0]["t"]
    asked_for = {line["param_id"] for line in derived.asked if "param_id" in line}
    theirs = [
        line
        for line in derived.answered
        if line["t"] >= began and (line["m"] != "PARAM_VALUE" or line["param_id"] in asked_for)
    ]
    return derived, Replay(derived).run(), theirs


@pytest.mark.parametrize("name", DERIVED)
def test_everything_px4_said_the_simulator_says_in_the_same_order(name: str) -> None:
    _, heard, recorded = replayed(name)
    ours, theirs = streams(heard), streams(recorded)
    assert sorted(ours) == sorted(theirs)
    for kind in theirs:
        assert [said for _, said in ours[kind]] == [said for _, said in theirs[kind]], kind
        assert theirs[kind], kind


@pytest.mark.parametrize("name", DERIVED)
def test_the_steps_of_the_flight_come_in_the_recorded_order(name: str) -> None:
    _, heard, recorded = replayed(name)

    def told_at_once(lines: list[Line]) -> list[Any]:
        """Texts and items reached; modes and landed states come up to a second later, as their streams have it."""
        return [said for _, said in milestones(lines) if said[0] in ("text", "reached")]

    assert told_at_once(heard) == told_at_once(recorded)


def test_a_derived_session_differs_from_its_recording_where_it_is_said_to() -> None:
    told = {name: [line for line in DERIVED[name]().asked if line["m"] != "HEARTBEAT"] for name in DERIVED}
    for name in DERIVED:
        for origin in NAMES:
            if name.startswith(origin) and name != origin:
                assert told[name] != told[origin]
    assert sum(line["m"] == "MISSION_ITEM_INT" for line in told["way-home with a waypoint twice"]) == 19
    first = next(line for line in told["whole-flight in another order"] if line["m"] == "MISSION_COUNT")
    assert first["mission_type"] == 0


OF_ONE_FLIGHT: dict[str, set[str]] = {
    "BATTERY_STATUS": {"voltages", "current_battery", "current_consumed", "battery_remaining"},
    "SYS_STATUS": {"voltage_battery", "current_battery", "battery_remaining", "load"},
    "GPS_GLOBAL_ORIGIN": {"latitude", "longitude", "altitude", "time_usec"},
    "ODOMETRY": {"reset_counter"},
    "ORBIT_EXECUTION_STATUS": {"x", "y"},
    "AUTOPILOT_VERSION": {"uid", "uid2"},
    "OPEN_DRONE_ID_LOCATION": {"timestamp", "timestamp_accuracy"},
    "OPEN_DRONE_ID_SYSTEM": {"operator_latitude", "operator_longitude", "timestamp"},
    "SCALED_PRESSURE": {"temperature"},
}
"""Fields that kept one value through a recording and are no constants: SIH's battery that never empties and loaded
computer, measured places, the identity of the machine it ran on, and clocks.
"""


def values(lines: list[Line]) -> dict[tuple[str, str], set[str]]:
    """(message, field) to every value that it had."""
    found: dict[tuple[str, str], set[str]] = {}
    for line in lines:
        for field, value in line.items():
            if field not in ("t", "dir", "sys", "comp", "m", "len", "mavpackettype"):
                found.setdefault((line["m"], field), set()).add(repr(_plain(value)))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    value = number(value)
    return float(value) if isinstance(value, int | float) else value


COMPARED_BY_VALUE = frozenset(
    [
        "ALTITUDE",
        "ATTITUDE",
        "ATTITUDE_QUATERNION",
        "ATTITUDE_TARGET",
        "AUTOPILOT_VERSION",
        "BATTERY_STATUS",
        "CURRENT_MODE",
        "DISTANCE_SENSOR",
        "ESTIMATOR_STATUS",
        "EXTENDED_SYS_STATE",
        "GLOBAL_POSITION_INT",
        "GNSS_INTEGRITY",
        "GPS_RAW_INT",
        "HEARTBEAT",
        "HIGHRES_IMU",
        "HOME_POSITION",
        "LOCAL_POSITION_NED",
        "MISSION_CURRENT",
        "ODOMETRY",
        "OPEN_DRONE_ID_LOCATION",
        "OPEN_DRONE_ID_SYSTEM",
        "ORBIT_EXECUTION_STATUS",
        "PING",
        "POSITION_TARGET_GLOBAL_INT",
        "POSITION_TARGET_LOCAL_NED",
        "SCALED_PRESSURE",
        "SERVO_OUTPUT_RAW",
        "SYSTEM_TIME",
        "SYS_STATUS",
        "TIMESYNC",
        "VFR_HUD",
        "VIBRATION",
    ]
)


@pytest.mark.parametrize("name", NAMES)
def test_every_stream_has_px4_s_messages_and_their_constant_fields(name: str) -> None:
    _, heard, recorded = replayed(name)
    sent_once_at_boot = {"GPS_GLOBAL_ORIGIN", "GNSS_INTEGRITY"}
    kinds = {line["m"] for line in recorded}
    assert {line["m"] for line in heard} - sent_once_at_boot == kinds - sent_once_at_boot
    ours, theirs = values(heard), values(recorded)
    constant = {
        (kind, field): next(iter(had))
        for (kind, field), had in theirs.items()
        if len(had) == 1 and kind in COMPARED_BY_VALUE and field not in OF_ONE_FLIGHT.get(kind, set())
    }
    # What SIH never left, a longer look at ours may leave (a state, for one); the recorded value must be there.
    assert {key: ours[key] for key, value in constant.items() if value not in ours[key]} == {}
    assert len(constant) > 100
