"""The policy file against the state: read at each start, and journalled when it is not the one that holds already."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import rfc8785

from dispatcher.events import PolicyLoaded
from dispatcher.policy.document import PolicyDocument
from dispatcher.policy.stance import PolicyInForce
from kestrel.yamlfile import read_yaml

_RULES = ("grades", "quiet_hours", "no_fly")


def load_policy(path: Path | None) -> PolicyLoaded:
    """The policy of a file, or the built-in one; raises `FileError` with the line of each fault."""
    if path is None:
        return policy_loaded(PolicyDocument.built_in())
    read = read_yaml(path, PolicyDocument)
    lines = {
        f"{section}/{index}": read.line_of((section, index))
        for section in _RULES
        if section in read.content.model_fields_set
        for index in range(len(getattr(read.content, section)))
    }
    lines["unknown_grade"] = read.line_of(("unknown_grade",))
    return policy_loaded(read.content, source=path.name, lines=lines)


def policy_loaded(document: PolicyDocument, *, source: str = "", lines: dict[str, int] | None = None) -> PolicyLoaded:
    """The event that brings a policy into force."""
    content = document.model_dump(mode="json", by_alias=True)
    return PolicyLoaded(digest=digest_of(content), content=content, source=source, lines=lines or {})


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 of the RFC 8785 JSON, in hex: the same for the same policy, however the file is laid out."""
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def policy_changes(known: PolicyInForce | None, loaded: PolicyLoaded) -> list[PolicyLoaded]:
    """The event, unless that very policy holds already."""
    if known is None:
        return [loaded]
    same = (known.digest, known.source, dict(known.lines)) == (loaded.digest, loaded.source, loaded.lines)
    return [] if same else [loaded]
