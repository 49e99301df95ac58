"""Causes of alarms as they are shown."""

from __future__ import annotations

from dispatcher.causes import Cause
from dispatcher.presentation.flights import shelf
from dispatcher.presentation.view import Json, instant, text


def cause(entity: Cause) -> Json:
    """One line with its action; its alarms are acknowledged by their own ids."""
    seen = [alarm for alarm in entity.alarms if alarm.acknowledged_by is not None]
    return {
        "id": str(entity.id),
        "kind": entity.kind.value,
        "priority": entity.priority,
        "text": entity.text,
        "action": entity.action,
        "active": entity.active,
        "acknowledged": entity.acknowledged,
        "acknowledged_by": sorted({alarm.acknowledged_by for alarm in seen if alarm.acknowledged_by is not None}),
        "shelf": None if entity.shelf is None else shelf(entity.shelf),
        "may_be_shelved": entity.may_be_shelved,
        "came": entity.came,
        "raised_at": instant(entity.raised_at),
        "alarm_ids": [str(alarm.id) for alarm in entity.alarms],
        "unacknowledged": [str(alarm.id) for alarm in entity.alarms if alarm.acknowledged_by is None],
        "dock_ids": sorted({alarm.dock_id for alarm in entity.alarms if alarm.dock_id is not None}),
        "flight_ids": list(dict.fromkeys(text(each.flight_id) for each in entity.alarms if each.flight_id is not None)),
    }
