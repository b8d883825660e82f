"""The shipped agreements, and how a folder of others is read: every fault told with file, line and remedy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

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


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("area:\n  admin1: [UA14]\n", "area:\n", "area:", "the area has no ground"),
        (
            "area:\n",
            "area:\n  claims: [{authority: A, admin1: [UA14], source: T}]\n",
            "area:",
            "the area is drawn twice",
        ),
        (
            "area:\n  admin1: [UA14]\n",
            "area:\n  claims:\n    - {authority: A, source: T}\n",
            "    - {auth",
            "no ground",
        ),
        ("  - id: line\n    admin1: [UA14]\n", "  - id: line\n", "  - id: line", "the zone 'line' has no ground"),
        (
            "    admin1: [UA14]\n    source",
            "    admin1: [UA14]\n    from: 2020-08-01T00:00:00\n    until: 2020-08-01T00:00:00\n    source",
            "    until: 2020-08-01",
            "the zone 'line' ends before it starts",
        ),
        (
            "    admin1: [UA14]\n    source",
            "    circles: [{lat: 91, lon: 0, radius_km: 1}]\n    source",
            "    circles:",
            "less than or equal to 90",
        ),
        (
            "    admin1: [UA14]\n    source",
            "    corridors: [{line: [[1, 2]], within_km: 1}]\n    source",
            "    corridors:",
            "at least 2",
        ),
        (
            "  source: Text\narea",
            "  pauses:\n    - {from: 2020-08-02T00:00:00, until: 2020-08-01T00:00:00, source: T}\n  source: Text\narea",
            "    - {from",
            "the pause ends before it starts",
        ),
        ("title: A test", "title: A test\nparents: [XX-TEST-2020-01]", "parents:", "its own parent"),
        ("title: A test", "title: A test\nevaluated: sometimes", "evaluated:", "when_named"),
    ],
)
def test_a_fault_of_ground_or_time_is_told_with_its_line(old: str, new: str, at: str, said: str) -> None:
    text = with_change(old, new)
    line = text[: text.index(at)].count("\n") + 1
    lines = told(text)
    assert any(one.startswith(f"x.yaml:{line}: ") and said in one for one in lines), lines


def test_a_parent_may_stand_in_any_file_that_is_loaded(folder) -> None:
    child = SMALL.replace("XX-TEST-2020-01", "XX-TEST-2020-02").replace("title:", "parents: [XX-TEST-2020-01]\ntitle:")
    law = load_agreements([folder(a=child, b=SMALL)])
    assert law["XX-TEST-2020-02"].parents == ("XX-TEST-2020-01",)
    with pytest.raises(DataError, match=r"c.yaml:2: the parent 'XX-TEST-2020-01' .* Load its file too"):
        load_agreements([folder(a="", b="", c=child.replace("2020-02", "2020-03"))])


def test_starts_and_ends_are_claims_and_a_pause_is_neither() -> None:
    text = SMALL.replace(
        "  from: 2020-07-27T00:01:00\n",
        """\
  from_claims:
    - {authority: A, from: 2020-07-01T00:00:00, source: T}
    - {authority: B, from: 2020-07-03T00:00:00, source: T}
  until_claims:
    - {authority: A, until: 2020-07-20T00:00:00, source: T}
    - {authority: B, until: 2020-07-22T00:00:00, source: T}
  pauses:
    - {from: 2020-07-10T00:00:00, until: 2020-07-11T00:00:00, source: T}
""",
    )
    agreement = read_agreement(text, "x.yaml")

    def term(day: int, hour: int = 0) -> tuple[str, tuple[str, ...]]:
        word, who, _ = agreement.term_at(datetime(2020, 7, day, hour, tzinfo=ZoneInfo("Europe/Kyiv")))
        return word, who

    assert [term(1, 0), term(2), term(3)] == [("disputed", ("B",)), ("disputed", ("B",)), ("in_force", ())]
    assert [term(9, 23)[0], term(10)[0], term(10, 23)[0], term(11)[0]] == ["in_force", *["suspended"] * 2, "in_force"]
    assert [term(19, 23), term(20), term(22)] == [("in_force", ()), ("disputed", ("A",)), ("after", ("A", "B"))]
    before = agreement.term_at(datetime(2020, 6, 30, tzinfo=ZoneInfo("Europe/Kyiv")))
    assert (before.word, before.claimed_by, before.begun) == ("before", ("A", "B"), False)
    assert len(set(agreement.boundaries())) == 6


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


def test_the_guide_lists_each_agreement_with_its_parents(agreements) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "agreements.md").read_text(encoding="utf-8")
    table = guide[guide.index("| id |") :].split("\n\n", 1)[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in table]
    listed = {name: parent for name, _, parent in rows}
    assert listed == {name: ", ".join(one.parents) for name, one in agreements.items()}


def test_what_waits_to_be_named_is_every_draft_and_what_says_so(agreements) -> None:
    draft = read_agreement(SMALL.replace("status: in_force", "status: draft"), "x.yaml")
    silent = read_agreement(SMALL, "x.yaml")
    told_so = read_agreement(SMALL.replace("zone: Eur", "evaluated: when_named\nzone: Eur", 1), "x.yaml")
    assert [one.waits_to_be_named for one in (draft, silent, told_so)] == [True, False, True]
