"""The file of bars: every figure has one, and a wrong file is told what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.bars import load_bars
from tests.bench.errors import BarsFileError, FigureWithoutBar, UnknownFigure
from tests.bench.figure import Figure, Measured, Say
from tests.bench.figures import all_figures
from tests.bench.running import choose


async def _unmeasured(_folder: Path, _say: Say) -> Measured:
    raise AssertionError("nobody asked for it")


def _figure(name: str) -> Figure:
    return Figure(name=name, unit="ms", about="nothing", measure=_unmeasured)


def _bars_file(folder: Path, text: str) -> Path:
    path = folder / "bars.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_figure_has_a_bar_in_its_unit_and_every_bar_a_figure() -> None:
    bars, figures = load_bars(), all_figures()
    assert {name: bar.unit for name, bar in bars.items()} == {name: figure.unit for name, figure in figures.items()}


def test_the_bars_are_those_that_were_agreed() -> None:
    agreed = {name: (bar.of, bar.at_most, bar.plus) for name, bar in load_bars().items()}
    assert (
        agreed.items()
        >= {
            "press_to_order_p95": ("value", 150.0, None),
            "press_to_order_busy_over_idle": ("ratio", 1.5, None),
            "press_to_airborne_p95": ("value", 5.0, "lid"),
            "dispatcher_start_10k_events": ("value", 3.0, None),
            "live_hub_cpu_per_frame": ("ratio", 2.0, None),
            "hold_to_wire_p95": ("value", 50.0, None),
            "simulator_fleet_50_cpu": ("value", 0.5, None),
            "simulator_ten_minutes_cpu": ("value", 1.0, None),
        }.items()
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "holds no bar"),
        ("[a", "cannot be read"),
        ('[a]\nunit = "ms"\nof = "value"\n', r"a\.at_most"),
        ('[a]\nunit = "ms"\nof = "mean"\nat_most = 1\n', r"a\.of"),
        ('[a]\nunit = "ms"\nof = "value"\nat_most = 0\n', r"a\.at_most"),
        ('[a]\nunit = "ms"\nof = "value"\nat_most = nan\n', r"a\.at_most"),
        ('[a]\nunit = "ms"\nof = "value"\nat_most = 1\nat_least = 2\n', r"a\.at_least"),
    ],
)
def test_a_wrong_file_of_bars_is_refused_and_says_what_is_wrong(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(BarsFileError, match=what):
        load_bars(_bars_file(tmp_path, text))


def test_a_missing_file_of_bars_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BarsFileError, match="cannot be read"):
        load_bars(tmp_path / "nowhere.toml")


def test_a_figure_that_nothing_is_asked_of_is_refused(tmp_path: Path) -> None:
    bars = load_bars(_bars_file(tmp_path, '[a]\nunit = "ms"\nof = "value"\nat_most = 1\n'))
    with pytest.raises(FigureWithoutBar, match="'b' has no bar"):
        choose({"a": _figure("a"), "b": _figure("b")}, [], bars)


def test_figures_are_chosen_by_name_in_their_own_order(tmp_path: Path) -> None:
    text = "".join(f'[{name}]\nunit = "ms"\nof = "value"\nat_most = 1\n' for name in "abc")
    bars, figures = load_bars(_bars_file(tmp_path, text)), {name: _figure(name) for name in "abc"}
    assert [figure.name for figure in choose(figures, [], bars)] == ["a", "b", "c"]
    assert [figure.name for figure in choose(figures, ["c", "a"], bars)] == ["a", "c"]
    with pytest.raises(UnknownFigure, match="choose from a, b, c"):
        choose(figures, ["d"], bars)
