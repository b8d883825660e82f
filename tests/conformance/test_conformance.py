"""What every driver must do, whatever it runs on. The truth is an in-memory run over the same reports."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

from cohstream.domain.canonical import canonical_json
from cohstream.publish.records import tally_record
from cohstream.simulate import simulate
from tests.conformance.changes import told_by, verdicts_by
from tests.conformance.drivers import Driver, Gauges, Rejected, gauges_of_oracle
from tests.deployments import oracle, oracle_digest, wait_until

SAMPLE = Path("cohstream/samples/coh2016.jsonl").read_bytes().splitlines()


def report(number: int = 1, **changes: Any) -> bytes:
    """A government air strike on homes in Talbiseh, a violation by every reading; ``number`` names the report."""
    body = {
        "source": "SNHR",
        "report_id": f"R{number}",
        "kind": "allegation",
        "published_at": "2016-03-02T09:00:00+02:00",
        "occurred": {"start": "2016-03-01T10:00:00+02:00", "precision": "hour"},
        "place": {"text": "Talbiseh"},
        "conduct": "air_strike",
        "weapon": {"text": "barrel bombs"},
        "perpetrator": {"candidates": ["gov.saa"], "certainty": "alleged"},
        "target": {"class": "residential"},
        "excluded_presence": "none",
    }
    return json.dumps(body | changes).encode()


def violations(driver: Driver) -> int:
    return sum(
        one["count"]
        for one in driver.tallies()
        if (one["party"], one["policy"], one["verdict"]) == ("government", "target_based", "VIOLATION")
    )


def shows_gauges(driver: Driver, expected: Gauges) -> None:
    """Gauges may lag by a moment: workers tell each other their watermarks."""
    with suppress(AssertionError):
        wait_until(lambda: driver.gauges() == expected, "the gauges are those of the oracle", seconds=5)
    assert driver.gauges() == expected


def test_an_analysts_order_joins_and_a_later_one_parts(driver: Driver) -> None:
    def order(action: str, **fields: Any) -> bytes:
        said = {"action": action, "reports": ["SNHR/R1", "SOHR/R2"], "author": "duty analyst", "reason": "one video"}
        return report(source="Mission", report_id="O1", kind="override", conduct=None, override=said, **fields)

    told = [report(), report(2, source="SOHR", place={"text": "Rastan"}), order("must_link")]
    driver.feed(told)
    assert (driver.digest(), violations(driver)) == (oracle_digest(told), 1)
    parting = order("cannot_link", revision=1)
    driver.feed([parting])
    assert (driver.digest(), violations(driver)) == (oracle_digest([*told, parting]), 2)


def test_an_answer_is_judged_again_when_the_attack_before_it_comes_and_goes(driver: Driver) -> None:
    def fire(number: int, hour: int, by: str, on: str, **changes: Any) -> bytes:
        said = {
            "occurred": {"start": f"2016-03-01T{hour:02}:00:00+02:00", "precision": "exact"},
            "conduct": "shelling",
            "weapon": {"class": "indirect_fire.mortar"},
            "perpetrator": {"candidates": [by], "certainty": "stated"},
            "target": {"class": "covered_party_force", "candidates": [on]},
        }
        return report(number, **said, **changes)

    def of_government() -> set[str]:
        return {one["verdict"] for one in driver.tallies() if one["party"] == "government"}

    answer = fire(2, 12, "gov.saa", "opp.ji", circumstances=["return_fire"])
    attack, gone = fire(1, 10, "opp.ji", "gov.saa"), fire(1, 10, "opp.ji", "gov.saa", revision=1, retracts=True)
    told: list[bytes] = []
    for line, verdict in ((answer, "UNDETERMINED"), (attack, "NOT_A_VIOLATION"), (gone, "UNDETERMINED")):
        told.append(line)
        driver.feed([line])
        assert (driver.digest(), of_government()) == (oracle_digest(told), {verdict})
    assert told_by(driver.changes()) == verdicts_by(oracle(told))


def test_the_sample_gives_what_an_in_memory_run_gives(driver: Driver) -> None:
    driver.feed(SAMPLE)
    ledger = oracle(SAMPLE)
    assert driver.digest() == oracle_digest(SAMPLE)
    expected = [tally_record(key, count) for key, count in ledger.tallies().items()]
    assert sorted(map(canonical_json, driver.tallies())) == sorted(map(canonical_json, expected))
    shows_gauges(driver, gauges_of_oracle(SAMPLE))
    assert told_by(driver.changes()) == verdicts_by(ledger)


def test_order_duplicates_and_batches_do_not_matter(driver: Driver) -> None:
    lines = list(simulate(1_500, seed=11))
    draw = random.Random(1)
    shuffled = [*lines, *draw.sample(lines, 200)]
    draw.shuffle(shuffled)
    for at in range(0, len(shuffled), 600):
        driver.feed(shuffled[at : at + 600])
    assert driver.digest() == oracle_digest(lines)
    assert told_by(driver.changes()) == verdicts_by(oracle(lines))


def test_the_same_input_again_changes_nothing_also_after_a_restart(driver: Driver) -> None:
    driver.feed(SAMPLE)
    digest, changes = driver.digest(), driver.changes()
    driver.restart()
    driver.feed(SAMPLE)
    assert driver.digest() == digest
    assert driver.changes() == changes
    shows_gauges(driver, gauges_of_oracle(SAMPLE))


def test_a_retraction_lowers_the_count_in_either_order(driver: Driver) -> None:
    driver.feed([report(1), report(2, place={"text": "Daraya"})])
    assert violations(driver) == 2
    driver.feed([report(2, place={"text": "Daraya"}, revision=1, retracts=True)])
    assert violations(driver) == 1
    driver.feed([report(3, place={"text": "Homs"}, revision=1, retracts=True)])
    driver.feed([report(3, place={"text": "Homs"})])
    assert violations(driver) == 1
    assert driver.digest() == oracle_digest([report(1)])


def test_a_revision_that_moves_withdraws_from_where_it_was(driver: Driver) -> None:
    driver.feed([report(1)])
    driver.feed([report(1, revision=1, place={"text": "Daraya"})])
    assert driver.digest() == oracle_digest([report(1, revision=1, place={"text": "Daraya"})])
    driver.feed([report(1, revision=2)])
    assert driver.digest() == oracle_digest([report(1, revision=2)])


def test_every_change_is_told_also_one_that_was_told_before(driver: Driver) -> None:
    there, gone = {"retracts": False}, {"retracts": True}
    for revision, state in enumerate([there, gone, there, gone, there]):
        driver.feed([report(1, revision=revision, **state)])
    changes = driver.changes()
    assert [change["change"] for change in changes] == ["new", "retracted"] * 2 + ["new"]
    assert len(told_by(changes)) == 1


def test_other_bytes_under_one_revision_are_flagged(driver: Driver) -> None:
    driver.feed([report(1)])
    driver.feed([report(1, note="other bytes")])
    assert driver.digest() == oracle_digest([report(1), report(1, note="other bytes")])
    assert driver.digest() != oracle_digest([report(1)])


def test_what_cannot_be_read_is_kept_with_its_bytes_and_the_rest_goes_on(driver: Driver) -> None:
    naive = report(6, occurred={"start": "2016-03-01T10:00:00"})
    bad = [b"not json", b'{"source": "\xff"}', report(5, conduct="war"), naive]
    driver.feed([report(1), *bad, report(2, place={"text": "Daraya"})])
    assert driver.digest() == oracle_digest([report(1), report(2, place={"text": "Daraya"})])
    rejected = driver.rejected()
    assert sorted(one.raw for one in rejected) == sorted(bad)
    assert Rejected("unknown_word", bad[2]) in rejected
    assert Rejected("naive_time", naive) in rejected
