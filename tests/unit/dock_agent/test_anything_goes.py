"""Orders, faults, lost links and kills in any order: every order has one outcome, and there is always a way home."""

from __future__ import annotations

import random
from collections import Counter
from uuid import UUID

import pytest

from contracts.orders import FlightOrder, SafetyAction
from contracts.reports import CommandSettled, PhaseEntered
from contracts.tasks import Altitude, Extend, Goto, LookAt, Nudge, Orbit, Resume, Snapshot, Task, Zoom
from contracts.vocabulary import PHASE_ORDER, Phase
from dock_agent.flight_link import Command
from dock_agent.mission import Item
from geo.flight.position import offset
from tests.unit.dock_agent.fakeaircraft import ACK, DENIED, HOME, SILENCE
from tests.unit.dock_agent.fakes import Bench
from tests.unit.dock_agent.places import ahead_of, place, retask

STEPS = 40
FAULTY = [Command.HOLD, Command.GOTO, Command.ORBIT, Command.START, Command.JUMP, Command.LOOK]


def _way_home(bench: Bench) -> None:
    plan = bench.aircraft.plan
    assert plan is not None
    commands = [item.command for item in plan.items]
    tail = commands[commands.index(Item.LAND_START) + 1 :]
    assert len(tail) >= 2
    assert tail == [Item.WAYPOINT] * (len(tail) - 1) + [Item.LAND]


def _any_task(bench: Bench, order: FlightOrder, chance: random.Random) -> Task:
    spot = place(ahead_of(bench, chance.uniform(10.0, 120.0)))
    scene = offset(*HOME, bearing_deg=chance.uniform(40.0, 90.0), distance_m=chance.uniform(150.0, 300.0))
    tasks: list[Task] = [
        Resume(),
        Goto(place=spot, alt_above_home_m=chance.uniform(30.0, 80.0)),
        Orbit(centre=spot, radius_m=15.0, speed_m_s=4.0),
        Altitude(alt_above_home_m=chance.uniform(30.0, 80.0)),
        LookAt(place=spot),
        Extend(by_s=30.0),
        Nudge(forward=chance.uniform(-1.0, 1.0), up=chance.uniform(-1.0, 1.0)),
        Snapshot(),
        Zoom(level=chance.random()),
        retask(bench, order, scene=scene, watch_s=400.0),
        retask(bench, order, scene=scene, watch_s=400.0).model_copy(update={"incident_id": UUID(int=1)}),
    ]
    return chance.choice(tasks)


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_is_asked_and_fails_every_order_has_one_outcome_and_it_comes_home(
    bench: Bench, seed: int
) -> None:
    chance, aircraft = random.Random(seed), bench.aircraft
    aircraft.drain_percent_s = 0.005
    order = bench.fly(watch_s=2000.0)
    await bench.until(Phase.EN_ROUTE)
    given = []
    for _ in range(STEPS):
        match chance.randrange(10):
            case 0:
                given.append(bench.call(order, SafetyAction.HOLD).order_id)
            case 1:
                await bench.restart(away_s=chance.uniform(0.0, 2.0))
            case 2:
                aircraft.ignores = set(chance.sample(FAULTY, 2))
            case 3:
                aircraft.answers = {chance.choice(FAULTY): chance.choice([DENIED, SILENCE])}
            case 4:
                aircraft.ignores, aircraft.answers, aircraft.garbles_upload = set(), {}, False
                aircraft.upload_answer, aircraft.download_fails = ACK, 0
            case 5:
                aircraft.upload_answer = chance.choice([ACK, ACK, DENIED, SILENCE])
                aircraft.upload_s = chance.choice([0.05, 1.0])
                aircraft.download_fails = chance.choice([0, 0, 1, 5])
            case 6:
                with aircraft.link_cut():
                    await bench.run(chance.uniform(0.5, 5.0))
            case _:
                task = _any_task(bench, order, chance)
                told = bench.task(order, task)
                given += [] if isinstance(task, Nudge) else [told.order_id]
        await bench.run(chance.choice([0.1, 0.5, 2.0, 8.0]))
        _way_home(bench)
        if bench.agent.flight is None:
            break
    aircraft.ignores, aircraft.answers, aircraft.upload_answer, aircraft.garbles_upload = set(), {}, ACK, False
    bench.call(order, SafetyAction.RETURN)
    await bench.until(Phase.DOCKED, within_s=400.0)
    outcomes = Counter(fact.order_id for fact in bench.facts(CommandSettled))
    assert {order_id: outcomes[order_id] for order_id in given} == dict.fromkeys(given, 1)
    assert max(outcomes.values()) == 1
    ranks: list[int] = []
    for fact in bench.facts(PhaseEntered):
        if fact.phase is Phase.EN_ROUTE and fact.because == "turned to another incident":
            ranks = []
        ranks.append(PHASE_ORDER[fact.phase])
        assert ranks == sorted(set(ranks))
