"""A second report, another attribution and a retraction move everything that counts alike, on every driver; and what
was known and what was published before they came can still be read.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from tests.conformance.changes import Told, told_by, verdicts_by
from tests.conformance.drivers import Driver, gauges_of_oracle
from tests.conformance.test_conformance import shows_gauges
from tests.deployments import oracle, oracle_digest

pytestmark = pytest.mark.timeout(300)

POLICY = "target_based"
RUSSIAN = {"candidates": ["ext.russia"], "certainty": "alleged"}
SYRIAN = {"text": "SyAAF", "certainty": "alleged"}
NOBODY: dict[str, Any] = {"candidates": []}


def report(source: str, day: int, **changes: Any) -> bytes:
    """An air strike on homes in Talbiseh on 1 March 2016, reported by ``source`` and received on ``day`` of March."""
    body = {
        "source": source,
        "report_id": "1",
        "kind": "allegation",
        "published_at": f"2016-03-{day:02}T09:00:00Z",
        "received_at": f"2016-03-{day:02}T10:00:00Z",
        "occurred": {"start": "2016-03-01T10:00:00+02:00", "precision": "hour"},
        "place": {"text": "Talbiseh"},
        "conduct": "air_strike",
        "perpetrator": RUSSIAN,
        "target": {"class": "residential"},
        "excluded_presence": "none",
    }
    return json.dumps(body | changes).encode()


class Event(NamedTuple):
    """A report that comes in, and the verdict by party that holds of the incident from then on."""

    day: int
    raw: bytes
    then: dict[str, str]


STORY = (
    Event(2, report("SNHR", 2), {"russia": "VIOLATION"}),
    Event(3, report("SOHR", 3, perpetrator=NOBODY), {"russia": "VIOLATION"}),
    Event(5, report("SNHR", 5, revision=1, perpetrator=SYRIAN), {"government": "VIOLATION"}),
    Event(6, report("SNHR", 6, revision=2, retracts=True), {"undetermined": "UNDETERMINED"}),
    Event(8, report("SOHR", 8, revision=1, retracts=True), {}),
)


def by_tallies(driver: Driver) -> dict[str, str]:
    return {
        one["party"]: one["verdict"]
        for one in driver.tallies()
        if one["policy"] == POLICY and one["agreement"] == "SY-COH-2016-02" and one["count"] == 1
    }


def by_gauges(driver: Driver) -> set[str]:
    """Parties with a possible violation, as gauges show it."""
    labels = (dict(labels) for name, labels in driver.gauges() if name == "cohstream_policy_violations")
    return {of["party"] for of in labels if (of["policy"], of["bound"]) == (POLICY, "max")}


def by_verdicts(told: Told) -> dict[str, str]:
    return {party: of[POLICY] for verdicts in told.values() for party, of in verdicts.items()}


def by_summary(summary: dict[str, Any]) -> dict[str, str]:
    return {one["party"]: one["verdict"] for one in summary["tallies"] if one["policy"] == POLICY}


def at(day: int) -> str:
    return f"2016-03-{day:02}T12:00:00Z"


def test_all_that_counts_moves_alike_and_what_was_before_can_be_read(driver: Driver) -> None:
    lines: list[bytes] = []
    clock, digests = [], []
    for event in STORY:
        lines.append(event.raw)
        driver.feed([event.raw])
        clock.append(datetime.now(UTC).isoformat())
        digests.append(driver.digest())
        assert digests[-1] == oracle_digest(lines), "incidents, assessments and tallies are those of all reports so far"
        assert by_tallies(driver) == event.then
        shows_gauges(driver, gauges_of_oracle(lines))
        assert by_gauges(driver) == event.then.keys()
        told = told_by(driver.changes())
        assert told == verdicts_by(oracle(lines))
        assert by_verdicts(told) == event.then

    assert len(set(digests)) == len(STORY)
    for event, now, digest in zip(STORY, clock, digests, strict=True):
        known = driver.as_known(at(event.day))
        assert (known["digest"], known["as_known_at"]) == (digest, at(event.day))
        assert by_summary(known) == event.then
        assert by_verdicts(driver.published(now)) == event.then


def test_what_moved_is_told_with_its_report(driver: Driver) -> None:
    driver.feed([event.raw for event in STORY])
    (revised,) = driver.moved(at(3), at(5))["changes"]
    assert [(one["step"], one["source"], one["revision"]) for one in revised["causes"]] == [("revision", "SNHR", 1)]
    assert [of[POLICY] for of in (revised["before"]["russia"], revised["after"]["government"])] == ["VIOLATION"] * 2
    gone = driver.moved(at(6), at(8))
    assert [one["change"] for one in gone["changes"]] == ["retracted"]
    assert [one["step"] for one in gone["changes"][0]["causes"]] == ["retraction"]
    effects = {
        one["party"]: (one["before"], one["after"])
        for one in driver.moved(at(2), at(5))["parties"]
        if one["policy"] == POLICY and one["before"] != one["after"]
    }
    none, one = {"min": 0, "max": 0}, {"min": 1, "max": 1}
    assert effects == {"russia": (one, none), "government": (none, one)}
