"""The guide "model your own agreement", followed literally: files written, commands run, what they print compared."""

from __future__ import annotations

import doctest
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
GUIDE = REPOSITORY / "docs" / "model-your-own-agreement.md"
BLOCK = re.compile(r"(?:^`(?P<file>[\w/.-]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
CHECKER = doctest.OutputChecker()


def commands_of(block: str) -> list[tuple[str, str]]:
    """Each command of a console block, with what the guide shows below it; an open quote goes on in the next line."""
    found = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        end = next(n for n in range(1, len(lines) + 1) if "".join(lines[:n]).count("'") % 2 == 0)
        found.append(("".join(lines[:end]), "".join(lines[end:])))
    return found


def in_lines(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines() if line.strip())


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the sample, where ``cohstream`` is this source's."""
    if shutil.which("bash") is None:
        pytest.skip("no bash on this machine")
    program = tmp_path / "bin" / "cohstream"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cohstream "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.delenv("COHSTREAM_AGREEMENTS", raising=False)
    work = tmp_path / "work"
    (work / "cohstream" / "samples").mkdir(parents=True)
    shutil.copy(REPOSITORY / "cohstream/samples/coh2016.jsonl", work / "cohstream" / "samples")
    return work


def test_the_guide_says_what_happens(shell: Path) -> None:
    typed = 0
    for block in BLOCK.finditer(GUIDE.read_text("utf-8")):
        if block["file"]:
            path = shell / block["file"]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block["body"], encoding="utf-8")
        if block["kind"] != "console":
            continue
        for command, shown in commands_of(block["body"]):
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=shell,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=60,
            )
            wanted, printed = in_lines(shown), in_lines(done.stdout)
            assert CHECKER.check_output(wanted, printed, doctest.ELLIPSIS), f"$ {command}\n{printed}\nshown:\n{wanted}"
            typed += 1
    assert typed > 10
