"""The intake of the embedded driver, over a real session in a real directory."""

from __future__ import annotations

import asyncio
import gzip
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from cohstream.engine.intake import MAX_RECORD_BYTES, without_stamp
from cohstream.errors import ConfigError
from cohstream.knowledge.sources import SourceRegistry
from cohstream.local.session import Session, Settings
from cohstream.publish.digest import digest
from cohstream.simulate import simulate
from cohstream.web import admission, body
from cohstream.web.admission import Admission, keys_for
from cohstream.web.api_keys import ApiKeys, new_key
from cohstream.web.intake import create_intake
from cohstream.web.intake_metrics import IntakeMetrics
from cohstream.web.serving import SessionTaker
from tests.deployments import oracle_digest

GOOD: dict[str, Any] = {
    "source": "SNHR",
    "report_id": "1",
    "kind": "allegation",
    "occurred": {"start": "2016-03-01T10:00:00+02:00", "precision": "hour"},
    "place": {"text": "Talbiseh"},
    "conduct": "air_strike",
}
JSON = {"content-type": "application/json"}
NDJSON = {"content-type": "application/x-ndjson"}


def report(**fields: Any) -> bytes:
    return orjson.dumps({**GOOD, **fields})


class Served:
    """A session with its intake; ``ask`` posts to it."""

    def __init__(self, directory: Path, keys: ApiKeys | None = None) -> None:
        self.session = Session(Settings(state=directory))
        self.session.rebuild()
        self.failures: list[Exception] = []
        self.metrics = IntakeMetrics()
        taker = SessionTaker(self.session, lambda: None, self.failures.append)
        app = create_intake(taker, Admission(keys, self.metrics), self.metrics)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080")

    async def ask(self, content: Any, headers: dict[str, str] = JSON, **more: str) -> httpx.Response:
        return await self.client.post("/reports", content=content, headers={**headers, **more})


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    with ExitStack() as stack:

        def start(keys: ApiKeys | None = None) -> Served:
            served = Served(tmp_path / "state", keys)
            stack.callback(served.session.close)
            return served

        yield start


@pytest.fixture
def keys(tmp_path: Path) -> Callable[[str], ApiKeys]:
    """Keys from the text of a file."""

    def load(text: str) -> ApiKeys:
        file = tmp_path / "keys.toml"
        file.write_text(text)
        return ApiKeys.load(file, SourceRegistry.load())

    return load


def codes(answer: httpx.Response) -> list[tuple[str, str | None]]:
    return [(one["outcome"], one["code"]) for one in answer.json()["results"]]


async def test_one_report_an_array_and_lines_are_answered_record_by_record(serve: Callable[..., Served]) -> None:
    served = serve()
    two, three = report(report_id="2"), report(report_id="3")
    assert codes(await served.ask(report())) == [("accepted", None)]
    assert codes(await served.ask(b"[" + two + b",\n" + report() + b"]")) == [("accepted", None), ("duplicate", None)]
    answer = await served.ask(b"\n" + three + b"\r\n\r\n" + two, NDJSON)
    assert answer.status_code == 200
    assert answer.json() == {
        "accepted": 1,
        "duplicate": 1,
        "rejected": 0,
        "results": [
            {"position": 1, "outcome": "accepted", "source": "SNHR", "report_id": "3", "code": None, "problem": None},
            {"position": 2, "outcome": "duplicate", "source": "SNHR", "report_id": "2", "code": None, "problem": None},
        ],
    }


async def test_the_outcome_is_that_of_a_run_over_the_same_reports(serve: Callable[..., Served]) -> None:
    served = serve()
    lines = list(simulate(600, seed=71))
    for at in range(0, len(lines), 100):
        await served.ask(b"\n".join(lines[at : at + 100]), NDJSON)
    assert digest(served.session.ledger) == oracle_digest(lines)
    assert [without_stamp(one.report) for one in served.session.store.reports()] == list(dict.fromkeys(lines))


async def test_posted_again_it_is_a_duplicate_though_the_time_of_receipt_is_another(
    serve: Callable[..., Served],
) -> None:
    served = serve()
    pretty = orjson.dumps(GOOD, option=orjson.OPT_INDENT_2)
    assert codes(await served.ask(pretty)) == [("accepted", None)]
    await asyncio.sleep(0.01)
    assert codes(await served.ask(b"  " + pretty + b"\n")) == [("duplicate", None)]
    served.session.close()
    again = serve()
    assert codes(await again.ask(pretty)) == [("duplicate", None)]
    [kept] = again.session.store.reports()
    assert without_stamp(kept.report) == pretty
    assert orjson.loads(kept.report)["received_at"].replace("000Z", "Z")[:19] == kept.received_at[:19]


async def test_a_time_of_receipt_that_is_stated_stays(serve: Callable[..., Served]) -> None:
    served = serve()
    stated = report(received_at="2016-03-02T08:00:00Z")
    await served.ask(stated)
    assert [one.report for one in served.session.store.reports()] == [stated]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"Sir, I must report", "not_json"),
        (b"[" + report() + b", {", "not_json"),
        (report(conduct="witchcraft"), "unknown_word"),
        (report(occurred={"start": "2016-03-01T10:00:00"}), "naive_time"),
        (b"17", "wrong_type"),
        (b'{"a":' * 100_000, "too_deep"),
        (report(source="\xff").replace("\xff".encode(), b"\xff"), "bad_encoding"),
        (report(note="x" * 20_001), "too_large"),
        (report(extra={"x": "y" * (MAX_RECORD_BYTES - 200)}), "too_large"),
        (report(extra={"x": "y" * MAX_RECORD_BYTES}), "too_large"),
    ],
)
async def test_what_cannot_be_read_is_rejected_and_kept_with_its_bytes(
    serve: Callable[..., Served], content: bytes, code: str
) -> None:
    served = serve()
    answer = await served.ask(content)
    assert answer.status_code == 422
    assert codes(answer) == [("rejected", code)]
    assert [(one.raw, one.code) for one in served.session.store.rejected()] == [(content, code)]


async def test_a_report_that_just_fits_still_fits_with_its_time_of_receipt(serve: Callable[..., Served]) -> None:
    served = serve()
    empty = len(report(extra={"x": ""}))
    fits = report(extra={"x": "y" * (MAX_RECORD_BYTES - empty - 45)})
    assert codes(await served.ask(fits)) == [("accepted", None)]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", JSON, 400, "no_record"),
        (b" [ ] ", JSON, 400, "no_record"),
        (b"\n\n", NDJSON, 400, "no_record"),
        (report(), {}, 415, "media_type"),
        (report(), {"content-type": "text/plain"}, 415, "media_type"),
        (report(), {**JSON, "content-encoding": "br"}, 415, "content_coding"),
        (b"no gzip", {**JSON, "content-encoding": "gzip"}, 400, "bad_gzip"),
        (gzip.compress(report())[:-9], {**JSON, "content-encoding": "gzip"}, 400, "bad_gzip"),
        (b"x" * (body.MAX_BODY_BYTES + 1), JSON, 413, "too_large"),
        (gzip.compress(b"x" * 300_000_000), {**JSON, "content-encoding": "gzip"}, 413, "too_large"),
        (b"{}\n" * (body.MAX_RECORDS + 1), NDJSON, 413, "too_many_records"),
        (b"[" + b"1," * body.MAX_RECORDS + b"1]", JSON, 413, "too_many_records"),
        (report(), {**JSON, "host": "elsewhere.example"}, 421, "foreign_host"),
    ],
)
async def test_a_request_that_is_refused_says_why_and_leaves_nothing(
    serve: Callable[..., Served], content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    served = serve()
    answer = await served.ask(content, headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert list(served.session.store.reports()) == list(served.session.store.rejected()) == []


async def test_a_body_without_a_length_is_read_up_to_the_limit_only(serve: Callable[..., Served]) -> None:
    served = serve()
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 1_000_000

    answer = await served.ask(endless())
    assert answer.status_code == 413
    assert sent < 12


@pytest.mark.parametrize("members", [1, 3])
async def test_gzip_is_unpacked(serve: Callable[..., Served], members: int) -> None:
    served = serve()
    packed = b"".join(gzip.compress(report(report_id=str(number)) + b"\n") for number in range(members))
    answer = await served.ask(packed, NDJSON, **{"content-encoding": "gzip"})
    assert answer.json()["accepted"] == members


async def test_a_body_that_does_not_arrive_is_given_up(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "BODY_SECONDS", 0.05)
    served = serve()

    async def stalled() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(60)

    answer = await served.ask(stalled())
    assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")
    assert served.metrics.in_flight == 0


async def test_more_requests_than_there_is_room_for_are_told_to_come_again(
    serve: Callable[..., Served], keys: Callable[[str], ApiKeys]
) -> None:
    one, other = (new_key(name, ["SNHR"]) for name in ("one", "other"))
    served = serve(keys(one.entry + other.entry))
    go_on = asyncio.Event()

    async def held() -> AsyncIterator[bytes]:
        await go_on.wait()
        yield report()

    def bearer(key: str) -> dict[str, str]:
        return {"authorization": f"Bearer {key}"}

    waiting = [asyncio.create_task(served.ask(held(), **bearer(one.key))) for _ in range(admission.MAX_OF_ONE_KEY)]
    await asyncio.sleep(0.1)
    refused = await served.ask(report(), **bearer(one.key))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert (await served.ask(report(), **bearer(other.key))).status_code == 200
    go_on.set()
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
    assert (await served.ask(report(), **bearer(one.key))).status_code == 200


async def test_what_the_disk_does_not_take_is_refused_and_nothing_is_answered_after_that(
    serve: Callable[..., Served],
) -> None:
    served = serve()
    await served.ask(report())
    served.session.store._db.execute("PRAGMA query_only=ON")  # as a full disk: every write fails
    for _ in range(2):
        refused = await served.ask(report(report_id="2"))
        assert (refused.status_code, refused.json()["code"]) == (503, "not_kept")
        assert int(refused.headers["retry-after"]) > 0
    assert served.failures
    served.session.close()
    again = serve()
    assert codes(await again.ask(report(report_id="2"))) == [("accepted", None)]


async def test_a_commit_is_on_the_disk_before_it_is_answered(serve: Callable[..., Served]) -> None:
    served = serve()
    assert served.session.store._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


async def test_a_key_speaks_for_its_sources_only(serve: Callable[..., Served], keys: Callable[[str], ApiKeys]) -> None:
    made = new_key("desk", ["SNHR", "Local Desk"])
    served = serve(keys(made.entry))
    spoken = ["SNHR", "Syrian Network for Human Rights", "Local Desk", "SOHR", "local desk", "SNHR (via SOHR)", "*"]
    answer = await served.ask(
        b"\n".join(report(source=name) for name in spoken), NDJSON, authorization=f"Bearer {made.key}"
    )
    allowed = [one["source"] for one in answer.json()["results"] if one["outcome"] == "accepted"]
    assert allowed == spoken[:3]
    assert {orjson.loads(one.report)["source"] for one in served.session.store.reports()} == set(allowed)
    assert list(served.session.store.rejected()) == []


async def test_an_unreadable_record_of_another_source_is_not_kept_either(
    serve: Callable[..., Served], keys: Callable[[str], ApiKeys]
) -> None:
    made = new_key("desk", ["SNHR"])
    served = serve(keys(made.entry))
    answer = await served.ask(report(source="SOHR", conduct="witchcraft"), authorization=f"Bearer {made.key}")
    assert answer.status_code == 403
    assert codes(answer) == [("rejected", "forbidden_source")]
    assert list(served.session.store.rejected()) == []


async def test_a_key_for_every_source(serve: Callable[..., Served], keys: Callable[[str], ApiKeys]) -> None:
    made = new_key("relay", ["*"])
    served = serve(keys(made.entry))
    assert (await served.ask(report(source="Anybody"), **{"x-api-key": made.key})).status_code == 200


@pytest.mark.parametrize("sent", [{}, {"authorization": "Bearer "}, {"authorization": "Basic x"}, {"x-api-key": "x"}])
async def test_without_a_known_key_nothing_is_read(
    serve: Callable[..., Served], keys: Callable[[str], ApiKeys], sent: dict[str, str]
) -> None:
    served = serve(keys(new_key("desk", ["SNHR"]).entry))
    answer = await served.ask(report(), **sent)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert list(served.session.store.reports()) == []


def test_the_file_of_keys_has_no_key_in_it() -> None:
    made = new_key("desk", ['a "quoted" name', "مرصد"])
    assert made.key not in made.entry
    assert len(made.key) > 40


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("key = 7", "apikeys new"),
        ("[[key]]\nname = 'a'\nsources = []\nsha256 = 'x'", "key.0.sha256"),
        ("[[keys]]", "Extra inputs"),
        ("not toml", "not TOML"),
        (new_key("a", ["x"]).entry + new_key("a", ["y"]).entry, "declared twice: a"),
    ],
)
def test_a_file_of_keys_that_is_wrong_is_told(keys: Callable[[str], ApiKeys], text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        keys(text)


@pytest.mark.parametrize(
    ("host", "asks"), [("127.0.0.1", False), ("127.1.2.3", False), ("::1", False), ("localhost", False)]
)
def test_on_this_machine_keys_may_be_left_out(host: str, asks: bool) -> None:
    assert keys_for((host, 8080), None, SourceRegistry.load()) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org"])
def test_where_others_can_reach_it_keys_are_needed(host: str) -> None:
    with pytest.raises(ConfigError, match="apikeys new"):
        keys_for((host, 8080), None, SourceRegistry.load())


def test_the_log_is_a_database_anyone_can_read(serve: Callable[..., Served], tmp_path: Path) -> None:
    served = serve()
    asyncio.run(served.ask(report()))
    served.session.close()
    with sqlite3.connect(tmp_path / "state" / "cohstream.sqlite") as log:
        [(position,)] = log.execute("SELECT position FROM reports")
    log.close()
    assert position.startswith("http:")
