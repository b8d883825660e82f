"""Fusion held against labels: which reports count, what is said of them, and that fusion never sees a label."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest

from cohstream.domain.canonical import canonical_json
from cohstream.engine.apart import Reason
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.intake import claim_id_of
from cohstream.engine.ledger import Ledger
from cohstream.engine.scores import Score
from cohstream.errors import ConfigError
from cohstream.importers import Row
from cohstream.knowledge import load_knowledge
from cohstream.replay.labels import Labels
from cohstream.replay.score import Findings, held_against
from cohstream.replay.score_record import score_record

DAY = {"start": "2016-03-01T00:00:00+02:00", "end": "2016-03-02T00:00:00+02:00", "precision": "day"}
BASE: dict[str, Any] = {
    "kind": "allegation",
    "occurred": DAY,
    "place": {"text": "Talbiseh"},
    "conduct": "air_strike",
    "weapon": {"text": "barrel bombs"},
}

DEEP = b'{"source": "A", "report_id": "1", "harm": ' + b"[" * 400 + b"]" * 400 + b"}"

Told = Callable[..., Findings]


def row(source: str, label: str | None, **fields: Any) -> Row:
    """A report of ``source`` with its label under ``extra``."""
    extra = {} if label is None else {"event": label}
    raw = json.dumps({"source": source, "report_id": "1", **BASE, "extra": extra, **fields}).encode()
    return Row(raw, "in:1", raw)


def ids(*sources: str) -> set[str]:
    return {claim_id_of(source, "1") for source in sources}


@pytest.fixture(scope="module")
def context() -> Context:
    return Context.of(load_knowledge(), {})


@pytest.fixture
def told(context: Context) -> Told:
    """What holding rows against their labels finds."""

    def make(*rows: Row, column: str = "event") -> Findings:
        labels, ledger = Labels(column), Ledger()
        apply(ledger, [taken.report or b"" for taken in map(labels.take, rows)], context)
        return held_against(ledger, labels.by_claim(), context.day_of)

    return make


def test_reports_of_one_event_that_are_fused_score_fully(told: Told) -> None:
    found = told(row("SNHR", "a"), row("SOHR", "a"), row("MSF", "b", place={"text": "Daraya"}))
    assert found.fusion.pairwise == found.fusion.bcubed == Score(1.0, 1.0)
    assert (found.fusion.clusters, found.merges, found.splits) == (2, (), ())
    assert found.largest_incident == 2
    assert found.largest_label == ("a", 2)


def test_a_false_merge_names_its_labels_and_members(told: Told) -> None:
    found = told(row("SNHR", "a"), row("SOHR", "b"), row("MSF", "b"))
    (merge,) = found.merges
    assert (merge.labels, merge.wrong_pairs) == (("a", "b"), 2)
    assert {claim.claim_id for claim in merge.members} == ids("SNHR", "SOHR", "MSF")
    assert merge.near == "0.0 km and 0.0 h apart"
    assert found.fusion.pairwise == pytest.approx((1 / 3, 1))


def test_a_split_says_what_parts_it_from_its_largest_part(told: Told) -> None:
    found = told(row("SNHR", "a"), row("SOHR", "a"), row("MSF", "a", place={"text": "Rastan"}))
    (split,) = found.splits
    assert (split.label, split.missed_pairs) == ("a", 2)
    largest, lone = split.parts
    assert ({claim.claim_id for claim in largest.members}, largest.apart) == (ids("SNHR", "SOHR"), None)
    assert lone.apart is not None
    assert lone.apart.reason is Reason.PLACE
    assert found.reasons() == {"place_apart": 1}
    assert found.fusion.pairwise == pytest.approx((1, 1 / 3))


def test_what_is_in_no_incident_stands_alone(told: Told) -> None:
    statement = row("UN", "a", kind="statement", statement="truce", conduct=None)
    denial = row("SANA", "a", kind="denial", place={"text": "Daraya"})
    found = told(row("SNHR", "a"), statement, denial)
    assert (found.alone, found.fusion.clusters) == (2, 3)
    assert found.reasons() == {"not_an_event": 1, "other_area": 1}


def test_versions_of_a_report_count_once_with_the_label_of_the_first(told: Told) -> None:
    later = row("SNHR", "b", revision=1)
    assert told(later, row("SNHR", "a")).label_of == {claim_id_of("SNHR", "1"): "a"}
    assert told(later, row("SNHR", None)).label_of == {claim_id_of("SNHR", "1"): "b"}


def test_retracted_reports_are_left_out_and_counted(told: Told) -> None:
    found = told(row("SNHR", "a"), row("SOHR", "a"), row("SOHR", "a", revision=1, retracts=True))
    assert set(found.label_of) == ids("SNHR")
    assert found.retracted == 1


def test_reports_without_a_label_are_fused_but_not_scored(told: Told) -> None:
    found = told(row("SNHR", "a"), row("SOHR", None), row("MSF", ""))
    assert set(found.label_of) == ids("SNHR")
    assert (found.unlabelled, found.largest_incident) == (2, 3)


def test_a_plain_key_is_the_exact_words_and_the_day(told: Told) -> None:
    respelled = row("SOHR", "a", place={"text": "Talbisa"})
    next_day = row("MSF", "b", occurred={"start": "2016-03-02T12:00:00+02:00", "precision": "exact"})
    nowhere = [row(source, "c", place={}) for source in ("UN", "AP")]
    found = told(row("SNHR", "a"), respelled, next_day, *nowhere)
    assert found.plain_key.clusters == 5
    assert found.plain_key.pairwise == Score(1.0, 0.0)


def test_places_are_fine_wide_or_unknown(told: Told) -> None:
    wide, unknown = (
        row("SOHR", "a", place={"text": "Idlib governorate"}),
        row("MSF", "a", place={"text": "Nowhere at all"}),
    )
    found = told(row("SNHR", "a"), wide, unknown)
    assert found.places == (1, 1, 1)
    assert score_record(found)["places_resolved"] == 2


def test_borders_cost_what_lies_in_two_known_areas(told: Told) -> None:
    elsewhere = row("SOHR", "a", place={"text": "Daraya"})
    wide, unknown = (
        row("MSF", "a", place={"text": "Idlib governorate"}),
        row("UN", "a", place={"text": "Nowhere at all"}),
    )
    found = told(row("SNHR", "a"), row("AP", "a"), elsewhere, wide, unknown)
    assert found.borders == (10, 5, 2, 4)
    assert found.borders.recall_lost == pytest.approx(0.5)
    assert found.borders.recall_lost_fine == pytest.approx(0.2)


def test_fusion_sees_neither_the_label_nor_what_stands_beside_a_report() -> None:
    labels = Labels("event")
    taken = labels.take(row("SNHR", "a", extra={"event": "a", "place_std": "Talbiseh"}))
    assert b"event" not in (taken.report or b"")
    assert b"place_std" not in (taken.report or b"")
    beside = labels.take(row("SOHR", None, event="b", further=1))
    assert orjson.loads(beside.report or b"").keys() & {"event", "further", "extra"} == {"further"}
    assert labels.by_claim() == {claim_id_of("SNHR", "1"): "a", claim_id_of("SOHR", "1"): "b"}


def test_labels_change_nothing_of_what_is_fused(told: Told) -> None:
    def clusters(labels: Mapping[str, str]) -> int:
        return told(*(row(source, label) for source, label in labels.items())).fusion.clusters

    assert clusters({"SNHR": "a", "SOHR": "a"}) == clusters({"SNHR": "a", "SOHR": "b"}) == 1


@pytest.mark.parametrize("raw", [b"", b"nonsense", b"[1]", b"\xff", b'{"source": 1, "extra": 2}', DEEP])
def test_what_is_no_report_passes_through_for_intake_to_reject(raw: bytes) -> None:
    labels = Labels("event")
    assert labels.take(Row(raw, "in:1", raw)).report is not None
    assert labels.take(Row(raw, "in:1", None, "bad_row", "why")).report is None


def test_a_column_that_is_not_there_is_told_with_those_that_are(told: Told) -> None:
    with pytest.raises(ConfigError, match=r"'incident'.*event, url"):
        told(row("SNHR", "a", extra={"event": "a", "url": "x"}), column="incident")


def test_the_record_is_json_with_every_member(told: Told) -> None:
    found = told(row("SNHR", "a"), row("SOHR", "b"), row("MSF", "b", place={"text": "Daraya"}))
    record = json.loads(canonical_json(score_record(found)))
    (merge,) = record["merges"]
    assert [(one["source"], one["label"], one["place_text"]) for one in merge["members"]] == [
        ("SNHR", "a", "Talbiseh"),
        ("SOHR", "b", "Talbiseh"),
    ]
    (split,) = record["splits"]
    assert split["clusters"][0]["apart"] is None
    assert split["clusters"][1]["apart"]["reason"] == "other_area"
    assert record["plain_key"]["clusters"] == 2
