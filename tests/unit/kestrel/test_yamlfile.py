"""YAML files: every error names file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from kestrel.errors import FileError
from kestrel.yamlfile import load_yaml


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid")
    height_m: float = Field(gt=0)


class Tree(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    leaves: list[Leaf]


GOOD = "name: oak\nleaves:\n  - height_m: 3\n  - height_m: 4\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tree.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    assert load_yaml(written(tmp_path, GOOD), Tree).leaves[1].height_m == 4


@pytest.mark.parametrize(
    ("text", "line", "field", "words"),
    [
        (GOOD.replace("4", "-4"), 4, "leaves.1.height_m", "greater than 0"),
        (GOOD.replace("4", "tall"), 4, "leaves.1.height_m", "valid number"),
        (GOOD + "colour: green\n", 5, "colour", "unknown field"),
        ("leaves: []\n", 1, "name", "is missing"),
        (GOOD + "name: elm\n", 5, "name", "stands twice"),
        ("name: [oak\n", 2, "", "not YAML"),
        ("", 1, "", "valid dictionary"),
        ("name: \x01\n", None, "", "not YAML"),
        ("name: !!int oak\n", None, "", "not YAML"),
        ("name: 2020-99-99\n", None, "", "not YAML"),
        ("name: !!python/object/apply:os.system [ls]\nleaves: []\n", 1, "", "not YAML"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, text: str, line: int | None, field: str, words: str) -> None:
    with pytest.raises(FileError) as fault:
        load_yaml(written(tmp_path, text), Tree)
    assert (fault.value.line, fault.value.field) == (line, field)
    assert words in str(fault.value)
    assert (f"tree.yaml:{line}" if line else "tree.yaml") in str(fault.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileError) as fault:
        load_yaml(written(tmp_path, "name: 7\nleaves:\n  - height_m: -1\n  - tall: 1\n"), Tree)
    assert [part for part in ("name", "leaves.0.height_m", "leaves.1.tall") if part not in str(fault.value)] == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        load_yaml(tmp_path / "none.yaml", Tree)
