"""From a fault as it is written to what it does in a dock or an aircraft.

Nothing is undone here: when a fault ends, the switches of its place go back to none and what still lasts is put in
again, so that faults of one kind may overlap. A lid that has jammed stays so for as long as its fault lasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields
from functools import singledispatch

from simulator import faults
from simulator.dock import DockTroubles
from simulator.errors import UnknownTarget
from simulator.identity import Identity
from simulator.place import Place, SimulatedAircraft
from simulator.plan import PlanType
from simulator.troubles import ANY_COMMAND, LateAck, LateCommand, Troubles, UploadEnd, UploadTrouble
from simulator.vehicle import Vehicle

_PLANS = {"mission": PlanType.MISSION, "fence": PlanType.FENCE, "rally": PlanType.RALLY}
_SWITCHES = {"payload_dead": "camera_dead"}
"""Kinds whose switch has another name."""


def renew(place: Place, lasting: Sequence[faults.FaultPart]) -> None:
    """These faults in this dock and its aircraft, in their order, and no others."""
    _reset(place.dock.troubles)
    if not any(isinstance(fault, faults.DockFault) and fault.kind == "lid_shuts_in_flight" for fault in lasting):
        place.dock.lid_repaired()
    if isinstance(place.occupant, SimulatedAircraft):
        _reset(place.occupant.vehicle.troubles)
    for fault in lasting:
        apply(fault, place)


def _reset(troubles: DockTroubles | Troubles) -> None:
    """Back to the defaults, in the same object: others hold it."""
    for each in fields(troubles):
        factory = each.default_factory
        setattr(troubles, each.name, each.default if factory is MISSING else factory())


def check(fault: faults.FaultPart, place: Place) -> None:
    """Whether this fault can be put into this place.

    Raises:
        UnknownTarget: it is one of the aircraft, and a real PX4 flies there.
    """
    if not isinstance(fault, faults.DockFault | faults.OverDock):
        _vehicle(fault, place)


@singledispatch
def apply(fault: faults.FaultPart, place: Place) -> None:
    """Put a fault that was checked into a place."""
    raise TypeError(f"{type(fault).__name__} is of no place")


@apply.register
def _(fault: faults.DockFault, place: Place) -> None:
    if fault.kind == "lid_shuts_in_flight":
        place.dock.lid_fails_in_flight()
    else:
        setattr(place.dock.troubles, fault.kind, True)


@apply.register
def _(fault: faults.OverDock, place: Place) -> None:
    place.dock.troubles.over_plate = fault.what


@apply.register
def _(fault: faults.AircraftFault, place: Place) -> None:
    setattr(_vehicle(fault, place).troubles, _SWITCHES.get(fault.kind, fault.kind), True)


@apply.register
def _(fault: faults.ArmingRefused, place: Place) -> None:
    _vehicle(fault, place).troubles.arming_refused = fault.reason


@apply.register
def _(fault: faults.UploadFails, place: Place) -> None:
    plan = None if fault.plan == "any" else _PLANS[fault.plan].value
    trouble = UploadTrouble(at_item=fault.at_item, end=UploadEnd[fault.end.upper()], plan_type=plan)
    _vehicle(fault, place).troubles.upload = trouble


@apply.register
def _(fault: faults.CommandsLate, place: Place) -> None:
    late = LateCommand(delay_s=fault.delay_s, ack=LateAck[fault.ack.upper()])
    for command in fault.commands or [ANY_COMMAND]:
        _vehicle(fault, place).troubles.late_commands[command] = late


@apply.register
def _(fault: faults.CellSag, place: Place) -> None:
    _vehicle(fault, place).troubles.cell_sag_v += fault.volts


@apply.register
def _(fault: faults.ClockJump, place: Place) -> None:
    _vehicle(fault, place).troubles.clock_ahead_s += fault.by_s


@apply.register
def _(fault: faults.Swapped, place: Place) -> None:
    vehicle = _vehicle(fault, place)
    usual = vehicle.identity
    vehicle.troubles.identity = Identity(
        name=usual.name,
        system_id=usual.system_id if fault.system_id is None else fault.system_id,
        uid=usual.uid if fault.uid is None else bytes.fromhex(fault.uid),
    )


@apply.register
def _(fault: faults.PositionWrong, place: Place) -> None:
    _vehicle(fault, place).troubles.position_offset_m = (fault.north_m, fault.east_m)


def _vehicle(fault: faults.FaultPart, place: Place) -> Vehicle:
    if not isinstance(place.occupant, SimulatedAircraft):
        name = fault.aircraft or fault.dock or ""
        raise UnknownTarget(
            kind=getattr(fault, "kind", ""), target=name, reason="is a real PX4: nothing here can break it"
        )
    return place.occupant.vehicle
