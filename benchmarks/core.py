"""The core's reports per second on one core: JSON bytes in, tallies out (no files, no SQLite, no page).

    python -m benchmarks.core [--reports N] [--rounds N]

Prints, for simulated load and for the real rows where they are at hand: reports per second (median, least and
greatest of the rounds), the same from cold caches, how many distinct places, actors and spellings the input has,
what reading the JSON takes of it, and memory per 100,000 incidents.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from cohstream.cli.run import BATCH
from cohstream.engine.batch import Batch
from cohstream.engine.context import Context
from cohstream.engine.intake import read_report
from cohstream.engine.ledger import Ledger
from cohstream.importers import open_input
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements
from cohstream.local.session import collector_at_rest
from cohstream.simulate import simulate

REAL = (
    "coh_documented_reports/reports.csv",
    "centcom_isil_strikes/all-edited-refined.csv",
    "airwars_syria/incidents.csv",
)


def fresh_context() -> Context:
    """A context with empty caches."""
    agreements = {name: one for name, one in load_agreements().items() if not one.waits_to_be_named}
    return Context.of(load_knowledge(), agreements)


def fill(lines: Sequence[bytes], context: Context) -> Ledger:
    ledger = Ledger()
    for at in range(0, len(lines), BATCH):
        with collector_at_rest():
            batch = Batch(ledger, context)
            for line in lines[at : at + BATCH]:
                batch.take(line)
            batch.settle()
    ledger.tallies()
    return ledger


def rate(work: Callable[[], object], count: int) -> float:
    gc.collect()
    began = perf_counter()
    kept = work()
    seconds = perf_counter() - began
    del kept  # outside the clock: a running system does not tear down what it believes
    return count / seconds


def read_all(lines: Sequence[bytes]) -> None:
    for line in lines:
        read_report(line)


def describe_input(lines: Sequence[bytes]) -> str:
    places, spellings, actors, sources = set(), set(), set(), set()
    for line in lines:
        report = read_report(line)
        spellings.add(report.place.text)
        places.add((report.place.text, report.place.lat, report.place.lon))
        actors.add((report.perpetrator.text, report.perpetrator.candidates))
        sources.add(report.source)
    return (
        f"{len(places):,} distinct stated places, {len(spellings):,} spellings, "
        f"{len(actors):,} stated actors, {len(sources):,} sources"
    )


def measure(name: str, lines: Sequence[bytes], rounds: int) -> None:
    print(f"\n{name}: {len(lines):,} reports; {describe_input(lines)}")
    context = fresh_context()
    cold = rate(lambda: fill(lines, context), len(lines))
    print(f"  from cold caches: {cold:,.0f} reports/s")
    rates = [rate(lambda: fill(lines, context), len(lines)) for _ in range(rounds)]
    print(
        f"  JSON bytes to tallies: {statistics.median(rates):,.0f} reports/s "
        f"(median of {rounds}; {min(rates):,.0f} to {max(rates):,.0f})"
    )
    print(f"  reading and validating the JSON alone: {rate(lambda: read_all(lines), len(lines)):,.0f} reports/s")


def memory(lines: Sequence[bytes]) -> None:
    context = fresh_context()
    fill(lines[:BATCH], context)
    gc.collect()
    tracemalloc.start()
    ledger = fill(lines, context)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    incidents = len(ledger.incidents)
    print(
        f"\nmemory: {used / 1e6:,.0f} MB for {incidents:,} incidents of {len(lines):,} reports, "
        f"{used / incidents * 100_000 / 1e6:,.0f} MB per 100,000 incidents"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    load = list(simulate(options.reports, seed=1))
    measure("simulated (seed 1)", load, options.rounds)
    folder = Path(os.environ.get("COHSTREAM_REAL_DATA", "../shared/data"))
    for name in REAL:
        path = folder / name
        if path.exists():
            rows = [row.report for row in open_input(str(path), None, lambda _: None) if row.report]
            measure(f"real, {name}", rows, options.rounds)
        else:
            print(f"\nreal, {name}: not at hand (set COHSTREAM_REAL_DATA)")
    memory(load[:60_000])


if __name__ == "__main__":
    main()
