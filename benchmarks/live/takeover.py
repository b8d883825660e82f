"""(d) Time to ready again with a state of 100,000 incidents.

Two workers of one group share the partitions. One is killed (SIGKILL), and the clock runs until the other says that
it is ready and serves all of them; the session timeout, which the group waits out first, is told beside it. Then
a single worker is ended and started again, once with its state directory and once with none, so that
its state comes from the changelog; that clock runs from the start of the process, whose own start-up is told beside it.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import time

from benchmarks.live.process import WORKER, BenchError, Process
from benchmarks.live.stage import PARTITIONS, Stage, Work, stage
from benchmarks.live.whole import OUTPUTS, report_records
from cohstream.live.reader import records_of
from cohstream.live.topics import CLAIMS, INCIDENTS, REPORTS

REPORTS_PER_INCIDENT = 2.35
SESSION_SECONDS = 6.0
SECONDS = 900.0
WORK = Work(REPORTS, (REPORTS, CLAIMS), OUTPUTS, (), ())


async def takeover(brokers: str, incidents: int) -> None:
    """Measure and print."""
    print(f"\n(d) time to ready again with about {incidents:,} incidents of state", flush=True)
    try:
        async with stage(brokers, SESSION_SECONDS) as made:
            await _measure(made, incidents)
    except BenchError as error:
        print(f"  given up: {error}", flush=True)


async def _measure(made: Stage, incidents: int) -> None:
    records = report_records(int(incidents * REPORTS_PER_INCIDENT))
    one, other = made.start(WORKER, 1), made.start(WORKER, 2)
    await made.load(REPORTS, records)
    await made.settled(one, WORK, len(records), SECONDS)
    held = len({record.key async for record in records_of(made.settings, INCIDENTS) if record.value is not None})
    print(f"  {len(records):,} reports made {held:,} incidents; two workers share {PARTITIONS} partitions", flush=True)

    shared = [len(_served(worker)) for worker in (one, other)]
    began = time.monotonic()
    other.kill()
    seconds = await _until_ready(one) - began
    print(
        f"  taken over in {seconds:.1f} s: {SESSION_SECONDS:.0f} s of session timeout and "
        f"{seconds - SESSION_SECONDS:.1f} s of rebalance and recovery (the workers served {shared} partitions)",
        flush=True,
    )

    one.end()
    began = time.monotonic()
    one = made.start(WORKER, 1)
    print(f"  restarted with its state directory: ready in {await _until_ready(one) - began:.1f} s", flush=True)

    one.end()
    shutil.rmtree(made.state(1))
    began = time.monotonic()
    one = made.start(WORKER, 1)
    print(f"  restarted with none (changelog): ready in {await _until_ready(one) - began:.1f} s", flush=True)

    async with stage(made.settings.brokers, SESSION_SECONDS) as empty:
        began = time.monotonic()
        worker = empty.start(WORKER)
        print(f"  for comparison, a worker without any state: ready in {await _until_ready(worker) - began:.1f} s")


async def _until_ready(worker: Process) -> float:
    """When the worker serves every partition. Raises :class:`BenchError` if it ends, or takes too long."""
    until = time.monotonic() + SECONDS
    while len(_served(worker)) < PARTITIONS:
        worker.must_live()
        if time.monotonic() > until:
            raise BenchError(f"{worker.name} is not ready after {SECONDS:.0f} s", worker)
        await asyncio.sleep(0.05)
    return time.monotonic()


def _served(worker: Process) -> list[str]:
    """The partitions that a ready worker says it serves."""
    status, text = worker.page("/ready")
    return re.findall(r"\d+", text) if status == 200 else []
