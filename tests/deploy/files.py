"""Where the files of deploy/ are, and what of them other parts of the repository bring."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from dockerfile_parse import DockerfileParser

REPOSITORY = Path(__file__).parent.parent.parent
DEPLOY = REPOSITORY / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
CONTAINERFILE = DEPLOY / "Containerfile"
KUBERNETES = DEPLOY / "kubernetes"
ALERTMANAGER = DEPLOY / "alertmanager" / "alertmanager.yml"
SCHEMAS = Path(__file__).parent / "schemas"

MADE_BY_HAND = frozenset({"deploy/secrets/api-keys", "deploy/secrets/grafana-password"})
"""Secrets: whoever deploys makes them, the repository must not have them."""


def read_yaml(path: Path) -> list[Any]:
    """The documents of a YAML file."""
    return [document for document in yaml.safe_load_all(path.read_text("utf-8")) if document is not None]


def read_schema(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text("utf-8"))


def containerfile() -> DockerfileParser:
    return DockerfileParser(fileobj=BytesIO(CONTAINERFILE.read_bytes()))
