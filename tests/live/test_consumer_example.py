"""The example of a service downstream, as it stands in the documentation."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deployments import Deployment, oracle, wait_until

SAMPLE = Path("cohstream/samples/coh2016.jsonl").read_bytes().splitlines()
EXAMPLE = Path("docs/consumer_example.py")


class Example:
    """The running example, and what it has printed so far."""

    def __init__(self, output: Path) -> None:
        self.output = output

    def rows(self, kind: str) -> list[list[str]]:
        lines = self.output.read_text().splitlines(keepends=True)
        rows = [line.rstrip("\n").split("\t") for line in lines if line.endswith("\n")]
        return [row[1:] for row in rows if row[0] == kind]

    def counts(self) -> dict[str, int]:
        """The last count printed of each tally, but for those at zero."""
        last = {key: int(count) for count, key in self.rows("tally")}
        return {key: count for key, count in last.items() if count}


@contextmanager
def running(live: Deployment, output: Path) -> Iterator[Example]:
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(EXAMPLE), live.brokers, live.prefix], stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield Example(output)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, output.read_text()[-2000:]
    finally:
        process.kill()
        process.wait()


def tallies(lines: list[bytes]) -> dict[str, int]:
    """What the oracle counts, by key of the topic."""
    return {"|".join(key): count for key, count in oracle(lines).tallies().items()}


def total(lines: list[bytes]) -> int:
    return sum(tallies(lines).values())


def retraction(line: bytes) -> bytes:
    report = json.loads(line)
    return json.dumps({**report, "revision": report.get("revision", 0) + 1, "retracts": True}).encode()


def test_it_is_about_twenty_lines() -> None:
    code = EXAMPLE.read_text().split("async def follow")[1].split("if __name__")[0]
    assert len(code.splitlines()) <= 22


def test_it_counts_as_the_oracle_does_and_sees_a_count_fall(deploy: Callable[..., Deployment], tmp_path: Path) -> None:
    live = deploy()
    live.ready(live.worker())
    live.feed(SAMPLE)
    live.settled()
    with running(live, tmp_path / "printed") as example:
        before = tallies(SAMPLE)
        wait_until(lambda: example.counts() == before, "it has the counts so far", example.output.read_text)

        withdrawn = next(one for one in map(retraction, SAMPLE) if total([*SAMPLE, one]) < total(SAMPLE))
        live.feed([withdrawn])
        after = tallies([*SAMPLE, withdrawn])
        wait_until(lambda: example.counts() == after, "it has seen the count fall", example.output.read_text)
        wait_until(lambda: ["retracted"] in [row[:1] for row in example.rows("change")], "it was told of the change")


def test_a_late_starter_has_the_same_counts(deploy: Callable[..., Deployment], tmp_path: Path) -> None:
    live = deploy()
    live.ready(live.worker())
    live.feed(SAMPLE[:100])
    live.feed([retraction(line) for line in SAMPLE[:50]])
    live.settled()
    lines = SAMPLE[:100] + [retraction(line) for line in SAMPLE[:50]]
    with running(live, tmp_path / "printed") as example:
        wait_until(lambda: example.counts() == tallies(lines), "it has the counts", example.output.read_text)
