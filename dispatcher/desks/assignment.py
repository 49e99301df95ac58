"""The plan for all open incidents at the desk: what it is made from, asked for and shown.

Looking is no act and is not journalled; what follows from a plan is `dispatcher.desks.turns`. Every press still decides
anew (`FlightDesk.dispatch`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.vocabulary import Phase
from dispatcher import incidents, nextcalls, turning
from dispatcher.assigning import Planned, Turn, Waiting
from dispatcher.decision.assignment import Weighing
from dispatcher.decision.facts import performance_from_fleet
from dispatcher.decision.option import Decision
from dispatcher.desks.incidents import IncidentDesk
from dispatcher.entities import Flight, Incident, IncidentStatus
from dispatcher.errors import DispatcherError
from dispatcher.planrecord import PlanInputs
from dispatcher.policy import PolicyDocument
from dispatcher.policy.document import Grade
from geo.flight.position import distance_m

MOST = 40
"""Incidents that one plan looks at, the gravest and oldest: beyond that many a plan is not what is missing."""
_SERVES = (Phase.EN_ROUTE, Phase.ON_SCENE)


NEAREST = 6
"""Flights for which, of each incident, a way is looked for."""
RESTS = 4.0
"""So many times as long as a plan took none is made: half of that was rest already, so it has a tenth of the time."""
CALLS_EACH = timedelta(minutes=10)
"""Where calls come from does not change from one minute to the next."""


class AssignmentDesk(IncidentDesk):
    """Who should go where."""

    _calls: nextcalls.NextCalls | None = None
    _calls_seen: tuple[datetime, int] | None = None
    _looking: asyncio.Task[tuple[Planned, ...]] | None = None
    _looked_for: object = None
    _looks_again_s: float = 0.0
    """Wall seconds."""

    async def assignments(self) -> tuple[Planned, ...]:
        """The plan for every open incident that no flight serves, as it stands now.

        One is made at a time, and who asks for the same again while it is made, or soon after in the measure of what it
        took, gets that one: however many look, the desk is there for those who press.
        """
        while True:
            known = [each for each in self.state.incidents.values() if each.status is IncidentStatus.OPEN]
            wanted = (
                frozenset((each.id, each.revision, each.flight_id) for each in known),
                frozenset((flight.id, flight.phase, flight.incident_id) for flight in self.state.active_flights()),
            )
            looking, same = self._looking, wanted == self._looked_for
            if looking is None or (looking.done() and not (same and self.clock.wall_s() < self._looks_again_s)):
                looking = self._looking = asyncio.create_task(self._looked(known))
                self._looked_for, same = wanted, True
            if same:
                return await asyncio.shield(looking)
            await asyncio.wait([looking])

    async def _looked(self, known: Sequence[Incident]) -> tuple[Planned, ...]:
        began_s = self.clock.wall_s()
        planned = (await self._gathered(known)).planned()
        ended_s = self.clock.wall_s()
        self._looks_again_s = ended_s + RESTS * (ended_s - began_s)
        return planned

    async def _rest_since(self, began_s: float) -> None:
        """For as long as the piece of work took that began at ``began_s`` (wall), the loop is for others alone."""
        took_s = self.clock.wall_s() - began_s
        await (self.clock.sleep_wall(took_s) if took_s > 0 else asyncio.sleep(0))

    async def _gathered(self, known: Sequence[Incident]) -> PlanInputs:
        """What a plan for these incidents is made from; between any two of them the loop is free for as long again."""
        now = self.clock.mission_now()
        grades = {each.id: self._grade(each) for each in known}
        looked_at = sorted(known, key=lambda each: (grades[each.id][0], each.received_at, str(each.id)))[:MOST]
        waiting: list[Waiting] = []
        turns: dict[str, list[Turn]] = {}
        others: dict[UUID, float | None] = {}
        for each in looked_at:
            began_s = self.clock.wall_s()
            decision = self._decide(each)
            row = self._waiting(each, *grades[each.id], decision, now)
            await self._rest_since(began_s)
            if incidents.active_flight_of(self.state, each) is not None and row.flight_id is None:
                continue  # its drone is on the way home, or not off yet: nothing to plan
            others[each.id] = min(row.docks.values(), default=None)
            waiting.append(row)
        for each in looked_at:
            if incidents.active_flight_of(self.state, each) is not None:
                continue
            turns[str(each.id)] = []
            for flight, served in self._nearest(each, grades[each.id][0]):
                began_s = self.clock.wall_s()
                turns[str(each.id)].append(self._turn(flight, served, each, others.get(served.id)))
                await self._rest_since(began_s)
        weighing, reserve = await self._worth()
        return PlanInputs(
            waiting=tuple(waiting),
            turns=turns,
            weighing=weighing,
            countdown_s=self._policy().diversion.countdown_s,
            reserve=reserve,
        ).least()

    def turns_to(self, incident_id: UUID) -> list[Turn]:
        """Every flight in the air as an option for an incident, the soonest first; those that cannot go, with why."""
        incident = incidents.incident_of(self.state, incident_id)
        if incident.status is not IncidentStatus.OPEN:
            return []
        found = []
        for flight, served in self._in_the_air():
            if served.id == incident.id:
                continue
            others_s = None if self._free(flight, served) else min(_times(self._decide(served)).values(), default=None)
            found.append(self._turn(flight, served, incident, others_s))
        return sorted(found, key=lambda turn: (not turn.eligible, turn.time_to_scene_s or 0.0, turn.flight_id))

    # --- pieces ---

    def _policy(self) -> PolicyDocument:
        return turning.policy_of(self.state)

    def _grade(self, incident: Incident) -> tuple[int, Grade]:
        return turning.grade_of(self._policy(), incident)

    async def _worth(self) -> tuple[Weighing, dict[str, float]]:
        """What a second is worth here, and what each dock is worth for the next calls."""
        document = self._policy()
        weighing = Weighing(reserve_weight=document.reserve.weight, gain_s=document.diversion.gain_s)
        if document.reserve.weight == 0:
            return weighing, {}
        now, count = self.clock.mission_now(), len(self.state.incidents)
        if self._calls_seen is None or now - self._calls_seen[0] >= CALLS_EACH or count - self._calls_seen[1] >= 50:
            self._calls_seen = (now, count)
            past = nextcalls.past_of(self.state.incidents.values())
            self._calls = await asyncio.to_thread(nextcalls.next_calls, past, least=document.reserve.least_calls)
        if self._calls is None:
            return weighing, {}
        docks = self._standing()
        weighing = weighing.late_from(nextcalls.late_s(self._calls, docks))
        return weighing, nextcalls.reserve_of(self._calls, docks, weighing=weighing)

    def _standing(self) -> list[nextcalls.Standing]:
        """All docks, and when the drone of each can be ordered."""
        heard, sky = self._statuses(), self._sky()
        found = []
        for dock_id, view in self.state.docks.items():
            flight = None if view.active_flight_id is None else self.state.flights.get(view.active_flight_id)
            performance = performance_from_fleet(aircraft_type=view.aircraft_type, limits=view.dock.limits)
            seen = None if flight is None else sky.of(flight)
            at = None if seen is None else (seen.at.lat_deg, seen.at.lon_deg)
            ready_in_s = nextcalls.ready_in_s(
                view, heard.get(dock_id), flight, at=at, cruise_m_s=performance.cruise_m_s
            )
            found.append(
                nextcalls.Standing(
                    dock_id=dock_id,
                    lat_deg=view.dock.lat_deg,
                    lon_deg=view.dock.lon_deg,
                    cruise_m_s=performance.cruise_m_s,
                    ready_in_s=ready_in_s,
                )
            )
        return found

    def _serving(self, incident: Incident) -> Flight | None:
        """The flight that could be taken from it: on its way there or on scene; None while one relieves another."""
        active = incidents.active_flights_of(self.state, incident)
        if len(active) != 1 or active[0].phase not in _SERVES:
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

    def _in_the_air(self) -> list[tuple[Flight, Incident]]:
        """Flights that could be turned, were nothing against it, with the incident that each is for."""
        found = []
        for flight in self.state.active_flights():
            incident = self.state.incidents.get(flight.incident_id)
            if incident is None or flight.phase not in turning.TURNABLE:
                continue
            if self._free(flight, incident) or self._serving(incident) is flight:
                found.append((flight, incident))
        return found

    def _free(self, flight: Flight, incident: Incident) -> bool:
        """True for a flight that nobody loses: it is on its way home, or its incident is over."""
        return flight.phase is Phase.RETURNING or incident.status is not IncidentStatus.OPEN

    def _nearest(self, incident: Incident, rank: int) -> list[tuple[Flight, Incident]]:
        """The flights that a plan may turn to it, the nearest few: for those alone a way is looked for."""
        seen = self._whereabouts.latest()
        near = []
        for flight, served in self._in_the_air():
            where = seen.get(flight.dock_id)
            lesser = self._free(flight, served) or self._grade(served)[0] > rank
            if served.id == incident.id or not lesser or where is None or where.flight_id != flight.id:
                continue
            place = incident.place
            near.append((distance_m(where.lat_deg, where.lon_deg, place.lat_deg, place.lon_deg), flight, served))
        near.sort(key=lambda each: (each[0], each[1].id.int))
        return [(flight, served) for _, flight, served in near[:NEAREST]]

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
            watched_by=turning.watched_by(self.state, flight, serves, self.clock.wall_now()),
            homeward=self._free(flight, serves),
        )
        against = (*turning.forbidden(self.state, incident, self.clock.mission_now()), *turning.unfit(flight))
        if against:
            return replace(refused, reasons=against)
        home = self.state.docks[flight.dock_id]
        performance = performance_from_fleet(aircraft_type=home.aircraft_type, limits=home.dock.limits)
        try:
            present = self._present(flight)
            _, estimate = self._laid(flight, incident.place, incident.watch_s, incident_id=incident.id)
        except DispatcherError as error:
            return replace(refused, reasons=(error.detail,))
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


def _times(decision: Decision) -> dict[str, float]:
    return {
        option.dock_id: option.time_to_scene_s
        for option in decision.options
        if option.eligible and option.time_to_scene_s is not None
    }
