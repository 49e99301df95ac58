"""What travels between a dispatcher and its docks, for tests: keys, sealed messages, a broker session in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.envelope import seal
from contracts.message import Message
from contracts.position import Place, Weather
from contracts.reports import AgentEvent, DockNoted, DockStatus, Fact, Telemetry
from contracts.signing import Keyring, SigningKey, TrustFile
from contracts.topics import DISPATCHER, Channel, Topic
from contracts.vocabulary import Charger, Deployment, DockState, Lid
from kestrel.clock import Clock
from kestrel.errors import MqttDisconnected
from tests.desks import SITES

FORCE = "test"


class Keys:
    """A key for the dispatcher and for each dock, and the trust file that says so."""

    def __init__(self, docks: Iterable[str] = SITES) -> None:
        self.of = {name: SigningKey.generate(f"key-{name}") for name in (DISPATCHER, *docks)}
        trusted = [key.trusted(force=FORCE, holder=name) for name, key in self.of.items()]
        self.trust_file = TrustFile(keys=trusted)
        self.ring = Keyring(self.trust_file)


@dataclass(kw_only=True)
class Voice:
    """Seals what one dock says, as its agent would."""

    dock_id: str
    keys: Keys
    clock: Clock
    boot_id: UUID = field(default_factory=uuid4)
    deployment: Deployment = Deployment.SIMULATION
    counter: int = 0
    _others: int = 0

    def topic(self, channel: Channel) -> str:
        """The topic of one of its channels."""
        return str(Topic(FORCE, self.dock_id, channel))

    def event(self, fact: Fact | None = None, *, counter: int | None = None, **changes: Any) -> AgentEvent:
        """The next numbered fact (or one of another number)."""
        if counter is None:
            self.counter += 1
            counter = self.counter
        values: dict[str, Any] = {
            "boot_id": self.boot_id,
            "counter": counter,
            "deployment": self.deployment,
            "mission_time": self.clock.mission_now(),
            "wall_time": self.clock.wall_now(),
            "fact": fact or DockNoted(severity="info", text=f"fact {counter}"),
        }
        return AgentEvent(**(values | changes))

    def status(self, **changes: Any) -> DockStatus:
        """Ready, but for ``changes``."""
        self._others += 1
        values: dict[str, Any] = {
            "boot_id": self.boot_id,
            "counter": self._others,
            "deployment": self.deployment,
            "mission_time": self.clock.mission_now(),
            "wall_time": self.clock.wall_now(),
            "state": DockState.READY,
            "flight_id": None,
            "phase": None,
            "lid": Lid.CLOSED,
            "aircraft_seated": True,
            "charger": Charger.FULL,
            "battery_percent": 100.0,
            "weather": Weather(wind_speed_m_s=4, wind_from_deg=240, gust_m_s=7, rain_mm_h=0, temperature_c=11, age_s=1),
            "aircraft_connected": True,
            "aircraft_system_id": None,
            "aircraft_uid": None,
            "aircraft_position": Place(
                lat_deg=SITES.get(self.dock_id, (52.4, -1.5))[0], lon_deg=SITES.get(self.dock_id, (52.4, -1.5))[1]
            ),
            "blockers": [],
        }
        return DockStatus(**(values | changes))

    def telemetry(self, **changes: Any) -> Telemetry:
        """An aircraft on the ground, but for ``changes``."""
        self._others += 1
        values: dict[str, Any] = {
            "boot_id": self.boot_id,
            "counter": self._others,
            "deployment": self.deployment,
            "mission_time": self.clock.mission_now(),
            "flight_id": None,
            "aircraft_id": "k1",
            "lat_deg": 52.4,
            "lon_deg": -1.5,
            "alt_amsl_m": 90.0,
            "alt_above_home_m": 0.0,
            "heading_deg": 0.0,
            "ground_speed_m_s": 0.0,
            "climb_m_s": 0.0,
            "battery_percent": 100.0,
            "armed": False,
            "in_air": False,
            "flight_mode": "HOLD",
            "position_age_s": 0.1,
            "link_age_s": 0.1,
        }
        return Telemetry(**(values | changes))

    def sealed(
        self,
        message: Message,
        channel: Channel,
        *,
        key: SigningKey | None = None,
        topic: Topic | None = None,
        expires_at: datetime | None = None,
    ) -> bytes:
        """``message`` in an envelope with this dock's key (or with another)."""
        now = self.clock.mission_now()
        return seal(
            message,
            topic=topic or Topic(FORCE, self.dock_id, channel),
            key=key or self.keys.of[self.dock_id],
            message_id=uuid4(),
            sequence=1,
            issued_at=now,
            expires_at=expires_at or now + timedelta(minutes=10),
        )


@dataclass
class MemorySession:
    """A broker session that keeps what is published; `up` False: the broker is away."""

    up: bool = True
    published: list[tuple[str, bytes]] = field(default_factory=list)
    stuck: asyncio.Event | None = None
    """When set, each publish waits for it: a broker that does not answer."""

    @property
    def connected(self) -> bool:
        return self.up

    async def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool = False) -> None:
        if not self.up:
            raise MqttDisconnected("away")
        self.published.append((topic, payload))
        if self.stuck is not None:
            await self.stuck.wait()

    def on(self, channel: Channel) -> list[tuple[Topic, bytes]]:
        """What was published on one channel, in order."""
        parsed = [(Topic.parse(topic), payload) for topic, payload in self.published]
        return [(topic, payload) for topic, payload in parsed if topic.channel is channel]
