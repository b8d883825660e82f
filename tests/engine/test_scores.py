"""Scores of clusters against labels: what they promise of any two partitions, and figures worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohstream.engine.scores import Score, bcubed, pairs_in, pairwise

Partition = Mapping[str, str]


@st.composite
def two_partitions(draw: st.DrawFn) -> tuple[Partition, Partition]:
    """The same items put into groups twice."""
    names = st.sampled_from("abcd")
    items = [str(number) for number in range(draw(st.integers(0, 12)))]
    return {item: draw(names) for item in items}, {item: draw(names) for item in items}


def pairs(groups: Partition) -> set[tuple[str, str]]:
    return {pair for pair in combinations(sorted(groups), 2) if groups[pair[0]] == groups[pair[1]]}


def share_of_peers(of: Partition, agreeing: Partition) -> float:
    """For each item, the share of its group in ``of`` that ``agreeing`` puts with it too; the mean."""
    shares = []
    for item in of:
        peers = [other for other in of if of[other] == of[item]]
        shares.append(sum(agreeing[other] == agreeing[item] for other in peers) / len(peers))
    return sum(shares) / len(shares) if shares else 1.0


@given(two_partitions())
def test_pairwise_is_what_counting_pairs_gives(both: tuple[Partition, Partition]) -> None:
    labels, clusters = both
    true, found = pairs(labels), pairs(clusters)
    score = pairwise(labels, clusters)
    assert score.precision == pytest.approx(len(true & found) / len(found) if found else 1)
    assert score.recall == pytest.approx(len(true & found) / len(true) if true else 1)


@given(two_partitions())
def test_bcubed_is_what_asking_each_item_gives(both: tuple[Partition, Partition]) -> None:
    labels, clusters = both
    score = bcubed(labels, clusters)
    assert score.precision == pytest.approx(share_of_peers(clusters, labels))
    assert score.recall == pytest.approx(share_of_peers(labels, clusters))


@given(two_partitions())
def test_a_partition_agrees_with_itself_wholly(both: tuple[Partition, Partition]) -> None:
    labels, _ = both
    for score in (pairwise(labels, labels), bcubed(labels, labels)):
        assert score == pytest.approx((1.0, 1.0))
        assert score.f1 == pytest.approx(1.0)


@given(two_partitions())
def test_precision_one_way_is_recall_the_other_way(both: tuple[Partition, Partition]) -> None:
    labels, clusters = both
    for measure in (pairwise, bcubed):
        there, back = measure(labels, clusters), measure(clusters, labels)
        assert (there.precision, there.recall) == pytest.approx((back.recall, back.precision))
        assert there.f1 == pytest.approx(back.f1)


@given(two_partitions())
def test_only_who_is_together_counts_not_names_or_order(both: tuple[Partition, Partition]) -> None:
    labels, clusters = both
    renamed = {item: f"cluster {clusters[item]}" for item in reversed(clusters)}
    for measure in (pairwise, bcubed):
        assert measure(labels, renamed) == measure(labels, clusters)


def test_figures_of_the_example_in_the_paper_on_b_cubed() -> None:
    """Bagga and Baldwin 1998, figures 1 and 2: twelve mentions of three chains, two responses."""
    truth = dict.fromkeys("12345", "A") | dict.fromkeys("67", "B") | dict.fromkeys("89abc", "C")
    joins_a_small_chain = {item: "BC" if label in "BC" else label for item, label in truth.items()}
    joins_two_large = {item: "AC" if label in "AC" else label for item, label in truth.items()}
    assert bcubed(truth, joins_a_small_chain) == pytest.approx((16 / 21, 1), abs=0.001)
    assert bcubed(truth, joins_two_large) == pytest.approx((7 / 12, 1), abs=0.001)


def test_where_nothing_is_put_together_nothing_is_wrong_and_all_is_missed() -> None:
    score = pairwise({"1": "a", "2": "a", "3": "b"}, {"1": "x", "2": "y", "3": "z"})
    assert score == Score(1.0, 0.0)
    assert score.f1 == 0.0


def test_pairs_in_groups() -> None:
    assert pairs_in([1, 2, 4]) == 7
