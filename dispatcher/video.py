"""Where video is: the media process of ours, a force's own server, or nowhere; and the tickets that open it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from contracts.signing import SigningKey
from contracts.viewing import Ticket, write_ticket
from contracts.vocabulary import Deployment
from dispatcher.entities import Flight
from dispatcher.errors import DispatcherError
from dispatcher.events import VideoTicketGiven


class NoVideo(DispatcherError):
    """This deployment has no video."""

    status = 503
    slug = "no-video"
    title = "There is no video here"


@dataclass(frozen=True, kw_only=True)
class VideoDoor:
    """``url`` is where browsers reach the media process; ``whep_template`` the address of a force's own server in its
    place, with ``{flight_id}``, ``{aircraft_id}`` or ``{dock_id}`` in it. Neither: there is no video.
    """

    key: SigningKey | None = None
    force: str = ""
    deployment: Deployment | None = None
    url: str | None = None
    whep_template: str | None = None
    ice_servers: tuple[str, ...] = ()

    @property
    def origins(self) -> tuple[str, ...]:
        """What a page that shows it must be let speak to: the server's origin, over HTTP and as a WebSocket."""
        parts = urlsplit(self.whep_template or self.url or "")
        if not parts.netloc:
            return ()
        secure = parts.scheme == "https"
        return (f"{parts.scheme}://{parts.netloc}", f"{'wss' if secure else 'ws'}://{parts.netloc}")

    def require(self) -> None:
        """Raise `NoVideo` where there is none."""
        if self.key is None or (self.url is None and self.whep_template is None):
            raise NoVideo("no media process is configured: set KESTREL_VIDEO_URL")

    def open(self, given: VideoTicketGiven, flight: Flight, *, issued_s: int, may_play: bool) -> dict[str, Any]:
        """What a client needs to watch. ``issued_s`` is Unix time. Raises `NoVideo`."""
        self.require()
        if self.key is None or self.deployment is None:
            raise NoVideo("no media process is configured: set KESTREL_VIDEO_URL")
        ticket = Ticket(
            jti=str(given.ticket_id),
            sub=given.viewer,
            force=self.force,
            deployment=self.deployment,
            flight=flight.id,
            play=may_play,
            iat=issued_s,
            exp=int(given.opens_until.timestamp()),
            until=int(given.lasts_until.timestamp()),
        )
        return {
            "ticket": write_ticket(ticket, key=self.key),
            "ticket_id": str(given.ticket_id),
            **self._urls(flight, may_play=may_play),
            "ice_servers": [{"urls": url} for url in self.ice_servers],
        }

    def _urls(self, flight: Flight, *, may_play: bool) -> dict[str, Any]:
        if self.whep_template is not None:
            whep = self.whep_template
            for name, value in (
                ("{flight_id}", str(flight.id)),
                ("{aircraft_id}", flight.order.aircraft_id),
                ("{dock_id}", flight.dock_id),
            ):
                whep = whep.replace(name, value)
            return {"provider": "external", "whep_url": whep, "socket_url": None, "recordings_url": None}
        base = f"{(self.url or '').rstrip('/')}/v1/flights/{flight.id}"
        return {
            "provider": "kestrel",
            "whep_url": f"{base}/whep",
            "socket_url": f"{base.replace('http', 'ws', 1)}/socket",
            "recordings_url": f"{base}/recordings" if may_play else None,
        }
