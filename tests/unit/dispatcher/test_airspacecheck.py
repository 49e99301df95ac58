"""`kestrel airspace check`: what was understood, for people and as JSON, and its exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dispatcher import airspacecheck
from tests.unit.geo.airspace.documents import airspace, features_269, message, volume_269, zone_269


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "zones.json"


def test_a_document_that_is_all_understood_ends_with_status_0(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document.write_bytes(features_269(zone_269()))
    assert airspacecheck.main([str(document)]) == 0
    shown = capsys.readouterr().out
    assert "TST001" in shown
    assert "120 m AGL" in shown
    assert "ED-269: 1 features, 1 zones; 0 skipped, 0 repaired, 0 assumed" in shown


def test_something_skipped_ends_with_status_1_and_says_which_and_why(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document.write_bytes(features_269(zone_269(), zone_269(identifier="GONE", geometry=[])))
    assert airspacecheck.main([str(document)]) == 1
    shown = capsys.readouterr().out
    assert "GONE" in shown
    assert "it has no geometry" in shown


def test_what_cannot_be_read_at_all_ends_with_status_2_and_one_line(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document.write_text("hello")
    assert airspacecheck.main([str(document)]) == 2
    assert airspacecheck.main([str(document.parent / "nothing")]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        f"kestrel: {document}: it is neither JSON nor XML",
        f"kestrel: {document.parent / 'nothing'}: No such file or directory",
    ]


def test_json_has_all_that_was_understood(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shape = {"type": "Circle", "center": [-1.5, 52.4], "radius": 500}
    span = {"permanent": "NO", "schedule": [{"day": ["MON", "TUE"], "startTime": "08:00Z", "endTime": "16:00Z"}]}
    zone = zone_269(geometry=[volume_269(horizontalProjection=shape)], applicability=[span], restriction="?")
    document.write_bytes(features_269(zone))
    assert airspacecheck.main(["--json", str(document)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], told["features"]) == ("ED-269", 1)
    assert told["zones"][0]["applies"] == "MON TUE 08:00-16:00 UTC"
    assert told["zones"][0]["volumes"][0]["radius_m"] == 500
    assert told["findings"][0]["kind"] == "assumed"


def test_what_a_document_says_is_shown_and_not_obeyed(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document.write_bytes(features_269(zone_269(name="[bold]x[/bold]"), zone_269(identifier="[/x]", geometry=[])))
    assert airspacecheck.main([str(document)]) == 1
    assert "[/x]" in capsys.readouterr().out


def test_the_command_line_starts_it_as_a_process_and_hands_on_its_status(tmp_path: Path) -> None:
    file = tmp_path / "areas.xml"
    file.write_bytes(message(airspace(designator="EGRU9")))
    ended = subprocess.run(
        [sys.executable, "-m", "kestrel", "airspace", "check", "--json", str(file)], capture_output=True, check=False
    )
    assert ended.returncode == 1, ended.stderr
    told = json.loads(ended.stdout)
    assert told["format"] == "AIXM 5.1"
    assert told["findings"][0]["name"] == "EGRU9"
