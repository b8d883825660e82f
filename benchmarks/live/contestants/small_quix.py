"""The small job on Quix Streams: state by key in RocksDB with its changelog, ``to_topic`` for each report.

Its defaults: at least once, idempotent producer, a checkpoint every 5 s (outputs and changelog flushed, then offsets
committed, then RocksDB written). The clock stops at the last output, so its last checkpoint is not in its figure.
"""

from __future__ import annotations

from typing import Any

from benchmarks.live.contestants.settings import quix_application, told
from benchmarks.live.contestants.small_job import party_of
from benchmarks.live.contestants.small_job import told as record_of
from benchmarks.live.stage import SMALL_IN, SMALL_OUT
from cohstream.live.settings import LiveSettings


def count(report: dict[str, Any], state: Any) -> dict[str, Any]:
    number = state.get("count", 0) + 1
    state.set("count", number)
    return record_of(report, party_of(report), number)


def make(settings: LiveSettings) -> Any:
    app = quix_application(settings)
    reports = app.topic(settings.topic(SMALL_IN), key_deserializer="str", value_deserializer="json")
    out = app.topic(settings.topic(SMALL_OUT), key_serializer="str", value_serializer="json")
    app.dataframe(reports).apply(count, stateful=True).to_topic(out)
    return app


if __name__ == "__main__":
    make(told()).run()
