"""Ranges: from violations alone to those that are contested or undetermined too, under each policy."""

from __future__ import annotations

from cohstream.domain.tally import TallyKey
from cohstream.domain.vocabulary import Policy, Verdict, Verification
from cohstream.law import load_agreements
from cohstream.publish.ranges import Range, over_all, range_records, ranges_of

COH = "SY-COH-2016-02"
LAW = {COH: load_agreements()[COH]}


def key(party: str, verdict: Verdict, policy: Policy, agreement: str = COH) -> TallyKey:
    return TallyKey(
        agreement, party, verdict, policy, "shelling", "indirect_fire", Verification.ALLEGED, "SY0301", "2016-02-27"
    )


def test_contested_and_undetermined_lie_between_least_and_greatest() -> None:
    tallies = {
        key("government", Verdict.VIOLATION, Policy.DOMINANCE): 4,
        key("government", Verdict.CONTESTED, Policy.DOMINANCE): 2,
        key("government", Verdict.UNDETERMINED, Policy.DOMINANCE): 1,
        key("government", Verdict.NOT_A_VIOLATION, Policy.DOMINANCE): 8,
        key("government", Verdict.NOT_ASSESSED, Policy.DOMINANCE): 16,
        key("government", Verdict.VIOLATION, Policy.PRECAUTION): 9,
        key("government", Verdict.VIOLATION, Policy.PRECAUTION, agreement="SY-OTHER"): 32,
    }
    government = ranges_of(tallies, LAW)[COH]["government"]
    assert government[Policy.DOMINANCE] == Range(4, 7)
    assert government[Policy.PRECAUTION] == Range(9, 9)
    assert government[Policy.TARGET_BASED] == Range(0, 0)
    assert over_all(government.values()) == Range(0, 9)


def test_declared_parties_are_there_with_zeros_and_before_the_others() -> None:
    tallies = {key("non_party", Verdict.NOT_A_VIOLATION, Policy.DOMINANCE): 1}
    parties = list(ranges_of(tallies, LAW)[COH])
    assert parties == [*LAW[COH].parties, "non_party"]


def test_there_is_one_record_for_each_party_and_policy() -> None:
    tallies = {key("government", Verdict.CONTESTED, Policy.DOMINANCE): 3}
    records = list(range_records(ranges_of(tallies, LAW)))
    assert len(records) == len(LAW[COH].parties) * len(Policy)
    assert {"agreement": COH, "party": "government", "policy": "dominance", "min": 0, "max": 3} in records
