"""The command as a whole, with figures that need no machine: what it writes, prints and returns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import __main__ as command
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say

BARS = """
[quick]
unit = "ms"
of = "value"
at_most = 10

[slow]
unit = "ms"
of = "ratio"
at_most = 2
"""


def _is_empty(folder: Path) -> bool:
    return list(folder.iterdir()) == []


def _figure(name: str, measured: Measured | None) -> Figure:
    async def measure(folder: Path, say: Say) -> Measured:
        assert _is_empty(folder)
        say("measuring")
        if measured is None:
            raise MeasurementFailed("the machine is on fire")
        return measured

    return Figure(name=name, unit="ms", about="a test", measure=measure)


def _run(
    monkeypatch: pytest.MonkeyPatch, folder: Path, figures: list[Figure], *arguments: str
) -> tuple[int, list[dict[str, object]]]:
    bars = folder / "bars.toml"
    bars.write_text(BARS, encoding="utf-8")
    out = folder / "build" / "bench.json"
    monkeypatch.setattr(command, "all_figures", lambda: {figure.name: figure for figure in figures})
    status = command.main(["--bars", str(bars), "--out", str(out), *arguments])
    return status, json.loads(out.read_text(encoding="utf-8")) if out.exists() else []


def test_when_all_hold_the_rows_are_written_and_the_status_is_0(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = [
        _figure("quick", Measured(ours=(9.0, 8.0, 50.0))),
        _figure("slow", Measured(ours=(30.0,), rival=(20.0,))),
    ]
    status, rows = _run(monkeypatch, tmp_path, figures)
    assert status == 0
    assert rows == [
        {"name": "quick", "value": 9.0, "unit": "ms", "rival": None, "ratio": None, "bar": 10.0, "holds": True},
        {"name": "slow", "value": 30.0, "unit": "ms", "rival": 20.0, "ratio": 1.5, "bar": 2.0, "holds": True},
    ]
    output = capsys.readouterr()
    assert "quick" in output.out
    assert "NO" not in output.out
    assert "quick: measuring" in output.err


def test_a_row_that_does_not_hold_is_written_and_shown_and_the_status_is_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = [_figure("quick", Measured(ours=(11.0,))), _figure("slow", Measured(ours=(30.0,), rival=(20.0,)))]
    status, rows = _run(monkeypatch, tmp_path, figures)
    assert (status, [row["holds"] for row in rows]) == (1, [False, True])
    assert "NO" in capsys.readouterr().out


def test_a_figure_that_cannot_be_measured_is_missing_the_others_go_on_and_the_status_is_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = [_figure("quick", None), _figure("slow", Measured(ours=(30.0,), rival=(20.0,)))]
    status, rows = _run(monkeypatch, tmp_path, figures)
    assert (status, [row["name"] for row in rows]) == (1, ["slow"])
    output = capsys.readouterr()
    assert "MISSING" in output.out
    assert "the machine is on fire" in output.err


def test_a_bar_that_no_figure_measures_is_missing_and_the_status_is_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, rows = _run(monkeypatch, tmp_path, [_figure("quick", Measured(ours=(1.0,)))])
    assert (status, len(rows)) == (1, 1)
    assert "MISSING" in capsys.readouterr().out


def test_only_those_asked_for_are_measured_and_can_be_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    figures = [_figure("quick", Measured(ours=(1.0,))), _figure("slow", None)]
    status, rows = _run(monkeypatch, tmp_path, figures, "--only", "quick")
    assert (status, [row["name"] for row in rows]) == (0, ["quick"])


def test_the_list_names_figures_and_bars_and_measures_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, rows = _run(monkeypatch, tmp_path, [_figure("quick", None)], "--list")
    assert (status, rows) == (0, [])
    assert "quick" in capsys.readouterr().out


@pytest.mark.parametrize(("figure", "arguments"), [("quick", ("--only", "nothing")), ("unasked", ())])
def test_an_unknown_figure_and_one_without_a_bar_are_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, figure: str, arguments: tuple[str, ...]
) -> None:
    status, rows = _run(monkeypatch, tmp_path, [_figure(figure, None)], *arguments)
    assert (status, rows) == (2, [])
