"""The small job on plain Faust agents: a table in RocksDB with its changelog, a ``topic.send`` per report.

Faust's defaults. Outputs and changelog are sent without waiting, and offsets are committed every 2.8 s, whatever has
been acknowledged by then.
"""

from __future__ import annotations

from typing import Any

from benchmarks.live.contestants.settings import plain_faust, run_faust, told
from benchmarks.live.contestants.small_job import party_of
from benchmarks.live.contestants.small_job import told as record_of
from benchmarks.live.stage import SMALL_IN, SMALL_OUT
from cohstream.live.settings import LiveSettings


def make(settings: LiveSettings) -> Any:
    app = plain_faust(settings)
    reports = app.topic(settings.topic(SMALL_IN), key_type=str, key_serializer="raw", value_serializer="json")
    out = app.topic(settings.topic(SMALL_OUT), key_type=str, key_serializer="raw", value_serializer="json")
    counts = app.Table("counts", default=int)

    @app.agent(reports)
    async def count(stream: Any) -> None:
        async for report in stream:
            party = party_of(report)
            counts[party] += 1
            await out.send(key=party, value=record_of(report, party, counts[party]))

    return app


if __name__ == "__main__":
    run_faust(make(told()))
