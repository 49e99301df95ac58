"""Zones as they are shown: what is loaded and what was made of it, and what a map draws."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shapely.geometry import mapping

from dispatcher.entities import Airspace, AirspaceDocument
from dispatcher.events import AirspaceFinding
from dispatcher.presentation.view import Json, instant
from geo.airspace.finding import Finding
from geo.airspace.period import DailyPeriod, Period
from geo.airspace.zone import Limit, Zone

SHOWN_FINDINGS = 100
"""Of each document where all are listed; one document alone is shown with all that are recorded."""


def airspace(entity: Airspace) -> Json:
    """The whole set in a few figures: a map that has another revision loads anew."""
    return {
        "revision": entity.revision,
        "digest": entity.digest,
        "documents": len(entity.documents),
        "zones": sum(len(document.texts) for document in entity.in_order),
    }


def airspace_document(entity: AirspaceDocument, *, most_findings: int | None = SHOWN_FINDINGS) -> Json:
    """A document, and what was skipped, repaired or assumed in it, what was skipped first."""
    order = {"skipped": 0, "repaired": 1, "assumed": 2}
    findings = sorted(entity.findings, key=lambda finding: order[finding.kind])
    return {
        "name": entity.name,
        "format": entity.format,
        "origin": entity.origin,
        "features": entity.features,
        "zones": len(entity.texts),
        "skipped": entity.of_kind("skipped"),
        "repaired": entity.of_kind("repaired"),
        "assumed": entity.of_kind("assumed"),
        "findings": [airspace_finding(each) for each in findings[:most_findings]],
        "findings_in_all": len(entity.findings) + entity.findings_left_out,
        "digest": entity.digest,
        "source_sha256": entity.source_sha256 or None,
        "loaded_by": entity.loaded_by,
        "loaded_at": instant(entity.loaded_at),
        "revision": entity.revision,
        "reason": entity.reason or None,
        "start": None if entity.start is None else instant(entity.start),
        "end": None if entity.end is None else instant(entity.end),
    }


def airspace_finding(entity: AirspaceFinding) -> Json:
    """One thing to know of a document."""
    return {"kind": entity.kind, "index": entity.index, "name": entity.name, "reason": entity.reason}


def exported_finding(entity: Finding) -> Json:
    """One thing that an exported document could not say as it is; ``name`` is the zone's."""
    return {"kind": entity.kind.value, "index": entity.index, "name": entity.name, "reason": entity.reason}


def zone_features(document: AirspaceDocument, *, now: datetime) -> Iterator[Json]:
    """A GeoJSON feature for each volume of each zone of a document."""
    for zone in document.zones:
        properties = _properties(zone, document, now)
        for volume in zone.volumes:
            yield {
                "type": "Feature",
                "geometry": mapping(volume.area),
                "properties": {
                    **properties,
                    **_limit("lower", volume.lower),
                    **_limit("upper", volume.upper),
                },
            }


def _properties(zone: Zone, document: AirspaceDocument, now: datetime) -> Json:
    return {
        "zone": zone.id,
        "name": zone.name,
        "document": document.name,
        "drawn": document.temporary,
        "restriction": zone.restriction.value,
        "reasons": [reason.value for reason in zone.reasons],
        "message": zone.message,
        "conditions": zone.conditions,
        "authorities": [authority.name for authority in zone.authorities if authority.name is not None],
        "applies_now": zone.applies_at(now),
        "periods": [_period(period) for period in zone.periods],
    }


def _limit(which: str, limit: Limit | None) -> dict[str, Any]:
    if limit is None:
        return {f"{which}_m": None, f"{which}_datum": None}
    return {f"{which}_m": limit.value_m, f"{which}_datum": limit.datum.value}


def _period(period: Period) -> Json:
    return {
        "start": None if period.start is None else instant(period.start),
        "end": None if period.end is None else instant(period.end),
        "daily": [_daily(daily) for daily in period.daily],
    }


def _daily(daily: DailyPeriod) -> Json:
    start = daily.start_event.value if daily.start_event else None if daily.start is None else f"{daily.start:%H:%M}"
    end = daily.end_event.value if daily.end_event else None if daily.end is None else f"{daily.end:%H:%M}"
    return {"days": [day.value for day in daily.days], "start": start, "end": end}
