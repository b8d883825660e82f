"""What a replay comes to is what an in-memory run comes to: in any order, cut anywhere, stopped and resumed."""

from __future__ import annotations

from itertools import count
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from cohstream.publish.belief import FAMILIES, belief
from cohstream.publish.digest import digest
from cohstream.replay import replay as replays
from cohstream.replay.order import Order
from cohstream.simulate import simulate
from tests.conformance.changes import told_by, verdicts_by
from tests.deployments import oracle
from tests.replay.conftest import LAW, Play, digest_of
from tests.worlds import exchanges, lines, reports

ORDERS = list(Order)


@pytest.fixture
def few_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of a few reports, so that a small stream is cut often, and sealed behind."""
    monkeypatch.setattr(replays, "TOGETHER", 37)


@pytest.fixture(scope="module")
def stream() -> list[bytes]:
    """Reports over months with duplicates, revisions, retractions and disorder."""
    return list(simulate(1_500, seed=11, duplicates=0.05, revisions=0.1, retractions=0.05, disorder=0.3))


@pytest.mark.parametrize("by", ORDERS)
@pytest.mark.usefixtures("few_together")
def test_every_order_gives_the_digest_of_the_oracle(play: Play, stream: list[bytes], by: Order) -> None:
    assert digest_of(play(stream, by)) == digest(oracle(stream))


@pytest.mark.parametrize("by", ORDERS)
@pytest.mark.usefixtures("few_together")
def test_stopped_and_resumed_it_is_the_same_run(play: Play, stream: list[bytes], by: Order) -> None:
    whole, stopped = play(stream, by), play(stream, by, stops=(1, 7, 0, 12, 3))
    summary, expected = stopped.summary(), whole.summary()
    assert {**summary, "run": ""} == {**expected, "run": ""}
    assert list(stopped.results.changes()) == list(whole.results.changes())


@pytest.mark.parametrize("by", ORDERS)
@pytest.mark.usefixtures("few_together")
def test_answers_find_the_first_shot_also_where_days_are_let_go(play: Play, by: Order) -> None:
    """Many are acquitted, some by an attack of the day before, and much is withdrawn later."""
    told = lines(exchanges(900, seed=3))
    truth = oracle(told)
    acquitted = [one for one in truth.assessments() if "N-SELF-DEFENCE-PROPORTIONATE" in one.findings[0].reasons]
    assert len(acquitted) > 30
    whole, stopped = play(told, by), play(told, by, stops=(2, 5, 0, 4))
    assert digest_of(whole) == digest_of(stopped) == digest(truth)
    assert list(whole.results.changes()) == list(stopped.results.changes())
    if by is Order.EVENT:
        assert len(whole._ledger.incidents) < len(truth.incidents) / 2
        assert whole._ledger.evidence.keys() < truth.evidence.keys()


@pytest.mark.usefixtures("few_together")
def test_changes_lead_from_nothing_to_what_is_believed(play: Play, stream: list[bytes]) -> None:
    played = play(stream, Order.RECEIVED, stops=(5, 9))
    assert told_by([orjson.loads(body) for _, body in played.results.changes()]) == verdicts_by(oracle(stream))


@pytest.mark.usefixtures("few_together")
def test_steps_of_a_paced_replay_span_no_more_than_a_tick(play: Play, stream: list[bytes]) -> None:
    assert digest_of(play(stream, Order.EVENT, tick=6 * 3600.0)) == digest(oracle(stream))


_numbers = count()


@pytest.mark.parametrize("together", [1, 3])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(world=st.lists(reports(), max_size=12), by=st.sampled_from(ORDERS), stop=st.integers(0, 6))
def test_small_worlds(
    play: Play,
    together: int,
    world: list[dict[str, Any]],
    by: Order,
    stop: int,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replays, "TOGETHER", together)
        played = play(lines(world), by, stops=(stop,), run_id=f"world{next(_numbers)}")
    assert digest_of(played) == digest(oracle(lines(world)))


@pytest.mark.usefixtures("few_together")
def test_in_order_of_event_what_is_final_is_let_go(play: Play, stream: list[bytes]) -> None:
    """Else memory would grow with the stream: the ledger holds some days only, while the run has all incidents."""
    played = play(stream, Order.EVENT)
    assert played.results.counts()[0] == len(oracle(stream).incidents) > 200
    assert len(played._ledger.incidents) < 100
    assert not played._ledger.reports


@pytest.mark.usefixtures("few_together")
def test_its_gauges_are_those_of_the_oracle_and_carry_the_run(play: Play, stream: list[bytes]) -> None:
    played = play(stream, Order.RECEIVED, stops=(11,))
    shown = played.metrics.exposition()[0].decode()
    truth = belief(oracle(stream), LAW)
    names = {family.name for family in FAMILIES}
    found = {
        (sample.name, *(sample.labels[name] for name in family_labels(sample.name))): sample.value
        for family in text_string_to_metric_families(shown)
        if family.name in names
        for sample in family.samples
        if sample.value
    }
    assert found == {(f.name, *labels): float(n) for f, series in truth.items() for labels, n in series.items() if n}
    samples = [one for family in text_string_to_metric_families(shown) for one in family.samples]
    ours = [one for one in samples if one.name.startswith("cohstream_")]
    assert {one.labels["run"] for one in ours} == {played.run["id"]}


def family_labels(name: str) -> tuple[str, ...]:
    return next(family.labels for family in FAMILIES if family.name == name)


def test_what_cannot_be_read_is_kept_with_its_bytes(play: Play, stream: list[bytes]) -> None:
    played = play([*stream[:5], b"not json", b'{"source": "SNHR"}'])
    kept = played.run.db.execute("SELECT position, code, raw FROM rejected ORDER BY seq").fetchall()
    assert kept == [("test:6", "not_json", b"not json"), ("test:7", "missing_field", b'{"source": "SNHR"}')]
    assert played.summary()["reports"] == {"read": 7, "accepted": 5, "duplicate": 0, "rejected": 2}


def test_nothing_to_play_is_a_run_too(play: Play) -> None:
    assert digest_of(play([])) == digest(oracle([]))
