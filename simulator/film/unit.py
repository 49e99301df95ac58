"""The film unit: all simulated cameras, in a process beside the simulator, so that encoding never holds up flying.

``python -m simulator.film.unit`` reads one `Shot` a line from standard input and ends with it. At most `HD_CAMERAS` at
a time film in high definition; who comes later films small, and stays so until it lands.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache

from pydantic import ValidationError

from kestrel.logs import configure
from simulator.film.camera import FilmCamera
from simulator.film.encoder import HD, SMALL, Quality
from simulator.film.ground import Ground, make_ground
from simulator.film.shot import Shot

_log = logging.getLogger(__name__)

HD_CAMERAS = 2
_END_WITHIN_S = 1.0


@cache
def _ground() -> Ground:
    return make_ground()


class FilmUnit:
    """Cameras by name; ``make`` is how one is made."""

    def __init__(self, *, make: Callable[[Shot, Quality], FilmCamera], hd_cameras: int = HD_CAMERAS) -> None:
        self._make = make
        self._hd_cameras = hd_cameras
        self.cameras: dict[str, FilmCamera] = {}

    def direct(self, shot: Shot) -> None:
        """Begin, look elsewhere, or stop."""
        camera = self.cameras.get(shot.camera)
        if not shot.filming:
            if camera is not None:
                del self.cameras[shot.camera]
                camera.stop()
            return
        if camera is not None and not camera.ended:
            camera.shot = shot
            return
        taken = sum(1 for name, each in self.cameras.items() if each.quality is HD and name != shot.camera)
        camera = self._make(shot, HD if taken < self._hd_cameras else SMALL)
        self.cameras[shot.camera] = camera
        camera.start()
        _log.info(
            "%s films %dx%d to %s",
            shot.camera,
            camera.quality.width,
            camera.quality.height,
            shot.serve_at or shot.send_to,
        )

    def wrap(self) -> None:
        """Stop them all, and wait for them."""
        for camera in self.cameras.values():
            camera.stop()
        until = time.monotonic() + _END_WITHIN_S
        for camera in self.cameras.values():
            camera.join(max(0.0, until - time.monotonic()))
        self.cameras.clear()


def run(lines: Iterable[str]) -> None:
    """Film until the lines end."""
    unit = FilmUnit(make=lambda shot, quality: FilmCamera(shot=shot, quality=quality, ground=_ground))
    try:
        for line in lines:
            try:
                unit.direct(Shot.model_validate_json(line))
            except ValidationError as problem:
                _log.warning("not a shot: %s", problem.errors()[0]["msg"])
    finally:
        unit.wrap()


if __name__ == "__main__":
    configure(level="INFO")
    try:
        run(sys.stdin)
    except KeyboardInterrupt:
        sys.exit(130)
