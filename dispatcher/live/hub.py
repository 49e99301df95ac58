"""The live hub: a fold of the journal's tail and the aircraft's latest values, made into frames that all viewers share.

Each changed entity is encoded once per view and tick; a frame is joined from these parts once per view and starting
point, and all who stand there get the same text: 200 viewers cost 200 writes, not 200 encodings.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from contracts.reports import Telemetry
from dispatcher import events as ev
from dispatcher import presentation
from dispatcher.causes import causes_of
from dispatcher.entities import IncidentStatus
from dispatcher.live import protocol
from dispatcher.live.audience import Audience
from dispatcher.live.ledger import Key, Ledger
from dispatcher.live.outlet import Frame
from dispatcher.live.ports import Tail, TelemetrySource
from dispatcher.live.protocol import CloseCode
from dispatcher.live.sight import Sight, Watched
from dispatcher.live.touched import (
    AIRCRAFT,
    AIRSPACE,
    ALL_AIRSPACE,
    CAUSE,
    CONTROLLER,
    DOCK,
    FLIGHT,
    INCIDENT,
    LINK,
    PILOT,
    touched,
)
from dispatcher.live.traffic import TrafficView
from dispatcher.presentation import View, instant
from dispatcher.state import State, apply
from dispatcher.traffic import NoTraffic, TrafficSource
from kestrel.clock import Clock

TICK_S = 0.2
KEEP_ENDED = timedelta(minutes=30)
"""Mission time for which an ended flight or incident stays in the live view."""
RESTING_S = 2.0
"""Wall seconds between two looks at an aircraft that is neither armed nor in the air."""
_ENDS_WATCHES = (ev.WatchLinkRevoked, ev.IncidentMerged)


@dataclass(slots=True)
class Counts:
    """Of this hub, for the metrics."""

    assembled: int = 0
    encoded: int = 0


class Hub:
    """Make it, enter `running`, and give it to a `LiveSocket`."""

    def __init__(
        self,
        *,
        journal: Tail,
        state: State,
        telemetry: TelemetrySource,
        clock: Clock,
        tick_s: float = TICK_S,
        epoch: str | None = None,
        keep_ended: timedelta = KEEP_ENDED,
        crewed: TrafficSource | None = None,
    ) -> None:
        """``state`` is the journal's fold so far; its ``seq`` is where the tail is taken up."""
        self.tick_s = tick_s
        self.counts = Counts()
        self.audience = Audience()
        self._keep_ended = keep_ended
        self._journal = journal
        self._state = state
        self._telemetry = telemetry
        self._clock = clock
        self._epoch = epoch or secrets.token_hex(8)
        self._ledger = Ledger()
        self._crewed = TrafficView(crewed or NoTraffic(), clock=clock)
        self._dirty: dict[Key, None] = {}
        self._ended: dict[Key, datetime] = {}
        self._causes: set[Key] = set()
        self._telemetry_changes = -1
        self._seen: dict[str, Telemetry] = {}
        self._looked_at_s: dict[str, float] = {}
        self._mission_time = ""
        self._frames: dict[tuple[Sight, int], Frame | None] = {}
        self._snapshots: dict[Sight, Frame] = {}
        self._tick_frame: Frame | None = None
        self._begin()

    @contextlib.asynccontextmanager
    async def running(self, tasks: asyncio.TaskGroup) -> AsyncIterator[Hub]:
        """Follow and tick inside the block."""
        own = [
            tasks.create_task(self._follow(), name="live hub: follow the journal"),
            tasks.create_task(self._tick_for_ever(), name="live hub: tick"),
        ]
        try:
            yield self
        finally:
            for task in own:
                task.cancel()

    def gauges(self) -> Mapping[str, float]:
        """For the metrics."""
        return {
            "live_viewers": len(self.audience),
            "live_frames_total": self.audience.counts.frames,
            "live_characters_total": self.audience.counts.characters,
            "live_frames_assembled_total": self.counts.assembled,
            "live_entities_encoded_total": self.counts.encoded,
            "live_viewers_too_slow_total": self.audience.counts.too_slow,
            "live_seq": self._ledger.seq,
            "live_entities": len(self._ledger),
        }

    # --- what viewers use ---

    def epoch(self, sight: Sight) -> str:
        """This hub's life as it was seen from there: a change of roles cannot resume where another left off."""
        return f"{self._epoch}-{sight.value}"

    def ending(self, sight: Sight) -> tuple[CloseCode, str] | None:
        """Why nothing more may be seen from there; None while it may. A link that is not known here yet may look."""
        link = self._state.links.get(sight.link_id) if isinstance(sight, Watched) else None
        if link is None or not isinstance(sight, Watched):
            return None
        if link.revoked:
            return CloseCode.LINK_OVER, "the control room has withdrawn this link"
        if str(link.incident_id) != sight.incident_id:
            return CloseCode.NOT_AUTHENTICATED, "the incident has become part of another one: open the link again"
        return None

    def snapshot(self, sight: Sight) -> Frame:
        """Everything that is seen from there."""
        known = self._snapshots.get(sight)
        if known is None:
            text = protocol.snapshot(
                epoch=self.epoch(sight),
                seq=self._ledger.seq,
                deployment=self._deployment(),
                mission_time=self._mission_time,
                entities=self._ledger.everything(sight),
            )
            known = self._snapshots[sight] = Frame(self._ledger.seq, text)
        return known

    def resume(self, sight: Sight, *, epoch: str | None, seq: int | None) -> Frame | None:
        """The answer to a client that comes back; None: it needs a snapshot."""
        if seq is None or epoch != self.epoch(sight) or not self._ledger.covers(seq):
            return None
        text = protocol.resumed(
            epoch=self.epoch(sight), seq=seq, deployment=self._deployment(), mission_time=self._mission_time
        )
        return Frame(seq, text)

    def since(self, sight: Sight, seq: int) -> Frame | None:
        """What changed after ``seq``, for everybody who stands there; None: nothing that is seen.

        A viewer that has been away so long that tombstones are missing gets a snapshot.
        """
        if seq == self._ledger.seq:
            return None
        place = (sight, seq)
        if place not in self._frames:
            self._frames[place] = self._assemble(sight, seq)
        return self._frames[place]

    def tick_frame(self) -> Frame:
        """That we are here."""
        if self._tick_frame is None:
            text = protocol.tick(seq=self._ledger.seq, mission_time=self._mission_time)
            self._tick_frame = Frame(self._ledger.seq, text)
        return self._tick_frame

    @property
    def seq(self) -> int:
        """Of the last change that has been published."""
        return self._ledger.seq

    # --- the fold ---

    def _begin(self) -> None:
        state = self._state
        self._dirty |= {Key(DOCK, dock_id): None for dock_id in state.docks}
        self._dirty |= {Key(INCIDENT, str(incident_id)): None for incident_id in state.incidents}
        self._dirty |= {Key(FLIGHT, str(flight_id)): None for flight_id in state.flights}
        self._dirty |= {Key(PILOT, pilot_id): None for pilot_id in state.pilots}
        self._dirty |= {Key(CONTROLLER, person): None for person in state.controllers}
        self._dirty[ALL_AIRSPACE] = None
        self._dirty |= {
            Key(LINK, str(link_id)): None
            for incident in state.incidents.values()
            if incident.status is IncidentStatus.OPEN
            for link_id in incident.link_ids
        }
        for incident in state.incidents.values():
            if incident.status is not IncidentStatus.OPEN:
                # When it ended is not known here; that it was there is.
                self._ended[Key(INCIDENT, str(incident.id))] = incident.received_at
        self.publish()

    async def _follow(self) -> None:
        async for recorded in self._journal.tail(self._state.seq):
            self._state = apply(self._state, recorded)
            for key in touched(self._state, recorded.event):
                self._dirty[key] = None
                if key.kind == INCIDENT and self._is_over(key):
                    self._ended.setdefault(key, recorded.mission_time)
            if isinstance(recorded.event, _ENDS_WATCHES):
                self.audience.end(self.ending)

    def _is_over(self, key: Key) -> bool:
        incident = self._state.incidents.get(UUID(key.id))
        return incident is not None and incident.status is not IncidentStatus.OPEN

    async def _tick_for_ever(self) -> None:
        while True:
            await self._clock.sleep_wall(self.tick_s)
            self.publish()
            await self.audience.serve(self, self._clock.wall_s)

    def publish(self) -> None:
        """Encode what has changed since the last time, and forget what has been over for long."""
        now = self._clock.mission_now()
        for key in self._dirty:
            self._publish(key, now)
        if any(key.kind in (DOCK, FLIGHT) for key in self._dirty):
            self._publish_causes()
        self._dirty.clear()
        for key, ended_at in list(self._ended.items()):
            if now - ended_at > self._keep_ended:
                del self._ended[key]
                self._forget(key)
        self._look_at_aircraft()
        self.counts.encoded += self._crewed.publish(self._ledger)
        self._mission_time = instant(now)
        self._frames.clear()
        self._snapshots.clear()
        self._tick_frame = None

    def _publish_causes(self) -> None:
        """What the open alarms come from, by their cause: for the control room."""
        causes = {Key(CAUSE, str(cause.id)): cause for cause in causes_of(self._state)}
        for key in self._causes - causes.keys():
            self._ledger.remove(key)
        for key, cause in causes.items():
            self._put(key, {View.CONTROL: presentation.cause(cause)})
        self._causes = set(causes)

    def _publish(self, key: Key, now: datetime) -> None:
        if key.kind == FLIGHT:
            self._note_end(key)
        ended_at = self._ended.get(key)
        if ended_at is not None and now - ended_at > self._keep_ended:
            self._ended.pop(key)
            self._forget(key)
            return
        shown = self._shown(key)
        if shown is not None:
            self._put(key, shown)
            return
        self._ledger.remove(key)
        if key.kind == DOCK:
            self._forget_aircraft(key.id)

    def _forget(self, key: Key) -> None:
        """What has been over for long goes, and with an incident the links to it."""
        self._ledger.remove(key)
        incident = self._state.incidents.get(UUID(key.id)) if key.kind == INCIDENT else None
        for link_id in incident.link_ids if incident is not None else ():
            self._ledger.remove(Key(LINK, str(link_id)))

    def _note_end(self, key: Key) -> None:
        flight = self._state.flights.get(UUID(key.id))
        if flight is not None and flight.ended:
            self._ended[key] = flight.phases[-1].mission_time
        else:
            # A missing flight may be found again.
            self._ended.pop(key, None)

    def _put(self, key: Key, shown: Mapping[View, Any]) -> None:
        self.counts.encoded += len(shown)
        self._ledger.put(
            key,
            {view: to_json(data).decode() for view, data in shown.items()},
            quoted_id=json.dumps(key.id),
            incident_id=self._incident_of(key),
        )

    def _incident_of(self, key: Key) -> str | None:
        """The incident whose watchers see it."""
        if key.kind == INCIDENT:
            return key.id
        flight = self._state.flights.get(UUID(key.id)) if key.kind == FLIGHT else None
        return None if flight is None else str(flight.incident_id)

    def _flown_for(self, flight_id: UUID | None) -> str | None:
        """The incident for which an aircraft flies."""
        flight = None if flight_id is None else self._state.flights.get(flight_id)
        return None if flight is None or flight.ended else str(flight.incident_id)

    def _shown(self, key: Key) -> Mapping[View, Any] | None:
        """The entity per view; None when there is none."""
        state = self._state
        if key.kind == INCIDENT:
            incident = state.incidents.get(UUID(key.id))
            return None if incident is None else {view: presentation.incident(incident, view) for view in View}
        if key.kind == FLIGHT:
            flight = state.flights.get(UUID(key.id))
            return None if flight is None else {view: presentation.flight(flight, view) for view in View}
        if key.kind == PILOT:
            pilot = state.pilots.get(key.id)
            return None if pilot is None else {View.CONTROL: presentation.pilot(pilot, state)}
        if key.kind == AIRSPACE:
            return {View.CONTROL: presentation.airspace(state.airspace)} if state.airspace.revision else None
        if key.kind == CONTROLLER:
            controller = state.controllers.get(key.id)
            return None if controller is None else {View.CONTROL: presentation.controller(controller)}
        if key.kind == LINK:
            link = state.links.get(UUID(key.id))
            return None if link is None else {View.CONTROL: presentation.watch_link(link)}
        dock = state.docks.get(key.id)
        if dock is None:
            return None
        flight = None if dock.active_flight_id is None else state.flights.get(dock.active_flight_id)
        phase = None if flight is None else flight.phase.value
        return {View.CONTROL: presentation.dock(dock, phase=phase)}

    def _look_at_aircraft(self) -> None:
        if self._telemetry.changes == self._telemetry_changes:
            return
        self._telemetry_changes = self._telemetry.changes
        now_s = self._clock.wall_s()
        for dock_id, sample in self._telemetry.latest().items():
            last = self._seen.get(dock_id)
            dock = self._state.docks.get(dock_id)
            if sample is last or dock is None:
                continue
            active = sample.armed or sample.in_air or (last is not None and (last.armed or last.in_air))
            if not active and now_s - self._looked_at_s.get(dock_id, -RESTING_S) < RESTING_S:
                # It is still there to be looked at once the rest is over.
                self._telemetry_changes = -1
                continue
            if last is not None and last.aircraft_id != sample.aircraft_id:
                self._ledger.remove(Key(AIRCRAFT, last.aircraft_id))
            self._seen[dock_id] = sample
            self._looked_at_s[dock_id] = now_s
            shown = presentation.aircraft(dock_id, sample, callsign=dock.dock.aircraft.callsign)
            self.counts.encoded += 1
            text = to_json(shown).decode()
            self._ledger.put(
                Key(AIRCRAFT, sample.aircraft_id),
                {View.CONTROL: text, View.FIELD: text},
                quoted_id=json.dumps(sample.aircraft_id),
                incident_id=self._flown_for(sample.flight_id),
            )

    def _forget_aircraft(self, dock_id: str) -> None:
        last = self._seen.pop(dock_id, None)
        if last is not None:
            self._ledger.remove(Key(AIRCRAFT, last.aircraft_id))

    # --- frames ---

    def _assemble(self, sight: Sight, seq: int) -> Frame | None:
        if not self._ledger.covers(seq):
            return self.snapshot(sight)
        changed, removed = self._ledger.changed_since(seq, sight), self._ledger.removed_since(seq, sight)
        if not changed and not removed:
            return None
        self.counts.assembled += 1
        text = protocol.changes(
            epoch=self.epoch(sight),
            seq=self._ledger.seq,
            mission_time=self._mission_time,
            changed=changed,
            removed=removed,
        )
        return Frame(self._ledger.seq, text)

    def _deployment(self) -> str:
        label = self._state.deployment
        return "unknown" if label is None else label.value
