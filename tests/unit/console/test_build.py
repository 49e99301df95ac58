"""What the console is built from and what comes out: small enough, and nothing in it that its policy would refuse."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

import hatch_build
from dispatcher.api.console import BUILT

ROOT = Path(__file__).parents[3]
MOST_SCRIPT_BYTES = 450 * 1024
"""Of all scripts together, the map's too, packed."""

built = pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason="the console is not built: run `make console`")


@built
def test_all_scripts_together_with_the_map_are_small_enough() -> None:
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in sorted(BUILT.rglob("*.js"))}
    assert any(name.startswith("mapview") for name in sizes)
    assert sum(sizes.values()) < MOST_SCRIPT_BYTES, sizes


@built
def test_no_document_holds_a_script_or_a_style_of_its_own() -> None:
    for document in BUILT.glob("*.html"):
        text = document.read_text(encoding="utf-8")
        assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
        assert "<style" not in text
        assert re.findall(r"\s(?:style|on\w+)=", text) == []


@built
def test_a_second_build_of_the_same_sources_is_none() -> None:
    if hatch_build.STAMP.read_text(encoding="utf-8") != hatch_build.hash_of_sources():
        pytest.skip("the sources have changed since: run `make console`")
    assert hatch_build.build() is False


def test_the_lock_file_names_versions_and_hashes_and_no_registry() -> None:
    text = (ROOT / "console" / "package-lock.json").read_text(encoding="utf-8")
    packages = {name: about for name, about in json.loads(text)["packages"].items() if name}
    assert packages
    assert all(about.get("integrity") for about in packages.values() if not about.get("link"))
    assert '"resolved"' not in text
    assert "http" + "s://registry" not in text


def test_the_base_map_that_comes_along_is_a_pmtiles_archive() -> None:
    data = (ROOT / "console" / "public" / "basemap.pmtiles").read_bytes()
    assert data[:8] == b"PMTiles\x03"
    assert len(data) < 2_000_000
    length = int.from_bytes(data[16:24], "little")
    assert gzip.decompress(data[127 : 127 + length])
