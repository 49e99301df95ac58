"""What integration tests share: a real broker of each kind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.brokers import KINDS, BrokerProcess, Kind, missing, running_broker
from tests.desks import SITES
from tests.wire import FORCE

STRANGER = "cov-9"
"""Has an account with the broker, but is in no fleet file."""


@pytest_asyncio.fixture(params=KINDS)
async def broker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BrokerProcess]:
    """A running broker; each test that takes it runs on both kinds."""
    kind: Kind = request.param
    reason = missing(kind)
    if reason:
        pytest.skip(reason)
    async with running_broker(kind, tmp_path / "broker", force=FORCE, docks=[*SITES, STRANGER]) as started:
        yield started
