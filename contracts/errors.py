"""The errors of the wire.

ContractError
├── EnvelopeError          a message that cannot be trusted or read
│   ├── MalformedEnvelope  not JSON, not our shape, or too large
│   ├── UnknownKey         signed by a key that is not in the trust file
│   ├── BadSignature       the signature does not match the bytes
│   ├── WrongAddressee     another force or dock than the topic says
│   └── EnvelopeExpired    its time to act has passed
└── TopicError             a topic that is not one of ours
"""

from __future__ import annotations


class ContractError(Exception):
    """Base of all errors of this package."""


class EnvelopeError(ContractError):
    """A message that cannot be trusted or read; ``reason`` is fit for a log (it holds no payload)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MalformedEnvelope(EnvelopeError):
    """Not JSON, not our shape, or too large."""


class UnknownKey(EnvelopeError):
    """Signed by a key that is not in the trust file, or by one that may not say this."""


class BadSignature(EnvelopeError):
    """The signature does not match the bytes."""


class WrongAddressee(EnvelopeError):
    """The envelope names another force or dock than its topic."""


class EnvelopeExpired(EnvelopeError):
    """The time to act on it has passed."""


class TopicError(ContractError):
    """A topic that is not one of Kestrel's."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"not a Kestrel topic: {topic[:120]!r}")
        self.topic = topic
