"""The policy in force: stream ``force/{force}``."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from dispatcher.events.event import Event
from dispatcher.policy.document import PolicyDocument


class PolicyLoaded(Event):
    """From now this is the policy: whole, so that a replay needs no file."""

    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the RFC 8785 JSON of ``content``."""
    content: dict[str, Any]
    """As docs/reference/policy.md says, with its own ``schema``."""
    source: str
    """The file's name; empty: the built-in one."""
    lines: dict[str, int] = Field(default_factory=dict)
    """Where each rule stands in that file."""

    @field_validator("content")
    @classmethod
    def _is_a_policy(cls, content: dict[str, Any]) -> dict[str, Any]:
        PolicyDocument.model_validate(content)
        return content

    @property
    def document(self) -> PolicyDocument:
        """The content, read."""
        return PolicyDocument.model_validate(self.content)
