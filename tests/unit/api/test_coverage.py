"""Coverage over HTTP, and the process that solves it: a real one, ended, killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from shapely.geometry import Point, shape

from dispatcher.coverage.question import Question, question_of
from dispatcher.coverage.solving import Solver
from dispatcher.coverage.workshop import Workshop, WorkshopClosed
from dispatcher.presentation import Json
from tests.desks import SITES
from tests.unit.api.house import House
from tests.unit.api.test_airspace import drawn


def _question(house: House) -> Question:
    return question_of(house.desk.state, policy=house.desk.policy, mission_time=house.clock.mission_now())


def _area(collection: Json, kind: str, seconds: float | None, dock_id: str | None = None) -> Json:
    (found,) = [
        feature["geometry"]
        for feature in collection["features"]
        if (feature["properties"]["kind"], feature["properties"]["seconds"], feature["properties"]["dock_id"])
        == (kind, seconds, dock_id)
    ]
    return dict(found)


async def _windy(house: House, speed_m_s: float) -> None:
    report = house.desk.state.docks["cov-1"].report
    assert report is not None
    assert report.weather is not None
    await house.scene.status("cov-1", weather=report.weather.model_copy(update={"wind_speed_m_s": speed_m_s}))


async def test_coverage_is_solved_once_tagged_and_solved_anew_when_the_wind_turns(house: House) -> None:
    answers = await asyncio.gather(*(house.ask("GET", "/docks/coverage", role="pilot") for _ in range(4)))
    assert house.surveyor.solved == 1
    first = answers[0]
    assert first.headers["content-type"] == "application/geo+json"
    assert first.headers["kestrel-coverage"] == "current"
    assert first.headers["age"] == "0"
    collection = first.json()
    assert collection["deployment"] == "simulation"
    docks = [(each["properties"]["dock_id"], each["properties"]["seconds"]) for each in collection["features"][:18]]
    assert docks == [(dock_id, limit) for dock_id in sorted(SITES) for limit in (60, 90, 120, 180, 300, None)]
    tag = {"If-None-Match": first.headers["etag"]}
    held = await house.ask("GET", "/docks/coverage", role="pilot", headers=tag)
    assert (held.status_code, held.content, house.surveyor.solved) == (304, b"", 1)
    await _windy(house, 9.0)
    turned = await house.ask("GET", "/docks/coverage", role="pilot", headers=tag)
    assert (turned.status_code, house.surveyor.solved) == (200, 2)
    assert turned.headers["etag"] != first.headers["etag"]


async def test_a_zone_is_a_gap_and_casts_its_shadow(house: House) -> None:
    before = await house.taken("GET", "/docks/coverage")
    middle = Point(-1.5106, 52.4081)
    assert shape(_area(before, "union", None)).contains(middle)
    answer = await house.ask("POST", "/airspace/zones", json=drawn(house))
    assert answer.status_code == 201
    after = await house.taken("GET", "/docks/coverage")
    for limit in (60, 90, 120, 180, 300, None):
        union, gap = shape(_area(after, "union", limit)), shape(_area(after, "gap", limit))
        assert not union.contains(middle)
        assert gap.contains(middle)
        assert union.intersection(gap).area < 1e-8


async def test_a_dock_inside_a_zone_reaches_nothing_and_the_map_says_why(house: House) -> None:
    lat_deg, lon_deg = SITES["cov-1"]
    circle = {"lat_deg": lat_deg, "lon_deg": lon_deg, "radius_m": 200.0}
    await house.ask("POST", "/airspace/zones", json=drawn(house, circle=circle))
    collection = await house.taken("GET", "/docks/coverage")
    shown = collection["features"][0]["properties"]
    assert shown["max_radius_m"] == 0.0
    assert len(shown["shut_in_by"]) == 1
    assert "fire at the tyre works" in shown["shut_in_by"][0]


async def test_the_process_answers_as_the_same_code_does_here(house: House) -> None:
    await house.ask("POST", "/airspace/zones", json=drawn(house))
    question = _question(house)
    workshop = Workshop()
    try:
        assert await workshop.solve(question) == Solver().answer(question)
        assert workshop.pid not in (None, os.getpid())
    finally:
        workshop.close()


async def test_a_process_that_is_killed_is_said_and_started_again(house: House) -> None:
    workshop = Workshop()
    try:
        await workshop.solve(_question(house))
        assert workshop.pid is not None
        os.kill(workshop.pid, signal.SIGKILL)
        with pytest.raises(WorkshopClosed, match="-9"):
            await workshop.solve(_question(house))
        assert await workshop.solve(_question(house))
    finally:
        workshop.close()


async def test_while_the_process_is_down_the_last_answer_is_shown_with_its_age(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.taken("GET", "/docks/coverage")
    os.kill(house.surveyor.workshop.pid or 0, signal.SIGKILL)
    await _windy(house, 11.0)
    await house.clock.advance(40.0)
    shown = await house.ask("GET", "/docks/coverage")
    assert shown.headers["kestrel-coverage"] == "outdated"
    assert int(shown.headers["age"]) >= 40
    assert "coverage could not be solved" in caplog.text
    for _ in range(300):
        await house.clock.advance(1.0)
        await asyncio.sleep(0.1)
        again = await house.ask("GET", "/docks/coverage")
        if again.headers["kestrel-coverage"] == "current":
            break
    assert again.headers["kestrel-coverage"] == "current"
    assert house.surveyor.solved == 2


async def test_before_the_first_answer_there_is_a_503_that_says_to_ask_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatcher.coverage.surveyor.FIRST_WITHIN_S", 0.0)
    answer = await house.ask("GET", "/docks/coverage")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_process_dies_with_who_started_it(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, signal, sys\n"
        "from dispatcher.coverage.workshop import Workshop\n"
        "if __name__ == '__main__':\n"
        "    workshop = Workshop()\n"
        "    workshop.start()\n"
        "    print(workshop.pid, flush=True)\n"
        "    sys.stdin.readline()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as parent:
        assert parent.stdout is not None
        child = Path("/proc") / parent.stdout.readline().strip()
        assert child.exists()
        parent.communicate("now\n")
    _until(lambda: not child.exists())


def _until(holds: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
