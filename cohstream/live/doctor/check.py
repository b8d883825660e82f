"""What a check of the doctor says: what was found, and what to do where it is not as it should be."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from cohstream.errors import CohstreamError


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Check(NamedTuple):
    """One check; ``remedy`` is empty where all is well."""

    name: str
    level: Level
    found: str
    remedy: str = ""


def ok(name: str, found: str) -> Check:
    return Check(name, Level.OK, found)


def warn(name: str, found: str, remedy: str) -> Check:
    return Check(name, Level.WARN, found, remedy)


def fail(name: str, found: str, remedy: str) -> Check:
    return Check(name, Level.FAIL, found, remedy)


def refused(name: str, error: CohstreamError) -> Check:
    """The check that ``error`` ended: our messages say what was wrong, a semicolon, and what to do."""
    found, _, remedy = str(error).partition("; ")
    return fail(name, found, remedy or "mend that, and run the doctor again")


def some(items: Iterable[object], shown: int = 3) -> str:
    """The first ``items``, and how many more there are."""
    texts = [str(item) for item in items]
    more = f" and {len(texts) - shown} more" if len(texts) > shown else ""
    return ", ".join(texts[:shown]) + more
