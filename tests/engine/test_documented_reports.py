"""The documented reports come out as experts expect (domain reference, golden scenarios 1, 3, 5, 7 and 8).

Incidents are found by place and day, not by which reports were fused: every incident there has to hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from cohstream.domain.assessment import Finding
from cohstream.domain.incident import Incident
from cohstream.domain.vocabulary import AttributionConfidence, Policy, Verdict
from cohstream.engine.batch import Batch
from cohstream.engine.context import ZONE, Context
from cohstream.engine.ledger import Ledger
from cohstream.importers import open_input
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements

REPORTS = "coh_documented_reports/reports.csv"
FEBRUARY, SEPTEMBER = "SY-COH-2016-02", "SY-RVRA-2016-09"

DARAYA = (33.458, 36.237)
TELL_ABIAD = (36.697, 38.957)
NORTH_WEST_ALEPPO = (36.24, 37.11)
JABAL_THARDA = (35.27, 40.10)
URUM_AL_KUBRA = (36.1475, 36.9448)
NEAR_DEGREES = 0.1
"""About ten kilometres: a town, its air base and the hill above it."""

EVERY_POLICY = frozenset(Policy)


@pytest.fixture(scope="module")
def ledger(real_data: Path) -> Ledger:
    """What is believed of the documented reports under the terms of February and of September."""
    path = real_data / REPORTS
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    law = load_agreements()
    filled = Ledger()
    batch = Batch(filled, Context.of(load_knowledge(), {name: law[name] for name in (FEBRUARY, SEPTEMBER)}))
    for row in open_input(str(path), None, lambda _: None):
        batch.take(row.raw if row.report is None else row.report)
    batch.settle()
    return filled


Found = Callable[..., list[Incident]]


@pytest.fixture(scope="module")
def found(ledger: Ledger) -> Found:
    """``found(DARAYA, 2016-02-27, by="gov.saa", conduct="shelling")``: every such incident, at least one."""

    def find(
        point: tuple[float, float], *days: date, by: str | None = None, conduct: str | None = None
    ) -> list[Incident]:
        first, last = (datetime.combine(day, datetime.min.time(), ZONE) for day in (min(days), max(days)))
        those = [
            one
            for one in ledger.incidents.values()
            if is_near(one, point)
            and one.start < last + timedelta(days=1)
            and one.end > first
            and by in (None, *one.attribution.candidates)
            and conduct in (None, one.conduct)
        ]
        assert those, "no such incident"
        return those

    return find


def is_near(incident: Incident, point: tuple[float, float]) -> bool:
    lat, lon = incident.place.lat, incident.place.lon
    return (
        lat is not None
        and lon is not None
        and abs(lat - point[0]) < NEAR_DEGREES
        and abs(lon - point[1]) < NEAR_DEGREES
    )


def findings(ledger: Ledger, incidents: Iterable[Incident], agreement: str = FEBRUARY) -> list[Finding]:
    """All findings on ``incidents``; each of them has one for every policy."""
    said = [ledger.findings(one.incident_id, agreement) or () for one in incidents]
    assert all({one.policy for one in each} == EVERY_POLICY for each in said)
    return [finding for each in said for finding in each]


def test_whether_daraya_is_covered_is_contested(ledger: Ledger, found: Found) -> None:
    shelled = found(DARAYA, date(2016, 2, 27), by="gov.saa", conduct="shelling")
    for finding in findings(ledger, shelled):
        assert finding.party == "government"
        assert "MARBLED" in finding.flags
        if finding.policy in (Policy.STRICT_EXCLUSION, Policy.DOMINANCE, Policy.JOINT_IS_COVERED):
            assert (finding.verdict, finding.reasons) == (Verdict.CONTESTED, ("C-COVERAGE-AREA",))
        else:
            assert (finding.verdict, finding.reasons) == (Verdict.VIOLATION, ("V-ATTACK-COVERED",))


def test_what_nusra_did_to_kurdish_units_is_no_violation(ledger: Ledger, found: Found) -> None:
    attacks = found(NORTH_WEST_ALEPPO, date(2016, 2, 28), date(2016, 2, 29), by="exc.nusra")
    for finding in findings(ledger, attacks):
        assert (finding.party, finding.verdict) == ("non_party", Verdict.NOT_A_VIOLATION)
        assert finding.reasons == ("N-EXCLUDED-PERPETRATOR",)


def test_turkish_fire_at_tell_abiad_is_contested_as_is_who_fired_where_turkey_denies_it(
    ledger: Ledger, found: Found
) -> None:
    shelled = found(TELL_ABIAD, date(2016, 2, 27), date(2016, 2, 28), by="ext.turkey", conduct="shelling")
    for finding in findings(ledger, shelled):
        assert (finding.party, finding.verdict) == ("turkey", Verdict.CONTESTED)
        assert "C-COVERAGE-ACTOR" in finding.reasons
    denied = [one for one in shelled if "ext.turkey" in one.attribution.denied_by]
    assert denied
    for finding in findings(ledger, denied):
        assert "C-ATTRIBUTION" in finding.reasons


def test_the_strike_at_deir_ez_zor_is_a_mistake_once_it_is_admitted_and_never_nothing(
    ledger: Ledger, found: Found
) -> None:
    strikes = found(JABAL_THARDA, date(2016, 9, 17), by="ext.cjtf", conduct="air_strike")
    for finding in findings(ledger, strikes):
        assert finding.party == "coalition"
        assert finding.verdict in (Verdict.VIOLATION, Verdict.CONTESTED)
    admitted = [one for one in strikes if one.attribution.confidence is AttributionConfidence.CONFIRMED_ADMITTED]
    assert admitted
    for agreement in (FEBRUARY, SEPTEMBER):
        for finding in findings(ledger, admitted, agreement):
            assert (finding.verdict, finding.reasons) == (Verdict.VIOLATION, ("V-MISTAKE",))
            assert "ADMITTED" in finding.flags


@pytest.mark.parametrize("agreement", [FEBRUARY, SEPTEMBER])
def test_of_the_convoy_at_urum_al_kubra_nobody_is_held_and_the_time_is_disputed(
    ledger: Ledger, found: Found, agreement: str
) -> None:
    attacks = found(URUM_AL_KUBRA, date(2016, 9, 19), conduct="attack_on_aid")
    for incident in attacks:
        assert incident.target == "aid_convoy"
        assert incident.weapon.startswith("air_delivered")
        assert {"ext.russia", "gov.saa"} <= incident.attribution.candidates.keys()
    for finding in findings(ledger, attacks, agreement):
        assert (finding.party, finding.verdict) == ("undetermined", Verdict.CONTESTED)
        assert "C-TIME-OF-EFFECT" in finding.reasons
        assert "IHL-CONCERN" in finding.flags
