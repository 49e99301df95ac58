"""The battery: energy in watt hours, drained as flown and given back by the dock."""

from __future__ import annotations

_FULL_V = 16.2
_EMPTY_V = 14.4
"""Four cells as PX4's SITL battery reports them: 16.2 V full, 15.3 V at half, linear."""


class Battery:
    """Energy left; percent and voltage follow from it."""

    __slots__ = ("capacity_wh", "current_a", "drawn_wh", "energy_wh")

    def __init__(self, *, capacity_wh: float, percent: float = 100.0) -> None:
        self.capacity_wh = capacity_wh
        self.energy_wh = capacity_wh * percent / 100.0
        self.drawn_wh = 0.0
        self.current_a = 0.0

    @property
    def fraction(self) -> float:
        """0 to 1."""
        return self.energy_wh / self.capacity_wh

    @property
    def percent(self) -> float:
        """0 to 100."""
        return 100.0 * self.energy_wh / self.capacity_wh

    @property
    def voltage_v(self) -> float:
        """Of the pack, without load."""
        return _EMPTY_V + (_FULL_V - _EMPTY_V) * self.fraction

    @property
    def drawn_mah(self) -> float:
        """Charge taken out since switched on."""
        return 1000.0 * self.drawn_wh / ((_FULL_V + _EMPTY_V) / 2)

    def drain(self, power_w: float, dt_s: float) -> None:
        """Take energy out; never below empty."""
        energy = min(self.energy_wh, power_w * dt_s / 3600.0)
        self.energy_wh -= energy
        self.drawn_wh += energy
        self.current_a = power_w / self.voltage_v

    def charge(self, percent: float) -> None:
        """Put charge back, in percent of the capacity; never above full."""
        self.energy_wh = min(self.capacity_wh, self.energy_wh + self.capacity_wh * percent / 100.0)
