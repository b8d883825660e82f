"""The shipped agreements, and how a folder of others is read: every fault told with file, line and remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cohstream.domain.vocabulary import Verdict
from cohstream.errors import DataError
from cohstream.law import evaluate, law_digest, load_agreements, read_agreement

SMALL = """\
agreement: XX-TEST-2020-01
title: A test
status: in_force
zone: Europe/Kyiv
default_policy: dominance
legal_basis: [A text]
validity:
  from: 2020-07-27T00:01:00
  source: Text
area:
  admin1: [UA14]
  source: Text
membership: Signatories
authorities: [OSCE]
parties:
  - id: one
    label: One
    roles:
      army: [gov.*]
    source: Text
  - id: other
    label: Other
    roles:
      rebels: [opp.*]
    source: Text
exclusion:
  named: [exc.isil]
  lists: []
  source: Text
zones:
  - id: line
    admin1: [UA14]
    source: Text
    text_status: verified
clauses:
  - id: C.1
    modality: prohibit
    paraphrase: No shelling.
    source: Text
    text_status: verified
    bound: [army]
    conduct: [shelling]
    target: [rebels]
    zone: line
    violation: V-ATTACK-COVERED
    exceptions: [self_defence]
"""


def with_change(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """``folder(a=text, b=text)``: a directory with these YAML files."""

    def make(**files: str) -> Path:
        for name, text in files.items():
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return make


def told(text: str) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_agreement(text, "x.yaml")
    assert all(one.file == "x.yaml" and one.line > 0 and one.remedy for one in caught.value.problems)
    return [str(one) for one in caught.value.problems]


SHIPPED = [
    "ROC-ALE-2016-05",
    "ROC-EG-2016-04",
    "ROC-LAT-2016-04",
    "ROC-NAT-2016-07",
    "SY-ANK-2016-12",
    "SY-COH-2016-02",
    "SY-DEZ-2017-05",
    "SY-IDL-2018-09",
    "SY-IDL-2020-03",
    "SY-JIG-2016-07",
    "SY-RVRA-2016-09",
    "UA-MINSK-2015-02",
    "UA-MINSK-2020-07",
]


def test_the_built_in_agreements(agreements) -> None:
    assert sorted(agreements) == SHIPPED
    assert [name for name, one in agreements.items() if not one.waits_to_be_named] == ["SY-COH-2016-02"]
    truce, draft = agreements["SY-COH-2016-02"], agreements["SY-JIG-2016-07"]
    assert (truce.is_draft, draft.is_draft) == (False, True)
    assert sorted(truce.parties) == ["coalition", "government", "kurdish", "opposition", "russia", "turkey"]
    assert [truce.parties[name].guarantor for name in ("russia", "coalition", "government")] == [True, True, False]
    assert draft.start is None
    assert draft.ends == ()
    assert (truce.tz, truce.default_policy) == ("Asia/Damascus", "delineated_only")


COH_CLAUSES = [f"JS.{n}" for n in range(1, 10)] + ["AX.0", "AX.3", "AX.4", "AX.5"]
COH_CLAUSES += [f"AX.{side}{letter}" for side in (1, 2) for letter in "abcde"]


@pytest.mark.parametrize(
    ("name", "clauses"), [("SY-COH-2016-02", COH_CLAUSES), ("SY-JIG-2016-07", [f"JIG.{n}" for n in range(1, 9)])]
)
def test_all_clauses_are_there_each_with_its_source_and_the_state_of_its_text(name, clauses, agreements) -> None:
    text = agreements[name].text
    assert sorted(clause.id for clause in text.clauses) == sorted(clauses)
    assert all(clause.source and clause.text_status and clause.paraphrase for clause in text.clauses)
    assert text.gaps


def test_every_member_named_is_a_registered_actor(agreements, actors) -> None:
    registered = actors.ids()
    blocs = {actor.split(".")[0] + ".*" for actor in registered}
    for agreement in agreements.values():
        named = {*agreement.members, *agreement.text.exclusion.named}
        assert named <= {*registered, *blocs}


def test_paraphrases_are_short(agreements) -> None:
    for agreement in agreements.values():
        assert all(len(clause.paraphrase) < 160 for clause in agreement.text.clauses)


def test_the_digest_is_of_all_texts(agreements, folder) -> None:
    assert law_digest(agreements) == law_digest(dict(reversed(agreements.items())))
    more = load_agreements([folder(a=SMALL)])
    other = load_agreements([folder(a=SMALL + "note: changed\n")])
    assert len({law_digest(agreements), law_digest(more), law_digest(other)}) == 3
    assert law_digest(agreements).startswith("sha256:")


def test_any_folder_is_read_and_its_agreement_evaluated(folder, facts, actors) -> None:
    agreement = load_agreements([folder(a=SMALL)])["XX-TEST-2020-01"]
    place = facts().place._replace(admin1="UA14", area="UA14")
    shelled = facts(at="2020-07-27T00:00:59+03:00", place=place)
    later = facts(at="2020-07-27T00:01:00+03:00", place=place)
    assert {one.reasons for one in evaluate(agreement, shelled, actors)} == {("N-OUT-OF-TIME",)}
    assert {one.reasons for one in evaluate(agreement, later, actors)} == {("V-ATTACK-COVERED",)}
    somewhere = later._replace(place=place._replace(admin1="", area="cell:ubd"))
    assert {one.verdict for one in evaluate(agreement, somewhere, actors)} == {Verdict.UNDETERMINED}


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("zone: Europe/Kyiv", "zone: Europe/Kyev", "zone: Eur", "IANA"),
        ("status: in_force", "status: on", "status: on", "not a known word"),
        ("default_policy: dominance", "default_policy: P2", "default", "strict_exclusion"),
        ("2020-07-27T00:01:00", "27 July 2020", "  from", "2016-02-27T00:00:00"),
        ("2020-07-27T00:01:00", "2020-07-27T00:01:00+03:00", "  from", "offset"),
        ("conduct: [shelling]", "conduct: [sheling]", "sheling", "not a known conduct"),
        ("target: [rebels]", "target: [rebel]", "target:", "no role and no target word"),
        ("bound: [army]", "bound: [navy]", "bound:", "no declared role. Declared: army, rebels."),
        ("    zone: line", "    zone: lyne", "zone: lyne", "no declared zone. Declared: line."),
        ("exceptions: [self_defence]", "exceptions: [defence]", "exceptions", "not a known exception"),
        ("violation: V-ATTACK-COVERED", "violation: V-ATTACK", "violation:", "not a known violation reason"),
        ("    violation: V-ATTACK-COVERED\n", "", "- id: C.1", "prohibits, but not who what"),
        ("named: [exc.isil]", "named: [opp.*]", "named:", "both a party's member and excluded"),
        ("rebels: [opp.*]", "rebels: [gov.*]", "rebels:", "the member 'gov.*' is declared twice, first in line 19"),
        ("rebels: [opp.*]", "army: [opp.*]", "army: [opp", "the role 'army' is declared twice"),
        ("- id: other", "- id: one\n    # again", "id: one\n    # again", "the party 'one' is declared twice"),
        (
            "  source: Text\narea",
            "  until: 2020-01-01T00:00:00\n  source: Text\narea",
            "until:",
            "ends before it starts",
        ),
        ("title: A test", "titel: A test", "titel", "Did you mean 'title'?"),
        ("title: A test\n", "", "agreement:", "'title' is missing"),
    ],
)
def test_a_fault_is_told_with_its_line_and_remedy(old: str, new: str, at: str, said: str) -> None:
    text = with_change(old, new)
    line = text[: text.index(at)].count("\n") + 1
    lines = told(text)
    assert any(one.startswith(f"x.yaml:{line}: ") and said in one for one in lines), lines


def test_an_agreement_that_ends_before_it_starts_contradicts_itself() -> None:
    claim = "  until_claims:\n    - {authority: OSCE, until: 2020-07-01T00:00:00, source: Text}\n"
    lines = told(with_change("  source: Text\narea", f"  source: Text\n{claim}area"))
    assert any("contradicts itself" in one and "OSCE" in one for one in lines), lines


def test_clause_ids_are_unique() -> None:
    again = SMALL[SMALL.index("  - id: C.1") :]
    assert any("the clause 'C.1' is declared twice" in one for one in told(SMALL + again))


def test_every_fault_of_every_file_is_told_at_once(folder) -> None:
    broken = with_change("conduct: [shelling]", "conduct: [x]").replace("zone: Europe/Kyiv", "zone: Nowhere")
    unreadable = "agreement: [\n"
    with pytest.raises(DataError) as caught:
        load_agreements([folder(a=broken, b=unreadable, c=SMALL, d=SMALL)])
    by_file = {Path(one.file).name: 0 for one in caught.value.problems}
    for one in caught.value.problems:
        by_file[Path(one.file).name] += 1
    assert by_file == {"a.yaml": 2, "b.yaml": 1, "d.yaml": 1}
    assert "loaded already" in str(caught.value)


def test_an_id_of_a_built_in_agreement_is_taken(folder) -> None:
    with pytest.raises(DataError, match="SY-COH-2016-02 is loaded already"):
        load_agreements([folder(a=SMALL.replace("XX-TEST-2020-01", "SY-COH-2016-02"))])


def test_a_folder_that_is_none_and_a_file_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no directory"):
        load_agreements([tmp_path / "absent"])
    (tmp_path / "x.yaml").write_bytes(b"agreement: \xff\xfe\n")
    with pytest.raises(DataError, match="cannot be read"):
        load_agreements([tmp_path])


def test_cases_beside_agreements_are_no_agreements(folder) -> None:
    assert "XX-TEST-2020-01" in load_agreements([folder(**{"a": SMALL, "a.cases": "cases: []\n"})])
