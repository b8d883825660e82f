"""Fixtures of the importers' tests: rows imported by their format, and where the real files are."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from foreign_rows import GOOD_ROWS, Import, table

from cohstream.importers import formats


@pytest.fixture
def rows_of() -> Callable[..., Import]:
    """Import rows of a format, each the good row with the given changes; without changes the good row itself."""

    def run(format_name: str, *changes: dict[str, Any]) -> Import:
        rows = [GOOD_ROWS[format_name] | change for change in changes or ({},)]
        return Import(formats()[format_name](BytesIO(table(rows)), "in"))

    return run


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; without it the test is skipped, and says so."""
    folder = Path(os.environ.get("COHSTREAM_REAL_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set COHSTREAM_REAL_DATA")
    return folder
