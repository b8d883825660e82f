"""``cohstream serve`` in front of real workers: what is answered is kept, what is shown is what workers believe."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from cohstream.domain.vocabulary import Verdict
from cohstream.engine.context import Context
from cohstream.engine.intake import without_stamp
from cohstream.knowledge import load_knowledge
from cohstream.law import law_digest
from cohstream.live.follower import Follower
from cohstream.live.reader import records_of
from cohstream.live.ruleset import Ruleset
from cohstream.local.session import Settings, chosen_agreements
from cohstream.publish.belief import FAMILIES
from cohstream.publish.digest import digest
from cohstream.simulate import simulate
from tests.deployments import Deployment, ServeProcess, oracle, oracle_digest, wait_until
from tests.live.checks import holds
from tests.posting import Poster, conforms, post, results
from tools.kafka import free_port, kafka

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka"), pytest.mark.timeout(240)]
Deploy = Callable[..., Deployment]
COH = "SY-COH-2016-02"
Counts = dict[str, dict[str, int]]


def up(front: ServeProcess) -> ServeProcess:
    wait_until(lambda: not front.alive or front.up(), "serve answers", front.said)
    assert front.alive, front.said()
    return front


def on_topic(live: Deployment, noun: str = "reports") -> list[Any]:
    async def read() -> list[Any]:
        return [record async for record in records_of(live.settings, noun)]

    return asyncio.run(read())


def counts_of_page(front: ServeProcess) -> Counts:
    parties = json.loads(front.get("/api/summary")[1])["parties"]
    return {
        one["id"]: {name: n for name, n in one["verdicts"].items() if n}
        for one in parties
        if any(one["verdicts"].values())
    }


def counts_of_oracle(lines: list[bytes]) -> Counts:
    agreement = chosen_agreements(Settings())[COH]
    found: dict[str, Counter[str]] = {}
    for key, count in oracle(lines).tallies().items():
        if key.agreement == COH and key.policy is agreement.default_policy:
            found.setdefault(key.party, Counter())[Verdict(key.verdict).value] += count
    return {party: dict(counts) for party, counts in found.items()}


def shows(front: ServeProcess, lines: list[bytes]) -> None:
    wanted = counts_of_oracle(lines)
    wait_until(lambda: counts_of_page(front) == wanted, f"the page shows {wanted}", lambda: str(counts_of_page(front)))


def test_the_page_counts_per_party_what_the_oracle_counts_and_a_retraction_lowers_it(deploy: Deploy) -> None:
    live = deploy()
    lines = list(simulate(1_500, seed=61, retractions=0.0))
    live.ready(live.worker(1))
    front = live.serve()
    wait_until(front.ready, "serve is ready", front.said)
    Poster(front.http, lines, batch=300).run()
    live.settled()
    shows(front, lines)
    before = counts_of_page(front)
    retracted = [retraction(line) for line in lines[:1_000]]
    Poster(front.http, retracted, batch=500).run()
    live.settled()
    shows(front, lines + retracted)
    after = counts_of_page(front)
    assert sum(one["VIOLATION"] for one in before.values() if "VIOLATION" in one) > sum(
        one["VIOLATION"] for one in after.values() if "VIOLATION" in one
    )
    holds(live, lines + retracted)


def retraction(line: bytes) -> bytes:
    report = orjson.loads(line)
    return orjson.dumps({**report, "revision": 99, "retracts": True})


def test_what_is_posted_again_changes_nothing_though_it_is_stamped_anew(deploy: Deploy) -> None:
    live = deploy()
    lines = list(simulate(200, seed=62))
    live.ready(live.worker(1))
    front = up(live.serve())
    for _ in range(3):
        Poster(front.http, lines, batch=50).run()
    live.feed(lines)
    holds(live, lines)
    kept = [record.value for record in on_topic(live)]
    assert len(set(kept)) > len(set(lines))
    assert {without_stamp(one) for one in kept} == set(lines)
    assert all(b'"received_at"' in one for one in kept if one not in lines)


AT_TAKE = """
import os, signal
from cohstream.live.report_writer import ReportWriter
take, left = ReportWriter.take, [{nth}]
async def dying(self, rows):
    left[0] -= 1
    if {before} and not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    outcomes = await take(self, rows)
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return outcomes
ReportWriter.take = dying
"""
AT_WRITE = """
import os, signal, asyncio
from cohstream.live.writer import Writer
write, left = Writer.write, [{nth}]
async def dying(self, outbox):
    left[0] -= 1
    if not left[0]:
        asyncio.get_running_loop().call_later({after}, os.kill, os.getpid(), signal.SIGKILL)
    return await write(self, outbox)
Writer.write = dying
"""
DEATHS = [
    AT_TAKE.format(nth=3, before=True),
    AT_TAKE.format(nth=3, before=False),
    AT_WRITE.format(nth=4, after=0.0),
    AT_WRITE.format(nth=2, after=0.001),
    AT_WRITE.format(nth=5, after=0.003),
    AT_WRITE.format(nth=3, after=0.01),
]


def test_killed_between_receipt_and_answer_it_loses_nothing_that_was_answered(deploy: Deploy) -> None:
    live = deploy()
    lines = list(simulate(1_200, seed=63))
    live.ready(live.worker(1))
    http = f"127.0.0.1:{free_port()}"
    poster = Poster(http, lines, batch=20)
    poster.start()
    for hold in DEATHS:
        front = live.serve(hold, http)
        assert front.process.wait(60) == -signal.SIGKILL, front.said()
        taken = list(poster.taken)
        kept = {without_stamp(record.value) for record in on_topic(live)}
        assert set(taken) <= kept
    up(live.serve("", http))
    poster.wait()
    assert poster.again >= len(DEATHS)
    holds(live, lines)
    print(f"survived: {len(DEATHS)} kills between receipt and answer, {poster.again} posts again")


def test_while_no_broker_answers_it_says_so_and_goes_on_afterwards(tmp_path: Path) -> None:
    lines = list(simulate(400, seed=64))
    with kafka() as cluster, Deployment(cluster.brokers, tmp_path) as live:
        front = up(live.serve())
        Poster(front.http, lines[:100]).run()
        cluster.nodes[0].signal(signal.SIGSTOP)
        refused = post(front.http, lines[100:200])
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["code"] == "not_kept"
        assert front.get("/healthz")[0] == 200
        cluster.nodes[0].signal(signal.SIGCONT)
        Poster(front.http, lines[100:200]).run()
        cluster.nodes[0].kill()
        assert post(front.http, lines[200:300]).status_code == 503
        cluster.start()
        Poster(front.http, lines[200:]).run()
        live.ready(live.worker(1))
        holds(live, lines)
        wait_until(front.ready, "serve has caught up", live.told)
        shows(front, lines)
        cluster.nodes[0].kill()
        time.sleep(2)
        cluster.start()
        live.restart_what_ended()
        more = list(simulate(100, seed=76))
        Poster(front.http, more).run()
        holds(live, lines + more)
        shows(front, lines + more)
        assert front.stop() == 0


def test_told_to_stop_it_answers_what_is_in_flight(deploy: Deploy) -> None:
    live = deploy()
    slow = """
import asyncio
from cohstream.live.writer import Writer
write = Writer.write
async def slowly(self, outbox):
    await asyncio.sleep(2)
    return await write(self, outbox)
Writer.write = slowly
"""
    front = up(live.serve(slow))
    lines = list(simulate(50, seed=65))
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(post(front.http, lines)))
    with httpx.stream("GET", f"http://{front.http}/events", timeout=30) as events:
        asking.start()
        time.sleep(0.7)
        assert front.stop() == 0
        with suppress(httpx.TransportError):
            events.read()
    asking.join(30)
    assert answers[0].status_code == 200
    assert {without_stamp(record.value) for record in on_topic(live)} >= set(lines)
    assert "Traceback" not in front.said()


def test_what_cannot_be_read_is_a_dead_letter_with_its_bytes(deploy: Deploy, cohstream: Any) -> None:
    live = deploy()
    front = up(live.serve())
    named = b'{"source": "SNHR", "report_id": "7", "kind": "allegation", "occurred": {"start": "2016-03-01T10:00:00"}}'
    answer = post(front.http, [b"Sir, I must report", named, next(iter(simulate(1, seed=66)))])
    assert answer.status_code == 200
    assert [one["outcome"] for one in results(answer)] == ["rejected", "rejected", "accepted"]
    assert [one["code"] for one in results(answer)] == ["not_json", "naive_time", None]
    letters = json.loads(cohstream(live, "deadletters", "list", "--json").stdout)["letters"]
    assert {(one["code"], one["stage"], one["value"]["utf8"]) for one in letters} == {
        ("not_json", "http", "Sir, I must report"),
        ("naive_time", "http", named.decode()),
    }
    redriven = cohstream(live, "deadletters", "redrive", "--all", "--json")
    assert redriven.returncode == 1
    assert "names no source" in redriven.stderr
    assert json.loads(redriven.stdout)["sent"] == {live.settings.topic("reports"): 1}


def test_a_source_cannot_post_as_another(deploy: Deploy, cohstream: Any, tmp_path: Path) -> None:
    live = deploy()
    made = json.loads(cohstream(live, "apikeys", "new", "SNHR", "--json").stdout)
    keys = tmp_path / "keys.toml"
    keys.write_text(made["entry"])
    front = up(live.serve(COHSTREAM_API_KEYS=str(keys)))
    own, other = (orjson.loads(one) for one in simulate(2, seed=67))
    own["source"], other["source"] = "SNHR", "SOHR"
    bad = {**other, "conduct": "witchcraft"}
    bodies = [orjson.dumps(one) for one in (own, other, bad)]
    assert post(front.http, bodies).status_code == 401
    assert post(front.http, bodies, authorization="Bearer guessed").status_code == 401
    answer = post(front.http, bodies, authorization=f"Bearer {made['key']}")
    assert answer.status_code == 200
    assert [one["code"] for one in results(answer)] == [None, "forbidden_source", "forbidden_source"]
    assert post(front.http, bodies[1:], **{"x-api-key": made["key"]}).status_code == 403
    assert [without_stamp(record.value) for record in on_topic(live)] == bodies[:1]
    assert on_topic(live, "rejected") == []
    assert "SOHR" in front.said()


def test_every_answer_is_as_the_openapi_document_says(deploy: Deploy, cohstream: Any, tmp_path: Path) -> None:
    live = deploy()
    made = json.loads(cohstream(live, "apikeys", "new", "*", "--json").stdout)
    keys = tmp_path / "keys.toml"
    keys.write_text(made["entry"])
    front = up(live.serve(COHSTREAM_API_KEYS=str(keys)))
    conforms(front.http, made["key"], tmp_path)
    assert front.alive
    assert "Traceback" not in front.said()


def test_it_exposes_its_own_work_and_no_belief(deploy: Deploy) -> None:
    live = deploy()
    worker = live.worker(1)
    live.ready(worker)
    front = live.serve()
    wait_until(front.ready, "serve is ready", front.said)
    Poster(front.http, list(simulate(100, seed=68))).run()
    live.settled()
    exposed = front.get("/metrics")[1]
    assert 'cohstream_http_reports_total{outcome="accepted"} 100.0' in exposed
    assert not [family.name for family in FAMILIES if f"\n{family.name}{{" in exposed]
    assert "cohstream_watermark_timestamp_seconds" not in exposed
    assert "cohstream_violations{" in worker.get("/metrics")[1]


def test_before_any_worker_ran_it_takes_reports_and_is_not_ready(deploy: Deploy) -> None:
    live = deploy()
    front = up(live.serve())
    lines = list(simulate(100, seed=69))
    Poster(front.http, lines).run()
    assert front.get("/readyz")[0] == 503
    live.ready(live.worker(1))
    live.settled()
    wait_until(front.ready, "serve is ready", live.told)
    shows(front, lines)


@pytest.mark.parametrize("worker_first", [True, False])
def test_under_another_law_than_the_workers_it_ends_with_the_remedy(deploy: Deploy, worker_first: bool) -> None:
    live = deploy()
    if worker_first:
        live.ready(live.worker(1))
    front = live.serve(COHSTREAM_AGREEMENT="SY-JIG-2016-07")
    if not worker_first:
        up(front)
        live.ready(live.worker(1))
    assert front.process.wait(60) == 2
    said = front.said()
    assert "law" in said
    assert "run the same release and agreements everywhere" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"COHSTREAM_BROKERS": "127.0.0.1:1"}, "nothing listens at 127.0.0.1:1"),
        ({"COHSTREAM_HTTP": "0.0.0.0:8399"}, "apikeys new"),
        ({"COHSTREAM_API_KEYS": "nowhere.toml"}, "COHSTREAM_API_KEYS"),
        ({"COHSTREAM_PREFIX": "nobody"}, "cohstream topics create"),
        ({"COHSTREAM_PARTITIONS": "9"}, "COHSTREAM_PARTITIONS"),
    ],
)
def test_wrong_settings_end_in_one_line(deploy: Deploy, environment: dict[str, str], told: str) -> None:
    front = deploy().serve(**environment)
    assert front.process.wait(60) == 2
    errors = [line for line in front.said().splitlines() if '"warning"' not in line]
    assert len(errors) == 1, front.said()
    assert told in errors[0]


def test_the_ledger_that_it_derives_is_that_of_the_oracle_in_the_smallest_detail(deploy: Deploy) -> None:
    live = deploy()
    lines = list(simulate(2_500, seed=70))
    moved = [moved_to(line, "Daraya") for line in lines[::3]] + [moved_to(line, "Kobani", 8) for line in lines[::9]]
    live.ready(live.worker(1))
    live.feed(lines)
    live.feed(moved)
    live.settled()
    assert asyncio.run(followed(live)) == oracle_digest(lines + moved)


def moved_to(line: bytes, place: str, revision: int = 7) -> bytes:
    report = orjson.loads(line)
    return orjson.dumps({**report, "revision": revision, "place": {"text": place}})


async def followed(live: Deployment) -> str:
    """The digest of what a follower derives."""
    knowledge, agreements = load_knowledge(), chosen_agreements(Settings())
    ruleset = Ruleset(law_digest(agreements), knowledge.digest, live.partitions)
    follower = Follower(live.settings, Context.of(knowledge, agreements), ruleset)
    following = asyncio.create_task(follower.follow())
    async with asyncio.timeout(60):
        while not follower.caught_up:  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(0.05)
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    return digest(follower.ledger)
