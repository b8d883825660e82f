"""Looking at one posted record: may it be taken from this caller, and what is to be kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cohstream.domain.report import Report
from cohstream.engine.intake import MAX_RECORD_BYTES, claimed_source, read_report, stamped
from cohstream.errors import ReportError
from cohstream.importers import Row
from cohstream.importers.rows import rejected
from cohstream.web.answers import RecordAnswer
from cohstream.web.api_keys import Caller

FORBIDDEN_SOURCE = "forbidden_source"


@dataclass
class Examined:
    """The records of one request: an answer each, and the rows to be kept with the place of their answer."""

    answers: list[RecordAnswer] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)

    @property
    def all_forbidden(self) -> bool:
        return len(self.forbidden) == len(self.answers)


def examine(records: Sequence[bytes], caller: Caller, received: datetime, request_id: str) -> Examined:
    """Look at the ``records`` of a request. Reports that do not say when they were received are stamped.

    What speaks for a source that the caller may not speak for is neither taken nor kept: kept as a dead letter, it
    could be sent on later as if that source had said it.
    """
    examined = Examined()
    for number, raw in enumerate(records, start=1):
        row = _row(raw, f"http:{request_id}:{number}", received)
        source = row[1].source if row[1] is not None else claimed_source(raw)
        if source is not None and not caller.may_speak_for(source):
            examined.forbidden.append(source)
            examined.answers.append(_forbidden(number, source, row[1]))
            continue
        examined.rows.append(row[0])
        examined.places.append(len(examined.answers))
        examined.answers.append(_answer(number, *row))
    return examined


def _row(raw: bytes, position: str, received: datetime) -> tuple[Row, Report | None]:
    try:
        report = read_report(raw)
        whole = raw if report.received_at is not None else stamped(raw, received)
        if len(whole) > MAX_RECORD_BYTES:
            raise ReportError(
                "too_large",
                f"with its time of receipt the report has {len(whole):,} bytes, more than {MAX_RECORD_BYTES:,}; "
                "shorten its texts or split it",
            )
    except ReportError as error:
        return rejected(raw, position, error), None
    return Row(whole, position, whole), report


def _answer(number: int, row: Row, report: Report | None) -> RecordAnswer:
    if report is None:
        return RecordAnswer(position=number, outcome="rejected", code=row.code, problem=row.problem)
    return RecordAnswer(position=number, outcome="accepted", source=report.source, report_id=report.report_id)


def _forbidden(number: int, source: str, report: Report | None) -> RecordAnswer:
    return RecordAnswer(
        position=number,
        outcome="rejected",
        source=source,
        report_id=report.report_id if report else None,
        code=FORBIDDEN_SOURCE,
        problem=f"this key may not speak for {source!r}; use the key of that source",
    )
