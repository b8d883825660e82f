"""The simulated stream: events first, then what several sources say of each, in order of publication."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import islice
from random import Random
from typing import NamedTuple

from cohstream.simulate.clock import DAYS, occurred, text_of
from cohstream.simulate.model import Item, Kind, Model, Site, Table, load_model

DAY = 86_400
RESENT_WITHIN = 3_600
CORRECTED_WITHIN = 10 * DAY
DISPLACED_BY = 1_000
"""Positions that a line out of order is late by, at most."""

DENIALS = 0.03
STATEMENTS = 0.03
"""Denials, and statements (truces, coverage, compliance), for each account of an event."""

ELSEWHEN = 0.25
ELSEWHEN_BY = 6 * 3_600
"""The share of accounts that set an event too early, and by how many seconds at most."""

FEWEST_FOR_THE_SPAN = 200
"""Fewer reports than this cover only part of the span."""


class Event(NamedTuple):
    moment: int
    site: Site
    kind: Kind
    harm: Table[str]


def simulate(
    reports: int,
    seed: int,
    *,
    duplicates: float = 0.02,
    revisions: float = 0.03,
    retractions: float = 0.005,
    disorder: float = 0.0,
    days: int = DAYS,
) -> Iterator[bytes]:
    """``reports`` lines of JSON, invented but drawn like the documented reports. A seed always gives the same bytes.

    ``duplicates``, ``revisions`` and ``retractions`` are the shares of accounts that are sent again, corrected, or
    withdrawn later. Lines come in order of publication, as from a live feed (what is sent again comes within the
    hour); ``disorder`` is the share displaced by up to :data:`DISPLACED_BY` positions, of the same lines. Events lie in
    about ``days`` up to one fixed end, so that more reports in more days are a longer history, not a denser one.
    Memory stays flat: only lines between their event and their publication are held.
    """
    stream = Stream(Random(seed), load_model(), duplicates, revisions, retractions)
    lines = islice(stream.lines(reports, days), reports)
    return disordered(lines, Random(seed + 1), disorder) if disorder else lines


class Stream:
    """One run of the simulation. The order of draws is part of what a seed means."""

    def __init__(self, random: Random, model: Model, duplicates: float, revisions: float, retractions: float) -> None:
        self._chance = chance = random.random
        self._model = model

        def pick(items: Table[Item]) -> Item:
            return items[int(chance() * len(items))]

        self._pick = pick
        self._duplicated = duplicates
        self._revised = duplicates + revisions
        self._retracted = duplicates + revisions + retractions
        self._waiting: list[tuple[int, int, str]] = []
        self._serial = 0
        self._sent = 0

    def lines(self, reports: int, days: int) -> Iterator[bytes]:
        """Endless lines; events are spread evenly so that ``reports`` lines fill the ``days``."""
        lines_per_event = self._model.reports_per_event * (1 + DENIALS + STATEMENTS + self._retracted)
        step = days * DAY * lines_per_event / max(reports, FEWEST_FOR_THE_SPAN)
        waiting, moment = self._waiting, float((DAYS - days) * DAY)
        while True:
            while waiting and waiting[0][0] <= moment:
                yield heappop(waiting)[2].encode()
            self._happen(int(moment + self._chance() * step))
            moment += step

    def _happen(self, moment: int) -> None:
        """One event, and all that will be said of it."""
        pick, model = self._pick, self._model
        event = Event(moment, pick(model.sites), pick(model.kinds), pick(model.harm))
        heard: set[str] = set()
        for _ in range(pick(model.fan_in)):
            source = pick(model.sources)
            while source in heard:
                source = pick(model.sources)
            heard.add(source)
            self._tell(event, source)
            if self._chance() < DENIALS and event.kind.denial:
                self._deny(event)
            if self._chance() < STATEMENTS:
                self._declare(event)

    def _tell(self, event: Event, source: str) -> None:
        """One source's account, and whether it is sent again, corrected or withdrawn."""
        self._serial += 1
        serial = self._serial
        account = self._account(event, source, serial)
        published = event.moment + self._pick(self._model.lags)
        self._send(published, account, published)
        chance = self._chance()
        if chance < self._duplicated:
            self._send(published, account, published + int(self._chance() * RESENT_WITHIN))
        elif chance < self._retracted:
            later = published + 1 + int(self._chance() * CORRECTED_WITHIN)
            if chance < self._revised:
                self._send(later, self._account(event, source, serial), later, ',"revision":1')
            else:
                self._send(later, account, later, ',"revision":1,"retracts":true')

    def _account(self, event: Event, source: str, serial: int) -> str:
        """What a source says of an event, all but its version."""
        pick, (moment, site, kind, harm) = self._pick, event
        if self._chance() < ELSEWHEN:
            moment -= int(self._chance() * ELSEWHEN_BY)
        return (
            f'{{{source},"report_id":"S{serial:08d}","kind":"allegation",'
            f'"occurred":{occurred(moment, pick(self._model.precisions))},'
            f'{pick(site.place_and_presence)},"conduct":{kind.conduct},"weapon":{pick(kind.weapon)},'
            f'"perpetrator":{pick(kind.perpetrator)},"target":{kind.target},"harm":{pick(harm)},'
            f'"links":["https://example.org/{serial}"]'
        )

    def _deny(self, event: Event) -> None:
        self._serial += 1
        published = event.moment + self._pick(self._model.lags)
        denial = (
            f'{{{self._pick(self._model.deniers)},"report_id":"S{self._serial:08d}","kind":"denial",'
            f'"occurred":{occurred(event.moment, "day")},{self._pick(event.site.place)},'
            f'"conduct":{event.kind.conduct},"perpetrator":{event.kind.denial}'
        )
        self._send(published, denial, published)

    def _declare(self, event: Event) -> None:
        """A party declares something about the place on the day."""
        self._serial += 1
        word, source = self._pick(self._model.statements)
        published = event.moment + self._pick(self._model.lags)
        statement = (
            f'{{{source},"report_id":"S{self._serial:08d}","kind":"statement","statement":"{word}",'
            f'"occurred":{occurred(event.moment, "day")},{self._pick(event.site.place_and_presence)}'
        )
        self._send(published, statement, published)

    def _send(self, published: int, body: str, at: int, version: str = "") -> None:
        """Queue a line for the moment ``at``; lines of one moment go in the order in which they were queued."""
        self._sent += 1
        heappush(self._waiting, (at, self._sent, f'{body},"published_at":"{text_of(published)}"{version}}}'))


def disordered(lines: Iterable[bytes], random: Random, share: float) -> Iterator[bytes]:
    """The same lines, a ``share`` of them late by up to :data:`DISPLACED_BY` positions."""
    waiting: list[tuple[int, int, bytes]] = []
    for position, line in enumerate(lines):
        late = 1 + int(random.random() * DISPLACED_BY) if random.random() < share else 0
        heappush(waiting, (position + late, position, line))
        while waiting and waiting[0][0] <= position:
            yield heappop(waiting)[2]
    while waiting:
        yield heappop(waiting)[2]
