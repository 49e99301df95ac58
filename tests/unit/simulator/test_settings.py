"""The command line: every setting has an option that is explained, and a wrong one is refused."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from simulator.settings import Settings, from_arguments


def test_the_help_explains_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        from_arguments(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    for field in fields(Settings):
        assert f"--{field.name.replace('_', '-')} " in told
    assert "kestrel simulator" in told
    assert "Exit status" in told
    for page in ("docs/simulator.md", "docs/reference/scenario.md"):
        assert page in told.replace("\n", " ")
        assert (Path(__file__).parents[3] / page).exists()


def test_what_is_not_given_is_as_the_scenario_says() -> None:
    given = from_arguments(["--scenario", "world.yaml"])
    assert given == Settings(scenario=Path("world.yaml"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--scenario"),
        (["--scenario", "s", "--speed", "0"], "above 0"),
        (["--scenario", "s", "--speed", "1000"], "at most 100"),
        (["--scenario", "s", "--speed", "nan"], "above 0"),
        (["--scenario", "s", "--control", "7000"], "HOST:PORT"),
        (["--scenario", "s", "--control", "127.0.0.1:70000"], "HOST:PORT"),
        (["--scenario", "s", "--log-level", "LOUD"], "LOUD"),
    ],
)
def test_a_wrong_option_is_refused_with_its_reason(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        from_arguments(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
