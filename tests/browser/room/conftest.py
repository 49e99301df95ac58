"""One running system for all tests of this folder: it ends with them, and costs those of the other folders nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.conftest import FAR, NEAR
from tests.controlroom import ControlRoom
from tests.stack import Stack, running_stack


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A running system, ten times as fast as real time."""
    async with running_stack(folder=tmp_path_factory.mktemp("stack"), dock_ids=(NEAR, FAR)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def room(stack: Stack) -> ControlRoom:
    """A pilot on duty who accepts beforehand, and every dock ready."""
    room = ControlRoom(stack)
    await stack.whole()
    await room.pilots_on_duty()
    await room.docks_ready()
    return room
