"""A guide that says something else than what happens does not hold."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployments import wait_until
from tests.guides import terminal
from tests.guides.terminal import GuideError, Terminal, follow, steps, terminal_in

pytestmark = pytest.mark.skipif(not (shutil.which("bash") and shutil.which("pkill")), reason="needs bash and pkill")


def guide(*lines: str) -> str:
    return "\n".join(["Words.", "", "```console", *lines, "```", "", "```sh", "false", "```", ""])


@pytest.fixture
def typed(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path, {"127.0.0.1:8080": "127.0.0.1:45678"}) as opened:
        yield opened


def test_what_happens_as_it_is_shown_holds(typed: Terminal) -> None:
    follow(guide("$ printf '%s\\n' one 2016-03-01 three", "one", "...", "three", "$ true"), typed)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("$ echo 31", "30"), "Got:\n    31"),
        (("$ echo 31",), "Expected nothing"),
        (("$ true", "31"), "Got nothing"),
        (("$ echo fault >&2",), "fault"),
        (("$ echo 31; false", "31"), "line 4: status 1"),
        (("$ true", "$ no-such-program"), "line 5: status 127"),
        (("$ exit 3",), "the shell ended"),
        (("31",), "begins with a command"),
    ],
)
def test_what_happens_otherwise_is_told(typed: Terminal, lines: tuple[str, ...], told: str) -> None:
    with pytest.raises(GuideError, match=r".") as caught:
        follow(guide(*lines), typed)
    assert told in str(caught.value)


def test_a_command_that_does_not_end_is_told(typed: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "PATIENCE_SECONDS", 0.5)
    with pytest.raises(GuideError, match="it took over"):
        follow(guide("$ sleep 60"), typed)


def test_commands_share_a_shell_and_go_on_over_lines(typed: Terminal) -> None:
    follow(
        guide("$ export N=1; cd /", "$ echo $N |", "    tr 1 2", "2", "$ echo a \\", "    b; pwd", "a b", "/"), typed
    )


def test_jobs_are_as_on_a_terminal(typed: Terminal) -> None:
    follow(guide("$ sleep 60 &", "$ kill -INT %1; wait %1; echo $?", "130"), typed)


def test_addresses_are_mapped_there_and_back(typed: Terminal) -> None:
    status, printed = typed.type("echo 127.0.0.1:8080; echo 127.0.0.1:8080 | wc -c")
    assert (status, printed) == (0, "127.0.0.1:8080\n16\n")


def test_what_a_guide_started_ends_with_its_shell(tmp_path: Path) -> None:
    with terminal_in(tmp_path, {}) as opened:
        _, number = opened.type("sleep 60 > /dev/null 2>&1 & echo $!")
    status = Path("/proc") / number.strip() / "stat"
    wait_until(lambda: not status.exists() or ") Z " in status.read_text(), "the job is gone")


@pytest.mark.parametrize("name", ["for-monitors.md", "for-operators.md", "for-subscribers.md"])
def test_guides_show_what_they_ask(name: str) -> None:
    """A guide of commands that show nothing would always hold."""
    found = steps(Path("docs", name).read_text("utf-8"))
    assert sum(bool(step.shown.replace(".", "").strip()) for step in found) > len(found) / 3
