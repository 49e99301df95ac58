"""Reads what comes from the broker: topic, signature, shape; then to the dock's lane. Never fatal, always counted.

The broker is not trusted and neither is the network: a message counts as a dock's only when it is signed with that
dock's key. What cannot be used is logged by its reason alone, never by its content.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TypeVar

from contracts.envelope import Envelope, unseal
from contracts.errors import (
    BadSignature,
    EnvelopeError,
    EnvelopeExpired,
    MalformedEnvelope,
    TopicError,
    UnknownKey,
    WrongAddressee,
)
from contracts.message import Message
from contracts.reports import AgentEvent, AgentWill, DockPicture, DockStatus, Telemetry
from contracts.signing import Keyring
from contracts.topics import Channel, Topic
from contracts.vocabulary import Deployment
from dispatcher.link.counters import LinkCounters
from dispatcher.link.lane import DockLane
from dispatcher.link.pictures import PictureSlots
from dispatcher.link.strangers import Strangers
from kestrel.clock import Clock

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)

_COUNTED_AS: dict[type[EnvelopeError], str] = {
    MalformedEnvelope: "malformed",
    UnknownKey: "unknown_key",
    BadSignature: "bad_signature",
    WrongAddressee: "wrong_addressee",
    EnvelopeExpired: "expired",
}
_FORGED = (UnknownKey, BadSignature)


class Intake:
    """The handler of everything that the dispatcher subscribes to."""

    def __init__(
        self,
        *,
        force: str,
        deployment: Deployment,
        keyring: Keyring,
        lanes: Mapping[str, DockLane],
        strangers: Strangers,
        counters: LinkCounters,
        clock: Clock,
        pictures: PictureSlots | None = None,
    ) -> None:
        self._pictures = pictures or PictureSlots()
        self._force = force
        self._deployment = deployment
        self._keyring = keyring
        self._lanes = lanes
        self._strangers = strangers
        self._counters = counters
        self._clock = clock

    async def on_message(self, topic_text: str, payload: bytes) -> None:
        """Take one message."""
        self._counters.count("received")
        try:
            topic = Topic.parse(topic_text)
        except TopicError:
            self._refuse("wrong_topic", topic_text, "not a Kestrel topic")
            return
        if topic.force != self._force:
            self._refuse("wrong_topic", topic_text, "another force")
            return
        lane = self._lanes.get(topic.dock)
        if lane is None:
            self._strangers.notice(topic.dock, "not in the fleet file")
            self._refuse("unknown_dock", topic_text, "not in the fleet file")
            return
        try:
            self._take(lane, topic, payload)
        except EnvelopeError as error:
            if isinstance(error, _FORGED):
                self._strangers.notice(topic.dock, error.reason)
            self._refuse(_COUNTED_AS.get(type(error), "malformed"), topic_text, error.reason)

    def _take(self, lane: DockLane, topic: Topic, payload: bytes) -> None:
        match topic.channel:
            case Channel.EVENT:
                lane.put_event(self._opened(topic, payload, AgentEvent))
            case Channel.STATUS:
                lane.put_status(self._opened(topic, payload, DockStatus))
            case Channel.TELEMETRY:
                lane.put_telemetry(self._opened(topic, payload, Telemetry, fresh=True))
            case Channel.PICTURE:
                picture = self._opened(topic, payload, DockPicture, fresh=True)
                self._counters.count("pictures" if self._pictures.put(topic.dock, picture) else "pictures_outdated")
            case Channel.WILL:
                lane.put_will(self._unsealed(topic, payload).open_as(AgentWill))
            case _:
                self._refuse("wrong_topic", str(topic), "a channel on which the dispatcher only speaks")

    def _opened(self, topic: Topic, payload: bytes, kind: type[M], *, fresh: bool = False) -> M:
        message = self._unsealed(topic, payload, fresh=fresh).open_as(kind)
        stated = getattr(message, "deployment", self._deployment)
        if stated != self._deployment:
            because = f"states a {stated} deployment, this one is {self._deployment}"
            self._strangers.notice(topic.dock, because)
            raise WrongAddressee(because)
        return message

    def _unsealed(self, topic: Topic, payload: bytes, *, fresh: bool = False) -> Envelope:
        now = self._clock.mission_now() if fresh else None
        return unseal(payload, topic=topic, keyring=self._keyring, now=now)

    def _refuse(self, counted_as: str, topic_text: str, reason: str) -> None:
        # The first of each kind is worth a line; a flood of them is worth a number.
        first = self._counters[counted_as] == 0
        self._counters.count(counted_as)
        level = logging.WARNING if first else logging.DEBUG
        log.log(level, "message refused", extra={"topic": topic_text[:120], "kind": counted_as, "why": reason[:300]})
