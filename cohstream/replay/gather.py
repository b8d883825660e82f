"""Gathering what is to be played: rows of any input, put in order on disk, so that memory does not grow with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC
from typing import NamedTuple

from cohstream.domain.vocabulary import Kind, Statement
from cohstream.engine.context import Context
from cohstream.engine.intake import claim_id_of, read_report
from cohstream.errors import ReportError
from cohstream.importers import Row
from cohstream.local.session import batches
from cohstream.replay.order import Order
from cohstream.replay.run_file import RunFile

ROWS_TOGETHER = 5_000

QUEUE = """
WITH placed AS (
    SELECT seq, claim_id, day, row_number() OVER (ORDER BY moment, seq) AS place FROM gathered),
linked AS (
    SELECT place, seq, min(day) OVER same AS touches, place = max(place) OVER same AS last
    FROM placed WINDOW same AS (PARTITION BY claim_id))
INSERT INTO queue
SELECT place, seq, min(touches) OVER (ORDER BY place DESC ROWS UNBOUNDED PRECEDING), last FROM linked
"""
"""``ahead`` is the earliest local day that a report from here on, or any version of it, speaks of: what happened
before is final. ``last`` marks the last version of a report."""


LASTING = frozenset({Statement.COVERAGE, Statement.NOTIFICATION})
"""What may hold of days long after the one on which it begins."""


class Gathered(NamedTuple):
    """What was gathered: records read, and how many of them were rejected."""

    read: int
    rejected: int


def gather(
    run: RunFile, rows: Iterable[Row], order: Order, context: Context, progress: Callable[[int], None] = lambda _: None
) -> Gathered:
    """Put ``rows`` into the queue of ``run``, by ``order``; all or nothing. What cannot be read is kept as rejected.

    Raises :class:`cohstream.errors.InputError` or :class:`cohstream.errors.StateError`.
    """
    codes = Counter[str]()
    read = 0
    with run.transaction():
        for batch in batches(iter(rows), ROWS_TOGETHER):
            entries: list[tuple[object, ...]] = []
            rejected: list[tuple[object, ...]] = []
            for row in batch:
                read += 1
                problem = _take(row, read, order, context, entries)
                if problem is not None:
                    codes[problem[0]] += 1
                    rejected.append((read, row.position, *problem, row.raw))
            run.db.executemany("INSERT INTO gathered VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entries)
            run.db.executemany("INSERT INTO rejected VALUES (?, ?, ?, ?, ?)", rejected)
            progress(len(batch))
        run.db.execute("CREATE INDEX versions ON gathered (claim_id)")
        run.db.execute(QUEUE)
        gathered = Gathered(read, codes.total())
        run["gathered"] = gathered._asdict()
    return gathered


def _take(
    row: Row, seq: int, order: Order, context: Context, entries: list[tuple[object, ...]]
) -> tuple[str, str] | None:
    """Add the entry of ``row``; returns code and problem if it cannot be read."""
    if row.report is None:
        return row.code or "bad_row", row.problem or ""
    try:
        report = read_report(row.report)
    except ReportError as error:
        return error.code, str(error)
    moment = order.moment(report).astimezone(UTC).timestamp()
    lasting = report.kind is Kind.PRESENCE or report.statement in LASTING
    entries.append(
        (
            seq,
            row.position,
            row.report,
            "\n".join(row.notices) or None,
            claim_id_of(report.source, report.report_id),
            moment,
            context.day_of(report.occurred.start),
            lasting,
        )
    )
    return None
