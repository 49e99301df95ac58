from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from contracts.fleet import Fleet
from kestrel.errors import FileError
from kestrel.yamlfile import load_yaml
from media.logins import read_logins

EXAMPLE = Path(__file__).parents[3] / "examples" / "coventry" / "fleet.yaml"


def fleet(tmp_path: Path) -> Fleet:
    """The first aircraft's camera is asked, the third's sends."""
    data = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    data["docks"][0]["links"]["video"] = "rtsp://10.8.1.8/main"
    path = tmp_path / "fleet.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return load_yaml(path, Fleet)


def logins_file(tmp_path: Path, text: str, *, mode: int = 0o600) -> Path:
    path = tmp_path / "cameras.yaml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


GOOD = 'schema: kestrel.cameras/1\ncameras:\n  k1: {username: ground, password: "open sesame"}\n'


def test_a_login_is_its_aircrafts_and_shown_nowhere(tmp_path: Path) -> None:
    (login,) = read_logins(logins_file(tmp_path, GOOD), fleet(tmp_path)).values()
    assert (login.username, login.password.get_secret_value()) == ("ground", "open sesame")
    assert "sesame" not in repr(login)
    assert read_logins(None, fleet(tmp_path)) == {}


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        (GOOD, 0o640, "chmod 600"),
        (GOOD.replace("k1", "k3"), 0o600, "no rtsp:// video"),
        (GOOD.replace("password", "pasword"), 0o600, "password"),
        (
            GOOD.replace("ground", 'gro\\"und').replace("username: ", 'username: "').replace(", pass", '", pass'),
            0o600,
            "username",
        ),
        ("schema: kestrel.cameras/2\ncameras: {}\n", 0o600, "schema"),
    ],
)
def test_a_file_that_will_not_do_is_said_why_and_no_password_with_it(
    tmp_path: Path, text: str, mode: int, why: str
) -> None:
    with pytest.raises(FileError, match=why) as refused:
        read_logins(logins_file(tmp_path, text, mode=mode), fleet(tmp_path))
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    "password",
    [
        "*sesame",
        "!sesame",
        "!!int sesame",
        "&a &sesame",
        "open, sesame",
        "a, sesame: 1, sesame: 2",
        "!!timestamp sesame",
    ],
)
def test_a_password_without_quotes_is_refused_with_its_line_at_most(tmp_path: Path, password: str) -> None:
    text = GOOD.replace('"open sesame"', password)
    with pytest.raises(FileError, match=r"not YAML|unknown field|stands twice") as refused:
        read_logins(logins_file(tmp_path, text), fleet(tmp_path))
    assert "sesame" not in str(refused.value)
