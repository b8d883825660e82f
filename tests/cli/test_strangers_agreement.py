"""An agreement that a stranger wrote, in a folder of its own: evaluated without a line of Python."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

TRUCE = """\
agreement: XX-ROAD-2016-03
title: Truce on the road of a town
status: in_force
zone: Asia/Damascus
default_policy: target_based
legal_basis: [A paper between two villages]
parents: [SY-COH-2016-02]
validity:
  from_claims:
    - {authority: one village, from: 2016-03-05T00:00:00, source: Its elders}
    - {authority: the other, from: 2016-03-06T00:00:00, source: Its elders}
  until: 2016-03-20T00:00:00
  pauses:
    - {from: 2016-03-12T00:00:00, until: 2016-03-13T00:00:00, source: Both}
  source: The paper
area:
  claims:
    - {authority: one village, admin1: [SY04], source: Its elders}
    - authority: the other
      circles: [{lat: 34.84, lon: 36.73, radius_km: 5}]
      source: Its elders
  source: The paper
membership: Both villages
authorities: [UN]
parties:
  - {id: army, label: The army, roles: {soldiers: [gov.*]}, source: The paper}
  - {id: fighters, label: The fighters, roles: {rebels: [opp.*]}, source: The paper}
exclusion: {named: [exc.isil], lists: [], source: The paper}
zones:
  - id: road
    corridors: [{line: [[34.80, 36.73], [34.88, 36.73]], within_km: 2}]
    source: The paper
    text_status: paraphrase_only
clauses:
  - id: R.1
    modality: prohibit
    paraphrase: No shells on the road.
    source: The paper
    text_status: paraphrase_only
    bound: [soldiers, rebels]
    conduct: [shelling]
    target: [any]
    zone: road
    violation: V-ATTACK-COVERED
"""

CASES = [
    (1, (34.84, 36.73), "N-OUT-OF-TIME"),
    (5, (34.84, 36.73), "C-TIME-OF-EFFECT"),
    (7, (34.84, 36.73), "V-ATTACK-COVERED"),
    (8, (34.84, 36.765), "N-OUT-OF-AREA"),
    (9, (34.84, 36.752), "U-LOCATION-TOO-COARSE"),
    (10, (34.92, 36.73), "C-COVERAGE-AREA"),
    (11, (36.20, 37.13), "N-OUT-OF-AREA"),
    (12, (34.84, 36.73), "N-OUT-OF-TIME"),
]
"""Day of March 2016, point, and the reason that the stranger expects of one shell there at noon."""


def reports() -> bytes:
    lines = []
    for number, (day, (lat, lon), _) in enumerate(CASES):
        report = {
            "source": "SNHR",
            "report_id": str(number),
            "kind": "allegation",
            "occurred": {"start": f"2016-03-{day:02}T12:00:00+02:00", "precision": "exact"},
            "place": {"text": "", "lat": lat, "lon": lon, "radius_km": 0.5},
            "conduct": "shelling",
            "perpetrator": {"candidates": ["gov.saa"]},
            "target": {"class": "road"},
        }
        lines.append(json.dumps(report).encode() + b"\n")
    return b"".join(lines)


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    (folder / "law").mkdir(exist_ok=True)
    (folder / "reports.jsonl").write_bytes(reports())
    return subprocess.run(
        [sys.executable, "-m", "cohstream", "run", "reports.jsonl", "--agreements", "law", "--json", *words],
        capture_output=True,
        cwd=folder,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "truce.yaml").write_text(TRUCE, encoding="utf-8")
    return tmp_path


def test_it_is_evaluated_beside_the_built_in_one(folder: Path) -> None:
    done = run(folder, "--out", "out")
    assert (done.returncode, done.stderr) == (0, b"")
    rows = [json.loads(row) for row in (folder / "out" / "assessments.jsonl").read_bytes().splitlines()]
    assert {row["agreement"] for row in rows} == {"SY-COH-2016-02", "XX-ROAD-2016-03"}
    said = Counter(
        finding["reasons"][0]
        for row in rows
        if row["agreement"] == "XX-ROAD-2016-03"
        for finding in row["findings"]
        if finding["policy"] == "target_based"
    )
    assert said == Counter(reason for _, _, reason in CASES)


def test_one_that_waits_to_be_named_is_evaluated_when_it_is(folder: Path) -> None:
    path = folder / "law" / "truce.yaml"
    path.write_text(TRUCE.replace("status: in_force\n", "status: lapsed\nevaluated: when_named\n"), encoding="utf-8")
    unasked = json.loads(run(folder).stdout.splitlines()[-1])
    named = json.loads(run(folder, "--agreement", "XX-ROAD-2016-03").stdout.splitlines()[-1])
    assert {tally["agreement"] for tally in unasked["tallies"]} == {"SY-COH-2016-02"}
    assert {tally["agreement"] for tally in named["tallies"]} == {"XX-ROAD-2016-03"}


def test_its_faults_are_told_with_file_line_and_remedy(folder: Path) -> None:
    path = folder / "law" / "truce.yaml"
    path.write_text(TRUCE.replace("parents: [SY-COH-2016-02]", "parents: [SY-COH-2016-20]"), encoding="utf-8")
    done = run(folder)
    assert done.returncode == 2
    assert b"truce.yaml:7: the parent 'SY-COH-2016-20' of XX-ROAD-2016-03 is no agreement" in done.stderr
    assert b"Load its file too, or correct the id." in done.stderr
