"""The examples of the guides, as they stand there: the programs that they tell people to begin with."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cohstream.domain.tally import TallyKey
from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.live.scan import records_of
from cohstream.live.writer import Outbox, Outgoing, Writer
from tests.deployments import Deployment, oracle, oracle_digest, wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]

SAMPLE = Path("cohstream/samples/coh2016.jsonl").read_bytes().splitlines()
CLIENT, PRODUCER = "docs/client_example.py", "docs/producer_example.py"


class Example:
    """The client's example, run once; what it prints, and what it keeps."""

    def __init__(self, output: Path, state: Path) -> None:
        self.output, self.state = output, state

    def rows(self, kind: str) -> list[list[str]]:
        lines = self.output.read_text().splitlines(keepends=True)
        rows = [line.rstrip("\n").split("\t") for line in lines if line.endswith("\n")]
        return [row[1:] for row in rows if row[0] == kind]

    def caught_up(self) -> bool:
        return bool(self.rows("caught up"))

    def counts(self) -> dict[str, int]:
        """What it has kept, but for counts at zero."""
        counts: dict[str, int] = json.loads(self.state.read_text())[0] if self.state.exists() else {}
        return {key: count for key, count in counts.items() if count}


@contextmanager
def running(live: Deployment, directory: Path, number: int) -> Iterator[Example]:
    output, state = directory / f"printed-{number}", directory / "state.json"
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, CLIENT, str(state), live.brokers, live.prefix], stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield Example(output, state)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, output.read_text()[-2000:]
    finally:
        process.kill()
        process.wait()


def violations(lines: list[bytes]) -> dict[str, int]:
    """What the oracle counts of what the example follows, by key of the topic."""
    return {
        "|".join(key): count
        for key, count in oracle(lines).tallies().items()
        if key.verdict is Verdict.VIOLATION and key.policy is Policy.TARGET_BASED
    }


def retractions(lines: list[bytes]) -> list[bytes]:
    """Retractions of single reports, each of which lowers a count."""
    total, found = sum(violations(lines).values()), []
    for line in lines:
        report = json.loads(line)
        withdrawn = json.dumps({**report, "revision": report.get("revision", 0) + 1, "retracts": True}).encode()
        if sum(violations([*lines, withdrawn]).values()) < total:
            found.append(withdrawn)
        if len(found) == 2:
            return found
    raise AssertionError("no two reports of the sample count by themselves")


async def plant(live: Deployment, key: str, outdated: int) -> None:
    """Write ``outdated`` as the count of ``key``, as a worker that was replaced long ago would."""
    (found,) = {one.partition async for one in records_of(live.settings, "tallies") if one.key == key.encode()}
    fields = dict(zip(TallyKey._fields, key.split("|"), strict=True))
    body = json.dumps({**fields, "count": outdated}).encode()
    outbox, writer = Outbox(), Writer(live.settings)
    stale = [("cohstream.revision", f"{0:010d}.{0:020d}".encode())]
    outbox.add(live.settings.topic("tallies"), found, Outgoing(key.encode(), body, stale))
    await writer.start()
    await writer.write(outbox)
    await writer.stop()


async def count(live: Deployment) -> int:
    """How many records there are on the topic of reports."""
    return len([one async for one in records_of(live.settings, "reports")])


def test_the_client_counts_as_the_oracle_does_sees_counts_fall_and_goes_on_where_it_stopped(
    deploy: Callable[..., Deployment], tmp_path: Path
) -> None:
    live = deploy()
    live.ready(live.worker())
    live.feed(SAMPLE)
    live.settled()
    first, second = retractions(SAMPLE)
    with running(live, tmp_path, 1) as example:
        so_far = violations(SAMPLE)
        wait_until(example.caught_up, "it has caught up", example.output.read_text)
        assert example.rows("caught up") == [[str(len(so_far)), str(sum(so_far.values()))]]
        wait_until(lambda: example.counts() == so_far, "it has the counts so far", example.output.read_text)
        assert {row[2]: int(row[0]) for row in example.rows("count")} == so_far

        live.feed([first])
        lowered = violations([*SAMPLE, first])
        wait_until(lambda: example.counts() == lowered, "it has seen a count fall", example.output.read_text)

    live.feed([second])
    live.settled()
    last = violations([*SAMPLE, first, second])
    asyncio.run(plant(live, next(iter(last)), 99))
    with running(live, tmp_path, 2) as example:
        wait_until(example.caught_up, "it has caught up", example.output.read_text)
        wait_until(lambda: example.counts() == last, "it has seen the other fall", example.output.read_text)
        moved = {key for key in {**lowered, **last} if lowered.get(key, 0) != last.get(key, 0)}
        assert {row[2] for row in example.rows("count")} == moved, "what it knew is not told again, nor what is stale"


def test_the_producer_sends_what_the_oracle_reads(deploy: Callable[..., Deployment], tmp_path: Path) -> None:
    live = deploy()
    live.ready(live.worker())
    file = tmp_path / "reports.jsonl"
    file.write_bytes(b"\n".join([*SAMPLE, SAMPLE[0]]) + b"\n")
    command = [sys.executable, PRODUCER, str(file), live.brokers, live.prefix]
    sent = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    assert len(sent.stdout.splitlines()) == len(SAMPLE) + 1
    live.settled()
    assert live.digest() == oracle_digest(SAMPLE)
    assert asyncio.run(count(live)) == len(SAMPLE) + 1, "no report had to be sent on to another partition"


@pytest.mark.parametrize(
    ("guide", "example"), [("docs/for-subscribers.md", CLIENT), ("docs/for-producers.md", PRODUCER)]
)
def test_the_guide_shows_the_example_as_it_is(guide: str, example: str) -> None:
    assert f"```python\n{Path(example).read_text()}```" in Path(guide).read_text()


def test_the_examples_are_short() -> None:
    for example, most in ((CLIENT, 20), (PRODUCER, 20)):
        body = Path(example).read_text().split("\nasync def ")[1].split("\n\n\n")[0]
        assert len(body.splitlines()) <= most
