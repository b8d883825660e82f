"""The files of schemas/: made from the models, sound by the official tools, true of what is read and written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

from cohstream.domain.canonical import canonical_json
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.intake import read_report
from cohstream.engine.ledger import Ledger
from cohstream.errors import ReportError
from cohstream.importers import open_input
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements
from cohstream.live.contract import PUBLIC
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import CHANGELOG, FOR_EVER, RULESET, SETTINGS, WATERMARKS, declared
from cohstream.publish.digest import assessment_records, incident_records, tally_records
from cohstream.publish.records import change_record, claim_record
from cohstream.samples import sample_rows
from cohstream.simulate import simulate
from tools.schemas.documents import documents, schemas
from tools.schemas.examples import examples
from tools.schemas.json_schema import Schema, closed
from tools.schemas.parser import ParserUnavailableError, faults_of

FOLDER = Path("schemas")
SCHEMAS = schemas()
ASYNCAPI: dict[str, Any] = yaml.safe_load((FOLDER / "asyncapi.yaml").read_text("utf-8"))


@pytest.mark.parametrize("name", documents())
def test_the_file_is_as_the_models_make_it(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == documents()[name], "run `make schemas`"


def test_there_is_no_other_file() -> None:
    assert {one.name for one in FOLDER.iterdir() if one.is_file()} == documents().keys()


@pytest.mark.parametrize("name", SCHEMAS)
def test_it_is_a_sound_schema_and_its_examples_hold(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["examples"]
    for example in schema["examples"]:
        Draft202012Validator(closed(schema)).validate(example)


def objects(schema: Any, where: str = "") -> Iterator[tuple[str, Schema]]:
    if isinstance(schema, dict):
        if "properties" in schema and "type" in schema:
            yield where, schema
        for key, one in schema.items():
            yield from objects(one, f"{where}/{key}")


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_object_and_field_has_a_description(name: str) -> None:
    silent = [
        f"{where}.{field}"
        for where, one in objects(SCHEMAS[name])
        for field, described in one["properties"].items()
        if not described.get("description")
    ]
    assert silent == []


def validator(name: str) -> Draft202012Validator:
    """Of what we write ourselves: a field that the schema lacks is a fault."""
    return Draft202012Validator(closed(SCHEMAS[name]), format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_what_runs_write_is_as_the_schemas_say() -> None:
    context, ledger = Context.of(load_knowledge(), load_agreements()), Ledger()
    lines = [*(row.report for row in sample_rows() if row.report), *simulate(200, seed=3)]
    changes = [change for first in (0, 300) for change in apply(ledger, lines[first : first + 300], context).changes]
    records = {
        "claim": map(claim_record, ledger.claims()),
        "incident": incident_records(ledger),
        "assessment": assessment_records(ledger),
        "tally": tally_records(ledger),
        "change": map(change_record, changes),
    }
    for name, found in records.items():
        holds = validator(name)
        for record in found:
            holds.validate(json.loads(canonical_json(record)))


def test_the_schema_accepts_every_report_that_is_read(real_data: Path) -> None:
    holds = Draft202012Validator(SCHEMAS["report"])
    real = (row.report for row in open_input(real_data / "coh_documented_reports/reports.csv") if row.report)
    for raw in [*real, *simulate(300, seed=4)]:
        read_report(raw)
        holds.validate(json.loads(raw))


GOOD = examples()["reports"].value


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "rumour"},
        {"conduct": "juggling"},
        {"conduct": None, "statement": None, "retracts": False, "kind": 3},
        {"revision": -1},
        {"source": ""},
        {"place": {"lat": 91.0, "lon": 0.0}},
        {"occurred": {}},
        {"harm": {"killed": {"min": -1}}},
    ],
    ids=str,
)
def test_the_schema_refuses_what_is_not_read(fault: dict[str, Any]) -> None:
    report = {**GOOD, **fault}
    with pytest.raises(ReportError):
        read_report(json.dumps(report).encode())
    assert not Draft202012Validator(SCHEMAS["report"]).is_valid(report)


def test_a_report_without_anything_to_say_is_refused() -> None:
    report = {key: one for key, one in GOOD.items() if key != "conduct"}
    with pytest.raises(ReportError):
        read_report(json.dumps(report).encode())
    assert not Draft202012Validator(SCHEMAS["report"]).is_valid(report)
    assert Draft202012Validator(SCHEMAS["report"]).is_valid({**report, "retracts": True})


def test_all_public_topics_are_in_the_contract_and_no_other() -> None:
    assert {one.topic for one in PUBLIC} == SETTINGS.keys()
    assert ASYNCAPI["channels"].keys() == SETTINGS.keys()
    assert {RULESET, WATERMARKS}.isdisjoint(ASYNCAPI["channels"])


@pytest.mark.parametrize("topic", SETTINGS)
def test_a_channel_says_how_the_topic_is_kept(topic: str) -> None:
    kafka = ASYNCAPI["channels"][topic]["bindings"]["kafka"]
    (kept,) = [one for one in declared(LiveSettings.model_construct()) if one.name == kafka["topic"]]
    said = {name: one[0] if isinstance(one, list) else str(one) for name, one in kafka["topicConfiguration"].items()}
    assert said == kept.config
    assert said["cleanup.policy"] in (FOR_EVER["cleanup.policy"], CHANGELOG["cleanup.policy"])
    assert (kafka["partitions"], kafka["replicas"]) == (kept.partitions, kept.replication)


def messages() -> list[tuple[str, Schema]]:
    return [
        (f"{topic}/{name}", message)
        for topic, channel in ASYNCAPI["channels"].items()
        for name, message in channel["messages"].items()
    ]


@pytest.mark.parametrize(("name", "message"), messages(), ids=lambda one: one if isinstance(one, str) else "")
def test_the_examples_of_a_message_hold_by_its_schemas(name: str, message: Schema) -> None:
    assert message["examples"]
    for example in message["examples"]:
        for part in {"payload", "headers"} & message.keys():
            schema = {**message[part], "components": ASYNCAPI["components"]}
            Draft7Validator.check_schema(schema)
            Draft7Validator(schema).validate(example[part])


@pytest.fixture(scope="module")
def parser() -> None:
    try:
        faults_of(FOLDER / "asyncapi.yaml")
    except ParserUnavailableError as error:
        pytest.skip(str(error))


@pytest.mark.node
@pytest.mark.usefixtures("parser")
def test_the_official_parser_finds_no_fault() -> None:
    assert faults_of(FOLDER / "asyncapi.yaml") == []


@pytest.mark.node
@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("written", "planted", "told"),
    [
        ("action: receive", "action: take", "action"),
        ("partitions: 4", "partitions: four", "partitions"),
        ("'#/channels/tallies'", "'#/channels/tallys'", "channels/tallys"),
        ("title: cohstream", "name: cohstream", "title"),
        ("$ref: '#/components/schemas/tally'", "type: counts", "payload"),
    ],
)
def test_the_official_parser_refuses_a_planted_fault(tmp_path: Path, written: str, planted: str, told: str) -> None:
    text = (FOLDER / "asyncapi.yaml").read_text("utf-8")
    assert written in text
    document = tmp_path / "asyncapi.yaml"
    document.write_text(text.replace(written, planted), "utf-8")
    assert any(told in fault for fault in faults_of(document))
