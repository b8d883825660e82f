"""A source of reports: sends every line of a file of JSON Lines, and says where each one lies.

Run it as ``python producer_example.py FILE HOST:PORT [PREFIX]``; it needs aiokafka. Sending a report twice is harmless.
"""

import asyncio
import json
import sys
from pathlib import Path

from aiokafka import AIOKafkaProducer


async def send(lines: list[bytes], brokers: str, prefix: str = "cohstream") -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=brokers, acks="all", enable_idempotence=True, max_request_size=1 << 20
    )
    async with producer:
        for line in lines:
            report = json.loads(line)
            key = f"{report['source']}/{report['report_id']}".encode()  # all versions of a report meet in one partition
            record = await producer.send_and_wait(f"{prefix}.reports.v1", line, key=key)
            print(report["report_id"], record.partition, record.offset, sep="\t")


if __name__ == "__main__":
    asyncio.run(send(Path(sys.argv[1]).read_bytes().splitlines(), *sys.argv[2:]))
