"""Which row corrects which: the ``revises`` chains of cohstream's own CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cohstream.errors import ReportError

RowKey = tuple[str, str]
"""(source, row_id): only the same source may correct a row, so an id means something within its source only."""


class Place(NamedTuple):
    """A row's place in its chain: the report it is a version of, which version, and what was odd."""

    report_id: str
    revision: int
    notices: tuple[str, ...] = ()


class Chains:
    """The chains of one file.

    ``revises`` of a row that this file does not have is believed (the row may be in another file): the report
    is that row's, and its revision 1 more. A row that revises another *source's* row is a report of its own,
    told as ``revises_other_source``; but nobody may retract what another source said.
    """

    def __init__(self, links: Iterable[tuple[str, str, str | None]]) -> None:
        """``links`` are (source, row_id, revises) of every row. Of rival rows of one id the least link counts."""
        parents: dict[RowKey, str] = {}
        self._ids: set[str] = set()
        for source, row_id, revises in links:
            self._ids.add(row_id)
            key = (source, row_id)
            parents[key] = min(parents.get(key, revises or ""), revises or "")
        self._parents: Mapping[RowKey, str] = parents

    def place(self, source: str, row_id: str, revises: str | None, retracts: bool) -> Place:
        """Where a row stands. Raises :class:`ReportError` for a cycle or for a retraction of nothing of its own."""
        if retracts and revises is None:
            raise ReportError("missing_field", "'retracts' is yes but 'revises' is empty; name the row retracted")
        steps: list[str] = [row_id]
        parent = revises or ""
        while parent:
            if parent in steps:
                raise ReportError(
                    "revision_cycle",
                    f"'revises' leads in a circle ({' -> '.join([*steps, parent][-6:])}); "
                    "let the first version revise nothing",
                )
            if (source, parent) not in self._parents:
                return self._beyond(steps, parent, retracts)
            steps.append(parent)
            parent = self._parents[(source, parent)]
        return Place(steps[-1], len(steps) - 1)

    def _beyond(self, steps: list[str], parent: str, retracts: bool) -> Place:
        """The place of a row whose chain leaves what this source says in this file."""
        if parent not in self._ids:
            return Place(parent, len(steps), (f"revises_unseen_row:{parent[:60]}",))
        if retracts and len(steps) == 1:
            raise ReportError(
                "foreign_retraction",
                f"'{parent[:60]}' is another source's row; only the source itself may retract, write a denial instead",
            )
        return Place(steps[-1], len(steps) - 1, (f"revises_other_source:{parent[:60]}",))
