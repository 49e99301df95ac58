"""The errors of the dispatcher: each is a refusal that explains itself, and maps to one Problem Details answer.

DispatcherError
├── NotFound            no such incident, flight, proposal
├── Conflict            the state forbids it now
│   ├── ReferenceConflict   the same source and reference with other content
│   ├── IncidentNotOpen     closed, merged or declined
│   ├── StaleScreen         what was on the screen has changed; carries the difference
│   ├── NoEligibleDock      carries every dock's reasons
│   ├── DockNotEligible     the named dock cannot go; carries its reasons
│   ├── AlreadyAnswered     somebody has answered the proposal; carries who, what and when
│   ├── AlreadyDispatched   a flight is on its way; carries its id
│   ├── NotApart            it would come near other flights; carries which, and how near
│   ├── PolicyForbids       a rule forbids it; carries the rules and who may override them
│   └── FlightEnded         there is nothing left to command
├── Forbidden           known, but not for this person
├── LinkUnknown         a watch link that was never given out
├── LinkExpired         one whose time is over
├── LinkRevoked         one that was withdrawn
├── LinkElsewhere       one that belongs to another device
├── TooMany             more of something than anybody needs
└── Invalid             well-formed, but impossible; carries field faults
"""

from __future__ import annotations

from typing import Any, ClassVar


class DispatcherError(Exception):
    """Base: ``status`` (HTTP), ``slug`` (problem type), ``title``; ``detail`` in words; ``extra`` members."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class NotFound(DispatcherError):
    """No such thing."""

    status = 404
    slug = "not-found"
    title = "Not found"


class Forbidden(DispatcherError):
    """Known, but not for this person."""

    status = 403
    slug = "forbidden"
    title = "Not for this role or person"


class LinkUnknown(DispatcherError):
    """A watch link that was never given out."""

    status = 401
    slug = "link-unknown"
    title = "This link opens nothing"


class LinkExpired(DispatcherError):
    """Its time is over."""

    status = 410
    slug = "link-expired"
    title = "This link has expired"


class LinkRevoked(DispatcherError):
    """It was withdrawn."""

    status = 410
    slug = "link-revoked"
    title = "This link has been withdrawn"


class LinkElsewhere(DispatcherError):
    """It belongs to the first device that opened it."""

    status = 403
    slug = "link-elsewhere"
    title = "This link belongs to another device"


class TooMany(DispatcherError):
    """More of something than anybody needs."""

    status = 429
    slug = "too-many"
    title = "Too many at once"


class Invalid(DispatcherError):
    """Well-formed, but impossible; ``extra["errors"]`` is a list of ``{pointer, detail}``."""

    status = 422
    slug = "invalid"
    title = "The document cannot be taken"

    @classmethod
    def field(cls, pointer: str, detail: str) -> Invalid:
        """One field's fault; ``pointer`` is a JSON pointer such as ``/place/lat_deg``."""
        return cls(f"{pointer.lstrip('/')}: {detail}", errors=[{"pointer": pointer, "detail": detail}])


class Conflict(DispatcherError):
    """The state forbids it now."""

    status = 409
    slug = "conflict"
    title = "Not possible now"


class ReferenceConflict(Conflict):
    """The same source and reference came before with other content; ``extra["difference"]``."""

    slug = "reference-conflict"
    title = "This reference is known with other content"


class IncidentNotOpen(Conflict):
    """Closed, merged or declined."""

    slug = "incident-not-open"
    title = "The incident is not open"


class StaleScreen(Conflict):
    """What was on the screen has changed; ``extra["difference"]`` maps each field to ``{shown, now}``."""

    slug = "stale-screen"
    title = "The incident or the dock has changed since it was shown"


class NoEligibleDock(Conflict):
    """No dock can go; ``extra["reasons"]`` maps each dock to its reasons."""

    slug = "no-eligible-dock"
    title = "No dock can go"


class DockNotEligible(Conflict):
    """The named dock cannot go; ``extra["reasons"]``."""

    slug = "dock-not-eligible"
    title = "The named dock cannot go"


class AlreadyDispatched(Conflict):
    """A flight for it is on its way; ``extra["flight_id"]``."""

    slug = "already-dispatched"
    title = "A flight is on its way already"


class AlreadyAnswered(Conflict):
    """Somebody has said what they want with it; ``extra``: ``by``, ``answer``, ``at`` (mission time), ``became``."""

    slug = "already-answered"
    title = "The proposal has been answered already"


class PolicyForbids(Conflict):
    """A rule of the force's policy forbids it; ``extra["rules"]``: each with its line, its words, who may override."""

    slug = "policy-forbids"
    title = "The policy forbids it"


class NotApart(Conflict):
    """It would come near other flights; ``near`` says which, and how near."""


class FlightEnded(Conflict):
    """There is nothing left to command."""

    slug = "flight-ended"
    title = "The flight has ended"
