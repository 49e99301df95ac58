"""Drones turned from call to call, by real agents: on their way, on scene and on the way home, apart from others."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from contracts.vocabulary import AlarmKind, Outcome, Phase
from dispatcher import events as ev
from dispatcher import turning
from dispatcher.entities import Flight
from dispatcher.incidents import active_flights_of
from dispatcher.policy import FlyingPolicy
from tests.virtual.busy import DOCKS, Busy, meetings
from tests.virtual.city import City

GRADES = ("Immediate", "Priority high", "Priority standard", "Scheduled")


class Turner(Busy):
    """Calls of every grade come in, of which some are pressed for; pilots say yes to what they are asked."""

    async def _something(self) -> None:
        asked = turning.waiting_turns(self.city.desk.state)
        open_calls = [each for each in self.city.desk.state.incidents.values() if each.status == "open"]
        if asked and self.rng.random() < 0.7:
            await self._try("turn", self._turn())
        elif len(open_calls) > 6:
            await self._try("close", self._close())
        else:
            await self._try("call", self._call())

    async def _call(self) -> None:
        incident = await self.city.incident(watch_s=90.0, place=self._somewhere(), grade=self.rng.choice(GRADES))
        if self.rng.random() < 0.6:
            await self.city.press(incident)

    async def _turn(self) -> None:
        proposal = self.rng.choice(turning.waiting_turns(self.city.desk.state))
        flight = self.city.desk.state.flights[proposal.flight_id or proposal.id]
        await self.city.desk.answer_proposal(flight.pilot, proposal.id, accepted=True)

    async def _close(self) -> None:
        state = self.city.desk.state
        over = [each for each in state.incidents.values() if each.status == "open"]
        await self.city.desk.close_incident("controller-1", self.rng.choice(over).id, "over")


@pytest.mark.parametrize(
    ("lasting_s", "at_least", "homeward"), [(150, 5, False), pytest.param(600, 10, True, marks=pytest.mark.nightly)]
)
async def test_drones_turned_from_call_to_call_never_come_near_each_other_and_all_come_home(
    lasting_s: float, at_least: int, homeward: bool, tmp_path: Path
) -> None:
    async with City.open(tmp_path, pilots=len(DOCKS), docks=DOCKS) as city:
        city.desk.flying = FlyingPolicy(flights_in_hand=4, flights_watched=4)
        busy = Turner(city=city, rng=Random(3))
        await busy.run(lasting_s)
        turned = city.journal(ev.FlightTurned)
        assert len([each for each in turned if not each.undone]) >= at_least, "many were"
        assert any(each.homeward for each in turned) or not homeward, "of them some on their way home"
        assert meetings(city) == []
        assert city.alarms(AlarmKind.TOO_NEAR) == []
        for incident in list(city.desk.state.incidents.values()):
            if incident.status == "open":
                await city.desk.close_incident("controller-1", incident.id, "over")
        await city.until(lambda: not city.desk.state.active_flights(), within_s=2400)
    flown = [each for each in city.flights() if each.turns]
    assert {each.phase for each in flown} == {Phase.DOCKED}
    for flight in flown:
        _tells_its_way(flight)
    assert all(active_flights_of(city.desk.state, each) == [] for each in city.desk.state.incidents.values())


def _tells_its_way(flight: Flight) -> None:
    """Each turn that was flown is a leg of its own, with phases in their order."""
    done = [each for each in flight.turns if not each.undone]
    outcomes = [flight.command(each.order_id) for each in done]
    assert all(command is not None and command.outcome is not Outcome.PENDING for command in outcomes)
    begins = [entry.phase for entry in flight.phases].count(Phase.EN_ROUTE)
    assert 1 <= begins <= 1 + len(done)
