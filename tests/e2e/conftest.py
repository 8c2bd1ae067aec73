"""A fresh loopback Discord for each test that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.loopback.client import Loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def loopback() -> AsyncIterator[Loopback]:
    """Start a loopback Discord, and stop it when the test is over."""
    async with Loopback() as started:
        yield started
