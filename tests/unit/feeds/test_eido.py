"""EIDO documents: what is taken, what becomes of it, and that each missing field is named by its pointer."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.errors import Invalid
from dispatcher.feeds.eido import incident_report
from dispatcher.feeds.eido_check import faults_of
from dispatcher.pointer import pointer_of
from tests.unit.feeds.eido_documents import Json, circle, full, pidf, required_places

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _faults(document: Any) -> list[dict[str, str]]:
    with pytest.raises(Invalid) as refused:
        incident_report(document, now=NOW)
    faults: list[dict[str, str]] = refused.value.extra["errors"]
    return faults


def _at(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def test_a_full_document_becomes_a_report() -> None:
    report = incident_report(full(), now=NOW)
    assert report.source == "idx.example.org"
    assert report.reference == "urn:emergency:uid:incidentid:abc123:psap.example.org"
    assert report.grade == "1"
    assert report.category == "Traffic Collision"
    assert report.summary == "RTC persons trapped\nTwo cars, one on its roof"
    assert (report.place.lat_deg, report.place.lon_deg, report.place.radius_m) == (52.41, -1.51, 40.0)
    assert report.reported_at == NOW - timedelta(minutes=1)


def test_the_civic_address_beside_the_place_is_the_incidents() -> None:
    document = full()
    civic = CIVIC.replace("<A3>", "<HNO>14</HNO><RD>High Street</RD><A3>")
    inside = civic[civic.index("<civicAddress") : civic.index("</gp:location-info>")]
    document["locationComponent"][0]["locationByValue"] = circle().replace(
        "</gp:location-info>", f"{inside}</gp:location-info>"
    )
    report = incident_report(document, now=NOW)
    assert (report.place.lat_deg, report.address) == (52.41, "14 High Street, Ripton")


def test_each_missing_required_field_is_named_by_its_pointer() -> None:
    paths = list(required_places(full()))
    assert len(paths) > 100
    for path in paths:
        document = full()
        del _at(document, path[:-1])[path[-1]]
        faults = _faults(document)
        assert pointer_of(path) in [fault["pointer"] for fault in faults], path


def test_a_document_without_an_incident_component_lacks_exactly_that() -> None:
    document = full()
    del document["incidentComponent"]
    assert [fault["pointer"] for fault in _faults(document)] == ["/incidentComponent"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("eidoVersion",), "2.0"),
        (("eidoVersion",), 1.0),
        (("lastUpdateTimeStamp",), "yesterday"),
        (("lastUpdateTimeStamp",), "2026-01-01"),
        (("lastUpdateTimeStamp",), "2026-01-01T00:00:00"),
        (("agencyComponent",), {}),
        (("agencyComponent", 0), "psap"),
        (("agencyComponent", 0, "agencyType"), "psap"),
        (("agencyComponent", 0, "agencyType", 0), 7),
        (("agentComponent", 0, "agentRoleRegistryText"), []),
        (("updatedByAgencyReference",), "psap"),
        (("updatedByAgencyReference", "$ref"), None),
        (("incidentComponent",), []),
        (("incidentComponent", "incidentCommonPriorityNumber"), "1"),
        (("incidentComponent", "incidentCommonPriorityNumber"), 1.5),
        (("incidentComponent", "incidentCommonPriorityNumber"), True),
        (("incidentComponent", "incidentCommonPriorityNumber"), 2**31),
        (("cautionComponent", 0, "cautionSeverity"), "extreme"),
        (("callComponent", 0, "direction"), "sideways"),
        (("incidentComponent", "incidentTypeCommonRegistryText"), " "),
        (("$id",), "x" * 201),
        (("issuingElementIdentification",), "a\x00b"),
        (("incidentComponent", "incidentPriorityInternalText"), "x" * 41),
    ],
)
def test_a_wrong_value_is_named_by_its_pointer(path: tuple[str | int, ...], value: Any) -> None:
    document = full()
    _at(document, path[:-1])[path[-1]] = value
    assert [fault["pointer"] for fault in _faults(document)] == [pointer_of(path)]


@pytest.mark.parametrize("document", [None, [], "x", 3, {}])
def test_what_is_no_document_is_refused(document: Any) -> None:
    assert _faults(document)


def test_fields_that_the_standard_does_not_name_are_allowed() -> None:
    document = full()
    document["vendorField"] = {"anything": [1, None]}
    document["personComponent"][0]["ncPersonComponent"] = {"nc:PersonName": "x"}
    assert incident_report(document, now=NOW) == incident_report(full(), now=NOW)


def test_a_call_of_long_ago_is_a_new_incident_that_says_so() -> None:
    document = full()
    document["callComponent"][0]["callStartTimestamp"] = "2021-04-30T14:40:00.0-04:00"
    report = incident_report(document, now=NOW)
    assert report.reported_at is None
    assert "2021-04-30T14:40:00-04:00" in report.summary


def test_without_a_call_the_incidents_own_time_counts() -> None:
    document = full()
    del document["callComponent"]
    document["incidentComponent"]["lastUpdateTimeStamp"] = "2025-12-31T23:50:00Z"
    assert incident_report(document, now=NOW).reported_at == NOW - timedelta(minutes=10)


@pytest.mark.parametrize(
    ("fields", "grade"),
    [
        ({"incidentPriorityInternalText": " Grade 1 "}, "Grade 1"),
        ({"incidentCommonPriorityNumber": 3}, "3"),
        ({}, "high"),
    ],
)
def test_the_grade_is_the_agencys_own_else_the_common_one_else_the_calls(fields: Json, grade: str) -> None:
    document = full()
    del document["incidentComponent"]["incidentCommonPriorityNumber"]
    document["incidentComponent"] |= fields
    document["callComponent"][0]["priorityIdentifier"] = "high"
    assert incident_report(document, now=NOW).grade == grade


def _located(*values: str | None) -> Json:
    document = full()
    template = document["locationComponent"][0]
    document["locationComponent"] = []
    for number, value in enumerate(values):
        location = copy.deepcopy(template) | {"$id": f"place-{number}"}
        if value is None:
            del location["locationByValue"]
        else:
            location["locationByValue"] = value
        document["locationComponent"].append(location)
    return document


CIVIC = pidf('<civicAddress xmlns="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"><A3>Ripton</A3></civicAddress>')


def test_the_incidents_own_location_comes_before_its_calls_and_all_others() -> None:
    document = _located(circle(50), circle(51), circle(52))
    document["callComponent"][0]["locationReference"] = [{"$ref": "place-1"}]
    document["incidentComponent"]["locationReference"] = [{"$ref": "place-2"}]
    assert incident_report(document, now=NOW).place.lat_deg == 52
    del document["incidentComponent"]["locationReference"]
    assert incident_report(document, now=NOW).place.lat_deg == 51
    del document["callComponent"]
    assert incident_report(document, now=NOW).place.lat_deg == 50


def test_a_location_that_cannot_be_flown_to_gives_way_to_one_that_can() -> None:
    document = _located(CIVIC, None, circle(53))
    document["incidentComponent"]["locationReference"] = [{"$ref": "place-0"}, {"$ref": "place-1"}]
    assert incident_report(document, now=NOW).place.lat_deg == 53


def test_without_a_place_to_fly_to_every_location_says_why() -> None:
    document = _located(CIVIC, None)
    document["incidentComponent"]["locationReference"] = [{"$ref": "nowhere"}, {"$ref": "place-1"}]
    faults = {fault["pointer"]: fault["detail"] for fault in _faults(document)}
    assert set(faults) == {
        "/incidentComponent/locationReference/0/$ref",
        "/locationComponent/0/locationByValue",
        "/locationComponent/1/locationByValue",
    }
    assert "civic" in faults["/locationComponent/0/locationByValue"]
    del document["locationComponent"]
    del document["incidentComponent"]["locationReference"]
    assert [fault["pointer"] for fault in _faults(document)] == ["/incidentComponent/locationReference"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_a_document_with_any_value_anywhere_is_taken_or_refused_with_pointers(data: st.DataObject) -> None:
    document = full()
    path = data.draw(st.sampled_from(list(required_places(document))))
    _at(document, path[:-1])[path[-1]] = data.draw(VALUES)
    try:
        report = incident_report(document, now=NOW)
    except Invalid as refused:
        pointers = [fault["pointer"] for fault in refused.extra["errors"]]
    else:
        pointers = [report.reference]
    assert pointers
    assert faults_of(full()) == []
