"""One browser for all browser tests; without Chromium they are skipped, and that is said."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from dispatcher.api.console import BUILT
from tests.browsers import chromium_path, running_browser
from tests.farend import FarEnd, NoFarEnd, far_end

NEAR, FAR = "cov-1", "cov-3"
FAR_NAME = "far.localhost"
"""The far end's name in the browser: a secure origin, as that of a dispatcher with a certificate is."""
MISSING = "chromium is not installed: NO BROWSER TEST WAS RUN (apt-get install chromium)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser or a built console there is nothing to look at."""
    here = Path(__file__).parent
    why = MISSING if chromium_path() is None else "" if (BUILT / "index.html").is_file() else "run `make console` first"
    for item in items:
        if here in item.path.parents and why:
            item.add_marker(pytest.mark.skip(reason=why))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not looked at is said where it is read."""
    if chromium_path() is None:
        terminalreporter.write_sep("!", MISSING, red=True, bold=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def far_or_why() -> AsyncIterator[FarEnd | NoFarEnd]:
    """A link that can be made a black hole, or why there is none."""
    async with contextlib.AsyncExitStack() as leaving:
        far: FarEnd | NoFarEnd
        try:
            far = await leaving.enter_async_context(far_end())
        except NoFarEnd as why:
            far = why
        yield far


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(far_or_why: FarEnd | NoFarEnd) -> AsyncIterator[Browser]:
    """A browser with a map, which knows the far end by its name."""
    known = [f"--host-resolver-rules=MAP {FAR_NAME} {far_or_why.guest}"] if isinstance(far_or_why, FarEnd) else []
    async with running_browser(*known) as running:
        yield running
