"""As known at a moment: of all reports, those that had been received by then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from cohstream.engine.intake import read_report, received_at
from cohstream.errors import ReportError
from cohstream.importers import Row


class AsKnown:
    """Lets through what had been received by ``moment``; ``later`` counts what came after it.

    A record that cannot be read has no time of receipt. It is let through, to be rejected as ever.
    """

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self.later = 0

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows of ``rows`` that hold what was known."""
        return (row for row in rows if row.report is None or self._was_known(row.report))

    def _was_known(self, raw: bytes) -> bool:
        try:
            report = read_report(raw)
        except ReportError:
            return True
        if received_at(report) <= self.moment:
            return True
        self.later += 1
        return False
