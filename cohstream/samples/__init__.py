"""The sample that ships with the package: documented reports of 2016 as facts with source and link (NOTICE.md)."""

from __future__ import annotations

from importlib import resources
from io import BytesIO

from cohstream.importers import Row, formats

SAMPLE = "coh2016.jsonl"


def sample_rows() -> list[Row]:
    """Every report of the sample, in the order of its file."""
    data = resources.files("cohstream.samples").joinpath(SAMPLE).read_bytes()
    return list(formats()["jsonl"](BytesIO(data), SAMPLE))
