"""Who fired first: an incident that is called self-defence looks at those before it, on both sides of every border."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from cohstream.domain.vocabulary import FirstShot, Verdict
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.evidence import incident_meant
from cohstream.engine.ledger import NOTHING_CLAIMED, Ledger
from cohstream.engine.seal import seal
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements, read_agreement
from cohstream.law.loader import law_texts
from cohstream.publish.digest import digest
from tests.worlds import lines

COH = "SY-COH-2016-02"
FIRST: dict[str, Any] = {
    "source": "SOHR",
    "report_id": "first",
    "kind": "allegation",
    "published_at": "2016-03-12T09:00:00+02:00",
    "occurred": {"start": "2016-03-10T08:00:00+02:00", "precision": "exact"},
    "place": {"text": "Talbiseh"},
    "conduct": "shelling",
    "weapon": {"class": "indirect_fire.mortar"},
    "perpetrator": {"candidates": ["opp.ji"], "certainty": "stated"},
    "target": {"class": "covered_party_force", "candidates": ["gov.saa"]},
}
ANSWER: dict[str, Any] = {
    **FIRST,
    "source": "SNHR",
    "report_id": "answer",
    "occurred": {"start": "2016-03-10T10:00:00+02:00", "precision": "exact"},
    "perpetrator": {"candidates": ["gov.saa"], "certainty": "stated"},
    "target": {"class": "covered_party_force", "candidates": ["opp.ji"]},
    "excluded_presence": "none",
    "circumstances": ["return_fire"],
}


def at(start: str, end: str | None = None, precision: str = "exact") -> dict[str, Any]:
    """When something occurred, in March 2016 at Damascus: ``at("10T08:00")``."""
    occurred = {"start": f"2016-03-{start}:00+02:00", "precision": precision}
    return {"occurred": occurred if end is None else {**occurred, "end": f"2016-03-{end}:00+02:00"}}


def point(km_north: float, radius_km: float = 0.5) -> dict[str, Any]:
    """A place so far north of a point near Talbiseh."""
    return {"place": {"lat": 34.84 + km_north / 111.195, "lon": 36.73, "radius_km": radius_km}}


@pytest.fixture
def word(context: Context) -> Callable[..., FirstShot]:
    """``word(first={...}, answer={...})``: what the answer finds when both differ from the plain ones by this."""

    def look(first: dict[str, Any] | None = None, answer: dict[str, Any] | None = None) -> FirstShot:
        ledger = Ledger()
        apply(ledger, lines([{**FIRST, **(first or {})}, {**ANSWER, **(answer or {})}]), context)
        ((found, _),) = ledger.evidence.values()
        return next(one.word for one in found if one.agreement == COH)

    return look


def test_an_attack_on_the_same_side_and_spot_two_hours_before_is_the_first_shot(word) -> None:
    assert word() is FirstShot.FOUND


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (at("09T10:00"), FirstShot.FOUND),
        (at("09T09:59"), FirstShot.NOT_FOUND),
        (at("09T09:00", "09T11:00", "hour"), FirstShot.CONTESTED),
        (at("10T09:59"), FirstShot.FOUND),
        (at("10T10:00"), FirstShot.CONTESTED),
        (at("10T10:01"), FirstShot.NOT_FOUND),
        (at("10T09:00", "10T10:00", "hour"), FirstShot.FOUND),
        (at("10T09:00", "10T10:01", "hour"), FirstShot.CONTESTED),
        (at("10T00:00", "11T00:00", "day"), FirstShot.CONTESTED),
        (at("09T00:00", "10T00:00", "day"), FirstShot.CONTESTED),
        (at("08T00:00", "09T00:00", "day"), FirstShot.NOT_FOUND),
        (at("09T12:00", "10T09:00", "range"), FirstShot.NOT_FOUND),
    ],
)
def test_it_came_before_and_no_more_than_a_day(first: dict[str, Any], expected: FirstShot, word) -> None:
    assert word(first) is expected


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (point(8.9), FirstShot.FOUND),
        (point(9.5), FirstShot.CONTESTED),
        (point(10.5), FirstShot.CONTESTED),
        (point(11.5), FirstShot.NOT_FOUND),
        (point(0.0, radius_km=30.0), FirstShot.NOT_FOUND),
        ({"place": {"text": "Homs province"}}, FirstShot.NOT_FOUND),
    ],
)
def test_it_was_in_the_same_sector(first: dict[str, Any], expected: FirstShot, word) -> None:
    assert word(first, point(0.0)) is expected


def test_two_reports_of_one_place_that_nobody_can_find_are_of_one_sector(word) -> None:
    nowhere, elsewhere = {"place": {"text": "Qxyzzy"}}, {"place": {"text": "Wfgbbq"}}
    assert word(nowhere, nowhere) is FirstShot.FOUND
    assert word(elsewhere, nowhere) is FirstShot.NOT_FOUND


@pytest.mark.parametrize(
    ("first", "answer", "expected"),
    [
        ({"perpetrator": {"candidates": ["opp.rahman"]}}, {}, FirstShot.FOUND),
        ({"perpetrator": {"candidates": ["exc.nusra"]}}, {}, FirstShot.NOT_FOUND),
        ({"perpetrator": {"candidates": ["kur.ypg"]}}, {}, FirstShot.NOT_FOUND),
        ({"perpetrator": {"candidates": ["kur.ypg", "opp.ji"]}}, {}, FirstShot.CONTESTED),
        ({"perpetrator": {}}, {}, FirstShot.CONTESTED),
        ({"target": {"class": "covered_party_force", "candidates": ["kur.ypg"]}}, {}, FirstShot.NOT_FOUND),
        ({"target": {"class": "covered_party_force"}}, {}, FirstShot.CONTESTED),
        ({"target": {"class": "residential"}}, {}, FirstShot.CONTESTED),
        ({"conduct": "obstruct_monitor"}, {}, FirstShot.NOT_FOUND),
        ({}, {"target": {"class": "covered_party_force"}}, FirstShot.CONTESTED),
        ({}, {"target": {"class": "market"}}, FirstShot.NOT_FOUND),
        ({}, {"target": {"class": "market", "candidates": ["opp.ji"]}}, FirstShot.NOT_FOUND),
        ({}, {"perpetrator": {"candidates": ["ext.russia"]}}, FirstShot.NOT_FOUND),
        ({}, {"perpetrator": {"candidates": ["ext.russia", "gov.saa"]}}, FirstShot.CONTESTED),
        ({}, {"perpetrator": {"candidates": ["ext.russia", "gov.saa"], "joint": True}}, FirstShot.FOUND),
    ],
)
def test_those_who_were_hit_had_fired_on_those_who_answer(
    first: dict[str, Any], answer: dict[str, Any], expected: FirstShot, word
) -> None:
    assert word(first, answer) is expected


@pytest.mark.parametrize(
    ("first", "answer", "expected"),
    [
        ("direct_fire.small_arms", "direct_fire.small_arms", FirstShot.FOUND),
        ("direct_fire.small_arms", "direct_fire.tank", FirstShot.DISPROPORTIONATE),
        ("direct_fire.tank", "direct_fire.small_arms", FirstShot.FOUND),
        ("direct_fire.tank", "indirect_fire.mortar", FirstShot.DISPROPORTIONATE),
        ("indirect_fire.mortar.120mm", "indirect_fire.mortar.240mm", FirstShot.FOUND),
        ("indirect_fire.mortar", "indirect_fire.artillery", FirstShot.DISPROPORTIONATE),
        ("indirect_fire.mlrs", "indirect_fire.artillery", FirstShot.FOUND),
        ("indirect_fire.artillery", "air_delivered.barrel_bomb", FirstShot.DISPROPORTIONATE),
        ("air_delivered", "chemical", FirstShot.DISPROPORTIONATE),
        ("indirect_fire", "indirect_fire", FirstShot.FOUND),
        ("indirect_fire", "indirect_fire.artillery", FirstShot.CONTESTED),
        ("undetermined_weapon", "indirect_fire.mortar", FirstShot.FOUND),
        ("undetermined_weapon", "indirect_fire.artillery", FirstShot.CONTESTED),
        ("undetermined_weapon", "air_delivered", FirstShot.DISPROPORTIONATE),
    ],
)
def test_the_weapon_of_the_answer_is_no_heavier(first: str, answer: str, expected: FirstShot, word) -> None:
    assert word({"weapon": {"class": first}}, {"weapon": {"class": answer}}) is expected


@pytest.mark.parametrize(
    ("first", "answer", "expected"),
    [
        ({"min": 3, "max": 3}, {"min": 30, "max": 30}, FirstShot.FOUND),
        ({"min": 3, "max": 3}, {"min": 31, "max": 31}, FirstShot.DISPROPORTIONATE),
        ({"min": 0, "max": 0}, {"min": 11, "max": None}, FirstShot.DISPROPORTIONATE),
        ({"min": 3, "max": None}, {"min": 31, "max": 31}, FirstShot.FOUND),
        (None, {"min": 31, "max": 31}, FirstShot.FOUND),
    ],
)
@pytest.mark.parametrize("counted", ["munitions", "killed"])
def test_the_scale_of_the_answer_is_of_one_order(counted, first, answer, expected: FirstShot, word) -> None:
    def told(count: Any) -> dict[str, Any]:
        if counted == "killed":
            return {"harm": {"killed": count}}
        return {"weapon": {"class": "indirect_fire.mortar", "count": count}}

    assert word(told(first), told(answer)) is expected


def test_a_first_shot_whose_culprit_denies_it_is_contested_and_one_that_is_owned_is_not(context: Context) -> None:
    denial = {**FIRST, "source": "Jaysh al-Islam", "report_id": "denial", "kind": "denial"}
    for kind, expected in (("denial", FirstShot.CONTESTED), ("admission", FirstShot.FOUND)):
        ledger = Ledger()
        apply(ledger, lines([FIRST, ANSWER, {**denial, "kind": kind}]), context)
        ((found, _),) = ledger.evidence.values()
        assert {one.word for one in found} == {expected}


def test_a_first_shot_that_everyone_discounts_is_none(word) -> None:
    assert word({"verification": "discounted"}) is FirstShot.NOT_FOUND


def test_a_sure_attack_that_was_too_small_gives_way_to_a_doubtful_one_that_was_not(context: Context) -> None:
    rifles = {**FIRST, "report_id": "rifles", "weapon": {"class": "direct_fire.small_arms"}}
    doubtful = {**FIRST, "report_id": "doubtful", **at("10T00:00", "11T00:00", "day")}
    ledger = Ledger()
    apply(ledger, lines([rifles, doubtful, ANSWER]), context)
    ((found, _),) = ledger.evidence.values()
    shown = {ledger.incidents[one].start.hour for one in found[0].incidents}
    assert (found[0].word, shown) == (FirstShot.CONTESTED, {22})


def test_without_a_claim_nobody_looks(context: Context) -> None:
    ledger = Ledger()
    apply(ledger, lines([FIRST, {**ANSWER, "circumstances": ["mistake_admitted"]}]), context)
    assert (ledger.evidence, ledger.claimants) == ({}, {})


def test_a_first_shot_in_another_area_is_not_looked_at(word) -> None:
    """Less than two kilometres, and a border of governorates between them: the price of partitions."""
    homs, also_homs, hama = [{"place": {"lat": lat, "lon": 36.73, "radius_km": 0.5}} for lat in (34.97, 34.955, 34.985)]
    assert word(also_homs, homs) is FirstShot.FOUND
    assert word(hama, homs) is FirstShot.NOT_FOUND


def verdicts(ledger: Ledger, report: dict[str, Any], agreement: str = COH) -> set[tuple[Verdict, tuple[str, ...]]]:
    """What an agreement says of the incident of ``report``, under all policies."""
    incident_id = incident_meant(ledger, f"{report['source']}/{report['report_id']}")
    return {(one.verdict, one.reasons) for one in ledger.findings(incident_id, agreement) or ()}


ACQUITTED = {(Verdict.NOT_A_VIOLATION, ("N-SELF-DEFENCE-PROPORTIONATE",))}
OPEN = {(Verdict.UNDETERMINED, ("U-WHO-FIRED-FIRST",))}


def test_the_first_shot_comes_and_goes_and_its_dependant_is_judged_again(context: Context) -> None:
    ledger = Ledger()
    apply(ledger, lines([ANSWER]), context)
    assert verdicts(ledger, ANSWER) == OPEN
    came = apply(ledger, lines([FIRST]), context)
    assert verdicts(ledger, ANSWER) == ACQUITTED
    assert verdicts(ledger, FIRST) == {(Verdict.VIOLATION, ("V-ATTACK-COVERED",))}
    (told,) = [one for one in came.changes if one.change == "revised"]
    assert (told.agreement, told.cause) == (COH, (incident_meant(ledger, "SOHR/first"),))
    gone = apply(ledger, lines([{**FIRST, "revision": 1, "retracts": True}]), context)
    assert verdicts(ledger, ANSWER) == OPEN
    assert sorted(one.change for one in gone.changes) == ["retracted", "revised"]


@pytest.fixture
def reaching() -> Callable[[str], Context]:
    """``reaching("{within: P6D}")``: the cessation, and beside it the same with another reach of self-defence."""

    def make(keys: str) -> Context:
        (text,) = [text for name, text in law_texts((), [], cases=False) if name == f"{COH}.yaml"]
        text = text.replace(f"agreement: {COH}", "agreement: XX-OTHER")
        text = text.replace("\nclauses:", f"\nself_defence: {{{keys}, source: made up}}\nclauses:")
        other = read_agreement(text, "other.yaml")
        return Context.of(load_knowledge(), {COH: load_agreements()[COH], "XX-OTHER": other})

    return make


@pytest.mark.parametrize(
    ("keys", "first", "expected"),
    [
        ("within: PT1H", {}, [FirstShot.FOUND, FirstShot.NOT_FOUND]),
        ("radius_km: 0.5", point(3.0), [FirstShot.FOUND, FirstShot.NOT_FOUND]),
        ("within: P6D", at("05T08:00"), [FirstShot.NOT_FOUND, FirstShot.FOUND]),
    ],
)
def test_each_agreement_looks_as_far_as_its_own_text_says(keys, first, expected, reaching) -> None:
    ledger = Ledger()
    apply(ledger, lines([{**FIRST, **point(0.0), **first}, {**ANSWER, **point(0.0)}]), reaching(keys))
    ((found, _),) = ledger.evidence.values()
    assert [one.word for one in found] == expected


@pytest.mark.parametrize(("sealed", "expected"), [("2016-03-15", FirstShot.FOUND), ("2016-03-25", FirstShot.NOT_FOUND)])
def test_sealing_keeps_what_an_answer_to_come_may_look_back_at(sealed, expected, reaching) -> None:
    """The later day is a false promise, so that it is seen that something is let go."""
    context = reaching("within: P6D")
    ledger = Ledger()
    apply(ledger, lines([FIRST]), context)
    seal(ledger, sealed, context)
    apply(ledger, lines([{**ANSWER, **at("15T23:00")}]), context)
    ((found, _),) = ledger.evidence.values()
    assert found[1].word is expected


def test_sealing_lets_go_of_claimants_with_their_days(context: Context) -> None:
    ledger = Ledger()
    apply(ledger, lines([FIRST, ANSWER]), context)
    seal(ledger, "2016-03-15", context)
    assert ledger.evidence
    seal(ledger, "2016-03-16", context)
    assert (ledger.incidents, ledger.evidence, ledger.claimants) == ({}, {}, {})


@st.composite
def shots(draw: st.DrawFn) -> dict[str, Any]:
    """A report of one side's fire on the other, which may be called an answer; much of it meets."""
    side = draw(st.sampled_from([("gov.saa", "opp.ji"), ("opp.ji", "gov.saa"), ("exc.nusra", "gov.saa")]))
    return {
        "source": draw(st.sampled_from(["SNHR", "SOHR", "SANA"])),
        "report_id": draw(st.sampled_from("abcd")),
        "revision": draw(st.integers(0, 2)),
        "kind": draw(st.sampled_from(["allegation", "allegation", "allegation", "observation", "denial"])),
        "published_at": "2016-03-12T09:00:00Z",
        **draw(
            st.sampled_from(
                [
                    at("09T09:00"),
                    at("09T23:30"),
                    at("10T08:00"),
                    at("10T10:00"),
                    at("10T00:00", "11T00:00", "day"),
                    at("09T22:00", "10T02:00", "range"),
                ]
            )
        ),
        "place": draw(st.sampled_from([{"text": "Talbiseh"}, {"text": "Rastan"}, {"text": "Homs province"}])),
        "conduct": draw(st.sampled_from(["shelling", "shelling", "direct_fire", "territorial_gain"])),
        "weapon": {"class": draw(st.sampled_from(["indirect_fire.mortar", "direct_fire.small_arms", None]))},
        "perpetrator": {"candidates": [side[0]], "certainty": "stated"},
        "target": {"class": "covered_party_force", "candidates": [side[1]]},
        "circumstances": draw(st.sampled_from([[], [], ["self_defence"], ["return_fire"], ["agreed_strike"]])),
        "retracts": draw(st.sampled_from([False, False, False, False, True])),
        **draw(st.sampled_from([{}, {}, {}, {"kind": "statement", "statement": "notification"}])),
    }


common = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def after(batches: list[list[bytes]], context: Context) -> Ledger:
    ledger = Ledger()
    for batch in batches:
        apply(ledger, batch, context)
    return ledger


@common
@given(world=st.lists(shots(), max_size=10), data=st.data())
def test_order_and_batches_do_not_matter(world: list[dict[str, Any]], data: st.DataObject, context: Context) -> None:
    once = lines(world)
    shuffled, size = data.draw(st.permutations(once)), data.draw(st.integers(1, 4))
    cut = after([shuffled[begin : begin + size] for begin in range(0, len(shuffled), size)], context)
    whole = after([once], context)
    assert digest(cut) == digest(whole)
    assert cut.evidence == whole.evidence
    assert cut.claimants == whole.claimants
    assert cut.counts == whole.counts


@common
@given(world=st.lists(shots(), max_size=8), first=shots(), early=st.booleans())
def test_a_retracted_first_shot_was_never_there(
    world: list[dict[str, Any]], first: dict[str, Any], early: bool, context: Context
) -> None:
    first = {**first, "source": "Withdrawn", "revision": 0, "retracts": False, "kind": "allegation"}
    retraction = {**first, "revision": 1, "retracts": True}
    pair = lines([retraction, first] if early else [first, retraction])
    with_pair, without = after([pair[:1], lines(world), pair[1:]], context), after([lines(world)], context)
    assert digest(with_pair) == digest(without)
    assert with_pair.evidence == without.evidence
    assert with_pair.counts == without.counts


@common
@given(world=st.lists(shots(), max_size=10))
def test_nobody_is_acquitted_without_a_first_shot_and_every_link_is_of_the_ledger(
    world: list[dict[str, Any]], context: Context
) -> None:
    ledger = after([[line] for line in lines(world)], context)
    for one in ledger.assessments():
        acquitted = any("N-SELF-DEFENCE-PROPORTIONATE" in finding.reasons for finding in one.findings)
        looked = [
            found
            for found in ledger.evidence.get(one.incident_id, NOTHING_CLAIMED).first_shots
            if found.agreement == one.agreement
        ]
        assert not acquitted or [found.word for found in looked] == [FirstShot.FOUND]
        for found in looked:
            assert set(found.incidents) <= ledger.incidents.keys() - {one.incident_id}
            assert bool(found.incidents) or found.word in (FirstShot.NOT_FOUND, FirstShot.CONTESTED)


unshrunk = settings(max_examples=5000, derandomize=True, database=None, phases=[Phase.generate])


@pytest.mark.parametrize("word", FirstShot)
def test_such_worlds_know_every_word(word: FirstShot, context: Context) -> None:
    """The properties above are not about nothing."""

    def knows(world: list[dict[str, Any]]) -> bool:
        found = after([lines(world)], context).evidence.values()
        return any(one.word is word for looked in found for one in looked.first_shots)

    assert find(
        st.lists(shots(), max_size=6),
        knows,
        settings=unshrunk,
    )


JIG = "SY-JIG-2016-07"
STRIKE: dict[str, Any] = {
    **FIRST,
    "source": "SNHR",
    "report_id": "strike",
    "occurred": {"start": "2016-07-20T10:00:00+03:00", "precision": "exact"},
    "place": {"text": "Saraqib"},
    "conduct": "air_strike",
    "weapon": {"class": "air_delivered"},
    "perpetrator": {"candidates": ["ext.russia"], "certainty": "stated"},
    "target": {"class": "excluded_org_force", "candidates": ["exc.nusra"]},
    "circumstances": ["agreed_strike"],
}
NOTICE: dict[str, Any] = {
    "source": "Joint group",
    "report_id": "notice",
    "kind": "statement",
    "statement": "notification",
    "published_at": "2016-07-19T09:00:00+03:00",
    "occurred": {"start": "2016-07-20T09:00:00+03:00", "end": "2016-07-20T12:00:00+03:00", "precision": "range"},
    "place": {"text": "Idlib province"},
    "conduct": "air_strike",
    "perpetrator": {"candidates": ["ext.russia"]},
}
PERMITTED = {(Verdict.NOT_A_VIOLATION, ("N-PERMITTED",))}
UNSHOWN = {(Verdict.CONTESTED, ("C-FACTS",))}


@pytest.fixture(scope="module")
def draft() -> Context:
    return Context.of(load_knowledge(), {JIG: load_agreements()[JIG]})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, PERMITTED),
        ({"conduct": None}, PERMITTED),
        ({"conduct": "military_flight"}, UNSHOWN),
        ({"perpetrator": {}}, PERMITTED),
        ({"perpetrator": {"candidates": ["ext.cjtf"]}}, UNSHOWN),
        ({"place": {"text": "Saraqib"}}, PERMITTED),
        ({"place": {"text": "Jisr al-Shughur"}}, UNSHOWN),
        ({"place": {"text": "Aleppo"}}, UNSHOWN),
        ({"occurred": {"start": "2016-07-20T10:00:00+03:00", "precision": "exact"}}, PERMITTED),
        ({"occurred": {"start": "2016-07-20T10:01:00+03:00", "precision": "exact"}}, UNSHOWN),
        ({"occurred": {"start": "2016-07-20T00:00:00+03:00", "precision": "day"}}, PERMITTED),
        ({"retracts": True}, UNSHOWN),
    ],
)
def test_a_strike_is_an_agreed_one_if_a_notice_covers_it(
    changes: dict[str, Any], expected: set[Any], draft: Context
) -> None:
    ledger = Ledger()
    apply(ledger, lines([STRIKE]), draft)
    assert verdicts(ledger, STRIKE, JIG) == UNSHOWN
    apply(ledger, lines([{**NOTICE, **changes}]), draft)
    assert verdicts(ledger, STRIKE, JIG) == expected
    (evidence,) = ledger.evidence.values()
    assert bool(evidence.notices) is (expected is PERMITTED)


def test_a_notice_excuses_only_what_claims_it(draft: Context) -> None:
    silent = {**STRIKE, "circumstances": []}
    ledger = Ledger()
    apply(ledger, lines([NOTICE, silent]), draft)
    assert verdicts(ledger, silent, JIG) == {(Verdict.VIOLATION, ("V-UNAGREED-STRIKE",))}
    assert ledger.evidence == {}
