"""Simulated load: alike for a seed, valid, in order of publication, with the shares that were asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest

from cohstream.domain.report import Report
from cohstream.domain.vocabulary import Kind, TimePrecision
from cohstream.knowledge import load_knowledge
from cohstream.simulate import simulate
from cohstream.simulate.clock import DAYS

MANY = 8_000
DAMASCUS = ZoneInfo("Asia/Damascus")
DAY_THAT_BEGINS_AT_ONE = date(2016, 3, 25)
"""Clocks went from midnight to one."""


def read(**options: float) -> list[Report]:
    return [Report.model_validate_json(line) for line in simulate(MANY, 7, **options)]


@pytest.fixture(scope="module")
def usual() -> list[Report]:
    """The load as it comes without options."""
    return read()


def published(report: Report) -> float:
    assert report.published_at is not None
    return report.published_at.timestamp()


def share_of(reports: list[Report], what: str) -> float:
    """Share of first versions that are said again (``duplicate``), corrected (``revision``) or withdrawn."""
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    for report in reports:
        if report.retracts:
            counts["retraction"] += 1
        elif report.revision:
            counts["revision"] += 1
        else:
            counts["duplicate" if report.report_id in seen else "first"] += 1
            seen.add(report.report_id)
    return counts[what] / counts["first"]


def test_a_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    once = list(simulate(500, 1, disorder=0.1))
    assert once == list(simulate(500, 1, disorder=0.1))
    assert once != list(simulate(500, 2, disorder=0.1))


@pytest.mark.parametrize("reports", [0, 1, 2, 999])
@pytest.mark.parametrize("disorder", [0.0, 0.5])
def test_there_are_as_many_lines_as_asked_for(reports: int, disorder: float) -> None:
    assert sum(1 for _ in simulate(reports, 3, disorder=disorder)) == reports


def test_every_line_is_one_line_and_a_valid_report() -> None:
    for line in simulate(MANY, 7, disorder=0.1):
        assert b"\n" not in line
        Report.model_validate_json(line)


def test_every_field_is_one_that_a_report_has() -> None:
    """A report keeps unknown fields; a slip of the pen in the simulation would go unseen."""
    for line in simulate(500, 7):
        report = Report.model_validate_json(line)
        for part in (report, report.occurred, report.place, report.weapon, report.perpetrator, report.target):
            assert not part.model_extra


def test_lines_come_in_order_of_publication() -> None:
    """Save for duplicates, which say again what was published before."""
    assert all(published(one) <= published(other) for one, other in pairwise(read(duplicates=0)))


def test_disorder_displaces_about_its_share_and_keeps_the_lines() -> None:
    disordered = read(duplicates=0, disorder=0.2)
    late = sum(published(one) > published(other) for one, other in pairwise(disordered)) / MANY
    assert 0.05 < late < 0.25
    assert sorted(simulate(MANY, 7, disorder=0.2)) == sorted(simulate(MANY, 7))


@pytest.mark.parametrize(
    ("what", "usually", "raised"),
    [("duplicate", 0.02, "duplicates"), ("revision", 0.03, "revisions"), ("retraction", 0.005, "retractions")],
)
def test_shares_are_those_asked_for(usual: list[Report], what: str, usually: float, raised: str) -> None:
    assert share_of(usual, what) == pytest.approx(usually, rel=0.4)
    assert share_of(read(**{raised: 0.2}), what) == pytest.approx(0.2, rel=0.15)


def test_without_repetition_every_report_comes_once() -> None:
    reports = read(duplicates=0, revisions=0, retractions=0)
    assert len({report.identity for report in reports}) == MANY
    assert not any(report.retracts or report.revision for report in reports)


def test_only_the_same_source_corrects_or_withdraws(usual: list[Report]) -> None:
    sources = defaultdict(set)
    for report in usual:
        sources[report.report_id].add(report.source)
    assert all(len(names) == 1 for names in sources.values())


def test_a_correction_says_the_same_event_elsewise(usual: list[Report]) -> None:
    corrected = {report.report_id: report for report in usual if report.revision and not report.retracts}
    firsts = [report for report in usual if report.report_id in corrected and not report.revision]
    assert firsts
    assert all(corrected[one.report_id].conduct == one.conduct for one in firsts)
    assert any(corrected[one.report_id].harm != one.harm for one in firsts)


def test_reports_fill_the_span_around_the_cessation(usual: list[Report]) -> None:
    months = Counter(report.occurred.start.month for report in usual)
    assert set(months) == {2, 3, 4, 5, 6, 7, 8, 9, 10}
    assert min(months[month] for month in range(3, 10)) > MANY / 12


def test_a_day_is_a_day_of_damascus_also_in_summer(usual: list[Report]) -> None:
    for report in usual:
        if report.occurred.precision is TimePrecision.DAY:
            local = report.occurred.start.astimezone(DAMASCUS)
            begins = 1 if local.date() == DAY_THAT_BEGINS_AT_ONE else 0
            assert (local.hour, local.minute) == (begins, 0)


def test_the_kinds_of_report_have_their_shares(usual: list[Report]) -> None:
    kinds = Counter(report.kind for report in usual)
    assert kinds[Kind.DENIAL] / MANY == pytest.approx(0.025, abs=0.01)
    assert kinds[Kind.STATEMENT] / MANY == pytest.approx(0.03, abs=0.01)
    assert kinds[Kind.ALLEGATION] / MANY > 0.9


def test_accounts_are_drawn_like_the_documented_reports(usual: list[Report]) -> None:
    told = [report for report in usual if report.kind is Kind.ALLEGATION]
    shares = {
        "air strikes": (sum(report.conduct == "air_strike" for report in told), 0.46),
        "shelling": (sum(report.conduct == "shelling" for report in told), 0.27),
        "known to the day": (sum(report.occurred.precision is TimePrecision.DAY for report in told), 0.55),
        "with a point": (sum(report.place.lat is not None for report in told), 0.33),
        "with a toll": (sum(report.harm.killed is not None for report in told), 0.55),
        "that name no one": (sum(not report.perpetrator.candidates for report in told), 0.45),
    }
    assert {name: count / len(told) for name, (count, _) in shares.items()} == {
        name: pytest.approx(share, abs=0.08) for name, (_, share) in shares.items()
    }


def test_names_are_many_and_spelt_in_many_ways(usual: list[Report]) -> None:
    assert len({report.place.text for report in usual}) > 500
    assert len({report.source for report in usual}) > 80
    assert len({report.perpetrator.text for report in usual}) > 100


def test_most_places_and_actors_are_known_to_us(usual: list[Report]) -> None:
    """The draw must exercise resolution, not go past it."""
    knowledge = load_knowledge()
    told = [report for report in usual if report.kind is Kind.ALLEGATION][:2_000]
    unplaced = sum(not knowledge.places.resolve(one.place.text, None, None, None)[0].admin1 for one in told)
    assert unplaced / len(told) < 0.1
    named = {actor for one in told for actor in one.perpetrator.candidates}
    assert named <= set(knowledge.actors.ids())


def test_more_reports_in_more_days_are_a_longer_history_that_ends_as_before(usual: list[Report]) -> None:
    longer = [Report.model_validate_json(line) for line in simulate(MANY, 7, days=2 * DAYS)]
    first, last = (min(one.occurred.start for one in some) for some in (longer, usual))
    assert timedelta(days=DAYS - 10) < last - first < timedelta(days=DAYS + 10)
    ends = [max(one.occurred.start for one in some) for some in (longer, usual)]
    assert abs(ends[0] - ends[1]) < timedelta(days=0.1 * DAYS)


def test_events_are_told_by_several_sources(usual: list[Report]) -> None:
    """Two accounts of three, in the documented reports, share their event with another."""
    told = Counter((one.conduct, one.target.code, one.perpetrator.text, one.occurred.start.date()) for one in usual)
    assert max(told.values()) > 2


def test_the_first_lines_of_a_great_load_come_at_once() -> None:
    """Lines are made as they are read: memory stays flat."""
    assert len(list(islice(simulate(10**6, 1), 10))) == 10
