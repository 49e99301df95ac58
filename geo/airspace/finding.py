"""What a reader has to tell beside the zones: skipped, repaired, assumed, each with the feature that it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from geo.airspace.zone import Format, Zone

MAX_FINDINGS = 100_000
"""A bound for memory; a document has at most so many features, and few have more than one finding."""


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
class Notes:
    """Collects findings while a document is read; `index` and `name` say of which feature."""

    findings: list[Finding] = field(default_factory=list)
    index: int | None = None
    name: str = ""

    def about(self, index: int | None, name: str = "") -> Notes:
        """The same collection, speaking of another feature."""
        return Notes(self.findings, index, name)

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
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(kind=kind, reason=reason, index=self.index, name=self.name))
