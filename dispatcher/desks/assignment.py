"""The plan for all open incidents at the desk: asked for and shown, never acted on and so not journalled.

Every press still decides anew (`FlightDesk.dispatch`), and a flight is still moved by its pilot alone (`retask`).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from contracts.vocabulary import Phase
from dispatcher import incidents
from dispatcher.assigning import Planned, Turn, Waiting, plan_of
from dispatcher.decision.assignment import Weighing
from dispatcher.decision.facts import performance_from_fleet
from dispatcher.decision.option import Decision
from dispatcher.desks.incidents import IncidentDesk
from dispatcher.entities import Flight, Incident, IncidentStatus
from dispatcher.errors import DispatcherError
from dispatcher.policy import PolicyDocument
from dispatcher.policy.document import Grade
from dispatcher.rerouting import cost
from dispatcher.watching import links_of, state_of
from geo.flight.position import distance_m

MOST = 40
"""Incidents that one plan looks at, the gravest and oldest: beyond that many a plan is not what is missing."""
_TURNABLE = (Phase.EN_ROUTE, Phase.ON_SCENE)


class AssignmentDesk(IncidentDesk):
    """Who should go where."""

    async def assignments(self) -> tuple[Planned, ...]:
        """The plan for every open incident that no flight serves, as it stands now."""
        now = self.clock.mission_now()
        known = [each for each in self.state.incidents.values() if each.status is IncidentStatus.OPEN]
        grades = {each.id: self._grade(each) for each in known}
        known.sort(key=lambda each: (grades[each.id][0], each.received_at, str(each.id)))
        waiting: list[Waiting] = []
        turns: dict[str, list[Turn]] = {}
        others: dict[UUID, float | None] = {}
        served = {each.id: self._serving(each) for each in known}
        looked_at = known[:MOST]
        for each in looked_at:
            decision = self._decide(each)
            row = self._waiting(each, *grades[each.id], decision, now)
            flight = served[each.id]
            if incidents.active_flight_of(self.state, each) is not None and flight is None:
                continue  # its drone is on the way home, or not off yet: nothing to plan
            others[each.id] = min(row.docks.values(), default=None)
            waiting.append(row)
            await asyncio.sleep(0)
        for each in looked_at:
            if incidents.active_flight_of(self.state, each) is None:
                turns[str(each.id)] = self._turns(each, others)
                await asyncio.sleep(0)
        return plan_of(waiting, turns, weighing=self._weighing(), countdown_s=self._policy().diversion.countdown_s)

    def turns_to(self, incident_id: UUID) -> list[Turn]:
        """Every flight in the air as an option for an incident, the soonest first; those that cannot go, with why."""
        incident = incidents.incident_of(self.state, incident_id)
        if incident.status is not IncidentStatus.OPEN:
            return []
        others: dict[UUID, float | None] = {}
        for each in self.state.incidents.values():
            if self._serving(each) is not None and each.id != incident.id:
                decision = self._decide(each)
                others[each.id] = min(_times(decision).values(), default=None)
        found = self._turns(incident, others)
        return sorted(found, key=lambda turn: (not turn.eligible, turn.time_to_scene_s or 0.0, turn.flight_id))

    # --- pieces ---

    def _policy(self) -> PolicyDocument:
        return PolicyDocument.built_in() if self.state.policy is None else self.state.policy.document

    def _weighing(self) -> Weighing:
        return Weighing(gain_s=self._policy().diversion.gain_s)

    def _grade(self, incident: Incident) -> tuple[int, Grade]:
        """Its rank and what the policy says of it; a grade that the policy does not know is taken as it says."""
        document = self._policy()
        found = document.grade_called(incident.grade) or document.grade_called(document.unknown_grade)
        return (0, document.grades[0]) if found is None else found

    def _serving(self, incident: Incident) -> Flight | None:
        """The flight that could be taken from it: on its way there or on scene; None while one relieves another."""
        active = incidents.active_flights_of(self.state, incident)
        if len(active) != 1 or active[0].phase not in _TURNABLE:
            return None
        return active[0]

    def _waiting(self, incident: Incident, rank: int, grade: Grade, decision: Decision, now: datetime) -> Waiting:
        flight, times = self._serving(incident), _times(decision)
        refusal = ""
        if not times and decision.options:
            nearest = decision.options[0]
            refusal = f"no dock can go; {nearest.dock_id}: {'; '.join(reason.text for reason in nearest.reasons)}"
        return Waiting(
            incident_id=str(incident.id),
            grade=grade.name,
            rank=rank,
            weight=grade.weight,
            waited_s=max(0.0, (now - incident.received_at).total_seconds()),
            docks=times,
            refusal=refusal,
            flight_id=None if flight is None else str(flight.id),
        )

    def _turns(self, incident: Incident, others: dict[UUID, float | None]) -> list[Turn]:
        found = []
        for each in self.state.incidents.values():
            flight = self._serving(each)
            if each.id != incident.id and flight is not None:
                found.append(self._turn(flight, each, incident, others.get(each.id)))
        return found

    def _turn(self, flight: Flight, serves: Incident, incident: Incident, others_s: float | None) -> Turn:
        refused = Turn(
            flight_id=str(flight.id),
            callsign=flight.callsign,
            dock_id=flight.dock_id,
            pilot=flight.pilot,
            serves=str(serves.id),
            phase=flight.phase.value,
            eligible=False,
            reasons=(),
            others_s=others_s,
            watched_by=self._watched_by(serves),
        )
        home = self.state.docks[flight.dock_id]
        performance = performance_from_fleet(aircraft_type=home.aircraft_type, limits=home.dock.limits)
        try:
            present = self._present(flight)
            task = self._laid_retask(flight, incident.place, incident.watch_s)
        except DispatcherError as error:
            return replace(refused, reasons=(error.detail,))
        estimate = cost(
            task=task,
            flight=flight,
            present=present.at,
            performance=performance,
            charge_percent=present.charge_percent,
            wind=self._wind_around(flight, present),
        )
        scene = flight.order.scene if flight.plan is None else flight.plan.scene
        away_m = distance_m(present.at.lat_deg, present.at.lon_deg, scene.lat_deg, scene.lon_deg)
        remaining_s = 0.0 if flight.phase is Phase.ON_SCENE else away_m / performance.cruise_m_s
        return replace(
            refused,
            eligible=True,
            time_to_scene_s=round(estimate.time_to_scene_s, 1),
            watch_s=round(estimate.watch.seconds, 1),
            battery_on_return_percent=round(estimate.battery_on_return_percent, 1),
            energy_wh=round(estimate.energy_wh, 1),
            remaining_s=round(remaining_s, 1),
        )

    def _watched_by(self, incident: Incident) -> tuple[str, ...]:
        """Who has a link to this incident that holds: they look through it, or may at any moment."""
        now = self.clock.wall_now()
        held = (link for link in links_of(self.state, incident) if state_of(link, now) in ("given", "bound"))
        return tuple(sorted({link.given_to for link in held}))


def _times(decision: Decision) -> dict[str, float]:
    return {
        option.dock_id: option.time_to_scene_s
        for option in decision.options
        if option.eligible and option.time_to_scene_s is not None
    }
