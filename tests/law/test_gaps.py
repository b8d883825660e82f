"""What a text leaves out, alone and on top of what it presupposes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from cohstream.domain.vocabulary import Policy
from cohstream.errors import ConfigError
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law import Agreement, read_agreement
from cohstream.law.facts import Facts
from cohstream.law.gaps import Gaps, Use, gaps_of
from cohstream.law.stack import parents_of
from cohstream.law.text import Provision
from tests.law.test_lint import GOOD

Find = Callable[..., Gaps]


@pytest.fixture
def find(agreements: Mapping[str, Agreement], actors: ActorRegistry) -> Find:
    """``find(id, uses)``: the gaps of an agreement, with its parents if asked."""

    def gaps(name: str, uses: list[Use] | None = None, with_parents: bool = False) -> Gaps:
        text = agreements[name]
        parents = parents_of(text, agreements) if with_parents else ()
        return gaps_of(text, parents, agreements.values(), actors, uses or [])

    return gaps


def test_what_is_documented_comes_first(find: Find, facts: Callable[..., Facts]) -> None:
    shot = facts(conduct="direct_fire", weapon="direct_fire.small_arms")
    shelled = facts(conduct="shelling", weapon="indirect_fire.mortar.120mm")
    by_others = facts(conduct="shelling", weapon="indirect_fire.iram", perpetrators=("opp.rahman",))
    found = find("SY-JIG-2016-07", [Use(shot, 50), Use(shelled, 2), Use(shelled, 1), Use(by_others, 99)])
    first = found.gaps[0]
    assert (first.subject, first.incidents, first.killed) == ("indirect_fire.mortar", 2, 3)
    assert "SY-COH-2016-02" in first.regulated_by
    iram = next(one for one in found.gaps if one.subject == "indirect_fire.iram")
    assert iram.incidents == 0, "the draft does not bind the opposition"


def test_the_draft_alone_provides_no_consequence(find: Find) -> None:
    found = find("SY-JIG-2016-07")
    assert Provision.CONSEQUENCE in found.missing
    assert Provision.MONITORING in found.missing
    assert found.provided[Provision.NOTIFICATION] == ("JIG.7",)
    assert found.unclear == ()


def test_on_top_of_its_parents_the_draft_leaves_no_attack_out(find: Find) -> None:
    found = find("SY-JIG-2016-07", with_parents=True)
    assert [one.agreement_id for one in found.parents] == ["SY-COH-2016-02"]
    assert found.missing == ()
    for_all = {one.subject for one in found.gaps if one.for_all}
    assert not any("." in subject for subject in for_all), "every weapon is spoken of"
    assert "siege_tightening" in for_all


def test_what_its_author_notes_as_a_gap_of_the_cessation_is_computed(find: Find) -> None:
    subjects = {one.subject for one in find("SY-COH-2016-02").gaps if one.for_all}
    assert {"overflight", "troop_reinforcement", "siege_tightening", "arrest_abduction", "weapon_in_zone"} <= subjects


def test_a_procedure_of_which_nothing_is_said_is_told(actors: ActorRegistry) -> None:
    text = read_agreement(GOOD.replace("    provides: [complaint]\n", ""), "x.yaml")
    found = gaps_of(text, (), (), actors, [])
    assert found.unclear == ("C.5",)


def test_what_only_some_leave_out_is_told_by_side(actors: ActorRegistry) -> None:
    found = gaps_of(read_agreement(GOOD, "x.yaml"), (), (), actors, [], policy=Policy.TARGET_BASED)
    access = next(one for one in found.gaps if one.subject == "obstruct_humanitarian_access")
    assert (access.silent, access.for_all) == (("government/allies",), False)
    weapons = next(one for one in found.gaps if one.subject == "weapon_in_zone")
    assert weapons.silent == ()
    assert "government/army" in weapons.partial
    assert weapons.grounds == ("inside city", "outside city")


def test_parents_of_parents_are_read_too_and_a_missing_one_is_told(agreements: Mapping[str, Agreement]) -> None:
    child = read_agreement(GOOD.replace("[SY-COH-2016-02]", "[SY-JIG-2016-07]"), "x.yaml")
    assert [one.agreement_id for one in parents_of(child, agreements)] == ["SY-JIG-2016-07", "SY-COH-2016-02"]
    with pytest.raises(ConfigError, match="presupposes SY-JIG-2016-07, which is not loaded"):
        parents_of(child, {})
