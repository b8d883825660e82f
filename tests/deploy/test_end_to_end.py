"""The three users at once: what compose starts, and a real Prometheus; all say what the oracle says."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from cohstream.client import Client, TallyValue
from cohstream.domain.vocabulary import Verdict
from cohstream.live.intake import report_key
from tests.deploy.compose_processes import Composed
from tests.deploy.panels import RULES, panels_of
from tests.deployments import oracle, wait_until
from tests.posting import Poster, post
from tools.prometheus import Prometheus, prometheus

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.prometheus,
    pytest.mark.xdist_group("kafka"),
    pytest.mark.timeout(240),
    pytest.mark.usefixtures("prometheus_installed"),
]

SAMPLE = Path("cohstream/samples/coh2016.jsonl").read_bytes().splitlines()
COH = "SY-COH-2016-02"
WORKERS = ("worker-1", "worker-2")
PANEL = "situation: Violations assessed, per party"
Counts = dict[str, int]


@pytest.fixture
def key(composed: Composed) -> str:
    """A key of a relay for every source, in the file of keys that compose names as a secret."""
    made = subprocess.run(
        [sys.executable, "-m", "cohstream", "apikeys", "new", "*", "--name", "relay", "--json"],
        capture_output=True,
        check=True,
    )
    said = json.loads(made.stdout)
    composed.here.secret("./secrets/api-keys").write_text(said["entry"])
    return str(said["key"])


@pytest.fixture
def watched(composed: Composed, key: str) -> Iterator[Prometheus]:
    """All of cohstream that compose starts, ready, and scraped by a Prometheus with the rules that are shipped."""
    composed.start("topics")
    assert composed.up["topics"].process.wait(60) == 0
    composed.start(*WORKERS, "serve")
    composed.healthy(*WORKERS, "serve")
    targets = {
        "worker": [composed.here.address(composed.file[name]) for name in WORKERS],
        "serve": [composed.here.address(composed.file["serve"])],
    }
    with prometheus(targets, rules=RULES) as running:
        yield running


def of_oracle(lines: list[bytes]) -> Counts:
    """Violations by party under the default policy."""
    counts: Counter[str] = Counter()
    for one, count in oracle(lines).tallies().items():
        if (one.agreement, one.verdict, one.policy) == (COH, Verdict.VIOLATION, "delineated_only"):
            counts[one.party] += count
    return dict(counts)


def of_panel(running: Prometheus) -> Counts:
    (panel,) = [one for one in panels_of() if one.where == PANEL]
    found = running.query(panel.queries[0].expr)
    return {one.labels["party"]: int(one.value) for one in found if one.value}


def of_page(composed: Composed) -> Counts:
    said = json.loads(composed.up["serve"].get(f"/api/summary?agreement={COH}")[1])
    return {one["id"]: n for one in said["parties"] if (n := one["verdicts"]["VIOLATION"])}


def of_client(composed: Composed) -> Counts:
    async def read() -> Counts:
        settings = composed.topics.settings
        counts: Counter[str] = Counter()
        async with Client(brokers=settings.brokers, prefix=settings.prefix) as client:
            current = await client.current(TallyValue, agreement=COH, verdict="VIOLATION", policy="delineated_only")
            for value in current.values():
                counts[value.party] += value.count
        return {party: count for party, count in counts.items() if count}

    return asyncio.run(read())


def all_say(wanted: Counts, composed: Composed, running: Prometheus) -> None:
    """Page, panel and client, each once it has caught up."""
    for who, ask in (
        ("the typed client", lambda: of_client(composed)),
        ("the page", lambda: of_page(composed)),
        ("the panel", lambda: of_panel(running)),
    ):
        wait_until(lambda ask=ask: ask() == wanted, f"{who} says {wanted}", lambda ask=ask: str(ask()))  # type: ignore[misc]


def retraction(line: bytes) -> bytes:
    return orjson.dumps({**orjson.loads(line), "revision": 9, "retracts": True})


def test_panels_page_and_client_count_what_the_oracle_counts_and_a_retraction_lowers_them(
    composed: Composed, watched: Prometheus, key: str
) -> None:
    http = composed.here.address(composed.file["serve"])
    by_http, by_producer = SAMPLE[::2], SAMPLE[1::2]
    answer = post(http, by_http, authorization=f"Bearer {key}")
    assert answer.status_code == 200, answer.text
    composed.topics.feed(by_producer)
    wanted = of_oracle(SAMPLE)
    assert sum(wanted.values()) > 20
    all_say(wanted, composed, watched)

    violation = next(line for line in SAMPLE if of_oracle([line]) and of_oracle([*SAMPLE, retraction(line)]) != wanted)
    assert post(http, [retraction(violation)], authorization=f"Bearer {key}").status_code == 200
    lowered = of_oracle([*SAMPLE, retraction(violation)])
    assert sum(lowered.values()) == sum(wanted.values()) - 1
    all_say(lowered, composed, watched)


def test_serve_killed_between_receipt_and_answer_loses_nothing_that_was_answered(
    composed: Composed, watched: Prometheus, key: str
) -> None:
    http = composed.here.address(composed.file["serve"])
    poster = Poster(http, SAMPLE, batch=5, headers={"authorization": f"Bearer {key}"})
    poster.start()
    for taken in (20, 80, 160):
        wait_until(lambda taken=taken: len(poster.taken) >= taken, f"{taken} reports are taken")  # type: ignore[misc]
        composed.up["serve"].kill()
        composed.start("serve")
    poster.wait()
    assert {report_key(one["source"], one["report_id"]) for one in map(orjson.loads, poster.taken)} == {
        report_key(one["source"], one["report_id"]) for one in map(orjson.loads, SAMPLE)
    }
    all_say(of_oracle(SAMPLE), composed, watched)
