"""Reads GeoJSON that a force drew: polygons and circles with their rule, heights and times as properties.

What a drawing does not say is assumed in the cautious way and told: prohibited, from the ground, without end, always.
A property that is not known is told too: a misspelt height must not pass for no height.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.airspace.ed318 import flattened, shape_volumes
from geo.airspace.errors import FeatureSkipped
from geo.airspace.feature import Limits, read_features, read_parts, read_reasons, read_restriction
from geo.airspace.fields import called, items, mapping, number, short, text
from geo.airspace.finding import Notes, Reading
from geo.airspace.hours import read_period
from geo.airspace.limits import read_pair
from geo.airspace.period import Period
from geo.airspace.zone import Authority, Format, Restriction, Source, Zone

KNOWN = frozenset(
    {"id", "name", "restriction", "reason", "message", "authority", "country", "radius_m", "start", "end"}
    | {f"{which}_{what}" for which in ("lower", "upper") for what in ("m", "ft", "fl", "datum")}
)
"""Properties that are read."""
_LOOKS = frozenset(
    {"title", "description", "stroke", "stroke-width", "stroke-opacity", "fill", "fill-opacity"}
    | {"marker-color", "marker-size", "marker-symbol", "styleurl", "icon", "visibility", "tessellate"}
)
"""What drawing programs write for themselves (among them the names of simplestyle 1.1)."""


def read_geojson(features: list[Any], *, document: str, notes: Notes) -> Reading:
    """Zones of the features of a document. What cannot be read is a finding. Raises `DocumentRefused` for too much."""
    return read_features(
        features, document=document, format_=Format.GEOJSON, notes=notes, name_of=_name_of, zone_of=_zone
    )


def _name_of(feature: object) -> str:
    fields = mapping(mapping(feature).get("properties"))
    return called(fields.get("name"), fields.get("id"), mapping(feature).get("id"))


def _zone(feature: object, notes: Notes, source: Source) -> Zone:
    if not isinstance(feature, dict):
        raise FeatureSkipped("it is no object")
    fields = {str(key).lower(): value for key, value in mapping(feature.get("properties")).items()}
    if "id" not in fields and feature.get("id") is not None:
        fields["id"] = feature["id"]
    limits = drawn_limits(fields, notes)
    radius_m = number(fields.get("radius_m"))
    parts = flattened(feature.get("geometry"), "radius_m")
    volumes = read_parts("geometry", parts, notes, lambda part: shape_volumes(part, radius_m, limits, notes))
    return drawn_zone(fields, volumes_source=(tuple(volumes), source), notes=notes)


def drawn_limits(fields: Mapping[str, Any], notes: Notes) -> Limits:
    """Heights of ``lower_m``, ``lower_ft`` or ``lower_fl`` with ``lower_datum``, and the same of ``upper``."""
    (lower, lower_unit), (upper, upper_unit) = _height(fields, "lower", notes), _height(fields, "upper", notes)
    bottom, top = read_pair(
        lower=lower,
        lower_datum=fields.get("lower_datum") or "AGL",
        lower_unit=lower_unit,
        upper=upper,
        upper_datum=fields.get("upper_datum") or "AGL",
        upper_unit=upper_unit,
        notes=notes,
    )
    return Limits(lower=bottom, upper=top)


def drawn_zone(fields: Mapping[str, Any], *, volumes_source: tuple[tuple[Any, ...], Source], notes: Notes) -> Zone:
    """The zone of a drawing's properties (names in small letters) and its volumes."""
    volumes, source = volumes_source
    unknown = sorted(key for key in fields if key not in KNOWN and key.lstrip("_") not in _LOOKS)
    if unknown:
        notes.assumed(f"not known and not read: {', '.join(short(key) for key in unknown[:10])}")
    name = text(fields.get("name")) or text(fields.get("title"))
    identifier = text(fields.get("id")) or name or f"feature-{source.index}"
    if fields.get("restriction") is None:
        notes.assumed(f"it says no restriction: taken as {Restriction.PROHIBITED}")
        restriction = Restriction.PROHIBITED
    else:
        restriction = read_restriction(fields["restriction"], notes)
    period = read_period(
        {"startDateTime": fields.get("start"), "endDateTime": fields.get("end")}, notes, daily_keys=("schedule",)
    )
    authority = text(fields.get("authority"))
    return Zone(
        id=identifier,
        name=name,
        country=text(fields.get("country")),
        restriction=restriction,
        reasons=read_reasons(items(fields.get("reason")), notes),
        message=text(fields.get("message")) or text(fields.get("description")),
        periods=() if period == Period() else (period,),
        authorities=(Authority(name=authority),) if authority else (),
        volumes=volumes,
        source=source,
    )


def _height(fields: Mapping[str, Any], which: str, notes: Notes) -> tuple[object, str]:
    units = [unit for unit in ("m", "ft", "fl") if fields.get(f"{which}_{unit}") is not None]
    if not units:
        return None, "M"
    if len(units) > 1:
        notes.assumed(f"its {which} limit is given more than once: {which}_{units[0]} is taken")
    return fields[f"{which}_{units[0]}"], units[0].upper()
