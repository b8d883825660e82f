"""What every importer yields: one row for each record of the input, readable or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from cohstream.errors import ReportError

Body = dict[str, Any]
"""The JSON form of a report (:class:`cohstream.domain.report.Report`) before it is written."""


class Row(NamedTuple):
    """One record of an input: its bytes, where it stands, and either a report or why there is none.

    ``raw`` is the record as read, without its line end. ``position`` is ``<input>:<line it starts on>``.
    ``report`` is the JSON form of a report, to be validated by intake; ``None`` if the importer rejects the
    record, and then ``code`` (a stable word) and ``problem`` say why. ``notices`` are anomalies of a readable
    record, ``word`` or ``word:detail``.
    """

    raw: bytes
    position: str
    report: bytes | None
    code: str | None = None
    problem: str | None = None
    notices: tuple[str, ...] = ()


def accepted(raw: bytes, position: str, body: Body, notices: Iterable[str] = ()) -> Row:
    """A row with the report ``body``; equal bodies give equal bytes."""
    report = orjson.dumps(without_nothing(body), option=orjson.OPT_SORT_KEYS)
    return Row(raw, position, report, notices=tuple(notices))


def rejected(raw: bytes, position: str, error: ReportError) -> Row:
    """A row that cannot be read as a report."""
    return Row(raw, position, None, error.code, str(error))


def without_nothing(body: Mapping[str, Any]) -> Body:
    """``body`` without what says nothing: ``None``, and empty texts, lists and objects, at any depth."""
    kept: Body = {}
    for name, value in body.items():
        said = without_nothing(value) if isinstance(value, dict) else value
        if said is not None and said not in ("", [], {}, ()):
            kept[name] = said
    return kept
