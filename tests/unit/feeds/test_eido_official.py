"""Our table against the standard's own schema and sample, where they are at hand beside the repository."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from dispatcher.errors import Invalid
from dispatcher.feeds.eido import incident_report
from dispatcher.feeds.eido_check import faults_of
from dispatcher.feeds.eido_shapes import (
    ANYTHING,
    COMPONENTS,
    DOCUMENT,
    INSTANT,
    TEXT,
    WHOLE,
    YES_NO,
    Component,
    Kind,
    ListOf,
    Value,
)
from tests.unit.feeds.eido_documents import circle, full

Json = dict[str, Any]
OFFICIAL = Path(__file__).parents[4] / "shared" / "samples" / "incidents" / "eido"
SCHEMA = OFFICIAL / "Schema" / "openapi.yaml"
NOW = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not SCHEMA.exists(), reason=f"the official EIDO schema is not at {SCHEMA}")


@pytest.fixture(scope="module")
def schemas() -> Json:
    # One comma after a number makes the published file something else than YAML: it is mended here.
    text = SCHEMA.read_text(encoding="utf-8").replace("minItems: 1,\n", "minItems: 1\n")
    schemas: Json = yaml.safe_load(text)["components"]["schemas"]
    return schemas


@pytest.fixture
def sample() -> Json:
    path = next((OFFICIAL / "Samples").glob("*.json"))
    sample: Json = json.loads(path.read_text(encoding="utf-8"))
    return sample


def _official(schemas: Json, name: str) -> tuple[set[str], Json]:
    """Required fields and properties, those of the prologue included."""
    required: set[str] = set()
    properties: Json = {}
    schema = schemas[name]
    for part in schema.get("allOf", [schema]):
        resolved = schemas[part["$ref"].rsplit("/", 1)[-1]] if "$ref" in part else part
        required |= set(resolved.get("required", ()))
        properties |= resolved.get("properties", {})
    return required, properties


def _kind(schemas: Json, described: Json) -> Value:
    reference = described.get("$ref", "")
    if reference.startswith("NIEM"):
        return ANYTHING
    if reference:
        name = reference.rsplit("/", 1)[-1]
        if schemas[name].get("type") == "string":
            return Kind("text", tuple(schemas[name]["enum"]))
        return Component(name.removesuffix("Type"))
    kind = described["type"]
    if kind == "array":
        item = _kind(schemas, described["items"])
        assert isinstance(item, Kind | Component)
        return ListOf(item, described.get("minItems", 0))
    if kind == "string" and described.get("format") == "date-time":
        return INSTANT
    if kind == "string":
        return Kind("text", tuple(described["enum"])) if "enum" in described else TEXT
    return {"integer": WHOLE, "boolean": YES_NO}[kind]


def test_every_component_has_the_standards_fields_kinds_and_requirements(schemas: Json) -> None:
    for name, shape in COMPONENTS.items():
        if name == "Context":
            continue
        required, properties = _official(schemas, f"{name}Type")
        assert shape.required == required, name
        assert set(shape.fields) == set(properties), name
        for field, described in properties.items():
            if field == "@context":
                continue
            assert shape.fields[field] == _kind(schemas, described), f"{name}.{field}"


def test_every_component_that_a_document_can_hold_is_in_the_table(schemas: Json) -> None:
    reachable: set[str] = set()
    waiting = [DOCUMENT.name]
    while waiting:
        name = waiting.pop()
        if name in reachable or name == "Context":
            continue
        reachable.add(name)
        _, properties = _official(schemas, f"{name}Type")
        for field, described in properties.items():
            kind = ANYTHING if field == "@context" else _kind(schemas, described)
            inside = kind.item if isinstance(kind, ListOf) else kind
            if isinstance(inside, Component):
                waiting.append(inside.name)
    assert reachable == set(COMPONENTS) - {"Context"}


def _validator(schemas: Json) -> Draft202012Validator:
    local = copy.deepcopy(schemas)

    def mend(node: Any) -> None:
        if isinstance(node, dict):
            if str(node.get("$ref", "")).startswith("NIEM"):
                # Published elsewhere; not read by us.
                node.clear()
            for inner in list(node.values()):
                mend(inner)
        elif isinstance(node, list):
            for inner in node:
                mend(inner)

    mend(local)
    return Draft202012Validator(
        {"$ref": "#/components/schemas/EmergencyIncidentDataObjectType", "components": {"schemas": local}}
    )


def test_the_standards_validator_and_ours_agree_on_documents(schemas: Json, sample: Json) -> None:
    validator = _validator(schemas)
    for document in (full(), sample):
        assert list(validator.iter_errors(document)) == []
        assert faults_of(document) == []


def test_the_official_sample_gives_exactly_what_it_lacks(sample: Json) -> None:
    with pytest.raises(Invalid) as refused:
        incident_report(sample, now=NOW)
    assert [fault["pointer"] for fault in refused.value.extra["errors"]] == ["/incidentComponent"]


def test_the_official_sample_with_an_incident_in_a_place_is_taken(schemas: Json, sample: Json) -> None:
    agency = {"$ref": "state.pa.us"}
    sample["incidentComponent"] = {
        "$id": "incident-1",
        "lastUpdateTimeStamp": "2021-04-30T14:43:49.439-04:00",
        "updatedByAgencyReference": agency,
        "incidentTypeCommonRegistryText": "Structure Fire",
        "locationReference": [{"$ref": "place-1"}],
    }
    sample["locationComponent"].append(
        {
            "$id": "place-1",
            "lastUpdateTimeStamp": "2021-04-30T14:43:49.439-04:00",
            "updatedByAgencyReference": agency,
            "locationTypeDescriptionRegistryText": "Incident",
            "locationByValue": circle(40.2, -75.2, 30.0),
        }
    )
    assert list(_validator(schemas).iter_errors(sample)) == []
    report = incident_report(sample, now=NOW)
    assert (report.source, report.reference) == ("idx.state.pa.us", sample["$id"])
    assert (report.place.lat_deg, report.place.radius_m) == (40.2, 30.0)
