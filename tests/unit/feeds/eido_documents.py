"""EIDO documents made for tests: one that holds every component with every field that must be there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dispatcher.feeds.eido_shapes import COMPONENTS, DOCUMENT, Component, Kind, ListOf, Value

Json = dict[str, Any]
POINT = (
    '<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" '
    'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:gs="http://www.opengis.net/pidflo/1.0" entity="pres:caller@example.org"><tuple id="t"><status><gp:geopriv>'
    "<gp:location-info>{shape}</gp:location-info></gp:geopriv></status></tuple></presence>"
)


def pidf(shape: str) -> str:
    """A PIDF-LO document around a GML shape."""
    return POINT.replace("{shape}", shape)


def circle(lat_deg: float = 52.41, lon_deg: float = -1.51, radius_m: float = 40.0) -> str:
    """A PIDF-LO document with a circle."""
    return pidf(
        f'<gs:Circle srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>{lat_deg} {lon_deg}</gml:pos>'
        f'<gs:radius uom="urn:ogc:def:uom:EPSG::9001">{radius_m}</gs:radius></gs:Circle>'
    )


def _filled(value: Value) -> Any:
    if isinstance(value, ListOf):
        return [_filled(value.item)]
    if isinstance(value, Component):
        return least(value)
    if value.choices:
        return value.choices[0]
    by_name: dict[str, Any] = {"instant": "2025-12-31T18:00:00-05:00", "whole number": 2, "yes or no": True}
    return by_name.get(value.name, "something")


def least(component: Component) -> Json:
    """Every field of a component that must be there, and nothing else."""
    shape = COMPONENTS[component.name]
    return {name: _filled(kind) for name, kind in shape.fields.items() if name in shape.required}


def full() -> Json:
    """Every component once, an incident with a place, a call and a note."""
    document = least(DOCUMENT)
    for name, kind in COMPONENTS[DOCUMENT.name].fields.items():
        inside = kind.item if isinstance(kind, ListOf) else kind
        if isinstance(inside, Component) and name not in document and inside.name != "Reference":
            document[name] = [least(inside)] if isinstance(kind, ListOf) else least(inside)
    document["$id"] = "urn:emergency:uid:incidentid:abc123:psap.example.org"
    document["issuingElementIdentification"] = "idx.example.org"
    document["locationComponent"][0] |= {"$id": "place-1", "locationByValue": circle()}
    document["incidentComponent"] |= {
        "incidentTypeCommonRegistryText": "Traffic Collision",
        "incidentTypeInternalText": "RTC persons trapped",
        "incidentCommonPriorityNumber": 1,
        "locationReference": [{"$ref": "place-1"}],
        "notesReference": [{"$ref": "note-1"}],
        "dispositionComponent": [least(Component("Disposition"))],
    }
    document["notesComponent"][0] |= {"$id": "note-1", "notesActionComments": "<p>Two cars, <b>one</b> on its roof</p>"}
    document["callComponent"][0]["callStartTimestamp"] = "2025-12-31T23:59:00Z"
    document["callbackComponent"][0]["updatedCbn"] = least(Component("UpdatedCBN"))
    document["agentComponent"][0]["agentCallLegState"] = [least(Component("CallLegState"))]
    return document


def required_places(
    value: Any, kind: Value = DOCUMENT, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[str | int, ...]]:
    """The path of every field in a document that must be there."""
    if isinstance(kind, ListOf):
        for index, item in enumerate(value):
            yield from required_places(item, kind.item, (*path, index))
    elif isinstance(kind, Component):
        shape = COMPONENTS[kind.name]
        for name in sorted(shape.required):
            yield (*path, name)
        for name, inner in shape.fields.items():
            if name in value:
                yield from required_places(value[name], inner, (*path, name))
    else:
        assert isinstance(kind, Kind)
