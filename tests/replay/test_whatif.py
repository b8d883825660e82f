"""What if: figures side by side are those of plain runs under each text, and A against A differs in nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import lines, reports

from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.importers import open_input
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements
from cohstream.law.stack import Gap
from cohstream.local.session import Session, Settings
from cohstream.publish.belief import UNREGULATED, belief
from cohstream.replay.whatif import GROUPS, Mode, Period, WhatIf, class_of, period_of

COH, JIG = "SY-COH-2016-02", "SY-JIG-2016-07"
AGREEMENTS = load_agreements()
CONTEXT = Context.of(load_knowledge(), AGREEMENTS)


@pytest.fixture(scope="module")
def read() -> Callable[..., Session]:
    """``read(path, agreements)``: a session that has read a file, held against these texts."""

    def session(path: Path, *agreements: str) -> Session:
        made = Session(Settings(agreements))
        made.take(list(open_input(str(path), None, lambda _: None)))
        return made

    return session


@pytest.fixture(scope="module")
def sample() -> Path:
    return Path(str(files("cohstream.samples").joinpath("coh2016.jsonl")))


def test_figures_are_those_of_plain_runs_under_each_text(read, sample: Path) -> None:
    both = read(sample, COH, JIG)
    found = WhatIf(both.agreements, COH, JIG, both.ledger.counts).compare(Mode.ALONE)
    of = {"a": COH, "b": JIG}
    for side, name in of.items():
        plain = read(sample, name)
        policy = AGREEMENTS[name].default_policy
        verdicts: Counter[Verdict] = Counter()
        by_weapon: Counter[str] = Counter()
        for key, count in plain.ledger.tallies().items():
            if key.policy is policy:
                verdicts[key.verdict] += count
                by_weapon[key.weapon] += count if key.verdict is Verdict.VIOLATION else 0
        mine: Counter[Verdict] = Counter()
        for (a, b), count in found.matrix().items():
            mine[a if side == "a" else b] += count
        assert mine == verdicts
        weapons = found.by(GROUPS["weapon"])
        assert {name: getattr(one, f"violations_{side}") for name, one in weapons.items()} == dict(by_weapon)
        silent = sum(belief(plain.ledger, plain.agreements)[UNREGULATED].values())
        assert getattr(found.total, f"no_clause_{side}") == silent


def test_the_draft_leaves_artillery_and_missiles_first_of_all(read, real_data: Path) -> None:
    """The finding of the article: the draft alone grounds aircraft, and says nothing of fire from the ground."""
    session = read(real_data / "coh_documented_reports" / "reports.csv", COH, JIG)
    alone, stacked = WhatIf(session.agreements, COH, JIG, session.ledger.counts).comparisons()
    assert alone.total.no_clause_b > 40 > 10 > alone.total.no_clause_a
    gaps = {key: counts[Gap.NO_CLAUSE] for key, counts in alone.gaps(of_b=True).items()}
    assert class_of(next(iter(gaps))[0]) == "indirect_fire"
    assert sum(gaps.values()) == alone.total.no_clause_b
    for weapon in ("indirect_fire.artillery", "indirect_fire.mlrs"):
        assert gaps[weapon, "government"] > 0
    assert sum(n for (weapon, _), n in gaps.items() if weapon == "indirect_fire.ground_to_ground_missile") > 0
    assert f"{JIG} leaves {alone.total.no_clause_b} of" in alone.headline
    assert stacked.total.no_clause_b == alone.total.no_clause_a
    assert stacked.total.no_longer_prohibited == 0
    assert f"{JIG} on top of {COH}" in stacked.headline


@settings(max_examples=40, deadline=None)
@given(st.lists(reports(), max_size=12), st.sampled_from(list(Mode)), st.sampled_from([None, *Policy]))
def test_a_text_against_itself_differs_in_nothing(bodies, mode: Mode, policy: Policy | None) -> None:
    ledger = Ledger()
    apply(ledger, lines(bodies), CONTEXT)
    for name in AGREEMENTS:
        found = WhatIf(AGREEMENTS, name, name, ledger.counts).compare(mode, policy)
        total = found.total
        assert (total.newly_prohibited, total.no_longer_prohibited, total.otherwise) == (0, 0, 0)
        assert all(a is b for a, b in found.matrix())
        assert total.no_clause_a == total.no_clause_b == total.never_regulated


@settings(max_examples=40, deadline=None)
@given(st.lists(reports(), max_size=12), st.sampled_from(list(Mode)))
def test_groups_add_up_and_the_other_way_round_is_the_mirror(bodies, mode: Mode) -> None:
    ledger = Ledger()
    apply(ledger, lines(bodies), CONTEXT)
    found = WhatIf(AGREEMENTS, COH, JIG, ledger.counts).compare(mode)
    total = found.total
    assert total.incidents == len(ledger.incidents)
    for group in GROUPS.values():
        assert sum(one.incidents for one in found.by(group).values()) == total.incidents
        assert sum(one.newly_prohibited for one in found.by(group).values()) == total.newly_prohibited
    mirrored = WhatIf(AGREEMENTS, JIG, COH, ledger.counts).compare(mode).total
    assert (mirrored.newly_prohibited, mirrored.no_longer_prohibited) == (
        total.no_longer_prohibited,
        total.newly_prohibited,
    )
    assert (mirrored.violations_a, mirrored.no_clause_a) == (total.violations_b, total.no_clause_b)
    if mode is Mode.WITH_PARENTS:
        assert total.no_longer_prohibited == 0, (
            "on top of its parents a text only adds prohibitions, but for permissions"
        )


@pytest.mark.parametrize(
    ("day", "period", "told"),
    [
        ("2016-02-29", Period.DAY, "2016-02-29"),
        ("2016-01-03", Period.WEEK, "2015-W53"),
        ("2016-02-29", Period.MONTH, "2016-02"),
        ("undetermined", Period.WEEK, "undetermined"),
    ],
)
def test_periods(day: str, period: Period, told: str) -> None:
    assert period_of(day, period) == told
