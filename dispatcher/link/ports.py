"""What the link needs from the rest: the desk that journals, and a session that publishes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from contracts.reports import AgentEvent, DockStatus
from dispatcher.nudging import Fleeting
from dispatcher.record import Recorded
from dispatcher.state import State

OnAppended = Callable[[Sequence[Recorded]], None]
"""Called with new events after they are on the disk and in the state; must not wait."""


OnFleeting = Callable[[Fleeting], None]
"""Called with what is sent once; must not wait."""


class DeskPort(Protocol):
    """The single writer, as the link sees it."""

    @property
    def state(self) -> State:
        """The state after the last journalled event."""

    def on_appended(self, listener: OnAppended) -> None:
        """Call ``listener`` after every append."""

    def on_fleeting(self, listener: OnFleeting) -> None:
        """Call ``listener`` with every order that is sent once."""

    async def ingest_event(self, dock_id: str, event: AgentEvent) -> bool:
        """Journal an agent's event; True when it is in the journal (now, or already), False when it comes too early."""

    async def ingest_status(self, dock_id: str, status: DockStatus) -> None:
        """Take a dock's newest status."""

    async def dock_silent(self, dock_id: str, silent_s: float) -> None:
        """The agent has not been heard for ``silent_s`` wall seconds."""

    async def dock_heard(self, dock_id: str) -> None:
        """The agent is heard (again)."""

    async def stranger(self, name: str, because: str) -> None:
        """Something speaks under ``name`` that it is not."""

    async def expire_order(self, flight_id: UUID, order_id: UUID) -> None:
        """No answer to a flight order before its expiry."""

    async def expire_command(self, flight_id: UUID, order_id: UUID) -> None:
        """No answer to a safety order or a task before its expiry."""

    async def expire_receive(self, flight_id: UUID, order_id: UUID) -> None:
        """No answer to the order to open for a flight."""

    async def expire_blocker(self, dock_id: str, order_id: UUID) -> None:
        """The dock does not show that it took the blocker."""

    async def tell_maintenance(self) -> None:
        """A dock's agent has not heard of who holds it in all that time, or never was told: it is told anew."""

    async def expire_withdrawal(self, dock_id: str, order_id: UUID) -> None:
        """The dock has not answered that it need not wait any longer."""


class Publisher(Protocol):
    """One MQTT session, as those see it who send: `kestrel.mqtt.MqttSession` is one."""

    @property
    def connected(self) -> bool:
        """True while the broker has us."""

    async def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool = False) -> None:
        """Hand a message to the broker; raises `kestrel.errors.MqttDisconnected`."""
