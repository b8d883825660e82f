"""What one more report costs, beside how many are believed already; and what an incident takes of memory.

    python -m benchmarks.incremental [--reports N ...] [--rounds N]

For each size a process of its own fills a ledger with simulated reports of a constant density (more reports are a
longer history, not a denser one), as `cohstream run` does, without files, SQLite or page. Then it applies what a live
system hears further, in µs of processor time a report (median of the rounds, with the least and the greatest):

- new reports at the end of the history, in batches of 1, 100 and 1,000;
- corrections and retractions of reports spread over all of the history, in batches of 1 and 100.

Memory is what the process grew by while it was filled, per incident, with what it remembers of places and judgements;
and from the second size on, per incident that is there more. A million reports need about 5 GB.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random
from time import process_time

from benchmarks.core import fresh_context
from cohstream.cli.run import BATCH
from cohstream.engine.batch import Batch
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.local.session import collector_at_rest
from cohstream.simulate import simulate

SIZES = (10_000, 100_000, 1_000_000)
A_DAY = 200
"""Reports a day at every size."""

NEW = {1: 200, 100: 1_000, 1_000: 2_000}
OLD = {1: 100, 100: 200}
"""How many reports of each batch size a round applies."""

WARMING = 500
"""New reports that go before the rounds: the first after a great batch find cold caches of the processor."""

Cost = tuple[float, ...]
"""µs a report in each round."""


@dataclass
class Measured:
    """What one size took: by what was applied and its batch size, and bytes of memory."""

    reports: int
    incidents: int
    seconds: float
    grown: int
    costs: dict[tuple[str, int], Cost]


def measure(reports: int, rounds: int) -> Measured:
    """Fill a ledger with so many reports, then apply further ones in ``rounds``."""
    context, ledger = fresh_context(), Ledger()
    further = WARMING + rounds * sum(NEW.values())
    load = partial(simulate, reports + further, 1, days=max(1, (reports + further) // A_DAY))
    lines = load()
    before, began = resident(), process_time()
    for at in range(0, reports, BATCH):
        apply(ledger, list(islice(lines, min(BATCH, reports - at))), context)
    seconds = process_time() - began
    gc.collect()
    grown = resident() - before
    incidents = len(ledger.incidents)
    apply(ledger, list(islice(lines, WARMING)), context)
    old = spread(islice(load(), reports), 2 * rounds * sum(OLD.values()))
    corrected, retracted = map(corrected_from, old[::2]), map(retracted_from, old[1::2])
    costs: dict[tuple[str, int], list[float]] = {}
    for _ in range(rounds):
        for what, counts, source in (
            ("new", NEW, lines),
            ("corrections", OLD, corrected),
            ("retractions", OLD, retracted),
        ):
            for size, count in counts.items():
                costs.setdefault((what, size), []).append(cost(ledger, source, size, count, context))
    return Measured(reports, incidents, seconds, grown, {key: tuple(found) for key, found in costs.items()})


def apply(ledger: Ledger, lines: Sequence[bytes], context: Context) -> None:
    batch = Batch(ledger, context)
    with collector_at_rest():
        for line in lines:
            batch.take(line)
        batch.settle()


def cost(ledger: Ledger, source: Iterator[bytes], size: int, count: int, context: Context) -> float:
    """µs a report of applying the next ``count`` of ``source`` in batches of ``size``."""
    batches = [list(islice(source, size)) for _ in range(count // size)]
    gc.collect()
    gc.disable()
    began = process_time()
    for one in batches:
        batch = Batch(ledger, context)
        for line in one:
            batch.take(line)
        batch.settle()
    seconds = process_time() - began
    gc.enable()
    return seconds / count * 1e6


def spread(lines: Iterable[bytes], count: int) -> list[dict[str, object]]:
    """``count`` first versions of reports from all of the history, in an order that leaps over it."""
    told = {old["report_id"]: old for old in map(json.loads, lines) if old["kind"] == "allegation"}
    first = [old for old in told.values() if "revision" not in old]
    return Random(count).sample(first, count)


def corrected_from(report: dict[str, object]) -> bytes:
    return json.dumps({**report, "revision": 9, "harm": {"killed": {"min": 7, "max": 7}}}, ensure_ascii=False).encode()


def retracted_from(report: dict[str, object]) -> bytes:
    return json.dumps({**report, "revision": 9, "retracts": True}, ensure_ascii=False).encode()


def resident() -> int:
    """Bytes of memory that the process holds now (Linux)."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, nargs="+", default=SIZES, help="sizes, the smallest first")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    former = None
    for size in options.reports:
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            found = process.submit(measure, size, options.rounds).result()
        print(f"\n{found.reports:,} reports, {found.incidents:,} incidents, filled in {found.seconds:.0f} s")
        print(f"  memory: {found.grown / 1e6:,.0f} MB, {found.grown / found.incidents:,.0f} bytes an incident", end="")
        if former is not None and found.incidents > former.incidents:
            more = (found.grown - former.grown) / (found.incidents - former.incidents)
            print(f"; {more:,.0f} for each more than before", end="")
        print()
        for (what, batch), costs in found.costs.items():
            print(
                f"  {what} in batches of {batch:,}: {statistics.median(costs):,.1f} µs a report "
                f"({min(costs):,.1f} to {max(costs):,.1f})"
            )
        former = found


if __name__ == "__main__":
    main()
