"""The gallery for all tests of the live view."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.unit.live.viewing import Gallery, open_gallery


@pytest.fixture
async def gallery() -> AsyncIterator[Gallery]:
    async with open_gallery() as gallery:
        yield gallery
