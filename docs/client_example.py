"""A service downstream of cohstream, with its typed client: violations so far, then every change, over restarts.

Run it as ``python client_example.py STATE_FILE HOST:PORT [PREFIX]``; it needs ``pip install 'cohstream[client]'``.
"""

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path

from cohstream.client import CaughtUp, Client, TallyValue, Unreadable, Update


async def follow(file: Path, brokers: str, prefix: str = "cohstream") -> None:
    counts, position = load(file)
    async with Client(brokers=brokers, prefix=prefix) as client:
        tallies = client.follow(TallyValue, verdict="VIOLATION", policy="target_based", since=position)
        async for item in tallies:
            match item:
                case Update(key, value, previous):
                    counts[key] = value.count if value else 0
                    print("count", counts[key], previous.count if previous else 0, key, sep="\t", flush=True)
                case CaughtUp(keys):
                    print("caught up", keys, sum(counts.values()), sep="\t", flush=True)
                case Unreadable():
                    raise item.error
            if tallies.caught_up:
                save(file, counts, str(tallies.position))


def load(file: Path) -> tuple[dict[str, int], str | None]:
    return tuple(json.loads(file.read_text())) if file.exists() else ({}, None)


def save(file: Path, counts: dict[str, int], position: str) -> None:
    """What is kept and how far it goes are written together, or not at all."""
    part = file.with_suffix(".part")
    part.write_text(json.dumps([counts, position]))
    part.replace(file)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(follow(Path(sys.argv[1]), *sys.argv[2:]))
