"""Values: what the models say of a record is all that a record says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from cohstream.domain.canonical import canonical_json
from cohstream.engine.batch import Change, apply
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.importers import open_input
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements
from cohstream.publish.digest import assessment_records, incident_records, tally_records
from cohstream.publish.records import change_record, claim_record
from cohstream.publish.values import AssessmentValue, ChangeValue, ClaimValue, IncidentValue, TallyValue
from cohstream.samples import sample_rows
from cohstream.simulate import simulate

SMALL_BATCHES = 50
REAL = ("coh_documented_reports/reports.csv", "airwars_syria/incidents.csv", "centcom_isil_strikes/all.csv")


class Ran(NamedTuple):
    """A run that was cut into small batches, so that incidents come, change and go."""

    ledger: Ledger
    changes: list[Change]


@pytest.fixture(scope="module")
def context() -> Context:
    return Context.of(load_knowledge(), load_agreements())


def run(reports: Iterable[bytes], context: Context) -> Ran:
    ran, lines = Ran(Ledger(), []), list(reports)
    for first in range(0, len(lines), SMALL_BATCHES):
        ran.changes.extend(apply(ran.ledger, lines[first : first + SMALL_BATCHES], context).changes)
    return ran


def written(ran: Ran) -> Iterator[tuple[type[msgspec.Struct], bytes]]:
    """Every record that a run writes, with the model that should describe it."""
    kinds = {
        ClaimValue: map(claim_record, ran.ledger.claims()),
        IncidentValue: incident_records(ran.ledger),
        AssessmentValue: assessment_records(ran.ledger),
        TallyValue: tally_records(ran.ledger),
        ChangeValue: map(change_record, ran.changes),
    }
    for model, records in kinds.items():
        for record in records:
            yield model, canonical_json(record)


def again(model: type[msgspec.Struct], written: bytes) -> bytes:
    """``written`` read and written again: a field that the model lacks, or reads otherwise, would be gone."""
    read = msgspec.json.decode(written, type=model)
    return canonical_json(read if model is ClaimValue else msgspec.to_builtins(read, builtin_types=()))


def reads_all(ran: Ran) -> None:
    seen = set()
    for model, record in written(ran):
        assert again(model, record) == record
        seen.add(model)
    assert len(seen) == 5


def test_the_models_read_all_that_the_sample_writes(context: Context) -> None:
    reads_all(run((row.report for row in sample_rows() if row.report), context))


def test_the_models_read_all_that_simulated_reports_write(context: Context) -> None:
    ran = run(simulate(1_500, seed=11), context)
    reads_all(ran)
    assert {change.change for change in ran.changes} == {"new", "revised", "retracted"}


@pytest.mark.parametrize("name", REAL)
def test_the_models_read_all_that_real_reports_write(real_data: Path, context: Context, name: str) -> None:
    reads_all(run((row.report for row in open_input(real_data / name) if row.report), context))


@pytest.mark.parametrize("model", [IncidentValue, AssessmentValue, TallyValue, ChangeValue, ClaimValue])
def test_a_field_that_a_model_lacks_would_be_seen(context: Context, model: type[msgspec.Struct]) -> None:
    record = next(raw for kind, raw in written(run(simulate(20, seed=1), context)) if kind is model)
    planted = record[:-1] + b',"zone":"a later field"}'
    assert again(model, planted) == record
