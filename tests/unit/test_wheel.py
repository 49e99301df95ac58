"""The wheel: our packages by their plain names, what they need at run time, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = {"contracts", "dispatcher", "dock_agent", "geo", "kestrel", "media", "simulator"}


def test_the_wheel_holds_our_packages_their_examples_and_migrations_and_no_tests(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES
    assert "kestrel/examples/coventry/fleet.yaml" in names
    assert "dispatcher/journal/migrations/versions/v0001_events.py" in names
    assert not [name for name in names if "/tests/" in name or name.endswith((".pyc", ".db", ".key"))]
