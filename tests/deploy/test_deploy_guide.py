"""docs/deploy.md names files, commands and settings that there are."""

from __future__ import annotations

import re

import pytest

from cohstream.live.settings import PREFIX, LiveSettings
from tests.deploy.files import COMPOSE as COMPOSE_FILE
from tests.deploy.files import MADE_BY_HAND, REPOSITORY, read_yaml
from tests.deploy.settings import OTHER_SETTINGS, faults_of_command

GUIDE = (REPOSITORY / "docs" / "deploy.md").read_text("utf-8")
COMMAND = re.compile(
    r"(?:^\$ |/bin/|-- |exec worker-1 |cohstream:0\.1\.0 |`)cohstream ([a-z][^`#|>'\n;]*)", re.MULTILINE
)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"deploy/[\w./@-]*\w", GUIDE))))
def test_every_file_that_it_names_is_there(path: str) -> None:
    later = MADE_BY_HAND | {"deploy/secrets"}
    assert path in later or (REPOSITORY / path).exists()


def test_every_setting_that_it_names_is_one() -> None:
    known = {PREFIX + name.upper() for name in LiveSettings.model_fields} | OTHER_SETTINGS
    assert set(re.findall(r"COHSTREAM_[A-Z_]*[A-Z]", GUIDE)) <= known


def test_every_command_that_it_shows_is_one() -> None:
    shown = [words.strip().split() for words in COMMAND.findall(GUIDE)]
    assert ["topics", "create"] in shown
    assert [fault for words in shown for fault in faults_of_command("guide", words)] == []


def test_the_ports_that_it_tells_are_published() -> None:
    (compose,) = read_yaml(COMPOSE_FILE)
    published = {one.split(":")[1] for each in compose["services"].values() for one in each.get("ports", ())}
    assert set(re.findall(r"(?:127\.0\.0\.1|localhost):(\d+)", GUIDE)) == published
