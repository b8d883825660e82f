"""A group whose agreements change: what it holds is judged anew, and told, before a worker is ready."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cohstream
from cohstream.engine.ledger import Ledger
from cohstream.local.session import Settings
from cohstream.publish.digest import digest
from cohstream.simulate import simulate
from tests.conformance.changes import told_by, verdicts_by
from tests.conformance.drivers import Live
from tests.deployments import Deployment, oracle, wait_until
from tests.live.faults import die_at

Deploy = Callable[..., Deployment]

COH, JIG, OWN = "SY-COH-2016-02", "SY-JIG-2016-07", "XX-OWN-2016-02"
AGREEMENTS = Path(cohstream.__file__).parent / "law" / "agreements"
BOUND = "[syrian_armed_forces, associated_forces, russian_forces, coalition_forces, turkish_forces]\n"
FEWER = "[syrian_armed_forces, associated_forces, russian_forces]\n"
SAMPLE = (Path(cohstream.__file__).parent / "samples" / "coh2016.jsonl").read_bytes().splitlines()

OTHER_KNOWLEDGE = """
from dataclasses import replace
import cohstream.knowledge as knowledge
other = replace(knowledge.load_knowledge(), digest="sha256:other")
knowledge.load_knowledge = lambda: other
"""


class Text:
    """The February terms under an id of their own, in a directory; :meth:`amend` lets a clause bind fewer."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "own.yaml"
        directory.mkdir()
        text = (AGREEMENTS / f"{COH}.yaml").read_text("utf-8")
        self._file.write_text(text.replace(f"agreement: {COH}", f"agreement: {OWN}"), "utf-8")
        self.environment = {"COHSTREAM_AGREEMENTS": str(directory), "COHSTREAM_AGREEMENT": OWN}
        self._directory = directory

    def amend(self) -> None:
        text = self._file.read_text("utf-8")
        assert BOUND in text
        self._file.write_text(text.replace(BOUND, FEWER, 1), "utf-8")

    def oracle(self, lines: list[bytes]) -> Ledger:
        """What is to be believed of ``lines`` under the text as it is now."""
        return oracle(lines, Settings((OWN,), (self._directory,)))


@pytest.fixture
def text(tmp_path: Path) -> Text:
    return Text(tmp_path / "texts")


def by_law(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in changes if one["cause"]["kind"] == "law"]


def moved_between(before: Ledger, after: Ledger) -> set[tuple[str, str]]:
    """Incident and agreement wherever the findings differ."""
    former = {(one.incident_id, one.agreement): one.findings for one in before.assessments()}
    now = {(one.incident_id, one.agreement): one.findings for one in after.assessments()}
    return {key for key in former.keys() | now.keys() if former.get(key) != now.get(key)}


def holds_under(live: Deployment, text: Text, lines: list[bytes]) -> None:
    """What the topics say is what the text of now makes of ``lines``, and the changes lead there."""
    expected = text.oracle(lines)
    assert live.digest() == digest(expected), live.told()
    assert told_by(Live.of(live).changes()) == verdicts_by(expected)


def test_what_another_clause_changes_is_told_before_the_worker_is_ready(deploy: Deploy, text: Text) -> None:
    live = deploy()
    lines = [*SAMPLE, *simulate(600, seed=31)]
    first = live.worker(1, **text.environment)
    live.ready(first)
    live.feed(lines)
    live.settled()
    former = text.oracle(lines)
    assert first.stop() == 0

    text.amend()
    second = live.worker(1, **text.environment)
    live.ready(second)
    holds_under(live, text, lines)
    told = by_law(Live.of(live).changes())
    assert {(one["incident_id"], one["agreement"]) for one in told} == moved_between(former, text.oracle(lines))
    assert 0 < len(told) < len(former.incidents)
    for one in told:
        law = one["cause"]["law"]
        assert law["before"] != law["after"]
        assert one["cause"]["claims"] == []
    assert (
        f'cohstream_assessment_changes_total{{agreement="{OWN}",change="revised"}} {len(told)}.0'
        in (second.get("/metrics")[1])
    )

    more = list(simulate(300, seed=32))
    live.feed(more)
    live.settled()
    holds_under(live, text, [*lines, *more])
    assert len(by_law(Live.of(live).changes())) == len(told)


@pytest.mark.parametrize("step", ["law changes", "law beliefs"])
def test_a_worker_that_dies_while_it_tells_is_made_good_by_the_next(deploy: Deploy, text: Text, step: str) -> None:
    live = deploy(partitions=2)
    first = live.worker(1, **text.environment)
    live.ready(first)
    live.feed(SAMPLE)
    live.settled()
    former = text.oracle(SAMPLE)
    assert first.stop() == 0

    text.amend()
    dies = live.worker(1, hold=die_at(step), **text.environment)
    wait_until(lambda: not dies.alive, "the worker dies", dies.said)
    live.ready(live.worker(1, **text.environment))
    holds_under(live, text, SAMPLE)
    told = [(one["incident_id"], one["agreement"]) for one in by_law(Live.of(live).changes())]
    assert sorted(told) == sorted(moved_between(former, text.oracle(SAMPLE))), "each is told once"


def test_an_agreement_that_goes_is_retracted_and_another_is_new(deploy: Deploy) -> None:
    live = deploy(partitions=2)
    first = live.worker(1)
    live.ready(first)
    live.feed(SAMPLE)
    live.settled()
    assert first.stop() == 0

    live.ready(live.worker(1, COHSTREAM_AGREEMENT=JIG))
    expected = oracle(SAMPLE, Settings((JIG,)))
    assert live.digest() == digest(expected)
    changes = Live.of(live).changes()
    assert told_by(changes) == verdicts_by(expected)
    assert {(one["agreement"], one["change"]) for one in by_law(changes)} == {(COH, "retracted"), (JIG, "new")}


def test_of_two_new_laws_at_once_one_is_taken_up_and_the_other_refused(deploy: Deploy, text: Text) -> None:
    live = deploy(partitions=2)
    first = live.worker(1)
    live.ready(first)
    live.feed(SAMPLE)
    live.settled()
    assert first.stop() == 0

    ours, jig = live.worker(1, **text.environment), live.worker(2, COHSTREAM_AGREEMENT=JIG)
    wait_until(lambda: not (ours.alive and jig.alive), "one of them is refused", live.told)
    refused, taken_up = (jig, ours) if ours.alive else (ours, jig)
    assert "another law" in refused.said()
    assert "stop all workers" in refused.said()
    live.ready(taken_up)
    expected = text.oracle(SAMPLE) if taken_up is ours else oracle(SAMPLE, Settings((JIG,)))
    # the partition of the refused one, if it had any, comes to the other only when the group has met again
    wait_until(lambda: live.digest() == digest(expected), "all partitions are told under the law taken up", live.told)


def test_a_worker_with_other_knowledge_is_refused_whoever_runs(deploy: Deploy) -> None:
    live = deploy(partitions=2)
    first = live.worker(1)
    live.ready(first)
    assert first.stop() == 0
    other = live.worker(1, hold=OTHER_KNOWLEDGE)
    wait_until(lambda: not other.alive, "the worker ends", other.said)
    assert other.process.returncode == 2
    problem = json.dumps(other.said())
    assert "another knowledge" in problem
    assert "cohstream diff" in problem
