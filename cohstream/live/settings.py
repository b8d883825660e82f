"""Settings of the live driver, by environment (``COHSTREAM_...``) or a file."""

from __future__ import annotations

from pathlib import Path
from ssl import SSLContext
from typing import Any, Literal

from aiokafka.helpers import create_ssl_context
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from cohstream.errors import ConfigError

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class LiveSettings(BaseSettings):
    """What a worker, ``serve`` and the topic commands share. Times in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix="COHSTREAM_", extra="ignore", frozen=True)

    brokers: str = Field("127.0.0.1:9092", pattern=r"^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$")
    prefix: str = Field("cohstream", pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")
    group: str = Field("", pattern=r"^[A-Za-z0-9._-]*$")
    instance: str | None = None
    partitions: int = Field(4, ge=1, le=1024)
    replication: int = Field(1, ge=1)
    state_dir: Path = Path("state")
    agreements: tuple[Path, ...] = ()
    agreement: tuple[str, ...] = ()
    http: str = Field("127.0.0.1:8090", pattern=r"^\S+:\d+$")
    session_timeout: float = Field(10.0, ge=1.0, le=300.0)
    commit_interval: float = Field(1.0, gt=0.0, le=60.0)
    batch_records: int = Field(5_000, ge=1)
    batch_bytes: int = Field(4 << 20, ge=1 << 16)
    claims_in_memory: int = Field(1_000_000, ge=1)
    tls: bool = False
    tls_ca: Path | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    sasl_mechanism: Mechanism | None = None
    sasl_username: str = ""
    sasl_password: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _consistent(self) -> LiveSettings:
        if self.sasl_mechanism and not (self.sasl_username and self.sasl_password.get_secret_value()):
            raise ValueError("sasl_mechanism needs sasl_username and sasl_password")
        if (self.tls_ca or self.tls_certificate) and not self.tls:
            raise ValueError("tls_ca and tls_certificate need tls=true")
        return self

    @property
    def group_id(self) -> str:
        """The consumer group; one group shares one state."""
        return self.group or f"{self.prefix}-worker"

    def topic(self, noun: str) -> str:
        """The topic of a noun: ``claims`` is ``cohstream.claims.v1``."""
        return f"{self.prefix}.{noun}.v1"

    def ssl_context(self) -> SSLContext | None:
        """The TLS context, if TLS is on. Raises :class:`ConfigError` for files that cannot be used."""
        if not self.tls:
            return None
        try:
            context: SSLContext = create_ssl_context(
                cafile=self.tls_ca, certfile=self.tls_certificate, keyfile=self.tls_key
            )
        except OSError as error:
            raise ConfigError(f"the TLS files cannot be used: {error}; check tls_ca and tls_certificate") from None
        return context

    def client(self) -> dict[str, Any]:
        """Arguments of every aiokafka client: where the brokers are and how to be let in."""
        arguments: dict[str, Any] = {"bootstrap_servers": self.brokers}
        context = self.ssl_context()
        if context is not None:
            arguments["ssl_context"] = context
        if self.sasl_mechanism:
            arguments |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password.get_secret_value(),
            }
        protocol = ("SASL_" if self.sasl_mechanism else "") + ("SSL" if self.tls else "PLAINTEXT")
        return arguments | {"security_protocol": protocol}


def load_settings(**given: Any) -> LiveSettings:
    """Settings from the environment, overridden by what is ``given``. Raises :class:`ConfigError`."""
    try:
        return LiveSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = [f"COHSTREAM_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
        raise ConfigError("; ".join(faults)) from None
