"""The laws of the system (design §3), as properties over small worlds of reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohstream.domain.vocabulary import Policy
from cohstream.engine import attach, fuse, settle
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.engine.tally import contribution
from cohstream.publish.digest import digest
from tests.worlds import lines, reports


def after(batches: Sequence[Sequence[bytes]], context: Context) -> Ledger:
    ledger = Ledger()
    for batch in batches:
        apply(ledger, batch, context)
    return ledger


common = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@common
@given(world=st.lists(reports(), max_size=12), data=st.data())
def test_order_duplicates_and_batches_do_not_matter(
    world: list[dict[str, Any]], data: st.DataObject, context: Context
) -> None:
    once = lines(world)
    shuffled = data.draw(
        st.permutations(once + data.draw(st.lists(st.sampled_from(once), max_size=5)) if once else once)
    )
    size = data.draw(st.integers(1, 5))
    cut = [shuffled[at : at + size] for at in range(0, len(shuffled), size)]
    assert digest(after(cut, context)) == digest(after([once], context))


@common
@given(world=st.lists(reports(), max_size=8), extra=reports(), first=st.booleans())
def test_a_retracted_report_was_never_there(
    world: list[dict[str, Any]], extra: dict[str, Any], first: bool, context: Context
) -> None:
    extra = {**extra, "source": "Withdrawn", "revision": 0, "retracts": False}
    retraction = {**extra, "revision": 1, "retracts": True}
    pair = lines([retraction, extra] if first else [extra, retraction])
    with_pair = after([pair[:1], lines(world), pair[1:]], context)
    assert digest(with_pair) == digest(after([lines(world)], context))


@common
@given(world=st.lists(reports(), max_size=12))
def test_members_sum_to_totals(world: list[dict[str, Any]], context: Context) -> None:
    ledger = after([[line] for line in lines(world)], context)
    derived = Counter(
        key
        for incident_id, judgement in ledger.judgements.items()
        for key in contribution(ledger.incidents[incident_id], judgement).keys()  # noqa: SIM118
    )
    assert derived == ledger.tallies()
    per_party = Counter(
        (assessment.incident_id, assessment.agreement, finding.party, finding.policy)
        for assessment in ledger.assessments()
        for finding in assessment.findings
    )
    assert all(count == 1 for count in per_party.values())


@common
@given(world=st.lists(reports(), max_size=12))
def test_every_founding_claim_is_in_exactly_one_incident(world: list[dict[str, Any]], context: Context) -> None:
    ledger = after([lines(world)], context)
    membership = Counter(member for incident in ledger.incidents.values() for member in incident.members)
    assert all(count == 1 for count in membership.values())
    founding = {
        claim.claim_id
        for claim in ledger.claims()
        if claim.kind in ("allegation", "observation") and claim.statement is None
    }
    assert founding <= set(membership)
    assert all(ledger.resolve(member) in ledger.incidents for member in membership)


@common
@given(world=st.lists(reports(), max_size=8))
def test_every_assessment_has_all_six_policies_per_party(world: list[dict[str, Any]], context: Context) -> None:
    ledger = after([lines(world)], context)
    assert {(one.incident_id, one.agreement) for one in ledger.assessments()} == {
        (incident_id, agreement) for incident_id in ledger.incidents for agreement in context.agreements
    }
    for assessment in ledger.assessments():
        by_party: dict[str, set[Policy]] = {}
        for finding in assessment.findings:
            by_party.setdefault(finding.party, set()).add(finding.policy)
        assert by_party
        assert all(policies == set(Policy) for policies in by_party.values())


@common
@given(world=st.lists(reports(), max_size=16), data=st.data())
def test_where_there_are_many_events_order_and_batches_still_do_not_matter(
    world: list[dict[str, Any]], data: st.DataObject, context: Context
) -> None:
    once = lines(world)
    size = data.draw(st.integers(1, 4))
    shuffled = data.draw(st.permutations(once))
    cut = [shuffled[at : at + size] for at in range(0, len(shuffled), size)]
    with pytest.MonkeyPatch.context() as patch:
        for module in (fuse, attach, settle):
            patch.setattr(module, "FEW", 1)
        assert digest(after(cut, context)) == digest(after([once], context))
