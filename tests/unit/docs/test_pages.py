"""The parts of pages that a command writes are up to date, and what was written beside them still holds."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from dispatcher.api import envelope, gate, problems
from dispatcher.security.access import OF_THE_API, TABLE, WEBSOCKET
from docs import api_reference, format_reference
from docs.fields import docstrings_of, rows_of
from docs.format_words import WORDS
from docs.inserts import REFERENCE, ROOT, Sections, filled, names_in

PAGES: dict[str, Sections] = {**api_reference.PAGES, **format_reference.PAGES}
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(#[^)\s]*)?\)")
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_what_the_source_says(name: str) -> None:
    text = (REFERENCE / name).read_text(encoding="utf-8")
    assert names_in(text) == set(PAGES[name]), "a mark is missing from the page, or stands twice"
    assert filled(text, PAGES[name]) == text, "run `make docs`"


def test_a_mark_that_nobody_makes_is_an_error() -> None:
    with pytest.raises(KeyError):
        filled("<!-- from the source: nobody -->\n<!-- end -->", {})


def test_what_stands_around_a_mark_stays_as_it_was_written() -> None:
    before = "by hand\n<!-- from the source: a -->\nold\n<!-- end -->\nby hand too\n"
    assert filled(before, {"a": lambda: "new"}) == before.replace("old", "new")


def test_every_route_has_its_place_on_the_page_and_its_roles() -> None:
    text = (REFERENCE / "api.md").read_text(encoding="utf-8")
    for method, path in OF_THE_API:
        assert (f"`WS {path}`" if method == WEBSOCKET else f"### {method} {path}\n") in text


def test_conflicts_are_told_of_routes_that_are_there() -> None:
    assert set(api_reference.CONFLICTS) <= set(TABLE)


def test_problems_without_a_class_stand_in_the_source() -> None:
    source = "".join(Path(module.__file__ or "").read_text(encoding="utf-8") for module in (problems, gate, envelope))
    for _, slug, title, _ in api_reference.OTHERS:
        assert f'"{slug}"' in source
        assert f'"{title}"' in source


@pytest.mark.parametrize("name", sorted(WORDS))
def test_words_are_of_fields_that_are_there_and_say_nothing_themselves(name: str) -> None:
    module, _, kind = name.rpartition(".")
    model = getattr(import_module(module), kind)
    assert set(WORDS[name]) <= {row.name for row in rows_of(model)}
    assert not set(WORDS[name]) & set(docstrings_of(model)), "the source says it now: take it out here"


@pytest.mark.parametrize("name", ["fleet.md", "scenario.md", "dock-registers.md"])
def test_nothing_in_a_file_format_is_left_unexplained(name: str) -> None:
    text = (REFERENCE / name).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `") or re.match(r"\| \d+ \|", line)]
    assert rows
    assert not [row for row in rows if row.endswith("|  |") and "| degrees" not in row]


def _pages() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", _pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    for target, anchor in _LINK.findall(text):
        if "://" in target:
            continue
        there = (page.parent / target).resolve()
        assert there.exists(), f"{target} is not there"
        if anchor and there.suffix == ".md":
            assert anchor[1:] in _anchors(there), f"{target}{anchor} is not there"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    named = {match[1] for match in _LINK.finditer(index.read_text(encoding="utf-8"))}
    pages = {path.relative_to(index.parent).as_posix() for path in index.parent.rglob("*.md")}
    assert {page for page in pages if not page.startswith("adr/")} - {"README.md"} <= named
