"""One camera that films: paints, encodes and gives out its pictures by the wall clock, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from simulator.film.encoder import CLOCK_HZ, Encoder, Quality
from simulator.film.ground import Ground
from simulator.film.outlet import Outlet, sent_to, served_at
from simulator.film.scene import Painter
from simulator.film.shot import Shot

_log = logging.getLogger(__name__)


class FilmCamera:
    """Films from `start` to `stop`; ``shot`` is what it looks at, exchanged whole at any time from another thread.

    Time is the wall's, whatever the simulation's factor: pictures leave as often as a real camera's.
    """

    def __init__(
        self, *, shot: Shot, quality: Quality, ground: Callable[[], Ground], now: Callable[[], float] = time.time
    ) -> None:
        self.shot = shot
        self.quality = quality
        self._ground = ground
        self._now = now
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._film, name=f"film {shot.camera}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the picture at hand."""
        self._stopped.set()

    def join(self, timeout_s: float) -> None:
        """Wait until it has ended."""
        self._thread.join(timeout_s)

    @property
    def ended(self) -> bool:
        """True when it films no more."""
        return not self._thread.is_alive()

    def _film(self) -> None:
        try:
            served, address = self.shot.serve_at, self.shot.send_to
            with served_at(served) if served else sent_to(address) as outlet:
                self._run(outlet)
        except Exception:
            _log.exception("%s: the camera fails", self.shot.camera)

    def _run(self, outlet: Outlet) -> None:
        quality = self.quality
        painter = Painter(ground=self._ground(), width=quality.width, height=quality.height)
        encoder = Encoder(quality)
        begun = due = time.monotonic()
        while not self._stopped.wait(max(0.0, due - time.monotonic())):
            # What cannot be kept up with is left out, not made up for: a late picture helps nobody.
            due = max(due + 1 / quality.frames_s, time.monotonic() - 1 / quality.frames_s)
            timestamp = round((time.monotonic() - begun) * CLOCK_HZ)
            frame = painter.paint(self.shot, now=datetime.fromtimestamp(self._now(), UTC))
            outlet.give(encoder.encode(frame, timestamp=timestamp), timestamp=timestamp)
