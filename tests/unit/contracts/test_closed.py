"""Messages are closed: what `docs/how-to/upgrade.md` says of two versions side by side rests on this."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

import contracts
from contracts.message import Message
from contracts.orders import FlightOrder, SafetyAction, SafetyOrder
from contracts.reports import DockStatus, Telemetry
from contracts.vocabulary import Charger, Deployment, DockState, Lid


def _kinds(base: type[Message] = Message) -> Iterator[type[Message]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


for _module in pkgutil.iter_modules(contracts.__path__, "contracts."):
    importlib.import_module(_module.name)
KINDS = sorted(_kinds(), key=lambda kind: kind.__name__)
SINCE: list[tuple[type[Message], set[str]]] = [
    (Telemetry, {"camera_bearing_deg", "camera_pitch_deg", "camera_hfov_deg"}),
    (DockStatus, {"warnings", "maintenance_order_id"}),
    (FlightOrder, {"overrides"}),
]
"""What was added to messages that were out already; newer reads older because none of it is required."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_field_that_this_version_does_not_know_is_refused_and_named(kind: type[Message]) -> None:
    with pytest.raises(ValidationError) as refusal:
        kind.model_validate({"of_a_later_version": None})
    assert ("of_a_later_version",) in [
        fault["loc"] for fault in refusal.value.errors() if fault["type"] == "extra_forbidden"
    ]


@pytest.mark.parametrize(("kind", "since"), SINCE)
def test_what_came_with_a_later_version_may_be_missing(kind: type[Message], since: set[str]) -> None:
    required = {name for name, field in kind.model_fields.items() if field.is_required()}
    assert since <= set(kind.model_fields)
    assert not since & required


@pytest.mark.parametrize("action", SafetyAction)
def test_what_a_person_presses_for_safety_is_said_as_the_first_version_said_it(action: SafetyAction) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    order = SafetyOrder(
        order_id=UUID(int=1),
        flight_id=UUID(int=2),
        deployment=Deployment.SIMULATION,
        action=action,
        issued_at=now,
        expires_at=now,
    )
    first = {"order_id", "flight_id", "deployment", "action", "issued_at", "expires_at"}
    assert set(order.model_dump(mode="json")) == first


def test_a_dock_that_was_never_told_of_maintenance_says_no_more_than_the_version_before() -> None:
    """So that a dispatcher which gives no such order still hears an agent that could take one."""
    assert "maintenance_order_id" not in _status(None)
    assert _status(UUID(int=3))["maintenance_order_id"] == str(UUID(int=3))


def _status(maintenance_order_id: UUID | None) -> dict[str, Any]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    status = DockStatus(
        boot_id=UUID(int=1),
        counter=1,
        deployment=Deployment.SIMULATION,
        mission_time=now,
        wall_time=now,
        state=DockState.READY,
        flight_id=None,
        phase=None,
        lid=Lid.CLOSED,
        aircraft_seated=True,
        charger=Charger.FULL,
        battery_percent=100.0,
        weather=None,
        aircraft_connected=True,
        aircraft_system_id=1,
        aircraft_uid=None,
        aircraft_position=None,
        blockers=[],
        maintenance_order_id=maintenance_order_id,
    )
    dumped = status.model_dump(mode="json")
    assert DockStatus.model_validate(dumped) == status
    return dumped
