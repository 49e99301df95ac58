"""Where a replay's report is written: tried before anything flies, so that no report is lost at the end."""

from __future__ import annotations

import json
from pathlib import Path

from kestrel.errors import FileError
from kestrel.report import Json


def try_report(path: Path) -> None:
    """Find out whether the report can be written there, and leave nothing. Raises `FileError`."""
    if path.is_dir():
        raise FileError(path, "is a folder: name the file that the report is to be")
    draft = _draft(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.touch()
        draft.unlink()
    except OSError as error:
        raise _unwritable(path, error) from None


def write_report(path: Path, report: Json) -> None:
    """Write the report whole, or leave what was there. Raises `FileError`."""
    draft = _draft(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from None


def _draft(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _unwritable(path: Path, error: OSError) -> FileError:
    return FileError(path, f"the report cannot be written: {error.strerror}")
