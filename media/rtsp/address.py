"""Where a camera is: what the fleet file names, and nothing that an answer says.

An answer may name a path on the same camera. Whatever host, port or login it names beside that is left out, so that
nobody who answers can make this process ask somewhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from media.errors import CameraFailed

_PORTS = {"rtsp": 554, "rtsps": 322}
_PATH = re.compile(r"[!-~]{0,2048}\Z")


@dataclass(frozen=True, slots=True)
class Address:
    """``path`` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> Address:
        """Of the fleet file's ``rtsp://`` or ``rtsps://`` address."""
        where = urlsplit(url)
        path = where.path + (f"?{where.query}" if where.query else "")
        return cls(where.scheme, where.hostname or "", where.port or _PORTS[where.scheme], path)

    @property
    def encrypted(self) -> bool:
        """True when the connection is TLS."""
        return self.scheme == "rtsps"

    @property
    def url(self) -> str:
        """As it is asked for."""
        return self.at(self.path)

    def at(self, path: str) -> str:
        """Another path of the same camera."""
        return f"{self.scheme}://{self.host}:{self.port}{path}"

    def path_of(self, named: str, *, base: str) -> str:
        """The path that an answer names: ``*`` is ``base``, what is relative is beneath it. Raises `CameraFailed`."""
        path = base if named == "*" else _path_in(named)
        if not path.startswith("/") and named != "*":
            path = f"{base.rstrip('/')}/{path}"
        if not _PATH.match(path):
            raise CameraFailed("it names an address that is none")
        return path


def _path_in(named: str) -> str:
    """Path and query of what may be a whole address."""
    if not re.match(r"(?i)rtsps?://", named):
        return named
    path = named.partition("://")[2].partition("/")[2]
    return f"/{path}"
