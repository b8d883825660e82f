"""deploy/compose.yaml and what it mounts: valid, and of a piece with cohstream. Planted mistakes are told."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.deploy.files import (
    ALERTMANAGER,
    DEPLOY,
    MADE_BY_HAND,
    REPOSITORY,
    read_schema,
    read_yaml,
)
from tests.deploy.settings import (
    faults_of_command,
    faults_of_environment,
    faults_of_image,
    faults_of_probe,
)

SCHEMA = Draft202012Validator(read_schema("compose-spec-v2.16.2.json"))
PROBE = re.compile(r"http://127\.0\.0\.1:(\d+)(/\w+)")
Compose = dict[str, Any]


def faults(compose: Compose) -> list[str]:
    """Everything that is wrong with a compose file, a line each."""
    found = [f"schema: {'/'.join(map(str, one.path))}: {one.message}" for one in SCHEMA.iter_errors(compose)]
    return found or [fault for name in compose["services"] for fault in faults_of_service(name, compose)]


def faults_of_service(name: str, compose: Compose) -> list[str]:
    service = compose["services"][name]
    found = [*faults_of_image(name, service["image"]), *_hardening(name, service), *_references(name, compose)]
    if service["image"].startswith("cohstream:"):
        found += faults_of_environment(name, service["environment"])
        found += faults_of_command(name, service["command"])
        found += _probes(name, service)
    return found


def _hardening(name: str, service: Compose) -> list[str]:
    found = []
    if not service.get("read_only"):
        found.append(f"{name}: its root file system may be written")
    if service.get("cap_drop") != ["ALL"]:
        found.append(f"{name}: it keeps capabilities")
    if "no-new-privileges:true" not in service.get("security_opt", ()):
        found.append(f"{name}: it may gain privileges")
    if not service.get("deploy", {}).get("resources", {}).get("limits", {}).get("memory"):
        found.append(f"{name}: its memory is not limited")
    if any(not port.startswith("127.0.0.1:") for port in service.get("ports", ())):
        found.append(f"{name}: a port is open to other machines")
    return found


def _references(name: str, compose: Compose) -> list[str]:
    """What a service names must be declared, and mounted files must be there."""
    service, found = compose["services"][name], []
    for kind in ("networks", "secrets"):
        found += [f"{name}: {one} is not among {kind}" for one in service.get(kind, ()) if one not in compose[kind]]
    for mount in service.get("volumes", ()):
        source = mount.split(":")[0]
        if not source.startswith("."):
            found += [] if source in compose["volumes"] else [f"{name}: {source} is not among volumes"]
        elif not (DEPLOY / source).exists():
            found.append(f"{name}: there is no deploy/{source[2:]}")
    for other, how in service.get("depends_on", {}).items():
        needed = compose["services"].get(other)
        if needed is None:
            found.append(f"{name}: there is no service {other}")
        elif how["condition"] == "service_healthy" and "test" not in needed.get("healthcheck", {}):
            found.append(f"{name}: {other} has no health check")
        elif how["condition"] == "service_completed_successfully" and needed["restart"] != "no":
            found.append(f"{name}: {other} is started again and again")
    return found


def _probes(name: str, service: Compose) -> list[str]:
    port = service["environment"].get("COHSTREAM_HTTP", ":0").rsplit(":", 1)[1]
    published = [one.rsplit(":", 1)[1] for one in service.get("ports", ())]
    found = [f"{name}: {one} is published, it listens on {port}" for one in published if one != port]
    for asked, path in PROBE.findall(" ".join(service["healthcheck"].get("test", ()))):
        found += faults_of_probe(name, service["command"][0], int(asked), path)
        if asked != port:
            found.append(f"{name}: its health check asks {asked}, it listens on {port}")
    return found


def test_it_is_a_valid_compose_file_of_a_piece_with_cohstream(compose: Compose) -> None:
    assert faults(compose) == []


def spoil(service: str, *path: str, value: Any) -> Callable[[Compose], None]:
    """A planted mistake: set what ``path`` leads to in a service."""

    def plant(compose: Compose) -> None:
        target = compose["services"][service]
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value

    return plant


@pytest.mark.parametrize(
    ("plant", "told"),
    [
        (spoil("worker-1", "volume", value=[]), "schema: services/worker-1: "),
        (
            spoil("worker-1", "depends_on", "topics", "condition", value="service_ready"),
            "schema: services/worker-1/dep",
        ),
        (spoil("kafka", "image", value="apache/kafka:latest"), "kafka: the image apache/kafka:latest is not pinned"),
        (spoil("kafka", "image", value="apache/kafka"), "kafka: the image apache/kafka is not pinned"),
        (spoil("serve", "image", value="cohstream:0.0.9"), "serve: the image cohstream:0.0.9 is of another version"),
        (spoil("worker-2", "environment", "COHSTREAM_BROKER", value="k:1"), "worker-2: COHSTREAM_BROKER is no setting"),
        (
            spoil("worker-2", "environment", "COHSTREAM_PARTITIONS", value="four"),
            "worker-2: COHSTREAM_PARTITIONS is 'fo",
        ),
        (spoil("worker-2", "environment", "COHSTREAM_HTTP", value="0.0.0.0:9"), "worker-2: its health check asks 8090"),
        (spoil("worker-2", "command", value=["workers"]), "worker-2: `cohstream workers` is refused"),
        (
            spoil("topics", "command", value=["topics", "create", "--force"]),
            "topics: `cohstream topics create --force`",
        ),
        (
            spoil("worker-1", "healthcheck", "test", value=["CMD", "x", "http://127.0.0.1:8090/health"]),
            "worker-1: /health is not served by cohstream worker",
        ),
        (spoil("serve", "ports", value=["127.0.0.1:80:8000"]), "serve: 8000 is published, it listens on 8080"),
        (spoil("serve", "ports", value=["8080:8080"]), "serve: a port is open to other machines"),
        (spoil("grafana", "read_only", value=False), "grafana: its root file system may be written"),
        (spoil("grafana", "cap_drop", value=[]), "grafana: it keeps capabilities"),
        (spoil("prometheus", "deploy", value={}), "prometheus: its memory is not limited"),
        (spoil("prometheus", "networks", value=["wacht"]), "prometheus: wacht is not among networks"),
        (spoil("serve", "secrets", value=["keys"]), "serve: keys is not among secrets"),
        (spoil("worker-1", "volumes", value=["state:/x"]), "worker-1: state is not among volumes"),
        (spoil("prometheus", "volumes", value=["./prom.yml:/x:ro"]), "prometheus: there is no deploy/prom.yml"),
        (
            spoil("topics", "depends_on", "worker-3", value={"condition": "service_started"}),
            "topics: there is no service",
        ),
        (spoil("kafka", "healthcheck", value={}), "topics: kafka has no health check"),
        (spoil("topics", "restart", value="always"), "worker-1: topics is started again and again"),
    ],
)
def test_a_planted_mistake_is_told(compose: Compose, plant: Callable[[Compose], None], told: str) -> None:
    spoilt = deepcopy(compose)
    plant(spoilt)
    assert [fault for fault in faults(spoilt) if fault.startswith(told)], faults(spoilt)


def test_each_worker_has_a_name_and_a_state_of_its_own(compose: Compose) -> None:
    workers = [one for one in compose["services"].values() if one.get("command") == ["worker"]]
    assert len(workers) == 2
    for of in (lambda one: one["environment"]["COHSTREAM_INSTANCE"], lambda one: one["volumes"][0]):
        assert len({of(one) for one in workers}) == 2
    for one in workers:
        assert one["volumes"][0].endswith(":" + one["environment"]["COHSTREAM_STATE_DIR"])
        assert re.fullmatch(r"\d+s", one["stop_grace_period"])


def test_all_processes_of_ours_share_brokers_and_topics(compose: Compose) -> None:
    ours = [one["environment"] for one in compose["services"].values() if one["image"].startswith("cohstream:")]
    for name in ("COHSTREAM_BROKERS", "COHSTREAM_PREFIX", "COHSTREAM_PARTITIONS", "COHSTREAM_REPLICATION"):
        assert len({one[name] for one in ours}) == 1, name


def test_workers_cannot_be_reached_from_outside_nor_call_out(compose: Compose) -> None:
    for name in ("worker-1", "worker-2", "topics"):
        service = compose["services"][name]
        assert "ports" not in service
        assert all(compose["networks"][network].get("internal") for network in service["networks"])


def test_secrets_are_files_that_the_repository_does_not_have(compose: Compose) -> None:
    named = {f"deploy/{one['file'][2:]}" for one in compose["secrets"].values()}
    assert named == MADE_BY_HAND
    ignored = subprocess.run(
        ["git", "check-ignore", *sorted(named)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert set(ignored.stdout.split()) == named


def amtool(config: Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("amtool") is None:
        pytest.skip("no amtool; install Debian's prometheus-alertmanager")
    return subprocess.run(["amtool", "check-config", str(config)], capture_output=True, text=True, check=False)


@pytest.mark.prometheus
def test_alertmanager_takes_its_configuration() -> None:
    told = amtool(ALERTMANAGER)
    assert told.returncode == 0, told.stderr
    assert "2 receivers" in told.stdout


@pytest.mark.prometheus
@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("receiver: operators", "receiver: nobody"),
        ("group_wait: 1m", "group_wait: soon"),
        ("send_resolved: true", "send_resolve: true"),
    ],
)
def test_alertmanager_refuses_a_planted_mistake(tmp_path: Path, text: str, mistake: str) -> None:
    spoilt = tmp_path / "alertmanager.yml"
    before = ALERTMANAGER.read_text("utf-8")
    assert text in before
    spoilt.write_text(before.replace(text, mistake), encoding="utf-8")
    assert amtool(spoilt).returncode != 0


def test_alerts_of_one_agreement_and_party_are_told_together() -> None:
    (config,) = read_yaml(ALERTMANAGER)
    assert config["route"]["group_by"] == ["alertname", "agreement", "party"]
    assert {one["receiver"] for one in config["route"]["routes"]} == {one["name"] for one in config["receivers"]}
