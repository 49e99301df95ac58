"""Camera, light, speaker and parachute: asked once, confirmed by what they say; and the policy's own recording.

Nothing here moves the aircraft, so nothing here waits for, or stands in front of, what does. What does not show in time
is told as unknown and not asked again: a second picture, or a second announcement, would be another act.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Literal
from uuid import UUID, uuid5

from contracts.orders import TaskOrder
from contracts.reports import DockNoted, PayloadChanged
from contracts.tasks import Light, LookAt, Parachute, Record, SelectSensor, Sensor, Snapshot, Speaker, Zoom
from contracts.vocabulary import Outcome, Phase, RecordingFrom
from dock_agent import moving, stopping
from dock_agent.flight import Asked, Doing, since
from dock_agent.flight_link import Command, PayloadAct, Reply, Target
from dock_agent.readings import Mode
from dock_agent.readings import Parachute as Deployed
from dock_agent.turn import Give, GivePayload, Say, Turn
from geo.flight.position import bearing_deg, distance_m

SHOW_S = 5.0
"""Wall seconds for the payload to say what it does now."""
SILENT_S = 5.0
ZOOM_NOISE = 0.03
ANGLE_DEG = 10.0
OVERHEAD_M = 5.0
"""Nearer than this over ground a point has no bearing worth comparing."""
RECORDING_TRIES = 3

ACTS = (Zoom, SelectSensor, Snapshot, Record, Light, Speaker)
What = Literal["recording", "sensor", "zoom", "light", "speaker", "snapshot", "look_at"]
_COMMANDS = {"look_at": Command.LOOK, "parachute": Command.PARACHUTE}


def begin(turn: Turn, doing: Doing) -> None:
    """Begin one; an older one of the same type gives way."""
    task, flight = doing.order.task, turn.flight
    kept: list[Doing] = []
    for one in flight.payload:
        if one.order.task.type == task.type:
            turn.settled(one.order.order_id, Outcome.UNKNOWN, "superseded by a newer order")
        else:
            kept.append(one)
    if isinstance(task, Record):
        turn.set(recording=None, recording_tries=RECORDING_TRIES)
    asked = Asked(command=_COMMANDS.get(task.type), at_wall=turn.seen.wall)
    pictures = turn.seen.aircraft.payload.pictures
    before = "" if pictures is None else str(pictures)
    turn.set(payload=(*kept, doing.model_copy(update={"asked": asked, "asks": 1, "before": before})))
    if isinstance(task, LookAt):
        _look_at(turn, doing.order.order_id, task)
    elif isinstance(task, Parachute):
        turn.effects.append(Give(Command.PARACHUTE, for_order=doing.order.order_id))
    elif isinstance(task, ACTS):
        turn.effects.append(GivePayload(task, doing.order.order_id))


def look(turn: Turn) -> None:
    """Has the payload shown what was asked of it; must the policy's recording begin or end?"""
    for doing in turn.flight.payload:
        _look(turn, doing)
    _policy(turn)


def answered(turn: Turn, order_id: UUID, reply: Reply, detail: str) -> bool:
    """What came back for one of these; False when it is none of them."""
    flight, mine = turn.flight, False
    answer = {"reply": reply, "detail": detail[:200]}

    def told(doing: Doing) -> Doing:
        asked = doing.asked
        if doing.order.order_id != order_id or asked is None or asked.reply is not None:
            return doing
        return doing.model_copy(update={"asked": asked.model_copy(update=answer)})

    mine = any(one.order.order_id == order_id for one in flight.payload)
    if mine:
        turn.set(payload=tuple(told(one) for one in flight.payload))
    elif flight.recording is not None and flight.recording.order.order_id == order_id:
        mine = True
        turn.set(recording=told(flight.recording))
    if mine:
        look(turn)
    return mine


def _look(turn: Turn, doing: Doing) -> None:
    shown = _shown(turn, doing)
    if isinstance(doing.order.task, Parachute) and turn.seen.aircraft.parachute is Deployed.DEPLOYED:
        turn.settled(doing.order.order_id, Outcome.CONFIRMED, "the parachute is out")
    elif shown is not None:
        what, value = shown
        turn.say(
            PayloadChanged(
                flight_id=turn.flight.order.flight_id, order_id=doing.order.order_id, what=what, value=value[:120]
            )
        )
        turn.settled(doing.order.order_id, Outcome.CONFIRMED, f"the aircraft says: {what} {value}")
    else:
        ended = _ended(turn, doing)
        if ended is None:
            return
        turn.settled(doing.order.order_id, *ended)
    left = tuple(one for one in turn.flight.payload if one.order.order_id != doing.order.order_id)
    turn.set(payload=left)


def _ended(turn: Turn, doing: Doing) -> tuple[Outcome, str] | None:
    """How it ends without having been shown; None while it may still be."""
    asked = doing.asked
    if asked is None:
        return Outcome.UNKNOWN, "the agent was restarted meanwhile"
    waited_s = since(asked.at_wall, turn.seen.wall)
    if asked.reply is Reply.DENIED:
        return Outcome.REFUSED, f"the aircraft refused it: {asked.detail}"
    if waited_s < SHOW_S + (SILENT_S if asked.reply is None else 0.0):
        return None
    if asked.reply is Reply.ACKNOWLEDGED:
        return Outcome.UNKNOWN, "acknowledged; the aircraft does not say that it does it"
    return Outcome.UNKNOWN, "no answer"


def _shown(turn: Turn, doing: Doing) -> tuple[What, str] | None:
    """What the payload says of itself when that is what was asked; None while it is not."""
    now = turn.seen.aircraft.payload
    if not turn.seen.heard:
        return None
    match doing.order.task:
        case Record(on=on) if now.recording is on:
            return "recording", "on" if on else "off"
        case Light(on=on) if now.light_on is on:
            return "light", "on" if on else "off"
        case Zoom(level=level) if now.zoom is not None and abs(now.zoom - level) <= ZOOM_NOISE:
            return "zoom", f"{level:.2f}"
        case SelectSensor(sensor=sensor) if now.thermal is (sensor is Sensor.THERMAL):
            return "sensor", str(sensor)
        case Snapshot() if doing.before and (now.pictures or 0) > int(doing.before):
            return "snapshot", "taken"
        case Speaker(announcement=number) if now.announcement == number:
            return "speaker", str(number)
        case LookAt() as task if _looks_at(turn, task):
            value = "ahead" if task.place is None else f"{task.place.lat_deg:.5f} {task.place.lon_deg:.5f}"
            return "look_at", value
        case _:
            return None


def _look_at(turn: Turn, order_id: UUID, task: LookAt) -> None:
    position, place = turn.seen.aircraft.position, task.place
    target = None
    if place is not None and position is not None:
        home_amsl_m = position.alt_amsl_m - position.alt_above_home_m
        target = Target(lat_deg=place.lat_deg, lon_deg=place.lon_deg, alt_amsl_m=home_amsl_m + task.alt_above_home_m)
    holds = turn.seen.aircraft.mode is Mode.HOLD and not moving.is_busy(turn.flight) and turn.flight.stop is None
    if turn.seen.aircraft.payload.camera_pitch_deg is None and target is not None and holds:
        # Nothing has been heard of a gimbal: the nose is the camera, and it turns where it stands.
        bearing = _bearing(turn, target.lat_deg, target.lon_deg)
        stand = stopping.here(turn, yaw_deg=bearing)
        if stand is not None:
            turn.effects.append(Give(Command.GOTO, target=stand, for_order=order_id))
            return
    turn.effects.append(Give(Command.LOOK, target=target, for_order=order_id))


def _looks_at(turn: Turn, task: LookAt) -> bool:
    aircraft, position = turn.seen.aircraft, turn.seen.aircraft.position
    pitch, yaw = aircraft.payload.camera_pitch_deg, aircraft.payload.camera_yaw_deg
    if task.place is None:
        return pitch is None or pitch >= -ANGLE_DEG
    if position is None or turn.seen.place is None:
        return False
    bearing = _bearing(turn, task.place.lat_deg, task.place.lon_deg)
    away_m = distance_m(position.lat_deg, position.lon_deg, task.place.lat_deg, task.place.lon_deg)
    if pitch is None:
        heading = aircraft.heading_deg
        return bearing is None or (heading is not None and _apart(heading, bearing) <= ANGLE_DEG)
    wanted = -math.degrees(math.atan2(position.alt_above_home_m - task.alt_above_home_m, max(0.1, away_m)))
    if abs(pitch - wanted) > ANGLE_DEG:
        return False
    return bearing is None or yaw is None or _apart(yaw, bearing) <= ANGLE_DEG


def _bearing(turn: Turn, lat_deg: float, lon_deg: float) -> float | None:
    position = turn.seen.aircraft.position
    if position is None or distance_m(position.lat_deg, position.lon_deg, lat_deg, lon_deg) < OVERHEAD_M:
        return None
    return bearing_deg(position.lat_deg, position.lon_deg, lat_deg, lon_deg)


def _apart(one_deg: float, other_deg: float) -> float:
    return abs((one_deg - other_deg + 180.0) % 360.0 - 180.0)


def _policy(turn: Turn) -> None:
    """From the order's moment on it records; at rest on the ground it stops."""
    flight, now = turn.flight, turn.seen.aircraft.payload
    if flight.landed_at is not None:
        if now.recording and not flight.recording_ended and turn.seen.heard:
            turn.set(recording_ended=True)
            turn.effects.append(GivePayload(Record(on=False), _policy_id(turn, "end")))
        return
    doing = flight.recording
    if doing is not None:
        if now.recording:
            turn.set(recording=None, recording_tries=RECORDING_TRIES)
            turn.say(PayloadChanged(flight_id=flight.order.flight_id, what="recording", value="on"))
        elif _ended(turn, doing) is not None:
            turn.set(recording=None)
            if flight.recording_tries >= RECORDING_TRIES:
                text = f"the camera of {flight.order.aircraft_id} does not say that it records"
                turn.effects.append(Say(DockNoted(severity="warning", text=text)))
        return
    if flight.recording_tries >= RECORDING_TRIES or not turn.seen.flying or not _due(turn):
        return
    now_s, tries = turn.seen.now, flight.recording_tries + 1
    order = TaskOrder(
        order_id=_policy_id(turn, f"begin {tries}"),
        flight_id=flight.order.flight_id,
        deployment=flight.order.deployment,
        given_by="policy",
        issued_at=now_s,
        expires_at=now_s + timedelta(minutes=1),
        task=Record(on=True),
    )
    asked = Asked(at_wall=turn.seen.wall)
    turn.set(recording=Doing(order=order, begun=now_s, asked=asked, asks=1), recording_tries=tries)
    act: PayloadAct = Record(on=True)
    turn.effects.append(GivePayload(act, order.order_id))


def _due(turn: Turn) -> bool:
    match turn.flight.order.recording_from:
        case RecordingFrom.LAUNCH:
            return turn.flight.phase in (Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING)
        case RecordingFrom.SCENE:
            return turn.flight.phase is Phase.ON_SCENE
        case RecordingFrom.ASKED:
            return False


def _policy_id(turn: Turn, what: str) -> UUID:
    return uuid5(turn.flight.order.flight_id, f"recording {what}")
