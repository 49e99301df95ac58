"""Launches that the policy proposes or lets happen by themselves, and what it forbids, at the desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.vocabulary import Deployment, DockState
from dispatcher import events as ev
from dispatcher.entities import Flight, Incident, OrderState, Proposal, ProposalStatus
from dispatcher.errors import AlreadyAnswered, Conflict, DockNotEligible, Forbidden, PolicyForbids
from dispatcher.policy import Launch, stance_of
from dispatcher.policy.file import policy_loaded
from dispatcher.record import SYSTEM
from dispatcher.requests import IncidentAmendment
from dispatcher.security.roles import Role
from dispatcher.state import State, apply
from tests.desks import BOOT, Scene
from tests.policies import document

NIGHT = {"name": "Night", "starts": "22:00", "ends": "06:00", "because": "people sleep"}
INDOORS = {"name": "Indoors", "categories": ["*indoors*"], "because": "nothing to see"}
FAR = {"lat_deg": 52.385, "lon_deg": -1.555}


async def scene_under(pilots: int = 2, accepts: str = "beforehand", **policy: Any) -> Scene:
    """A desk at midnight in January, UTC and London alike, three docks, and a policy."""
    scene = await Scene.open(pilots=pilots)
    if accepts == "ask":
        for number in range(1, pilots + 1):
            await scene.desk.sign_on(f"pilot-{number}", "ask", 4)
    await scene.desk.record([policy_loaded(document(**policy), source="policy.yaml", lines={"no_fly/0": 33})])
    return scene


async def wait(scene: Scene, seconds: float) -> None:
    """Mission time passes and the desk looks each second."""
    for _ in range(round(seconds)):
        await scene.wait(1)
        await scene.desk.look_after_launches()


def now_of(scene: Scene, incident: Incident) -> Incident:
    return scene.desk.state.incidents[incident.id]


def proposal_of(scene: Scene, incident: Incident) -> Proposal:
    """Its latest launch."""
    return next(each for each in reversed(now_of(scene, incident).proposals) if each.kind == "launch")


def flights(scene: Scene) -> list[Flight]:
    return list(scene.desk.state.flights.values())


def assert_replay_is_the_same(scene: Scene) -> None:
    state = State()
    for recorded in scene.log.records:
        state = apply(state, recorded)
    assert state == scene.desk.state


async def test_what_launches_by_itself_is_announced_first_and_launched_when_its_time_is_up() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="1")
    await wait(scene, 1)
    proposal = proposal_of(scene, incident)
    assert proposal.launch is not None
    assert proposal.launch.unanswered == "launched"
    assert proposal.launch.answer_by == proposal.proposed_at + timedelta(seconds=10)
    assert proposal.because.startswith("Immediate: K1 launches by itself unless it is cancelled, ")
    await wait(scene, 9)
    assert flights(scene) == []
    await wait(scene, 2)
    (flight,) = flights(scene)
    assert (flight.dock_id, flight.ordered_by, flight.order_state) == ("cov-1", SYSTEM, OrderState.TO_SEND)
    assert proposal_of(scene, incident).status is ProposalStatus.LAUNCHED
    assert flight.order.purpose == "find out what is happening before anybody arrives"
    assert_replay_is_the_same(scene)


async def test_a_launch_by_itself_waits_for_a_pilot_who_wants_to_be_asked() -> None:
    scene = await scene_under(accepts="ask")
    await scene.incident(grade="1")
    await wait(scene, 13)
    (flight,) = flights(scene)
    assert flight.order_state is OrderState.WAITING_FOR_PILOT
    accepted = await scene.desk.accept_flight(flight.pilot, flight.id)
    assert accepted.order_state is OrderState.TO_SEND


async def test_one_cancel_stops_it_for_good() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="1")
    await wait(scene, 5)
    dismissed = await scene.desk.answer_proposal("pilot-1", proposal_of(scene, incident).id, accepted=False)
    assert dismissed.status is ProposalStatus.DISMISSED
    await wait(scene, 60)
    assert flights(scene) == []
    assert len(now_of(scene, incident).proposals) == 1


async def test_what_asks_is_withdrawn_when_nobody_answers_and_is_not_asked_again() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="2")
    await wait(scene, 29)
    assert proposal_of(scene, incident).status is ProposalStatus.OPEN
    await wait(scene, 40)
    assert proposal_of(scene, incident).status is ProposalStatus.WITHDRAWN
    assert len(now_of(scene, incident).proposals) == 1
    assert flights(scene) == []


async def test_what_asks_is_launched_by_the_word_of_who_accepts() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="2")
    await wait(scene, 3)
    accepted = await scene.desk.answer_proposal("controller-1", proposal_of(scene, incident).id, accepted=True)
    assert accepted.status is ProposalStatus.ACCEPTED
    (flight,) = flights(scene)
    assert (flight.ordered_by, flight.dock_id) == ("controller-1", "cov-1")
    again = await scene.desk.answer_proposal("controller-1", accepted.id, accepted=True)
    assert (again, len(flights(scene))) == (accepted, 1)
    for who, what in [("controller-2", True), ("controller-2", False), ("controller-1", False)]:
        with pytest.raises(AlreadyAnswered, match=r"controller-1 has accepted it at ..:..:.. UTC"):
            await scene.desk.answer_proposal(who, accepted.id, accepted=what)
    assert_replay_is_the_same(scene)


async def test_a_dismissed_launch_is_proposed_again_only_for_a_graver_call() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="2")
    await wait(scene, 2)
    await scene.desk.answer_proposal("controller-1", proposal_of(scene, incident).id, accepted=False)
    await scene.desk.amend_incident("controller-1", incident.id, IncidentAmendment(summary="a word more"))
    await wait(scene, 15)
    assert len(now_of(scene, incident).proposals) == 1
    await scene.desk.amend_incident("controller-1", incident.id, IncidentAmendment(grade="1"))
    await wait(scene, 5)
    assert proposal_of(scene, incident).status is ProposalStatus.OPEN
    assert len(now_of(scene, incident).proposals) == 2


async def test_a_press_is_faster_than_a_countdown_and_ends_it() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="1")
    await wait(scene, 2)
    flight = await scene.press(now_of(scene, incident))
    assert proposal_of(scene, incident).status is ProposalStatus.VOID
    await wait(scene, 30)
    assert flights(scene) == [scene.desk.state.flights[flight.id]]


@pytest.mark.parametrize("end", ["close", "decline", "merge"])
async def test_with_its_incident_ended_nothing_launches(end: str) -> None:
    scene = await scene_under()
    other = await scene.incident(grade="3", **FAR)
    incident = await scene.incident(grade="1")
    await wait(scene, 3)
    if end == "close":
        await scene.desk.close_incident("controller-1", incident.id, "false alarm")
    elif end == "decline":
        await scene.desk.decline_incident("controller-1", incident.id, "indoors")
    else:
        await scene.desk.merge_incident("controller-1", incident.id, other.id)
    await wait(scene, 20)
    assert proposal_of(scene, incident).status is ProposalStatus.VOID
    assert flights(scene) == []


async def test_a_dock_that_can_go_no_more_is_never_replaced_in_silence() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="1")
    await wait(scene, 8)
    first = proposal_of(scene, incident)
    for _ in range(4):
        await scene.clock.advance(1)
        await scene.all_report()
        await scene.status("cov-1", state=DockState.FAULT)
        await scene.desk.look_after_launches()
    withdrawn = [each.event for each in scene.log.records if isinstance(each.event, ev.LaunchWithdrawn)]
    assert withdrawn[0].because.startswith("K1 cannot go any more: ")
    assert flights(scene) == []
    for _ in range(12):
        await scene.clock.advance(1)
        await scene.all_report()
        await scene.status("cov-1", state=DockState.FAULT)
        await scene.desk.look_after_launches()
    second = proposal_of(scene, incident)
    assert first.launch is not None
    assert second.launch is not None
    assert (first.launch.dock_id, second.launch.dock_id != "cov-1") == ("cov-1", True)
    assert second.launch.answer_by - second.proposed_at == timedelta(seconds=10)


async def drop_out(scene: Scene, seconds: int) -> None:
    """Each second cov-1 says that it has a fault, and the desk looks."""
    for _ in range(seconds):
        await scene.clock.advance(1)
        await scene.all_report()
        await scene.status("cov-1", state=DockState.FAULT)
        await scene.desk.look_after_launches()


async def test_a_no_that_another_dock_overtook_stops_that_one_too() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="1")
    await scene.desk.look_after_launches()
    first = proposal_of(scene, incident)
    await drop_out(scene, 11)
    second = proposal_of(scene, incident)
    assert second.id != first.id, "announced anew, from another dock, while the no was on its way"
    dismissed = await scene.desk.answer_proposal("controller-1", first.id, accepted=False)
    assert (dismissed.id, dismissed.status) == (first.id, ProposalStatus.DISMISSED)
    assert proposal_of(scene, incident).status is ProposalStatus.DISMISSED
    assert [each.by for each in proposal_of(scene, incident).answers] == ["controller-1"]
    again = await scene.desk.answer_proposal("controller-1", first.id, accepted=False)
    with pytest.raises(AlreadyAnswered, match="controller-1 has dismissed it"):
        await scene.desk.answer_proposal("controller-2", second.id, accepted=True)
    assert again == dismissed
    await drop_out(scene, 40)
    assert (flights(scene), len(now_of(scene, incident).proposals)) == ([], 2)
    assert_replay_is_the_same(scene)


async def test_a_no_that_comes_when_nothing_is_announced_any_more_keeps_anything_from_being_announced() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="1")
    await scene.desk.look_after_launches()
    first = proposal_of(scene, incident)
    await scene.desk.amend_incident("controller-2", incident.id, IncidentAmendment(summary="a word more"))
    await wait(scene, 1)
    assert [each.status for each in now_of(scene, incident).proposals] == [ProposalStatus.VOID]
    await scene.desk.answer_proposal("controller-1", first.id, accepted=False)
    await wait(scene, 40)
    assert (flights(scene), len(now_of(scene, incident).proposals)) == ([], 1)


async def test_a_late_no_to_a_lesser_call_is_no_answer_to_the_graver_one_that_is_announced_since() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="2")
    await scene.desk.look_after_launches()
    first = proposal_of(scene, incident)
    await scene.desk.amend_incident("controller-2", incident.id, IncidentAmendment(grade="1"))
    await wait(scene, 11)
    assert proposal_of(scene, incident).id != first.id
    with pytest.raises(Conflict, match="it is void: the incident has changed since it was proposed"):
        await scene.desk.answer_proposal("controller-1", first.id, accepted=False)
    assert proposal_of(scene, incident).status is ProposalStatus.OPEN


async def test_a_no_that_a_press_overtook_is_told_so_and_stops_no_flight() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="1")
    await scene.desk.look_after_launches()
    await scene.press(now_of(scene, incident))
    with pytest.raises(Conflict, match="it is void"):
        await scene.desk.answer_proposal("controller-1", proposal_of(scene, incident).id, accepted=False)
    assert len(flights(scene)) == 1


async def test_accepting_what_cannot_go_any_more_says_why_and_sends_nothing() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="2")
    await wait(scene, 2)
    await scene.status("cov-1", state=DockState.FAULT)
    with pytest.raises(DockNotEligible, match="K1 cannot go any more"):
        await scene.desk.answer_proposal("controller-1", proposal_of(scene, incident).id, accepted=True)
    assert flights(scene) == []


async def test_what_asks_names_the_best_dock_again_once_that_is_free() -> None:
    scene = await scene_under()
    await scene.status("cov-1", state=DockState.CHARGING, battery_percent=20.0)
    incident = await scene.incident(grade="2")
    await scene.desk.look_after_launches()
    first = proposal_of(scene, incident)
    assert first.launch is not None
    assert first.launch.dock_id != "cov-1"
    await wait(scene, 12)
    second = proposal_of(scene, incident)
    assert second.launch is not None
    assert second.launch.dock_id == "cov-1"
    assert [each.status for each in now_of(scene, incident).proposals] == [ProposalStatus.VOID, ProposalStatus.OPEN]
    (withdrawn,) = [each.event for each in scene.log.records if isinstance(each.event, ev.LaunchWithdrawn)]
    assert withdrawn.because.startswith("K1 would be there ")
    with pytest.raises(Conflict):
        await scene.desk.answer_proposal("controller-1", first.id, accepted=True)
    assert flights(scene) == []
    assert_replay_is_the_same(scene)


async def test_what_asks_for_a_dock_that_dropped_out_is_withdrawn_before_anybody_answers() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="2")
    await wait(scene, 1)
    for _ in range(12):
        await scene.clock.advance(1)
        await scene.all_report()
        await scene.status("cov-1", state=DockState.FAULT)
        await scene.desk.look_after_launches()
    first, second = now_of(scene, incident).proposals
    assert first.status is ProposalStatus.VOID
    assert second.launch is not None
    assert second.launch.dock_id != "cov-1"


async def test_two_calls_are_never_announced_the_same_drone_and_the_graver_chooses_first() -> None:
    scene = await scene_under()
    lesser = await scene.incident(grade="2")
    graver = await scene.incident(grade="1", lat_deg=52.4150)
    await wait(scene, 1)
    first, second = proposal_of(scene, graver).launch, proposal_of(scene, lesser).launch
    assert first is not None
    assert second is not None
    assert first.dock_id == "cov-1"
    assert second.dock_id != "cov-1"


async def test_near_a_drone_that_is_out_nothing_is_proposed() -> None:
    scene = await scene_under()
    await scene.press(await scene.incident(grade="3"))
    near, far = await scene.incident(grade="1", lat_deg=52.4105), await scene.incident(grade="1", **FAR)
    await wait(scene, 3)
    assert now_of(scene, near).proposals == ()
    assert proposal_of(scene, far).status is ProposalStatus.OPEN


async def test_an_incident_that_is_not_fresh_any_more_is_left_to_people() -> None:
    scene = await scene_under(automation={"fresh_s": 20})
    for dock_id in scene.desk.state.docks:
        await scene.status(dock_id, state=DockState.FAULT)
    incident = await scene.incident(grade="1")
    for _ in range(25):
        await scene.clock.advance(1)
        await scene.desk.look_after_launches()
    await wait(scene, 20)
    assert now_of(scene, incident).proposals == ()


async def test_a_countdown_that_ran_while_no_dispatcher_was_there_launches_nothing() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="1")
    await wait(scene, 5)
    await scene.wait(10)
    await scene.desk.record(
        [ev.DispatcherStarted(boot_id=BOOT, deployment=Deployment.SIMULATION, force="test", force_name="Test Police")]
    )
    await scene.desk.look_after_launches()
    assert flights(scene) == []
    assert now_of(scene, incident).proposals[0].status is ProposalStatus.VOID


async def test_a_countdown_that_nobody_looked_after_to_its_end_launches_nothing() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="1")
    await wait(scene, 2)
    await scene.wait(40)
    await scene.desk.look_after_launches()
    assert flights(scene) == []
    assert proposal_of(scene, incident).status is ProposalStatus.VOID


async def test_in_quiet_hours_nothing_is_proposed_that_they_do_not_leave() -> None:
    scene = await scene_under(quiet_hours=[NIGHT | {"launch": "pressed"}])
    incident = await scene.incident(grade="1")
    await wait(scene, 30)
    judged = now_of(scene, incident).judged
    assert judged is not None
    assert judged.launch is Launch.PRESSED
    assert judged.rulings[-1].text == "Night, 22:00 to 06:00 Europe/London: people sleep"
    assert now_of(scene, incident).proposals == ()
    assert (await scene.press(now_of(scene, incident))).dock_id == "cov-1"


async def test_when_quiet_hours_begin_a_countdown_is_withdrawn() -> None:
    scene = await scene_under(quiet_hours=[NIGHT | {"starts": "00:01", "launch": "pressed"}])
    await wait(scene, 52)
    incident = await scene.incident(grade="1")
    await wait(scene, 20)
    withdrawn = [each.event for each in scene.log.records if isinstance(each.event, ev.LaunchWithdrawn)]
    assert [each.because for each in withdrawn] == ["Night, 00:01 to 06:00 Europe/London: people sleep"]
    assert flights(scene) == []
    judged = now_of(scene, incident).judged
    assert judged is not None
    assert judged.launch is Launch.PRESSED


async def test_what_never_flies_is_refused_to_a_press_with_the_rules_name_and_line() -> None:
    scene = await scene_under(no_fly=[INDOORS | {"override": ["supervisor"]}])
    incident = await scene.incident(grade="1", category="crisis indoors")
    await wait(scene, 15)
    assert now_of(scene, incident).proposals == ()
    with pytest.raises(PolicyForbids, match="Indoors: nothing to see") as refusal:
        await scene.press(now_of(scene, incident))
    assert refusal.value.extra["rules"] == [
        {"rule": "Indoors", "line": 33, "text": "Indoors: nothing to see", "override": ["supervisor"]}
    ]
    assert flights(scene) == []


async def test_only_who_may_sets_a_rule_aside_by_name_and_with_a_note_and_then_a_press_is_taken() -> None:
    scene = await scene_under(no_fly=[INDOORS | {"override": ["supervisor"]}])
    incident = await scene.incident(grade="1", category="crisis indoors")
    with pytest.raises(Forbidden, match="Indoors may be overridden by supervisor"):
        await scene.desk.override_policy("controller-1", incident.id, {Role.CONTROLLER, Role.PILOT}, "please")
    await scene.desk.override_policy("supervisor-1", incident.id, {Role.SUPERVISOR}, "he is on the roof now")
    recorded = scene.log.records[-1]
    assert isinstance(recorded.event, ev.PolicyOverridden)
    assert (recorded.actor, recorded.event.rules, recorded.event.note) == (
        "supervisor-1",
        ["Indoors"],
        "he is on the roof now",
    )
    await wait(scene, 30)
    assert flights(scene) == [], "an override permits a press, and nothing by itself"
    flight = await scene.press(now_of(scene, incident))
    assert flight.ordered_by == "controller-1"
    with pytest.raises(Conflict, match="no rule of the policy forbids"):
        await scene.desk.override_policy("supervisor-1", incident.id, {Role.SUPERVISOR}, "again")
    assert_replay_is_the_same(scene)


async def test_a_rule_that_names_nobody_is_overridden_by_nobody() -> None:
    scene = await scene_under(no_fly=[INDOORS])
    incident = await scene.incident(category="crisis indoors")
    with pytest.raises(Forbidden, match="by nobody"):
        await scene.desk.override_policy("everybody", incident.id, set(Role), "please")


async def test_an_unknown_grade_is_taken_at_the_stated_one_and_the_incident_says_so() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="Code 7")
    judged = incident.judged
    assert judged is not None
    assert (judged.grade, judged.known, judged.launch) == ("Priority", False, Launch.ASKS)
    assert judged.rulings[-1].text == "grade 'Code 7' is not in the policy: taken as Priority"


async def test_what_launched_by_itself_is_relieved_by_nobody_by_itself() -> None:
    scene = await scene_under()
    incident = await scene.incident(grade="1", watch_s=5000.0)
    await wait(scene, 13)
    assert len(flights(scene)) == 1
    assert incident.id not in scene.desk.state.relays


async def test_the_watch_of_a_grade_is_what_the_policy_says() -> None:
    grades = [{"name": "Immediate", "aliases": ["1"], "watch_s": 240}]
    scene = await scene_under(grades=grades, unknown_grade="Immediate")
    assert (await scene.press(await scene.incident(grade="1"))).order.watch_s == 240.0
    other = await scene.press(await scene.incident(grade="1", watch_s=90.0, **FAR), key="press-2")
    assert other.order.watch_s == 90.0


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("report"), st.sampled_from(["1", "2", "3", "4", "?"]), st.integers(0, 4)),
        st.tuples(st.just("wait"), st.just(""), st.integers(1, 25)),
        st.tuples(st.just("accept"), st.just(""), st.integers(0, 3)),
        st.tuples(st.just("dismiss"), st.just(""), st.integers(0, 3)),
        st.tuples(st.just("grade"), st.sampled_from(["1", "2", "3", "4"]), st.integers(0, 3)),
        st.tuples(st.just("fault"), st.just(""), st.integers(0, 2)),
    ),
    max_size=14,
)
PLACES = [(52.4100, -1.5100), (52.4200, -1.4950), (52.3880, -1.5550), (52.4000, -1.5300), (52.4101, -1.5101)]


@settings(max_examples=12, deadline=None)
@given(steps=STEPS, left=st.sampled_from(["asks", "pressed", "never"]), starts=st.sampled_from(["00:01", "12:00"]))
async def test_nothing_ever_launches_by_itself_outside_what_the_policy_allows(
    steps: list[tuple[str, str, int]], left: str, starts: str
) -> None:
    night = NIGHT | {"starts": starts, "ends": "11:00", "launch": left}
    scene = await scene_under(quiet_hours=[night], no_fly=[INDOORS])
    for what, grade, number in steps:
        incidents = list(scene.desk.state.incidents.values())
        waiting = [each for one in incidents for each in one.proposals if each.status is ProposalStatus.OPEN]
        try:
            if what == "report":
                lat_deg, lon_deg = PLACES[number]
                await scene.incident(grade=grade, lat_deg=lat_deg, lon_deg=lon_deg)
            elif what in ("accept", "dismiss") and waiting:
                answered = waiting[number % len(waiting)]
                await scene.desk.answer_proposal("controller-1", answered.id, what == "accept")
            elif what == "grade" and incidents:
                changed = incidents[number % len(incidents)].id
                await scene.desk.amend_incident("controller-1", changed, IncidentAmendment(grade=grade))
            elif what == "fault":
                await scene.status(list(scene.desk.state.docks)[number], state=DockState.FAULT)
        except Conflict:
            pass
        await wait(scene, number if what == "wait" else 1)
    assert_every_launch_was_allowed(scene)
    assert_replay_is_the_same(scene)


def assert_every_launch_was_allowed(scene: Scene) -> None:
    """From the record alone: each flight was announced for long enough, and the policy allowed it then."""
    state = State()
    proposed: dict[UUID, tuple[datetime, ev.LaunchProposed]] = {}
    answered: dict[UUID, bool] = {}
    for recorded in scene.log.records:
        event = recorded.event
        if isinstance(event, ev.LaunchProposed):
            proposed[event.proposal_id] = (recorded.mission_time, event)
        elif isinstance(event, ev.ProposalAnswered):
            assert event.proposal_id not in answered
            answered[event.proposal_id] = event.accepted
        elif isinstance(event, ev.FlightOrdered):
            assert event.proposal_id is not None
            at, announced = proposed.pop(event.proposal_id)
            assert event.dock_id == announced.dock_id
            assert state.policy is not None
            incident = state.incidents[event.incident_id]
            found = stance_of(state.policy, grade=incident.grade, category=incident.category, now=recorded.mission_time)
            if recorded.actor == SYSTEM:
                assert event.proposal_id not in answered
                assert announced.unanswered == "launched"
                assert found.launch is Launch.BY_ITSELF
                assert recorded.mission_time - at >= timedelta(seconds=10)
            else:
                assert answered[event.proposal_id]
                assert found.launch in (Launch.BY_ITSELF, Launch.ASKS)
            assert event.accepted_beforehand == (state.pilots[event.order.pilot].accepts == "beforehand")
            assert recorded.mission_time.tzinfo is UTC
        state = apply(state, recorded)
