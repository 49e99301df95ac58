"""Flights at the desk: the press that sends one, its pilot's acceptance, and those that no agent will end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from dispatcher import apart, duty, flights, launching, maintenance, settingaside
from dispatcher import events as ev
from dispatcher.decision.choice import PlannedFlight, plan_flight
from dispatcher.decision.facts import DockFacts
from dispatcher.decision.option import Decision, Option
from dispatcher.desks.incidents import IncidentDesk
from dispatcher.entities import Flight, Incident
from dispatcher.errors import DispatcherError, DockNotEligible
from dispatcher.policy import WarningRules
from dispatcher.record import SYSTEM
from dispatcher.requests import Press, SetAside
from dispatcher.security.roles import Role


class FlightDesk(IncidentDesk):
    """What may be asked about a flight before it flies, and what ends it when nobody else does."""

    async def dispatch(
        self, actor: str, incident_id: UUID, press: Press, *, roles: Collection[Role] = ()
    ) -> tuple[Flight, bool]:
        """Send a drone as pressed; the same press again gives the same flight (False).

        ``roles`` are those of who presses: the policy says whose warnings they may set aside.
        """
        async with self._turnstile.passing():
            before = flights.pressed_before(self.state, actor, incident_id, press)
            if before is not None:
                return before, False
            incident, shown = flights.check_press(self.state, incident_id, press)
            self._check_policy(incident)
            asked = {press.dock_id or shown.best_dock_id} - {None}
            decision = self._decide(incident, exact_for=[dock_id for dock_id in asked if dock_id is not None])
            decided = self._decided(self._new_id(), decision)
            try:
                option = flights.chosen_option(decision, shown, press, callsign_of=self.state.callsign_of)
                settled = settingaside.settle(
                    option,
                    shown=shown,
                    press=press,
                    actor=actor,
                    roles=roles,
                    rules=self._warning_rules(),
                    now=self.clock.mission_now(),
                )
                ordered = self._order(incident, decision, decided, option, press, settled)
            except DispatcherError as refusal:
                # The refusal is a decision too: what it rested on goes into the record.
                await self._append([decided], actor)
                self._count(refusal)
                refusal.extra["decision_id"] = str(decided.decision_id)
                raise
            await self._append([decided, ordered], actor)
            return self.state.flights[ordered.flight_id], True

    def _warning_rules(self) -> WarningRules:
        return WarningRules() if self.state.policy is None else self.state.policy.document.warnings

    def _check_policy(self, incident: Incident) -> None:
        try:
            launching.check_press(incident, launching.stance(self.state, incident, self.clock.mission_now()))
        except DispatcherError as refusal:
            self._count(refusal)
            raise

    def _order(
        self,
        incident: Incident,
        decision: Decision,
        decided: ev.OptionsDecided,
        option: Option,
        press: Press,
        settled: settingaside.Settled = settingaside.NOTHING,
    ) -> ev.FlightOrdered:
        dock = next(facts for facts in decision.inputs.docks if facts.dock_id == option.dock_id)
        ordered = flights.order_flight(
            self.state,
            incident=incident,
            decision_id=decided.decision_id,
            decision=decision,
            option=option,
            planned=self._planned(incident, decision, dock),
            press=press,
            settled=settled,
            flying=self.flying,
            deployment=self.deployment,
            now=self.clock.mission_now(),
            new_id=self._new_id,
        )
        order = apart.above_others(self.state, ordered.order, dock, sky=self._sky())
        return ordered if order is ordered.order else ordered.model_copy(update={"order": order})

    def _planned(self, incident: Incident, decision: Decision, dock: DockFacts) -> PlannedFlight:
        """The plan, apart from all that fly, bends around zones and all."""

        def plan_at(height_m: float | None) -> PlannedFlight:
            return plan_flight(
                incident=decision.inputs.incident,
                dock=dock,
                policy=self.policy,
                height_m=height_m,
                world=self._world_of(decision),
            )

        try:
            return apart.apart_plan(
                self.state,
                dock,
                plan_at=plan_at,
                height_m=decision.inputs.height_m(dock.dock_id),
                sky=self._sky(),
            )
        except apart.NoHeightFree as error:
            raise DockNotEligible(f"{dock.dock_id} cannot go: {error}", reasons={dock.dock_id: [str(error)]}) from error

    async def accept_flight(
        self, actor: str, flight_id: UUID, *, given: Sequence[SetAside] = (), roles: Collection[Role] = ()
    ) -> Flight:
        """The named pilot takes it, and sets aside what was left to them; the order goes out."""
        async with self._turnstile.passing():
            now, rules = self.clock.mission_now(), self._warning_rules()
            accepted = flights.accept(self.state, flight_id, actor, now=now, given=given, roles=roles, rules=rules)
            await self._append(accepted, actor)
            return self.state.flights[flight_id]

    async def expire_order(self, flight_id: UUID, order_id: UUID) -> None:
        """The link gave an order up."""
        async with self._turnstile.passing():
            await self._append(flights.expire_order(self.state, flight_id, order_id), SYSTEM)

    async def look_after_flights(self) -> None:
        """End what no agent will end; called every few seconds."""
        async with self._turnstile.passing():
            now, heard = self.clock.mission_now(), {dock_id: last.status for dock_id, last in self._heard.items()}
            telemetry, factor = self._whereabouts.latest(), self.clock.factor
            for event in flights.look_after(self.state, heard=heard, telemetry=telemetry, now=now, factor=factor):
                held: list[ev.Event] = []
                if isinstance(event, ev.FlightFound):
                    held = maintenance.hold_found(
                        self.state, event, deployment=self.deployment, now=now, new_id=self._new_id
                    )
                await self._append([event, *held], SYSTEM)
            await self._append(duty.end_shifts(self.state, now=now), SYSTEM)
            await self._append(duty.end_controllers(self.state, now=now), SYSTEM)
