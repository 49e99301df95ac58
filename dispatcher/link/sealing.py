"""Puts the dispatcher's messages in signed envelopes.

Orders are sealed from what the journal says of them, so every resend, after a restart too, has the same bytes.
Acknowledgements and heartbeats are made fresh each time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from contracts.envelope import seal
from contracts.message import Message
from contracts.signing import SigningKey
from contracts.topics import Topic
from kestrel.clock import Clock
from kestrel.identity import RandomBits, uuid7

FRESH_FOR_S = 30.0
"""Wall seconds for which an acknowledgement or a heartbeat may be believed."""


class Sealer:
    """Signs with the dispatcher's key."""

    def __init__(self, *, key: SigningKey, clock: Clock, random_bits: RandomBits) -> None:
        self._key = key
        self._clock = clock
        self._random_bits = random_bits
        self._last_sequence = 0

    def fresh(self, message: Message, topic: Topic) -> bytes:
        """The bytes of something that is true now; sequences go up over restarts too, being milliseconds."""
        now = self._clock.mission_now()
        wall_ms = int(self._clock.wall_now().timestamp() * 1000)
        self._last_sequence = max(self._last_sequence + 1, wall_ms)
        return seal(
            message,
            topic=topic,
            key=self._key,
            message_id=uuid7(now, random_bits=self._random_bits),
            sequence=self._last_sequence,
            issued_at=now,
            expires_at=now + timedelta(seconds=FRESH_FOR_S * self._clock.factor),
        )

    def order(
        self,
        message: Message,
        topic: Topic,
        *,
        order_id: UUID,
        sequence: int,
        issued_at: datetime,
        expires_at: datetime,
    ) -> bytes:
        """The bytes of an order: the same whenever they are made."""
        return seal(
            message,
            topic=topic,
            key=self._key,
            message_id=order_id,
            sequence=sequence,
            issued_at=issued_at,
            expires_at=expires_at,
        )
