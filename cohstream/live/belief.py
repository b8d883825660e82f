"""What a worker believes of one partition: beliefs by area, of which the latest used are held in memory."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby

from cohstream.domain.assessment import Judgement
from cohstream.domain.tally import Contribution
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger, Moves
from cohstream.live.area import AreaBelief, Told
from cohstream.live.begun import Begun
from cohstream.live.statement import Stated
from cohstream.publish.belief import LONGEST_WINDOW, admin1_label


class PartitionBelief:
    """The beliefs of a partition's areas. ``clean`` says that all it believes was told and kept.

    ``stored`` reads the statements kept of an area. At most ``limit`` claims stay in memory, besides those of
    the area in use: an area that was let go is derived anew from what is stored when it is spoken of again.
    ``sums`` and ``recent`` are what gauges need of all areas, held or not.
    """

    def __init__(self, context: Context, stored: Callable[[str], Iterable[Stated]], limit: int) -> None:
        self.clean = True
        self.sums: Counter[Contribution] = Counter()
        self.watermark: datetime | None = None
        self.watermarks: dict[str, datetime] = {}
        self._context = context
        self._stored = stored
        self._limit = limit
        self._areas: OrderedDict[str, AreaBelief] = OrderedDict()
        self._held = 0
        self._recent: dict[tuple[str, str], tuple[datetime, Judgement]] = {}
        self._remembered = 1_000

    def recover(self, statements: Iterable[Stated]) -> Iterator[tuple[str, Ledger]]:
        """Take up all statements kept, by area; yields each area with what is believed of it."""
        for area, stated in groupby(statements, key=lambda one: one.area):
            belief = AreaBelief(self._context, stated)
            ledger = belief.ledger
            for contribution, count in ledger.counts.items():
                self._sum(contribution, count)
            self._see(area, ledger.watermark)
            for incident_id, incident in ledger.incidents.items():
                self._recent[area, incident_id] = incident.start, ledger.judgements[incident_id]
            self._forget_old()
            self._hold(area, belief, 0)
            yield area, ledger

    def apply(self, statements: Iterable[Stated], begun: Begun, partition: int) -> Told:
        """Take in a batch of statements, and tell what came of it. Until the caller sets it, ``clean`` is off."""
        self.clean = False
        told = Told()
        by_area: dict[str, list[Stated]] = {}
        for one in statements:
            by_area.setdefault(one.area, []).append(one)
        for area, stated in by_area.items():
            belief, before = self._area(area)
            moves = belief.apply(stated, told, begun.revision, f"{partition}@{begun.last}")
            self._note(area, belief, moves)
            self._hold(area, belief, before)
        return told

    def judged_since(self, instant: datetime) -> Iterator[tuple[datetime, Judgement]]:
        """Start and judgement of each incident that began after ``instant``, within the longest window."""
        return (one for one in self._recent.values() if one[0] > instant)

    def _area(self, area: str) -> tuple[AreaBelief, int]:
        """The belief of ``area``, and how many claims of it are counted as held."""
        known = self._areas.get(area)
        if known is not None:
            return known, len(known)
        return AreaBelief(self._context, self._stored(area)), 0

    def _hold(self, area: str, belief: AreaBelief, before: int) -> None:
        self._areas[area] = belief
        self._areas.move_to_end(area)
        self._held += len(belief) - before
        while self._held > self._limit and len(self._areas) > 1:
            _, gone = self._areas.popitem(last=False)
            self._held -= len(gone)

    def _note(self, area: str, belief: AreaBelief, moves: Moves) -> None:
        for contribution, step in moves.counts.items():
            self._sum(contribution, step)
        self._see(area, belief.ledger.watermark)
        for incident_id, (_, now) in moves.incidents.items():
            if now is None:
                self._recent.pop((area, incident_id), None)
            else:
                self._recent[area, incident_id] = now.start, belief.ledger.judgements[incident_id]
        self._forget_old()

    def _sum(self, contribution: Contribution, step: int) -> None:
        alike = contribution._replace(area=admin1_label(contribution.area), event_day="")
        count = self.sums[alike] + step
        if count:
            self.sums[alike] = count
        else:
            del self.sums[alike]

    def _see(self, area: str, watermark: datetime | None) -> None:
        if self.watermarks.get(area) == watermark:
            return
        if watermark is None:
            del self.watermarks[area]
        else:
            self.watermarks[area] = watermark
        self.watermark = max(self.watermarks.values(), default=None)

    def _forget_old(self) -> None:
        """Drop what no window reaches any more, once half of what is remembered is like that."""
        if self.watermark is None or len(self._recent) < 2 * self._remembered:
            return
        oldest = self.watermark - LONGEST_WINDOW
        self._recent = {key: one for key, one in self._recent.items() if one[0] > oldest}
        self._remembered = max(1_000, len(self._recent))
