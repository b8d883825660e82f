"""What the doctor says of its own machine: state directory and packages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cohstream.live.doctor import Level, machine

NOBODY = 65534


@contextmanager
def nobody() -> Iterator[None]:
    """Be a user whom file permissions bind: root may write anywhere."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory that everybody can reach."""
    for one in (tmp_path, *tmp_path.parents[:3]):
        one.chmod(0o755)
    return tmp_path


def test_a_directory_that_may_not_be_written_is_told_with_its_owner_to_be(directory: Path) -> None:
    directory.chmod(0o555)
    for state in (directory, directory / "not" / "there"):
        with nobody():
            check = machine.check_state_dir(state)
            user = os.geteuid()
        assert (check.level, check.found) == (
            Level.FAIL,
            f"no state can be kept at {state}: {directory} may not be written",
        )
        assert check.remedy == f"mend COHSTREAM_STATE_DIR, or give {directory} to user {user}"


def test_a_directory_that_is_not_there_yet_is_no_fault_and_is_not_made(directory: Path) -> None:
    check = machine.check_state_dir(directory / "state")
    assert check.level is Level.OK
    assert "is not there yet and can be made" in check.found
    assert not (directory / "state").exists()


@pytest.mark.parametrize(("bound", "level"), [("LITTLE_BYTES", Level.WARN), ("TOO_LITTLE_BYTES", Level.FAIL)])
def test_little_space_is_told(directory: Path, monkeypatch: pytest.MonkeyPatch, bound: str, level: Level) -> None:
    monkeypatch.setattr(machine, bound, 1 << 62)
    check = machine.check_state_dir(directory)
    assert check.level is level
    assert check.remedy.startswith("free space")


def test_packages_as_pinned_are_named_with_their_versions() -> None:
    check = machine.check_packages()
    assert check.level is Level.OK
    assert "aiokafka 0.14.0" in check.found


def test_another_version_than_pinned_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.metadata, "requires", lambda _: ["aiokafka==0.0.1; extra == 'live'", "orjson>=3.10"])
    check = machine.check_packages()
    assert check.level is Level.FAIL
    assert check.found == "aiokafka 0.14.0 instead of 0.0.1"
    assert "pip install 'cohstream[live]==" in check.remedy
