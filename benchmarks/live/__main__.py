"""The live driver on a real Kafka, beside its peers: throughput, latency, time to ready.

    python -m benchmarks.live [--only shell,whole,latency,takeover] [--rounds N] [--messages N] [--reports N]

It starts a broker of its own (``tools.kafka``) and ends it, and every process it started, also on Ctrl-C.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import platform
import signal
import statistics
import subprocess
from pathlib import Path

from benchmarks.live.latency import latency
from benchmarks.live.process import WORKER
from benchmarks.live.shell import shell
from benchmarks.live.takeover import takeover
from benchmarks.live.whole import whole
from tools.kafka import kafka

PARTS = ("shell", "whole", "latency", "takeover")


async def run(brokers: str, options: argparse.Namespace, peers: str | None) -> None:
    """Run the chosen parts in order."""
    peak: float | None = options.peak
    if "shell" in options.only:
        await shell(brokers, options.messages, options.rounds, peers)
    if "whole" in options.only:
        rates = await whole(brokers, options.reports, options.rounds, peers)
        peak = peak or statistics.median(rates.get(WORKER.name, []) or [0.0])
    if "latency" in options.only:
        await latency(brokers, options.seconds, peak)
    if "takeover" in options.only:
        await takeover(brokers, options.incidents)


def peers_python(path: Path) -> str | None:
    """The Python that has Quix Streams, or none, said openly."""
    if path.exists() and not subprocess.run([path, "-c", "import quixstreams"], capture_output=True).returncode:
        return str(path.absolute())
    print(f"Quix Streams is left out: {path} has it not (`make bench-live` installs it)")
    return None


def parts(text: str) -> list[str]:
    chosen = text.split(",")
    if unknown := set(chosen) - set(PARTS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}; write some of {','.join(PARTS)}")
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=parts, default=list(PARTS), metavar=",".join(PARTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=200_000, help="of the small job")
    parser.add_argument("--reports", type=int, default=200_000, help="of the whole job")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement of latency")
    parser.add_argument("--incidents", type=int, default=100_000, help="of the state that is taken over")
    parser.add_argument("--peak", type=float, help="reports/s of the worker, in place of what (b) measures")
    parser.add_argument("--peers", type=Path, default=Path(".make/peers/bin/python"), help="Python with Quix Streams")
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # of topics just made it complains, and tries again
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, ", end="")
    print(f"load {os.getloadavg()[0]:.1f} before the start")
    peers = peers_python(options.peers)
    try:
        with kafka() as cluster:
            asyncio.run(run(cluster.brokers, options, peers))
    except KeyboardInterrupt:
        raise SystemExit("ended by a signal; the broker and all workers are gone") from None


if __name__ == "__main__":
    main()
