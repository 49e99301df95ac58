"""The mission protocol as PX4 speaks it: plans going up, coming back, cleared. A state machine of messages and time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator.plan import CAPACITY, Plan, PlanItem, PlanType, Refusal, stored
from simulator.troubles import Troubles, UploadEnd

_RETRY_S = 0.5
_GIVE_UP_S = 5.0
_ACCEPTED = 0
_ERROR = 1


@dataclass(slots=True, kw_only=True)
class _Upload:
    partner: tuple[int, int]
    plan_type: PlanType
    count: int
    items: list[PlanItem] = field(default_factory=list)
    heard_s: float = 0.0
    asked_s: float = 0.0
    stalled: bool = False
    """Nothing further is asked for."""


class PlanTransfer:
    """Holds the three plans; ``on_change`` is told which one is new.

    Times are in seconds of the client's clock: time-outs wait for the client, so they do not shrink with the speed.
    """

    def __init__(
        self, *, send: Callable[[Any], None], on_change: Callable[[PlanType], None], troubles: Troubles
    ) -> None:
        self.plans: dict[PlanType, Plan] = {kind: Plan() for kind in PlanType}
        self._send = send
        self._on_change = on_change
        self._troubles = troubles
        self._upload: _Upload | None = None
        self._ignored: tuple[tuple[int, int], PlanType] | None = None
        """Whose upload of what died in silence; nothing is said about its further items."""
        self._completed: tuple[tuple[int, int], PlanType, int] | None = None
        """Who sent the last item of the last upload, of which plan, with which number."""

    def receive(self, message: Any, sender: tuple[int, int], client_s: float) -> bool:
        """Take a message of the mission protocol; False if it is not one."""
        handler = {
            "MISSION_COUNT": self._count,
            "MISSION_ITEM_INT": self._item,
            "MISSION_ITEM": self._item,
            "MISSION_REQUEST_LIST": self._list,
            "MISSION_REQUEST_INT": self._request,
            "MISSION_REQUEST": self._request,
            "MISSION_CLEAR_ALL": self._clear,
            "MISSION_ACK": self._acknowledged,
        }.get(message.get_type())
        if handler is None:
            return False
        try:
            plan_type = PlanType(message.mission_type)
        except ValueError:
            self._ack(sender, Refusal.UNSUPPORTED, message.mission_type)
            return True
        handler(message, sender, plan_type, client_s)
        return True

    def step(self, client_s: float) -> None:
        """Ask again for an item that does not come; give an upload up that has died."""
        upload = self._upload
        if upload is None:
            return
        if client_s - upload.heard_s > _GIVE_UP_S:
            self._upload = None
            self._ack(upload.partner, Refusal.CANCELLED, upload.plan_type)
        elif client_s - upload.asked_s > _RETRY_S and not upload.stalled:
            self._ask(upload, client_s)

    def _ack(self, to: tuple[int, int], result: int, plan_type: int) -> None:
        self._send(mav.MAVLink_mission_ack_message(*to, int(result), int(plan_type)))

    def _ask(self, upload: _Upload, client_s: float) -> None:
        upload.asked_s = client_s
        self._send(mav.MAVLink_mission_request_int_message(*upload.partner, len(upload.items), upload.plan_type))

    def _count(self, message: Any, sender: tuple[int, int], plan_type: PlanType, client_s: float) -> None:
        if self._upload is not None and self._upload.partner != sender:
            self._ack(sender, _ERROR, plan_type)
            return
        if message.count > CAPACITY:
            self._ack(sender, Refusal.NO_SPACE, plan_type)
            return
        if message.count == 0:
            self._store(plan_type, ())
            self._ack(sender, _ACCEPTED, plan_type)
            return
        self._ignored = None
        self._upload = _Upload(partner=sender, plan_type=plan_type, count=message.count, heard_s=client_s)
        self._ask(self._upload, client_s)

    def _item(self, message: Any, sender: tuple[int, int], plan_type: PlanType, client_s: float) -> None:
        upload = self._upload
        if upload is None and self._ignored == (sender, plan_type):
            return
        if upload is None and self._completed == (sender, plan_type, message.seq):
            self._ack(sender, _ACCEPTED, plan_type)  # the last item again: the client did not hear that we have all
            return
        if upload is None or upload.partner != sender or upload.plan_type is not plan_type:
            self._ack(sender, _ERROR, plan_type)
            return
        upload.heard_s = client_s
        if message.seq != len(upload.items):
            return  # a double, or one got lost: PX4 says nothing and asks again in time, lest each double breed another
        item = stored(_read(message), plan_type)
        if isinstance(item, Refusal):
            self._upload = None
            self._ack(sender, item, plan_type)
            return
        upload.items.append(item)
        if self._dies(upload, message.seq):
            return
        if len(upload.items) < upload.count:
            self._ask(upload, client_s)
            return
        self._upload = None
        self._completed = (sender, plan_type, message.seq)
        self._store(plan_type, tuple(upload.items))
        trouble = self._troubles.upload
        if trouble is not None and trouble.end is UploadEnd.NO_ACK and trouble.plan_type in (None, plan_type):
            self._completed, self._ignored = None, (sender, plan_type)
            return
        self._ack(sender, _ACCEPTED, plan_type)

    def _dies(self, upload: _Upload, index: int) -> bool:
        """Whether this upload ends here because it was made to; at an item beyond its last one it ends at the last."""
        trouble = self._troubles.upload
        if trouble is None or trouble.plan_type not in (None, upload.plan_type) or trouble.end is UploadEnd.NO_ACK:
            return False
        if index < min(trouble.at_item, upload.count - 1):
            return False
        if trouble.end is UploadEnd.REQUESTS_STOP:
            upload.stalled = True
            return True
        self._upload = None
        if trouble.end is UploadEnd.ERROR:
            self._ack(upload.partner, _ERROR, upload.plan_type)
        else:
            self._ignored = (upload.partner, upload.plan_type)
        return True

    def _store(self, plan_type: PlanType, items: tuple[PlanItem, ...]) -> None:
        self.plans[plan_type] = Plan(items)
        self._on_change(plan_type)

    def _list(self, _message: Any, sender: tuple[int, int], plan_type: PlanType, _client_s: float) -> None:
        self._send(mav.MAVLink_mission_count_message(*sender, len(self.plans[plan_type]), plan_type))

    def _request(self, message: Any, sender: tuple[int, int], plan_type: PlanType, _client_s: float) -> None:
        plan = self.plans[plan_type]
        if message.seq >= len(plan):
            self._ack(sender, Refusal.INVALID_SEQUENCE, plan_type)
            return
        item = plan[message.seq]
        head = (*sender, message.seq, item.frame, item.command, int(message.seq == 0), item.autocontinue, *item.params)
        if message.get_type() == "MISSION_REQUEST":  # from before coordinates were whole numbers
            self._send(mav.MAVLink_mission_item_message(*head, item.lat_deg, item.lon_deg, item.z, plan_type))
        else:
            self._send(mav.MAVLink_mission_item_int_message(*head, item.x, item.y, item.z, plan_type))

    def _clear(self, message: Any, sender: tuple[int, int], plan_type: PlanType, _client_s: float) -> None:
        self._store(plan_type, ())
        self._ack(sender, _ACCEPTED, plan_type)

    def _acknowledged(self, message: Any, sender: tuple[int, int], _plan_type: PlanType, _client_s: float) -> None:
        if self._upload is not None and self._upload.partner == sender and message.type != _ACCEPTED:
            self._upload = None  # the client gave up; the old plan stays


def _read(message: Any) -> PlanItem:
    whole = message.get_type() == "MISSION_ITEM_INT"
    return PlanItem(
        command=message.command,
        frame=message.frame,
        params=(message.param1, message.param2, message.param3, message.param4),
        x=message.x if whole else round(message.x * 1e7),
        y=message.y if whole else round(message.y * 1e7),
        z=message.z,
        autocontinue=message.autocontinue,
    )
