"""The console's pages and files: what is served, to whom, and under which rules."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from dispatcher.api.console import ConsoleFiles, console_router
from tests.unit.api.house import House

SCRIPT = "/assets/app-0a1B2c_4.js"


@pytest.mark.parametrize("path", ["/", "/docks", "/duty", "/flights/anything", "/watch", "/watch/", "/watch/some-link"])
async def test_every_page_is_the_same_document_asked_for_anew_each_time(house: House, path: str) -> None:
    answer = await house.fetch("GET", path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    again = await house.fetch("GET", path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


async def test_a_page_may_run_nothing_that_did_not_come_with_it_and_be_framed_by_nobody(house: House) -> None:
    headers = (await house.fetch("GET", "/")).headers
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["worker-src"] == "'self'"
    assert rules["connect-src"] == "'self' https://maps.test"
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


async def test_a_file_named_by_its_hash_is_kept_for_ever_and_comes_packed(house: House) -> None:
    answer = await house.fetch("GET", SCRIPT)
    assert answer.text == "export const answer = 42\n"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    plain = await house.fetch("GET", SCRIPT, headers={"Accept-Encoding": "identity"})
    assert plain.text == answer.text
    assert "content-encoding" not in plain.headers
    assert (await house.fetch("GET", "/assets/mapworker.js")).headers["cache-control"] == "no-cache"


async def test_the_base_map_is_read_in_parts(house: House) -> None:
    answer = await house.fetch("GET", "/basemap.pmtiles", headers={"Range": "bytes=256-259"})
    assert answer.status_code == 206
    assert answer.content == bytes([0, 1, 2, 3])
    assert answer.headers["content-range"] == "bytes 256-259/1024"


@pytest.mark.parametrize("name", ["nothing.js", "..%2findex.html", "%2e%2e/console.py", "app-0a1B2c_4.js.gz"])
async def test_what_was_not_built_is_not_there(house: House, name: str) -> None:
    assert (await house.fetch("GET", f"/assets/{name}")).status_code in (401, 404)


async def test_a_client_learns_the_deployment_before_it_has_signed_in(house: House) -> None:
    answer = (await house.ask("GET", "/client", role=None)).json()
    assert answer == {
        "deployment": "simulation",
        "force": "Test Police",
        "map": {"style_url": None, "pmtiles_url": None, "attribution": None},
    }


async def test_without_a_build_it_says_how_to_make_one(tmp_path: Path) -> None:
    application = FastAPI()
    application.include_router(console_router(ConsoleFiles(tmp_path)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://test") as http:
        answer = await http.get("/")
    assert answer.status_code == 503
    assert "make console" in answer.text
