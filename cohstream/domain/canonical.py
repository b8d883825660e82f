"""Canonical JSON (RFC 8785), so that equal values are equal bytes."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

WAY = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def canonical_json(value: object) -> bytes:
    """``value`` as canonical JSON.

    ``value`` is built of dicts with ASCII keys, lists, tuples, text, booleans, integers, aware datetimes
    (written in UTC with ``Z``) and numbers prepared by :func:`number`; then orjson's sorted output is RFC 8785.
    """
    return orjson.dumps(value, option=WAY)


def number(value: float | None, digits: int = 5) -> float | int | None:
    """A float rounded to ``digits``, as an integer where it is one: JSON as ECMAScript would write it."""
    if value is None:
        return None
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded


def utc_text(instant: datetime) -> str:
    """An instant in UTC as ISO 8601 text with ``Z``."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
