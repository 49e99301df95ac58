"""The autopilot's parameters that a flight relies on: read, set if wrong, read back; never changed in flight.

These calls block, for seconds where a parameter is missing: they go to the link's one slow thread, where nothing that
is for the aircraft's safety ever waits.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from mavsdk import MavsdkError, System
from mavsdk.plugins.param import Param

from contracts.fleet import AircraftType
from dock_agent.errors import LinkError
from dock_agent.flight_link import Answer, Reply
from dock_agent.tuning import LINK_LOSS_PARAMETER, Wanted, wanted_parameters

log = logging.getLogger(__name__)

T = TypeVar("T")


class Slowly(Protocol):
    """Runs a blocking call on the slow thread; raises `LinkError` when it does not end in time."""

    def __call__(self, call: Callable[[], T]) -> Awaitable[T]:
        """What the call returns."""


class Parameters:
    """Of one system. ``at_rest`` says whether it stands on the ground, disarmed."""

    def __init__(self, *, system: System, slowly: Slowly, at_rest: Callable[[], bool]) -> None:
        self._param, self._slowly, self._at_rest = Param(system), slowly, at_rest
        self._link_loss: int | None = None

    def forget(self) -> None:
        """It may have been started anew."""
        self._link_loss = None

    async def tune(self, aircraft: AircraftType) -> str | None:
        """Make all that its type needs as it must be; what is wrong afterwards, in words, or None."""
        faults = []
        for wanted in wanted_parameters(aircraft):
            try:
                fault = await self.tune_one(wanted)
            except LinkError as error:
                fault = str(error)
            if fault is not None and not wanted.optional:
                faults.append(fault)
        return "; ".join(faults) or None

    async def set_link_loss(self, seconds: int) -> Answer:
        """The autopilot's own seconds that it waits for its client."""
        if seconds == self._link_loss:
            return Answer(Reply.ACKNOWLEDGED, "as it is")
        try:
            fault = await self.tune_one(Wanted(name=LINK_LOSS_PARAMETER, value=seconds, integer=True))
        except LinkError as error:
            return Answer(Reply.DENIED, str(error))
        if fault is not None:
            return Answer(Reply.DENIED, fault)
        self._link_loss = seconds
        return Answer(Reply.ACKNOWLEDGED)

    async def tune_one(self, wanted: Wanted) -> str | None:
        """Read, set if wrong, read back; returns what is wrong afterwards, in words."""
        param = self._param
        get: Callable[[str], float] = param.get_param_int if wanted.integer else param.get_param_float
        put: Callable[[str, Any], Any] = param.set_param_int if wanted.integer else param.set_param_float
        try:
            found = await self._slowly(lambda: get(wanted.name))
            if wanted.suits(found):
                return None
            if not self._at_rest():
                return f"{wanted.name} is {found:g} and is not changed in flight"
            value = int(wanted.value) if wanted.integer else float(wanted.value)
            log.info("parameter set", extra={"parameter": wanted.name, "was": found, "now": value})
            await self._slowly(lambda: put(wanted.name, value))
            found = await self._slowly(lambda: get(wanted.name))
        except MavsdkError as error:
            return f"parameter {wanted.name}: {getattr(getattr(error, 'result', None), 'name', error)}"
        return None if wanted.suits(found) else f"parameter {wanted.name} stays at {found:g}"
