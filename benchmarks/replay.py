"""Replays from a file and from Kafka to stored tallies, as a ratio to the core alone; and the memory they take.

    python -m benchmarks.replay [--reports N] [--rounds N]

The same simulated reports, three ways by turns: through the engine in memory, from cold caches as a new process has
them; ``cohstream replay FILE``; and ``cohstream replay --from earliest`` from a broker started for this. A replay is
timed as a person would time it, from the start of the process to its digest. Memory is the resident set of the process
at each fifth of the reports, read from /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from benchmarks.core import fill, fresh_context, rate
from cohstream.live import topics
from cohstream.live.intake import report_key
from cohstream.live.settings import LiveSettings
from cohstream.live.writer import Outbox, Outgoing, Writer
from cohstream.simulate import simulate
from tools.kafka import kafka

PARTITIONS = 4
SAMPLE_SECONDS = 0.25


@dataclass
class Timed:
    """How fast a replay was, what it took, and the digest it came to."""

    rate: float
    memory: list[tuple[float, float]]
    digest: str


def timed(words: list[str], reports: int, environment: dict[str, str]) -> Timed:
    """Run ``cohstream replay`` with ``words``; memory as pairs of seconds since the start and MB."""
    with tempfile.TemporaryFile() as said:
        began = monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "cohstream", "replay", *words, "--json"],
            stdout=said,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )
        memory = []
        while process.poll() is None:
            memory.append((monotonic() - began, resident(process.pid)))
            sleep(SAMPLE_SECONDS)
        seconds = monotonic() - began
        said.seek(0)
        summary = json.loads(said.read().splitlines()[-1])
    return Timed(reports / seconds, memory, summary["digest"])


def resident(pid: int) -> float:
    """The resident set in MB; 0 where there is no /proc, or the process is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+)", text)
    return int(found[1]) / 1024 if found else 0.0


async def produce(settings: LiveSettings, lines: list[bytes]) -> None:
    await topics.create(settings)
    writer = Writer(settings)
    await writer.start()
    try:
        for at in range(0, len(lines), 5_000):
            outbox = Outbox()
            for number, line in enumerate(lines[at : at + 5_000]):
                said = json.loads(line)
                key = report_key(said["source"], said["report_id"])
                outbox.add(settings.topic(topics.REPORTS), number % PARTITIONS, Outgoing(key, line))
            await writer.write(outbox)
    finally:
        await writer.stop()


def show(name: str, rates: list[float], of: list[float]) -> None:
    ratios = [one / other for one, other in zip(rates, of, strict=True)]
    print(
        f"  {name:28} {statistics.median(rates):9,.0f} reports/s ({min(rates):,.0f} to {max(rates):,.0f}), "
        f"{statistics.median(ratios):.2f} of the core ({min(ratios):.2f} to {max(ratios):.2f})",
        flush=True,
    )


def show_memory(name: str, one: Timed) -> None:
    length = one.memory[-1][0]
    fifths = [max((mb for at, mb in one.memory if at <= length * fifth / 5), default=0.0) for fifth in range(1, 6)]
    print(f"  {name:28} greatest so far at each fifth of its time: {', '.join(f'{mb:,.0f}' for mb in fifths)} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    lines = list(simulate(options.reports, seed=1))
    print(f"{len(lines):,} simulated reports (seed 1), load {os.getloadavg()[0]:.1f} before the start", flush=True)
    with tempfile.TemporaryDirectory() as place, kafka() as cluster:
        source = Path(place) / "load.jsonl"
        source.write_bytes(b"\n".join(lines) + b"\n")
        settings = LiveSettings(brokers=cluster.brokers, partitions=PARTITIONS, prefix="bench")
        asyncio.run(produce(settings, lines))
        environment = {
            "COHSTREAM_STATE_DIR": place,
            "COHSTREAM_BROKERS": cluster.brokers,
            "COHSTREAM_PREFIX": "bench",
            "COHSTREAM_PARTITIONS": str(PARTITIONS),
        }
        core, from_file, from_kafka = [], [], []
        for number in range(options.rounds):
            core.append(rate(lambda: fill(lines, fresh_context()), len(lines)))
            from_file.append(timed([str(source), "--run", f"file{number}"], len(lines), environment))
            from_kafka.append(timed(["--from", "earliest", "--run", f"kafka{number}"], len(lines), environment))
        assert len({one.digest for one in (*from_file, *from_kafka)}) == 1, "the digests differ"
        print(f"to stored tallies, {options.rounds} rounds by turns; every replay came to the same digest")
        show("the core alone, cold", core, core)
        show("replay of the file", [one.rate for one in from_file], core)
        show("replay from Kafka", [one.rate for one in from_kafka], core)
        show_memory("memory, from the file", from_file[-1])
        show_memory("memory, from Kafka", from_kafka[-1])


if __name__ == "__main__":
    main()
