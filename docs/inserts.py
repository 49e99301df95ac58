"""Pages that are partly written by hand and partly from the source: what stands between two marks is made by a command.

A mark is ``<!-- from the source: NAME -->`` and its end ``<!-- end -->``, each on a line of its own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
Sections = Mapping[str, Callable[[], str]]
_PART = re.compile(r"(<!-- from the source: (?P<name>[^\n]+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str, sections: Sections) -> str:
    """The page with every marked part made anew; raises `KeyError` for a mark that nobody makes."""
    return _PART.sub(lambda found: f"{found[1]}{sections[found['name']]().strip()}\n{found[3]}", text)


def names_in(text: str) -> set[str]:
    """The names of the marks of a page."""
    return {found["name"] for found in _PART.finditer(text)}


def write(pages: Mapping[str, Sections]) -> None:
    """Make the marked parts of the pages of docs/reference anew, by file name."""
    for name, sections in pages.items():
        path = REFERENCE / name
        path.write_text(filled(path.read_text(encoding="utf-8"), sections), encoding="utf-8")
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")


def cell(text: str) -> str:
    """Text as it may stand in a cell of a Markdown table."""
    return " ".join(text.split()).replace("``", "`").replace("|", "\\|")
