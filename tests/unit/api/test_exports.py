"""A flight leaves the building as GeoJSON, KML and CSV, and each time the journal says first by whom and why."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from contracts.reports import TrackPoint, TrackRecorded
from contracts.vocabulary import Phase
from tests.unit.api.house import House, Json

KML = {"kml": "http://www.opengis.net/kml/2.2", "gx": "http://www.google.com/kml/ext/2.2"}


async def flown(house: House, **incident: str) -> Json:
    """A flight with three samples, of which one was sent twice and late."""
    flight = await house.flown(Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
    entity = house.desk.state.flights[UUID(flight["id"])]
    began = entity.phases[-1].mission_time

    def point(second: int) -> TrackPoint:
        return TrackPoint(
            t=began + timedelta(seconds=second),
            lat_deg=52.41 + second / 1e4,
            lon_deg=-1.51,
            alt_amsl_m=150.0,
            alt_above_home_m=60.0,
            battery_percent=None if second else 90.5,
        )

    for seconds in ((0, 5), (10, 5)):
        await house.scene.says(
            entity.dock_id, TrackRecorded(flight_id=entity.id, points=[point(second) for second in seconds])
        )
    return flight


async def test_kml_is_well_formed_and_each_position_has_its_time(house: House) -> None:
    flight = await flown(house)
    answer = await house.ask(
        "GET", f"/flights/{flight['id']}/export?format=kml&reason=investigating", role="supervisor"
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.google-earth.kml+xml"
    assert answer.headers["content-disposition"] == f'attachment; filename="flight-{flight["id"]}.kml"'
    root = ET.fromstring(answer.text)  # noqa: S314  # our own answer
    track = root.find(".//gx:Track", KML)
    assert track is not None
    times = [datetime.fromisoformat(when.text or "") for when in track.findall("kml:when", KML)]
    places = [(where.text or "").split() for where in track.findall("gx:coord", KML)]
    assert times == sorted(times)
    assert len(times) == len(places) == 3
    assert places[0] == ["-1.5100000", "52.4100000", "150.0"]
    assert track.findtext("kml:altitudeMode", namespaces=KML) == "absolute"
    assert "simulation" in (root.findtext("kml:Document/kml:name", namespaces=KML) or "")
    names = [name.text for name in root.findall(".//kml:Placemark/kml:name", KML)]
    assert names[1:5] == ["ordered", "preparing", "launching", "en_route"]


async def test_csv_says_units_and_datum_in_its_header_and_which_deployment_in_each_row(house: House) -> None:
    flight = await flown(house)
    answer = await house.ask("GET", f"/flights/{flight['id']}/export?format=csv&reason=reviewing", role="pilot")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["deployment"] for row in rows] == ["simulation"] * 3
    assert rows[0]["alt_m_amsl_egm96"] == "150.0"
    assert rows[0]["battery_percent"] == "90.5"
    assert rows[1]["battery_percent"] == ""
    assert rows[2]["phase"] == "en_route"
    assert rows[0]["mission_time_utc"].endswith("Z")


async def test_what_a_feed_called_an_incident_is_text_in_kml_and_nothing_else(house: House) -> None:
    house.references += 1
    incident = await house.incident(category="<script>alert(1)</script> & so on")
    flight = (await house.dispatch(incident)).json()
    answer = await house.ask("GET", f"/flights/{flight['id']}/export?format=kml&reason=testing")
    root = ET.fromstring(answer.text)  # noqa: S314  # our own answer
    names = [name.text for name in root.findall(".//kml:Placemark/kml:name", KML)]
    assert "<script>alert(1)</script> & so on, grade 1" in names
    assert root.find(".//gx:Track", KML) is None, "a flight without a sample has no track"


async def test_each_export_is_in_the_journal_first(house: House) -> None:
    flight = await flown(house)
    for form in ("geojson", "kml", "csv"):
        path = f"/flights/{flight['id']}/export?format={form}&reason=complaint"
        assert (await house.ask("GET", path, role="supervisor")).status_code == 200
    exported = [
        (recorded.actor, recorded.event.model_dump(mode="json"))
        async for recorded in house.journal.read(stream=f"flight/{flight['id']}")
        if recorded.type == "FlightExported"
    ]
    assert exported == [
        ("supervisor-1", {"flight_id": flight["id"], "format": form, "reason": "complaint"})
        for form in ("geojson", "kml", "csv")
    ]


@pytest.mark.parametrize("query", ["", "?format=kml", "?reason=reviewing", "?format=docx&reason=reviewing"])
async def test_without_a_form_or_a_reason_nothing_goes_out(house: House, query: str) -> None:
    flight = await flown(house)
    before = house.journal.last_seq
    assert (await house.ask("GET", f"/flights/{flight['id']}/export{query}")).status_code == 422
    assert house.journal.last_seq == before
