"""The files of deploy/, read once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deploy.files import COMPOSE, read_yaml


@pytest.fixture
def compose() -> Any:
    """The compose file, as a copy of its own that a test may spoil."""
    return read_yaml(COMPOSE)[0]
