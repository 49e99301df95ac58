"""Commands at the desk: what a flight is told while it is out, and how each comes out."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts.orders import SafetyAction
from contracts.tasks import Avoid, Nudge, Parachute, Retask, Task
from contracts.vocabulary import Phase
from dispatcher import commanding, nearness
from dispatcher import events as ev
from dispatcher.apart import MOVES, apart_task, heights_for
from dispatcher.confirmation import Asked
from dispatcher.decision.facts import performance_from_fleet
from dispatcher.desks.writer import Writer
from dispatcher.diverting import Present, present_of, surroundings_of, wind_of
from dispatcher.entities import Command, Flight, Incident
from dispatcher.errors import Conflict
from dispatcher.events import IncidentPlace
from dispatcher.flights import flight_of
from dispatcher.incidents import ground_distance_m, incident_of
from dispatcher.record import SYSTEM
from dispatcher.rerouting import affordable, cost, lay_retask, on_board
from geo.flight.energy import FlightEstimate
from geo.flight.wind import Wind


class CommandDesk(Writer):
    """What may be asked of a flight. A request with the key of one before gets that one's command."""

    async def command_flight(
        self, actor: str, flight_id: UUID, action: SafetyAction, because: str, idempotency_key: str | None
    ) -> Command:
        """Hold, return or cancel, past everything that waits."""
        async with self._turnstile.passing(safety=True):
            before = commanding.given_before(self.state, flight_id, actor, idempotency_key)
            if before is not None:
                return before
            await self._append(self._safety(flight_id, action, actor, because, idempotency_key), actor)
            self.look_due.set()
            return self._latest(flight_id, action)

    async def land_flight(
        self, actor: str, flight_id: UUID, because: str, idempotency_key: str | None, confirmation: UUID | None
    ) -> Command | Asked:
        """Down here and now; asked back once."""
        action = SafetyAction.LAND
        async with self._turnstile.passing(safety=True):
            before = commanding.given_before(self.state, flight_id, actor, idempotency_key)
            if before is not None:
                return before
            events = self._safety(flight_id, action, actor, because, idempotency_key)
            asked = self._asked_back(actor, flight_id, action, confirmation) if events else None
            if asked is not None:
                return asked
            await self._append(events, actor)
            self.look_due.set()
            return self._latest(flight_id, action)

    async def give_task(
        self,
        actor: str,
        flight_id: UUID,
        task: Task,
        because: str,
        idempotency_key: str | None,
    ) -> Command:
        """Something to do in the air that needs no way to be laid and no second press."""
        async with self._turnstile.passing(safety=isinstance(task, Avoid)):
            before = commanding.given_before(self.state, flight_id, actor, idempotency_key)
            if before is not None:
                return before
            events = self._task(flight_id, task, actor=actor, because=because, idempotency_key=idempotency_key)
            self._kept_apart(flight_id, task)
            return await self._give(events, actor, flight_id)

    async def deploy_parachute(
        self, actor: str, flight_id: UUID, because: str, idempotency_key: str | None, confirmation: UUID | None
    ) -> Command | Asked:
        """Asked back once; the agent's own guard must agree that it is falling."""
        async with self._turnstile.passing(safety=True):
            before = commanding.given_before(self.state, flight_id, actor, idempotency_key)
            if before is not None:
                return before
            task = Parachute()
            events = self._task(flight_id, task, actor=actor, because=because, idempotency_key=idempotency_key)
            asked = self._asked_back(actor, flight_id, task.type, confirmation)
            return asked or await self._give(events, actor, flight_id)

    async def retask(
        self,
        actor: str,
        flight_id: UUID,
        scene: IncidentPlace,
        watch_s: float | None,
        because: str,
        idempotency_key: str | None,
    ) -> Command:
        """A new scene, with a new way there and home from where the flight is now."""
        async with self._turnstile.passing():
            before = commanding.given_before(self.state, flight_id, actor, idempotency_key)
            if before is not None:
                return before
            flight = flight_of(self.state, flight_id)
            commanding.check_may(flight, actor, "retask")
            commanding.check_possible(self.state, flight, actor, "retask", self.flying)
            task = self._laid_retask(flight, scene, watch_s)
            events = self._task(flight_id, task, actor=actor, because=because, idempotency_key=idempotency_key)
            return await self._give(events, actor, flight_id)

    async def clear_air(
        self, actor: str, incident_id: UUID, because: str, idempotency_key: str | None
    ) -> list[tuple[Flight, Command]]:
        """Every flight over the incident's scene goes down to the policy's height, whoever commands it."""
        async with self._turnstile.passing(safety=True):
            incident = incident_of(self.state, incident_id)
            over = self._over(incident)
            if not over:
                raise Conflict("no flight of ours is over this scene")
            given: list[tuple[UUID, UUID]] = []
            events: list[ev.Event] = []
            for flight in over:
                before = commanding.given_before(self.state, flight.id, actor, idempotency_key)
                mine = (
                    []
                    if before is not None
                    else self._task(flight.id, Avoid(), actor=actor, because=because, idempotency_key=idempotency_key)
                )
                events += mine
                order_id = (
                    before.order_id
                    if before is not None
                    else next(event.order_id for event in mine if isinstance(event, ev.TaskGiven))
                )
                given.append((flight.id, order_id))
            await self._append(events, actor)
            flights = [(self.state.flights[flight_id], order_id) for flight_id, order_id in given]
            return [
                (flight, command) for flight, order_id in flights if (command := flight.command(order_id)) is not None
            ]

    async def look_after_nearness(self) -> None:
        """Flights that are not apart after all; called every second, and in nobody's way while there are none.

        One that fails is counted, and is due again: what a person was answered must not go unlooked at.
        """
        # Cleared first: what is given from here on may not be in what this one sees.
        self.look_due.clear()
        try:
            if not nearness.look(self.state, self._sky(), now=self.clock.mission_now(), new_id=self._new_id):
                return
            async with self._turnstile.passing(safety=True):
                await self._keep_others_apart()
        except BaseException as failure:
            self.look_due.set()
            self.counters.looks_failed += isinstance(failure, Exception)
            raise

    async def expire_command(self, flight_id: UUID, order_id: UUID) -> None:
        """The link gave a command up."""
        async with self._turnstile.passing():
            await self._append(commanding.expire_command(self.state, flight_id, order_id), SYSTEM)

    # --- pieces ---

    def _safety(
        self, flight_id: UUID, action: SafetyAction, actor: str, because: str, idempotency_key: str | None
    ) -> list[ev.Event]:
        return commanding.command(
            self.state,
            flight_id,
            action,
            actor=actor,
            because=because,
            idempotency_key=idempotency_key,
            now=self.clock.mission_now(),
            new_id=self._new_id,
        )

    def _latest(self, flight_id: UUID, action: str) -> Command:
        """The last command of that kind: the one that was given, or that is still pending."""
        return next(each for each in reversed(self.state.flights[flight_id].commands) if each.action == action)

    def _task(
        self, flight_id: UUID, task: Task, *, actor: str, because: str, idempotency_key: str | None
    ) -> list[ev.Event]:
        return commanding.give_task(
            self.state,
            flight_id,
            task,
            actor=actor,
            because=because,
            idempotency_key=idempotency_key,
            policy=self.flying,
            now=self.clock.mission_now(),
            new_id=self._new_id,
        )

    async def _give(self, events: Sequence[ev.Event], actor: str, flight_id: UUID) -> Command:
        await self._append(events, actor)
        return commanding.just_given(self.state.flights[flight_id], events)

    def _asked_back(self, actor: str, flight_id: UUID, action: str, confirmation: UUID | None) -> Asked | None:
        """The question, at the first press; None once it is answered."""
        if confirmation is not None:
            self._confirmations.confirm(actor, flight_id, action, confirmation)
            return None
        flight = flight_of(self.state, flight_id)
        return self._confirmations.ask(
            actor, flight_id, action, f"{_QUESTIONS[action]} {flight.callsign} {self._there(flight)}?"
        )

    def _there(self, flight: Flight) -> str:
        seen = self._whereabouts.latest().get(flight.dock_id)
        if seen is None or seen.flight_id != flight.id:
            return "where it is now, which is not known here"
        age_s = (self.clock.mission_now() - seen.mission_time).total_seconds() + seen.position_age_s
        return (
            f"here and now, at {seen.lat_deg:.5f}, {seen.lon_deg:.5f}, {seen.alt_above_home_m:.0f} m above its dock "
            f"({max(0.0, age_s):.0f} s ago)"
        )

    def _present(self, flight: Flight) -> Present:
        """Raises `Conflict` where it is not known."""
        return present_of(flight, self._whereabouts.latest().get(flight.dock_id), now=self.clock.mission_now())

    def _laid_retask(
        self, flight: Flight, scene: IncidentPlace, watch_s: float | None, *, incident_id: UUID | None = None
    ) -> Retask:
        """The task, apart from all that fly; its watch is what was asked for, or what the charge leaves if less."""
        present, home = self._present(flight), self.state.docks[flight.dock_id]
        wanted_s = self.policy.watch_s if watch_s is None else watch_s
        wind = self._wind_around(flight, present)
        world = self.worlds.world(self.state, self.clock.mission_now())
        around = surroundings_of(self.state, flight, wind=wind, world=world)

        def laid_at(height_m: float | None) -> Retask:
            task = lay_retask(
                flight=flight,
                present=present.at,
                scene=scene,
                policy=self.policy,
                watch_s=min(wanted_s, self.policy.watch_cap_s),
                max_range_m=home.dock.limits.max_range_m,
                around=around,
                height_m=height_m,
                incident_id=incident_id,
            )
            estimate = affordable(
                task=task,
                flight=flight,
                present=present.at,
                performance=around.performance,
                charge_percent=present.charge_percent,
                wind=wind,
                least_watch_s=min(self.policy.min_watch_s, task.watch_s),
                otherwise=f"{flight.callsign} cannot be sent there",
            )
            return task.model_copy(update={"watch_s": min(task.watch_s, estimate.watch.seconds)})

        return apart_task(self.state, flight, lay_at=laid_at, heights_m=heights_for(flight), sky=self._sky())

    async def _keep_others_apart(self) -> None:
        events = nearness.look(self.state, self._sky(), now=self.clock.mission_now(), new_id=self._new_id)
        await self._append(events, SYSTEM)

    def _kept_apart(self, flight_id: UUID, task: Task) -> None:
        """Raises `NotApart` where a task would bring the flight near others."""
        flight = flight_of(self.state, flight_id)
        turns = isinstance(task, Nudge) and not (task.forward or task.right or task.up)
        if isinstance(task, MOVES) and not turns and flight.phase.is_airborne:
            apart_task(self.state, flight, lay_at=lambda _: task, heights_m=(), sky=self._sky())

    def _laid(
        self, flight: Flight, scene: IncidentPlace, watch_s: float | None, *, incident_id: UUID | None = None
    ) -> tuple[Retask, FlightEstimate]:
        """With what the rest of the flight then takes."""
        present, home = self._present(flight), self.state.docks[flight.dock_id]
        task = self._laid_retask(flight, scene, watch_s, incident_id=incident_id)
        estimate = cost(
            task=task,
            flight=flight,
            present=present.at,
            performance=performance_from_fleet(aircraft_type=home.aircraft_type, limits=home.dock.limits),
            charge_percent=present.charge_percent,
            wind=self._wind_around(flight, present),
        )
        return task, estimate

    def _wind_around(self, flight: Flight, present: Present) -> Wind:
        """As its dock measures it, at the height where it flies."""
        status = self._statuses().get(flight.dock_id)
        return wind_of(status, self.policy, height_m=present.at.alt_above_home_m)

    def _over(self, incident: Incident) -> list[Flight]:
        """The flights in the air on the incident, and those whose scene or place is near its own."""
        return [
            flight
            for flight in self.state.active_flights()
            if flight.phase in _CAN_CLEAR and (flight.incident_id == incident.id or self._near(flight, incident.place))
        ]

    def _near(self, flight: Flight, place: IncidentPlace) -> bool:
        scene = on_board(flight).scene
        places = [IncidentPlace(lat_deg=scene.lat_deg, lon_deg=scene.lon_deg)]
        seen = self._whereabouts.latest().get(flight.dock_id)
        if seen is not None and seen.flight_id == flight.id:
            places.append(IncidentPlace(lat_deg=seen.lat_deg, lon_deg=seen.lon_deg))
        within_m = self.flying.clear_air_within_m + place.radius_m
        return any(ground_distance_m(each, place) <= within_m for each in places)


_QUESTIONS = {"land": "Land", "parachute": "Deploy the parachute of"}
_CAN_CLEAR = frozenset({Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING})
