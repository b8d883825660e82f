"""What a follower is told of the records that it hears."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from aiokafka.structs import ConsumerRecord

from cohstream.client import AssessmentValue, ChangeValue, ClaimValue, TallyValue, Unreadable, Update
from cohstream.client.filters import wanted
from cohstream.client.memory import CHANGES_REMEMBERED, LogMemory, StateMemory
from cohstream.domain.canonical import canonical_json
from cohstream.domain.tally import TallyKey
from cohstream.domain.vocabulary import Policy, Verdict, Verification
from cohstream.errors import ConfigError
from cohstream.publish.records import tally_record
from tools.schemas.examples import examples

KEY = TallyKey(
    "SY-COH-2016-02",
    "government",
    Verdict.VIOLATION,
    Policy.TARGET_BASED,
    "shelling",
    "indirect_fire.mortar",
    Verification.ALLEGED,
    "SY0309",
    "2016-03-01",
)
_offsets = count()


def record(key: bytes | None, value: bytes | None, **headers: str) -> ConsumerRecord:
    told = tuple((name.replace("__", "."), text.encode()) for name, text in headers.items())
    return ConsumerRecord("cohstream.tallies.v1", 0, next(_offsets), 0, 0, key, value, None, 0, 0, told)


def tally(number: int | None, revision: str, key: TallyKey = KEY) -> ConsumerRecord:
    body = None if number is None else canonical_json(tally_record(key, number))
    return record("|".join(key).encode(), body, cohstream__revision=revision)


def memory(**fields: object) -> StateMemory[TallyValue]:
    return StateMemory(TallyValue, wanted(TallyValue, None, fields))


def counts(items: Iterator[Update[TallyValue] | Unreadable]) -> list[int | None]:
    return [one.value.count if isinstance(one, Update) and one.value else None for one in items]


def heard(memory: StateMemory[TallyValue], *records: ConsumerRecord) -> list[tuple[int | None, int | None]]:
    """Count now and before, of each update that was told."""
    updates = [one for one in map(memory.hear, records) if isinstance(one, Update)]
    return [(one.value and one.value.count, one.previous and one.previous.count) for one in updates]


def test_a_count_comes_rises_falls_and_goes() -> None:
    told = heard(memory(), tally(1, "1"), tally(3, "2"), tally(2, "3"), tally(0, "4"), tally(None, "4"))
    assert told == [(1, None), (3, 1), (2, 3), (0, 2), (None, 0)]


def test_a_record_of_a_lower_revision_is_passed_over() -> None:
    assert heard(memory(), tally(5, "2"), tally(9, "1"), tally(None, "1"), tally(6, "3")) == [(5, None), (6, 5)]


def test_a_lower_revision_does_not_bring_back_what_is_gone() -> None:
    assert heard(memory(), tally(5, "2"), tally(None, "3"), tally(5, "2")) == [(5, None), (None, 5)]


def test_of_equal_revisions_the_later_record_holds() -> None:
    assert heard(memory(), tally(0, "2"), tally(None, "2"), tally(4, "2")) == [(0, None), (None, 0), (4, None)]


def test_the_same_news_with_a_greater_revision_is_told_once() -> None:
    assert heard(memory(), tally(5, "1"), tally(5, "2"), tally(4, "1"), tally(7, "2")) == [(5, None), (7, 5)]


def test_what_never_was_there_is_not_told_to_be_gone() -> None:
    assert heard(memory(), tally(None, "1")) == []


def test_of_a_key_that_may_have_been_told_before_it_is_told() -> None:
    told = memory().hear(tally(None, "1"), unsure=True)
    assert isinstance(told, Update)
    assert (told.value, told.previous) == (None, None)


def test_the_state_has_each_key_once() -> None:
    one, other = memory(), KEY._replace(party="opposition")
    heard(one, tally(1, "1"), tally(2, "1", other), tally(4, "2"), tally(None, "3", other))
    assert counts(one.state()) == [4]
    assert len(one) == 1


def test_a_value_that_matches_no_longer_is_told_to_be_gone() -> None:
    of_value = StateMemory(TallyValue, wanted(TallyValue, lambda value: value.count > 2, {}))
    assert heard(of_value, tally(1, "1"), tally(3, "2"), tally(2, "3"), tally(2, "4")) == [(3, None), (None, 3)]


@pytest.mark.parametrize(
    ("chosen", "matches"),
    [
        ({"party": "government"}, True),
        ({"party": "opposition"}, False),
        ({"party": ["opposition", "government"]}, True),
        ({"party": ["government"], "verdict": "CONTESTED"}, False),
        ({"verdict": Verdict.VIOLATION, "area": {"SY0309"}}, True),
        ({"count": 1}, True),
    ],
)
def test_fields_choose(chosen: dict[str, object], matches: bool) -> None:
    assert bool(heard(memory(**chosen), tally(1, "1"))) is matches


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"partie": "government"}, "TallyValue has no field 'partie'; filter by: agreement, area"),
        ({"verdict": "VIOLATON"}, "the field 'verdict' of TallyValue is never 'VIOLATON'"),
        ({"count": "three"}, "the field 'count' of TallyValue is never 'three'"),
        ({"policy": ["target_based", "tarot"]}, "the field 'policy' of TallyValue is never"),
    ],
)
def test_a_choice_that_nothing_can_match_is_refused(chosen: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        wanted(TallyValue, None, chosen)


@pytest.mark.parametrize("value", [b"{", b"[]", b'{"agreement":"A"}', b"\xff", b"3"])
def test_a_value_that_is_none_is_an_item_of_its_own(value: bytes) -> None:
    one = memory()
    heard(one, tally(5, "1"))
    item = one.hear(record("|".join(KEY).encode(), value, cohstream__revision="2"))
    assert isinstance(item, Unreadable)
    assert item.raw == value
    assert "of partition 0 of cohstream.tallies.v1 cannot be read" in str(item.error)
    assert [type(each) for each in one.state()] == [Update, Unreadable]
    assert heard(one, tally(6, "3")) == [(6, 5)]
    assert [type(each) for each in one.state()] == [Update]


@pytest.mark.parametrize("key", [None, b"\xff"])
def test_a_record_without_a_key_is_unreadable(key: bytes | None) -> None:
    assert isinstance(memory().hear(record(key, b"{}")), Unreadable)


def test_a_later_field_is_passed_over() -> None:
    plain = tally(5, "1")
    assert plain.value is not None
    assert heard(memory(), record(plain.key, plain.value[:-1] + b',"zone":7}', cohstream__revision="1")) == [(5, None)]


def test_claims_of_one_area_are_told_apart_by_their_header() -> None:
    shown = examples()["claims"]
    one = StateMemory(ClaimValue, wanted(ClaimValue, None, {}))

    def claim(claim_id: str, order: str, value: object) -> ConsumerRecord:
        headers = {"cohstream__order": order, "cohstream__claim-id": claim_id}
        return record(b"SY0309", canonical_json(value) if value else None, **headers)

    for each in (
        claim("a", "2", shown.value),
        claim("b", "1", shown.value),
        claim("a", "1", None),
        claim("b", "2", None),
    ):
        one.hear(each)
    assert [item.key for item in one.state()] == ["SY0309/a"]
    assert isinstance(one.hear(record(b"SY0309", None)), Unreadable)


def test_a_change_is_told_once() -> None:
    shown = examples()["changes"]
    one = LogMemory(ChangeValue, wanted(ChangeValue, None, {"change": "new"}))
    body = canonical_json(shown.value)
    told = [one.hear(record(b"incident", body, ce_id=name)) for name in ("x", "y", "x")]
    assert [isinstance(item, Update) for item in told] == [True, True, False]
    assert list(one.state()) == []


def test_ids_of_changes_are_remembered_within_bounds() -> None:
    one = LogMemory(ChangeValue, wanted(ChangeValue, None, {"change": "retracted"}))
    body = canonical_json(examples()["changes"].value)
    for number in range(CHANGES_REMEMBERED + 10):
        one.hear(record(b"incident", body, ce_id=str(number)))
    assert len(one._known[0]) == CHANGES_REMEMBERED


def test_an_assessment_can_be_chosen_by_what_is_found() -> None:
    shown = examples()["assessments"]
    party = shown.value["findings"][0]["party"]
    for name, told in ((party, True), ("nobody", False)):
        one = StateMemory(
            AssessmentValue,
            wanted(AssessmentValue, lambda value, name=name: any(f.party == name for f in value.findings), {}),
        )
        assert (one.hear(record(b"k", canonical_json(shown.value))) is not None) is told
