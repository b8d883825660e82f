"""Why a claim is in its incident, what it contributes, and why its neighbours are other incidents."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from worlds import lines, reports

from cohstream.domain.claim import Claim
from cohstream.engine.apart import Reason
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.contributed import NOTHING, Contributed, contributed
from cohstream.engine.describe import describe
from cohstream.engine.evidence import incident_meant, members_of, presence_at
from cohstream.engine.fuse import Cluster
from cohstream.engine.ledger import Ledger
from cohstream.engine.likeness import likeness, of_places, part_of_place, parts_of
from cohstream.engine.why import How, Joined, cluster_of, joined, kept_apart
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements

Make = Callable[..., bytes]
Ledgers = Callable[..., Ledger]
CONTEXT = Context.of(load_knowledge(), load_agreements())
HOMS = {"place": {"text": "Homs province"}}
TOLL = {"harm": {"killed": {"min": 3, "max": 5}}}


def fused(bodies: list[dict[str, object]]) -> Ledger:
    ledger = Ledger()
    apply(ledger, lines(bodies), CONTEXT)
    return ledger


def whole(ledger: Ledger, name: str) -> tuple[Cluster, dict[str, Claim]]:
    """The cluster behind an incident, and its members by source."""
    incident = ledger.incidents[incident_meant(ledger, name)]
    cluster = cluster_of(ledger, incident, CONTEXT)
    assert cluster is not None
    return cluster, {claim.source: claim for claim in members_of(ledger, incident)}


def why(ledger: Ledger, name: str, source: str) -> Joined:
    cluster, members = whole(ledger, name)
    return joined(ledger, cluster, members[source], CONTEXT)


def given_by(ledger: Ledger, name: str, source: str) -> dict[str, Contributed]:
    cluster, members = whole(ledger, name)
    incident = ledger.incidents[incident_meant(ledger, name)]
    return {one.field: one for one in contributed(members[source], incident, cluster, CONTEXT, None)}


@settings(max_examples=200, deadline=None)
@given(st.lists(reports(), min_size=2, max_size=8))
def test_the_parts_add_up_to_the_likeness(bodies) -> None:
    claims = list(fused(bodies).claims())
    for one in claims:
        for other in claims:
            parts = parts_of(one, other)
            assert sum(part.weight for part in parts) == pytest.approx(likeness(one, other))
            assert all(part.field and part.comparison and part.said and part.weight for part in parts)
            place, weight = part_of_place(one, other), of_places(one, other)
            assert (place is None) is (weight is None)
            assert place is None or place.weight == weight


@settings(max_examples=100, deadline=None)
@given(st.lists(reports(), max_size=10))
def test_every_member_of_every_incident_has_a_reason_and_contributes(bodies) -> None:
    ledger = fused(bodies)

    def said_at(place, start):
        return frozenset(one.excluded_presence for one in presence_at(ledger, place, start))

    for incident in ledger.incidents.values():
        cluster = cluster_of(ledger, incident, CONTEXT)
        assert cluster is not None
        members = members_of(ledger, incident)
        founding = [one for one in members if one.kind in ("allegation", "observation")]
        attached = [one for one in members if one not in founding]
        again = describe(cluster.founder, founding, attached, CONTEXT.event_day, said_at)
        assert replace(again, conflicting=incident.conflicting) == incident
        rules = [joined(ledger, cluster, one, CONTEXT).how for one in members]
        assert rules.count(How.FOUNDER) == 1
        assert rules.count(How.ATTACHED) <= len(attached) <= rules.count(How.ATTACHED) + rules.count(How.ORDERED)
        for one in members:
            known = joined(ledger, cluster, one, CONTEXT)
            if known.how in (How.CHOSE, How.ATTACHED) and known.rival is not None:
                assert known.weight > known.rival.weight
            assert one in attached or contributed(one, incident, cluster, CONTEXT, said_at)


def test_the_most_precise_account_founds_and_one_of_its_spot_joins(report: Make, ledger_of: Ledgers) -> None:
    hour = {"start": "2016-03-01T10:00:00+02:00", "precision": "hour"}
    ledger = ledger_of([[report(**TOLL), report(source="SOHR", occurred=hour, harm={"killed": {"min": 4, "max": 4}})]])
    assert why(ledger, "SNHR/1", "SOHR") == Joined(How.FOUNDER)
    known = why(ledger, "SNHR/1", "SNHR")
    assert known.how is How.SPOT
    assert known.rival is None
    weights = {part.field: (part.comparison, part.said, part.weight) for part in known.parts}
    assert weights["target"] == ("the same", "residential", 1.0)
    assert weights["killed"] == ("can be one number", "3 to 5 and 4", 0.7)
    assert known.weight == pytest.approx(2.4)


def test_a_wide_claim_tells_which_event_it_chose_and_what_came_next(report: Make, ledger_of: Ledgers) -> None:
    hospital = report(report_id="2", place={"text": "Rastan"}, target={"class": "medical"})
    wide = report(source="SOHR", **HOMS)
    ledger = ledger_of([[report(), hospital, wide]])
    known = why(ledger, "SNHR/1", "SOHR")
    assert known.how is How.CHOSE
    assert known.parts[0].field == "place"
    assert known.rival is not None
    assert known.rival.incident_id == incident_meant(ledger, "SNHR/2")
    assert known.weight - known.rival.weight > 1


def test_a_denial_is_attached(report: Make, ledger_of: Ledgers) -> None:
    denial = report(source="SANA", kind="denial", perpetrator={"candidates": ["gov.saa"], "certainty": "denied"})
    ledger = ledger_of([[report(), denial]])
    assert why(ledger, "SNHR/1", "SANA").how is How.ATTACHED
    told = given_by(ledger, "SNHR/1", "SANA")
    assert (told["denied_by"].value, told["denied_by"].without) == (("gov.saa",), ())
    assert (told["attribution"].value, told["attribution"].without) == ("contested", "possible")
    assert "place" not in told


def test_wide_claims_alone_are_told_to_be_alike(report: Make, ledger_of: Ledgers) -> None:
    ledger = ledger_of([[report(**HOMS, **TOLL), report(source="SOHR", **HOMS, **TOLL)]])
    assert {why(ledger, "SNHR/1", source).how for source in ("SNHR", "SOHR")} == {How.FOUNDER, How.TOGETHER}


def test_what_hangs_on_one_account_alone_is_told_with_what_there_would_be_without_it(
    report: Make, ledger_of: Ledgers
) -> None:
    ledger = ledger_of([[report(**TOLL), report(source="SOHR", harm={"killed": {"min": 4, "max": 9}})]])
    more = given_by(ledger, "SNHR/1", "SOHR")
    assert more["killed"] == Contributed("killed", (3, 9), alone=True, without=(3, 5))
    assert more["verification"].without == "alleged"
    assert more["independent_voices"] == Contributed("independent_voices", 2, alone=True, without=1)
    assert more["target"] == Contributed("target", "residential", alone=False, without="residential")


def test_of_a_lone_account_everything_hangs_on_it(report: Make, ledger_of: Ledgers) -> None:
    told = given_by(ledger_of([[report()]]), "SNHR/1", "SNHR")
    assert {"place", "time", "weapon", "target", "perpetrator"} <= told.keys()
    assert all(one.alone and one.without is NOTHING for one in told.values())


def test_incidents_nearby_are_told_with_what_stands_between(report: Make, ledger_of: Ledgers) -> None:
    others = [
        report(report_id="2"),
        report(source="SANA", conduct="shelling", weapon={"text": "mortar"}),
        report(source="SOHR", report_id="3", place={"text": "Rastan"}),
        report(source="SOHR", report_id="4", place={"text": "Palmyra"}),
        report(source="MSF", report_id="5", place={"text": "Daraya"}),
    ]
    ledger = ledger_of([[report(), *others]])
    cluster, _ = whole(ledger, "SNHR/1")
    found = kept_apart(ledger, cluster, CONTEXT)
    assert [(one.incident.incident_id, one.apart.reason) for one in found][2] == (
        incident_meant(ledger, "SOHR/3"),
        Reason.PLACE,
    )
    assert {one.apart.reason for one in found[:2]} == {Reason.SOURCE, Reason.MEANS}
    assert [one.km for one in found[:2]] == [0, 0]


def test_what_an_analyst_ordered_is_told_as_that(report: Make, ledger_of: Ledgers) -> None:
    def order(action: str) -> bytes:
        said = {"action": action, "reports": ["SNHR/1", "SOHR/1"], "author": "duty analyst", "reason": "one video"}
        return report(source="Mission", report_id="o", kind="override", conduct=None, override=said)

    linked = ledger_of([[report(), report(source="SOHR", place={"text": "Rastan"}), order("must_link")]])
    assert {why(linked, "SNHR/1", source).how for source in ("SNHR", "SOHR")} == {How.FOUNDER, How.ORDERED}
    parted = ledger_of([[report(), report(source="SOHR"), order("cannot_link")]])
    cluster, _ = whole(parted, "SNHR/1")
    (near,) = kept_apart(parted, cluster, CONTEXT)
    assert near.apart == (Reason.ORDERED, "cannot_link")
    pinned = ledger_of([[report(), report(source="SOHR"), report(source="MSF", report_id="2"), order("pin")]])
    cluster, members = whole(pinned, "SNHR/1")
    (near,) = kept_apart(pinned, cluster, CONTEXT)
    assert members.keys() == {"SNHR", "SOHR"}
    assert near.apart == (Reason.ORDERED, "pinned")


def test_a_former_id_still_names_the_incident(report: Make, ledger_of: Ledgers) -> None:
    earlier = report(source="MSF", occurred={"start": "2016-03-01T00:00:00+02:00", "precision": "exact"})
    ledger = ledger_of([[report(source="SOHR")]])
    (former,) = ledger.incidents
    both = ledger_of([[report(source="SOHR")], [earlier]])
    (now,) = both.incidents
    assert former != now
    assert incident_meant(both, former) == now
    assert why(both, former, "SOHR").how is How.SPOT
