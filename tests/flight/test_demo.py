"""`kestrel demo` as a person starts it: it flies, it ends when asked, and killed it leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kestrel.callfile import read_calls
from kestrel.supervisor import STOP_WITHIN_S

ROOT = Path(__file__).resolve().parents[2]
MONTGOMERY = ROOT.parent / "shared" / "samples" / "incidents" / "montgomery-911.csv"
READY = "docks are ready"
CALLS = """\
52.4085,-1.5180,Fire: SMOKE SEEN,2026-02-07 18:02,CITY,HIGH STREET
52.4350,-1.4940,EMS: FALL,2026-02-07 18:02,NORTH,LONG ROAD
52.1000,-1.6300,Traffic: VEHICLE IN A FORD,2026-02-07 18:02,FAR AWAY,FORD LANE
"""


@contextlib.contextmanager
def demo(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A running demo in ``folder``; killed at the end if it still lives. Its lines go to ``folder``/said."""
    argv = [sys.executable, "-m", "kestrel", "demo", "--headless", "--with-parent"]
    argv += ["--run-dir", str(folder / "run"), *options]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(argv, stdout=said, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def said_by(folder: Path) -> str:
    return (folder / "said").read_text()


def until(condition: Callable[[], bool], folder: Path, *, patience_s: float = 180.0) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain; it said:\n{said_by(folder)[-4000:]}"
        time.sleep(0.1)


def children_of(pid: int) -> set[int]:
    """Direct children, from /proc."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                    found.add(int(entry.name))
    return found


def alive(pids: set[int]) -> set[int]:
    """Those that still run (one that nobody has waited for yet does not)."""
    living = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                living.add(pid)
    return living


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


@linux
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.nightly)])
def test_asked_to_end_it_ends_all_its_processes(tmp_path: Path, number: signal.Signals) -> None:
    with demo(tmp_path, "--docks", "1", "--speed", "5") as process:
        until(lambda: READY in said_by(tmp_path), tmp_path)
        children = children_of(process.pid)
        assert len(children) == 6, "broker, issuer, simulator, one agent, media, dispatcher"
        process.send_signal(number)
        assert process.wait(timeout=60) == 0
        assert alive(children) == set()
    assert STOP_WITHIN_S < 10


@linux
def test_killed_it_leaves_no_orphan(tmp_path: Path) -> None:
    with demo(tmp_path, "--docks", "1", "--speed", "5") as process:
        until(lambda: READY in said_by(tmp_path), tmp_path)
        children = children_of(process.pid)
        assert len(children) == 6
        process.kill()
        process.wait()
        until(lambda: not alive(children), tmp_path, patience_s=30.0)


def test_a_folder_in_use_is_refused_in_one_line_with_status_2(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("years of work")
    with demo(tmp_path) as process:
        assert process.wait(timeout=60) == 2
    assert said_by(tmp_path).startswith("kestrel: ")
    assert len(said_by(tmp_path).splitlines()) == 1


def test_calls_are_flown_or_refused_and_the_report_says_so(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(CALLS)
    report_file = tmp_path / "out.json"
    options = ["--docks", "examples/coventry/fleet.yaml", "--replay", str(tmp_path / "calls.csv")]
    options += ["--watch-s", "20", "--speed", "5", "--report", str(report_file)]
    with demo(tmp_path, *options) as process:
        status = process.wait(timeout=420)
    assert status == 0, said_by(tmp_path)
    report = json.loads(report_file.read_text())
    assert report["ok"]
    assert report["deployment"] == "simulation"
    assert [call["outcome"] for call in report["calls"]] == ["docked", "docked", "refused"]
    for call in report["calls"][:2]:
        phases = [entry["phase"] for entry in call["flight"]["phases"]]
        assert phases[0] == "ordered"
        assert phases[-1] == "docked"
        assert "on_scene" in phases
        assert call["flight"]["flown"]["time_to_scene_s"] > 0
    far = report["calls"][2]
    assert far["refusal"]["checker_confirms"] is True
    assert len(far["decision"]["options"]) == 6
    assert all(option["reasons"] for option in far["decision"]["options"])


@pytest.mark.nightly
@pytest.mark.timeout(1300)
@pytest.mark.skipif(not MONTGOMERY.exists(), reason="the recorded county calls are not beside this clone")
def test_twenty_real_calls_of_a_county_are_flown_with_six_docks(tmp_path: Path) -> None:
    assert len(read_calls(MONTGOMERY)) > 3000
    report_file = tmp_path / "out.json"
    options = ["--replay", str(MONTGOMERY), "--docks", "6", "--watch-s", "120", "--limit", "20"]
    options += ["--speed", "10", "--report", str(report_file)]
    with demo(tmp_path, *options) as process:
        status = process.wait(timeout=1200)
    assert status == 0, said_by(tmp_path)[-4000:]
    report = json.loads(report_file.read_text())
    assert report["summary"]["calls"] == 20
    assert report["summary"]["docked"] >= 6
    assert report["summary"]["reached_scene"] >= 6
    refused = [call for call in report["calls"] if call["outcome"] == "refused"]
    assert all(call["refusal"]["checker_confirms"] for call in refused)


@linux
@pytest.mark.nightly
def test_with_its_parent_killed_the_demo_ends_too(tmp_path: Path) -> None:
    """``make`` passes ``--with-parent``: killed, it takes the demo with it."""
    script = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(600)"
    argv = [sys.executable, "-m", "kestrel", "demo", "--headless", "--with-parent", "--docks", "1"]
    argv += ["--run-dir", str(tmp_path / "run")]
    with (tmp_path / "said").open("w") as said:
        parent = subprocess.Popen(
            [sys.executable, "-c", script, *argv], stdout=said, stderr=subprocess.STDOUT, cwd=ROOT
        )
        try:
            until(lambda: READY in said_by(tmp_path), tmp_path)
            (demo_pid,) = children_of(parent.pid)
            grandchildren = children_of(demo_pid)
            assert len(grandchildren) == 6
        finally:
            parent.send_signal(signal.SIGKILL)
            parent.wait()
        until(lambda: not alive({demo_pid, *grandchildren}), tmp_path, patience_s=60.0)
