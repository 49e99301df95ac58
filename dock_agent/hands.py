"""What carries the effects of a step out: each in a task of its own that ends in bounded time.

Nothing waits for anything else here, so no transfer and no parameter can stand in front of a hold. What comes back is
handed on as the next step of the phase machine.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol

from dock_agent import phases
from dock_agent.dock_hardware import DockHardware
from dock_agent.errors import HardwareError
from dock_agent.flight import Flight, Seen
from dock_agent.flight_link import Answer, FlightLink, Reply
from dock_agent.mission import MissionPlan
from dock_agent.turn import (
    Charge,
    Effect,
    Give,
    GivePayload,
    LookOnBoard,
    MoveLid,
    PutOnBoard,
    StopTransfer,
    Upload,
)

log = logging.getLogger(__name__)


class Step(Protocol):
    """The next step of the phase machine, once it is known what came back."""

    def __call__(self, flight: Flight, *, seen: Seen, mission: MissionPlan) -> phases.Result:
        """What becomes of the flight."""


class Hands:
    """``then`` is called with each next step; it is the agent's, which knows the flight by then."""

    def __init__(self, *, link: FlightLink, hardware: DockHardware, then: Callable[[Step], None]) -> None:
        self._link, self._hardware, self._then = link, hardware, then
        self._doing: set[asyncio.Task[None]] = set()
        self._transfer: asyncio.Task[None] | None = None

    async def drain(self) -> None:
        """Cancel what is under way; a command that has left is not called back by this."""
        for task in list(self._doing):
            task.cancel()
        await asyncio.gather(*self._doing, return_exceptions=True)

    def do_all(self, effects: Iterable[Effect], *, flight: Flight, plan: MissionPlan | None) -> None:
        """Begin effects: first what is for the aircraft to do, in the order given; then the rest."""
        for effect in sorted(effects, key=lambda effect: not isinstance(effect, Give)):
            self.do(effect, flight=flight, plan=plan)

    def do(self, effect: Effect, *, flight: Flight, plan: MissionPlan | None) -> None:
        """Begin an effect; facts are said elsewhere."""
        match effect:
            case MoveLid(opened):
                self.move_lid(opened=opened)
            case Charge(enabled):
                self.charge(enabled=enabled)
            case Upload() if plan is not None:
                self._start("upload", self._upload(flight, plan))
            case Give():
                self._start(f"command {effect.command}", self._give(effect))
            case GivePayload():
                self._start(f"payload {effect.act.type}", self._give_payload(effect))
            case PutOnBoard():
                self._transfer = self._start("upload in the air", self._put(effect))
            case LookOnBoard():
                self._transfer = self._start("download", self._look(effect))
            case StopTransfer():
                transfer, self._transfer = self._transfer, None
                self._start("stop of a transfer", self._stop(transfer))
            case _:
                pass

    def move_lid(self, *, opened: bool) -> None:
        """Order the lid."""
        self._start("lid", self._order(lambda: self._hardware.command_lid(opened=opened), "the lid"))

    def charge(self, *, enabled: bool) -> None:
        """Allow or forbid charging."""
        self._start("charger", self._order(lambda: self._hardware.enable_charger(enabled=enabled), "the charger"))

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._doing.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._doing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an effect failed", extra={"effect": task.get_name()}, exc_info=error)

    async def _order(self, order: Callable[[], Coroutine[Any, Any, None]], what: str) -> None:
        try:
            await order()
        except HardwareError as error:
            log.warning("the dock did not take an order", extra={"what": what, "why": error.reason})

    async def _stop(self, transfer: asyncio.Task[None] | None) -> None:
        """In one step: whatever is begun after it finds the way free."""
        if transfer is not None:
            transfer.cancel()
        self._link.stop_transfer()

    async def _upload(self, flight: Flight, plan: MissionPlan) -> None:
        answer, order_id = Answer(Reply.DENIED, "the link failed"), flight.order.order_id
        try:
            answer = await self._link.set_link_loss_return(flight.order.link_loss_return_s)
            if answer.reply is Reply.ACKNOWLEDGED:
                answer = await self._link.upload(plan)
        finally:
            log.info("upload ended", extra={"reply": answer.reply, "detail": answer.detail})
            ended = answer
            self._then(
                lambda flight, *, seen, mission: phases.uploaded(
                    flight, order_id=order_id, answer=ended, seen=seen, mission=mission
                )
            )

    async def _give(self, given: Give) -> None:
        answer = await self._link.command(given.command, item=given.item, target=given.target)
        log.info(
            "command answered",
            extra={"command": given.command, "item": given.item, "reply": answer.reply, "detail": answer.detail},
        )
        self._then(
            lambda flight, *, seen, mission: phases.answered(
                flight, given=given, answer=answer, seen=seen, mission=mission
            )
        )

    async def _give_payload(self, given: GivePayload) -> None:
        answer = await self._link.payload(given.act)
        log.info("payload answered", extra={"act": given.act.type, "reply": answer.reply, "detail": answer.detail})
        self._then(
            lambda flight, *, seen, mission: phases.payload_answered(
                flight, order_id=given.for_order, answer=answer, seen=seen, mission=mission
            )
        )

    async def _put(self, put: PutOnBoard) -> None:
        answer = await self._link.upload(put.plan)
        log.info("upload in the air ended", extra={"reply": answer.reply, "detail": answer.detail})
        self._then(
            lambda flight, *, seen, mission: phases.put_on_board(
                flight, order_id=put.for_order, answer=answer, seen=seen, mission=mission
            )
        )

    async def _look(self, look: LookOnBoard) -> None:
        board = await self._link.download()
        log.info("download ended", extra={"items": None if board is None else len(board.items)})
        self._then(
            lambda flight, *, seen, mission: phases.found_on_board(
                flight, order_id=look.for_order, board=board, seen=seen, mission=mission
            )
        )
