"""``kestrel demo`` from the outside, as large as it comes: six docks, drones in the air. See tests/integration too."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from kestrel.journalfile import read_journal
from tests.demoprocess import demo, left_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

Json = dict[str, Any]
END_WITHIN_S = 10.0
COUNTY = Path(__file__).parents[3] / "examples" / "county"


@pytest.mark.nightly
async def test_the_demo_flies_by_itself_and_ctrl_c_ends_all_of_it_within_ten_seconds(tmp_path: Path) -> None:
    async with demo(tmp_path, "--speed", "10") as running:
        access = await running.access()
        controller = {"Authorization": f"Bearer {access['tokens']['controller-1']}"}
        async with httpx.AsyncClient(base_url=access["api"], headers=controller, trust_env=False) as api:
            assert len((await api.get("/api/v1/docks")).json()["docks"]) == 6
            await _until_flying(api, running.tails)
        children = running.children()
        assert len(children) >= 10, "broker, issuer, simulator, dispatcher, six agents"
        running.process.send_signal(signal.SIGINT)
        assert await running.ended(within_s=END_WITHIN_S) == 0, running.tails()
        assert await left_of(children, within_s=0) == []
    _, faults = read_journal(tmp_path / "run" / "state" / "dispatcher" / "journal.sqlite3")
    assert faults == []


@pytest.mark.nightly
async def test_a_demo_of_so_many_seconds_ends_by_itself(tmp_path: Path) -> None:
    async with demo(tmp_path, "--speed", "10", "--docks", "1", "--duration-s", "1") as running:
        await running.access()
        children = running.children()
        assert await running.ended(within_s=1 + 2 * END_WITHIN_S) == 0, running.tails()
        assert await left_of(children, within_s=0) == []


async def test_a_demo_that_cannot_be_as_asked_says_so_in_one_line(tmp_path: Path) -> None:
    missing = tmp_path / "no-such-file.csv"
    async with demo(tmp_path, "--replay", str(missing)) as running:
        assert await running.ended(within_s=30) == 2
        assert "no such file" in running.output
        assert "Traceback" not in running.output


@pytest.mark.nightly
async def test_all_calls_of_the_county_example_are_flown_or_refused_with_reasons_that_a_checker_confirms(
    tmp_path: Path,
) -> None:
    report = await _replay(
        tmp_path,
        COUNTY / "calls.csv",
        *("--docks", str(COUNTY / "fleet.yaml"), "--watch-s", "60", "--gap-cap-s", "120"),
        within_s=900,
    )
    summary = report["summary"]
    assert summary["calls"] == 12
    assert summary["docked"] >= 6, summary
    assert summary["docked"] + summary["refused"] == 12, summary
    _check_rows(report)


async def _replay(folder: Path, calls: Path, *arguments: str, within_s: float) -> Json:
    report = folder / "out.json"
    command = ("--replay", str(calls), "--speed", "10", "--report", str(report), *arguments)
    async with demo(folder, *command) as running:
        status = await running.ended(within_s=within_s)
        assert status == 0, f"status {status}\n{running.output[-4000:]}\n{running.tails()}"
    document: Json = json.loads(report.read_text(encoding="utf-8"))
    return document


def _check_rows(report: Json) -> None:
    """Each call has a decision for every dock, and either times of every phase or every dock's reasons."""
    assert report["ok"]
    assert report["checker"]["agrees"]
    docks = set(report["docks"])
    for row in report["calls"]:
        assert row["accounted"], row
        assert {option["dock_id"] for option in row["decision"]["options"]} == docks
        if row["outcome"] == "docked":
            phases = [entry["phase"] for entry in row["flight"]["phases"]]
            assert phases[0] == "ordered"
            assert phases[-1] == "docked"
            assert row["flight"]["promised"]
            assert row["flight"]["flown"]
        else:
            assert row["outcome"] == "refused", row["outcome"]
            assert row["refusal"]["checker_confirms"] is True
            assert set(row["refusal"]["problem"]["reasons"]) == docks


async def _until_flying(api: httpx.AsyncClient, tails: Callable[[], str]) -> None:
    deadline = asyncio.get_running_loop().time() + 90
    while True:
        flights = (await api.get("/api/v1/flights", params={"active": True})).json()["flights"]
        if any(flight["phase"] in ("en_route", "on_scene") for flight in flights):
            return
        assert asyncio.get_running_loop().time() < deadline, f"nothing has flown\n{tails()}"
        await asyncio.sleep(0.25)
