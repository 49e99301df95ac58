"""Eyes that never blink: ninety minutes over one scene with three docks, and what happens when one of them cannot."""

from __future__ import annotations

from pathlib import Path

from contracts.vocabulary import Phase
from tests.virtual.city import SCENE, City
from tests.virtual.eyes import blind_s, nearest, too_near

WATCH_S = 5400.0


async def test_a_watch_of_ninety_minutes_with_three_docks_has_no_second_without_a_drone(tmp_path: Path) -> None:
    async with City.open(tmp_path) as city:
        incident = await city.incident(watch_s=WATCH_S)
        await city.press(incident)
        await city.until(lambda: city.desk.state.incidents[incident.id].watched_from is not None, within_s=300)
        began_s = city.clock.mission_s()
        await city.run(WATCH_S + 1)
        assert blind_s(city.track, SCENE, since_s=began_s, until_s=began_s + WATCH_S) == []
        assert too_near(city.track) == []
        assert min(height_m for _, apart_m, height_m in nearest(city.track) if apart_m < 100) >= 15
        assert city.alarms() == []
        await city.until(lambda: not city.desk.state.unfinished, within_s=900)
        assert {flight.phase for flight in city.flights()} == {Phase.DOCKED}
        assert len(city.flights()) >= 3
