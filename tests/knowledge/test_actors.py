from __future__ import annotations

import csv
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohstream.errors import DataError
from cohstream.knowledge.actor_file import ActorFile
from cohstream.knowledge.actors import ActorRegistry, Commitment, Designation
from cohstream.strict_yaml import read_model

REAL_DATA = Path(os.environ.get("COHSTREAM_REAL_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
DOCUMENTED = REAL_DATA / "coh_documented_reports" / "reports.csv"
REGISTRY = ActorRegistry.load()

GOVERNMENT = ("gov.desert_hawks", "gov.ndf", "gov.rg", "gov.saa", "gov.tiger")
RUSSIA_OR_SYRIA = ("ext.russia", "gov.saa")
MOMENT = timedelta(microseconds=1)
COH, ANK = "SY-COH-2016-02", "SY-ANK-2016-12"


def damascus(text: str) -> datetime:
    """An instant given in Damascus winter time (+02:00) or summer time (+03:00) as written."""
    return datetime.fromisoformat(text).astimezone(UTC)


def ids(text: str | None, *candidates: str) -> tuple[str, ...]:
    return REGISTRY.resolve(text, candidates).ids


def notices(text: str | None, *candidates: str) -> tuple[str, ...]:
    return REGISTRY.resolve(text, candidates).notices


# Names


def test_registry_has_the_reference_table_and_the_listed_groups_beside_it() -> None:
    assert len(REGISTRY.ids()) == 55
    assert {"amb.sham_islam", "amb.muhajirin", "exc.ansar_islam", "unk.unidentified"} < set(REGISTRY.ids())
    assert REGISTRY.actor("gov.saa").aircraft
    assert not REGISTRY.actor("opp.ahrar").aircraft


def test_every_name_and_alias_resolves_to_its_own_actor() -> None:
    for actor_id in REGISTRY.ids():
        actor = REGISTRY.actor(actor_id)
        for name in () if actor.kind == "umbrella" else (actor.name, *actor.aliases):
            assert ids(name) == (actor_id,), name


@pytest.mark.parametrize(
    ("text", "actor"),
    [
        ("jaysh al-islam", "opp.ji"),
        ("JAISH AL ISLAM", "opp.ji"),
        ("Jaysh al-Islām", "opp.ji"),
        ("جَيْش الإسلام", "opp.ji"),
        ("\u200fجيش الاسـلام", "opp.ji"),
        ("Da‘esh", "exc.isil"),
        ("IS", "exc.isil"),
        ("IS fighters", "exc.isil"),
        ("ISIL militants", "exc.isil"),
        ("Nusra terrorists", "exc.nusra"),
        ("U.S. drone", "ext.cjtf"),
        ("UK Military", "ext.cjtf"),
        ("coalition (admitted error)", "ext.cjtf"),
        ("ISIL, from Turkey and from Raqqa", "exc.isil"),
        ("rebel group Ahrar al-Sham", "opp.ahrar"),
        ("13th Division (FSA)", "opp.div13"),
        ("government helicopters", "gov.saa"),
        ("4th Armoured Division", "gov.rg"),
        ("Russian jets", "ext.russia"),
        ("الطيران الروسي", "ext.russia"),
        ("طيران النظام", "gov.saa"),
        ("الجيش السوري", "gov.saa"),
        ("التحالف الدولي", "ext.cjtf"),
        ("Hay’at Tahrir al-Sham", "exc.nusra"),
    ],
)
def test_spellings_of_one_actor(text: str, actor: str) -> None:
    assert REGISTRY.resolve(text, ()) == ((actor,), ())


@pytest.mark.parametrize("text", ["regime forces", "Government forces", "the Syrian government", "قوات النظام"])
def test_the_government_is_a_set(text: str) -> None:
    assert ids(text) == GOVERNMENT


@pytest.mark.parametrize("text", ["pro-regime", "government and its allies", "army and allies", "قوات النظام وحلفائها"])
def test_the_government_side_includes_its_allies(text: str) -> None:
    found = ids(text)
    assert set(GOVERNMENT) < set(found)
    assert {one.split(".")[0] for one in found} == {"gov", "ally"}


def test_labels_of_the_opposition_are_sets_of_armed_groups() -> None:
    opposition = set(ids("moderate opposition"))
    assert {one.split(".")[0] for one in opposition} == {"opp"}
    assert "opp.hnc" not in opposition
    assert opposition < set(ids("Islamist rebels"))
    assert {"exc.nusra", "amb.jund_aqsa"} < set(ids("rebels"))
    assert set(ids("Free Syrian Army")) < opposition
    assert ids("المعارضة") == tuple(sorted(opposition))


@pytest.mark.parametrize(
    "text",
    [
        "Russian or Syrian warplanes",
        "Syrian and Russian warplanes",
        "joint Syrian-Russian operation",
        "Syrian or Russian",
    ],
)
def test_inseparable_air_forces(text: str) -> None:
    assert ids(text) == RUSSIA_OR_SYRIA


def test_several_names_give_their_union() -> None:
    text = "Ahrar, Sultan Murad, Div. 16, Jaysh al-Mujahideen, Fastaqim, Zenki, Jund al-Aqsa and others"
    assert ids(text) == (
        "amb.jund_aqsa",
        "opp.ahrar",
        "opp.div16",
        "opp.fastaqim",
        "opp.jam",
        "opp.murad",
        "opp.zenki",
    )
    assert ids("Turkish Military, U.S.-led Coalition") == ("ext.cjtf", "ext.turkey")
    assert ids("النصرة وداعش") == ("exc.isil", "exc.nusra")


@pytest.mark.parametrize(
    "text",
    [
        "militants",
        "terrorists",
        "armed terrorist groups",
        "unidentified gunmen",
        "unidentified armed formations",
        "illegal armed formations",
        "unidentified warplanes",
        "warplanes",
        "helicopters",
        "barrel bombs from helicopters",
        "air strikes",
        "unknown",
        "not named",
        "own group",
        "New Syrian Army",
        "مسلحون مجهولون",
    ],
)
def test_labels_that_mean_anybody_name_nobody(text: str) -> None:
    assert REGISTRY.resolve(text, ()) == ((), (f"umbrella_name:{text}",))


@pytest.mark.parametrize(
    "text",
    [
        "denied",
        "not US nor coalition",
        "nobody: technical fault",
        "denied; says a coalition plane was over the city",
        "Russian military, contested",
        "coalition said by army sources; cannot confirm as Russian jets were there",
        "own tanks, but at ISIL",
        "Turkey shells YPG",
        "Syrian army says terrorists fired",
        "own group shot the jet; Nusra killed the pilot",
        "ISIL or militants",
        "from an FSA-held place",
        "forces aligned with the government, taken for ISIL",
        "fire from Turkish territory",
        "strikes on ISIL",
        "government forces in the outlet, not by MSF",
        "نفت روسيا",
    ],
)
def test_denials_disputes_and_prose_name_nobody(text: str) -> None:
    assert REGISTRY.resolve(text, ()) == ((), (f"actor_text_unclear:{text}",))


def test_patrons_are_not_actors() -> None:
    assert ids("Turkish-backed rebels") == ids("rebels")
    assert ids("rebels backed by Turkey") == ids("rebels")
    assert ids("about 100 militants who crossed from Turkey") == ()


def test_words_are_matched_whole_and_capitals_only_where_they_matter() -> None:
    assert ids("it is theirs") == ()
    assert ids("they shelled us") == ()
    assert ids("IT IS THEIRS") == ()
    assert ids("Nusraniya") == ()
    assert notices("Liwa al-Foo") == ("unknown_actor:Liwa al-Foo",)
    assert REGISTRY.resolve("", ()) == REGISTRY.resolve(None, ()) == ((), ())


def test_known_candidates_win_over_text() -> None:
    assert REGISTRY.resolve("Russian jets", ("gov.saa",)) == (("gov.saa",), ())
    assert ids(None, "opp.ji", "exc.nusra") == ("exc.nusra", "opp.ji")


def test_an_unknown_candidate_is_told_and_read_as_a_name_then_left_to_the_text() -> None:
    assert REGISTRY.resolve(None, ("Jaysh al-Islam",)) == (("opp.ji",), ("unknown_actor:Jaysh al-Islam",))
    assert REGISTRY.resolve("Russian jets", ("ext.rusia",)) == (("ext.russia",), ("unknown_actor:ext.rusia",))
    assert REGISTRY.resolve(None, ("opp.ji", "opp.gi")) == (("opp.ji",), ("unknown_actor:opp.gi",))


def test_unidentified_is_nobody_unless_the_text_gives_a_set() -> None:
    assert REGISTRY.resolve(None, ("unk.unidentified",)) == ((), ())
    assert ids("militants", "unk.unidentified") == ()
    assert ids("rebels", "unk.unidentified") == ids("rebels")
    assert REGISTRY.resolve(None, ("exc.nusra", "unk.unidentified")) == ((), ("open_candidates:exc.nusra",))
    assert ids("rebel faction dominated by Nusra", "exc.nusra", "unk.unidentified") == ids("rebels")


@given(st.text(max_size=60))
def test_any_text_gives_registered_sorted_ids_and_the_same_answer_again(text: str) -> None:
    found = REGISTRY.resolve(text, ())
    assert found == REGISTRY.resolve(text, ())
    assert list(found.ids) == sorted(set(found.ids))
    assert set(found.ids) <= set(REGISTRY.ids()) - {"unk.unidentified"}


# Dated facts. Each boundary is looked at just before, at, and just after.


@pytest.mark.parametrize(
    ("actor", "since", "before", "after"),
    [
        ("opp.zenki", "2017-01-28T00:00:00+02:00", "opp.zenki", "exc.nusra"),
        ("opp.zenki", "2017-07-20T00:00:00+03:00", "exc.nusra", "opp.zenki"),
        ("amb.jund_aqsa", "2016-10-07T00:00:00+03:00", "amb.jund_aqsa", "opp.ahrar"),
        ("amb.jund_aqsa", "2016-10-09T00:00:00+03:00", "opp.ahrar", "exc.nusra"),
        ("amb.jund_aqsa", "2017-01-23T00:00:00+02:00", "exc.nusra", "amb.jund_aqsa"),
        ("amb.ansar_din", "2017-01-28T00:00:00+02:00", "amb.ansar_din", "exc.nusra"),
        ("amb.ansar_din", "2018-02-09T00:00:00+02:00", "exc.nusra", "amb.ansar_din"),
        ("opp.jam", "2017-01-26T00:00:00+02:00", "opp.jam", "opp.ahrar"),
        ("opp.fastaqim", "2017-01-26T00:00:00+02:00", "opp.fastaqim", "opp.ahrar"),
    ],
)
def test_mergers_change_identity_at_their_instant(actor: str, since: str, before: str, after: str) -> None:
    at = damascus(since)
    assert REGISTRY.facts_at(actor, at - MOMENT).identity == before
    assert REGISTRY.facts_at(actor, at).identity == after
    assert REGISTRY.facts_at(actor, at + MOMENT).identity == after
    assert REGISTRY.facts_at(actor, at).bloc == after.split(".")[0]


def test_a_merged_group_has_its_new_identity_s_listing_and_commitment() -> None:
    before, after = damascus("2017-01-27T12:00:00+02:00"), damascus("2017-01-29T12:00:00+02:00")
    assert REGISTRY.facts_at("opp.zenki", before).designations == ()
    assert REGISTRY.facts_at("opp.zenki", before).commitments == (
        Commitment(ANK, "lists of 12 to 14 factions", "ambiguous"),
        Commitment(COH, "HNC", "committed"),
    )
    assert Designation("UNSC-1267", "listed") in REGISTRY.facts_at("opp.zenki", after).designations
    assert REGISTRY.facts_at("opp.zenki", after).commitments == (
        Commitment(ANK, "RU", "not_party"),
        Commitment(COH, "US", "not_party"),
    )


@pytest.mark.parametrize(
    ("actor", "since", "before", "after"),
    [
        ("exc.nusra", "2016-07-28T00:00:00+03:00", "Jabhat al-Nusra", "Jabhat Fatah al-Sham"),
        ("exc.nusra", "2017-01-28T00:00:00+02:00", "Jabhat Fatah al-Sham", "Hayat Tahrir al-Sham"),
        ("exc.yarmouk", "2016-05-21T00:00:00+03:00", "Liwa Shuhada al-Yarmouk", "Jaysh Khalid ibn al-Walid"),
        ("opp.div13", "2016-09-01T00:00:00+03:00", "13th Division", "Free Idlib Army"),
    ],
)
def test_renames_keep_identity(actor: str, since: str, before: str, after: str) -> None:
    at = damascus(since)
    assert [REGISTRY.name_at(actor, one) for one in (at - MOMENT, at, at + MOMENT)] == [before, after, after]
    before_it, after_it = REGISTRY.facts_at(actor, at - MOMENT), REGISTRY.facts_at(actor, at)
    assert before_it.identity == after_it.identity == actor
    assert before_it.designations == after_it.designations
    assert before_it.commitments == after_it.commitments


@pytest.mark.parametrize(
    ("actor", "on", "status", "since", "until"),
    [
        ("exc.isil", "UNSC-1267", "listed", "2004-10-18T00:00:00+02:00", None),
        ("exc.nusra", "UNSC-1267", "listed", "2013-05-30T00:00:00+03:00", "2026-02-27T00:00:00+03:00"),
        ("amb.tip", "UNSC-1267", "disputed", "2002-09-11T00:00:00+03:00", None),
        ("amb.sham_islam", "UNSC-1267", "listed", "2016-02-29T00:00:00+02:00", None),
        ("amb.muhajirin", "UNSC-1267", "listed", "2016-02-29T00:00:00+02:00", None),
        ("exc.ansar_islam", "UNSC-1267", "listed", "2003-02-24T00:00:00+02:00", None),
        ("amb.jund_aqsa", "UNSC-1267", "listed", "2017-07-20T00:00:00+03:00", None),
        ("amb.jund_aqsa", "US", "listed", "2016-09-20T00:00:00+03:00", "2016-10-07T00:00:00+03:00"),
        ("exc.yarmouk", "UNSC-1267", "disputed", "2014-12-01T00:00:00+02:00", "2017-07-20T00:00:00+03:00"),
        ("exc.yarmouk", "UNSC-1267", "listed", "2017-07-20T00:00:00+03:00", None),
        ("exc.yarmouk", "US", "listed", "2016-06-09T00:00:00+03:00", None),
        ("exc.isil", "US", "listed", "2004-12-17T00:00:00+02:00", None),
        ("exc.nusra", "US", "listed", "2012-12-11T00:00:00+02:00", "2025-07-08T00:00:00+03:00"),
        ("exc.nusra", "TR", "listed", "2014-06-03T00:00:00+03:00", None),
        ("exc.nusra", "RU", "listed", "2014-12-29T00:00:00+02:00", None),
        ("opp.ji", "RU", "disputed", "2016-05-10T00:00:00+03:00", "2016-12-30T00:00:00+02:00"),
        ("opp.ahrar", "RU", "disputed", "2016-05-10T00:00:00+03:00", "2016-12-30T00:00:00+02:00"),
    ],
)
def test_designations_begin_and_end_at_their_instants(
    actor: str, on: str, status: str, since: str, until: str | None
) -> None:
    entry = (on, status)
    start = damascus(since)
    assert entry not in REGISTRY.facts_at(actor, start - MOMENT).designations
    assert entry in REGISTRY.facts_at(actor, start).designations
    assert entry in REGISTRY.facts_at(actor, start + MOMENT).designations
    if until is not None:
        end = damascus(until)
        assert entry in REGISTRY.facts_at(actor, end - MOMENT).designations
        assert entry not in REGISTRY.facts_at(actor, end).designations


def test_nusra_s_listing_does_not_lapse_between_the_two_entries() -> None:
    at = damascus("2014-05-14T00:00:00+03:00")
    for instant in (at - MOMENT, at, at + MOMENT):
        assert Designation("UNSC-1267", "listed") in REGISTRY.facts_at("exc.nusra", instant).designations


def test_groups_never_listed_by_the_security_council() -> None:
    for actor in ("opp.ahrar", "opp.ji", "kur.ypg", "ally.hezbollah", "gov.saa"):
        for instant in REGISTRY.boundaries():
            assert "UNSC-1267" not in {one.list for one in REGISTRY.facts_at(actor, instant).designations}


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        ("gov.saa", {("GoS", "committed")}),
        ("gov.ndf", {("GoS", "associated")}),
        ("ally.hezbollah", {("GoS", "associated")}),
        ("ext.russia", {("RU", "committed")}),
        ("ext.cjtf", {("US", "committed")}),
        ("ext.turkey", {("TR", "refused")}),
        ("kur.ypg", {("YPG", "committed"), ("TR", "disputed")}),
        ("opp.ji", {("HNC", "committed")}),
        ("opp.ahrar", {("US", "committed"), ("RU", "disputed")}),
        ("opp.daraya", {("HNC", "committed")}),
        ("amb.jund_aqsa", {("HNC", "ambiguous")}),
        ("exc.isil", {("US", "not_party")}),
        ("coa.jaysh_fatah", {("members", "ambiguous")}),
        ("unk.unidentified", set()),
    ],
)
def test_commitments_when_the_cessation_begins(actor: str, expected: set[tuple[str, str]]) -> None:
    facts = REGISTRY.facts_at(actor, damascus("2016-02-27T00:00:00+02:00"))
    assert {(one.authority, one.status) for one in facts.commitments if one.agreement == COH} == expected


def test_commitments_begin_when_they_were_made() -> None:
    at = damascus("2016-02-26T00:00:00+02:00")
    assert REGISTRY.facts_at("opp.ji", at - MOMENT).commitments == ()
    assert REGISTRY.facts_at("opp.ji", at).commitments == (Commitment(COH, "HNC", "committed"),)


@pytest.mark.parametrize(
    ("actor", "coalition", "since", "until"),
    [
        ("opp.ahrar", "coa.fatah_halab", "2015-04-26T00:00:00+03:00", "2017-01-21T00:00:00+02:00"),
        ("opp.sham_legion", "coa.jaysh_fatah", "2016-05-02T00:00:00+03:00", "2017-01-28T00:00:00+02:00"),
        ("opp.sham_legion", "coa.jaysh_fatah", "2015-03-24T00:00:00+02:00", "2016-01-03T00:00:00+02:00"),
        ("amb.tip", "coa.jaysh_fatah", "2016-05-02T00:00:00+03:00", "2017-01-28T00:00:00+02:00"),
        ("amb.jund_aqsa", "coa.jaysh_fatah", "2015-03-24T00:00:00+02:00", "2015-10-23T00:00:00+03:00"),
        ("exc.nusra", "coa.ansar_sharia", "2015-07-02T00:00:00+03:00", "2016-04-01T00:00:00+03:00"),
    ],
)
def test_coalitions_are_left_and_joined(actor: str, coalition: str, since: str, until: str) -> None:
    start, end = damascus(since), damascus(until)
    inside = [coalition in REGISTRY.facts_at(actor, at).coalitions for at in (start - MOMENT, start, end - MOMENT, end)]
    assert inside == [False, True, True, False]
    assert actor in REGISTRY.members_at(coalition, start)


def test_fatah_halab_never_has_nusra() -> None:
    assert all("exc.nusra" not in REGISTRY.members_at("coa.fatah_halab", at) for at in REGISTRY.boundaries())


def test_boundaries_are_sorted_utc_and_no_answer_changes_between_them() -> None:
    bounds = REGISTRY.boundaries()
    assert list(bounds) == sorted(set(bounds))
    assert all(one.utcoffset() == timedelta(0) for one in bounds)
    asked_late = ActorRegistry.load()
    for start, end in pairwise(bounds):
        for actor in REGISTRY.ids():
            assert REGISTRY.facts_at(actor, start) == asked_late.facts_at(actor, end - MOMENT)


def test_facts_need_a_zone_and_a_registered_id() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        REGISTRY.facts_at("gov.saa", datetime(2016, 3, 1))  # noqa: DTZ001
    with pytest.raises(KeyError):
        REGISTRY.facts_at("gov.nobody", damascus("2016-03-01T00:00:00+02:00"))


# The file


SMALL = """\
actors:
  - id: gov.saa
    name: Syrian Army
    kind: force
labels: []
words: {joining: [and], plain: [], unclear: [not], about_after: [], about_before: [], locating: []}
"""


def test_a_small_file_is_enough() -> None:
    registry = ActorRegistry(read_model(ActorFile, SMALL, "small.yaml"))
    assert registry.resolve("the Syrian Army", ()).ids == ("gov.saa",)
    assert registry.boundaries() == ()


@pytest.mark.parametrize(
    ("addition", "complaint"),
    [
        ("mergers:\n  - {actor: gov.saa, into: gov.foo, source: x, source_status: known}\n", "gov.foo"),
        ("renames:\n  - {actor: gov.saa, name: X, from: 2016, source: x, source_status: known}\n", "small.yaml:8"),
        (
            "renames:\n  - {actor: gov.saa, name: X, from: 2016-01-01T00:00:00, source: x, source_status: known}\n",
            "zone",
        ),
        (
            "renames:\n  - {actor: gov.saa, name: X, from: 2016-02-01, until: 2016-01-01, source: x,"
            " source_status: known}\n",
            "not after",
        ),
        ("renames:\n  - {actor: gov.saa, name: X, source: x, source_status: sure}\n", "not a known word"),
    ],
)
def test_faults_of_the_file_are_told(addition: str, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        read_model(ActorFile, SMALL + addition, "small.yaml")


def test_one_name_of_two_actors_is_refused() -> None:
    twice = SMALL.replace("labels:", "  - {id: gov.rg, name: Guard, kind: force, aliases: [SYRIAN-ARMY]}\nlabels:")
    with pytest.raises(DataError, match="one phrase of two meanings"):
        ActorRegistry(read_model(ActorFile, twice, "small.yaml"))


# Real data


@pytest.mark.skipif(not DOCUMENTED.exists(), reason="COHSTREAM_REAL_DATA has no coh_documented_reports")
def test_documented_reports(capsys: pytest.CaptureFixture[str]) -> None:
    """Every id is known, and a text alone never accuses somebody whom the coder of the report did not name.

    Measured on 364 rows: of 269 whose coder names a known actor, the text alone gives a set that shares it in 189, and
    nobody in 80 (most say "denied", "contested", "own forces", or name no actor at all).
    """
    outcome: Counter[str] = Counter()
    with DOCUMENTED.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        coded = tuple(one for one in row["perpetrator_id"].split("|") if one)
        resolved = REGISTRY.resolve(row["perpetrator_claimed"], coded)
        assert set(coded) <= set(REGISTRY.ids())
        if "unk.unidentified" not in coded:
            assert resolved.ids == coded or not coded
        from_text = ids(row["perpetrator_claimed"])
        if not coded:
            assert from_text == (), row["perpetrator_claimed"]
        elif coded == ("unk.unidentified",):
            assert len(from_text) != 1, row["perpetrator_claimed"]
        else:
            known = set(coded) - {"unk.unidentified"}
            outcome["held" if known & set(from_text) else "nobody" if not from_text else "another"] += 1
    with capsys.disabled():
        print(f"\nactors by text alone: {dict(outcome)}")
    assert outcome["another"] == 0
    assert outcome["held"] >= 0.68 * outcome.total()
