"""(a) The shell alone: the small job (``contestants/small_job.py``), one worker process, four partitions."""

from __future__ import annotations

from aiokafka.partitioner import murmur2

from benchmarks.live.contestants.small_job import party_of
from benchmarks.live.figures import interleaved, show
from benchmarks.live.process import Contestant, module
from benchmarks.live.stage import PARTITIONS, SMALL_IN, SMALL_OUT, Record, Work, timed
from cohstream.simulate import simulate

WARM = 2_000
FAUST_MOST = 20_000
SECONDS = 180.0


async def shell(brokers: str, messages: int, rounds: int, peers: str | None) -> None:
    """Measure and print."""
    print(f"\n(a) the shell alone: {messages:,} messages, {PARTITIONS} partitions, one worker process each", flush=True)
    records = small_records(WARM + messages)
    work = Work(SMALL_IN, (SMALL_IN,), (SMALL_OUT,), records[:WARM], records[WARM:])
    contestants: list[Contestant] = [
        module("cohstream", "small_cohstream"),
        module("plain Faust", "small_faust", most=FAUST_MOST),
        *([module("Quix Streams", "small_quix", python=peers)] if peers else []),
        module("raw aiokafka", "small_aiokafka"),
    ]
    rates = await interleaved(contestants, rounds, lambda one: timed(brokers, one, work, SECONDS))
    show(rates, "cohstream", "messages")
    print(f"  (plain Faust on the first {FAUST_MOST:,} messages; raw aiokafka keeps no durable state)")


def small_records(number: int) -> list[Record]:
    """Simulated reports, keyed by what they call the perpetrator."""
    import orjson

    parts: dict[bytes, int] = {}
    records = []
    for line in simulate(number, seed=1):
        key = party_of(orjson.loads(line)).encode()
        if key not in parts:
            parts[key] = (murmur2(key) & 0x7FFFFFFF) % PARTITIONS
        records.append(Record(parts[key], key, line))
    return records
