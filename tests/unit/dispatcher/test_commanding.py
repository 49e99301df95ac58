"""Commands at the desk: what is in the journal is all there is, and what follows from it after a restart."""

from __future__ import annotations

from uuid import UUID

import pytest

from contracts.orders import SafetyAction
from contracts.position import Place
from contracts.reports import AlarmChanged, CommandSettled, OrderAccepted, PayloadChanged
from contracts.tasks import Goto, Nudge, Record, Resume, Zoom
from contracts.vocabulary import AlarmKind, Avoidance, Deployment, DockState, Outcome, Phase, RecordingFrom
from dispatcher import errors
from dispatcher.entities import Flight, OrderState, State
from dispatcher.events import ReadBack
from dispatcher.link.outgoing import outgoing_of
from dispatcher.policy import FlyingPolicy
from dispatcher.state import apply
from tests.desks import Scene

GOTO = Goto(place=Place(lat_deg=52.411, lon_deg=-1.511))
OUT = (Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)


def _now(scene: Scene, flight: Flight) -> Flight:
    return scene.desk.state.flights[flight.id]


def _replayed(scene: Scene) -> State:
    state = State()
    for recorded in scene.log.records:
        state = apply(state, recorded)
    return state


def _strangers(scene: Scene) -> tuple[str | None, str | None]:
    """Where the aircraft of cov-1 stands, and whose stands in cov-2."""
    docks = scene.desk.state.docks
    return docks["cov-1"].away_in, docks["cov-2"].guest_of


async def _in_the_air(scene: Scene, *phases: Phase, key: str = "press-1") -> Flight:
    flight = await scene.press(await scene.incident(), key=key)
    await scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
    await scene.fly(flight, *(phases or OUT))
    return _now(scene, flight)


def _seen(scene: Scene, flight: Flight) -> None:
    scene.seen(flight, 52.409, -1.515, ground_speed_m_s=10)


async def test_all_that_was_commanded_handed_over_and_diverted_is_the_same_after_a_replay() -> None:
    scene = await Scene.open(pilots=2)
    desk = scene.desk
    flight = await _in_the_air(scene)
    pilot, other = flight.pilot, next(each for each in ("pilot-1", "pilot-2") if each != flight.pilot)
    goto = await desk.give_task(pilot, flight.id, GOTO, "look", "k")
    await scene.says(
        flight.dock_id, CommandSettled(order_id=goto.order_id, flight_id=flight.id, outcome=Outcome.CONFIRMED)
    )
    await desk.command_flight("controller-1", flight.id, SafetyAction.HOLD, "wait", None)
    await desk.nudge(pilot, flight.id, Nudge(forward=1), "by hand")
    await scene.clock.advance(2)
    await desk.end_nudges()
    await desk.lend_payload(pilot, flight.id, "officer-1")
    await desk.give_task("officer-1", flight.id, Zoom(level=1), "nearer", None)
    await scene.says(flight.dock_id, PayloadChanged(flight_id=flight.id, what="zoom", value="1.0"))
    await desk.offer_flight(pilot, flight.id, other, "break")
    await desk.take_flight(other, flight.id, ReadBack(callsign=flight.callsign, phase=Phase.EN_ROUTE))
    await desk.give_task(other, flight.id, Resume(), "go on", None)
    await scene.says(flight.dock_id, AlarmChanged(alarm=AlarmKind.CHARGER, active=True, text="dead"))
    await desk.raise_blocker(other, "cov-3", "a bird")
    await scene.status("cov-2", state=DockState.EMPTY, aircraft_seated=False)
    _seen(scene, flight)
    await scene.says(flight.dock_id, AlarmChanged(flight_id=flight.id, alarm=AlarmKind.LID, active=True, text="shut"))
    diversion = _now(scene, flight).diversion
    assert diversion is not None
    await scene.says(
        "cov-2",
        CommandSettled(order_id=diversion.receive.order_id, flight_id=flight.id, outcome=Outcome.CONFIRMED),
    )
    await desk.heartbeat(other)
    await scene.clock.advance(30)
    await desk.look_after_pilots()
    await scene.clock.advance(30)
    await desk.look_after_pilots()

    now = _now(scene, flight)
    assert (now.pilot, now.payload_with, now.payload["zoom"]) == (other, "officer-1", "1.0")
    assert [command.action for command in now.commands] == ["goto", "hold", "nudge", "zoom", "resume", "divert"]
    assert now.commands[-1].task is not None
    assert desk.state.pilots[other].silent_since is not None
    replayed = _replayed(scene)
    assert replayed == desk.state
    assert outgoing_of(replayed.flights[flight.id], Deployment.SIMULATION) == outgoing_of(now, Deployment.SIMULATION)


async def test_what_follows_names_its_cause() -> None:
    scene = await Scene.open()
    flight = await _in_the_air(scene)
    await scene.status("cov-2", state=DockState.EMPTY, aircraft_seated=False)
    _seen(scene, flight)
    await scene.desk.divert("pilot-1", flight.id, "cov-2", "wet", None)
    began = scene.log.records[-1]
    diversion = _now(scene, flight).diversion
    assert diversion is not None
    await scene.says(
        "cov-2",
        CommandSettled(order_id=diversion.receive.order_id, flight_id=flight.id, outcome=Outcome.CONFIRMED),
    )
    answered, told = scene.log.records[-2:]
    assert (answered.type, answered.stream, answered.causation_id) == ("AgentReported", "dock/cov-2", began.id)
    assert (told.type, told.stream, told.causation_id) == ("TaskGiven", f"flight/{flight.id}", began.id)


async def test_an_order_carries_the_policy_of_the_force() -> None:
    flying = FlyingPolicy(
        avoidance=Avoidance.RETURN,
        avoidance_alt_above_home_m=25.0,
        recording_from=RecordingFrom.LAUNCH,
        link_loss_return_s=20.0,
    )
    scene = await Scene.open(flying=flying)
    order = (await scene.press(await scene.incident())).order
    assert (order.avoidance, order.avoidance_alt_above_home_m) == (Avoidance.RETURN, 25.0)
    assert (order.recording_from, order.link_loss_return_s) == (RecordingFrom.LAUNCH, 20.0)


async def test_a_recording_at_another_moment_than_the_policys_names_who_and_why() -> None:
    scene = await Scene.open()
    flight = await _in_the_air(scene)
    await scene.desk.give_task("pilot-1", flight.id, Record(on=True), "a witness waves", None)
    given = scene.log.records[-1]
    assert (given.type, given.actor) == ("TaskGiven", "pilot-1")
    assert given.event.model_dump()["because"] == "a witness waves"


async def test_a_hold_of_a_flight_that_waits_for_its_pilot_cancels_it() -> None:
    scene = await Scene.open()
    await scene.desk.sign_on("pilot-1", "ask", 4)
    flight = await scene.press(await scene.incident())
    assert flight.order_state is OrderState.WAITING_FOR_PILOT
    await scene.desk.command_flight("controller-1", flight.id, SafetyAction.HOLD, "not yet", None)
    assert _now(scene, flight).phase is Phase.CANCELLED
    assert scene.desk.state.pilots["pilot-1"].notices[-1].by == "controller-1"


async def test_who_takes_a_flight_over_before_it_was_accepted_accepts_it() -> None:
    scene = await Scene.open(pilots=2)
    for pilot in ("pilot-1", "pilot-2"):
        await scene.desk.sign_on(pilot, "ask", 4)
    flight = await scene.press(await scene.incident())
    taker = "pilot-2" if flight.pilot == "pilot-1" else "pilot-1"
    await scene.desk.offer_flight(flight.pilot, flight.id, taker, "break")
    await scene.desk.take_flight(taker, flight.id, ReadBack(callsign=flight.callsign, phase=Phase.ORDERED))
    with pytest.raises(errors.Forbidden):
        await scene.desk.accept_flight(flight.pilot, flight.id)
    accepted = await scene.desk.accept_flight(taker, flight.id)
    assert (accepted.pilot, accepted.order.pilot) == (taker, taker)


async def test_what_a_flights_end_leaves_unanswered_is_unknown() -> None:
    scene = await Scene.open()
    flight = await _in_the_air(scene)
    await scene.desk.give_task("pilot-1", flight.id, GOTO, "look", None)
    await scene.fly(flight, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
    command = _now(scene, flight).commands[0]
    assert (command.outcome, command.detail) == (Outcome.UNKNOWN, "the flight ended before it was answered")
    assert not outgoing_of(_now(scene, flight), Deployment.SIMULATION)


async def test_a_refused_manoeuvre_puts_no_flight_into_anybodys_hand() -> None:
    scene = await Scene.open()
    flight = await _in_the_air(scene)
    command = await scene.desk.give_task("pilot-1", flight.id, GOTO, "look", None)
    assert _now(scene, flight).in_hand
    await scene.says(
        flight.dock_id, CommandSettled(order_id=command.order_id, flight_id=flight.id, outcome=Outcome.REFUSED)
    )
    assert not _now(scene, flight).in_hand


async def test_a_flight_that_turned_home_by_itself_is_in_nobodys_hand() -> None:
    scene = await Scene.open()
    flight = await _in_the_air(scene, *OUT, Phase.ON_SCENE)
    await scene.desk.give_task("pilot-1", flight.id, GOTO, "look", None)
    assert _now(scene, flight).in_hand
    await scene.fly(flight, Phase.RETURNING)
    assert not _now(scene, flight).in_hand
    await scene.clock.advance(1)
    await scene.desk.command_flight("pilot-1", flight.id, SafetyAction.HOLD, "wait", None)
    assert _now(scene, flight).in_hand


async def test_a_flight_flown_by_hand_is_not_handed_to_somebody_who_flies_one() -> None:
    scene = await Scene.open(pilots=2)
    one = await _in_the_air(scene)
    await scene.all_report()
    two = await _in_the_air(scene, key="two")
    assert {one.pilot, two.pilot} == {"pilot-1", "pilot-2"}
    for flight in (one, two):
        _seen(scene, flight)
        await scene.desk.give_task(flight.pilot, flight.id, GOTO, "look", None)
    await scene.desk.offer_flight(one.pilot, one.id, two.pilot, "break")
    read_back = ReadBack(callsign=one.callsign, phase=Phase.EN_ROUTE)
    with pytest.raises(errors.Conflict, match="by hand"):
        await scene.desk.take_flight(two.pilot, one.id, read_back)
    await scene.desk.give_task(two.pilot, two.id, Resume(), "go on", None)
    assert (await scene.desk.take_flight(two.pilot, one.id, read_back)).pilot == two.pilot


async def test_a_flight_dispatched_while_its_pilot_falls_silent_is_offered_too() -> None:
    scene = await Scene.open(pilots=2)
    await scene.desk.heartbeat("pilot-1")
    one = await _in_the_air(scene)
    assert one.pilot == "pilot-1"
    await scene.clock.advance(11)
    await scene.desk.look_after_pilots()
    await scene.all_report()
    other = await _in_the_air(scene, key="two")
    assert other.pilot == "pilot-2", "who is silent is sent nothing"
    await scene.desk.offer_flight("pilot-2", other.id, None, "break")
    events_before = len(scene.log.records)
    await scene.desk.look_after_pilots()
    assert len(scene.log.records) == events_before, "what is known is not said again"


async def test_a_flight_carried_back_to_its_dock_frees_both_plates() -> None:
    scene = await Scene.open()
    flight = await _in_the_air(scene)
    state = scene.desk.state
    docks = state.docks
    away = {"cov-1": {"away_in": "cov-2"}, "cov-2": {"guest_of": "cov-1"}}
    for dock_id, change in away.items():
        docks = docks.set(dock_id, type(docks[dock_id])(**{**vars(docks[dock_id]), **change}))
    scene.desk.state = type(state)(**{**vars(state), "docks": docks})
    await scene.fly(flight, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
    await scene.status("cov-1", state=DockState.EMPTY, aircraft_seated=False)
    assert _strangers(scene) == ("cov-2", "cov-1")
    await scene.status("cov-1")
    assert _strangers(scene) == (None, None)


async def test_nobody_is_told_to_do_what_an_unknown_flight_should() -> None:
    scene = await Scene.open()
    with pytest.raises(errors.NotFound):
        await scene.desk.give_task("pilot-1", UUID(int=9), GOTO, "look", None)
    with pytest.raises(errors.NotFound):
        await scene.desk.nudge("pilot-1", UUID(int=9), Nudge(), "look")
