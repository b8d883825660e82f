"""A service downstream of cohstream: the counts so far, then every change.

Run it as ``python consumer_example.py HOST:PORT [PREFIX]``; it needs aiokafka.
"""

import asyncio
import json
import sys
from contextlib import suppress

from aiokafka import AIOKafkaConsumer


async def follow(brokers: str, prefix: str = "cohstream") -> None:
    tallies, changes = f"{prefix}.tallies.v1", f"{prefix}.changes.v1"
    revisions: dict[bytes, bytes] = {}  # by key of a tally, the revision of the record that holds
    counts: dict[bytes, int] = {}
    told: set[bytes] = set()  # ids of changes: after a crash a worker may tell one twice
    async with AIOKafkaConsumer(tallies, changes, bootstrap_servers=brokers, auto_offset_reset="earliest") as records:
        async for record in records:
            headers = dict(record.headers)
            if record.topic == changes:
                if headers["ce_id"] not in told:
                    told.add(headers["ce_id"])
                    change = json.loads(record.value)
                    print("change", change["change"], change["incident_id"], change["agreement"], sep="\t", flush=True)
                continue
            revision = headers.get("cohstream.revision", b"")
            if revision >= revisions.get(record.key, b""):  # else a worker that was replaced wrote late
                revisions[record.key] = revision
                counts[record.key] = json.loads(record.value)["count"] if record.value else 0  # null: it is gone
                print("tally", counts[record.key], record.key.decode(), sep="\t", flush=True)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(follow(*sys.argv[1:]))
