"""Commands run as processes, each a second or more: what only they show is left to ``make test``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROCESSES = ("_command.py", "_commands.py", "_as_known_at.py", "_changed_law.py")


@pytest.fixture
def cohstream(tmp_path: Path) -> Any:
    """Run the command line in an empty directory."""

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", "-m", "cohstream", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)

    return call


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what runs commands as processes."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.name.endswith(PROCESSES):
            item.add_marker(pytest.mark.slow)
