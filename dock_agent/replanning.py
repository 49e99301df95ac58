"""A new plan in the air: hold confirmed, upload, download and compare, set item, start, seen to fly it.

At every step the drone has *a* complete way home: an autopilot keeps its old mission until the new one is whole, and
both end in a landing section. Until the new plan has been read back and is the same, the old one counts; while that is
open, only the autopilot's own return is asked for, which fits whichever is on board. The state is on disk before each
step, so an agent that was killed looks at what is on board and carries on from there.
"""

from __future__ import annotations

from typing import Any

from contracts.orders import FlightOrder, TaskOrder
from contracts.reports import PlanChanged
from contracts.tasks import Divert, Replan, Retask
from contracts.vocabulary import Condition, Outcome, Phase
from dock_agent.flight import Asked, Flight, HomeWish, Replanning, Step, since
from dock_agent.flight_link import Answer, Command, Reply
from dock_agent.mission import MissionPlan, OnBoard, mission_of, same_items, same_on_board
from dock_agent.readings import Mode
from dock_agent.turn import Give, LookOnBoard, PutOnBoard, StopTransfer, Turn

CONFIRM_S = 3.0
"""Wall seconds for telemetry to show an acknowledged command."""
SILENT_S = 5.0
HOLDS = 3
UPLOADS = 2
LOOKS = 3
STARTS = 3


def plan_of(flight: Flight) -> MissionPlan:
    """The mission and fence that the flight counts on now."""
    return mission_of(flight.order, airborne=flight.replanned, watches=flight.watches, landing_m=flight.landing_m)


def new_plan(new: Replanning) -> MissionPlan:
    """The mission and fence on their way on board."""
    return mission_of(new.after, airborne=True, watches=new.watches, landing_m=new.landing_m)


def order_after(order: FlightOrder, task: Replan) -> FlightOrder:
    """The flight order as a retask or a divert leaves it."""
    changes: dict[str, Any] = {
        "scene": task.scene,
        "route_out": task.route_out,
        "route_home": task.route_home,
        "fence": task.fence,
    }
    if isinstance(task, Retask):
        changes["watch_s"] = task.watch_s
        if task.incident_id is not None and task.incident_id != order.incident_id:
            # What was set aside was set aside for the launch to the incident that it leaves.
            changes |= {"incident_id": task.incident_id, "overrides": []}
    if isinstance(task, Divert):
        changes |= {"home": task.home, "watch_s": 0.0}
    return order.model_copy(update=changes)


def begin(turn: Turn, order: TaskOrder, task: Retask | Divert) -> None:
    """Begin with the hold. Whatever else was under way has given way already."""
    diverts = isinstance(task, Divert)
    turn.set(
        replanning=Replanning(
            order=order,
            after=order_after(turn.flight.order, task),
            watches=not diverts,
            landing_m=task.landing_above_home_m if isinstance(task, Divert) else turn.flight.landing_m,
            dock_id=task.dock_id if isinstance(task, Divert) else turn.flight.home_dock_id,
        )
    )
    look(turn)


def abandon(turn: Turn, why: str) -> None:
    """Something more urgent is wanted, or the autopilot has chosen otherwise."""
    new = turn.flight.replanning
    if new is None:
        return
    if new.busy:
        turn.effects.append(StopTransfer())
    untouched = new.step is Step.HOLD
    detail = f"{why}; {'nothing was changed on board' if untouched else 'what is on board was not seen to the end'}"
    turn.settled(new.order.order_id, Outcome.REFUSED if untouched else Outcome.UNKNOWN, detail)
    turn.set(replanning=None)


def resume(turn: Turn) -> None:
    """After a restart: nobody knows how far a transfer came, so what is on board is read back."""
    new = turn.flight.replanning
    if new is not None:
        step = Step.COMPARE if new.step is Step.UPLOAD else new.step
        turn.set(replanning=new.model_copy(update={"step": step, "asked": None, "busy": False, "looks": 0}))


def look(turn: Turn) -> None:
    """One look at how far it has come."""
    new, seen = turn.flight.replanning, turn.seen
    if new is None or not seen.heard:
        return
    if not seen.flying:
        abandon(turn, "it is not in the air any more")
        return
    if new.step is not Step.HOLD and seen.aircraft.mode in (Mode.RETURN, Mode.LAND):
        abandon(turn, "the autopilot returns by itself" + turn.words)
        return
    match new.step:
        case Step.HOLD:
            _hold(turn, new)
        case Step.UPLOAD:
            _upload(turn, new)
        case Step.COMPARE:
            _compare(turn, new)
        case Step.SET_ITEM:
            _set_item(turn, new)
        case Step.START:
            _start(turn, new)


def answered(turn: Turn, reply: Reply, detail: str) -> None:
    """What came back for a hold, jump or start of this plan."""
    new = turn.flight.replanning
    if new is None or new.asked is None or new.asked.reply is not None:
        return
    _update(turn, asked=new.asked.model_copy(update={"reply": reply, "detail": detail[:200]}))
    look(turn)


def uploaded(turn: Turn, answer: Answer) -> None:
    """The transfer has ended, one way or the other: what is on board is read back in any case."""
    new = turn.flight.replanning
    if new is None or new.step is not Step.UPLOAD:
        return
    _update(turn, busy=False, step=Step.COMPARE, looks=0, asked=None)
    look(turn)


def found(turn: Turn, board: OnBoard | None) -> None:
    """What is on board has been read back (None: it could not be)."""
    new = turn.flight.replanning
    if new is None or new.step is not Step.COMPARE:
        return
    _update(turn, busy=False)
    if board is None:
        if new.looks >= LOOKS:
            _fail(turn, Outcome.UNKNOWN, "what is on board could not be read back", sure=False)
        else:
            look(turn)
        return
    if same_on_board(new_plan(new), board):
        _adopt(turn, new)
        look(turn)
        return
    if new.uploads < UPLOADS:
        _update(turn, step=Step.UPLOAD)
        look(turn)
        return
    old = same_items(plan_of(turn.flight).items, board.items)
    what = "the old plan is on board" if old else "neither the new plan nor the old one is on board"
    _fail(turn, Outcome.REFUSED if old else Outcome.UNKNOWN, f"uploaded {new.uploads} times; {what}", sure=old)


def _hold(turn: Turn, new: Replanning) -> None:
    if turn.seen.aircraft.mode is Mode.HOLD:
        # Where it may still fly to in this mode is the old plan's: the start that follows ends that.
        _update(turn, step=Step.UPLOAD, asked=None, asks=0)
        look(turn)
        return
    if _waiting(turn, new):
        return
    if new.asks >= HOLDS:
        abandon(turn, "the hold before it was not confirmed" + turn.words)
        return
    _give(turn, Command.HOLD)


def _upload(turn: Turn, new: Replanning) -> None:
    if new.busy:
        return
    _update(turn, busy=True, uploads=new.uploads + 1, looks=0)
    turn.set(board_unsure=True)
    turn.effects.append(PutOnBoard(new_plan(new), new.order.order_id))


def _compare(turn: Turn, new: Replanning) -> None:
    if new.busy:
        return
    _update(turn, busy=True, looks=new.looks + 1)
    turn.effects.append(LookOnBoard(new.order.order_id))


def _adopt(turn: Turn, new: Replanning) -> None:
    """It is on board, whole: from here on it is the plan, whether it is flown yet or not."""
    turn.set(
        order=new.after,
        turned=turn.flight.turned or new.after.incident_id != turn.flight.order.incident_id,
        replanned=True,
        watches=new.watches,
        landing_m=new.landing_m,
        home_dock_id=new.dock_id,
        board_unsure=False,
        outbound_seen=False,
        watch_from=None,
        extended_s=0.0,
        holds_longer=False,
    )
    turn.mission = plan_of(turn.flight)
    _update(turn, step=Step.SET_ITEM, asked=None, asks=0)


def _set_item(turn: Turn, new: Replanning) -> None:
    if turn.seen.aircraft.mission_item == 0 and new.asked is not None and new.asked.reply is not None:
        _update(turn, step=Step.START, asked=None, asks=0)
        look(turn)
        return
    if _waiting(turn, new):
        return
    if new.asks >= STARTS:
        _fail(turn, Outcome.UNKNOWN, "the new plan is on board; its first item was not taken", sure=True)
        return
    _give(turn, Command.JUMP, item=0)


def _start(turn: Turn, new: Replanning) -> None:
    if turn.seen.aircraft.mode is Mode.MISSION:
        _flown(turn, new)
        return
    if _waiting(turn, new):
        return
    if new.asks >= STARTS:
        _fail(turn, Outcome.UNKNOWN, "the new plan is on board; it was not started" + turn.words, sure=True)
        return
    _give(turn, Command.START)


def _flown(turn: Turn, new: Replanning) -> None:
    flight = turn.flight
    turn.set(replanning=None, outbound_seen=True)
    turn.say(plan_changed(turn.flight, new.order))
    item = turn.seen.aircraft.mission_item
    turn.settled(new.order.order_id, Outcome.CONFIRMED, f"telemetry shows MISSION, item {item} of the new plan")
    if isinstance(new.order.task, Retask) and new.order.task.incident_id is not None:
        _leave(turn)
        if flight.phase in (Phase.ON_SCENE, Phase.RETURNING):
            turn.enter(Phase.EN_ROUTE, "turned to another incident")
    if isinstance(new.order.task, Divert):
        turn.condition(Condition.DIVERTING, True, f"to dock {new.dock_id}")
        _leave(turn)
        if flight.phase in (Phase.EN_ROUTE, Phase.ON_SCENE):
            turn.enter(Phase.RETURNING, f"diverted to dock {new.dock_id}")
        turn.set(waiting_at=None, beside=False)


def _leave(turn: Turn) -> None:
    """It is over the scene that it was sent to no longer, if it ever was."""
    if turn.flight.scene_at is not None and turn.flight.left_scene_at is None:
        turn.set(left_scene_at=turn.seen.now)


def plan_changed(flight: Flight, order: TaskOrder) -> PlanChanged:
    """The plan as it stands now, for the record."""
    now = flight.order
    return PlanChanged(
        flight_id=now.flight_id,
        order_id=order.order_id,
        scene=now.scene,
        route_out=now.route_out,
        route_home=now.route_home,
        fence=now.fence,
        watch_s=now.watch_s + flight.extended_s,
        home=now.home,
        home_dock_id=flight.home_dock_id or "",
    )


def _fail(turn: Turn, outcome: Outcome, why: str, *, sure: bool) -> None:
    """It holds, and comes home with what is on board; ``sure``: that is the plan that the flight counts on."""
    new = turn.flight.replanning
    if new is not None:
        turn.settled(new.order.order_id, outcome, f"{why}; it returns")
    turn.set(replanning=None, board_unsure=not sure, asked=None, home=HomeWish(because=f"no new plan: {why}"[:300]))


def _give(turn: Turn, command: Command, *, item: int | None = None) -> None:
    new = turn.flight.replanning
    if new is not None:
        _update(turn, asked=Asked(command=command, at_wall=turn.seen.wall, item=item), asks=new.asks + 1)
        turn.effects.append(Give(command, item=item, for_order=new.order.order_id))


def _waiting(turn: Turn, new: Replanning) -> bool:
    """True while the last command may still be answered or shown."""
    if new.asked is None:
        return False
    waited_s = since(new.asked.at_wall, turn.seen.wall)
    return waited_s < (SILENT_S if new.asked.reply is None else CONFIRM_S)


def _update(turn: Turn, **changes: Any) -> None:
    new = turn.flight.replanning
    if new is not None:
        turn.set(replanning=new.model_copy(update=changes))
