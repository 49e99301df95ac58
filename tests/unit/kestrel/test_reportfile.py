"""A report is written whole, and that it cannot be is known before anything flies."""

from __future__ import annotations

from pathlib import Path

import pytest

from kestrel.errors import FileError
from kestrel.reportfile import try_report, write_report


def test_a_report_is_written_into_a_folder_that_was_not_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "out.json"
    try_report(path)
    assert list(path.parent.iterdir()) == [], "trying leaves no file"
    write_report(path, {"ok": True})
    assert path.read_text() == '{\n "ok": true\n}\n'
    assert list(path.parent.iterdir()) == [path]


def test_where_it_cannot_be_written_is_said_before_and_after(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="is a folder"):
        try_report(tmp_path)
    with pytest.raises(FileError, match="no regular file"):
        try_report(Path("/dev/null"))
    for attempt in (try_report, lambda path: write_report(path, {})):
        with pytest.raises(FileError, match=r"the report cannot be written: (Not a directory|File exists)"):
            attempt(tmp_path / "file" / "out.json")
