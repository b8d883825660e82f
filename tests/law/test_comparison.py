"""Two texts compared by their cells: what changes for whom, where and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from cohstream.domain.vocabulary import CONDUCT_FAMILY, CONDUCTS, WEAPON_CODES, Policy
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law import Agreement, evaluate, read_agreement
from cohstream.law.cells import (
    MEANS_OF,
    Word,
    alike,
    as_if_in_force,
    cells_of,
    means_of,
    outcome_of,
    sides_at,
)
from cohstream.law.comparison import Change, compare
from cohstream.law.grounds import ANY_TIME, grounds_of
from tests.law.test_lint import GOOD

Changes = Callable[..., list[Change]]


@pytest.fixture
def changes(actors: ActorRegistry) -> Changes:
    """``changes(old, new)``: what changes in the good text when ``old`` is made ``new``."""

    def make(old: str, new: str, **options: Policy) -> list[Change]:
        assert old in GOOD
        before, after = read_agreement(GOOD, "a.yaml"), read_agreement(GOOD.replace(old, new, 1), "b.yaml")
        return list(compare(before, after, actors, **options).changes)

    return make


def test_every_conduct_has_means() -> None:
    conducts = {one.conduct for one in means_of((), also_harmless=True)}
    assert conducts == set(CONDUCT_FAMILY) - set(CONDUCTS)
    assert {one.weapon for one in means_of(())} <= WEAPON_CODES
    assert set(MEANS_OF) <= conducts
    assert set(CONDUCTS["attack"]) <= set(MEANS_OF)


def test_means_are_as_fine_as_the_texts(agreements: Mapping[str, Agreement]) -> None:
    text = agreements["SY-COH-2016-02"].text
    clauses = [one.model_copy(update={"weapon": ["indirect_fire.artillery.152mm"]}) for one in text.clauses]
    fine = Agreement(text.model_copy(update={"clauses": clauses}), "")
    weapons = {one.weapon for one in means_of((fine,))}
    assert {"indirect_fire.artillery", "indirect_fire.artillery.152mm"} <= weapons
    assert "indirect_fire.artillery.122mm" not in weapons


@pytest.mark.parametrize("name", ["SY-COH-2016-02", "SY-JIG-2016-07"])
def test_means_put_together_are_judged_alike(
    name: str, agreements: Mapping[str, Agreement], actors: ActorRegistry
) -> None:
    """The first of a group speaks for the others, in every cell and under every policy."""
    text = as_if_in_force(agreements[name])
    sides = sides_at((text,), actors, ANY_TIME)
    grounds = grounds_of((text,), (text.default_policy,))
    for group in alike(means_of((text,)), (text,), actors):
        for cell in cells_of(sides, group[:1], grounds[:1], (text,)):
            said = {
                tuple((one.policy, one.verdict, one.reasons, one.clauses) for one in evaluate(text, facts, actors))
                for facts in (cell._replace(means=means).facts(ANY_TIME) for means in group)
            }
            assert len(said) == 1, (cell, group)


def test_a_text_does_not_differ_from_itself(agreements: Mapping[str, Agreement], actors: ActorRegistry) -> None:
    for text in agreements.values():
        assert compare(text, text, actors).changes == ()


def test_a_weapon_left_out_is_prohibited_no_longer(changes: Changes) -> None:
    found = changes("weapon: [any]", "weapon: [air_delivered, direct_fire]")
    artillery = [one for one in found if "indirect_fire.artillery" in one.conducts.get("shelling", ())]
    assert artillery
    assert {(one.was, one.now, one.now_why) for one in artillery} <= {
        (Word.PROHIBITED, Word.UNREGULATED, "no clause"),
        (Word.CONTESTED, Word.UNREGULATED, "no clause"),
    }
    assert all("air_strike" not in one.conducts for one in found)
    assert {party for one in found for party in one.parties} == {"government", "opposition"}


def test_a_party_no_longer_bound_is_the_one_impacted(changes: Changes) -> None:
    found = changes("bound: [army, rebels]", "bound: [army]")
    assert {one.parties for one in found} == {("opposition",)}
    assert {tuple(one.conducts) for one in found} == {("obstruct_humanitarian_access",)}


def test_a_wider_zone_changes_only_the_ground_between(changes: Changes) -> None:
    found = changes("    admin1: [SY02]", "    admin1: [SY01, SY02]", policy=Policy.TARGET_BASED)
    assert {(one.was, one.now, tuple(one.conducts)) for one in found} == {
        (Word.UNREGULATED, Word.PROHIBITED, ("weapon_in_zone",))
    }
    assert {one.grounds for one in found} == {("outside city; inside city",)}


def test_a_policy_decides_where_an_excluded_group_is(changes: Changes) -> None:
    assert changes("default_policy: dominance", "default_policy: strict_exclusion")
    assert changes("default_policy: dominance", "default_policy: strict_exclusion", policy=Policy.TARGET_BASED) == []


def test_what_changes_with_designations_is_told_by_periods(
    agreements: Mapping[str, Agreement], actors: ActorRegistry
) -> None:
    text = agreements["SY-COH-2016-02"].text
    nobody = text.exclusion.model_copy(update={"lists": []})
    other = Agreement(text.model_copy(update={"exclusion": nobody}), "")
    found = compare(agreements["SY-COH-2016-02"], other, actors)
    since = {start for change in found.changes for start, _ in change.periods if start is not None}
    assert any(start > found.window[0] for start in since if found.window[0])


def test_the_draft_leaves_out_what_the_cessation_prohibits(
    agreements: Mapping[str, Agreement], actors: ActorRegistry
) -> None:
    """The finding of the article of July 2016, from the two texts alone."""
    found = compare(agreements["SY-COH-2016-02"], agreements["SY-JIG-2016-07"], actors)
    lost = [one for one in found.changes if (one.was, one.now) == (Word.PROHIBITED, Word.UNREGULATED)]
    by_government = [one for one in lost if "government/syrian_armed_forces" in one.sides and "opposition" in one.aims]
    inside = [one for one in by_government if "inside designated_areas" in one.grounds]
    left = {(conduct, weapon) for one in inside for conduct, weapons in one.conducts.items() for weapon in weapons}
    assert ("shelling", "indirect_fire.artillery") in left
    assert ("missile_strike", "indirect_fire.ground_to_ground_missile") in left
    assert ("air_strike", "air_delivered.barrel_bomb") not in left
    gained = [one for one in found.changes if (one.was, one.now) == (Word.UNREGULATED, Word.PROHIBITED)]
    assert any("military_flight" in one.conducts for one in gained)


def test_a_cell_s_word_is_the_evaluation_s(agreements: Mapping[str, Agreement], actors: ActorRegistry, facts) -> None:
    assert outcome_of(agreements["SY-COH-2016-02"], facts(), actors) == (Word.PROHIBITED, "", ("AX.2b",))
    silent = outcome_of(agreements["SY-JIG-2016-07"], facts(), actors)
    assert (silent.word, silent.why) == (Word.UNREGULATED, "no clause")
