"""What can be wrong with what a city day is made of."""

from __future__ import annotations


class CityDayError(Exception):
    """The base of them."""


class UnreadableCalls(CityDayError):
    """A file of calls cannot be read."""

    def __init__(self, path: object, line: int, why: str) -> None:
        super().__init__(f"{path}, line {line}: {why}")
        self.line = line


class TooFewCalls(CityDayError):
    """A year has fewer calls than a day needs, or the other years none."""

    def __init__(self, year: int, have: int, need: int) -> None:
        super().__init__(f"{year}: {have} calls, {need} are needed")
        self.year, self.have, self.need = year, have, need


class ForbiddenMove(CityDayError):
    """A policy asked for something that the gates forbid: a fault of the policy, which ends the day."""
