"""The core's reports per second on one core: JSON bytes in, tallies out (no files, no SQLite, no page).

    python -m benchmarks.core [--reports N] [--rounds N]

Prints, for simulated load and for the real rows where they are at hand: reports per second (median, least and
greatest of the rounds), the same from cold caches, how many distinct places, actors and spellings the input has,
what reading the JSON takes of it, what the law costs (every question that the run asks of it, asked again and nothing
else, per report), and memory per 100,000 incidents.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from cohstream.cli.run import BATCH
from cohstream.domain.assessment import Judgement
from cohstream.engine.batch import Batch
from cohstream.engine.context import Context
from cohstream.engine.intake import read_report
from cohstream.engine.ledger import Ledger
from cohstream.importers import open_input
from cohstream.knowledge import load_knowledge
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law import Agreement, Evaluator, load_agreements
from cohstream.law.facts import Facts
from cohstream.local.session import collector_at_rest
from cohstream.simulate import simulate

REAL = (
    "coh_documented_reports/reports.csv",
    "centcom_isil_strikes/all-edited-refined.csv",
    "airwars_syria/incidents.csv",
)


def agreements_in_force() -> dict[str, Agreement]:
    """Those that `cohstream run` holds reports against unless told otherwise."""
    return {name: one for name, one in load_agreements().items() if not one.waits_to_be_named}


def fresh_context() -> Context:
    """A context with empty caches."""
    return Context.of(load_knowledge(), agreements_in_force())


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


class Recorded(Evaluator):
    """An evaluator that keeps the questions that it is asked."""

    def __init__(self, agreements: Sequence[Agreement], actors: ActorRegistry) -> None:
        super().__init__(agreements, actors)
        self.asked: list[Facts] = []

    def judge(self, facts: Facts) -> Judgement:
        self.asked.append(facts)
        return super().judge(facts)


def cost_of_law(lines: Sequence[bytes]) -> str:
    """What the law takes of filling a ledger with ``lines``: its questions asked again, of a fresh evaluator first."""
    knowledge, agreements = load_knowledge(), agreements_in_force()
    recorded = Recorded(list(agreements.values()), knowledge.actors)
    fill(lines, replace(Context.of(knowledge, agreements), law=recorded))
    law = Evaluator(list(agreements.values()), knowledge.actors)
    cold, *warm = (len(lines) / rate(lambda: judge_all(recorded.asked, law), len(lines)) for _ in range(4))
    per_report = 1e6 / len(lines)
    return (
        f"{statistics.median(warm) * per_report:.2f} µs a report "
        f"({len(recorded.asked):,} questions, warm; from a cold memory {cold * per_report:.2f})"
    )


def judge_all(asked: Sequence[Facts], law: Evaluator) -> None:
    with collector_at_rest():
        for facts in asked:
            law.judge(facts)


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
    print(f"  the law: {cost_of_law(lines)}")


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
