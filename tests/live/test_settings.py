import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cohstream.errors import ConfigError
from cohstream.live.settings import LiveSettings, load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("COHSTREAM_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets variables of the environment: ``brokers=...`` is COHSTREAM_BROKERS."""

    def set_variables(**variables: object) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(f"COHSTREAM_{name.upper()}", str(value))

    return set_variables


@pytest.fixture
def toml(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "cohstream.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_text("")
    return path


def refusal(**given: object) -> list[str]:
    """The lines with which the settings are refused."""
    with pytest.raises(ConfigError) as caught:
        load_settings(**given)
    return str(caught.value).splitlines()


def test_without_any_setting_a_worker_looks_for_a_broker_on_this_machine() -> None:
    settings = load_settings()
    assert (settings.brokers, settings.prefix, settings.group_id) == (
        "127.0.0.1:9092",
        "cohstream",
        "cohstream-worker",
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("brokers", "a:9092, [::1]:9093", "a:9092,[::1]:9093"),
        ("state_dir", "/var/lib/cohstream", Path("/var/lib/cohstream")),
        ("http", "0.0.0.0:80", "0.0.0.0:80"),
        ("prefix", "replay.7", "replay.7"),
        ("agreements", "one:two", (Path("one"), Path("two"))),
        ("agreement", "SY-COH-2016-02, SY-JIG-2016-07", ("SY-COH-2016-02", "SY-JIG-2016-07")),
        ("partitions", "12", 12),
        ("replication", "3", 3),
        ("group", "west", "west"),
        ("session_timeout", "6", 6.0),
        ("batch_records", "100", 100),
        ("batch_bytes", "65536", 65_536),
        ("linger", "0.005", 0.005),
        ("tls", "true", True),
        ("log", "json", "json"),
    ],
)
def test_every_setting_has_a_name_in_the_environment(
    environment: Callable[..., None], name: str, text: str, value: object
) -> None:
    environment(**{name: text})
    assert getattr(load_settings(), name) == value


def test_a_file_sets_what_the_environment_does_not_and_options_come_first(
    environment: Callable[..., None], toml: Callable[[str], Path]
) -> None:
    file = toml('brokers = ["file:1", "file:2"]\npartitions = 8\nhttp = "file:80"\nagreements = ["laws"]\n')
    environment(config=file, partitions=16)
    settings = load_settings(http="option:80")
    assert settings.brokers == "file:1,file:2"
    assert settings.partitions == 16
    assert settings.http == "option:80"
    assert settings.agreements == (Path("laws"),)


def test_an_option_names_the_file_too(toml: Callable[[str], Path]) -> None:
    assert load_settings(config=toml("replication = 3")).replication == 3


def test_an_empty_variable_is_as_good_as_none(environment: Callable[..., None]) -> None:
    environment(partitions="", group="", instance="")
    assert load_settings() == LiveSettings()


def test_all_faults_are_told_at_once_with_name_value_and_remedy(
    environment: Callable[..., None], toml: Callable[[str], Path]
) -> None:
    file = toml('brokers = "kafka"\nreplicas = 3\n')
    environment(config=file, partitions=0, http="8090", sasl_mechanism="SCRAM")
    assert refusal(prefix="a b") == [
        f"COHSTREAM_BROKERS, or brokers in {file}, is 'kafka': 'kafka' is no address; "
        "write HOST:PORT, several with commas between",
        "--prefix is 'a b': that is not of its form; write letters, digits, - and _, with dots between",
        "COHSTREAM_PARTITIONS is '0': input should be greater than or equal to 1; "
        "write a number from 1 to 1024, the same on every worker",
        "COHSTREAM_HTTP is '8090': '8090' is no address; write HOST:PORT",
        "COHSTREAM_SASL_MECHANISM is 'SCRAM': input should be 'PLAIN', 'SCRAM-SHA-256' or 'SCRAM-SHA-512'; "
        "write PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
        f"replicas in {file} is no setting; did you mean replication?",
    ]


@pytest.mark.parametrize("brokers", ["kafka", "kafka:0", "kafka:65536", "kafka:9092,", "", "a b:1", "kafka://a:1"])
def test_an_address_has_a_host_and_a_port(brokers: str) -> None:
    assert "write HOST:PORT" in refusal(brokers=brokers)[0]


def test_a_misspelt_variable_is_refused_with_the_name_it_should_have(environment: Callable[..., None]) -> None:
    environment(broker="a:1", real_data="/data", port="tcp://10.0.0.1:80")
    assert refusal() == ["COHSTREAM_BROKER is no setting; did you mean COHSTREAM_BROKERS?"]


def test_a_login_needs_all_of_its_parts(environment: Callable[..., None]) -> None:
    environment(sasl_mechanism="SCRAM-SHA-512")
    assert [line.split(";")[0] for line in refusal()] == [
        "COHSTREAM_SASL_USERNAME is needed with SCRAM-SHA-512",
        "COHSTREAM_SASL_PASSWORD is needed with SCRAM-SHA-512",
    ]


def test_a_login_without_a_mechanism_is_refused_rather_than_left_out(environment: Callable[..., None]) -> None:
    environment(sasl_username="worker")
    assert refusal()[0].startswith("COHSTREAM_SASL_USERNAME is 'worker': is of no use without sasl_mechanism")


@pytest.mark.parametrize("text", ["sasl_password = 908172635", 'sasl_password = "secret"\nsasl_mechanism = "NONE"'])
def test_no_message_shows_the_password(toml: Callable[[str], Path], text: str) -> None:
    said = "\n".join(refusal(config=toml(text)))
    assert "908172635" not in said
    assert "secret" not in said


def test_files_of_tls_are_refused_while_tls_is_off(environment: Callable[..., None], pem: Path) -> None:
    environment(tls_ca=pem)
    assert refusal() == [
        f"COHSTREAM_TLS_CA is '{pem}': is of no use while tls is off; name a PEM file, and set tls to true"
    ]


def test_files_of_tls_must_be_there(environment: Callable[..., None]) -> None:
    environment(tls="true", tls_ca="nowhere.pem")
    assert refusal() == [
        "COHSTREAM_TLS_CA is 'nowhere.pem': path does not point to a file; name a PEM file, and set tls to true"
    ]


def test_files_of_tls_must_be_certificates(environment: Callable[..., None], pem: Path) -> None:
    environment(tls="true", tls_ca=pem)
    with pytest.raises(ConfigError, match=r"the TLS files \(.*ca.pem\) cannot be used: .*; give PEM files"):
        load_settings().client()


def test_a_settings_file_that_is_not_there_is_told() -> None:
    assert refusal(config="nowhere.toml") == [
        "there is no settings file nowhere.toml; name one by --config or COHSTREAM_CONFIG"
    ]


def test_a_settings_file_that_is_not_toml_is_told(toml: Callable[[str], Path]) -> None:
    file = toml("brokers: kafka:9092")
    assert refusal(config=file)[0].startswith(f"{file} is not TOML: ")


def test_how_to_be_let_in_is_given_to_every_client(environment: Callable[..., None]) -> None:
    environment(tls="true", sasl_mechanism="SCRAM-SHA-512", sasl_username="worker", sasl_password="secret")
    client = load_settings().client()
    assert client["security_protocol"] == "SASL_SSL"
    assert client["sasl_plain_password"] == "secret"
    assert "secret" not in repr(load_settings())
