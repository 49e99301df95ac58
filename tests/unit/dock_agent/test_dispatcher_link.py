"""The agent's end of the wire: whom it believes, what it does with what it cannot read, and how it resends."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from contracts.envelope import Envelope, seal, unseal
from contracts.message import Message
from contracts.orders import (
    BlockerOrder,
    DispatcherHeartbeat,
    EventAck,
    ReceiveOrder,
    SafetyAction,
    SafetyOrder,
    TaskOrder,
)
from contracts.reports import (
    MAX_PICTURE_BYTES,
    AgentEvent,
    CommandSettled,
    DockNoted,
    DockPicture,
    DockStatus,
    OrderAccepted,
    OrderRefused,
    Telemetry,
)
from contracts.signing import Keyring, SigningKey, TrustFile
from contracts.tasks import Altitude
from contracts.topics import DISPATCHER, Channel, Topic
from contracts.vocabulary import Deployment, Outcome, Phase, Traffic
from dock_agent.dispatcher_link import RESEND_S, DispatcherLink
from dock_agent.dock_camera import Picture
from dock_agent.flight_link import Command
from dock_agent.readings import PayloadReading
from kestrel.errors import MqttDisconnected
from kestrel.mqtt import Broker, MqttSession
from tests.unit.dock_agent.fakes import Bench

FORCE = "test"
DOCK_ID = "dock-1"


class MemoryBroker:
    """Stands in for both sessions: hands over what arrives, keeps what is published, can be away."""

    def __init__(self) -> None:
        self.published: list[tuple[str, bytes, int, bool]] = []
        self.sessions: list[dict[str, Any]] = []
        self.away = False

    def session(self, **given: Any) -> MqttSession:
        """A session, as `MqttSession` is made."""
        self.sessions.append(given)
        return cast("MqttSession", self)

    @property
    def connected(self) -> bool:
        return not self.away

    async def wait_connected(self) -> None:
        """At once."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[MemoryBroker]:
        """There is nothing to keep alive."""
        yield self

    async def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool = False) -> None:
        """Keep a message."""
        if self.away:
            raise MqttDisconnected("away")
        self.published.append((topic, payload, qos, retain))


@dataclass
class Wired:
    """A bench with its dispatcher link."""

    bench: Bench
    broker: MemoryBroker
    link: DispatcherLink
    desk: SigningKey
    agent: SigningKey
    ring: Keyring
    sequence: int = 0
    seen: list[Envelope] = field(default_factory=list)

    async def arrives(self, message: Message, channel: Channel, **changes: Any) -> None:
        """A message of the dispatcher arrives."""
        self.sequence += 1
        fields: dict[str, Any] = {
            "topic": Topic(FORCE, DISPATCHER if channel is Channel.HEARTBEAT else DOCK_ID, channel),
            "key": self.desk,
            "message_id": UUID(int=self.sequence),
            "sequence": self.sequence,
            "issued_at": self.bench.clock.mission_now(),
            "expires_at": self.bench.clock.mission_now() + timedelta(seconds=60),
        }
        fields |= changes
        await self.raw(str(fields["topic"]), seal(message, **fields))

    async def raw(self, topic: str, payload: bytes) -> None:
        """Anything arrives."""
        await self.broker.sessions[0]["on_message"](topic, payload)

    def said(self, channel: Channel, kind: type[Message]) -> list[Any]:
        """What the agent has published on a channel, with its signature checked."""
        topic = Topic(FORCE, DOCK_ID, channel)
        return [
            unseal(payload, topic=topic, keyring=self.ring).open_as(kind)
            for name, payload, _, _ in self.broker.published
            if name == str(topic)
        ]

    def events(self) -> list[AgentEvent]:
        """The events published, repeats included."""
        return self.said(Channel.EVENT, AgentEvent)


@pytest.fixture
async def wired(bench: Bench) -> AsyncIterator[Wired]:
    desk, agent, broker = SigningKey.generate("desk"), SigningKey.generate("agent"), MemoryBroker()
    ring = Keyring(
        TrustFile(keys=[desk.trusted(force=FORCE, holder=DISPATCHER), agent.trusted(force=FORCE, holder=DOCK_ID)])
    )
    link = DispatcherLink(
        agent=bench.agent,
        store=bench.store,
        clock=bench.clock,
        broker=Broker("127.0.0.1", 1),
        force=FORCE,
        dock_id=DOCK_ID,
        key=agent,
        keyring=ring,
        session_of=broker.session,
    )
    async with link.running():
        yield Wired(bench, broker, link, desk, agent, ring)


async def test_a_signed_order_flies_and_its_acceptance_is_published(wired: Wired) -> None:
    order = wired.bench.order()
    await wired.arrives(order, Channel.ORDER)
    await wired.bench.run(0.1)
    accepted = [event.fact for event in wired.events() if isinstance(event.fact, OrderAccepted)]
    assert [fact.order_id for fact in accepted] == [order.order_id]
    assert wired.bench.phases() == [Phase.PREPARING]


async def test_an_order_signed_by_another_key_is_dropped(wired: Wired) -> None:
    await wired.arrives(wired.bench.order(), Channel.ORDER, key=SigningKey.generate("desk"))
    await wired.arrives(wired.bench.order(), Channel.ORDER, key=wired.agent)
    assert wired.link.dropped == {"BadSignature": 1, "UnknownKey": 1}
    assert wired.bench.events == []


async def test_an_order_for_another_dock_is_dropped(wired: Wired) -> None:
    other = Topic(FORCE, "dock-2", Channel.ORDER)
    await wired.arrives(wired.bench.order(), Channel.ORDER, topic=other)
    payload = seal(
        wired.bench.order(),
        topic=other,
        key=wired.desk,
        message_id=UUID(int=9),
        sequence=9,
        issued_at=wired.bench.clock.mission_now(),
        expires_at=wired.bench.clock.mission_now() + timedelta(seconds=60),
    )
    await wired.raw(str(Topic(FORCE, DOCK_ID, Channel.ORDER)), payload)
    assert wired.link.dropped == {"another's topic": 1, "WrongAddressee": 1}
    assert wired.bench.events == []


async def test_an_order_whose_envelope_has_expired_is_refused_with_the_reason(wired: Wired) -> None:
    order = wired.bench.order()
    await wired.arrives(order, Channel.ORDER, expires_at=wired.bench.clock.mission_now())
    refused = [event.fact for event in wired.bench.events if isinstance(event.fact, OrderRefused)]
    assert [fact.reasons for fact in refused] == [["the order expired 0 s ago"]]


async def test_an_order_with_an_older_sequence_is_refused(wired: Wired) -> None:
    await wired.arrives(wired.bench.order(aircraft_id="k9"), Channel.ORDER, sequence=50)
    await wired.arrives(wired.bench.order(), Channel.ORDER, sequence=49)
    last = wired.bench.facts(OrderRefused)[-1].reasons
    assert any("the order is older than one already handled" in reason for reason in last)


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"[]", b"\xff\xfe", b'{"v":1}', b"x" * 300_000, b"[" * 50_000], ids=range(7)
)
async def test_an_unknown_payload_is_counted_and_never_fatal(wired: Wired, payload: bytes) -> None:
    for channel in Channel:
        await wired.raw(str(Topic(FORCE, DOCK_ID, channel)), payload)
    await wired.raw("kestrel/v9/what", payload)
    assert sum(wired.link.dropped.values()) == len(Channel) + 1
    order = wired.bench.order()
    await wired.arrives(order, Channel.ORDER)
    assert len(wired.bench.facts(OrderAccepted)) == 1


async def test_a_message_of_a_kind_that_does_not_belong_on_its_channel_is_dropped(wired: Wired) -> None:
    await wired.arrives(wired.bench.order(), Channel.SAFETY)
    assert wired.link.dropped == {"MalformedEnvelope": 1}
    assert wired.bench.events == []


async def test_a_safety_order_has_a_connection_of_its_own(wired: Wired) -> None:
    main, safety = wired.broker.sessions
    assert main["client_id"] != safety["client_id"]
    assert [one.topic_filter for one in safety["subscriptions"]] == [f"kestrel/v1/{FORCE}/{DOCK_ID}/safety"]
    assert all("safety" not in one.topic_filter for one in main["subscriptions"])


async def test_a_safety_order_of_another_deployment_is_refused(wired: Wired) -> None:
    order = wired.bench.fly()
    now = wired.bench.clock.mission_now()
    safety = SafetyOrder(
        order_id=UUID(int=77),
        flight_id=order.flight_id,
        deployment=Deployment.LIVE,
        action=SafetyAction.CANCEL,
        issued_at=now,
        expires_at=now + timedelta(seconds=60),
    )
    await wired.arrives(safety, Channel.SAFETY)
    assert wired.bench.outcomes() == [(safety.order_id, str(Outcome.REFUSED))]
    assert wired.bench.phases() == [Phase.PREPARING]


async def test_events_are_resent_in_order_until_acknowledged(wired: Wired) -> None:
    wired.bench.fly()
    await wired.bench.run(0.2)
    first = [event.counter for event in wired.events()]
    assert first == [1, 2]
    await wired.bench.run(RESEND_S + 0.3)
    assert [event.counter for event in wired.events()] == [1, 2, 1]
    boot = wired.bench.store.boot_id
    await wired.arrives(EventAck(boot_id=boot, counter=1), Channel.ACK)
    before = len(wired.events())
    await wired.bench.run(8.0)
    resent = {event.counter for event in wired.events()[before:]}
    assert 1 not in resent
    assert 2 in resent
    newest = wired.bench.events[-1].counter
    await wired.arrives(EventAck(boot_id=boot, counter=newest), Channel.ACK)
    before = len(wired.events())
    await wired.bench.clock.advance(40.0)
    assert wired.events()[before:] == []


async def test_a_slow_dispatcher_is_asked_again_with_one_event_and_not_with_the_whole_window(wired: Wired) -> None:
    wired.bench.fly()
    await wired.bench.until(Phase.ON_SCENE)
    boot, waiting = wired.bench.store.boot_id, len(wired.bench.events)
    assert waiting >= 6
    await wired.broker.sessions[0]["on_connected"]()
    await wired.bench.clock.advance(0.1)
    before = len(wired.events())
    await wired.bench.clock.advance(5 * RESEND_S)
    resent = [event.counter for event in wired.events()[before:]]
    assert resent
    assert set(resent) == {1}
    await wired.arrives(EventAck(boot_id=boot, counter=1), Channel.ACK)
    await wired.bench.clock.advance(0.1)
    assert [event.counter for event in wired.events()][-2:] == [2, 3]
    assert {event.oldest_unacknowledged for event in wired.events()[-2:]} == {2}


async def test_resending_backs_off_while_nobody_answers(wired: Wired) -> None:
    wired.bench.agent.resume()
    await wired.bench.clock.advance(120.0)
    assert 5 <= len(wired.events()) <= 14


async def test_events_said_while_the_broker_was_away_all_arrive_once_it_is_back(wired: Wired) -> None:
    wired.broker.away = True
    wired.bench.fly()
    await wired.bench.until(Phase.DOCKED)
    assert wired.events() == []
    wired.broker.away = False
    await wired.broker.sessions[0]["on_connected"]()
    boot = wired.bench.store.boot_id
    for _ in range(20):
        await wired.bench.clock.advance(0.2)
        told = {event.counter for event in wired.events()}
        if told:
            await wired.arrives(EventAck(boot_id=boot, counter=max(told)), Channel.ACK)
    counters = [event.counter for event in wired.events()]
    assert list(dict.fromkeys(counters)) == [event.counter for event in wired.bench.events]


async def test_the_status_is_retained_comes_every_two_seconds_and_at_each_change(wired: Wired) -> None:
    await wired.bench.clock.advance(0.1)
    wired.broker.published.clear()
    await wired.bench.clock.advance(10.0)
    statuses = wired.said(Channel.STATUS, DockStatus)
    assert 4 <= len(statuses) <= 6
    assert all(retain for name, _, _, retain in wired.broker.published if name.endswith("/status"))
    assert [status.counter for status in statuses] == sorted({status.counter for status in statuses})
    before = len(statuses)
    wired.bench.fly()
    await wired.bench.clock.advance(0.3)
    latest = wired.said(Channel.STATUS, DockStatus)
    assert len(latest) > before
    assert latest[-1].phase is Phase.PREPARING


async def test_telemetry_is_at_most_five_a_second_in_flight_and_one_at_rest(wired: Wired) -> None:
    await wired.bench.clock.advance(10.0)
    assert 9 <= len(wired.said(Channel.TELEMETRY, Telemetry)) <= 11
    wired.bench.fly()
    await wired.bench.until(Phase.EN_ROUTE)
    wired.broker.published.clear()
    await wired.bench.run(4.0)
    assert 18 <= len(wired.said(Channel.TELEMETRY, Telemetry)) <= 21


async def test_a_dispatcher_that_falls_silent_changes_nothing_of_the_flight(wired: Wired) -> None:
    await wired.arrives(DispatcherHeartbeat(deployment=Deployment.SIMULATION, boot_id=UUID(int=3)), Channel.HEARTBEAT)
    wired.broker.away = True
    wired.bench.fly()
    await wired.bench.until(Phase.DOCKED)
    assert wired.bench.phases()[-1] is Phase.DOCKED
    assert Phase.ON_SCENE in wired.bench.phases()


async def test_the_agent_says_that_it_started(wired: Wired) -> None:
    wired.bench.agent.resume()
    await wired.bench.clock.advance(0.1)
    facts = [event.fact for event in wired.events()]
    assert isinstance(facts[0], DockNoted)
    assert isinstance(wired.events()[0].mission_time, datetime)


async def test_a_signed_blocker_shows_in_the_status_and_one_for_another_dock_does_not(wired: Wired) -> None:
    now = wired.bench.clock.mission_now()
    blocker = BlockerOrder(
        order_id=UUID(int=0xB10C),
        deployment=Deployment.SIMULATION,
        raised=True,
        text="a dog on the lid",
        by="pilot-1",
        issued_at=now,
        expires_at=now + timedelta(seconds=60),
    )
    await wired.arrives(blocker, Channel.ORDER, topic=Topic(FORCE, "dock-9", Channel.ORDER))
    await wired.bench.clock.advance(1.0)
    assert wired.said(Channel.STATUS, DockStatus)[-1].blockers == []
    await wired.arrives(blocker, Channel.ORDER)
    await wired.bench.clock.advance(1.0)
    assert wired.said(Channel.STATUS, DockStatus)[-1].blockers == [
        "something is over the dock: a dog on the lid (raised by pilot-1)"
    ]


async def test_what_is_forecast_of_the_charge_stands_in_the_telemetry(wired: Wired) -> None:
    await wired.arrives(wired.bench.order(watch_s=120.0), Channel.ORDER)
    await wired.bench.until(Phase.ON_SCENE)
    await wired.bench.run(2.0)
    last = wired.said(Channel.TELEMETRY, Telemetry)[-1]
    assert 85.0 < last.battery_at_home_percent < wired.bench.aircraft.battery
    assert last.must_leave_at > wired.bench.clock.mission_now() + timedelta(minutes=10)
    assert last.traffic is Traffic.UNKNOWN


async def test_where_the_camera_looks_stands_in_the_telemetry_as_far_as_it_is_said(wired: Wired) -> None:
    await wired.arrives(wired.bench.order(watch_s=120.0), Channel.ORDER)
    wired.bench.aircraft.eyes = PayloadReading(camera_hfov_deg=62.04)
    await wired.bench.until(Phase.ON_SCENE)
    await wired.bench.run(2.0)
    last = wired.said(Channel.TELEMETRY, Telemetry)[-1]
    assert last.camera_hfov_deg == 62.0
    assert last.camera_pitch_deg is not None
    assert -90.0 < last.camera_pitch_deg < -10.0, "it looks down at the scene"
    assert last.camera_bearing_deg is not None
    wired.bench.aircraft.gimbal = False
    await wired.bench.run(2.0)
    silent = wired.said(Channel.TELEMETRY, Telemetry)[-1]
    assert (silent.camera_bearing_deg, silent.camera_pitch_deg) == (None, None), "not the nose in its place"


async def test_a_task_that_arrives_signed_and_twice_is_done_once(wired: Wired) -> None:
    bench = wired.bench
    order = bench.fly(watch_s=300.0)
    await bench.until(Phase.ON_SCENE)
    now = bench.clock.mission_now()
    task = TaskOrder(
        order_id=UUID(int=0x7A5C),
        flight_id=order.flight_id,
        deployment=Deployment.SIMULATION,
        given_by="pilot-1",
        issued_at=now,
        expires_at=now + timedelta(seconds=60),
        task=Altitude(alt_above_home_m=60.0),
    )
    await wired.arrives(task, Channel.ORDER)
    await wired.arrives(task, Channel.ORDER)
    await bench.run(5.0)
    assert bench.given().count(Command.GOTO) == 1
    assert bench.outcome(task) == Outcome.CONFIRMED


async def test_a_task_whose_envelope_has_expired_is_refused(wired: Wired) -> None:
    bench = wired.bench
    order = bench.fly(watch_s=300.0)
    await bench.until(Phase.ON_SCENE)
    now = bench.clock.mission_now()
    task = TaskOrder(
        order_id=UUID(int=0x7A5D),
        flight_id=order.flight_id,
        deployment=Deployment.SIMULATION,
        given_by="pilot-1",
        issued_at=now,
        expires_at=now + timedelta(seconds=60),
        task=Altitude(alt_above_home_m=60.0),
    )
    await wired.arrives(task, Channel.ORDER, expires_at=now - timedelta(seconds=1))
    assert bench.outcome(task) == Outcome.REFUSED


async def test_an_order_to_receive_arrives_and_is_refused_over_a_full_plate(wired: Wired) -> None:
    now = wired.bench.clock.mission_now()
    order = ReceiveOrder(
        order_id=UUID(int=0x5ECE),
        flight_id=UUID(int=0xF00D),
        deployment=Deployment.SIMULATION,
        aircraft_id="k7",
        from_dock="dock-7",
        issued_at=now,
        expires_at=now + timedelta(seconds=60),
    )
    await wired.arrives(order, Channel.ORDER)
    settled = wired.bench.facts(CommandSettled)
    assert [(fact.order_id, fact.outcome) for fact in settled] == [(order.order_id, Outcome.REFUSED)]


def still(taken_s: float, image: bytes = b"\x89PNG\r\n\x1a\n still", kind: str = "image/png") -> Picture:
    return Picture(image=image, kind=kind, taken_s=taken_s)


async def test_a_picture_that_went_on_record_is_sent_and_sent_again_to_a_dispatcher_that_comes_back(
    wired: Wired,
) -> None:
    clock = wired.bench.clock
    wired.bench.agent.on_picture(still(clock.mission_s() - 2.0), "before the lid opens")
    await wired.bench.run(0.2)
    (sent,) = wired.said(Channel.PICTURE, DockPicture)
    assert sent.image() == b"\x89PNG\r\n\x1a\n still"
    assert (sent.when, sent.media_type) == ("before the lid opens", "image/png")
    assert abs((clock.mission_now() - sent.taken_at).total_seconds() - 2.0) < 1.0
    await wired.broker.sessions[0]["on_connected"]()
    await wired.bench.run(0.2)
    assert [each.sha256 for each in wired.said(Channel.PICTURE, DockPicture)] == [sent.sha256] * 2


async def test_only_the_last_of_several_pictures_is_sent(wired: Wired) -> None:
    for number in range(3):
        wired.bench.agent.on_picture(still(0.0, b"\xff\xd8\xff" + bytes([number]), "image/jpeg"), "at the landing")
    await wired.bench.run(0.2)
    assert [each.image()[-1] for each in wired.said(Channel.PICTURE, DockPicture)] == [2]


@pytest.mark.parametrize(("image", "kind"), [(bytes(MAX_PICTURE_BYTES + 1), "image/png"), (b"GIF89a", "image/gif")])
async def test_a_picture_that_is_too_large_or_of_another_kind_stays_where_it_is(
    wired: Wired, image: bytes, kind: str
) -> None:
    wired.bench.agent.on_picture(still(0.0, image, kind), "at the landing")
    await wired.bench.run(0.2)
    assert wired.said(Channel.PICTURE, DockPicture) == []
    assert sum(wired.link.dropped.values()) == 1
