"""A scenario of many docks with one aircraft each, for whoever measures or counts them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.scenario import Scenario

_ROW = 10
_APART_DEG = 0.02
TYPE = {
    "mass_kg": 2.5,
    "battery_wh": 184,
    "hover_power_w": 270,
    "max_speed_m_s": 20,
    "climb_m_s": 5,
    "descent_m_s": 3,
    "payload": {"thermal": True, "light": True, "speaker": True, "adsb_receiver": True},
}


def fleet_of(aircraft: int, *, ports: Iterator[int], **changes: Any) -> Scenario:
    """That many docks on a grid around Coventry in gusty wind, on four ports each; ``changes`` replace whole fields."""
    return Scenario.model_validate(
        {
            "schema": "kestrel.scenario/1",
            "name": f"{aircraft} docks",
            "seed": 50,
            "weather": {"wind_speed_m_s": 5, "wind_from_deg": 230, "gust_m_s": 9},
            "aircraft_types": {"quad": TYPE},
            "docks": [_dock(number, ports) for number in range(aircraft)],
        }
        | changes
    )


def _dock(number: int, ports: Iterator[int]) -> dict[str, Any]:
    modbus, camera, bind, send_to = (f"127.0.0.1:{next(ports)}" for _ in range(4))
    return {
        "id": f"dock-{number}",
        "lat_deg": 52.3 + _APART_DEG * (number // _ROW),
        "lon_deg": -1.6 + _APART_DEG * (number % _ROW),
        "alt_amsl_m": 90,
        "modbus": modbus,
        "camera": camera,
        "aircraft": {
            "id": f"K{number}",
            "type": "quad",
            "system_id": number + 1,
            "uid": f"{0xF1EE_0000_0000_0000 + number:016x}",
            "mavlink": {"bind": bind, "send_to": send_to},
        },
    }
