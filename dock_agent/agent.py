"""The agent itself: takes orders, looks at the world some times a second, and does what the phase machine asks for.

Everything is decided in `dock_agent.phases` and `dock_agent.guards`. Here a decision is first put on disk, together
with the events that it gave rise to, and then carried out, each effect in a task of its own that ends in bounded time:
no transfer can stand in front of a return.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime

from contracts.fleet import AircraftType, Dock
from contracts.orders import FlightOrder
from contracts.reports import DockNoted, Fact
from contracts.vocabulary import Deployment, Phase
from dock_agent import guards, phases, replanning
from dock_agent.alarms import AlarmBoard
from dock_agent.caretaker import Caretaker
from dock_agent.dock_camera import OLD_S, Picture, PictureSource
from dock_agent.dock_hardware import DockHardware
from dock_agent.flight import Flight, Seen, since
from dock_agent.flight_link import FlightLink
from dock_agent.hands import Hands, Step
from dock_agent.housekeeping import Housekeeping
from dock_agent.intake import Intake
from dock_agent.lookout import Lookout
from dock_agent.maintenance import Maintenance
from dock_agent.mission import MissionPlan
from dock_agent.nextaction import NextAction, next_action
from dock_agent.receiving import Reception
from dock_agent.record import Record
from dock_agent.store import Store
from dock_agent.track import TrackRecorder
from dock_agent.turn import Effect, Say
from kestrel.clock import Clock

log = logging.getLogger(__name__)

LOOK_S = 0.1
"""Wall seconds between looks."""
ALARM_S = 1.0
"""Mission seconds between looks at what alarms there are."""
ALARMS = "alarms"


class DockAgent:
    """One dock and its drone. Use ``async with agent.running()``; ``look`` may also be called by hand."""

    def __init__(
        self,
        *,
        dock: Dock,
        aircraft_type: AircraftType,
        deployment: Deployment,
        clock: Clock,
        link: FlightLink,
        hardware: DockHardware,
        store: Store,
        camera: PictureSource | None = None,
    ) -> None:
        self._dock, self._type, self._deployment = dock, aircraft_type, deployment
        self._clock, self._link, self._hardware, self._store = clock, link, hardware, store
        self.flight: Flight | None = None
        self._mission: MissionPlan | None = None
        self._planned: FlightOrder | None = None
        self._track: TrackRecorder | None = None
        self._lookout = Lookout(dock=dock, aircraft_type=aircraft_type)
        self._camera = camera
        self._record = Record(store=store, clock=clock, deployment=deployment)
        self._caretaker = Caretaker(dock=dock, store=store)
        self._alarms = AlarmBoard.load(store.load_text(ALARMS))
        self._alarmed_at: datetime | None = None
        self._hands = Hands(link=link, hardware=hardware, then=self._then)
        self._housekeeping = Housekeeping(lid_s=dock.lid_s, hands=self._hands)
        self._reception = Reception(dock=dock, store=store)
        self._maintenance = Maintenance(store=store)
        orders = Intake(
            agent=self,
            aircraft_type=aircraft_type,
            deployment=deployment,
            clock=clock,
            hardware=hardware,
            store=store,
            record=self._record,
            caretaker=self._caretaker,
            reception=self._reception,
            maintenance=self._maintenance,
        )
        self.take_order, self.take_safety, self.take_task = orders.take_order, orders.take_safety, orders.take_task
        self.take_receive, self.take_blocker = orders.take_receive, orders.take_blocker
        self.take_withdrawal, self.take_maintenance = orders.take_withdrawal, orders.take_maintenance
        self.on_change: Callable[[], None] = lambda: None
        self.on_picture: Callable[[Picture, str], None] = lambda _picture, _when: None
        """Told of each picture that went on record, and of what moment it is."""
        """Called after the flight has changed."""

    def on_events(self, told: Callable[[], None]) -> None:
        """Call ``told`` after events have been put into the outbox."""
        self._record.on_event = told

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[DockAgent]:
        """Look at the world inside the block. Leaving it sends nothing to the aircraft."""
        looking = asyncio.create_task(self._run(), name="looking")
        try:
            yield self
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking
            await self.drain()

    async def _run(self) -> None:
        while True:
            try:
                self.look()
            except Exception:
                # The aircraft flies its mission whatever happens here; a flight must not lose its agent to one look.
                log.exception("a look failed")
            await self._clock.sleep_wall(LOOK_S)

    async def drain(self) -> None:
        """Cancel what is under way; a command that has left is not called back by this."""
        await self._hands.drain()

    @property
    def standing(self) -> guards.Standing:
        """What is known of the dock at this moment."""
        return guards.Standing(
            dock=self._dock,
            aircraft_type=self._type,
            deployment=self._deployment,
            aircraft=self._link.reading(),
            hardware=self._hardware.reading(),
            flight_id=self.flight.order.flight_id if self.flight else None,
            last_sequence=self._store.last_order_sequence,
            watch=self._lookout.watch,
            checked=self._caretaker.checked,
            distrusted=self._caretaker.distrusted,
            raised=self._caretaker.raised,
            held=self._maintenance.because,
            maintenance_order_id=self._maintenance.order_id,
            picture_age_s=self.picture_age_s,
            expecting=self._reception.expecting,
            receiving_flight_id=self._reception.now.order.flight_id if self._reception.now else None,
        )

    @property
    def coming(self) -> NextAction | None:
        """What the flight under way does next by itself."""
        forecast = self._lookout.watch.forecast
        return next_action(
            self.flight,
            aircraft=self._link.reading(),
            aircraft_type=self._type,
            now=self._clock.mission_now(),
            must_leave_at=None if forecast is None else forecast.must_leave_at,
            factor=self._clock.factor,
        )

    def resume(self) -> None:
        """Pick up the flight that was under way when the last process ended, if any."""
        flight = self._store.load_flight()
        if flight is None:
            self._record.say([DockNoted(severity="info", text="the agent has started")])
            return
        log.warning("carrying on", extra={"flight_id": str(flight.order.flight_id), "phase": flight.phase})
        self._record.say([DockNoted(severity="warning", text=f"the agent was restarted in the phase {flight.phase}")])
        self.begin(flight)
        self.become(*phases.resume(flight, seen=self.seen(), mission=replanning.plan_of(flight)))

    def look(self) -> None:
        """One look at the world; called at a steady pace, and at once when the aircraft's state changes."""
        seen = self.seen()
        if self.flight is None:
            self._idle()
        else:
            self._sample(seen)
            self.become(*phases.look(self.flight, seen=seen, mission=self.plan()))
        self._look_after(seen)

    def _look_after(self, seen: Seen) -> None:
        """Raise and end alarms, and check the box after a flight; once a mission second."""
        if self._alarmed_at is not None and 0 <= since(self._alarmed_at, seen.now) < ALARM_S:
            return
        self._alarmed_at = seen.now
        flight = self.flight
        noted = self._caretaker.look(
            hardware=seen.dock,
            aircraft=seen.aircraft,
            now=seen.now,
            factor=seen.factor,
            flying=flight is not None,
        )
        of_flight = self._lookout.watch.alarms if flight is not None else ()
        changes = self._alarms.changes(
            [*of_flight, *self._caretaker.alarms],
            flight_id=flight.order.flight_id if flight is not None else None,
            now=seen.now,
        )
        notes = [] if noted is None else [DockNoted(severity="info", text=noted[:400])]
        if changes or notes:
            for change in changes:
                log.warning("alarm", extra={"alarm": change.alarm, "active": change.active, "text": change.text})
            self._record.say([*changes, *notes], also=lambda: self._store.save_text(ALARMS, self._alarms.save()))
            self.on_change()

    def seen(self) -> Seen:
        """The world at this moment, and what the look-out demands."""
        now, aircraft, dock = self._clock.mission_now(), self._link.reading(), self._hardware.reading()
        watch = self._lookout.look(flight=self.flight, aircraft=aircraft, dock=dock, now=now, factor=self._clock.factor)
        charge = watch.forecast
        return Seen(
            now=now,
            wall=self._clock.wall_now(),
            aircraft=aircraft,
            dock=dock,
            lid_s=self._dock.lid_s,
            factor=self._clock.factor,
            must_return=watch.must_return,
            must_hold=watch.must_hold,
            avoid=watch.avoid,
            over_dock=self._caretaker.raised,
            held=self._maintenance.because,
            converging=watch.converging,
            battery_at_home_percent=charge.at_home_percent if charge is not None else None,
            must_leave_at=charge.must_leave_at if charge is not None else None,
        )

    def plan(self) -> MissionPlan:
        """What the flight counts on being on board."""
        flight = self.flight
        if flight is None:
            raise RuntimeError("no flight is under way")
        if self._mission is None or self._planned is not flight.order:
            self._mission, self._planned = replanning.plan_of(flight), flight.order
        return self._mission

    def begin(self, flight: Flight) -> None:
        """A flight that is new to this process."""
        self._mission = None
        self._track = TrackRecorder(flight_id=flight.order.flight_id)

    def become(self, flight: Flight, effects: Iterable[Effect], also: Callable[[], None] | None = None) -> None:
        """Put a step on disk, then carry it out."""
        effects = list(effects)
        facts: list[Fact] = [effect.fact for effect in effects if isinstance(effect, Say)]
        before = self.flight
        if flight.phase.is_end and self._track is not None:
            rest = self._track.finish()
            facts = [rest, *facts] if rest is not None else facts
            # What has ended says all of itself: its alarms end before it does.
            now = self._clock.mission_now()
            facts = [*self._alarms.changes(self._caretaker.alarms, flight_id=None, now=now), *facts]
        if effects or also is not None:
            with self._store.transaction():
                self._record.append(facts)
                self._store.save_flight(flight)
                if flight.phase.is_end:
                    self._owe_check(flight)
                if also is not None:
                    also()
        self.flight = None if flight.phase.is_end else flight
        if before is None or before.phase is not flight.phase:
            self._look_at_dock(flight.phase)
            log.info("phase", extra={"flight_id": str(flight.order.flight_id), "phase": flight.phase})
        if self.flight is None:
            self._mission = self._planned = self._track = None
            self._housekeeping.reset()
        if facts:
            self._record.on_event()
        if effects:
            self.on_change()
        self._hands.do_all(effects, flight=flight, plan=self.plan() if self.flight is not None else None)

    def _owe_check(self, flight: Flight) -> None:
        now, factor = self._clock.mission_now(), self._clock.factor
        self._caretaker.ended(flight, hardware=self._hardware.reading(), now=now, factor=factor)
        self._store.save_text(ALARMS, self._alarms.save())

    def _look_at_dock(self, phase: Phase) -> None:
        """Before the lid opens and on a landing somebody looks at the picture: which one there was is put on record."""
        if self._camera is None or phase not in (Phase.PREPARING, Phase.LANDING):
            return
        self._camera.look_now()
        picture, age_s = self._camera.picture(), self.picture_age_s
        when = "before the lid opens" if phase is Phase.PREPARING else "at the landing"
        if picture is None or age_s is None or age_s > OLD_S:
            age = "" if age_s is None else f": the last is {age_s:.0f} s old"
            self._record.say([DockNoted(severity="warning", text=f"no picture of the dock {when}{age}")])
        else:
            text = f"the dock's picture {when} is {age_s:.1f} s old, sha256 {picture.sha256}"
            self._record.say([DockNoted(severity="info", text=text, picture_sha256=picture.sha256)])
            self.on_picture(picture, when)

    @property
    def picture_age_s(self) -> float | None:
        """Of the dock camera's newest picture, in mission seconds; None while there is none."""
        picture = None if self._camera is None else self._camera.picture()
        return None if picture is None else max(0.0, self._clock.mission_s() - picture.taken_s)

    def _sample(self, seen: Seen) -> None:
        flight, track = self.flight, self._track
        if flight is None or track is None or not flight.phase.is_airborne or flight.landed_at is not None:
            return
        stretch = track.sample(seen.aircraft, now=seen.now)
        if stretch is not None:
            with self._store.transaction():
                self._record.append([stretch])
                self._store.save_flight(flight)
            self._record.on_event()

    def _then(self, step: Step) -> None:
        """Something came back: the next step of the flight, if it is still under way."""
        if self.flight is not None:
            self.become(*step(self.flight, seen=self.seen(), mission=self.plan()))

    def _idle(self) -> None:
        """Nothing of ours flies: the box is looked after, or kept open for another dock's aircraft."""
        dock, now, factor = self._hardware.reading(), self._clock.mission_now(), self._clock.factor
        if self._reception.now is None:
            aircraft, wall_s = self._link.reading(), self._clock.wall_s()
            still = self._caretaker.raised is not None or self._maintenance.because is not None
            noted = self._housekeeping.look(
                dock=dock, aircraft=aircraft, now=now, wall_s=wall_s, factor=factor, still=still
            )
            if noted is not None:
                self._record.say([noted])
            return
        with self._store.transaction():
            move = self._reception.look(dock, now=now, wall=self._clock.wall_now(), factor=factor)
            self._record.append(move.facts)
        if move.lid_open is not None:
            self._hands.move_lid(opened=move.lid_open)
        if move.charge:
            self._hands.charge(enabled=True)
        if move.facts:
            self._record.on_event()
            self.on_change()
