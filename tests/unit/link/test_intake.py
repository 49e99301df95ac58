"""What comes in: exactly once and in order into the journal, then acknowledged; what cannot be trusted is counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.envelope import MAX_ENVELOPE_BYTES, Envelope
from contracts.orders import EventAck
from contracts.reports import AgentWill
from contracts.signing import SigningKey
from contracts.topics import Channel, Topic
from contracts.vocabulary import Deployment, DockState
from dispatcher.journal.errors import WriterLost
from dispatcher.link.lane import MAX_EVENTS
from dispatcher.link.silence import SilenceWatch
from dispatcher.link.strangers import MAX_NAMES, Strangers
from tests.unit.link.lanes import Inward, inward
from tests.wire import FORCE


@pytest.fixture
async def way_in() -> AsyncIterator[Inward]:
    async with inward() as opened:
        yield opened


async def test_an_event_is_journalled_and_then_acknowledged(way_in: Inward) -> None:
    voice = way_in.voice()
    await way_in.comes(voice.sealed(voice.event(), Channel.EVENT), Channel.EVENT)
    assert way_in.facts() == [1]
    assert way_in.acks() == [1]


async def test_an_event_that_is_not_journalled_is_not_acknowledged(way_in: Inward) -> None:
    voice = way_in.voice()
    event = voice.sealed(voice.event(), Channel.EVENT)
    way_in.scene.log.failure = OSError("disk full")
    await way_in.comes(event, Channel.EVENT)
    assert way_in.acks() == []
    assert way_in.counters["events_failed"] == 1
    way_in.scene.log.failure = None
    await way_in.comes(event, Channel.EVENT)
    assert (way_in.facts(), way_in.acks()) == ([1], [1])


async def test_a_resent_event_is_acknowledged_again_and_not_journalled_again(way_in: Inward) -> None:
    voice = way_in.voice()
    event = voice.sealed(voice.event(), Channel.EVENT)
    for _ in range(3):
        await way_in.comes(event, Channel.EVENT)
    assert way_in.facts() == [1]
    assert way_in.acks() == [1, 1, 1]
    assert way_in.counters["events_again"] == 2


async def test_an_event_after_a_gap_waits_until_the_gap_is_filled(way_in: Inward) -> None:
    voice = way_in.voice()
    first, second, third = (voice.sealed(voice.event(), Channel.EVENT) for _ in range(3))
    await way_in.comes(first, Channel.EVENT)
    await way_in.comes(third, Channel.EVENT)
    assert way_in.facts() == [1]
    assert way_in.acks() == [1, 1]
    assert way_in.counters["events_early"] == 1
    for event in (second, third):
        await way_in.comes(event, Channel.EVENT)
    assert way_in.facts() == [1, 2, 3]
    assert way_in.acks()[-1] == 3


@settings(max_examples=25, deadline=None)
@given(order=st.lists(st.integers(1, 6), min_size=1, max_size=40))
async def test_whatever_the_order_and_repetition_the_record_is_gapless(order: list[int]) -> None:
    async with inward() as way_in:
        voice = way_in.voice()
        events = {n: voice.sealed(voice.event(counter=n), Channel.EVENT) for n in range(1, 7)}
        for number in order:
            await way_in.comes(events[number], Channel.EVENT)
        expected = 0
        for number in order:
            expected += number == expected + 1
        assert way_in.facts() == list(range(1, expected + 1))
        assert way_in.acks() == sorted(way_in.acks())
        assert max(way_in.acks(), default=0) == expected
        for number in range(1, 7):
            await way_in.comes(events[number], Channel.EVENT)
        assert way_in.facts() == [1, 2, 3, 4, 5, 6]


async def test_events_that_came_together_are_acknowledged_together(way_in: Inward) -> None:
    voice = way_in.voice()
    for _ in range(10):
        await way_in.intake.on_message(voice.topic(Channel.EVENT), voice.sealed(voice.event(), Channel.EVENT))
    await way_in.scene.clock.advance(1)
    assert way_in.facts() == list(range(1, 11))
    assert way_in.acks() == [10]


async def test_a_new_boot_starts_again_at_one_and_the_old_boot_can_still_be_finished(way_in: Inward) -> None:
    voice = way_in.voice()
    old_boot = voice.boot_id
    for _ in range(2):
        await way_in.comes(voice.sealed(voice.event(), Channel.EVENT), Channel.EVENT)
    late = voice.sealed(voice.event(), Channel.EVENT)
    voice.boot_id = UUID(int=2)
    await way_in.comes(voice.sealed(voice.event(counter=1), Channel.EVENT), Channel.EVENT)
    await way_in.comes(late, Channel.EVENT)
    boots = way_in.scene.desk.state.agents["cov-1"].boots
    assert dict(boots) == {old_boot: 3, UUID(int=2): 1}


async def test_an_agent_whose_older_events_were_acknowledged_long_ago_is_taken_on(way_in: Inward) -> None:
    voice = way_in.voice()
    event = voice.event(counter=57, oldest_unacknowledged=57)
    await way_in.comes(voice.sealed(event, Channel.EVENT), Channel.EVENT)
    assert (way_in.facts(), way_in.acks()) == ([57], [57])


async def test_a_flood_of_events_is_bounded_and_the_rest_is_resent(way_in: Inward) -> None:
    voice = way_in.voice()
    events = [voice.sealed(voice.event(), Channel.EVENT) for _ in range(MAX_EVENTS + 20)]
    for event in events:
        await way_in.intake.on_message(voice.topic(Channel.EVENT), event)
    await way_in.settle()
    assert way_in.counters["events_dropped"] == 20
    assert way_in.facts() == list(range(1, MAX_EVENTS + 1))
    for event in events[MAX_EVENTS:]:
        await way_in.comes(event, Channel.EVENT)
    assert way_in.facts() == list(range(1, MAX_EVENTS + 21))


async def test_without_a_broker_nothing_is_lost_but_the_acknowledgement(way_in: Inward) -> None:
    voice = way_in.voice()
    event = voice.sealed(voice.event(), Channel.EVENT)
    way_in.session.up = False
    await way_in.comes(event, Channel.EVENT)
    assert (way_in.facts(), way_in.acks()) == ([1], [])
    assert way_in.counters["acks_lost"] == 1
    way_in.session.up = True
    await way_in.comes(event, Channel.EVENT)
    assert (way_in.facts(), way_in.acks()) == ([1], [1])


async def test_one_docks_slow_journal_does_not_hold_another_docks_status(way_in: Inward) -> None:
    slow, other = way_in.voice("cov-1"), way_in.voice("cov-2")
    way_in.session.stuck = asyncio.Event()  # its acknowledgement hangs in the broker
    await way_in.comes(slow.sealed(slow.event(), Channel.EVENT), Channel.EVENT, "cov-1")
    status = other.status(state=DockState.FAULT)
    await way_in.comes(other.sealed(status, Channel.STATUS), Channel.STATUS, "cov-2")
    report = way_in.report("cov-2")
    assert report is not None
    assert report.state is DockState.FAULT


# --- what cannot be trusted or read ---


@pytest.mark.parametrize(
    "payload", [b"", b"\xff\xfe", b"{}", b"[]", b"null", b'{"v":1}', b"x" * (MAX_ENVELOPE_BYTES + 1), b"[" * 5000]
)
@pytest.mark.parametrize("channel", [Channel.EVENT, Channel.STATUS, Channel.TELEMETRY, Channel.WILL])
async def test_an_unreadable_payload_is_counted_and_changes_nothing(
    way_in: Inward, payload: bytes, channel: Channel
) -> None:
    before = len(way_in.scene.log.records)
    await way_in.comes(payload, channel)
    assert way_in.counters["malformed"] == 1
    assert len(way_in.scene.log.records) == before


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 2000), by=st.integers(1, 255))
async def test_a_flipped_byte_of_a_signed_event_never_changes_what_gets_in(position: int, by: int) -> None:
    async with inward() as way_in:
        voice = way_in.voice()
        good = voice.sealed(voice.event(), Channel.EVENT)
        index = position % len(good)
        bad = good[:index] + bytes([good[index] ^ by]) + good[index + 1 :]
        await way_in.comes(bad, Channel.EVENT)
        if way_in.facts():
            # The signature covers what is said, not its spelling: a UUID in capitals is the same UUID.
            assert Envelope.model_validate_json(bad) == Envelope.model_validate_json(good)


async def test_another_kind_of_message_on_a_channel_is_counted(way_in: Inward) -> None:
    voice = way_in.voice()
    await way_in.comes(voice.sealed(voice.status(), Channel.EVENT), Channel.EVENT)
    assert way_in.counters["malformed"] == 1


async def test_a_forged_signature_is_counted_reported_once_and_changes_nothing_else(way_in: Inward) -> None:
    voice = way_in.voice()
    forger = SigningKey.generate("key-cov-1")
    for _ in range(3):
        await way_in.comes(voice.sealed(voice.event(), Channel.EVENT, key=forger), Channel.EVENT)
    assert way_in.counters["bad_signature"] == 3
    assert way_in.facts() == []
    assert way_in.scene.log.types().count("StrangerSeen") == 1
    assert "signature" in way_in.scene.desk.state.strangers["cov-1"].because


async def test_one_docks_key_does_not_speak_for_another(way_in: Inward) -> None:
    voice = way_in.voice("cov-1")
    sealed = voice.sealed(voice.event(), Channel.EVENT, key=way_in.keys.of["cov-2"])
    await way_in.comes(sealed, Channel.EVENT)
    assert way_in.counters["unknown_key"] == 1
    assert "may not speak as 'cov-1'" in way_in.scene.desk.state.strangers["cov-1"].because


async def test_an_envelope_on_another_docks_topic_is_refused(way_in: Inward) -> None:
    voice = way_in.voice("cov-1")
    await way_in.comes(voice.sealed(voice.event(), Channel.EVENT), Channel.EVENT, "cov-2")
    assert way_in.counters["wrong_addressee"] == 1


async def test_a_dock_that_is_not_in_the_fleet_file_is_a_stranger_once(way_in: Inward) -> None:
    for _ in range(3):
        await way_in.intake.on_message(str(Topic(FORCE, "cov-9", Channel.STATUS)), b"{}")
    await way_in.scene.clock.advance(0)
    assert way_in.counters["unknown_dock"] == 3
    assert way_in.scene.log.types().count("StrangerSeen") == 1
    assert way_in.scene.desk.state.strangers["cov-9"].because == "not in the fleet file"


async def test_made_up_names_cannot_fill_the_journal(way_in: Inward) -> None:
    for number in range(MAX_NAMES + 50):
        await way_in.intake.on_message(str(Topic(FORCE, f"made-up-{number}", Channel.STATUS)), b"{}")
        await way_in.scene.clock.advance(0)
    assert way_in.scene.log.types().count("StrangerSeen") == MAX_NAMES
    assert way_in.counters["strangers"] == MAX_NAMES + 50


@pytest.mark.parametrize(
    "topic", ["", "kestrel/v1/test/cov-1", "kestrel/v1/other/cov-1/event", "kestrel/v2/test/cov-1/event", "$SYS/x"]
)
async def test_a_topic_that_is_not_ours_is_counted(way_in: Inward, topic: str) -> None:
    await way_in.intake.on_message(topic, b"{}")
    assert way_in.counters["wrong_topic"] == 1


async def test_a_channel_on_which_only_the_dispatcher_speaks_is_not_listened_to(way_in: Inward) -> None:
    voice = way_in.voice()
    ack = voice.sealed(EventAck(boot_id=uuid4(), counter=1), Channel.ACK)
    await way_in.comes(ack, Channel.ACK)
    assert way_in.counters["wrong_topic"] == 1


async def test_another_deployment_is_refused_and_shown(way_in: Inward) -> None:
    voice = way_in.voice()
    voice.deployment = Deployment.LIVE
    await way_in.comes(voice.sealed(voice.event(), Channel.EVENT), Channel.EVENT)
    await way_in.comes(voice.sealed(voice.status(), Channel.STATUS), Channel.STATUS)
    assert way_in.counters["wrong_addressee"] == 2
    assert way_in.facts() == []
    assert "live" in way_in.scene.desk.state.strangers["cov-1"].because


# --- status, telemetry, silence ---


async def test_an_older_status_that_the_broker_kept_is_ignored(way_in: Inward) -> None:
    voice = way_in.voice()
    old = voice.sealed(voice.status(state=DockState.FAULT), Channel.STATUS)
    await way_in.scene.clock.advance(1)
    await way_in.comes(voice.sealed(voice.status(state=DockState.CHARGING), Channel.STATUS), Channel.STATUS)
    await way_in.comes(old, Channel.STATUS)
    report = way_in.report("cov-1")
    assert report is not None
    assert report.state is DockState.CHARGING
    assert way_in.counters["status_outdated"] == 1


async def test_a_status_of_an_earlier_boot_is_ignored_and_of_a_later_boot_is_taken(way_in: Inward) -> None:
    voice = way_in.voice()
    old = voice.sealed(voice.status(state=DockState.FAULT, boot_id=UUID(int=1), counter=900), Channel.STATUS)
    await way_in.scene.clock.advance(1)
    new = voice.sealed(voice.status(state=DockState.CHARGING, boot_id=UUID(int=2), counter=1), Channel.STATUS)
    for status in (new, old):
        await way_in.comes(status, Channel.STATUS)
    report = way_in.report("cov-1")
    assert report is not None
    assert report.state is DockState.CHARGING


async def test_of_many_statuses_at_once_only_the_newest_is_taken(way_in: Inward) -> None:
    voice = way_in.voice()
    for state in (DockState.FAULT, DockState.EMPTY, DockState.CHARGING):
        sealed = voice.sealed(voice.status(state=state), Channel.STATUS)
        await way_in.intake.on_message(voice.topic(Channel.STATUS), sealed)
    await way_in.scene.clock.advance(0)
    assert way_in.counters["status_taken"] == 1
    report = way_in.report("cov-1")
    assert report is not None
    assert report.state is DockState.CHARGING


async def test_telemetry_fills_the_slot_and_older_samples_do_not(way_in: Inward) -> None:
    voice = way_in.voice()
    old, new = voice.telemetry(alt_amsl_m=100.0), voice.telemetry(alt_amsl_m=120.0)
    await way_in.comes(voice.sealed(new, Channel.TELEMETRY), Channel.TELEMETRY)
    await way_in.comes(voice.sealed(old, Channel.TELEMETRY), Channel.TELEMETRY)
    assert way_in.slots.latest()["cov-1"] == new
    assert way_in.slots.changes == 1
    assert "AgentReported" not in way_in.scene.log.types()


async def test_telemetry_past_its_expiry_is_not_shown_as_new(way_in: Inward) -> None:
    voice = way_in.voice()
    sealed = voice.sealed(
        voice.telemetry(), Channel.TELEMETRY, expires_at=way_in.scene.clock.mission_now() + timedelta(seconds=5)
    )
    await way_in.scene.clock.advance(6)
    await way_in.comes(sealed, Channel.TELEMETRY)
    assert way_in.counters["expired"] == 1
    assert way_in.slots.changes == 0


async def speak(way_in: Inward, dock_id: str = "cov-1") -> None:
    voice = way_in.voice(dock_id)
    await way_in.comes(voice.sealed(voice.status(), Channel.STATUS), Channel.STATUS, dock_id)


async def test_a_dock_is_silent_after_three_missed_heartbeats_and_heard_again_at_the_next(way_in: Inward) -> None:
    for _ in range(5):
        await speak(way_in)
        await way_in.scene.clock.advance(2)
    assert not way_in.silent("cov-1")
    await way_in.scene.clock.advance(3.9)
    assert not way_in.silent("cov-1")
    await way_in.scene.clock.advance(1)
    assert way_in.silent("cov-1")
    await way_in.scene.clock.advance(60)
    silences = [r.event for r in way_in.scene.log.records if r.type == "DockSilent" and r.stream == "dock/cov-1"]
    assert len(silences) == 1
    await speak(way_in)
    assert not way_in.silent("cov-1")


async def test_a_dock_that_never_speaks_is_reported_silent() -> None:
    async with inward() as way_in:
        # The journal of an earlier life says that they were there.
        assert not way_in.silent("cov-3")
        await way_in.scene.clock.advance(7)
        assert way_in.silent("cov-3")


async def test_a_status_that_the_broker_kept_for_an_hour_is_no_sign_of_life() -> None:
    async with inward(ready=False) as way_in:
        voice = way_in.voice()
        kept = voice.sealed(voice.status(), Channel.STATUS, expires_at=way_in.scene.now_plus(9000))
        await way_in.scene.clock.advance(3600)
        await way_in.comes(kept, Channel.STATUS)
        assert way_in.counters["status_kept"] == 1
        assert way_in.silent()
        assert way_in.report() is None


async def test_an_agent_whose_clock_is_off_is_heard_by_its_counting() -> None:
    async with inward(ready=False) as way_in:
        voice = way_in.voice()
        wrong = way_in.scene.now_plus(-900)
        await way_in.comes(voice.sealed(voice.status(wall_time=wrong), Channel.STATUS), Channel.STATUS)
        assert way_in.silent()
        await way_in.comes(voice.sealed(voice.status(wall_time=wrong), Channel.STATUS), Channel.STATUS)
        assert not way_in.silent()


async def test_a_will_shortens_the_wait_and_a_heartbeat_takes_it_back(way_in: Inward) -> None:
    await speak(way_in)
    await way_in.scene.clock.advance(2)
    voice = way_in.voice()
    await way_in.comes(voice.sealed(AgentWill(boot_id=voice.boot_id), Channel.WILL), Channel.WILL)
    await way_in.scene.clock.advance(1.6)
    assert way_in.silent("cov-1")
    await speak(way_in)
    assert not way_in.silent("cov-1")
    await way_in.scene.clock.advance(5)
    assert not way_in.silent("cov-1")


async def test_a_will_of_an_earlier_boot_says_nothing(way_in: Inward) -> None:
    await speak(way_in)
    await way_in.scene.clock.advance(2)
    voice = way_in.voice()
    await way_in.comes(voice.sealed(AgentWill(boot_id=UUID(int=99)), Channel.WILL), Channel.WILL)
    await way_in.scene.clock.advance(2.5)
    assert not way_in.silent("cov-1")


async def test_a_dock_that_booted_again_with_its_clock_put_back_is_heard(way_in: Inward) -> None:
    voice, now = way_in.voice(), way_in.scene.clock.mission_now()
    ahead = now + timedelta(hours=1)
    before = voice.status(boot_id=UUID(int=1), counter=900, mission_time=ahead, wall_time=ahead)
    kept = voice.status(boot_id=UUID(int=3), counter=9, mission_time=now, wall_time=now - timedelta(hours=1))
    after = voice.status(state=DockState.FAULT, boot_id=UUID(int=2), counter=1, mission_time=now, wall_time=now)
    for status in (before, kept, after, before):
        await way_in.comes(voice.sealed(status, Channel.STATUS), Channel.STATUS)
    assert not way_in.silent("cov-1")
    assert way_in.counters["status_taken"] == 2, "that of the clock ahead, and the present one"
    assert way_in.counters["status_outdated"] == 2, "the one that the broker kept, and that of the boot that is over"


async def test_a_silence_that_could_not_be_journalled_is_reported_again(way_in: Inward) -> None:
    await speak(way_in)
    way_in.scene.log.failure = OSError("disk full")
    await way_in.scene.clock.advance(8)
    assert not way_in.silent("cov-1")
    way_in.scene.log.failure = None
    await way_in.scene.clock.advance(1)
    assert way_in.silent("cov-1")


async def test_a_stranger_that_could_not_be_journalled_is_reported_at_its_next_word(way_in: Inward) -> None:
    for failure in (OSError("disk full"), None):
        way_in.scene.log.failure = failure
        await way_in.intake.on_message(str(Topic(FORCE, "cov-9", Channel.STATUS)), b"{}")
        await way_in.scene.clock.advance(0)
    assert "cov-9" in way_in.scene.desk.state.strangers


async def test_a_lost_writer_is_passed_on_by_who_tells_of_silence_and_of_strangers(way_in: Inward) -> None:
    way_in.scene.log.failure = WriterLost("another writer")
    strangers = Strangers(desk=way_in.scene.desk, counters=way_in.counters)
    strangers.notice("cov-9", "not in the fleet file")
    with pytest.raises(WriterLost):
        await strangers.run()
    watch = SilenceWatch(desk=way_in.scene.desk, docks=["cov-1"], limit_s=-1.0, clock=way_in.scene.clock)
    with pytest.raises(WriterLost):
        await watch.check()
