"""MQTT topics: ``kestrel/v1/{force}/{dock}/{channel}``, and ``kestrel/v1/{force}/dispatcher/{channel}``.

Identifiers are checked against a narrow alphabet, so that neither a wildcard nor a level separator can be smuggled in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from contracts.errors import TopicError

ROOT = "kestrel/v1"
DISPATCHER = "dispatcher"
"""The reserved name in the dock's place for what the dispatcher says to all docks of a force."""

IDENTIFIER_PATTERN = r"^[a-z0-9][a-z0-9-]{0,47}$"
Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER_PATTERN)]
"""The id of a force, dock or key: lower-case letters, digits and hyphens, at most 48 characters."""


class Channel(StrEnum):
    """The last level of a topic: who says what, with which quality of service."""

    ORDER = "order"
    """Dispatcher to agent, QoS 1: flight orders."""
    SAFETY = "safety"
    """Dispatcher to agent, QoS 1, on a connection of its own: cancel, hold, return, land."""
    ACK = "ack"
    """Dispatcher to agent, QoS 1: which of the agent's events are in the journal."""
    EVENT = "event"
    """Agent to dispatcher, QoS 1: what happened, numbered, resent until acknowledged."""
    STATUS = "status"
    """Agent to dispatcher, QoS 1, retained: the dock as it is now; doubles as the heartbeat (every 2 s)."""
    TELEMETRY = "telemetry"
    """Agent to dispatcher, QoS 0: the aircraft's latest values."""
    PICTURE = "picture"
    """Agent to dispatcher, QoS 1: the dock camera's picture before the lid opens and at the landing."""
    WILL = "will"
    """Broker to dispatcher: the agent's connection ended without a good-bye. A hint, never the only sign."""
    HEARTBEAT = "heartbeat"
    """Dispatcher to all agents of the force, QoS 0, every 2 s."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A parsed topic."""

    force: str
    dock: str
    channel: Channel

    def __str__(self) -> str:
        return f"{ROOT}/{self.force}/{self.dock}/{self.channel}"

    @classmethod
    def parse(cls, topic: str) -> Topic:
        """Read a topic; raises `TopicError` for anything that is not exactly one of ours."""
        parts = topic.split("/")
        if len(parts) != 5 or "/".join(parts[:2]) != ROOT:
            raise TopicError(topic)
        force, dock, channel = parts[2:]
        if not (re.fullmatch(IDENTIFIER_PATTERN, force) and re.fullmatch(IDENTIFIER_PATTERN, dock)):
            raise TopicError(topic)
        try:
            return cls(force, dock, Channel(channel))
        except ValueError:
            raise TopicError(topic) from None


def every_dock(force: str, channel: Channel) -> str:
    """The subscription filter for one channel of all docks of a force."""
    return f"{ROOT}/{force}/+/{channel}"
