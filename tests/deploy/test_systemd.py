"""deploy/systemd: units that systemd takes, with commands and settings that there are."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY
from tests.deploy.settings import PORTS, faults_of_command, faults_of_environment

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
every_unit = pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)


def values(unit: Path, name: str) -> str:
    """All values of a name, for the first instance."""
    found = re.findall(rf"^{name}=(.*)$", unit.read_text("utf-8"), re.MULTILINE)
    return " ".join(found).replace("%i", "1").replace("%H", "host")


@every_unit
def test_it_starts_a_command_that_there_is_with_settings_that_there_are(unit: Path) -> None:
    program, *words = values(unit, "ExecStart").split()
    assert program == "/opt/cohstream/bin/cohstream"
    assert faults_of_command(unit.name, words) == []
    environment = dict(one.split("=", 1) for one in values(unit, "Environment").split())
    assert faults_of_environment(unit.name, environment) == []


def test_instances_of_a_worker_share_neither_name_nor_state_nor_port() -> None:
    (worker,) = [unit for unit in UNITS if "@" in unit.name]
    (line,) = re.findall(r"^Environment=(.*)$", worker.read_text("utf-8"), re.MULTILINE)
    assert [one.split("=")[0] for one in line.split() if "%i" in one] == [
        "COHSTREAM_INSTANCE",
        "COHSTREAM_STATE_DIR",
        "COHSTREAM_HTTP",
    ]
    assert f"127.0.0.1:{PORTS['worker'] // 10}%i" in line


@every_unit
def test_systemd_takes_it(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze; install Debian's systemd")
    local = tmp_path / unit.name
    text = unit.read_text("utf-8").replace("/opt/cohstream/bin/cohstream", "/bin/true")
    local.write_text(text, encoding="utf-8")
    assert verified(local) == ""
    local.write_text(text.replace("Restart=always", "Restart=sometimes"), encoding="utf-8")
    assert "restart" in verified(local), "a planted mistake is told"


def verified(unit: Path) -> str:
    """What ``systemd-analyze`` says of this unit; it may speak of others on the machine."""
    named = str(unit).replace("@.service", "@1.service")
    if named != str(unit):
        Path(named).write_bytes(unit.read_bytes())
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", named],
        capture_output=True,
        text=True,
        check=False,
    )
    return "\n".join(line for line in told.stderr.splitlines() if unit.stem.split("@")[0] in line)
