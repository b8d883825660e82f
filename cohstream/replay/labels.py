"""Labels of reports, taken out of the rows of an input before fusion may see them."""

from __future__ import annotations

from typing import Any

import orjson

from cohstream.domain.report import Report
from cohstream.engine.intake import claim_id_of
from cohstream.errors import ConfigError
from cohstream.importers import Row

FIELDS = frozenset(Report.model_fields)


class Labels:
    """The labels in one column: a field that stands beside a report's form, under ``extra`` or at its top.

    ``columns`` names everything that stands there.
    """

    def __init__(self, column: str) -> None:
        self.column = column
        self.columns: set[str] = set()
        self._label_of: dict[str, tuple[int, str]] = {}

    def take(self, row: Row) -> Row:
        """``row`` without its label and without all else under ``extra``; the label of its report is noted.

        Versions of one report have the label of the first of them. What is no JSON object is left to intake.
        """
        body = _object(row.report)
        if body is None:
            return row
        beside = body.pop("extra", None)
        beside = beside if isinstance(beside, dict) else {}
        unknown = body.keys() - FIELDS
        self.columns |= beside.keys() | unknown
        label = beside.get(self.column, body.pop(self.column) if self.column in unknown else None)
        try:
            bare = orjson.dumps(body)
        except orjson.JSONEncodeError:  # nested too deeply, which intake refuses
            return row
        self._note(body, label)
        return row._replace(report=bare)

    def _note(self, body: dict[str, Any], label: object) -> None:
        source, report_id, revision = body.get("source"), body.get("report_id"), body.get("revision", 0)
        if not (isinstance(source, str) and isinstance(report_id, str) and isinstance(revision, int)):
            return
        claim_id = claim_id_of(source, report_id)
        if label is None or label == "":
            return
        known = self._label_of.get(claim_id)
        said = (revision, label if isinstance(label, str) else orjson.dumps(label).decode())
        if known is None or said < known:
            self._label_of[claim_id] = said

    def by_claim(self) -> dict[str, str]:
        """The label of each report that has one, by the id of its claim.

        Raises :class:`ConfigError` if none has: then the column is not there, or empty throughout.
        """
        if not self._label_of:
            there = ", ".join(sorted(self.columns)) or "none"
            raise ConfigError(
                f"--labels {self.column!r}: no report has a label in such a column; name one that stands beside what "
                f"reports say: {there}"
            )
        return {claim_id: label for claim_id, (_, label) in sorted(self._label_of.items())}


def _object(raw: bytes | None) -> dict[str, Any] | None:
    """``raw`` as a JSON object; ``None`` for what intake will reject."""
    if raw is None:
        return None
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None
