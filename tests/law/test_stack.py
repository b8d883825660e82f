"""A text on top of others: prohibitions add up, a draft holds while its parents do, and a gap is a gap of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from cohstream.domain.assessment import Finding, Findings
from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.errors import ConfigError
from cohstream.law import Agreement
from cohstream.law.ruling import REASON_VERDICT
from cohstream.law.stack import Gap, Held, Stack, alone, held_by, with_parents

COH, JIG = "SY-COH-2016-02", "SY-JIG-2016-07"
BOTH = Stack((JIG, COH), timeless=True)
POLICY = Policy.TARGET_BASED


def found(reason: str, party: str = "government") -> Findings:
    return tuple(Finding(party, one, REASON_VERDICT[reason[0]], (reason,), (), (), (), (), ()) for one in Policy)


@pytest.fixture
def held() -> Callable[..., Held]:
    """``held(draft, below)``: what the draft on top of the other text holds, where each found one reason."""

    def judge(draft: str, below: str, stack: Stack = BOTH) -> Held:
        return held_by(stack, {JIG: found(draft), COH: found(below)}, POLICY)

    return judge


def test_the_shipped_draft_presupposes_the_cessation(agreements: Mapping[str, Agreement]) -> None:
    assert with_parents(JIG, agreements) == BOTH
    assert alone(JIG, agreements).names == (JIG,)
    assert with_parents(COH, agreements) == Stack((COH,), timeless=False)


def test_a_text_that_is_not_loaded_is_named(agreements: Mapping[str, Agreement]) -> None:
    with pytest.raises(ConfigError, match=r"SY-NONE.*SY-COH-2016-02"):
        alone("SY-NONE", agreements)
    without = {JIG: agreements[JIG]}
    with pytest.raises(ConfigError, match=f"{COH}.*which {JIG} presupposes"):
        with_parents(JIG, without)


@pytest.mark.parametrize(
    ("draft", "below", "verdict", "decides"),
    [
        ("N-NO-CLAUSE", "V-ATTACK-COVERED", Verdict.VIOLATION, COH),
        ("V-ZONE-FLIGHT", "N-EXCLUDED-TARGET", Verdict.VIOLATION, JIG),
        ("U-CONTROL-UNKNOWN", "C-COVERAGE-AREA", Verdict.CONTESTED, COH),
        ("N-PERMITTED", "V-AIR-COVERED", Verdict.NOT_A_VIOLATION, JIG),
        ("V-ZONE-FLIGHT", "N-OUT-OF-TIME", Verdict.NOT_A_VIOLATION, COH),
    ],
)
def test_what_any_text_forbids_is_forbidden(held, draft: str, below: str, verdict: Verdict, decides: str) -> None:
    one = held(draft, below)
    assert (one.verdict, one.agreement) == (verdict, decides)


@pytest.mark.parametrize(
    ("draft", "below", "gap"),
    [
        ("N-NO-CLAUSE", "N-NO-CLAUSE", Gap.NO_CLAUSE),
        ("N-NO-CLAUSE", "N-NOT-PARTY", Gap.NO_CLAUSE),
        ("N-NO-CLAUSE", "V-ATTACK-COVERED", Gap.NONE),
        ("N-NO-CLAUSE", "N-EXCLUDED-TARGET", Gap.NONE),
        ("N-NO-CLAUSE", "N-OUT-OF-TIME", Gap.NONE),
        ("N-NOT-PARTY", "N-NOT-PARTY", Gap.NOT_BOUND),
        ("N-NOT-PARTY", "N-TARGET-NOT-COVERED", Gap.NONE),
    ],
)
def test_a_gap_is_what_no_text_of_the_stack_speaks_of(held, draft: str, below: str, gap: Gap) -> None:
    assert held(draft, below).gap is gap


def test_alone_a_timeless_text_is_read_as_if_it_always_held(held) -> None:
    assert held("N-NO-CLAUSE", "N-OUT-OF-TIME", Stack((JIG,), timeless=True)).gap is Gap.NO_CLAUSE
