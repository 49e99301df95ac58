"""What a reader has to tell beside the zones: skipped, repaired, assumed, each with the feature that it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from geo.airspace.errors import DocumentRefused
from geo.airspace.zone import Format, Zone

_FINDING_COSTS = 5


class Kind(StrEnum):
    """How a finding changed what was read."""

    SKIPPED = "skipped"
    """The feature, or one of its volumes, is not among the zones."""
    REPAIRED = "repaired"
    """Its shape or its limits were put right."""
    ASSUMED = "assumed"
    """Something was missing or unknown; the cautious reading was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a person should know of a document."""

    kind: Kind
    reason: str
    index: int | None = None
    """Place of the feature in its document, from 0; None: the document as a whole."""
    name: str = ""
    """The feature's name or identifier, where it could be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was understood of a document. Every feature has a zone of its index, or a finding `Kind.SKIPPED` of it."""

    format: Format
    zones: tuple[Zone, ...]
    findings: tuple[Finding, ...]
    features: int
    """How many features the document holds."""

    def of_kind(self, kind: Kind) -> tuple[Finding, ...]:
        """The findings of one kind, in the order of the document."""
        return tuple(finding for finding in self.findings if finding.kind is kind)


@dataclass(slots=True)
class Budget:
    """Bounds the time of one document, whatever is in it: every outline, point, crossing and finding has its price.

    The unit is about 10 µs on the machine it was measured on, so all of it is well under a minute.
    """

    left: int = 2_500_000

    def spend(self, units: int) -> None:
        """Raises `DocumentRefused` when nothing is left."""
        self.left -= units
        if self.left < 0:
            raise DocumentRefused("it has so many outlines, points or crossings that reading it would take too long")


@dataclass(slots=True)
class Notes:
    """Collects findings while a document is read; `index` and `name` say of which feature."""

    findings: list[Finding] = field(default_factory=list)
    index: int | None = None
    name: str = ""
    budget: Budget = field(default_factory=Budget)

    def about(self, index: int | None, name: str = "") -> Notes:
        """The same collection, speaking of another feature."""
        return Notes(self.findings, index, name, self.budget)

    def skipped(self, reason: str) -> None:
        """The feature or a part of it is left out."""
        self._add(Kind.SKIPPED, reason)

    def repaired(self, reason: str) -> None:
        """It was put right."""
        self._add(Kind.REPAIRED, reason)

    def assumed(self, reason: str) -> None:
        """It was read in the cautious way."""
        self._add(Kind.ASSUMED, reason)

    def _add(self, kind: Kind, reason: str) -> None:
        self.budget.spend(_FINDING_COSTS)
        self.findings.append(Finding(kind=kind, reason=reason, index=self.index, name=self.name))
