"""Crewed traffic in the live view: an entity for each aircraft, and one that says what the receiver is good for."""

from __future__ import annotations

import json

from pydantic_core import to_json

from dispatcher import presentation
from dispatcher.live.ledger import Key, Ledger
from dispatcher.presentation import View
from dispatcher.traffic import TrafficSource
from kestrel.clock import Clock

TRAFFIC, TRAFFIC_FEED = "traffic", "traffic_feed"
FEED = Key(TRAFFIC_FEED, "readsb")
GONE_S = 60.0
"""Wall seconds after which an aircraft that is not heard any more leaves the map."""


class TrafficView:
    """Puts what has changed into the hub's ledger."""

    def __init__(self, source: TrafficSource, *, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._changes = 0
        self._shown: set[Key] = set()
        self._feed = ""

    def publish(self, ledger: Ledger) -> int:
        """How many entities were encoded."""
        source = self._source
        if not source.configured:
            return 0
        encoded = 0
        feed = to_json(presentation.traffic_feed(source)).decode()
        if feed != self._feed:
            self._feed = feed
            ledger.put(FEED, {View.CONTROL: feed}, quoted_id=json.dumps(FEED.id))
            encoded += 1
        wall_s = self._clock.wall_s()
        if source.changes != self._changes:
            self._changes = source.changes
            now = self._clock.mission_now()
            here: set[Key] = set()
            for heard in source.aircraft():
                key = Key(TRAFFIC, heard.sighting.address)
                here.add(key)
                shown = presentation.crewed_aircraft(heard, age_s=heard.age_s(wall_s), now=now)
                ledger.put(key, {View.CONTROL: to_json(shown).decode()}, quoted_id=json.dumps(key.id))
                encoded += 1
            for key in self._shown - here:
                ledger.remove(key)
            self._shown = here
        elif self._shown and (source.age_s() or 0.0) > GONE_S:
            for key in self._shown:
                ledger.remove(key)
            self._shown = set()
        return encoded
