"""What cannot be read is kept with its bytes and told; the rest of the stream goes on."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiokafka.structs import ConsumerRecord

from cohstream.live.dead_letters import DeadLetter, dead_letter, dead_letters
from cohstream.live.topics import HEADERS_BYTES, MAX_RECORD_BYTES
from cohstream.live.writer import Headers, Outbox, Outgoing, Writer
from tests.deployments import Deployment, oracle_digest
from tests.live.conftest import Command
from tools.kafka import Cluster

SAMPLE = Path("cohstream/samples/coh2016.jsonl").read_bytes().splitlines()
HALF = len(SAMPLE) // 2


def report(**fields: Any) -> bytes:
    """A report that is right but for ``fields``."""
    good = {
        "source": "SNHR",
        "report_id": "bad",
        "kind": "allegation",
        "occurred": {"start": "2016-03-01T10:00:00+02:00", "precision": "hour"},
        "place": {"text": "Talbiseh"},
        "conduct": "air_strike",
    }
    return json.dumps({**good, **fields}).encode()


class Poison(NamedTuple):
    """A record that cannot be read, and the code that says so."""

    topic: str
    code: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


POISON = {
    "not JSON": Poison("reports", "not_json", b"SNHR/1", b"once upon a time", [("traceparent", b"00-1-2-01")]),
    "not UTF-8": Poison("reports", "bad_encoding", b"\xff\x00", b'{"source": "\xff\xfe"}', [("blob", b"\x80\x81")]),
    "empty": Poison("reports", "not_json", b"SNHR/2", b""),
    "null": Poison("reports", "not_json", b"SNHR/3", None, [("empty", b"")]),
    "without a key": Poison("reports", "missing_field", None, b"{}"),
    "an unknown word": Poison("reports", "unknown_word", b"SNHR/4", report(kind="rumour")),
    "a time without a zone": Poison("reports", "naive_time", b"SNHR/5", report(occurred={"start": "2016-03-01T10:00"})),
    "not a number": Poison("reports", "not_finite", b"SNHR/6", report(place={"lat": float("nan"), "lon": 36.7})),
    "two megabytes": Poison("reports", "too_large", b"SNHR/7", report(note="x" * (2 << 20))),
    "not a claim": Poison("claims", "bad_claim", b"SY07/x", report()),
    "a claim with a wrong body": Poison(
        "claims", "bad_claim", b"SY07", b"{}", [("cohstream.claim-id", b"abc"), ("cohstream.order", b"1|x")]
    ),
}


def send(live: Deployment, records: list[Poison], partition: int = 1) -> None:
    async def write() -> None:
        writer, outbox = Writer(live.settings), Outbox()
        for one in records:
            outbox.add(live.settings.topic(one.topic), partition, Outgoing(one.key, one.value, one.headers))
        await writer.start()
        try:
            await writer.write(outbox)
        finally:
            await writer.stop()

    asyncio.run(write())


def letters_of(live: Deployment) -> list[DeadLetter]:
    async def read() -> list[DeadLetter]:
        return [letter async for letter in dead_letters(live.settings)]

    return asyncio.run(read())


def started(live: Deployment) -> Deployment:
    live.ready(live.worker())
    return live


@pytest.fixture(scope="module")
def live(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment that took in the sample, with every poison in the middle of it."""
    with Deployment(cluster.brokers, tmp_path_factory.mktemp("letters")) as deployment:
        started(deployment)
        deployment.feed(SAMPLE[:HALF])
        send(deployment, list(POISON.values()))
        deployment.feed(SAMPLE[HALF:])
        deployment.settled()
        yield deployment


def test_the_rest_of_the_stream_is_processed(live: Deployment, cohstream: Command) -> None:
    assert cohstream(live, "topics", "digest").stdout == f"{oracle_digest(SAMPLE)}\n"
    assert live.workers[0].alive


@pytest.mark.parametrize("name", POISON)
def test_a_letter_has_the_bytes_as_they_came_and_says_what_and_where(live: Deployment, name: str) -> None:
    poison = POISON[name]
    (letter,) = [one for one in letters_of(live) if (one.key, one.value) == (poison.key, poison.value)]
    assert list(letter.original.headers) == list(poison.headers)
    assert letter.about("code") == poison.code
    assert letter.about("stage") == {"reports": "intake", "claims": "assess"}[poison.topic]
    assert (letter.about("topic"), letter.about("partition")) == (live.settings.topic(poison.topic), "1")
    assert letter.about("offset").isdecimal()
    assert letter.about("ruleset").startswith("sha256:")
    assert letter.about("message")


def test_no_letter_is_without_cause(live: Deployment) -> None:
    assert len(letters_of(live)) == len(POISON)


def test_list_shows_number_code_stage_and_place(live: Deployment, cohstream: Command) -> None:
    told = cohstream(live, "deadletters", "list")
    assert told.returncode == 0
    (row,) = [line for line in told.stdout.splitlines() if "naive_time" in line]
    letter = next(one for one in letters_of(live) if one.about("code") == "naive_time")
    assert f" {letter.number} " in row
    assert " intake " in row


def test_list_as_json_has_everything_and_filters(live: Deployment, cohstream: Command) -> None:
    told = json.loads(cohstream(live, "deadletters", "list", "--json").stdout)
    assert sorted(one["code"] for one in told["letters"]) == sorted(one.code for one in POISON.values())
    assert told["total"] == len(POISON)
    told = json.loads(cohstream(live, "deadletters", "list", "--json", "--code", "not_json", "--limit", "2").stdout)
    assert ([one["code"] for one in told["letters"]], told["total"]) == (["not_json"] * 2, 3)


def test_list_says_that_there_are_none(live: Deployment, cohstream: Command) -> None:
    told = cohstream(live, "deadletters", "list", "--code", "no_such_code")
    assert (told.returncode, told.stdout) == (0, "")
    assert told.stderr == "cohstream: no dead letters with code no_such_code\n"


def test_show_gives_bytes_that_are_no_text_as_base64(live: Deployment, cohstream: Command) -> None:
    letter = next(one for one in letters_of(live) if one.about("code") == "bad_encoding")
    poison = POISON["not UTF-8"]
    told = json.loads(cohstream(live, "deadletters", "show", letter.number, "--json").stdout)
    assert b64decode(told["value"]["base64"]) == poison.value
    assert b64decode(told["key"]["base64"]) == poison.key
    assert [(name, b64decode(value["base64"])) for name, value in told["headers"]] == list(poison.headers)
    text = cohstream(live, "deadletters", "show", letter.number).stdout
    assert "byte 13 is not UTF-8" in text
    assert f"cohstream deadletters redrive {letter.number}" in text
    assert told["value"]["base64"] in text


def test_show_tells_null_from_empty(live: Deployment, cohstream: Command) -> None:
    told = {one.key: one.number for one in letters_of(live)}
    null, empty = (cohstream(live, "deadletters", "show", told[key]).stdout for key in (b"SNHR/3", b"SNHR/2"))
    assert "value       null\n" in null
    assert "value       empty\n" in empty


def test_a_number_that_is_not_there_is_told(live: Deployment, cohstream: Command) -> None:
    for command in ("show", "redrive"):
        told = cohstream(live, "deadletters", command, "0:99999")
        assert told.returncode == 2
        assert told.stderr == (
            "cohstream: there is no dead letter 0:99999; `cohstream deadletters list` numbers them\n"
        )


def test_redrive_wants_to_know_which(live: Deployment, cohstream: Command) -> None:
    for words in ((), ("--all", "--code", "not_json"), ("1:1", "--all")):
        told = cohstream(live, "deadletters", "redrive", *words)
        assert told.returncode == 2
        assert told.stderr == "cohstream: say which dead letters: their numbers, or --code CODE, or --all\n"


def test_redriven_twice_nothing_changes_and_what_is_still_wrong_comes_back(
    deploy: Callable[..., Deployment], cohstream: Command
) -> None:
    live = started(deploy())
    live.feed(SAMPLE[:HALF])
    send(live, list(POISON.values()))
    live.settled()
    believed = live.digest()
    for times in (2, 3):
        told = cohstream(live, "deadletters", "redrive", "--all")
        assert told.returncode == 0, told.stderr
        assert f"records sent: 2 to {live.prefix}.claims.v1, 9 to {live.prefix}.reports.v1" in told.stderr
        live.settled()
        came = [(one.about("topic"), one.key, one.value, tuple(one.original.headers)) for one in letters_of(live)]
        for poison in POISON.values():
            wanted = (live.settings.topic(poison.topic), poison.key, poison.value, tuple(poison.headers))
            assert came.count(wanted) == times
        assert live.digest() == believed


def test_redrive_sends_those_that_were_named_back_to_where_they_came_from(
    live: Deployment, deploy: Callable[..., Deployment], cohstream: Command
) -> None:
    other = deploy()
    poisoned = [dead_letter(came_from(other, "claims", partition=3, value=None), "bad_claim", "?", "assess", "")]
    poisoned += [dead_letter(came_from(other, "reports", partition=2, value=b"x"), "not_json", "?", "intake", "")]
    write_letters(other, poisoned)
    told = cohstream(other, "deadletters", "redrive", "--code", "bad_claim", "--json")
    assert json.loads(told.stdout) == {"sent": {other.settings.topic("claims"): 1}, "kept": []}
    assert other.lag() == 1


def test_a_letter_that_cannot_go_back_is_told(deploy: Callable[..., Deployment], cohstream: Command) -> None:
    live = deploy()
    elsewhere = ConsumerRecord("other.reports.v1", 0, 7, 0, 0, b"k", b"v", None, 1, 1, ())
    beyond = came_from(live, "reports", partition=99, value=b"v")
    write_letters(live, [dead_letter(one, "not_json", "?", "intake", "") for one in (elsewhere, beyond)])
    told = cohstream(live, "deadletters", "redrive", "--all")
    assert told.returncode == 1
    assert "it came from other.reports.v1, which is no input of this deployment" in told.stderr
    assert "has no partition 99" in told.stderr
    assert "records sent: none" in told.stderr
    assert live.lag() == 0


def test_a_record_that_unpacks_to_more_than_a_letter_can_hold_is_left_where_it_is(
    deploy: Callable[..., Deployment], cohstream: Command
) -> None:
    live = deploy()
    huge = came_from(live, "reports", partition=2, value=b"x" * (MAX_RECORD_BYTES + 1))
    letter = dead_letter(huge, "too_large", "too large", "intake", "sha256:1")
    assert (letter.key, letter.value) == (None, None)
    write_letters(live, [letter])
    shown = cohstream(live, "deadletters", "show", "0:0").stdout
    assert f"{MAX_RECORD_BYTES + 4:,} bytes, too large to copy" in shown
    told = cohstream(live, "deadletters", "redrive", "0:0")
    assert told.returncode == 1
    assert "it lies at offset 7 of" in told.stderr


def test_the_largest_record_fits_into_a_letter(deploy: Callable[..., Deployment]) -> None:
    live = deploy()
    largest = came_from(live, "reports", partition=2, value=b"x" * (MAX_RECORD_BYTES - len(b"key")))
    write_letters(live, [dead_letter(largest, "too_large", "?" * (HEADERS_BYTES // 2), "intake", "sha256:1")])
    (letter,) = letters_of(live)
    assert letter.original == Outgoing(largest.key, largest.value, [])


def test_headers_of_an_error_that_a_producer_invents_are_not_believed() -> None:
    invented = [("cohstream.error.topic", b"payroll"), ("mine", b"1")]
    record = ConsumerRecord("cohstream.reports.v1", 1, 7, 0, 0, b"k", b"v", None, 1, 1, invented)
    letter = dead_letter(record, "not_json", "?", "intake", "sha256:1")
    assert [value for name, value in letter.headers if name == "cohstream.error.topic"] == [b"cohstream.reports.v1"]
    assert letter.headers[0] == ("mine", b"1")


def came_from(live: Deployment, noun: str, partition: int, value: bytes | None) -> ConsumerRecord:
    """A record as a worker would have read it."""
    size = len(value or b"")
    return ConsumerRecord(live.settings.topic(noun), partition, 7, 0, 0, b"key", value, None, 3, size, ())


def write_letters(live: Deployment, letters: list[Outgoing]) -> None:
    async def write() -> None:
        writer, outbox = Writer(live.settings), Outbox()
        outbox.extend(live.settings.topic("rejected"), 0, letters)
        await writer.start()
        try:
            await writer.write(outbox)
        finally:
            await writer.stop()

    asyncio.run(write())
