"""Records: a claim is read back as it was written, and what records share is written as if it were each one's own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
import pytest

from cohstream.domain.canonical import canonical_json
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements
from cohstream.publish import values
from cohstream.publish.disclosure import public_incident
from cohstream.publish.records import assessment_of, change_record, claim_of, claim_record, tally_record
from cohstream.simulate import simulate


@pytest.fixture(scope="module")
def context() -> Context:
    return Context.of(load_knowledge(), load_agreements())


@pytest.fixture(scope="module")
def ledger(context: Context) -> Ledger:
    ledger = Ledger()
    apply(ledger, simulate(400, seed=5), context)
    return ledger


def structs() -> Iterator[type[msgspec.Struct]]:
    for one in vars(values).values():
        if isinstance(one, type) and issubclass(one, msgspec.Struct) and one.__module__ == values.__name__:
            yield one


def test_a_claim_is_read_back_as_it_was_written(ledger: Ledger) -> None:
    for claim in ledger.claims():
        assert claim_of(canonical_json(claim_record(claim))) == claim


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"area": 1}', b"\xff"])
def test_what_is_no_claim_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (of any wording)
        claim_of(body)


def test_structs_are_written_as_canonical_json(ledger: Ledger) -> None:
    for claim in ledger.claims():
        record = claim_record(claim)
        assert canonical_json(record) == canonical_json(msgspec.to_builtins(record, builtin_types=()))


@pytest.mark.parametrize("struct", list(structs()), ids=lambda one: one.__name__)
def test_structs_declare_their_fields_in_order(struct: type[msgspec.Struct]) -> None:
    always = [one.name for one in msgspec.structs.fields(struct) if one.required]  # what is left out breaks no order
    assert always == sorted(always)


def test_shared_findings_are_written_out_in_each_assessment(ledger: Ledger) -> None:
    for one in ledger.assessments():
        written = json.loads(canonical_json(assessment_of(one.incident_id, one.agreement, one.findings)))
        assert written == {
            "incident_id": one.incident_id,
            "agreement": one.agreement,
            "findings": json.loads(canonical_json([finding._asdict() for finding in one.findings])),
        }


def test_a_change_tells_verdicts_by_party_and_policy(context: Context) -> None:
    for change in apply(Ledger(), simulate(50, seed=6), context).changes:
        written = json.loads(canonical_json(change_record(change)))
        assert written["before"] is None
        assert written["after"] == {
            party: {one.policy: one.verdict for one in change.after or () if one.party == party}
            for party in {one.party for one in change.after or ()}
        }


def test_records_name_their_fields_in_order(ledger: Ledger) -> None:
    """Not needed for what is written, but canonical JSON of such a record takes half the time."""
    incident = public_incident(next(iter(ledger.incidents.values())))
    tally = tally_record(*next(iter(ledger.tallies().items())))
    for record in (incident, incident["place"], incident["attribution"], tally):
        assert list(record) == sorted(record)
