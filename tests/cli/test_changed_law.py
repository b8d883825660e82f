"""``cohstream run --state`` under another law or other knowledge than before: what moves is told, and why."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import cohstream
from tests.conformance.changes import told_by

PACKAGE = Path(cohstream.__file__).parent
SAMPLE = PACKAGE / "samples" / "coh2016.jsonl"
AGREEMENTS = PACKAGE / "law" / "agreements"
COH, JIG, OWN = "SY-COH-2016-02", "SY-JIG-2016-07", "XX-OWN-2016-02"

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def cohstream_in(tmp_path: Path) -> Callable[..., bytes]:
    """``cohstream_in(package, "run", ...)``: what the command line of that package, ours or a copy, prints."""

    def call(package: Path, *words: str, status: int = 0) -> bytes:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "cohstream", *words],
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(package.parent)},
            timeout=60,
            check=False,
        )
        assert done.returncode == status, done.stderr.decode()
        return done.stdout

    return call


@pytest.fixture
def run(cohstream_in: Callable[..., bytes]) -> Run:
    """``run("a.jsonl", "--state", "s")``: what `cohstream run --json` says of it; ``package`` runs another copy."""
    return lambda *words, package=PACKAGE: json.loads(cohstream_in(package, "run", *words, "--json"))


def changes_in(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / "changes.jsonl").read_bytes().splitlines()]


def by_cause(changes: Iterable[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in changes if one["cause"]["kind"] == kind]


def held_in(directory: Path) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The findings that the assessments there give, by incident and agreement."""
    lines = (directory / "assessments.jsonl").read_bytes().splitlines()
    return {(one["incident_id"], one["agreement"]): one["findings"] for one in map(json.loads, lines)}


BOUND = "[syrian_armed_forces, associated_forces, russian_forces, coalition_forces, turkish_forces]\n"
FEWER = "[syrian_armed_forces, associated_forces, russian_forces]\n"


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A directory with the February terms under an id of their own."""
    directory = tmp_path / "texts"
    directory.mkdir()
    text = (AGREEMENTS / f"{COH}.yaml").read_text("utf-8")
    (directory / "own.yaml").write_text(text.replace(f"agreement: {COH}", f"agreement: {OWN}"), "utf-8")
    return directory


def edit(directory: Path, old: str, new: str) -> None:
    """Let the first sentence there that says ``old`` say ``new``."""
    text = (directory / "own.yaml").read_text("utf-8")
    assert old in text
    (directory / "own.yaml").write_text(text.replace(old, new, 1), "utf-8")


def test_another_clause_moves_what_it_speaks_of_and_nothing_else(tmp_path: Path, run: Run, texts: Path) -> None:
    under = ("--agreements", str(texts), "--agreement", OWN)
    first = run(str(SAMPLE), *under, "--state", "state", "--out", "before")
    edit(texts, BOUND, FEWER)
    fresh = run(str(SAMPLE), *under)
    second = run(str(SAMPLE), *under, "--state", "state", "--out", "after")
    assert (second["digest"], second["law"]) == (fresh["digest"], fresh["law"])
    assert second["digest"] != first["digest"]

    before, after = held_in(tmp_path / "before"), held_in(tmp_path / "after")
    told = by_cause(changes_in(tmp_path / "after"), "law")
    assert {(one["incident_id"], one["agreement"]) for one in told} == {
        key for key, findings in after.items() if findings != before[key]
    }
    assert 0 < len(told) < len(after) / 2
    for one in told:
        assert one["change"] == "revised"
        assert one["cause"] == {"claims": [], "kind": "law", "law": {"before": first["law"], "after": second["law"]}}
    assert len(told_by(changes_in(tmp_path / "after"))) == len(after)


def test_the_next_run_under_the_same_law_tells_nothing_and_going_back_does(
    tmp_path: Path, run: Run, texts: Path
) -> None:
    def told() -> list[dict[str, Any]]:
        run(str(SAMPLE), "--agreements", str(texts), "--agreement", OWN, "--state", "state", "--out", "out")
        return by_cause(changes_in(tmp_path / "out"), "law")

    fuller = (texts / "own.yaml").read_text("utf-8")
    assert told() == []
    edit(texts, BOUND, FEWER)
    moved = len(told())
    assert moved
    assert len(told()) == moved
    (texts / "own.yaml").write_text(fuller, "utf-8")
    assert len(told()) == 2 * moved
    edit(texts, BOUND, FEWER)
    assert len(told()) == 3 * moved, "the same change a second time is told too"
    told_by(changes_in(tmp_path / "out"))


def test_an_agreement_that_comes_is_new_and_one_that_goes_is_retracted(tmp_path: Path, run: Run) -> None:
    first = run(str(SAMPLE), "--state", "state", "--agreement", COH)
    second = run(str(SAMPLE), "--state", "state", "--agreement", JIG, "--out", "out")
    told = by_cause(changes_in(tmp_path / "out"), "law")
    assert {(one["agreement"], one["change"]) for one in told} == {(COH, "retracted"), (JIG, "new")}
    assert len(told) == first["assessments"] + second["assessments"]
    assert {agreement for _, _, agreement in told_by(changes_in(tmp_path / "out"))} == {JIG}


def test_what_only_looks_leaves_the_state_as_it_is(
    tmp_path: Path, run: Run, cohstream_in: Callable[..., bytes]
) -> None:
    run(str(SAMPLE), "--state", "state", "--out", "out")
    there = changes_in(tmp_path / "out")
    looked = cohstream_in(PACKAGE, "explain", "SNHR/DR0052", "--state", "state", "--agreement", JIG)
    assert JIG.encode() in looked
    run(str(SAMPLE), "--state", "state", "--out", "out")
    assert changes_in(tmp_path / "out") == there


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """A copy of the package whose gazetteer has Daraya in another governorate."""
    package = tmp_path / "moved" / "cohstream"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    places = package / "knowledge" / "data" / "places.csv"
    text = places.read_text("utf-8")
    daraya = next(line for line in text.splitlines() if line.startswith("sy.daraya,"))
    assert "SY03,SY0309" in daraya
    places.write_text(text.replace(daraya, daraya.replace("SY03,SY0309", "SY12,SY1203")), "utf-8")
    return package


def test_another_gazetteer_builds_the_state_anew_and_tells_what_moved(tmp_path: Path, run: Run, moved: Path) -> None:
    first = run(str(SAMPLE), "--state", "state", "--out", "before")
    fresh = run(str(SAMPLE), package=moved)
    second = run(str(SAMPLE), "--state", "state", "--out", "after", package=moved)
    assert second["knowledge"] == fresh["knowledge"] != first["knowledge"]
    assert second["digest"] == fresh["digest"] != first["digest"]
    told = by_cause(changes_in(tmp_path / "after"), "knowledge")
    assert {one["area"] for one in told if one["change"] == "retracted"} == {"SY03"}
    assert {one["area"] for one in told if one["change"] == "new"} == {"SY12"}
    assert told[0]["cause"]["knowledge"] == {"before": first["knowledge"], "after": second["knowledge"]}
    assert len(told_by(changes_in(tmp_path / "after"))) == second["assessments"]


def test_two_replays_under_two_gazetteers_are_compared_by_diff(cohstream_in: Callable[..., bytes], moved: Path) -> None:
    cohstream_in(PACKAGE, "replay", str(SAMPLE), "--run", "before")
    cohstream_in(moved, "replay", str(SAMPLE), "--run", "after")
    compared = cohstream_in(PACKAGE, "diff", "before", "after", status=1)
    assert b"another knowledge" in compared
    assert b"another law" not in compared
    assert b"Tallies that differ: 0" not in compared
