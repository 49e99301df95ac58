"""The live view and its table: frames folded, ages shown, stale values marked, whatever is missing."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from kestrel.livetable import render
from kestrel.liveview import LiveView
from kestrel.supervisor import ProcessState, ProcessView

DOCK: dict[str, Any] = {
    "id": "cov-1",
    "registered": True,
    "state": "flying",
    "lid": "closed",
    "flight_id": "f1",
    "aircraft": {"callsign": "K1", "battery_percent": 80.0},
    "agent": {"online": True},
    "blockers": [],
}
FLIGHT = {"id": "f1", "incident_id": "i1", "phase": "on_scene", "ended": False, "conditions": ["link_lost"]}


def entity(kind: str, entity_id: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "id": entity_id, "seq": 1, "data": data}


def snapshot(*entities: dict[str, Any]) -> dict[str, Any]:
    return {"type": "snapshot", "epoch": "e1", "seq": 7, "deployment": "simulation", "entities": list(entities)}


def drawn(view: LiveView, *, now_s: float, processes: tuple[ProcessView, ...] = ()) -> str:
    console = Console(width=170, record=True, quiet=False, file=io.StringIO())
    console.print(render(view, now_s=now_s, processes=processes, news=["12:00:00  K1 ordered"]))
    return console.export_text()


def test_changes_replace_and_removals_remove() -> None:
    view = LiveView()
    view.apply(snapshot(entity("dock", "cov-1", DOCK), entity("flight", "f1", FLIGHT)), now_s=1.0)
    view.apply(
        {
            "type": "changes",
            "epoch": "e1",
            "seq": 9,
            "changed": [entity("dock", "cov-1", DOCK | {"state": "ready"})],
            "removed": [{"kind": "flight", "id": "f1", "seq": 8}],
        },
        now_s=3.0,
    )
    dock = view.get("dock", "cov-1")
    assert dock is not None
    assert (dock.data["state"], dock.at_s) == ("ready", 3.0)
    assert view.get("flight", "f1") is None
    assert (view.epoch, view.seq) == ("e1", 9)


def test_a_new_snapshot_forgets_what_it_does_not_hold() -> None:
    view = LiveView()
    view.apply(snapshot(entity("dock", "cov-1", DOCK)), now_s=1.0)
    view.apply(snapshot(), now_s=2.0)
    assert view.all("dock") == []


def test_a_tick_shows_that_the_feed_lives_without_making_values_younger() -> None:
    view = LiveView()
    view.apply(snapshot(entity("dock", "cov-1", DOCK)), now_s=1.0)
    view.apply({"type": "tick", "seq": 7, "mission_time": "2026-03-01T12:00:00Z"}, now_s=5.0)
    dock = view.get("dock", "cov-1")
    assert dock is not None
    assert dock.at_s == 1.0
    assert view.frame_age_s(6.0) == 1.0


def test_a_frame_of_an_unknown_type_changes_nothing() -> None:
    view = LiveView()
    view.apply({"type": "from-the-future", "seq": 99}, now_s=1.0)
    assert view == LiveView()


def test_the_table_shows_dock_flight_conditions_and_ages() -> None:
    view = LiveView()
    incident = entity("incident", "i1", {"id": "i1", "category": "robbery in progress"})
    aircraft = entity("aircraft", "k1", {"dock_id": "cov-1", "battery_percent": 71.4, "alt_above_home_m": 59.6})
    view.apply(snapshot(entity("dock", "cov-1", DOCK), entity("flight", "f1", FLIGHT), incident), now_s=10.0)
    view.apply({"type": "changes", "epoch": "e1", "seq": 8, "changed": [aircraft], "removed": []}, now_s=12.0)
    text = drawn(view, now_s=13.5)
    for shown in ("cov-1", "K1", "on_scene", "link_lost", "robbery in progress", "71 %", "60 m", "1.5 s"):
        assert shown in text


def test_what_is_wrong_stands_out_in_words() -> None:
    view = LiveView()
    silent = DOCK | {"id": "cov-2", "agent": {"online": False}, "flight_id": None}
    strange = DOCK | {"id": "cov-3", "registered": False, "flight_id": None}
    blocked = DOCK | {"id": "cov-4", "state": "fault", "blockers": ["the lid is stuck"], "flight_id": None}
    docks = [entity("dock", dock["id"], dock) for dock in (silent, strange, blocked)]
    view.apply(snapshot(*docks), now_s=0.0)
    restarted = ProcessView(name="agent-cov-2", state=ProcessState.BACKING_OFF, pid=None, restarts=2, last_exit=1)
    text = drawn(view, now_s=30.0, processes=(restarted,))
    for shown in ("agent silent", "unregistered", "the lid is stuck", "restarted 2×", "30.0 s"):
        assert shown in text


def test_nothing_at_all_can_be_drawn_and_says_so() -> None:
    assert "no data" in drawn(LiveView(), now_s=0.0)


def test_ended_flights_show_flown_beside_promised() -> None:
    view = LiveView()
    ended = FLIGHT | {
        "phase": "docked",
        "ended": True,
        "callsign": "K1",
        "promised": {"time_to_scene_s": 100.0, "battery_on_return_percent": 70.0},
        "flown": {"time_to_scene_s": 104.0, "battery_on_return_percent": None},
    }
    view.apply(snapshot(entity("flight", "f1", ended)), now_s=0.0)
    text = drawn(view, now_s=0.0)
    assert "104 s (100 s)" in text
    assert "– (70 %)" in text
