"""The dock's picture over HTTP: with its age and whether it is the one on record, for those who answer for docks."""

from __future__ import annotations

from contracts.reports import DockNoted
from tests.unit.api.house import House
from tests.unit.link.test_pictures import JPEG, picture


async def test_a_docks_picture_is_shown_with_its_age_and_held_against_the_record(house: House) -> None:
    none = await house.ask("GET", "/docks/cov-1/picture")
    assert none.status_code == 404
    assert "no picture of cov-1 has come yet" in none.json()["detail"]
    assert (await house.ask("GET", "/docks/cov-9/picture")).status_code == 404
    taken = picture(taken_at=house.clock.mission_now())
    house.pictures.put("cov-1", taken)
    await house.clock.advance(7)
    shown = await house.ask("GET", "/docks/cov-1/picture", role="pilot")
    assert (shown.status_code, shown.content) == (200, JPEG)
    assert (shown.headers["content-type"], shown.headers["age"]) == ("image/jpeg", "7")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["kestrel-picture-when"] == "before the lid opens"
    assert shown.headers["kestrel-picture-on-record"] == "false"
    noted = DockNoted(severity="info", text="the dock's picture", picture_sha256=taken.sha256)
    await house.scene.says("cov-1", noted)
    again = await house.ask("GET", "/docks/cov-1/picture")
    assert again.headers["kestrel-picture-on-record"] == "true"
    assert again.headers["kestrel-picture-sha256"] == taken.sha256


async def test_an_officer_does_not_see_docks_pictures(house: House) -> None:
    assert (await house.ask("GET", "/docks/cov-1/picture", role="officer")).status_code == 403
