"""What gives way to what: a stop or a return ends every task, every new plan in the making, and each other.

Nothing is ended in silence: each order that gives way is settled, as unknown when the aircraft may already have begun
to do it.
"""

from __future__ import annotations

from uuid import UUID

from contracts.vocabulary import Outcome, Phase
from dock_agent import moving, replanning, stopping
from dock_agent.flight import HomeWish, StopWish
from dock_agent.flight_link import Command
from dock_agent.turn import Turn


def want_stop(turn: Turn, command: Command, because: str, order_ids: tuple[UUID, ...] = ()) -> None:
    """A hold or a landing is wanted: all else under way ends, and it is asked for within this step."""
    why = f"superseded: {because}"
    drop_home(turn, why)
    sent_off = turn.flight.task is not None or turn.flight.nudged_wall is not None
    _clear(turn, why)
    present = turn.flight.stop
    if present is not None and present.command is command:
        turn.set(stop=present.model_copy(update={"order_ids": (*present.order_ids, *order_ids)}))
    else:
        stopping.drop(turn, why)
        turn.set(stop=StopWish(command=command, because=because, order_ids=order_ids, anchored=sent_off))
    stopping.carry_out(turn)


def want_home(turn: Turn, because: str, order_ids: tuple[UUID, ...] = ()) -> None:
    """Home is wanted: all else under way ends. `dock_agent.homecoming` carries it out."""
    why = f"superseded: {because}"
    stopping.drop(turn, why)
    _clear(turn, why)
    wish = turn.flight.home
    if wish is None:
        wish = HomeWish(because=because)
        if turn.flight.phase is not Phase.LAUNCHING:
            turn.set(asked=None)
    turn.set(home=wish.model_copy(update={"order_ids": (*wish.order_ids, *order_ids)}))


def drop_home(turn: Turn, why: str) -> None:
    """Something else is wanted instead of coming home."""
    if turn.flight.home is not None:
        turn.settle(Outcome.UNKNOWN, why)
        turn.set(home=None, asked=None)


def clear(turn: Turn, why: str, *, tasks: bool = True) -> None:
    """A task takes over: stops and returns that do not show yet, a new plan in the making, and ``tasks``, give way."""
    drop_home(turn, why)
    stopping.drop(turn, why)
    replanning.abandon(turn, why)
    if tasks:
        moving.drop(turn, why)


def _clear(turn: Turn, why: str) -> None:
    moving.drop(turn, why)
    replanning.abandon(turn, why)
