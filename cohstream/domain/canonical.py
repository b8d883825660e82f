"""Canonical JSON (RFC 8785), so that equal values are equal bytes."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import orjson
from msgspec import Struct

WAY = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


_encode = msgspec.json.Encoder().encode


def canonical_json(value: object) -> bytes:
    """``value`` as canonical JSON.

    ``value`` is built of dicts with ASCII keys (plain text, no members of enumerations), lists, tuples, text,
    booleans, integers, aware datetimes (written in UTC with ``Z``), numbers prepared by :func:`number`, and what
    :func:`ready` gives; then orjson's sorted output is RFC 8785. Keys that are in order already are sorted fastest.
    Faster still is a struct of such values and structs, if all declare their fields in order of name.
    """
    return _encode(value) if isinstance(value, Struct) else orjson.dumps(value, option=WAY)


def ready(value: object) -> orjson.Fragment:
    """``value`` as canonical JSON, to be put into others: what many records share is written once."""
    return orjson.Fragment(canonical_json(value))


def number(value: float | None, digits: int = 5) -> float | int | None:
    """A float rounded to ``digits``, as an integer where it is one: JSON as ECMAScript would write it."""
    if value is None:
        return None
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded


def utc_text(instant: datetime) -> str:
    """An instant in UTC as ISO 8601 text with ``Z``."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
