"""The history of a run in a real Prometheus: PromQL over the blocks answers with the run's own daily counts."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from cohstream.domain.vocabulary import UNDETERMINED, Verdict
from cohstream.local.session import Settings, chosen_agreements
from cohstream.publish.openmetrics import history
from cohstream.samples import sample_rows
from tests.deploy.panels import panels_of
from tests.deployments import oracle
from tools.prometheus import PrometheusUnavailableError, program, prometheus

SAMPLE = [row.report for row in sample_rows() if row.report is not None]
COH = "SY-COH-2016-02"
ZONE = ZoneInfo("Asia/Damascus")


def daily_violations() -> Counter[tuple[str, str]]:
    """Violations by party and event day under the default policy, as the oracle tallies them."""
    counts: Counter[tuple[str, str]] = Counter()
    policy = chosen_agreements(Settings())[COH].default_policy
    for key, count in oracle(SAMPLE).tallies().items():
        if (key.agreement, key.verdict, key.policy) == (COH, Verdict.VIOLATION, policy):
            counts[key.party, key.event_day] += count
    return counts


def end_of(day: str) -> float:
    """The last second of a day, in Unix time."""
    return (datetime.fromisoformat(day).replace(tzinfo=ZONE) + timedelta(days=1)).timestamp() - 1


def parties_of(dated: dict[tuple[str, str], int]) -> set[str]:
    return {party for party, _ in dated}


def dated_of(dated: dict[tuple[str, str], int], party: str) -> list[int]:
    return [count for (whose, _), count in dated.items() if whose == party]


def panel_of_violations() -> str:
    """The query of the dashboard's panel of violations per party."""
    (panel,) = [one for one in panels_of() if one.where == "situation: Violations assessed, per party"]
    return panel.queries[0].expr


@pytest.mark.prometheus
@pytest.mark.timeout(240)
def test_a_prometheus_with_the_exported_blocks_gives_the_daily_counts_of_the_replay(tmp_path: Path) -> None:
    try:
        promtool = program("promtool")
    except PrometheusUnavailableError as error:
        pytest.skip(str(error))
    cohstream = [sys.executable, "-m", "cohstream"]
    (tmp_path / "sample.jsonl").write_bytes(b"\n".join(SAMPLE))
    for words in (
        [*cohstream, "replay", "sample.jsonl", "--run", "february"],
        [*cohstream, "export", "openmetrics", "february", "--out", "february.om"],
        [promtool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", "february.om", "data"],
    ):
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr.decode()
    daily = daily_violations()
    dated = {key: count for key, count in daily.items() if key[1] != UNDETERMINED}
    assert len(dated) > 20
    with prometheus(data=tmp_path / "data") as running:
        for (party, day), count in dated.items():
            of = f'{{agreement="{COH}", party="{party}", run="february"'
            (found,) = running.query(f'cohstream_violations_recent{of}, window="24h"}}', at=end_of(day))
            assert found.value == count, (party, day)
        last = max(one.event_day for one in oracle(SAMPLE).counts if one.event_day != UNDETERMINED)
        panel = panel_of_violations().replace('run=""', 'run="february"')
        shown = {one.labels["party"]: int(one.value) for one in running.query(panel, at=end_of(last)) if one.value}
        assert shown == {party: n for party in parties_of(dated) if (n := sum(dated_of(dated, party)))}
        (law,) = running.query('cohstream_ruleset_info{run="february"}', at=end_of(last))
        assert law.labels["agreement"] == COH
        for party in {party for party, _ in daily}:
            of = f'{{agreement="{COH}", party="{party}"}}'
            total = running.query(f"sum(cohstream_violations{of})", at=end_of(last))
            assert [one.value for one in total] == [sum(dated_of(dated, party))]
            undated = running.query(f"sum(last_over_time(cohstream_violations_undated{of}[400d]))", at=end_of(last))
            assert [one.value for one in undated] == (
                [daily[party, UNDETERMINED]] if daily[party, UNDETERMINED] else []
            )


def test_every_series_has_one_sample_a_day_from_its_first_to_the_last() -> None:
    ledger = oracle(SAMPLE)
    by_day: dict[str, dict] = {}  # type: ignore[type-arg]
    for contribution, count in ledger.counts.items():
        by_day.setdefault(contribution.event_day, {})[contribution] = count
    exported = history(sorted(by_day.items()), chosen_agreements(Settings()), "run", ZONE).decode()
    families = {family.name: family for family in text_string_to_metric_families(exported)}
    watermarks = [one.value for one in families["cohstream_watermark_timestamp_seconds"].samples]
    dates = [datetime.fromtimestamp(one, UTC).astimezone(ZONE).date() for one in watermarks]
    assert dates == [dates[0] + timedelta(days=n) for n in range(len(dates))]
    policy = families["cohstream_policy_violations"]
    times: dict[tuple[str, ...], list[float]] = {}
    for one in policy.samples:
        times.setdefault(tuple(one.labels.values()), []).append(float(one.timestamp))
    assert all(each == watermarks[-len(each) :] for each in times.values())


def test_a_run_without_incidents_has_an_empty_history() -> None:
    assert history([], chosen_agreements(Settings()), "run", ZONE) == b"# EOF\n"
