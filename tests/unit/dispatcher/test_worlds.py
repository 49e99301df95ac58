"""Worlds are made ready beside the desk: never fewer zones, and no press waits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from contracts.fleet import Fleet
from dispatcher import events as ev
from geo.airspace.reading import read_airspace
from geo.airspace.record import written_zone
from geo.airspace.zone import Zone
from kestrel.yamlfile import load_yaml
from tests.desks import SITES, Scene
from tests.unit.decision.scene import DOCK, INCIDENT
from tests.unit.decision.zones import airspace, box_zone, decided_in

COVENTRY = Path(__file__).resolve().parents[3] / "examples" / "coventry"
HOSPITAL = box_zone("hospital", bearing_deg=60, distance_m=350, half_m=60, home=SITES["cov-1"])


def loaded(*zones: Zone) -> ev.AirspaceLoaded:
    return ev.AirspaceLoaded(
        name="force.geojson",
        format="GeoJSON",
        origin="api",
        zones=tuple(written_zone(zone) for zone in zones),
        features=len(zones),
        source_sha256="0" * 64,
    )


async def test_a_zone_that_has_just_been_loaded_counts_before_it_is_ready_and_is_flown_around_after() -> None:
    scene = await Scene.open()
    incident = await scene.incident()
    before = await scene.desk.decide("controller-1", incident.id)
    await scene.desk.record([loaded(HOSPITAL)])
    during = await scene.desk.decide("controller-1", incident.id)
    blocked = during.option("cov-1")
    assert blocked is not None
    assert not blocked["eligible"]
    assert "hospital" in blocked["reasons"][0]["text"]
    await scene.desk.worlds.prepare(scene.desk.state, scene.clock.mission_now())
    after = await scene.desk.decide("controller-1", incident.id)
    assert before.best_dock_id == after.best_dock_id == "cov-1"
    option = after.option("cov-1")
    assert option is not None
    assert len(option["route"]) > 1


async def test_the_order_of_a_press_leads_around_the_zone() -> None:
    scene = await Scene.open()
    await scene.desk.record([loaded(HOSPITAL)])
    await scene.desk.worlds.prepare(scene.desk.state, scene.clock.mission_now())
    flight = await scene.press(await scene.incident())
    assert flight.dock_id == "cov-1"
    assert len(flight.order.route_out) > 1
    assert len(flight.order.fence) <= 60


async def test_what_will_be_in_a_minute_is_ready_by_then() -> None:
    scene = await Scene.open()
    await scene.desk.record([loaded(HOSPITAL)])
    now = scene.clock.mission_now()
    await scene.desk.worlds.prepare(scene.desk.state, now)
    for ahead_s in (0, 30, 60, 90):
        assert scene.desk.worlds.world(scene.desk.state, now + timedelta(seconds=ahead_s)).ready


async def test_a_world_that_is_missed_wakes_whoever_keeps_them() -> None:
    scene = await Scene.open()
    await scene.desk.record([loaded(HOSPITAL)])
    scene.desk.worlds.world(scene.desk.state, scene.clock.mission_now())
    await scene.desk.worlds.wait_missed(at_most_wall_s=60.0)


def test_coventrys_own_zones_hold_no_dock_and_no_scene_and_bend_ways_of_the_demo() -> None:
    reading = read_airspace((COVENTRY / "airspace.geojson").read_bytes(), document="airspace.geojson")
    assert not reading.findings
    fleet = load_yaml(COVENTRY / "fleet.yaml", Fleet)
    docks = [
        replace(DOCK, dock_id=dock.id, lat_deg=dock.lat_deg, lon_deg=dock.lon_deg, alt_amsl_m=dock.alt_amsl_m)
        for dock in fleet.docks
    ]
    incidents = json.loads((COVENTRY / "incidents.json").read_text(encoding="utf-8"))["incidents"]
    bent = 0
    for told in incidents:
        place = told["place"]
        incident = replace(INCIDENT, lat_deg=place["lat_deg"], lon_deg=place["lon_deg"])
        best = decided_in(airspace(*reading.zones), *docks, incident=incident).best
        assert best is not None, told["summary"]
        assert not best.risks, told["summary"]
        bent += len(best.route or ()) > 1
    assert bent >= 2
