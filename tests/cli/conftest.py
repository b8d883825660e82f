"""Commands run as processes, each a second or more: what only they show is left to ``make test``."""

from __future__ import annotations

from pathlib import Path

import pytest

PROCESSES = ("_command.py", "_commands.py", "_as_known_at.py", "_changed_law.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what runs commands as processes."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.name.endswith(PROCESSES):
            item.add_marker(pytest.mark.slow)
