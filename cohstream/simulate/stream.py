"""The simulated stream: events first, then what several sources say of each, in order of publication."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from random import Random

from cohstream.simulate.model import Event, Model, Site, load_model

BEGIN = datetime(2016, 2, 20, tzinfo=UTC)
SPAN = timedelta(days=230)
"""Events lie between a week before the cessation of 27 February 2016 and two weeks after 19 September."""

LOCAL_SHIFT = timedelta(hours=2)
"""Reports write times with +02:00, the winter offset of Damascus; the instant is what counts."""

WITH_POINT = 0.3
DISPLACED_BY = 1_000
LAG_HOURS = 30.0


def simulate(
    reports: int,
    seed: int,
    *,
    duplicates: float = 0.02,
    revisions: float = 0.03,
    retractions: float = 0.005,
    disorder: float = 0.0,
) -> Iterator[bytes]:
    """``reports`` lines of JSON, invented but drawn like the documented reports. A seed always gives the same bytes.

    ``duplicates``, ``revisions`` and ``retractions`` are shares of reports that are said again, corrected, or
    withdrawn later; ``disorder`` is the share displaced by up to :data:`DISPLACED_BY` positions. Without disorder
    lines come in order of publication, as from a live feed. Memory stays flat.
    """
    random = Random(seed)
    lines = _published(random, reports, duplicates, revisions, retractions)
    if disorder:
        lines = _disordered(lines, random, disorder)
    for _, line in zip(range(reports), lines, strict=False):
        yield line


def _published(
    random: Random, reports: int, duplicates: float, revisions: float, retractions: float
) -> Iterator[bytes]:
    """Endless lines in order of publication; events are spread so that ``reports`` lines fill the span."""
    model = load_model()
    lines_per_event = model.reports_per_event * (1 + duplicates + revisions + retractions)
    step = SPAN.total_seconds() * lines_per_event / max(reports, 1)
    waiting: list[tuple[float, int, bytes]] = []
    serial, moment = 0, 0.0
    while True:
        while waiting and waiting[0][0] <= moment:
            yield heappop(waiting)[2]
        event, site = model.events(random), model.sites(random)
        happened = moment + random.random() * step
        for _ in range(model.fan_in(random)):
            serial += 1
            published = happened + 3_600 * (1 + LAG_HOURS * random.random() ** 3)
            body = _body(random, model, event, site, happened, serial)
            later = published + 86_400 * random.random()
            heappush(waiting, (published, serial, _line(body, published, 0, False)))
            chance = random.random()
            if chance < duplicates:
                heappush(waiting, (later, serial, _line(body, published, 0, False)))
            elif chance < duplicates + revisions:
                heappush(waiting, (later, serial, _line(_body(random, model, event, site, happened, serial, body), later, 1, False)))
            elif chance < duplicates + revisions + retractions:
                heappush(waiting, (later, serial, _line(body, later, 1, True)))
        moment += step


def _body(
    random: Random, model: Model, event: Event, site: Site, happened: float, serial: int, original: str | None = None
) -> str:
    """All of a report but its version: what one source says of ``event`` at ``site``."""
    source, stake = _source_of(original) if original else model.sources(random)
    precision = model.precision(random)
    start, end = _when(precision, happened)
    label = model.labels.get(event.actors)
    actors = ",".join(f'"{actor}"' for actor in event.actors.split("|") if actor and random.random() < 0.9)
    point = f',{site.point}' if site.point and random.random() < WITH_POINT else ""
    killed = f'{{"min":{model.killed(random)},"max":null}}' if random.random() < 0.4 else "null"
    return (
        f'"source":{source},"stake":{stake},"report_id":"S{serial:08d}","kind":"allegation",'
        f'"occurred":{{"start":"{start}","end":"{end}","precision":"{precision}"}},'
        f'"place":{{"text":{site.spelling(random)}{point}}},"conduct":{event.conduct},'
        f'"weapon":{{"text":{event.weapon_text},"class":{event.weapon_class if random.random() < 0.7 else "null"}}},'
        f'"perpetrator":{{"text":{label(random) if label else "null"},"candidates":[{actors}],"certainty":"alleged"}},'
        f'"target":{{"text":null,"class":{event.target}}},"harm":{{"killed":{killed}}},'
        f'"excluded_presence":{site.presence(random)},"links":["https://example.org/{serial}"]'
    )


def _source_of(body: str) -> tuple[str, str]:
    """Source and stake of a report already made: only the same source revises it."""
    head = body.split(',"report_id":', 1)[0]
    source, _, stake = head.removeprefix('"source":').partition(',"stake":')
    return source, stake


def _line(body: str, published: float, revision: int, retracts: bool) -> bytes:
    moment = _text(BEGIN + timedelta(seconds=int(published)))
    withdrawn = "true" if retracts else "false"
    return f'{{{body},"revision":{revision},"published_at":"{moment}","retracts":{withdrawn}}}'.encode()


def _when(precision: str, happened: float) -> tuple[str, str]:
    moment = BEGIN + timedelta(seconds=int(happened))
    if precision == "exact":
        return _text(moment), _text(moment)
    if precision == "hour":
        start = moment.replace(minute=0, second=0)
        return _text(start), _text(start + timedelta(hours=1))
    day = (moment + LOCAL_SHIFT).replace(hour=0, minute=0, second=0) - LOCAL_SHIFT
    if precision == "part_of_day":
        part = day + timedelta(hours=(moment - day) // timedelta(hours=6) * 6)
        return _text(part), _text(part + timedelta(hours=6))
    return _text(day), _text(day + timedelta(days=2 if precision == "range" else 1))


def _text(moment: datetime) -> str:
    return (moment + LOCAL_SHIFT).strftime("%Y-%m-%dT%H:%M:%S+02:00")


def _disordered(lines: Iterator[bytes], random: Random, share: float) -> Iterator[bytes]:
    waiting: list[tuple[int, int, bytes]] = []
    for position, line in enumerate(lines):
        delay = 1 + int(random.random() * DISPLACED_BY) if random.random() < share else 0
        heappush(waiting, (position + delay, position, line))
        while waiting and waiting[0][0] <= position:
            yield heappop(waiting)[2]
