"""Docks, duty, the record, health, counters and the API's own documentation."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from typing import Any

import pytest
import rfc8785

from contracts.vocabulary import DockState, Phase
from dispatcher import events as ev
from dispatcher.journal.errors import JournalUnavailable
from dispatcher.security.access import OF_THE_API, PUBLIC, TABLE, WEBSOCKET
from tests.unit.api.house import House, Json


async def test_a_dock_shows_its_aircraft_its_weather_and_the_age_of_both(house: House) -> None:
    house.telemetry("cov-1", battery_percent=77.0, lat_deg=52.5)
    await house.clock.advance(3)
    shown = await house.taken("GET", "/docks", role="engineer")
    assert [dock["id"] for dock in shown["docks"]] == ["cov-1", "cov-2", "cov-3"]
    first, second, _ = shown["docks"]
    assert first["aircraft"]["battery_percent"] == 77.0
    assert first["aircraft"]["position"]["lat_deg"] == 52.5
    assert second["aircraft"]["battery_percent"] == 100.0
    at = first["agent"]["measured_at"]
    assert first["agent"] == {"online": True, "measured_at": at, "knows_holds": True, "age_s": 3.0}
    assert first["weather"]["wind_speed_m_s"] == 4.0
    assert "links" not in json.dumps(shown)
    assert shown["unregistered"] == []


async def test_what_is_not_where_it_says_is_shown_as_unregistered(house: House) -> None:
    await house.scene.status("cov-1", aircraft_uid="0xffff")
    await house.desk.stranger("cov-9", "there is no such dock")
    shown = await house.taken("GET", "/docks")
    assert not shown["docks"][0]["registered"]
    assert "UID" in shown["docks"][0]["unregistered_because"]
    assert [(stranger["dock"], stranger["because"]) for stranger in shown["unregistered"]] == [
        ("cov-9", "there is no such dock")
    ]


async def test_a_dock_with_a_flight_shows_its_phase(house: House) -> None:
    flight = await house.flown(Phase.PREPARING)
    dock = (await house.taken("GET", "/docks"))["docks"][0]
    assert (dock["flight_id"], dock["phase"]) == (flight["id"], "preparing")


async def test_pilots_sign_on_and_off_and_not_with_flights_in_command(house: House) -> None:
    shown = await house.taken("POST", "/duty", role="pilot", json={"action": "sign_on", "max_flights": 2})
    assert (shown["pilot"], shown["accepts"], shown["max_flights"], shown["on_duty"]) == ("pilot-1", "ask", 2, True)
    await house.dispatch(await house.incident())
    listed = await house.taken("GET", "/duty", role="supervisor")
    assert [(pilot["pilot"], pilot["flights"]) for pilot in listed["pilots"]] == [("pilot-1", 1)]
    refused = await house.ask("POST", "/duty", role="pilot", json={"action": "sign_off"})
    assert refused.status_code == 409
    assert len(refused.json()["flights"]) == 1
    house.tokens["second"] = house.issuer.token("pilot-2", "pilot")
    await house.taken("POST", "/duty", role="second", json={"action": "sign_on", "accepts": "beforehand"})
    assert (await house.taken("POST", "/duty", role="second", json={"action": "sign_off"}))["on_duty"] is False


@pytest.mark.parametrize(
    "body",
    [{}, {"action": "sleep"}, {"action": "sign_on", "max_flights": "2"}, {"action": "sign_on", "max_flights": 0},
     {"action": "sign_on", "max_flights": 21}, {"action": "sign_on", "accepts": "never"}],
)  # fmt: skip
async def test_a_wrong_duty_is_refused(house: House, body: Json) -> None:
    assert (await house.ask("POST", "/duty", role="pilot", json=body)).status_code == 422


async def test_the_record_can_be_checked_by_whoever_reads_it(house: House) -> None:
    await house.dispatch(await house.incident())
    events: list[Json] = []
    after: int | None = 0
    while after is not None:
        page = await house.taken("GET", f"/journal?after={after}&limit=4", role="supervisor")
        events += page["events"]
        after = page["next"]
    assert [event["seq"] for event in events] == list(range(1, house.journal.last_seq + 1))
    previous = bytes(32)
    header_names = (
        "seq", "force", "stream", "version", "id", "type", "schema_version",
        "mission_time", "wall_time", "actor", "causation_id",
    )  # fmt: skip
    for event in events:
        payload_hash = hashlib.sha256(bytes.fromhex(event["salt"]) + rfc8785.dumps(event["payload"])).digest()
        assert payload_hash.hex() == event["payload_hash"]
        head = rfc8785.dumps({name: event[name] for name in header_names})
        previous = hashlib.sha256(previous + head + payload_hash).digest()
        assert previous.hex() == event["hash"]
    verified = await house.taken("GET", "/journal/verify", role="engineer")
    assert (verified["ok"], verified["events"], verified["head"]) == (True, len(events), previous.hex())


async def test_health_says_that_it_serves_and_nothing_else(house: House) -> None:
    shown = await house.taken("GET", "/health", role=None)
    assert shown == {"deployment": "simulation", "status": "ready", "version": "1.2.3"}


async def test_the_counters_count_what_was_asked_and_what_others_count(house: House) -> None:
    await house.ask("GET", "/docks", role="officer")
    await house.ask("GET", "/docks/../../etc/passwd", role=None)
    counters = (await house.taken("GET", "/metrics", role="engineer"))["counters"]
    assert counters['http_answers_total{method="GET",path="/api/v1/docks",status="403"}'] == 1
    assert counters['http_refused_total{because="forbidden"}'] == 1
    assert counters['http_refused_total{because="not-authenticated"}'] == 1
    assert (counters["docks"], counters["pilots_on_duty"], counters["given"]) == (3, 1, 7.0)
    assert not any("passwd" in name for name in counters)


async def test_a_fault_of_ours_is_a_500_that_tells_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(house.desk, "decide", broken)
    incident = await house.desk.report_incident("x", _report())
    with caplog.at_level(logging.ERROR):
        answer = await house.ask("GET", f"/incidents/{incident[0].id}/options")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["kestrel-deployment"] == "simulation"
    assert "secret" not in answer.text
    occurrence = answer.json()["instance"].removeprefix("urn:uuid:")
    assert occurrence in caplog.text
    assert "the secret of the house" in caplog.text


def _report() -> Any:
    from dispatcher.requests import IncidentReport

    place = ev.IncidentPlace(lat_deg=52.41, lon_deg=-1.51)
    return IncidentReport(source="cad", reference="F", grade="1", category="c", summary="", place=place)


async def test_a_journal_that_takes_nothing_is_a_503_to_try_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> None:
        raise JournalUnavailable("disk /secret/path is full")

    monkeypatch.setattr(house.journal, "append", full)
    answer = await house.ask("POST", "/incidents", json=house.report())
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "secret" not in answer.text


async def test_every_answer_carries_the_deployment_and_the_safe_headers(house: House) -> None:
    for method, template in OF_THE_API:
        if method == WEBSOCKET:
            continue
        answer = await house.ask(method, template.removeprefix("/api/v1"), role="engineer")
        assert answer.headers["kestrel-deployment"] == "simulation"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        if "json" in answer.headers["content-type"] and not template.endswith("openapi.json"):
            assert answer.json()["deployment"] == "simulation", template


async def test_the_documentation_works_without_any_other_host_and_without_a_script(house: House) -> None:
    page = await house.ask("GET", "/docs", role=None)
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert not re.search(r'(src|href)="(https?:)?//', page.text)
    policy = page.headers["content-security-policy"]
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert style is not None
    import base64

    assert f"'sha256-{base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()}'" in policy
    for method, template in OF_THE_API:
        if method != WEBSOCKET:
            assert template in page.text
    assert "Idempotency-Key" in page.text


async def test_the_openapi_document_describes_every_route_with_examples(house: House) -> None:
    document = await house.taken("GET", "/openapi.json", role=None)
    described = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    assert described == {line for line in OF_THE_API if line[0] != WEBSOCKET}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation.get("summary"), where
            assert operation.get("description"), where
            good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            if TABLE[method.upper(), path] is not PUBLIC:
                media = [each for answer in good for each in answer.get("content", {}).values()]
                binary = media and all(each.get("schema", {}).get("format") == "binary" for each in media)
                assert binary or any("example" in each for each in media), where
    assert document["security"] == [{"bearer": []}]


async def test_the_examples_of_the_documentation_are_what_is_really_answered(house: House) -> None:
    document = await house.taken("GET", "/openapi.json", role=None)

    def example(method: str, path: str, status: str = "200") -> Any:
        content = document["paths"][f"/api/v1{path}"][method]["responses"][status]["content"]
        return next(iter(content.values()))["example"]

    await house.scene.status("cov-2", state=DockState.FAULT)
    house.telemetry("cov-1")
    await house.desk.stranger("cov-9", "why")
    report = document["components"]["schemas"]["ReportBody"]["examples"][0]
    incident = await house.taken("POST", "/incidents", json=report)
    _same_shape(example("post", "/incidents", "201"), incident, "incident")
    _same_shape(example("get", "/incidents"), await house.taken("GET", "/incidents"), "incidents")
    options = await house.taken("GET", f"/incidents/{incident['id']}/options")
    _same_shape(example("get", "/incidents/{incident_id}/options"), options, "options")
    flight = (await house.dispatch(incident)).json()
    _same_shape(example("post", "/incidents/{incident_id}/dispatch", "201"), flight, "flight")
    command = await house.taken("POST", f"/flights/{flight['id']}/return")
    _same_shape(example("post", "/flights/{flight_id}/return", "202"), command, "command")
    _same_shape(example("get", "/docks"), await house.taken("GET", "/docks"), "docks")
    _same_shape(example("get", "/duty"), await house.taken("GET", "/duty"), "duty")
    record = await house.taken("GET", "/journal", role="engineer")
    record["events"] = [event for event in record["events"] if event["type"] == "PilotSignedOn"]
    _same_shape(example("get", "/journal"), record, "journal")
    verified = await house.taken("GET", "/journal/verify", role="engineer")
    _same_shape(example("get", "/journal/verify"), verified, "verify")
    closed = await house.taken("POST", f"/incidents/{incident['id']}/close", json={"outcome": "x"})
    proposal = await house.taken("POST", f"/proposals/{closed['proposals'][0]['id']}/dismiss")
    _same_shape(example("post", "/proposals/{proposal_id}/dismiss"), proposal, "proposal")


def _same_shape(example: Any, real: Any, where: str) -> None:
    """Same names, in the same order; the first entry of a list stands for all."""
    if isinstance(example, dict) and isinstance(real, dict):
        assert list(example) == list(real), where
        for name in example:
            _same_shape(example[name], real[name], f"{where}.{name}")
    elif isinstance(example, list) and isinstance(real, list):
        if example and real:
            _same_shape(example[0], real[0], f"{where}[0]")
    elif example is not None and real is not None:
        numbers = (int, float)
        alike = type(example) is type(real) or (isinstance(example, numbers) and isinstance(real, numbers))
        assert alike, f"{where}: {example!r} and {real!r}"
