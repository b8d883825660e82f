"""The whole job on plain Faust agents: two agents, two RocksDB tables, a ``topic.send`` per record.

Faust's defaults, but raw bytes as keys and values, which is the fastest it has. Each report is an event of its own, so
incidents are derived anew for every claim. Sends are not waited for; a crash may lose or double work.
"""

from __future__ import annotations

from typing import Any

from benchmarks.live.contestants.settings import plain_faust, run_faust, told
from benchmarks.live.contestants.whole_job import Record, WholeJob
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import ASSESSMENTS, CHANGES, CLAIMS, INCIDENTS, REPORTS, TALLIES


def make(settings: LiveSettings) -> Any:
    app = plain_faust(settings)
    job = WholeJob()

    def topic(noun: str) -> Any:
        return app.topic(settings.topic(noun), key_type=bytes, value_type=bytes)

    def table(name: str) -> Any:
        return app.Table(name, key_type=bytes, value_type=bytes)

    reports, claims = topic(REPORTS), topic(CLAIMS)
    outputs = {noun: topic(noun) for noun in (INCIDENTS, ASSESSMENTS, CHANGES, TALLIES)}
    intake_rows, claim_rows = table("peer-intake"), table("peer-claims")

    @app.agent(reports)
    async def take_reports(stream: Any) -> None:
        async for event in stream.events():
            for one in job.claims(event.value, intake_rows.get, intake_rows.__setitem__):
                await claims.send(key=one.key, value=one.value, headers=list(one.headers))

    @app.agent(claims)
    async def take_claims(stream: Any) -> None:
        async for event in stream.events():
            message = event.message
            headers = list(dict(message.headers).items())
            record = Record(message.partition, message.offset, event.key, event.value)
            told = job.belief(record, headers, claim_rows.__setitem__)
            for noun, one in told:
                await outputs[noun].send(key=one.key, value=one.value, headers=list(one.headers))

    return app


if __name__ == "__main__":
    run_faust(make(told()))
