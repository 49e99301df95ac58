"""The command line's end: an error meant for the person at the terminal is one line, from however deep it comes."""

from __future__ import annotations

import pytest

from kestrel import cli
from kestrel.errors import ApiUnreachable, WrongUsage


def failing_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def app() -> None:
        raise error

    monkeypatch.setattr(cli, "app", app)


@pytest.mark.parametrize(
    "error",
    [
        WrongUsage("no such dock"),
        ExceptionGroup("tasks", [ExceptionGroup("more", [WrongUsage("no such dock")]), ApiUnreachable("nobody")]),
    ],
)
def test_an_error_for_the_terminal_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    failing_with(monkeypatch, error)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "kestrel: no such dock\n"


def test_a_fault_of_ours_in_a_group_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    failing_with(monkeypatch, ExceptionGroup("tasks", [WrongUsage("no such dock"), KeyError("a fault")]))
    with pytest.raises(ExceptionGroup, match="tasks"):
        cli.main()
