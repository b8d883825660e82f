"""(b) The whole job: reports to claims, incidents, assessments, changes and tallies, with durable state."""

from __future__ import annotations

import orjson
from aiokafka.partitioner import murmur2

from benchmarks.live.figures import Rates, interleaved, show
from benchmarks.live.process import WORKER, module
from benchmarks.live.stage import PARTITIONS, Record, Work, timed
from cohstream.live.intake import report_key
from cohstream.live.topics import ASSESSMENTS, CHANGES, CLAIMS, INCIDENTS, REPORTS, TALLIES
from cohstream.simulate import simulate

WARM = 2_000
FAUST_MOST = 10_000
SECONDS = 600.0
OUTPUTS = (CLAIMS, INCIDENTS, ASSESSMENTS, CHANGES, TALLIES)


async def whole(brokers: str, reports: int, rounds: int, peers: str | None) -> Rates:
    """Measure and print; returns the rates."""
    print(
        f"\n(b) the whole job: {reports:,} simulated reports, {PARTITIONS} partitions, one worker process", flush=True
    )
    records = report_records(WARM + reports)
    work = Work(REPORTS, (REPORTS, CLAIMS), OUTPUTS, records[:WARM], records[WARM:])
    contestants = [
        WORKER,
        module("plain Faust", "whole_faust", most=FAUST_MOST),
        *([module("Quix Streams", "whole_quix", python=peers)] if peers else []),
    ]
    rates = await interleaved(contestants, rounds, lambda one: timed(brokers, one, work, SECONDS))
    show(rates, WORKER.name, "reports")
    print(f"  (plain Faust on the first {FAUST_MOST:,} reports)")
    return rates


def report_records(number: int) -> list[Record]:
    """Simulated reports (seed 1), keyed by identity as producers must."""
    records = []
    for line in simulate(number, seed=1):
        report = orjson.loads(line)
        key = report_key(report["source"], report["report_id"])
        records.append(Record((murmur2(key) & 0x7FFFFFFF) % PARTITIONS, key, line))
    return records
