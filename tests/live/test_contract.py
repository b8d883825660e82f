"""The contract of the topics holds on the topics: every record that workers write is as its schemas say."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka.structs import ConsumerRecord
from jsonschema import Draft202012Validator
from msgspec import Struct

from cohstream.client import AssessmentValue, Client, IncidentValue, TallyValue
from cohstream.domain.canonical import canonical_json
from cohstream.domain.tally import TallyKey
from cohstream.live.contract import PUBLIC, PublicTopic
from cohstream.live.headers import EventHeaders
from cohstream.live.scan import records_of
from cohstream.publish.digest import digest_of_lines
from tests.deployments import Deployment, oracle_digest
from tools.schemas.asyncapi import HEADERS
from tools.schemas.documents import schemas
from tools.schemas.json_schema import closed

SAMPLE = Path("cohstream/samples/coh2016.jsonl").read_bytes().splitlines()
POISON = [b"{", b'{"source": "SNHR", "report_id": "bad"}', b"x" * (2 << 20)]
SCHEMAS = schemas()


def retraction(line: bytes) -> bytes:
    report = json.loads(line)
    return json.dumps({**report, "revision": report.get("revision", 0) + 1, "retracts": True}).encode()


REPORTS = [*SAMPLE, *map(retraction, SAMPLE[:40]), *POISON]


async def all_records(live: Deployment) -> dict[str, list[ConsumerRecord]]:
    return {one.topic: [record async for record in records_of(live.settings, one.topic)] for one in PUBLIC}


def holds(one: PublicTopic, record: ConsumerRecord) -> str:
    """Check ``record``, and say what kind of record of its topic it is."""
    headers = {name: value.decode() for name, value in record.headers}
    if one.headers is not None:
        Draft202012Validator(closed(SCHEMAS[HEADERS[one.headers]])).validate(headers)
        msgspec.convert(headers, one.headers)
    if one.headers is EventHeaders:
        assert headers["ce_type"] == f"cohstream.{one.noun}.v1"
        assert headers["ce_subject"].encode() == record.key
    if record.value is None:
        assert one.tombstone or headers.get("cohstream.error.left")
        return f"{one.noun}, gone"
    if one.value is not None:
        Draft202012Validator(closed(SCHEMAS[one.noun])).validate(json.loads(record.value))
    return one.noun


def key_of(noun: str, value: dict[str, str]) -> str:
    return {
        "report": lambda: f"{value['source']}/{value['report_id']}",
        "claim": lambda: value["area"],
        "incident": lambda: f"{value['area']}/{value['incident_id']}",
        "assessment": lambda: f"/{value['incident_id']}/{value['agreement']}",
        "tally": lambda: tally_key(value),
        "change": lambda: value["incident_id"],
    }[noun]()


def tally_key(value: dict[str, str]) -> str:
    return "|".join(value[name] for name in TallyKey._fields)


@pytest.fixture
def processed(deploy: Callable[..., Deployment]) -> Deployment:
    live = deploy()
    live.ready(live.worker())
    live.feed(SAMPLE)
    live.settled()
    live.feed(REPORTS[len(SAMPLE) :])
    live.settled()
    return live


def test_every_record_on_the_topics_is_as_the_contract_says(processed: Deployment) -> None:
    seen: Counter[str] = Counter()
    records = asyncio.run(all_records(processed))
    for one in PUBLIC:
        for record in records[one.topic]:
            if record.value in POISON and one.is_input:
                continue
            seen[holds(one, record)] += 1
            if record.value is not None and one.value is not None:
                assert (record.key or b"").decode().endswith(key_of(one.noun, json.loads(record.value)))
    assert seen["rejected"] == len(POISON)
    expected = {one.noun for one in PUBLIC} | {f"{one.noun}, gone" for one in PUBLIC if one.tombstone}
    assert seen.keys() == expected


def test_the_typed_client_reads_all_that_the_oracle_believes(processed: Deployment) -> None:
    order: dict[type[Struct], Callable[[Any], Any]] = {
        IncidentValue: lambda one: one.incident_id,
        AssessmentValue: lambda one: (one.incident_id, one.agreement),
        TallyValue: lambda one: tuple(getattr(one, name) for name in TallyKey._fields),
    }

    async def values() -> list[Struct]:
        async with Client(processed.settings) as client:
            found = [sorted((await client.current(model)).values(), key=key) for model, key in order.items()]
        return [value for of_model in found for value in of_model]

    lines = [canonical_json(msgspec.to_builtins(one, builtin_types=())) for one in asyncio.run(values())]
    assert len(lines) > 100
    assert digest_of_lines(lines) == oracle_digest(REPORTS)
