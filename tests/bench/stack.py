"""The real processes on free loopback ports, planned and supervised by the demo's own parts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.topics import DISPATCHER
from kestrel.apiclient import ApiClient, api_session, ask_for_token
from kestrel.clock import SystemClock
from kestrel.demo import is_ready
from kestrel.demosetup import DemoOptions, DemoPlan, plan_demo
from kestrel.issuer import SECRET_FILE
from kestrel.ports import FreePorts
from kestrel.processes import BROKER, ISSUER, SIMULATOR
from kestrel.rundir import RunDir
from kestrel.supervisor import ProcessSpec, Supervisor
from kestrel.tokens import Role
from tests.bench.errors import MeasurementFailed

EXAMPLE_FLEET = Path(__file__).parents[2] / "examples" / "coventry" / "fleet.yaml"
EXAMPLE_SCENARIO = EXAMPLE_FLEET.with_name("scenario.yaml")
DOCKS_READY_WITHIN_S = 90.0
POLL_S = 0.25

__all__ = ["BROKER", "DISPATCHER", "EXAMPLE_FLEET", "EXAMPLE_SCENARIO", "ISSUER", "SIMULATOR", "Stack", "planned_stack"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A planned system and its folder."""

    run: RunDir
    plan: DemoPlan

    def spec(self, name: str) -> ProcessSpec:
        """The process of that name."""
        return next(spec for spec in self.plan.processes if spec.name == name)

    @contextlib.asynccontextmanager
    async def running(self, names: Collection[str] | None = None) -> AsyncIterator[Supervisor]:
        """All processes, or those named, ready inside the block; a restart inside it is a failed measurement."""
        specs = [spec for spec in self.plan.processes if names is None or spec.name in names]
        supervisor = Supervisor(specs=specs)
        async with supervisor.running():
            await supervisor.all_ready()
            yield supervisor
            if restarted := [view.name for view in supervisor.views() if view.restarts]:
                raise MeasurementFailed(f"died and was started again while it was measured: {', '.join(restarted)}")

    @contextlib.asynccontextmanager
    async def client(self, subject: str, role: Role) -> AsyncIterator[ApiClient]:
        """Somebody's access to the running API."""
        token = await ask_for_token(
            issuer=self.plan.addresses.issuer,
            secret_file=self.run.issuer_folder / SECRET_FILE,
            subject=subject,
            roles=[role],
            force=self.plan.fleet.force,
        )
        async with api_session(self.plan.addresses.api) as http:
            yield ApiClient(http=http, token=token, clock=SystemClock())


@contextlib.contextmanager
def planned_stack(
    folder: Path, *, fleet_file: Path | None = None, scenario_file: Path | None = None
) -> Iterator[Stack]:
    """A system at speed 1 in ``folder``: Coventry's six docks, or those of a fleet file."""
    options = DemoOptions(
        run_dir=folder,
        docks=None if fleet_file is None else str(fleet_file),
        scenario=scenario_file,
        http_port=_free_port(),
        log_level="WARNING",
    )
    with RunDir(folder) as run, FreePorts() as ports:
        plan = plan_demo(options, run=run, ports=ports)
        ports.release()
        yield Stack(run=run, plan=plan)


def _free_port() -> int:
    """Not the demo's usual one: a demo may run beside us."""
    with FreePorts() as ports:
        return ports.take()


async def docks_ready(api: ApiClient, *, within_s: float = DOCKS_READY_WITHIN_S) -> None:
    """Wait until every dock could launch; raises `MeasurementFailed`."""
    try:
        async with asyncio.timeout(within_s):
            while True:
                docks = (await api.get("/api/v1/docks"))["docks"]
                if all(is_ready(dock) for dock in docks):
                    return
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise MeasurementFailed(f"the docks were not all ready after {within_s:.0f} s") from None
