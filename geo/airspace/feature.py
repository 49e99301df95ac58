"""What the readers share: one feature at a time becomes a zone or a reason, and volumes of polygons and circles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from geo.airspace import arc
from geo.airspace.errors import DocumentRefused, FeatureSkipped
from geo.airspace.fields import short
from geo.airspace.finding import Notes, Reading
from geo.airspace.ring import Array, polygons
from geo.airspace.zone import Circle, Format, Limit, Reason, Restriction, Source, Volume, Zone

T = TypeVar("T")
MOST_FEATURES = 50_000
_SPELLINGS = {restriction.value: restriction for restriction in Restriction} | {
    "REQ_AUTHORIZATION": Restriction.REQ_AUTHORISATION,
    "U-SPACE": Restriction.USPACE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A pair of limits, as every volume has them."""

    lower: Limit
    upper: Limit | None


def read_features(
    features: Sequence[T],
    *,
    document: str,
    format_: Format,
    notes: Notes,
    name_of: Callable[[T], str],
    zone_of: Callable[[T, Notes, Source], Zone],
) -> Reading:
    """Each feature to a zone or to a finding that says why not. Raises `DocumentRefused` for too many."""
    if len(features) > MOST_FEATURES:
        raise DocumentRefused(f"it has {len(features)} features: at most {MOST_FEATURES} are read")
    zones: list[Zone] = []
    first_at: dict[str, int] = {}
    for index, feature in enumerate(features):
        about = notes.about(index, name_of(feature))
        source = Source(document=document, format=format_, index=index)
        try:
            zone = zone_of(feature, about, source)
        except FeatureSkipped as skipped:
            about.skipped(skipped.reason)
            continue
        if zone.id in first_at:
            about.assumed(f"feature {first_at[zone.id]} has its identifier {zone.id} too: both are kept")
        first_at.setdefault(zone.id, index)
        zones.append(zone)
    return Reading(format=format_, zones=tuple(zones), findings=tuple(notes.findings), features=len(features))


def read_parts(what: str, parts: Iterable[T], notes: Notes, volumes_of: Callable[[T], list[Volume]]) -> list[Volume]:
    """The volumes of all parts; a part that cannot be read is told and left out. Raises `FeatureSkipped` for none."""
    volumes: list[Volume] = []
    reasons: list[str] = []
    for place, part in enumerate(parts):
        try:
            volumes += volumes_of(part)
        except FeatureSkipped as skipped:
            reasons.append(f"{what} {place}: {skipped.reason}")
    if not volumes:
        raise FeatureSkipped("; ".join(reasons[:5]) or f"it has no {what}")
    for reason in reasons:
        notes.skipped(f"{reason}; the rest of the zone is read")
    return volumes


def polygon_volumes(
    exterior: Array, holes: Sequence[Array], limits: Limits, notes: Notes, *, wound: bool = True
) -> list[Volume]:
    """One volume for each polygon that the rings make."""
    return [
        Volume(area=area, lower=limits.lower, upper=limits.upper)
        for area in polygons(exterior, holes, notes, wound=wound)
    ]


def circle_volumes(lat_deg: float, lon_deg: float, radius_m: float, limits: Limits, notes: Notes) -> list[Volume]:
    """A circle; more than one volume where it passes ±180° or holds a pole."""
    areas = polygons(arc.circle(lat_deg, lon_deg, radius_m=radius_m), [], notes, wound=False)
    whole = Circle(lat_deg=lat_deg, lon_deg=lon_deg, radius_m=radius_m) if len(areas) == 1 else None
    return [Volume(area=area, lower=limits.lower, upper=limits.upper, circle=whole) for area in areas]


def read_restriction(value: object, notes: Notes) -> Restriction:
    """A restriction in either spelling; what is unknown is the gravest."""
    known = _SPELLINGS.get(short(value).upper())
    if known is None:
        notes.assumed(f"its restriction {short(value)!r} is unknown: taken as {Restriction.PROHIBITED}")
    return known or Restriction.PROHIBITED


def read_reasons(values: Iterable[object], notes: Notes) -> tuple[Reason, ...]:
    """Reasons, each once; an unknown one is OTHER."""
    found: dict[Reason, None] = {}
    for value in values:
        named = short(value).upper()
        if named in Reason.__members__:
            found[Reason(named)] = None
        elif value is not None:
            notes.assumed(f"its reason {short(value)!r} is unknown: taken as {Reason.OTHER}")
            found[Reason.OTHER] = None
    return tuple(found)
