"""The battery: charge drawn as power is, a voltage that sags under load, and what the autopilot makes of it."""

from __future__ import annotations

import math

CUT_OFF_V = 3.0
"""Of a cell under load: below it the pack gives no more (the usual limit of lithium polymer cells)."""
_RESISTANCE_OHM_AH = 0.04
"""Of one cell, times its capacity: 4 to 8 milliohm for the 5 to 10 Ah cells that multicopters of this size carry."""
_SHARE_A_SECOND = 0.01
"""How fast the autopilot believes a voltage that does not fit the charge it has counted."""


def open_circuit_v(charge: float) -> float:
    """Of one cell, by the share of charge left: eq. (2) of Chen and Rincón-Mora, "Accurate Electrical Battery Model
    Capable of Predicting Runtime and I-V Performance", IEEE Trans. Energy Convers. 21(2), 2006, for a lithium polymer
    cell.
    """
    return -1.031 * math.exp(-35.0 * charge) + 3.685 + charge * (0.2156 + charge * (-0.1178 + charge * 0.3201))


MEAN_V = -1.031 / 35.0 * (1 - math.exp(-35.0)) + 3.685 + 0.2156 / 2 - 0.1178 / 3 + 0.3201 / 4
"""Of one cell over a whole discharge: the integral of `open_circuit_v`."""


def charge_at(volts: float) -> float:
    """The share of charge at which a cell has this open-circuit voltage, 0 to 1."""
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        if open_circuit_v(middle) < volts:
            low = middle
        else:
            high = middle
    return (low + high) / 2


class Battery:
    """A pack of ``cells`` in series that holds ``capacity_wh`` when it is drawn slowly.

    ``fraction`` and ``percent`` are what the autopilot says is left: it counts the charge, and believes the voltage
    where that is lower than it should be. ``missing_v`` is what a failing cell lacks.
    """

    __slots__ = ("_believed", "_left_ah", "_ohm", "capacity_ah", "cells", "current_a", "drawn_ah", "missing_v")

    def __init__(self, *, capacity_wh: float, cells: int = 4, percent: float = 100.0) -> None:
        self.cells = cells
        self.capacity_ah = capacity_wh / (cells * MEAN_V)
        self.drawn_ah = 0.0
        self.current_a = 0.0
        self.missing_v = 0.0
        self._ohm = cells * _RESISTANCE_OHM_AH / self.capacity_ah
        self._left_ah = self.capacity_ah * percent / 100.0
        self._believed = percent / 100.0

    @property
    def charge_left(self) -> float:
        """The share of charge that is truly left, 0 to 1."""
        return self._left_ah / self.capacity_ah

    @property
    def fraction(self) -> float:
        """0 to 1, as the autopilot has it."""
        return self._believed

    @property
    def percent(self) -> float:
        """0 to 100, as the autopilot has it."""
        return 100.0 * self._believed

    @property
    def voltage_v(self) -> float:
        """Of the pack, under the present load."""
        return max(0.0, self._source_v() - self.current_a * self._ohm)

    @property
    def drawn_mah(self) -> float:
        """Charge taken out since switched on."""
        return 1000.0 * self.drawn_ah

    @property
    def empty(self) -> bool:
        """Nothing left, or a voltage under load at which the pack gives no more."""
        return self._left_ah <= 0.0 or self.voltage_v < self.cells * CUT_OFF_V - 1e-9

    def _source_v(self) -> float:
        return self.cells * open_circuit_v(self._left_ah / self.capacity_ah) - self.missing_v

    def set_percent(self, percent: float) -> None:
        """Put another pack in, charged so far."""
        self._left_ah = self.capacity_ah * percent / 100.0
        self._believed = percent / 100.0

    def drain(self, power_w: float, dt_s: float) -> None:
        """Give this power for a time; never more than there is.

        The current solves power = (source - current * resistance) * current; more than the pack can give makes it give
        what it can.
        """
        source_v = self._source_v()
        root = source_v * source_v - 4.0 * self._ohm * power_w
        self.current_a = max(0.0, (source_v - math.sqrt(max(0.0, root))) / (2.0 * self._ohm))
        taken_ah = min(self._left_ah, self.current_a * dt_s / 3600.0)
        self._left_ah -= taken_ah
        self.drawn_ah += taken_ah
        self._believe(dt_s)

    def _believe(self, dt_s: float) -> None:
        left = self._left_ah / self.capacity_ah
        if self.missing_v > 0.0:
            left = min(left, charge_at(self._source_v() / self.cells))
        change = left - self._believed
        limit = _SHARE_A_SECOND * dt_s
        self._believed = left if abs(change) <= limit else self._believed + math.copysign(limit, change)

    def charge(self, percent: float) -> None:
        """Put charge back, in percent of the capacity; never above full."""
        self._left_ah = min(self.capacity_ah, self._left_ah + self.capacity_ah * percent / 100.0)
        if self.missing_v == 0.0:
            self._believed = self._left_ah / self.capacity_ah
