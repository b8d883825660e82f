"""Lint: nothing in the shipped texts, and each planted fault at its line."""

from __future__ import annotations

import pytest

from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements
from cohstream.law.lint import lint_agreement, lint_cases
from cohstream.law.lint_fault import Fault, Severity
from cohstream.law.loader import law_texts

ACTORS = load_knowledge().actors
LAW = load_agreements()

GOOD = """\
agreement: XX-GOOD-2016-04
title: A good text
status: in_force
zone: Asia/Damascus
default_policy: dominance
legal_basis: [A statement]
validity:
  from: 2016-04-01T00:00:00
  until_claims:
    - {authority: UN, until: 2016-09-01T00:00:00, source: Letter}
  source: Statement
area:
  admin1: [SY01, SY02]
  source: Statement
parents: [SY-COH-2016-02]
membership: Signatories
authorities: [UN]
parties:
  - id: government
    label: Government
    roles:
      army: [gov.saa, gov.rg]
      allies: [gov.*, ally.*]
    source: Statement
  - id: opposition
    label: Opposition
    roles:
      rebels: [opp.*]
    source: Statement
exclusion:
  named: [exc.isil]
  lists: [UNSC-1267]
  source: Statement
zones:
  - id: city
    admin1: [SY02]
    source: Map
    text_status: verified
clauses:
  - id: C.1
    modality: prohibit
    paraphrase: No attacks.
    source: Article 1
    text_status: verified
    bound: [army, allies, rebels]
    conduct: [attack]
    weapon: [any]
    target: [civilians, covered_force]
    marbling: true
    violation: V-ATTACK-COVERED
    air_violation: V-AIR-COVERED
    exceptions: [self_defence]
  - id: C.2
    modality: prohibit
    paraphrase: No heavy weapons in the city.
    source: Article 2
    text_status: verified
    bound: [army, allies, rebels]
    conduct: [weapon_in_zone]
    weapon: [indirect_fire, direct_fire.tank]
    zone: city
    violation: V-ZONE-PRESENCE
    exceptions: [exercise]
  - id: C.3
    modality: require
    paraphrase: Access for aid.
    source: Article 3
    text_status: verified
    bound: [army, rebels]
    conduct: [obstruct_humanitarian_access]
    violation: V-ACCESS
  - id: C.4
    modality: permit
    paraphrase: Medical flights.
    source: Article 4
    text_status: verified
    bound: [army]
    conduct: [medevac_flight]
  - id: C.5
    modality: procedure
    paraphrase: Complaints go to the UN.
    source: Article 5
    text_status: verified
    provides: [complaint]
"""
C1, C2, C3, C4, C5 = (f"  - id: C.{number}\n" for number in range(1, 6))
OTHERS = {name: f"{name}.yaml" for name in LAW}


def found_in(text: str) -> list[Fault]:
    return lint_agreement(text, "x.yaml", ACTORS, OTHERS)


def planted(old: str, new: str, within: str = "") -> str:
    """The good text with ``old`` made ``new``, the first after ``within``."""
    start = GOOD.index(within)
    assert old in GOOD[start:]
    return GOOD[:start] + GOOD[start:].replace(old, new, 1)


@pytest.mark.parametrize("name", sorted(LAW))
def test_nothing_is_found_in_the_shipped_texts(name: str) -> None:
    texts = dict(law_texts([], []))
    others = {one: f"{one}.yaml" for one in LAW if one != name}
    assert [str(one) for one in lint_agreement(texts[f"{name}.yaml"], f"{name}.yaml", ACTORS, others)] == []


def test_nothing_is_found_in_the_shipped_cases() -> None:
    for name, text in law_texts([], [], cases=True):
        assert [str(one) for one in lint_cases(text, name, ACTORS, LAW)] == []


def test_nothing_is_found_in_the_good_text() -> None:
    assert [str(one) for one in found_in(GOOD)] == []


ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
PLANTED = [
    # what does not load
    ("", "title: A good text", "title: A good: text", 2, ERROR, "refused", "this is not YAML"),
    ("", "title: A good text", "titel: A good text", 2, ERROR, "refused", "Did you mean 'title'?"),
    ("", "title: A good text", "title: &a A good text", 2, ERROR, "refused", "anchors and aliases"),
    ("", "status: in_force", "status: in_force\nstatus: draft", 4, ERROR, "refused", "stands twice"),
    ("", "status: in_force", "status: valid", 3, ERROR, "refused", "not a known word"),
    ("", "Asia/Damascus", "Asia/Damaskus", 4, ERROR, "refused", "no time zone"),
    ("", "2016-04-01T00:00:00", "1 April 2016", 8, ERROR, "refused", "this is no time"),
    ("", "2016-04-01T00:00:00", "2016-04-01T00:00:00+03:00", 8, ERROR, "refused", "carries an offset"),
    ("", "until: 2016-09-01", "until: 2016-03-01", 10, ERROR, "refused", "contradicts itself"),
    ("exclusion", "  source: Statement\n", "", 30, ERROR, "refused", "'exclusion.source' is missing"),
    ("zones", "    source: Map\n", "", 35, ERROR, "refused", "'zones.1.source' is missing"),
    (C1, "conduct: [attack]", "conduct: [attacks]", 46, ERROR, "refused", "not a known conduct"),
    (C1, "weapon: [any]", "weapon: [rockets]", 47, ERROR, "refused", "not a known weapon"),
    (C1, "covered_force", "covered_forces", 48, ERROR, "refused", "no role and no target word"),
    (C1, "[self_defence]", "[selfdefence]", 52, ERROR, "refused", "not a known exception"),
    (C1, "V-ATTACK-COVERED", "V-ATTACK", 50, ERROR, "refused", "not a known violation reason"),
    (C1, "rebels]", "rebel]", 45, ERROR, "refused", "no declared role"),
    (C2, "zone: city", "zone: town", 61, ERROR, "refused", "no declared zone"),
    (C2, "id: C.2", "id: C.1", 53, ERROR, "refused", "the clause 'C.1' is declared twice"),
    (C3, "    violation: V-ACCESS\n", "", 64, ERROR, "refused", "but not whose or which"),
    ("parties", "rebels: [opp.*]", "rebels: [gov.*]", 28, ERROR, "refused", "declared twice"),
    ("exclusion", "[exc.isil]", "[exc.isil, opp.*]", 31, ERROR, "refused", "both a party's member and excluded"),
    # ids and what is presumed
    ("", "XX-GOOD-2016-04", "SY-JIG-2016-07", 1, ERROR, "same-id", "SY-JIG-2016-07.yaml has the agreement"),
    ("", "[SY-COH-2016-02]", "[SY-COH-2016-03]", 15, ERROR, "parent", "no loaded agreement"),
    ("", "[SY-COH-2016-02]", "[XX-GOOD-2016-04]", 15, ERROR, "parent", "is its own parent"),
    # sources
    ("validity", "source: Statement", 'source: ""', 11, ERROR, "source", "the validity has no source"),
    ("", "source: Letter", "source: TBD", 10, ERROR, "source", "the end that UN claims has no source"),
    (
        "",
        "exclusion:",
        "self_defence: {within: PT12H, source: tbd}\nexclusion:",
        30,
        ERROR,
        "source",
        "self-defence has no source",
    ),
    (
        "",
        "exclusion:",
        "self_defence: {within: P8D, source: Article 9}\nexclusion:",
        30,
        ERROR,
        "refused",
        "'self_defence.within'",
    ),
    ("zones", "source: Map", "source: todo", 37, ERROR, "source", "zone 'city' has no source"),
    (C2, "source: Article 2", 'source: "?"', 56, ERROR, "source", "clause 'C.2' has no source"),
    ("", "[A statement]", "[]", 6, WARNING, "source", "no legal basis"),
    (C1, "paraphrase: No attacks.", 'paraphrase: ""', 42, ERROR, "paraphrase", "clause 'C.1' says nothing"),
    # dates
    ("", "  from: 2016-04-01T00:00:00\n", "", 7, WARNING, "undated", "has no 'from'"),
    ("", "2016-04-01T00:00:00", "2016-04-01", 8, NOTE, "dates", "has no hour"),
    ("", "2016-04-01T00:00:00", "2016-03-25T00:30:00", 8, WARNING, "dates", "does not exist in Asia/Damascus"),
    ("", "2016-09-01T00:00:00", "2016-10-27T23:30:00", 10, WARNING, "dates", "happens twice in Asia/Damascus"),
    ("", "  until_claims:", "  until: 2016-08-01T00:00:00\n  until_claims:", 11, ERROR, "dates", "claims an end after"),
    (
        "",
        "source: Letter}",
        "source: Letter}\n    - {authority: UN, until: 2016-08-01T00:00:00, source: Letter}",
        9,
        WARNING,
        "dates",
        "UN claims 2 ends",
    ),
    # places
    ("area", "[SY01, SY02]", "[]", 12, ERROR, "refused", "the area has no ground"),
    ("area", "[SY01, SY02]", "[SY01, SY02, SY15]", 13, ERROR, "unit", "'SY15' is no governorate"),
    ("zones", "admin1: [SY02]", "admin1: []", 35, ERROR, "refused", "the zone 'city' has no ground"),
    ("zones", "admin1: [SY02]", "admin1: [SY09]", 36, ERROR, "area", "outside the agreement's area"),
    (C2, "    zone: city\n", "", 35, WARNING, "unused", "no clause holds in zone 'city'"),
    # actors and parties
    ("parties", "gov.rg", "gov.republican_guard", 22, ERROR, "actor", "no registered actor and no bloc"),
    ("parties", "[opp.*]", "[rebel.*]", 28, ERROR, "actor", "'rebel.*' is no registered actor"),
    ("parties", "rebels: [opp.*]", "rebels: []", 28, ERROR, "hole", "role 'rebels' has no member"),
    ("exclusion", "[exc.isil]", "[exc.daesh]", 31, ERROR, "actor", "'exc.daesh' is excluded, but no registered"),
    ("exclusion", "[UNSC-1267]", "[UNSC-1627]", 32, WARNING, "list", "nobody is designated by a list"),
    (
        "parties",
        "    source: Statement\nexclusion",
        "    source: Statement\n  - id: russia\n    label: Russia\n    roles:\n"
        "      russians: [ext.russia]\n    source: Statement\nexclusion",
        30,
        WARNING,
        "hole",
        "but no clause binds it",
    ),
    # clauses without effect, and those that never decide
    (
        C4,
        "[medevac_flight]",
        "[medevac_flight]\n    target: [civilians]",
        72,
        WARNING,
        "unreachable",
        "clause 'C.4' never decides",
    ),
    (
        C2,
        C2,
        C1.replace("C.1", "C.0") + GOOD[GOOD.index(C1) + len(C1) : GOOD.index(C2)] + C2,
        53,
        WARNING,
        "unreachable",
        "clause 'C.0' never decides: where it applies, C.1 decides",
    ),
    (
        C4,
        "conduct: [medevac_flight]",
        "conduct: [air_strike]",
        72,
        WARNING,
        "overlap",
        "'C.4' permits what 'C.1' prohibits",
    ),
    (C4, "    bound: [army]\n", "", 72, ERROR, "hole", "clause 'C.4' binds nobody"),
    (C5, "provides: [complaint]", "provides: []", 79, NOTE, "procedure", "is a procedure, but not what for"),
    (
        C5,
        "provides: [complaint]",
        "provides: [complaint]\n    exceptions: [medevac]",
        85,
        WARNING,
        "exception",
        "its exceptions excuse nothing",
    ),
    (
        C5,
        "provides: [complaint]",
        "provides: [complaint]\n    bound: [army]",
        85,
        WARNING,
        "no-effect",
        "'bound' has no effect",
    ),
    (
        C3,
        "violation: V-ACCESS",
        "violation: V-ACCESS\n    exceptions: [medevac]",
        72,
        WARNING,
        "exception",
        "excuses nothing that clause 'C.3' regulates",
    ),
    (C3, "violation: V-ACCESS", "violation: V-TERRITORY", 71, WARNING, "reason", "V-TERRITORY speaks of territory"),
    (
        C2,
        "exceptions: [exercise]",
        "air_violation: V-AIR-COVERED",
        63,
        WARNING,
        "reason",
        "nothing that is done from the air",
    ),
    (
        C1,
        "target: [civilians, covered_force]",
        "target: [covered_force]",
        48,
        WARNING,
        "hole",
        "no clause protects civilians",
    ),
    (
        C1,
        "target: [civilians, covered_force]",
        "target: [civilians, army]",
        25,
        WARNING,
        "hole",
        "no clause protects party 'opposition'",
    ),
    (C1, "[army, allies, rebels]", "[army, allies, rebels, army]", 45, WARNING, "repeated", "'army' stands 2 times"),
    (
        C2,
        "[indirect_fire, direct_fire.tank]",
        "[indirect_fire, indirect_fire.mortar]",
        60,
        WARNING,
        "redundant",
        "'indirect_fire.mortar' is part of 'indirect_fire'",
    ),
    (C2, "[indirect_fire, direct_fire.tank]", "[chemical]", 60, WARNING, "means", "committed with its weapons"),
    (
        "exclusion",
        "named: [exc.isil]\n  lists: [UNSC-1267]",
        "named: []\n  lists: []",
        49,
        WARNING,
        "marbling",
        "excludes nobody",
    ),
]


@pytest.mark.parametrize(
    ("within", "old", "new", "line", "severity", "rule", "said"),
    PLANTED,
    ids=[f"{one[5]}: {one[6]}" for one in PLANTED],
)
def test_a_planted_fault_is_found_at_its_line(
    within: str, old: str, new: str, line: int, severity: Severity, rule: str, said: str
) -> None:
    found = found_in(planted(old, new, within))
    assert any(
        (one.severity, one.rule, one.line, one.file) == (severity, rule, line, "x.yaml")
        and said in f"{one.what}. {one.remedy}"
        and one.remedy
        for one in found
    ), "\n".join(map(str, found))


def test_at_least_thirty_kinds_of_fault_are_planted() -> None:
    assert len({(one[5], one[6]) for one in PLANTED}) >= 30


CASES = """\
agreement: SY-COH-2016-02
cases:
  - name: one
    source: made up
    facts: {start: 2016-03-10T12:00:00+02:00, conduct: shelling}
    expect:
      findings:
        - {party: government, verdict: VIOLATION, clauses: [AX.2b]}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("AX.2b", "AX.9", "x.cases.yaml:3: error: the case 'one' expects clause 'AX.9', which SY-COH-2016-02 does not"),
        ("government", "regime", "x.cases.yaml:3: error: the case 'one' expects a finding on 'regime', no party of"),
        ("shelling", "bombardment", "x.cases.yaml:5: error: 'conduct': 'bombardment' is not a known conduct"),
    ],
)
def test_a_case_that_no_text_can_meet_is_found(old: str, new: str, said: str) -> None:
    assert lint_cases(CASES, "x.cases.yaml", ACTORS, LAW) == []
    (fault,) = lint_cases(CASES.replace(old, new), "x.cases.yaml", ACTORS, LAW)
    assert str(fault).startswith(said)
