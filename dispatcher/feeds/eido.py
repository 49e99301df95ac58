"""NENA EIDO (NENA-STA-021.1) to an incident report.

The standard does not ask for an incidentComponent or a geodetic location; a drone does, and the problem says so. Taken
are: who issued it (source), the document's ``$id``, which is the incident's tracking id (reference), the priority
(grade), the registered type (category), the agency's own words (summary), the place with the civic address that stands
beside it, and when it was called in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

from contracts.screentext import unseen_in, without_unseen
from dispatcher.errors import Invalid
from dispatcher.events import IncidentPlace
from dispatcher.feeds.eido_check import Fault, faults_of, instant_of
from dispatcher.feeds.pidf import NotAPlace, address_of, place_of
from dispatcher.incidents import LATEST_AHEAD
from dispatcher.pointer import pointer_of
from dispatcher.requests import IncidentReport

UNGRADED = "ungraded"
OLDEST = timedelta(days=6, hours=23)
"""A document may tell of a call of long ago; it is a new incident to us then, and the summary says when it was."""
MAX_SOURCE, MAX_REFERENCE, MAX_GRADE, MAX_CATEGORY, MAX_SUMMARY = 120, 200, 40, 200, 4000

Json = dict[str, Any]


def incident_report(document: Any, *, now: datetime) -> IncidentReport:
    """The report that a parsed document makes; ``now`` is mission time. Raises `Invalid` with every fault's pointer."""
    faults = faults_of(document)
    if isinstance(document, dict) and "incidentComponent" not in document:
        detail = "is missing: the standard leaves it out where nothing is known of the incident, a dispatch cannot"
        faults.append({"pointer": "/incidentComponent", "detail": detail})
    if faults:
        raise _invalid(faults)
    incident: Json = document["incidentComponent"]
    called_at, pointer = _called_at(document, incident)
    if called_at > now + LATEST_AHEAD:
        raise Invalid.field(pointer, f"lies in the future: it is {now.isoformat(timespec='seconds')} now")
    place, address = _place(document, incident)
    summary = _summary(document, incident)
    reported_at: datetime | None = called_at
    if called_at < now - OLDEST:
        summary = f"{summary}\n(called in at {called_at.isoformat()})".strip()
        reported_at = None
    return IncidentReport(
        source=_line(document["issuingElementIdentification"], "/issuingElementIdentification", MAX_SOURCE),
        reference=_line(document["$id"], "/$id", MAX_REFERENCE),
        grade=_grade(document, incident),
        category=_line(
            incident["incidentTypeCommonRegistryText"],
            "/incidentComponent/incidentTypeCommonRegistryText",
            MAX_CATEGORY,
        ),
        summary=summary[:MAX_SUMMARY],
        place=place,
        address=address,
        reported_at=reported_at,
    )


def _place(document: Json, incident: Json) -> tuple[IncidentPlace, str]:
    """The first location that can be flown to: the incident's own, then its calls', then any in the document."""
    locations = document.get("locationComponent", [])
    by_id = {location["$id"]: index for index, location in reversed(list(enumerate(locations)))}
    faults: list[Fault] = []
    tried: set[int] = set()
    for pointer, reference in _location_references(document, incident):
        if reference not in by_id:
            faults.append({"pointer": pointer, "detail": "names a location that is not in the document"})
        elif by_id[reference] not in tried:
            tried.add(by_id[reference])
            found = _place_at(locations, by_id[reference], faults)
            if found is not None:
                return found
    for index in range(len(locations)):
        if index not in tried:
            found = _place_at(locations, index, faults)
            if found is not None:
                return found
    if not faults:
        detail = "is missing: name a location with a geodetic locationByValue, a drone needs a place"
        faults = [{"pointer": "/incidentComponent/locationReference", "detail": detail}]
    raise _invalid(faults)


def _location_references(document: Json, incident: Json) -> Iterator[tuple[str, str]]:
    for index, reference in enumerate(incident.get("locationReference", [])):
        yield pointer_of(("incidentComponent", "locationReference", index, "$ref")), reference["$ref"]
    for number, call in enumerate(document.get("callComponent", [])):
        for index, reference in enumerate(call.get("locationReference", [])):
            yield pointer_of(("callComponent", number, "locationReference", index, "$ref")), reference["$ref"]


def _place_at(locations: list[Json], index: int, faults: list[Fault]) -> tuple[IncidentPlace, str] | None:
    pointer = pointer_of(("locationComponent", index, "locationByValue"))
    value = locations[index].get("locationByValue")
    if value is None:
        faults.append({"pointer": pointer, "detail": "is missing: a location by reference is not fetched"})
        return None
    try:
        return place_of(value), address_of(value)
    except NotAPlace as error:
        faults.append({"pointer": pointer, "detail": str(error)})
        return None


def _grade(document: Json, incident: Json) -> str:
    text = incident.get("incidentPriorityInternalText", "").strip()
    if text:
        return _line(text, "/incidentComponent/incidentPriorityInternalText", MAX_GRADE)
    if "incidentCommonPriorityNumber" in incident:
        return str(incident["incidentCommonPriorityNumber"])
    calls = document.get("callComponent", [])
    return next((call["priorityIdentifier"] for call in calls if "priorityIdentifier" in call), UNGRADED)


def _called_at(document: Json, incident: Json) -> tuple[datetime, str]:
    """The start of the first call, or the incident's own time where there is no call; and where that stands."""
    given = [
        (call["callStartTimestamp"], f"/callComponent/{index}/callStartTimestamp")
        for index, call in enumerate(document.get("callComponent", []))
    ] or [(incident["lastUpdateTimeStamp"], "/incidentComponent/lastUpdateTimeStamp")]
    return min((moment, pointer) for text, pointer in given if (moment := instant_of(text)) is not None)


def _summary(document: Json, incident: Json) -> str:
    notes = {note["$id"]: note["notesActionComments"] for note in document.get("notesComponent", [])}
    lines = [incident.get("incidentTypeInternalText", "")]
    lines += [_plain(notes.get(reference["$ref"], "")) for reference in incident.get("notesReference", [])]
    return "\n".join(line for line in (without_unseen(line, put=" ").strip() for line in lines) if line)


class _TextOf(HTMLParser):
    """The words of an HTML note; nothing of it is ever shown as HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _plain(html: str) -> str:
    reader = _TextOf()
    reader.feed(html)
    reader.close()
    return " ".join("".join(reader.words).split())


def _line(text: str, pointer: str, most: int) -> str:
    text = text.strip()
    if not text:
        raise Invalid.field(pointer, "must not be empty")
    if len(text) > most:
        raise Invalid.field(pointer, f"must have at most {most} characters")
    unseen = unseen_in(text)
    if unseen is not None:
        raise Invalid.field(pointer, f"must not hold control characters, seen or unseen: {unseen} is one")
    return text


def _invalid(faults: list[Fault]) -> Invalid:
    said = "; ".join(f"{fault['pointer'] or 'document'} {fault['detail']}" for fault in faults[:3])
    return Invalid(said, errors=faults)
