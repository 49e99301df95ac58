"""One running system per broker, shared by tests that leave it as they found it; its logs are shown on a failure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator

import pytest
import pytest_asyncio

from tests.controlroom import ControlRoom
from tests.mosquitto import mosquitto_path
from tests.stack import BrokerKind, Stack, running_stack

NEAR, FAR = "cov-1", "cov-3"
"""The two docks. The link of the second goes through a wiretap."""

EMBEDDED = pytest.param(BrokerKind.AMQTT, id="amqtt")
NO_MOSQUITTO = pytest.mark.skipif(mosquitto_path() is None, reason="mosquitto is not installed: apt-get install it")
BOTH = [EMBEDDED, pytest.param(BrokerKind.MOSQUITTO, id="mosquitto", marks=NO_MOSQUITTO)]

on_mosquitto_by_night = pytest.mark.parametrize(
    "stack",
    [EMBEDDED, pytest.param(BrokerKind.MOSQUITTO, id="mosquitto", marks=[NO_MOSQUITTO, pytest.mark.nightly])],
    indirect=True,
)
"""For a flight whose like is flown on each broker anyway: the second broker's turn comes in the nightly run."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember how each stage of a test came out, for `room`."""
    report = yield
    setattr(item, f"report_of_{report.when}", report)
    return report


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=BOTH)
async def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A running system, ten times as fast as real time."""
    folder = tmp_path_factory.mktemp(f"stack-{request.param}")
    async with running_stack(folder=folder, broker=request.param, dock_ids=(NEAR, FAR), tapped=(FAR,)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def room(stack: Stack, request: pytest.FixtureRequest) -> AsyncIterator[ControlRoom]:
    """A control room with a pilot on duty, and every dock ready."""
    room = ControlRoom(stack)
    try:
        await stack.whole()
        await room.pilots_on_duty()
        await room.docks_ready()
    except BaseException:
        print(stack.tails())  # noqa: T201 - pytest shows it with the failure
        raise
    yield room
    report = getattr(request.node, "report_of_call", None)
    if report is not None and report.failed:
        print(stack.tails())  # noqa: T201 - pytest shows it with the failure
