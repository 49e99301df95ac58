"""The reader of recorded calls: what it takes, and that it names line and column of what it does not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel.callfile import MAX_FAULTS_SAID, MAX_LINE_CHARACTERS, gaps_s, read_calls
from kestrel.errors import FileError

GOOD = '52.41,-1.51,Fire: SMOKE SEEN -,2026-03-01 22:15,CITY,"HIGH ST & LOW ST"'


def written(folder: Path, *lines: str) -> Path:
    path = folder / "calls.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_call_is_read_with_its_line(tmp_path: Path) -> None:
    (call,) = read_calls(written(tmp_path, "", GOOD, ""))
    assert (call.line, call.lat_deg, call.lon_deg) == (2, 52.41, -1.51)
    assert (call.kind, call.what) == ("Fire", "SMOKE SEEN")
    assert call.streets == "HIGH ST & LOW ST"
    assert call.recorded_at.isoformat() == "2026-03-01T22:15:00"


def test_windows_line_ends_and_a_byte_order_mark_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode() + b"\r\n" + GOOD.encode() + b"\r\n")
    assert [call.line for call in read_calls(path)] == [1, 2]


@pytest.mark.parametrize(
    ("line", "field", "problem"),
    [
        (GOOD.replace("52.41", "137"), "lat_deg", "137 is outside -90 to 90"),
        (GOOD.replace("-1.51", "nan"), "lon_deg", "not a number"),
        (GOOD.replace("-1.51", "1e999"), "lon_deg", "not a number"),
        (GOOD.replace("52.41", "north"), "lat_deg", "not a number"),
        (GOOD.replace("52.41", "५२"), "lat_deg", "not a number"),
        (GOOD.replace("Fire: SMOKE SEEN -", "SMOKE"), "type", "KIND: type"),
        (GOOD.replace("2026-03-01 22:15", "2026-02-30 22:15"), "time", "not a time"),
        (GOOD.replace("CITY", "C\x07ITY"), "township", "cannot be printed"),
        (GOOD.replace("CITY", "C" * 201), "township", "longer than 200"),
        (GOOD + ",more", "", "7 columns where 6 are needed"),
        (GOOD.replace('"HIGH', '"HIGH"x'), "", "not a line of CSV"),
        ("x" * (MAX_LINE_CHARACTERS + 1), "", "longer than 2000"),
    ],
)
def test_a_line_that_is_wrong_is_named_with_its_column(tmp_path: Path, line: str, field: str, problem: str) -> None:
    with pytest.raises(FileError) as caught:
        read_calls(written(tmp_path, GOOD, line))
    assert caught.value.line == 2
    assert caught.value.field == field
    assert problem in str(caught.value)


def test_all_faults_are_told_at_once_up_to_a_bound(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        read_calls(written(tmp_path, *["nonsense"] * 100))
    assert len(str(caught.value).splitlines()) == MAX_FAULTS_SAID


@pytest.mark.parametrize(("content", "problem"), [(b"", "holds no call"), (b"\xff\xfe\x00", "not UTF-8")])
def test_a_file_that_holds_no_calls_says_so(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "calls.csv").write_bytes(content)
    with pytest.raises(FileError, match=problem):
        read_calls(tmp_path / "calls.csv")


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        read_calls(tmp_path / "calls.csv")


def test_gaps_are_as_recorded_with_a_cap_and_never_negative(tmp_path: Path) -> None:
    times = ["22:15", "22:15", "22:17", "22:40", "22:30"]
    calls = read_calls(written(tmp_path, *(GOOD.replace("22:15", time) for time in times)))
    assert list(gaps_s(calls, cap_s=600)) == [0.0, 0.0, 120.0, 600.0, 0.0]


@given(garbage=st.text(max_size=300), seed=st.integers())
def test_no_text_at_all_makes_the_reader_fail_in_another_way(
    tmp_path_factory: pytest.TempPathFactory, garbage: str, seed: int
) -> None:
    cut = random.Random(seed).randrange(len(GOOD))
    path = tmp_path_factory.mktemp("garbage") / "calls.csv"
    path.write_text(GOOD[:cut] + garbage + GOOD[cut:], encoding="utf-8", errors="ignore")
    try:
        for call in read_calls(path):
            assert abs(call.lat_deg) <= 90
            assert abs(call.lon_deg) <= 180
    except FileError:
        pass
