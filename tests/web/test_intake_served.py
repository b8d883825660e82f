"""``cohstream run --serve --state`` as a process: its OpenAPI document holds, and kills lose nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from cohstream.local.session import Session, Settings
from cohstream.publish.digest import digest
from cohstream.simulate import simulate
from cohstream.web.api_keys import new_key
from tests.deployments import WorkerProcess, oracle_digest, wait_until
from tests.posting import Poster, conforms, post
from tools.kafka import free_port


def start(directory: Path, *options: str, hold: str = "", http: str = "") -> WorkerProcess:
    http = http or f"127.0.0.1:{free_port()}"
    log = directory / "served.log"
    code = f"{hold}\nfrom cohstream.cli import main\nmain()"
    command = [sys.executable, "-W", "error", "-c", code, "run", "--serve", http, *options]
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    return WorkerProcess(0, http, process, log)


def ready(one: WorkerProcess) -> WorkerProcess:
    wait_until(lambda: not one.alive or one.get("/readyz")[0] == 200, "it is ready", one.said)
    assert one.alive, one.said()
    return one


@pytest.mark.slow
def test_every_answer_is_as_the_openapi_document_says(tmp_path: Path) -> None:
    made = new_key("all", ["*"])
    keys = tmp_path / "keys.toml"
    keys.write_text(made.entry)
    served = ready(start(tmp_path, "--state", str(tmp_path / "state"), "--api-keys", str(keys)))
    try:
        conforms(served.http, made.key, tmp_path)
        assert served.alive
        assert "Traceback" not in served.said()
    finally:
        served.kill()


AFTER_COMMIT = """
import os, signal
from cohstream.local.store import Store
append, left = Store.append, [{nth}]
def dying(self, *batch):
    left[0] -= 1
    if not left[0] and {before}:
        os.kill(os.getpid(), signal.SIGKILL)
    append(self, *batch)
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
Store.append = dying
"""


def test_killed_between_receipt_and_answer_it_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    lines = list(simulate(600, seed=72))
    http, state = f"127.0.0.1:{free_port()}", tmp_path / "state"
    poster = Poster(http, lines, batch=20)
    poster.start()
    for nth, before in ((3, True), (4, False), (2, True), (5, False)):
        served = start(tmp_path, "--state", str(state), hold=AFTER_COMMIT.format(nth=nth, before=before), http=http)
        assert served.process.wait(60) == -signal.SIGKILL, served.said()
    served = ready(start(tmp_path, "--state", str(state), http=http))
    poster.wait()
    served.kill()
    session = Session(Settings(state=state))
    session.rebuild()
    assert digest(session.ledger) == oracle_digest(lines)
    session.close()
    assert poster.again >= 4


def test_the_page_shows_a_posted_report_at_once_and_a_retraction_takes_it_back(tmp_path: Path) -> None:
    served = ready(start(tmp_path, "--state", str(tmp_path / "state")))
    try:
        report = json.loads(next(iter(simulate(1, seed=73))))
        for retracts, incidents in ((False, 1), (True, 0)):
            body = json.dumps({**report, "revision": int(retracts), "retracts": retracts}).encode()
            assert post(served.http, [body]).status_code == 200
            summary = json.loads(served.get("/api/summary")[1])
            assert (summary["incidents"], summary["progress"]["finished"]) == (incidents, False)
        assert 'cohstream_http_reports_total{outcome="accepted"} 2.0' in served.get("/metrics")[1]
    finally:
        served.kill()


@pytest.mark.parametrize("options", [[], ["--state", "state"]])
def test_where_reports_would_not_be_kept_or_anybody_could_post_none_are_taken(
    tmp_path: Path, options: list[str]
) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(b"\n".join(simulate(5, seed=74)))
    port = free_port()
    host = "0.0.0.0" if options else "127.0.0.1"
    options = [options[0], str(tmp_path / options[1])] if options else []
    served = start(tmp_path, str(source), *options, http=f"{host}:{port}")
    served.http = f"127.0.0.1:{port}"
    try:
        ready(served)
        answer = post(served.http, list(simulate(1, seed=75)))
        assert (answer.status_code, answer.json()["code"]) == (503, "closed")
        assert ("--state" if not options else "--api-keys") in answer.json()["problem"]
        assert httpx.get(f"http://{served.http}/").status_code == 200
    finally:
        served.kill()
