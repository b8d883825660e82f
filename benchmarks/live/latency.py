"""(c) Latency of ``cohstream worker``: from a report's sending to its assessment read, and to the gauge's change.

Measured over the reports that found an incident at once (the engine tells which), since the assessment's key tells
the id of that report; all others take the same way. Rates: one report at a time on an idle worker, 200 a second, and
80 % of the throughput measured in (b). The feed and the reader are this process, on the machine of the worker and the
broker. At 80 % of the peak one partition of the assessments is read, so that reading does not take the worker's
processor.

The gauge is seen by scraping ``/metrics`` without pause, in a phase of its own, as a scrape derives the whole
belief anew and keeps the worker from its reports meanwhile. Probes are reports of a conduct that the
rest of the feed does not have, each known to move a gauge by one.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import islice

import orjson

from benchmarks.live.feeder import Feeder, Report, feeder, reports_of
from benchmarks.live.figures import show_latencies
from benchmarks.live.process import WORKER, BenchError, Process
from benchmarks.live.stage import PARTITIONS, Record, Stage, Work, stage
from benchmarks.live.whole import OUTPUTS
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.knowledge import load_knowledge
from cohstream.live.topics import CLAIMS, REPORTS
from cohstream.local.session import Settings, chosen_agreements
from cohstream.publish.belief import belief
from cohstream.simulate import simulate

STEADY = 200.0
WARM_SECONDS = 5.0
WARM_REPORTS = 5_000
LONE = 50
PROBES = 60
PROBE_SECONDS = 60.0
PROBE_PATIENCE = 5.0
SECONDS = 300.0
PROBE = "arrest_abduction"
SERIES = re.compile(rf'^cohstream_unregulated_incidents{{.*conduct="{PROBE}".*}} (\S+)$', re.MULTILINE)
AIM, TIMES = 0.025, 5.0
WORK = Work(REPORTS, (REPORTS, CLAIMS), OUTPUTS, (), ())


async def latency(brokers: str, seconds: float, peak: float | None) -> None:
    """Measure and print; ``peak`` is the throughput of (b), without which the loaded case is left out."""
    print(f"\n(c) latency, from a report's sending: {seconds:.0f} s after {WARM_SECONDS:.0f} s of the same", flush=True)
    try:
        steady = await _steady(brokers, seconds)
        if peak is None:
            print("  at 80 % of the peak: left out, since (b) was not measured (or give --peak)")
            return
        await _loaded(brokers, seconds, 0.8 * peak, steady)
    except BenchError as error:
        print(f"  given up: {error}", flush=True)


async def _steady(brokers: str, seconds: float) -> float:
    background = int(PROBE_SECONDS * STEADY)
    total = WARM_REPORTS + LONE + int((WARM_SECONDS + seconds) * STEADY) + background
    lines = list(simulate(int(total * 1.02), seed=2))
    probes = _probes(lines)
    reports = iter(list(reports_of(line for line in lines if orjson.loads(line).get("conduct") != PROBE)))
    async with _ready(brokers, islice(reports, WARM_REPORTS)) as (made, process):
        async with feeder(made.settings, range(PARTITIONS)) as feed:
            for one in islice(reports, LONE):
                await feed.send([one])
                await asyncio.sleep(0.2)
            show_latencies("a lone report, to its assessment", feed.latencies)
            await feed.feed(list(islice(reports, int(WARM_SECONDS * STEADY))), STEADY)
            feed.forget()
            await feed.feed(list(islice(reports, int(seconds * STEADY))), STEADY)
            await asyncio.sleep(1.0)
            p99 = show_latencies(f"at {STEADY:.0f} reports/s, to the assessment", feed.latencies)
            print(f"    p99 {'within' if p99 <= AIM else 'beyond'} the aim of {AIM * 1e3:.0f} ms", flush=True)
            feeding = asyncio.ensure_future(feed.feed(list(islice(reports, background)), STEADY))
            try:
                changes = await _gauge_changes(feed, process, probes)
            finally:
                feeding.cancel()
            show_latencies(f"at {STEADY:.0f} reports/s, to the gauge's change in a scrape", changes)
        return p99


async def _loaded(brokers: str, seconds: float, rate: float, steady: float) -> None:
    warm = int(rate * WARM_SECONDS)
    lines = simulate(WARM_REPORTS + warm + int(rate * seconds), seed=3)
    reports = list(reports_of(lines))
    async with _ready(brokers, reports[:WARM_REPORTS]) as (made, process), feeder(made.settings, [0]) as feed:
        await feed.feed(reports[WARM_REPORTS : WARM_REPORTS + warm], rate)
        feed.forget()
        await feed.feed(reports[WARM_REPORTS + warm :], rate)
        ended = time.monotonic()
        await made.settled(process, WORK, len(reports), SECONDS)
        p99 = show_latencies(f"at {rate:,.0f} reports/s (80 % of the peak), to the assessment", feed.latencies)
        print(
            f"    p99 is {p99 / steady if steady else 0:.1f} times that at {STEADY:.0f}/s (aim: {TIMES:.0f} at most); "
            f"all was committed {time.monotonic() - ended:.1f} s after the feed's end; "
            f"the feed itself was {feed.late * 1e3:.0f} ms late at worst",
            flush=True,
        )


@asynccontextmanager
async def _ready(brokers: str, warm: Iterable[Report]) -> AsyncIterator[tuple[Stage, Process]]:
    """A stage with a worker that has worked off the reports of a warm-up."""
    async with stage(brokers) as made:
        process = made.start(WORKER)
        records = [Record(one.partition, one.key, one.value) for one in warm]
        await made.load(REPORTS, records)
        await made.settled(process, WORK, len(records), SECONDS)
        yield made, process


async def _gauge_changes(feed: Feeder, process: Process, probes: list[Report]) -> list[float]:
    """For each probe the time from its sending to the end of the first scrape that shows it."""
    changes: list[float] = []
    for probe in probes:
        before = await asyncio.to_thread(_gauge, process)
        began = time.monotonic()
        await feed.send([probe])
        while await asyncio.to_thread(_gauge, process) <= before:
            process.must_live()
            if time.monotonic() - began > PROBE_PATIENCE:
                print(f"  a probe is not shown after {PROBE_PATIENCE:.0f} s", flush=True)
                break
        else:
            changes.append(time.monotonic() - began)
        await asyncio.sleep(0.1)
    return changes


def _gauge(process: Process) -> float:
    return sum(float(value) for value in SERIES.findall(process.page("/metrics")[1]))


def _probes(lines: Iterable[bytes]) -> list[Report]:
    """The reports among ``lines`` each of which moves the gauge of :data:`PROBE` up by one, held against the engine."""
    agreements = chosen_agreements(Settings())
    ledger, context, value, found = Ledger(), Context.of(load_knowledge(), agreements), 0, []
    for probe in reports_of(line for line in lines if orjson.loads(line).get("conduct") == PROBE):
        apply(ledger, [probe.value], context)
        believed = {family.name: series for family, series in belief(ledger, agreements).items()}
        series = believed["cohstream_unregulated_incidents"]
        now = sum(count for labels, count in series.items() if PROBE in labels)
        if now == value + 1:
            found.append(probe)
        value = now
    return found[:PROBES]
