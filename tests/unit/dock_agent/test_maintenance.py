"""A dock held for maintenance launches nothing and opens for nobody, whoever orders it and whatever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.orders import MaintenanceHold, MaintenanceOrder
from contracts.reports import CommandSettled, DockNoted, OrderRefused
from contracts.vocabulary import Deployment, Lid, Phase
from dock_agent.flight_link import Command
from dock_agent.maintenance import Maintenance
from dock_agent.status import dock_status
from dock_agent.store import Store
from tests.unit.dock_agent.fakes import Bench
from tests.unit.dock_agent.test_receiving import receive

HANDS = MaintenanceHold(by="engineer-1", because="rotor blades are changed")
OIL = MaintenanceHold(by="engineer-2", because="the lid is oiled")
WORDS = "held for maintenance by engineer-1: rotor blades are changed"


def tell(bench: Bench, sequence: int, *holds: MaintenanceHold, **changes: Any) -> MaintenanceOrder:
    order = told(sequence, *holds, now=bench.clock.mission_now(), **changes)
    bench.agent.take_maintenance(order, sequence=sequence)
    return order


def told(sequence: int, *holds: MaintenanceHold, now: datetime, **changes: Any) -> MaintenanceOrder:
    fields: dict[str, Any] = {
        "order_id": UUID(int=0x3A1D0000 + sequence),
        "deployment": Deployment.SIMULATION,
        "holds": list(holds),
        "issued_at": now,
        "expires_at": now + timedelta(days=30),
    }
    return MaintenanceOrder(**{**fields, **changes})


def known(bench: Bench) -> UUID | None:
    """The order that the heartbeat says it goes by."""
    status = dock_status(
        standing=bench.agent.standing,
        flight=bench.agent.flight,
        boot_id=UUID(int=1),
        counter=1,
        events_said=0,
        mission_time=bench.clock.mission_now(),
        wall_time=bench.clock.wall_now(),
    )
    return status.maintenance_order_id


async def test_a_held_dock_refuses_to_fly_and_says_by_whose_word_until_it_is_released(bench: Bench) -> None:
    order = tell(bench, 5, HANDS)
    assert (bench.blockers(), known(bench)) == ([WORDS], order.order_id)
    bench.fly()
    assert bench.facts(OrderRefused)[0].reasons == [WORDS]
    released = tell(bench, 6)
    assert (bench.blockers(), known(bench)) == ([], released.order_id)
    assert [(fact.severity, fact.text) for fact in bench.facts(DockNoted)] == [
        ("info", f"out of service: {WORDS}"),
        ("info", f"in service again; it was {WORDS}"),
    ]
    bench.fly()
    await bench.until(Phase.EN_ROUTE)


async def test_a_restart_forgets_neither_the_hold_nor_that_it_was_lifted(bench: Bench) -> None:
    order = tell(bench, 5, HANDS, OIL)
    await bench.restart()
    assert bench.blockers() == [f"{WORDS}; held for maintenance by engineer-2: the lid is oiled"]
    assert known(bench) == order.order_id
    bench.fly()
    assert bench.phases() == []
    tell(bench, 6)
    await bench.restart()
    assert bench.blockers() == []


def test_kill_9_after_it_was_taken_leaves_it_held(tmp_path: Path) -> None:
    path = tmp_path / "dock-1.sqlite"
    order = told(7, HANDS, now=datetime(2026, 1, 1, tzinfo=UTC))
    program = (
        "import os, signal, sys; from pathlib import Path; from uuid import UUID\n"
        "from contracts.orders import MaintenanceOrder\n"
        "from dock_agent.maintenance import Maintenance; from dock_agent.store import Store\n"
        "store = Store(path=Path(sys.argv[1]), boot_id=UUID(int=1))\n"
        "with store.transaction():\n"
        "    Maintenance(store=store).take(MaintenanceOrder.model_validate_json(sys.argv[2]), sequence=7)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(path), order.model_dump_json()], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert os.path.exists(path)
    store = Store(path=path, boot_id=UUID(int=2))
    kept = Maintenance(store=store)
    store.close()
    assert (kept.because, kept.order_id, kept.is_newer(7), kept.is_newer(8)) == (WORDS, order.order_id, False, True)


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_the_newest_word_counts_in_whatever_order_they_arrive_and_however_often(
    tmp_path: Path, arrival: tuple[int, ...]
) -> None:
    bench = Bench.set_up(tmp_path)
    words = [(11, (HANDS,)), (12, ()), (13, (OIL,))]
    for index in (*arrival, *arrival):
        tell(bench, words[index][0], *words[index][1])
    assert bench.blockers() == ["held for maintenance by engineer-2: the lid is oiled"]
    bench.store.close()


async def test_one_for_another_deployment_or_out_of_date_is_not_taken(bench: Bench) -> None:
    tell(bench, 1, HANDS, deployment=Deployment.LIVE)
    tell(bench, 2, HANDS, expires_at=bench.clock.mission_now())
    assert (bench.blockers(), known(bench), bench.facts(DockNoted)) == ([], None, [])


async def test_an_order_that_came_before_the_hold_stays_on_the_ground_when_nothing_is_armed_yet(bench: Bench) -> None:
    bench.fly()
    await bench.run(2.0)
    tell(bench, 5, HANDS)
    await bench.run(20.0)
    assert bench.phases() == [Phase.PREPARING, Phase.REFUSED]
    assert bench.because(Phase.REFUSED) == WORDS
    assert Command.ARM not in bench.given()
    assert bench.hardware.orders == ["stop charging", "open"], "the lid does not come down on hands"
    tell(bench, 6)
    await bench.run(10.0)
    assert bench.hardware.lid is Lid.CLOSED


@pytest.mark.parametrize("phase", [Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING])
async def test_a_hold_never_touches_a_drone_in_the_air(tmp_path: Path, phase: Phase) -> None:
    flown = []
    for held in (False, True):
        folder = tmp_path / str(held)
        folder.mkdir()
        bench = Bench.set_up(folder)
        bench.fly(watch_s=5.0)
        await bench.until(phase)
        if held:
            tell(bench, 5, HANDS)
        await bench.until(Phase.DOCKED, within_s=300.0)
        flown.append((bench.phases(), bench.given(), bench.alarms(), bench.hardware.orders))
        assert (WORDS in bench.blockers()) is held
        await bench.agent.drain()
        bench.store.close()
    assert flown[0] == flown[1]


async def test_a_held_dock_does_not_open_for_the_aircraft_of_another(bench: Bench) -> None:
    bench.aircraft.lat_deg += 0.01
    tell(bench, 5, HANDS)
    receive(bench)
    await bench.run(5.0)
    (settled,) = bench.facts(CommandSettled)
    assert (settled.outcome, WORDS in settled.detail) == ("refused", True)
    assert bench.hardware.lid is Lid.CLOSED
