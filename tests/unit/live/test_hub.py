"""The hub: what viewers see is the fold of the journal, each thing encoded once, shared by all who stand at one."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.orders import SafetyAction
from contracts.reports import AlarmChanged, CommandSettled, ConditionChanged, OrderAccepted, TrackPoint, TrackRecorded
from contracts.tasks import Resume
from contracts.vocabulary import AlarmKind, Condition, DockState, Outcome, Phase
from dispatcher import presentation
from dispatcher.causes import causes_of
from dispatcher.entities import Flight
from dispatcher.events import DockWithdrawn, ReadBack
from dispatcher.live.ledger import Key
from dispatcher.live.touched import CAUSE, DOCK, FLIGHT, INCIDENT, PILOT, touched
from dispatcher.presentation import View
from dispatcher.requests import IncidentAmendment
from dispatcher.state import State, apply
from tests.unit.live.viewing import KEEP_ENDED_S, Gallery, Json, open_gallery

FLIGHT_PHASES = (
    Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING, Phase.DOCKED,
)  # fmt: skip


async def _busy_day(gallery: Gallery) -> None:
    """Two flights, an amendment, a merge, a return, conditions, a silent dock, a decline."""
    scene = gallery.scene
    await scene.all_report()
    first = await scene.incident()
    flight = await scene.press(first, key="one")
    await scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
    await scene.fly(flight, *FLIGHT_PHASES[:3])
    await scene.desk.amend_incident(
        "controller-1", first.id, IncidentAmendment(place=first.place.model_copy(update={"lat_deg": 52.415}))
    )
    await scene.all_report()
    second = await scene.incident(52.431, -1.491)
    other = await scene.press(second, key="two")
    await scene.fly(other, *FLIGHT_PHASES[:2])
    await scene.desk.merge_incident("controller-1", second.id, first.id)
    command = await scene.desk.command_flight("pilot-1", other.id, SafetyAction.RETURN, "merged", None)
    await scene.says(
        other.dock_id, CommandSettled(order_id=command.order_id, flight_id=other.id, outcome=Outcome.CONFIRMED)
    )
    await scene.says(flight.dock_id, ConditionChanged(flight_id=flight.id, condition=Condition.LINK_LOST, active=True))
    point = TrackPoint(
        t=scene.clock.mission_now(), lat_deg=52.41, lon_deg=-1.51, alt_amsl_m=150.0, alt_above_home_m=60.0
    )
    await scene.says(flight.dock_id, TrackRecorded(flight_id=flight.id, points=[point]))
    gallery.scene.seen(flight, 52.4085, -1.5148)
    await _by_hand(gallery, flight)
    await scene.desk.dock_silent("cov-3", 9.0)
    await scene.fly(flight, *FLIGHT_PHASES[3:])
    third = await scene.incident(52.3851, -1.5601)
    await scene.desk.decline_incident("controller-1", third.id, "indoors")
    await scene.status("cov-2", state=DockState.FAULT)


async def _by_hand(gallery: Gallery, flight: Flight) -> None:
    """Held by somebody else, handed over, its camera lent, alarmed, diverted in vain; somebody over a dock."""
    scene, desk = gallery.scene, gallery.scene.desk
    await desk.command_flight("controller-1", flight.id, SafetyAction.HOLD, "wait", None)
    await desk.sign_on("pilot-2", "ask", 2, console=True)
    await desk.offer_flight("pilot-1", flight.id, "pilot-2", "break")
    await desk.take_flight("pilot-2", flight.id, ReadBack(callsign=flight.callsign, phase=FLIGHT_PHASES[2]))
    await desk.lend_payload("pilot-2", flight.id, "officer-1")
    await desk.give_task("pilot-2", flight.id, Resume(), "go on", None)
    await scene.says(flight.dock_id, AlarmChanged(flight_id=flight.id, alarm=AlarmKind.ENERGY, active=True, text="low"))
    await scene.says("cov-3", AlarmChanged(alarm=AlarmKind.CHARGER, active=True, text="dead"))
    await desk.acknowledge_alarm("controller-1", next(iter(desk.state.open_alarms)))
    await scene.status("cov-3", state=DockState.EMPTY, aircraft_seated=False)
    seen = gallery.sampled(flight.dock_id, flight_id=flight.id, armed=True, in_air=True, alt_above_home_m=60.0)
    scene.slots.put(flight.dock_id, seen)
    await desk.divert("pilot-2", flight.id, "cov-3", "wet", None)
    diversion = desk.state.flights[flight.id].diversion
    assert diversion is not None
    await scene.says(
        "cov-3", CommandSettled(order_id=diversion.receive.order_id, flight_id=flight.id, outcome=Outcome.REFUSED)
    )
    await desk.raise_blocker("pilot-2", "cov-2", "a bird")
    await scene.clock.advance(12)
    await desk.look_after_pilots()
    await scene.clock.advance(12)
    await desk.look_after_pilots()
    assert desk.state.pilots["pilot-2"].silent_since is not None


def _everything(state: State, view: View) -> dict[tuple[str, str], Json]:
    """What a viewer ought to know, straight from the state."""
    shown: dict[tuple[str, str], Json] = {}
    for incident in state.incidents.values():
        shown[INCIDENT, str(incident.id)] = presentation.incident(incident, view)
    for flight in state.flights.values():
        shown[FLIGHT, str(flight.id)] = presentation.flight(flight, view)
    if view is View.CONTROL:
        for dock in state.docks.values():
            active = None if dock.active_flight_id is None else state.flights[dock.active_flight_id].phase.value
            shown[DOCK, dock.dock.id] = presentation.dock(dock, phase=active)
        for pilot in state.pilots.values():
            shown[PILOT, pilot.id] = presentation.pilot(pilot, state)
        for cause in causes_of(state):
            shown[CAUSE, str(cause.id)] = presentation.cause(cause)
    return shown


@pytest.mark.parametrize(("role", "view"), [("supervisor", View.CONTROL), ("officer", View.FIELD)])
async def test_who_watches_and_who_comes_later_and_who_resumes_know_the_same(role: str, view: View) -> None:
    async with open_gallery() as gallery:
        watching = await gallery.viewer(role)
        away = await gallery.viewer(role)
        away.leave()
        await gallery.tick()
        await _busy_day(gallery)
        await gallery.tick(2)
        late = await gallery.viewer(role)
        back = await gallery.viewer(role, earlier=away)
        await gallery.tick(2)
        expected = _everything(gallery.scene.desk.state, view)
        assert watching.entities == expected
        assert late.entities == expected
        assert back.entities == expected
        assert back.types()[:2] == ["resumed", "changes"]
        assert "snapshot" not in back.types()
        assert watching.seq == late.seq == back.seq == gallery.hub.seq


def _kinds(*kinds: tuple[str, Any, Any]) -> tuple[tuple[str, Any, Any], ...]:
    return kinds


async def test_the_named_entities_of_an_event_are_all_that_it_changed() -> None:
    async with open_gallery() as gallery:
        await _busy_day(gallery)
        state = State()
        for recorded in gallery.scene.log.records:
            after = apply(state, recorded)
            named = set(touched(after, recorded.event))
            changed = {
                Key(kind, str(entity_id))
                for kind, was, is_now in _kinds(
                    (INCIDENT, state.incidents, after.incidents),
                    (FLIGHT, state.flights, after.flights),
                    (DOCK, state.docks, after.docks),
                    (PILOT, state.pilots, after.pilots),
                )
                for entity_id in (set(was) | set(is_now))
                if was.get(entity_id) is not is_now.get(entity_id)
            }
            # A dock shows the phase of its flight.
            changed |= {
                Key(DOCK, after.flights[f].dock_id)
                for f in after.flights
                if after.flights[f] is not state.flights.get(f)
            }
            assert changed <= named, recorded.type
            state = after


async def test_a_hub_that_begins_with_nothing_reads_the_journal_to_the_same_end(gallery: Gallery) -> None:
    async with open_gallery(state=State()) as other:
        await _busy_day(other)
        await other.tick(2)
        seat = await other.viewer()
        assert seat.entities == _everything(other.scene.desk.state, View.CONTROL)
        assert seat.frames[0]["deployment"] == "simulation"


async def test_seq_counts_every_change_and_each_entity_keeps_its_last(gallery: Gallery) -> None:
    seat = await gallery.viewer()
    first = seat.frames[0]
    assert sorted(entity["seq"] for entity in first["entities"]) == list(range(1, first["seq"] + 1))
    await gallery.scene.status("cov-1", state=DockState.FAULT)
    await gallery.scene.status("cov-2", state=DockState.FAULT)
    await gallery.tick()
    changes = seat.frames[-1]
    assert [entity["seq"] for entity in changes["changed"]] == [first["seq"] + 1, first["seq"] + 2]
    assert changes["seq"] == first["seq"] + 2


async def test_many_changes_within_a_tick_are_one_frame_with_the_latest_value(gallery: Gallery) -> None:
    seat = await gallery.viewer()
    frames = len(seat.frames)
    for number in range(30):
        gallery.sample("cov-1", armed=True, in_air=True, alt_above_home_m=float(number))
    await gallery.tick()
    assert len(seat.frames) == frames + 1
    assert [entity["data"]["alt_above_home_m"] for entity in seat.frames[-1]["changed"]] == [29.0]


async def test_two_hundred_viewers_share_one_text_and_each_entity_is_encoded_once_per_view(gallery: Gallery) -> None:
    seats = [await gallery.viewer("officer" if number % 2 else "pilot") for number in range(200)]
    counts = gallery.hub.counts
    assert len(gallery.hub.audience) == 200
    await gallery.tick(2)
    encoded, assembled = counts.encoded, counts.assembled
    await gallery.scene.incident()
    await gallery.tick()
    assert counts.encoded == encoded + 2, "an incident for each of two views"
    assert counts.assembled == assembled + 2
    for view in (seats[0::2], seats[1::2]):
        assert len({id(seat.texts[-1]) for seat in view}) == 1
        assert view[0].frames[-1]["changed"][0]["kind"] == "incident"


async def test_nothing_is_sent_when_nothing_has_changed_but_that_we_are_here(gallery: Gallery) -> None:
    seat = await gallery.viewer()
    frames = len(seat.frames)
    await gallery.tick(45)
    ticks = seat.frames[frames:]
    assert [frame["type"] for frame in ticks] == ["tick"] * 4
    assert ticks[-1]["mission_time"] > ticks[0]["mission_time"]
    assert ticks[-1]["seq"] == gallery.hub.seq


async def test_an_officer_is_not_woken_for_what_officers_do_not_see(gallery: Gallery) -> None:
    seat = await gallery.viewer("officer")
    frames = len(seat.frames)
    await gallery.scene.status("cov-1", state=DockState.FAULT)
    await gallery.tick()
    assert len(seat.frames) == frames
    assert not seat.of("dock")


@pytest.mark.parametrize("role", ["officer", "controller"])
async def test_another_role_cannot_resume_where_this_one_left_off(gallery: Gallery, role: str) -> None:
    away = await gallery.viewer(role)
    away.leave()
    back = await gallery.viewer("controller" if role == "officer" else "officer", earlier=away)
    assert back.types() == ["snapshot"]


@pytest.mark.parametrize(("epoch", "seq"), [("other-control", 1), (None, 1), ("first-control", 10_000)])
async def test_another_life_of_the_hub_or_the_future_is_answered_with_a_snapshot(
    gallery: Gallery, epoch: str | None, seq: int
) -> None:
    seat = gallery.seat()
    seat.say({"type": "auth", "token": gallery.issuer.token("pilot-1", "pilot"), "epoch": epoch, "seq": seq})
    await gallery.settle()
    assert seat.types() == ["snapshot"]


async def test_what_is_over_leaves_the_live_view_after_a_while_and_leaves_a_tombstone(gallery: Gallery) -> None:
    seat = await gallery.viewer()
    scene = gallery.scene
    incident = await scene.incident()
    flight = await scene.press(incident)
    await scene.fly(flight, *FLIGHT_PHASES)
    await scene.desk.close_incident("controller-1", incident.id, "done")
    still_open = await scene.incident()
    await gallery.tick(2)
    assert set(seat.of("incident")) == {str(incident.id), str(still_open.id)}
    assert set(seat.of("flight")) == {str(flight.id)}
    await scene.clock.advance(KEEP_ENDED_S + 1)
    await gallery.tick()
    assert set(seat.of("incident")) == {str(still_open.id)}
    assert not seat.of("flight")
    removed = [gone for frame in seat.frames for gone in frame.get("removed", ())]
    assert {gone["id"] for gone in removed} == {str(incident.id), str(flight.id)}
    late = await gallery.viewer()
    assert late.entities == seat.entities


async def test_an_aircraft_in_the_air_is_shown_at_each_tick_and_one_at_rest_now_and_then(gallery: Gallery) -> None:
    seat = await gallery.viewer("officer")

    async def frames_in(seconds: float, **changes: Any) -> int:
        before = sum(len(frame.get("changed", ())) for frame in seat.frames)
        for number in range(round(seconds / gallery.hub.tick_s)):
            gallery.sample("cov-1", counter=number + 1, heading_deg=float(number), **changes)
            await gallery.tick()
        return sum(len(frame.get("changed", ())) for frame in seat.frames) - before

    assert await frames_in(6.0, armed=True, in_air=True) == 30
    assert await frames_in(6.0) in (3, 4), "the landing at once, then every two seconds"
    assert seat.of("aircraft")["k1"]["armed"] is False
    await gallery.scene.clock.advance(2.0)
    await gallery.tick()
    assert seat.of("aircraft")["k1"]["heading_deg"] == 29.0, "the last value arrives in the end"


async def test_the_age_of_a_position_can_be_computed_from_what_is_sent(gallery: Gallery) -> None:
    seat = await gallery.viewer("officer")
    gallery.sample("cov-1", armed=True, position_age_s=1.25)
    await gallery.tick()
    shown = seat.of("aircraft")["k1"]
    assert shown["position_age_s"] == 1.25
    assert shown["mission_time"].endswith("Z")
    assert seat.frames[-1]["mission_time"] >= shown["mission_time"]


async def test_the_aircraft_of_a_withdrawn_dock_goes_with_it(gallery: Gallery) -> None:
    seat = await gallery.viewer()
    gallery.sample("cov-3")
    gallery.sample("cov-1")
    await gallery.tick()
    assert set(seat.of("aircraft")) == {"k1", "k3"}
    await gallery.scene.desk.record([DockWithdrawn(dock_id="cov-3")])
    await gallery.tick()
    assert set(seat.of("aircraft")) == {"k1"}
    assert set(seat.of("dock")) == {"cov-1", "cov-2"}


async def test_telemetry_of_something_that_is_not_in_the_fleet_is_not_shown(gallery: Gallery) -> None:
    seat = await gallery.viewer()
    gallery.sample("cov-1")
    stray = gallery.slots.latest()["cov-1"].model_copy(update={"aircraft_id": "stray"})
    gallery.slots.put("cov-9", stray)
    await gallery.tick()
    assert set(seat.of("aircraft")) == {"k1"}
