"""Counts as sources print them to intervals: ``14``, ``>=10``, ``>40``, ``50-60``."""

from __future__ import annotations

import re

Bounds = dict[str, int | None]
"""``min`` and ``max`` of a report's quantity; ``max`` ``None`` means "at least"."""

_EXACT = re.compile(r"(\d{1,7})", re.ASCII)
_AT_LEAST = re.compile(r"(?:>=|at least |no less than )\s*(\d{1,7})|(\d{1,7})\+", re.ASCII)
_MORE_THAN = re.compile(r"(?:>|more than |over )\s*(\d{1,7})", re.ASCII)
_AT_MOST = re.compile(r"(?:<=|up to )\s*(\d{1,7})", re.ASCII)
_RANGE = re.compile(r"(\d{1,7})\s*(?:-|–|to)\s*(\d{1,7})", re.ASCII)


def bounds(low: int | None, high: int | None) -> Bounds | None:
    """A least and a greatest figure, either of which may be missing; ``None`` if both are."""
    if low is None and high is None:
        return None
    return {"min": low or 0, "max": high}


def exactly(count: int) -> Bounds:
    return {"min": count, "max": count}


def read_count(text: str) -> Bounds | None:
    """The interval that ``text`` means, or ``None`` if it is not of a known shape (never a guess)."""
    text = text.strip().lower()
    if match := _EXACT.fullmatch(text):
        return exactly(int(match[1]))
    if match := _AT_LEAST.fullmatch(text):
        return {"min": int(match[1] or match[2]), "max": None}
    if match := _MORE_THAN.fullmatch(text):
        return {"min": int(match[1]) + 1, "max": None}
    if match := _AT_MOST.fullmatch(text):
        return {"min": 0, "max": int(match[1])}
    if (match := _RANGE.fullmatch(text)) and int(match[1]) <= int(match[2]):
        return {"min": int(match[1]), "max": int(match[2])}
    return None
