"""What may be done with the documents of zones in force: loaded, replaced, withdrawn. Pure.

Reading is lenient: a feature that cannot be read is left out and told, with its reason, and the rest is in force. A
document of which nothing can be read is refused, so that a broken download never takes good zones away.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from dispatcher import events as ev
from dispatcher.entities import AirspaceDocument
from dispatcher.errors import Conflict, DispatcherError, Invalid, NotFound
from dispatcher.state import State
from geo.airspace.errors import DocumentRefused
from geo.airspace.finding import Finding, Kind
from geo.airspace.jsondocument import MOST_BYTES
from geo.airspace.reading import read_airspace
from geo.airspace.record import written_zone
from kestrel.errors import FileError

DRAWN = "drawn-"
"""How the names of drawn zones begin; no document may be called so."""
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")
NAME_IN_WORDS = "1 to 80 letters, digits, dots, hyphens and underscores, a letter or digit first"
MOST_RECORDED_BYTES = 32 * 1024 * 1024
"""Of the zones of one document as they are recorded: arcs become lines, and may be many."""
MOST_TOLD = 5_000
"""Findings of a document that are kept, of those that changed no more than how it was read."""
MOST_DOCUMENTS = 1_000
_SURROGATES = re.compile(r"[\ud800-\udfff]")


class DocumentUnreadable(DispatcherError):
    """Nothing of it can be read; ``extra["findings"]`` says why for each feature."""

    status = 422
    slug = "airspace-unreadable"
    title = "The airspace document cannot be read"


def read_document(data: bytes, *, name: str, origin: Literal["file", "api"]) -> ev.AirspaceLoaded:
    """The event that loads a document. Takes as long as the document is large: off the event loop.

    Raises `DocumentUnreadable` when it is none, or nothing in it can be read; `Invalid` for a name that is none.
    """
    check_name(name)
    try:
        reading = read_airspace(data, document=name)
    except DocumentRefused as refused:
        raise DocumentUnreadable(refused.reason, document=name) from None
    findings, left_out = recorded_findings(reading.findings)
    if reading.features and not reading.zones:
        told = [finding.model_dump() for finding in findings[:100]]
        detail = (
            f"none of its {reading.features} features can be read: {findings[0].reason if findings else 'no zones'}"
        )
        raise DocumentUnreadable(detail, document=name, format=reading.format.value, findings=told)
    if not reading.features:
        findings = (*findings, ev.AirspaceFinding(kind="assumed", reason="it holds no feature: it restricts nothing"))
    zones = tuple(written_zone(zone) for zone in reading.zones)
    size = sum(map(len, zones))
    if size > MOST_RECORDED_BYTES:
        most = MOST_RECORDED_BYTES // 1024 // 1024
        detail = (
            f"its zones take {size / 1024 / 1024:.0f} MB as they are recorded, at most {most} MB are taken: split it"
        )
        raise DocumentUnreadable(detail, document=name, format=reading.format.value)
    return ev.AirspaceLoaded(
        name=name,
        format=reading.format.value,
        origin=origin,
        zones=zones,
        findings=findings,
        findings_left_out=left_out,
        features=reading.features,
        source_sha256=hashlib.sha256(data).hexdigest(),
    )


def check_name(name: str) -> None:
    """Raises `Invalid` for what cannot name a document."""
    if not NAME.match(name):
        raise Invalid.field("/name", f"must be {NAME_IN_WORDS}")
    if name.startswith(DRAWN):
        raise Invalid.field("/name", f"must not begin with {DRAWN}: zones that somebody drew are called so")


def load(state: State, loaded: ev.AirspaceLoaded) -> list[ev.Event]:
    """Into force; nothing when the same is in force already. Raises `Conflict` for the name of a file."""
    known = state.airspace.documents.get(loaded.name)
    if known is not None and known.origin == "file" and loaded.origin != "file":
        raise Conflict(
            f"{loaded.name} is read from a file at each start (KESTREL_AIRSPACE_FILES): change the file and start "
            "anew, or load it by another name"
        )
    if known is None and len(state.airspace.documents) >= MOST_DOCUMENTS:
        raise Conflict(f"{MOST_DOCUMENTS} documents are in force, more are not taken: withdraw some")
    return [] if known is not None and _same(known, loaded) else [loaded]


def _same(known: AirspaceDocument, loaded: ev.AirspaceLoaded) -> bool:
    one = (known.origin, known.format, known.texts, known.findings, known.features, known.source_sha256)
    other = (loaded.origin, loaded.format, loaded.zones, loaded.findings, loaded.features, loaded.source_sha256)
    return one == other


def withdraw(state: State, name: str, because: str, *, drawn: bool) -> list[ev.Event]:
    """Out of force. Raises `NotFound`; a drawn zone is not a document, nor the other way about."""
    known = state.airspace.documents.get(name)
    if known is None or known.temporary is not drawn:
        raise NotFound(f"no {'zone drawn for a time' if drawn else 'airspace document'} is called {name}")
    return [ev.AirspaceWithdrawn(name=name, because=because)]


def ended(state: State, *, now: datetime) -> list[ev.Event]:
    """Drawn zones whose time is over."""
    return [
        ev.AirspaceWithdrawn(name=document.name, because="its time is over")
        for document in state.airspace.in_order
        if document.end is not None and now >= document.end
    ]


def recorded_findings(findings: Iterable[Finding]) -> tuple[tuple[ev.AirspaceFinding, ...], int]:
    """All that was skipped, the first of the others, and how many others there were beside those."""
    kept: list[ev.AirspaceFinding] = []
    others = 0
    for finding in findings:
        if finding.kind is not Kind.SKIPPED:
            others += 1
            if others > MOST_TOLD:
                continue
        kept.append(
            ev.AirspaceFinding(
                kind=finding.kind.value,
                reason=_plain(finding.reason),
                index=finding.index,
                name=_plain(finding.name),
            )
        )
    return tuple(kept), max(0, others - MOST_TOLD)


def _plain(text: str) -> str:
    # A JSON document can hold halves of characters, which no UTF-8 can say.
    return _SURROGATES.sub("\ufffd", text)


def read_files(paths: Sequence[Path]) -> list[ev.AirspaceLoaded]:
    """The documents of the settings, each by its file's name. Raises `FileError` for one that cannot be read."""
    loaded: dict[str, ev.AirspaceLoaded] = {}
    for path in paths:
        if path.name in loaded:
            raise FileError(path, "has the name of another file of KESTREL_AIRSPACE_FILES: rename one")
        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            loaded[path.name] = read_document(data, name=path.name, origin="file")
        except OSError as wrong:
            raise FileError(path, wrong.strerror or str(wrong)) from None
        except DispatcherError as refused:
            raise FileError(path, refused.detail) from None
    return list(loaded.values())


def file_changes(state: State, loaded: Sequence[ev.AirspaceLoaded]) -> list[ev.Event]:
    """The events that make the state's documents of files those that were read; none when they are already."""
    names = {document.name for document in loaded}
    changes: list[ev.Event] = [
        ev.AirspaceWithdrawn(name=document.name, because="no longer in KESTREL_AIRSPACE_FILES")
        for document in state.airspace.in_order
        if document.origin == "file" and document.name not in names
    ]
    for document in loaded:
        changes += load(state, document)
    return changes
