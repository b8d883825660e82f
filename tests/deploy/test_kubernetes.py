"""deploy/kubernetes: valid by Kubernetes' own schemas, and of a piece with cohstream. Planted mistakes are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from jsonschema import Draft202012Validator
from kubernetes_validate import ValidationError

from tests.deploy.files import KUBERNETES, read_schema, read_yaml
from tests.deploy.settings import faults_of_command, faults_of_environment, faults_of_image, faults_of_probe

VERSIONS = ("1.30", "1.37")
"""The oldest release that the manifests are for, and the newest that is checked."""
WORKLOADS = ("StatefulSet", "Deployment", "Job")
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
EXAMPLE, KUSTOMIZATION = "secrets.example.yaml", "kustomization.yaml"
Manifest = dict[str, Any]


def closed(schema: Any) -> Any:
    """The schema of a custom resource, refusing fields that it does not name, as ``kubectl --validate=strict`` does."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(value) for name, value in schema.items()}
    if isinstance(made.get("properties"), dict) and made["properties"] and "additionalProperties" not in made:
        made["additionalProperties"] = False
    return made


def _podmonitor_schema() -> Any:
    schema = read_schema("podmonitor-v0.85.0.json")
    schema["properties"]["metadata"] = {"type": "object", "additionalProperties": True}
    return closed(schema)


PODMONITOR = Draft202012Validator(_podmonitor_schema())


@pytest.fixture
def manifests() -> list[Manifest]:
    """Every manifest of the kustomization, and the example of secrets; a test may spoil them."""
    names = [path for path in sorted(KUBERNETES.glob("*.yaml")) if path.name != KUSTOMIZATION]
    return [manifest for path in names for manifest in read_yaml(path)]


def name_of(manifest: Manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def faults(manifests: list[Manifest]) -> list[str]:
    """Everything that is wrong with the manifests, a line each."""
    found = [fault for manifest in manifests for fault in faults_of_schema(manifest)]
    if found:
        return found
    found = [
        f"{name_of(one)}: the namespace is for whoever applies it"
        for one in manifests
        if "namespace" in one["metadata"]
    ]
    for manifest in manifests:
        if manifest["kind"] in WORKLOADS:
            found += faults_of_pod(manifest, manifests)
        if manifest["kind"] in ("Service", "PodDisruptionBudget", "NetworkPolicy", "PodMonitor"):
            found += faults_of_selection(manifest, manifests)
    return found


def faults_of_schema(manifest: Manifest) -> list[str]:
    if manifest["kind"] == "PodMonitor":
        return [f"{name_of(manifest)}: {one.json_path}: {one.message}" for one in PODMONITOR.iter_errors(manifest)]
    found = []
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(deepcopy(manifest), version, strict=True)
        except ValidationError as error:
            found.append(f"{name_of(manifest)}: {error.message}")
    return found


def pod_of(workload: Manifest) -> Manifest:
    spec: Manifest = workload["spec"]["template"]["spec"]
    return spec


def faults_of_pod(workload: Manifest, manifests: list[Manifest]) -> list[str]:
    where, pod = name_of(workload), pod_of(workload)
    (container,) = pod["containers"]
    command = container["args"][0]
    found = [*_hardening(where, pod, container), *faults_of_command(where, container["args"])]
    found += faults_of_environment(where, environment_of(container, manifests))
    ports = {one["name"]: one["containerPort"] for one in container.get("ports", ())}
    for kind in PROBES:
        asked = container.get(kind, {}).get("httpGet")
        if asked is None:
            found += [] if workload["kind"] == "Job" else [f"{where}: it has no {kind}"]
        elif asked["port"] not in ports:
            found.append(f"{where}: its {kind} asks port {asked['port']}, which it does not have")
        else:
            found += faults_of_probe(f"{where}, {kind}", command, ports[asked["port"]], asked["path"])
    listening = environment_of(container, manifests).get("COHSTREAM_HTTP", ":0").rsplit(":", 1)[1]
    found += [
        f"{where}: port {one} is declared, it listens on {listening}" for one in ports.values() if str(one) != listening
    ]
    return found + _references(where, workload, container, manifests)


def _hardening(where: str, pod: Manifest, container: Manifest) -> list[str]:
    of_pod, of_container = pod.get("securityContext", {}), container.get("securityContext", {})
    demands = {
        "it may run as root": of_pod.get("runAsNonRoot") is True and of_pod.get("runAsUser", 0) > 0,
        "it has no seccomp profile": of_pod.get("seccompProfile") == {"type": "RuntimeDefault"},
        "its root file system may be written": of_container.get("readOnlyRootFilesystem") is True,
        "it may gain privileges": of_container.get("allowPrivilegeEscalation") is False,
        "it keeps capabilities": of_container.get("capabilities") == {"drop": ["ALL"]},
        "it has a token for Kubernetes": pod.get("automountServiceAccountToken") is False,
        "its memory is not limited": "memory" in container.get("resources", {}).get("limits", {}),
    }
    return [f"{where}: {fault}" for fault, met in demands.items() if not met]


def environment_of(container: Manifest, manifests: list[Manifest]) -> dict[str, str]:
    """The environment of a container, with what it takes from config maps; fields of the pod are an example."""
    held = {one["metadata"]["name"]: one.get("data", {}) for one in manifests if one["kind"] == "ConfigMap"}
    found: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        found |= held.get(source.get("configMapRef", {}).get("name"), {})
    for one in container.get("env", ()):
        found[one["name"]] = one.get("value", "pod-0")
    return found


def _references(where: str, workload: Manifest, container: Manifest, manifests: list[Manifest]) -> list[str]:
    """What a workload names must be there."""
    there = {(one["kind"], one["metadata"]["name"]) for one in manifests}
    pod, named = pod_of(workload), list[tuple[str, str]]()
    for source in container.get("envFrom", ()):
        named += [("ConfigMap", source["configMapRef"]["name"])] if "configMapRef" in source else []
        named += [("Secret", source["secretRef"]["name"])] if "secretRef" in source else []
    named += [("Secret", one["secret"]["secretName"]) for one in pod.get("volumes", ()) if "secret" in one]
    named.append(("ServiceAccount", pod["serviceAccountName"]))
    if "serviceName" in workload["spec"]:
        named.append(("Service", workload["spec"]["serviceName"]))
    found = [f"{where}: there is no {kind} {name}" for kind, name in named if (kind, name) not in there]
    volumes = {one["name"] for one in pod.get("volumes", ())}
    volumes |= {one["metadata"]["name"] for one in workload["spec"].get("volumeClaimTemplates", ())}
    mounted = {one["name"] for one in container.get("volumeMounts", ())}
    return found + [f"{where}: {one} is mounted or made, not both" for one in sorted(volumes ^ mounted)]


def faults_of_selection(manifest: Manifest, manifests: list[Manifest]) -> list[str]:
    """What selects pods must select some, and by ports that they have."""
    spec, where = manifest["spec"], name_of(manifest)
    selector = spec.get("podSelector", spec.get("selector"))
    wanted = selector.get("matchLabels", selector)
    workloads = [one for one in manifests if one["kind"] in WORKLOADS]
    pods = [
        one["spec"]["template"]
        for one in workloads
        if wanted.items() <= one["spec"]["template"]["metadata"]["labels"].items()
    ]
    if not pods:
        return [f"{where}: it selects no pod"]
    ports = {port["name"] for pod in pods for port in pod["spec"]["containers"][0].get("ports", ())}
    return [f"{where}: no pod has a port {port}" for port in _ports(manifest) if port not in ports]


def _ports(manifest: Manifest) -> Iterator[str]:
    spec = manifest["spec"]
    if manifest["kind"] == "Service":
        yield from (one["targetPort"] for one in spec["ports"])
    if manifest["kind"] == "PodMonitor":
        yield from (one["port"] for one in spec["podMetricsEndpoints"])
    if manifest["kind"] == "NetworkPolicy":
        yield from (port["port"] for rule in spec["ingress"] for port in rule["ports"])


def test_the_manifests_are_valid_and_of_a_piece_with_cohstream(manifests: list[Manifest]) -> None:
    assert faults(manifests) == []


def find(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    (one,) = [one for one in manifests if name_of(one) == f"{kind} {name}"]
    return one


def spoil(kind: str, name: str, *path: str | int, value: Any) -> Callable[[list[Manifest]], None]:
    """A planted mistake: set what ``path`` leads to in a manifest."""

    def plant(manifests: list[Manifest]) -> None:
        target: Any = find(manifests, kind, name)
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value

    return plant


WORKER = ("StatefulSet", "cohstream-worker")
POD = ("spec", "template", "spec")
CONTAINER = (*POD, "containers", 0)


@pytest.mark.parametrize(
    ("plant", "told"),
    [
        (spoil(*WORKER, "spec", "replica", value=3), "Additional properties are not allowed ('replica'"),
        (spoil(*WORKER, "spec", "replicas", value="three"), "'three' is not"),
        (spoil("Service", "cohstream-serve", "spec", "ports", 0, "port", value="http"), "'http' is not"),
        (spoil("PodMonitor", "cohstream", "spec", "endpoints", value=[]), "'endpoints' was unexpected"),
        (spoil("PodMonitor", "cohstream", "spec", "podMetricsEndpoints", 0, "interval", value="15"), "does not match"),
        (
            spoil("PodMonitor", "cohstream", "spec", "podMetricsEndpoints", 0, "port", value="web"),
            "no pod has a port web",
        ),
        (spoil("ConfigMap", "cohstream", "data", "COHSTREAM_BROKER", value="k:1"), "COHSTREAM_BROKER is no setting"),
        (
            spoil("ConfigMap", "cohstream", "data", "COHSTREAM_REPLICATION", value="all"),
            "COHSTREAM_REPLICATION is 'all'",
        ),
        (spoil("ConfigMap", "cohstream", "metadata", "name", value="other"), "there is no ConfigMap cohstream"),
        (spoil("ConfigMap", "cohstream", "metadata", "namespace", value="x"), "the namespace is for whoever applies"),
        (spoil(*WORKER, *CONTAINER, "args", value=["work"]), "`cohstream work` is refused"),
        (spoil(*WORKER, *CONTAINER, "readinessProbe", "httpGet", "path", value="/readyz"), "/readyz is not served by"),
        (
            spoil(*WORKER, *CONTAINER, "livenessProbe", "httpGet", "port", value="web"),
            "its livenessProbe asks port web",
        ),
        (
            spoil(*WORKER, *CONTAINER, "ports", 0, "containerPort", value=8080),
            "port 8080 is declared, it listens on 8090",
        ),
        (spoil(*WORKER, *CONTAINER, "securityContext", value={}), "its root file system may be written"),
        (spoil(*WORKER, *CONTAINER, "resources", value={}), "its memory is not limited"),
        (spoil(*WORKER, *CONTAINER, "volumeMounts", value=[]), "state is mounted or made, not both"),
        (spoil(*WORKER, *POD, "securityContext", "runAsUser", value=0), "it may run as root"),
        (spoil(*WORKER, *POD, "automountServiceAccountToken", value=True), "it has a token for Kubernetes"),
        (spoil(*WORKER, "spec", "serviceName", value="workers"), "there is no Service workers"),
        (
            spoil("PodDisruptionBudget", "cohstream-worker", "spec", "selector", "matchLabels", value={"a": "b"}),
            "it selects no pod",
        ),
    ],
)
def test_a_planted_mistake_is_told(
    manifests: list[Manifest], plant: Callable[[list[Manifest]], None], told: str
) -> None:
    plant(manifests)
    assert [fault for fault in faults(manifests) if told in fault], faults(manifests)


def test_workers_keep_their_name_and_their_state_over_restarts(manifests: list[Manifest]) -> None:
    worker = find(manifests, *WORKER)
    container = pod_of(worker)["containers"][0]
    instance = next(one for one in container["env"] if one["name"] == "COHSTREAM_INSTANCE")
    assert instance["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
    state = environment_of(container, manifests)["COHSTREAM_STATE_DIR"]
    (claim,) = worker["spec"]["volumeClaimTemplates"]
    assert {"name": claim["metadata"]["name"], "mountPath": state} in container["volumeMounts"]
    assert find(manifests, "Service", worker["spec"]["serviceName"])["spec"]["clusterIP"] == "None"


def test_there_is_work_for_each_worker_and_a_copy_to_spare(manifests: list[Manifest]) -> None:
    settings = find(manifests, "ConfigMap", "cohstream")["data"]
    assert find(manifests, *WORKER)["spec"]["replicas"] <= int(settings["COHSTREAM_PARTITIONS"])
    assert int(settings["COHSTREAM_REPLICATION"]) == 3


def test_the_example_of_secrets_has_settings_that_there_are(manifests: list[Manifest]) -> None:
    login = find(manifests, "Secret", "cohstream-kafka")["stringData"]
    assert faults_of_environment("example", login) == []


def test_the_kustomization_names_every_manifest_and_pins_the_image(manifests: list[Manifest]) -> None:
    (kustomization,) = read_yaml(KUBERNETES / KUSTOMIZATION)
    there = {path.name for path in KUBERNETES.glob("*.yaml")} - {KUSTOMIZATION, EXAMPLE}
    assert set(kustomization["resources"]) == there
    (image,) = kustomization["images"]
    used = {pod_of(one)["containers"][0]["image"] for one in manifests if one["kind"] in WORKLOADS}
    assert used == {image["name"]}
    assert faults_of_image("kustomization", f"{image['name']}:{image['newTag']}") == []


def test_keys_of_the_example_are_none(manifests: list[Manifest]) -> None:
    """Whoever applies the example as it is must not have opened the intake."""
    keys = find(manifests, "Secret", "cohstream-api-keys")["stringData"]["api-keys"]
    assert all(line.startswith("#") for line in keys.splitlines())
    assert EXAMPLE not in Path(KUBERNETES / KUSTOMIZATION).read_text("utf-8")
