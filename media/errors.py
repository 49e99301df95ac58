"""The errors of the media process.

MediaError (KestrelError)
├── Refused             a request that is not served: status, slug, title
├── NotH264             bytes that are no H.264 that we can show
└── CameraFailed        a camera that is asked for its picture does not give it as it should
    └── LoginRefused    it wants a login that it is not given
"""

from __future__ import annotations

from kestrel.errors import KestrelError


class MediaError(KestrelError):
    """Base of all errors of this package."""


class Refused(MediaError):
    """A request that is not served. ``status`` is HTTP's; ``close_code`` the same for a socket."""

    def __init__(self, detail: str, *, status: int, slug: str, title: str, close_code: int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.slug = slug
        self.title = title
        self.close_code = close_code


class NotH264(MediaError):
    """Bytes that are no H.264 that we can show."""


class CameraFailed(MediaError):
    """A camera that is asked for its picture does not give it as it should; says how, and nothing that it said."""


class LoginRefused(CameraFailed):
    """It wants a login that it is not given."""


def not_authenticated(detail: str) -> Refused:
    """No ticket, or one that is not believed."""
    return Refused(detail, status=401, slug="not-authenticated", title="A valid ticket is needed", close_code=4401)


def another_flight() -> Refused:
    """A ticket for another flight than is asked for."""
    return Refused(
        "ask the dispatcher for a ticket for this one",
        status=403,
        slug="another-flight",
        title="The ticket is for another flight",
        close_code=4403,
    )


def no_such_flight(detail: str = "it has not begun, or it is over") -> Refused:
    """A flight that is not on."""
    return Refused(detail, status=404, slug="no-such-flight", title="There is no such flight here", close_code=4404)


def too_many() -> Refused:
    """As many viewers as are served."""
    return Refused(
        "this server serves no more viewers at the moment: try again, or use the other way to watch",
        status=503,
        slug="too-many-viewers",
        title="Too many viewers",
        close_code=4429,
    )


def withdrawn() -> Refused:
    """The dispatcher took a ticket back."""
    return Refused(
        "ask the control room", status=401, slug="withdrawn", title="The ticket was withdrawn", close_code=4410
    )
