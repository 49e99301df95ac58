"""Where a replay's report is written: tried before anything flies, so that no report is lost at the end."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import NamedTemporaryFile

from kestrel.errors import FileError
from kestrel.report import Json


def try_report(path: Path) -> None:
    """Find out whether the report can be written there, and leave no file. Raises `FileError`."""
    if path.is_dir():
        raise FileError(path, "is a folder: name the file that the report is to be")
    if path.exists() and not path.is_file():
        raise FileError(path, "is no regular file: name the file that the report is to be")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _unwritable(path, error) from None


def write_report(path: Path, report: Json) -> None:
    """Write the report whole, or leave what was there. Raises `FileError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            "w", dir=path.parent, prefix=f"{path.name}.", suffix=".part", encoding="utf-8", delete=False
        ) as draft:
            draft.write(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
        Path(draft.name).replace(path)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> FileError:
    return FileError(path, f"the report cannot be written: {error.strerror}")
