"""What a deployment file gives to cohstream, held against cohstream itself: settings, command lines, ports, paths."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from typer.testing import CliRunner

from cohstream import __version__
from cohstream.cli import app
from cohstream.errors import ConfigError
from cohstream.live.monitor import monitor_app
from cohstream.live.settings import PREFIX, LiveSettings, load_settings

OTHER_SETTINGS = frozenset({"COHSTREAM_API_KEYS"})
"""Settings of serve; a secret file that is not there while files are checked."""

WORKER: Any = None
PATHS: Mapping[str, frozenset[str]] = {
    "worker": frozenset(route.path for route in monitor_app(WORKER).routes),  # type: ignore[attr-defined]
    "serve": frozenset({"/readyz", "/healthz", "/metrics"}),
}
"""What a probe may ask for, by command."""
PORTS = {"worker": 8090, "serve": 8080}
"""The ports that docs, Prometheus and probes name, by command."""

PINNED = re.compile(r"[\w./-]+:v?\d+[\w.-]*")


@contextmanager
def only(environment: Mapping[str, str]) -> Iterator[None]:
    """Let the settings of this process be those of ``environment`` and no others."""
    former = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(PREFIX)}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name in environment:
            os.environ.pop(name, None)
        os.environ.update(former)


def faults_of_environment(where: str, environment: Mapping[str, str]) -> list[str]:
    """What is wrong with the settings among ``environment``: unknown names, values that cohstream refuses."""
    ours = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    known = {PREFIX + name.upper() for name in LiveSettings.model_fields} | OTHER_SETTINGS
    faults = [f"{where}: {name} is no setting" for name in sorted(ours.keys() - known)]
    with only({name: value for name, value in ours.items() if name in known - OTHER_SETTINGS}):
        try:
            load_settings()
        except ConfigError as error:
            faults.append(f"{where}: {error}")
    return faults


def faults_of_command(where: str, words: Iterable[str]) -> list[str]:
    """What is wrong with a command line of ``cohstream``."""
    told = CliRunner().invoke(app, [*words, "--help"])
    return [] if told.exit_code == 0 else [f"{where}: `cohstream {' '.join(words)}` is refused: {told.output[-200:]}"]


def faults_of_image(where: str, image: str) -> list[str]:
    """What is wrong with the name of an image: no version, or ours of another version."""
    if not PINNED.fullmatch(image):
        return [f"{where}: the image {image} is not pinned to a version"]
    if image.startswith("cohstream:") and image != f"cohstream:{__version__}":
        return [f"{where}: the image {image} is of another version than {__version__}"]
    return []


def faults_of_probe(where: str, command: str, port: int, path: str) -> list[str]:
    """What is wrong with a probe of a process that was started with ``command``."""
    if command not in PATHS:
        return [f"{where}: cohstream {command} serves nothing"]
    faults = []
    if path not in PATHS[command]:
        faults.append(f"{where}: {path} is not served by cohstream {command}")
    if port != PORTS[command]:
        faults.append(f"{where}: cohstream {command} listens on {PORTS[command]}, not on {port}")
    return faults
