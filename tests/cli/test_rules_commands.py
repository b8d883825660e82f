"""``cohstream rules`` as an author of rules uses it: real processes, real files, exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.law.test_lint import GOOD

Call = Callable[..., "subprocess.CompletedProcess[str]"]

CASES = """\
agreement: XX-GOOD-2016-04
facts:
  start: 2016-04-10T12:00:00+03:00
  place: {admin1: SY02, radius_km: 2}
  conduct: shelling
  perpetrators: [gov.saa]
  target: residential
  presence: none
cases:
  - name: it holds
    source: made up
    facts: {}
    expect:
      findings:
        - {party: government, verdict: VIOLATION, clauses: [C.1]}
"""
FAILING = """\
  - name: it says the opposite of the law
    source: made up
    facts: {}
    expect:
      findings:
        - {party: government, policy: dominance, verdict: NOT_A_VIOLATION, reasons: [N-PERMITTED], clauses: [C.4]}
  - name: it waits
    source: made up
    facts: {}
    expect:
      findings:
        - {agreement: XX-NONE-2099-01, party: government, verdict: VIOLATION}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Call:
    """``rules("lint", "mine", good=GOOD)``: run the command where these files are, ``mine/NAME.yaml``."""

    def call(*words: str, **files: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "mine").mkdir(exist_ok=True)
        for name, text in files.items():
            (tmp_path / "mine" / f"{name.replace('_', '.')}.yaml").write_text(text, encoding="utf-8")
        command = [sys.executable, "-W", "error", "-m", "cohstream", "rules", *words]
        return subprocess.run(command, capture_output=True, cwd=tmp_path, timeout=60, check=False, text=True)

    return call


def result(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_lint_finds_nothing_in_what_ships(rules: Call) -> None:
    done = rules("lint")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout
    assert "nothing found" in done.stderr


def test_lint_tells_file_line_and_remedy_and_ends_with_1(rules: Call) -> None:
    broken = GOOD.replace("source: Article 2", "source: TODO")
    done = rules("lint", "mine/good.yaml", good=broken, good_cases=CASES.replace("[C.1]", "[C.9]"))
    assert done.returncode == 1
    assert "mine/good.yaml:56: error: clause 'C.2' has no source. Write where it is from" in done.stdout
    assert "mine/good.cases.yaml:10: error: the case 'it holds' expects clause 'C.9'" in done.stdout
    assert "2 files: 2 errors" in done.stderr


def test_lint_as_json(rules: Call) -> None:
    (found,) = result(rules("lint", "mine", "--json", good=GOOD.replace("zone: city", "zone: town")))["findings"][1:]
    assert (found["severity"], found["line"], found["rule"]) == ("error", 61, "refused")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("lint", "SY-NONE"), "'SY-NONE' is no file, no directory and no agreement; known agreements are: "),
        (("test", "absent.yaml"), "'absent.yaml' is no file"),
        (("show", "SY-NONE"), "'SY-NONE' is no agreement"),
        (("diff", "SY-COH-2016-02", "SY-NONE"), "'SY-NONE' is no agreement"),
        (("gaps", "SY-COH-2016-02", "--as-of", "soon"), "--as-of 'soon' is no date; write it as 2016-03-01"),
        (("show", "XX-GOOD-2016-04", "--agreements", "absent"), "this is no directory"),
    ],
)
def test_what_cannot_run_ends_with_2_and_a_remedy(rules: Call, words: tuple[str, ...], said: str) -> None:
    done = rules(*words)
    assert done.returncode == 2
    assert said in done.stderr


def test_failing_cases_are_shown_with_place_expected_and_got(rules: Call) -> None:
    done = rules("test", "mine", good=GOOD, good_cases=CASES + FAILING)
    assert done.returncode == 1
    assert "mine/good.cases.yaml:16: it says the opposite of the law" in done.stdout
    assert "government / dominance: expected NOT_A_VIOLATION N-PERMITTED C.4" in done.stdout
    assert "the law says: VIOLATION V-ATTACK-COVERED C.1" in done.stdout
    assert "1 cases hold, 1 fail, 1 wait" in done.stderr
    told = result(rules("test", "mine", "--json"))
    assert (told["hold"], told["fail"], told["wait"]) == (1, 1, 1)
    assert [(one["line"], one["case"]) for one in told["failing"]] == [(16, "it says the opposite of the law")]


def test_cases_that_hold_end_with_0(rules: Call) -> None:
    assert rules("test", "mine", good=GOOD, good_cases=CASES).returncode == 0
    draft = rules("test", "SY-JIG-2016-07", "--json")
    assert draft.returncode == 0
    assert result(draft)["hold"] > 25, "also those of the golden scenarios that speak of the draft"


def test_cases_of_a_broken_agreement_cannot_run(rules: Call) -> None:
    done = rules("test", "mine", good=GOOD.replace("zone: city", "zone: town"), good_cases=CASES)
    assert done.returncode == 2
    assert "mine/good.yaml:61: 'town' is no declared zone" in done.stderr


def test_show_says_who_was_bound_at_a_date(rules: Call) -> None:
    shown = rules("show", "SY-COH-2016-02").stdout
    for part in (
        "AX.2b",
        "ended at 2016-09-19T00:00:00 according to Syrian Army",
        "UNSC-1267",
        "consequence",
        "ambiguous",
    ):
        assert part in shown
    told = result(rules("show", "SY-COH-2016-02", "--as-of", "2016-10-10", "--json"))["as_of"]
    assert told["term"] == "disputed"
    states = {one["actor_id"]: one["excluded"] for one in told["standing"]}
    assert (states["exc.nusra"], states["gov.saa"]) == ("yes", "no")


def test_diff_and_gaps_state_the_finding_of_the_article(rules: Call) -> None:
    """Artillery and ground-to-ground missiles unregulated, no consequence provided: from the data alone."""
    told = result(rules("gaps", "SY-JIG-2016-07", "--json"))
    assert {one["subject"] for one in told["gaps"][:2]} == {
        "indirect_fire.artillery",
        "indirect_fire.ground_to_ground_missile",
    }
    assert all("SY-COH-2016-02" in one["regulated_by"] and one["for_all_bound"] for one in told["gaps"][:2])
    assert "consequence" in told["not_provided"]
    on_top = result(rules("gaps", "SY-JIG-2016-07", "--with-parents", "--json"))
    assert (on_top["with"], on_top["not_provided"]) == (["SY-COH-2016-02"], [])
    differing = rules("diff", "SY-COH-2016-02", "SY-JIG-2016-07")
    assert differing.returncode == 1
    assert "Impacted parties: coalition, government, kurdish, opposition, russia, turkey" in differing.stdout
    assert "prohibited -> not regulated" in differing.stdout
    same = rules("diff", "SY-COH-2016-02", "SY-COH-2016-02")
    assert (same.returncode, same.stdout.splitlines()[-1]) == (0, "They judge alike.")


def test_an_agreement_of_a_stranger_needs_no_python(rules: Call) -> None:
    assert rules("show", "XX-GOOD-2016-04", "--agreements", "mine", good=GOOD).returncode == 0
    assert result(rules("diff", "SY-COH-2016-02", "XX-GOOD-2016-04", "--agreements", "mine", "--json"))["changes"]
    assert result(rules("gaps", "XX-GOOD-2016-04", "--agreements", "mine", "--json"))["gaps"]
