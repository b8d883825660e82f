"""Which incident somebody means: by its id, a former one, its beginning, or a report that speaks of it."""

from __future__ import annotations

import pytest

from cohstream.engine.evidence import incident_meant, members_of, presence_claims
from cohstream.engine.intake import claim_id_of
from cohstream.errors import ConfigError


@pytest.fixture
def told(ledger_of, report):
    """Two monitors on one event, a third one elsewhere, and what is said of presence in both places."""
    said = {"kind": "presence", "presence": {"actor": "exc.nusra", "grade": "joint"}, "conduct": None}
    return ledger_of(
        [
            [
                report(report_id="1", source="SNHR"),
                report(report_id="a/b", source="SOHR"),
                report(report_id="2", place={"text": "Daraya"}),
                report(report_id="p", source="UN", **said),
                report(report_id="late", source="UN", occurred={"start": "2016-05-01T00:00:00+03:00"}, **said),
                report(report_id="gone", retracts=True),
            ]
        ]
    )


def test_every_name_of_an_incident_leads_to_it(told) -> None:
    anchor = incident_meant(told, "SNHR/1")
    assert incident_meant(told, "SOHR/a/b") == anchor
    for name in (anchor, anchor[:6], claim_id_of("SNHR", "1"), claim_id_of("SOHR", "a/b")):
        assert incident_meant(told, name) == anchor
    assert incident_meant(told, "SNHR/2") != anchor


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("SNHR/gone", "retracted"),
        ("UN/p", "of kind presence"),
        ("snhr/2", "near are: SNHR/2"),
        ("SNHR/3", "SNHR/1"),
        ("", "SOURCE/REPORT_ID"),
    ],
)
def test_what_names_none_says_why_and_what_is_near(told, asked: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        incident_meant(told, asked)


def test_an_incident_rests_on_its_members_and_what_is_said_of_presence_there_and_then(told) -> None:
    incident = told.incidents[incident_meant(told, "SNHR/1")]
    assert [one.report_id for one in members_of(told, incident)] == ["1", "a/b"]
    assert [one.report_id for one in presence_claims(told, incident)] == ["p"]
    elsewhere = told.incidents[incident_meant(told, "SNHR/2")]
    assert presence_claims(told, elsewhere) == []
