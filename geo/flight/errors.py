"""The errors of flight geometry.

FlightGeometryError (a ValueError)
├── InvalidPositionError      a latitude or longitude that is none
├── InvalidPerformanceError   a figure of an aircraft type that cannot be
├── InvalidWindError          a wind that cannot be
└── InvalidShapeError         a fence, path or plan with too few, too many or impossible points
"""

from __future__ import annotations


class FlightGeometryError(ValueError):
    """Base of all errors of this package."""


class InvalidPositionError(FlightGeometryError):
    """A latitude or longitude that is none."""

    def __init__(self, lat_deg: float, lon_deg: float) -> None:
        super().__init__(f"not a position: latitude {lat_deg}, longitude {lon_deg}")
        self.lat_deg = lat_deg
        self.lon_deg = lon_deg


class InvalidPerformanceError(FlightGeometryError):
    """A figure of an aircraft type that cannot be; ``field`` names it."""

    def __init__(self, field: str, value: float, wanted: str) -> None:
        super().__init__(f"{field} is {value}: it must be {wanted}")
        self.field = field
        self.value = value


class InvalidWindError(FlightGeometryError):
    """A wind that cannot be."""

    def __init__(self, speed_m_s: float, from_deg: float) -> None:
        super().__init__(f"not a wind: {speed_m_s} m/s from {from_deg}°")
        self.speed_m_s = speed_m_s
        self.from_deg = from_deg


class InvalidShapeError(FlightGeometryError):
    """A fence, path or plan with too few, too many or impossible points; ``reason`` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
