"""What one viewer of the live view sees: all of a view, or one incident of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from dispatcher.presentation import View, view_of
from dispatcher.security.person import Person


@dataclass(frozen=True, slots=True)
class Watched:
    """One incident with its flights and their aircraft, as the field sees them, through one link."""

    link_id: UUID
    incident_id: str

    @property
    def value(self) -> str:
        """Its name in an epoch: nobody resumes in another incident where they left off in this one."""
        return f"watch-{self.incident_id}"


Sight = View | Watched


def sight_of(person: Person) -> Sight:
    """What this person sees."""
    if person.watch is None:
        return view_of(person.roles)
    return Watched(person.watch.link_id, str(person.watch.incident_id))


def view_in(sight: Sight) -> View:
    """How much of each entity is shown."""
    return View.FIELD if isinstance(sight, Watched) else sight
