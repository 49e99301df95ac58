"""The pages that a command writes say what the source says."""

from __future__ import annotations

from docs.settings_reference import CLASSES, ROOT, TARGET, page, settings_of


def test_the_settings_page_is_what_the_source_says() -> None:
    assert TARGET.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_every_setting_of_every_process_is_on_the_page() -> None:
    written = page()
    for file, class_name, _ in CLASSES:
        rows = settings_of(ROOT / file, class_name)
        assert rows
        assert all(f"`{row.name}`" in written for row in rows)
