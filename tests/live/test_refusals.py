"""What cannot work ends at once: one line that says what is wrong and what to do, and exit status 2."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.authority import PASSWORD, USER, Authority, make_authority
from tests.deployments import Deployment, oracle_digest
from tools.kafka import Cluster, free_port

SAMPLE = Path("cohstream/samples/coh2016.jsonl").read_bytes().splitlines()
COMMANDS = [("worker",), ("topics", "create"), ("topics", "describe")]
every_command = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., str]:
    """Runs a command that is to be refused; returns the one line that it says."""

    def run(command: tuple[str, ...], **settings: object) -> str:
        variables = {
            "state_dir": tmp_path / "state",
            "http": f"127.0.0.1:{free_port()}",
            "log": "text",
            **settings,
        }
        bare = {name: value for name, value in os.environ.items() if not name.startswith("COHSTREAM_")}
        ended = subprocess.run(
            [sys.executable, "-m", "cohstream", *command],
            env={**bare, **{f"COHSTREAM_{name.upper()}": str(value) for name, value in variables.items()}},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
        (line,) = ended.stderr.splitlines()
        return line

    return run


@pytest.fixture
def login(cluster: Cluster, trusted: Authority) -> dict[str, object]:
    """The settings with which the secured door lets a client in."""
    return {
        "brokers": cluster.secured_brokers,
        "tls": "true",
        "tls_ca": trusted.ca,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_username": USER,
        "sasl_password": PASSWORD,
    }


def test_a_worker_behind_tls_and_scram_gives_the_digest_of_an_in_memory_run(
    deploy: Callable[..., Deployment], login: dict[str, object]
) -> None:
    live = deploy(environment={f"COHSTREAM_{name.upper()}": str(value) for name, value in login.items()})
    worker = live.worker()
    live.ready(worker)
    live.feed(SAMPLE)
    live.settled()
    assert live.digest() == oracle_digest(SAMPLE)
    assert worker.stop() == 0
    assert PASSWORD not in worker.said()


@every_command
def test_a_wrong_password(refusal: Callable[..., str], login: dict[str, object], command: tuple[str, ...]) -> None:
    assert refusal(command, **{**login, "sasl_password": "wrong"}) == (
        f"cohstream: {login['brokers']} does not accept user 'worker' with this password by SCRAM-SHA-512; "
        "check COHSTREAM_SASL_USERNAME, _PASSWORD and _MECHANISM"
    )


@every_command
def test_an_unknown_authority(
    refusal: Callable[..., str],
    login: dict[str, object],
    tmp_path: Path,
    command: tuple[str, ...],
) -> None:
    line = refusal(command, **{**login, "tls_ca": make_authority(tmp_path).ca})
    assert line.startswith(f"cohstream: the certificate of {login['brokers']} is not trusted: ")
    assert line.endswith("; name the PEM file of its CA by COHSTREAM_TLS_CA")


@every_command
def test_plain_text_at_the_door_for_tls(
    refusal: Callable[..., str], cluster: Cluster, command: tuple[str, ...]
) -> None:
    assert refusal(command, brokers=cluster.secured_brokers) == (
        f"cohstream: {cluster.secured_brokers} hangs up; if this port speaks TLS, set COHSTREAM_TLS=true"
    )


def test_tls_at_the_plain_door(refusal: Callable[..., str], cluster: Cluster, login: dict[str, object]) -> None:
    assert refusal(("worker",), **{**login, "brokers": cluster.brokers}) == (
        f"cohstream: {cluster.brokers} hangs up; if this port speaks no TLS, set COHSTREAM_TLS=false"
    )


def test_no_login_where_one_is_wanted(refusal: Callable[..., str], cluster: Cluster, trusted: Authority) -> None:
    line = refusal(("worker",), brokers=cluster.secured_brokers, tls="true", tls_ca=trusted.ca)
    assert line.startswith(f"cohstream: {cluster.secured_brokers} hangs up; if this port wants a login, set")


def test_a_mechanism_that_the_broker_does_not_offer(refusal: Callable[..., str], login: dict[str, object]) -> None:
    assert refusal(("worker",), **{**login, "sasl_mechanism": "SCRAM-SHA-256"}) == (
        f"cohstream: {login['brokers']} does not offer SCRAM-SHA-256; set another COHSTREAM_SASL_MECHANISM"
    )


def test_a_login_at_a_door_that_takes_none(
    refusal: Callable[..., str], cluster: Cluster, login: dict[str, object]
) -> None:
    given = {name: value for name, value in login.items() if not name.startswith("tls")}
    line = refusal(("worker",), **{**given, "brokers": cluster.brokers})
    assert line.startswith(f"cohstream: {cluster.brokers} takes no login; unset COHSTREAM_SASL_MECHANISM")


@every_command
def test_no_broker(refusal: Callable[..., str], command: tuple[str, ...]) -> None:
    broker = f"127.0.0.1:{free_port()}"
    assert refusal(command, brokers=broker) == (
        f"cohstream: nothing listens at {broker}; start Kafka, or mend COHSTREAM_BROKERS"
    )


def test_none_of_several_brokers(refusal: Callable[..., str]) -> None:
    line = refusal(("worker",), brokers=f"127.0.0.1:{free_port()},no-such-host.invalid:9092")
    assert line.endswith("(nor does any other of 2 brokers let us in)")


def test_topics_that_are_missing(refusal: Callable[..., str], cluster: Cluster) -> None:
    assert refusal(("worker",), brokers=cluster.brokers, prefix="nowhere") == (
        "cohstream: 11 of 11 topics are missing, nowhere.reports.v1 among them; run `cohstream topics create`"
    )


def test_topics_with_another_number_of_partitions(
    refusal: Callable[..., str], deploy: Callable[..., Deployment]
) -> None:
    live = deploy(partitions=2)
    line = refusal(("worker",), brokers=live.brokers, prefix=live.prefix, partitions=4)
    assert line.startswith(f"cohstream: topic {live.prefix}.reports.v1 has 2 partitions, COHSTREAM_PARTITIONS is 4; ")


def test_an_address_that_is_taken(refusal: Callable[..., str], deploy: Callable[..., Deployment]) -> None:
    live = deploy()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        http = f"127.0.0.1:{taken.getsockname()[1]}"
        line = refusal(("worker",), brokers=live.brokers, prefix=live.prefix, http=http)
    assert line == f"cohstream: cannot serve at {http}: Address already in use; choose another address or port"


def test_a_state_directory_that_is_none(
    refusal: Callable[..., str], deploy: Callable[..., Deployment], tmp_path: Path
) -> None:
    live = deploy()
    (tmp_path / "file").touch()
    line = refusal(("worker",), brokers=live.brokers, prefix=live.prefix, state_dir=tmp_path / "file" / "state")
    assert line == f"cohstream: no state at {tmp_path}/file/state: Not a directory; mend COHSTREAM_STATE_DIR"


def test_a_state_directory_of_other_brokers(deploy: Callable[..., Deployment]) -> None:
    former, live = deploy(partitions=1), deploy(partitions=1)
    worker = former.worker()
    former.ready(worker)
    former.feed(SAMPLE)
    former.settled()
    assert worker.stop() == 0
    state = str(former.directory / "state-1")
    misled = live.worker(COHSTREAM_STATE_DIR=state)
    assert misled.process.wait(60) == 2
    assert f"the state in {state} is ahead of its changelog: it is of other brokers" in misled.said().splitlines()[-1]


def test_another_law_than_the_rest_of_the_group(refusal: Callable[..., str], deploy: Callable[..., Deployment]) -> None:
    live = deploy()
    live.ready(live.worker())
    line = refusal(("worker",), brokers=live.brokers, prefix=live.prefix, agreement="SY-JIG-2016-07")
    assert f"the group {live.prefix}-worker runs under another law" in line


@every_command
def test_wrong_settings(refusal: Callable[..., str], command: tuple[str, ...]) -> None:
    assert refusal(command, partitions="many").startswith("cohstream: COHSTREAM_PARTITIONS is 'many': ")


def test_the_refusal_is_a_line_of_json_where_logs_are(refusal: Callable[..., str]) -> None:
    line = json.loads(refusal(("worker",), log="json", brokers=f"127.0.0.1:{free_port()}"))
    assert line["level"] == "error"
    assert line["message"].startswith("nothing listens at ")
