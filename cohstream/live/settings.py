"""Settings of the live driver: from options, else the environment (``COHSTREAM_...``), else a TOML file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from ssl import SSLContext
from tomllib import TOMLDecodeError
from typing import Annotated, Any, Literal

from aiokafka.helpers import create_ssl_context
from pydantic import Field, FilePath, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from cohstream.errors import ConfigError
from cohstream.live import settings_faults as faults

PREFIX = "COHSTREAM_"
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
ADDRESS = re.compile(r"([^\s,:/\[\]]+|\[[0-9A-Fa-f:]+\]):(\d{1,5})")


class LiveSettings(BaseSettings):
    """What a worker, ``serve`` and the topic commands share. Times in seconds, sizes in bytes.

    A field's description is what a person is told to do about a wrong value.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, validate_default=True
    )

    config: Path | None = Field(None, description="name a TOML file of settings")
    brokers: str = Field("127.0.0.1:9092", description="write HOST:PORT, several with commas between")
    prefix: str = Field(
        "cohstream",
        pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$",
        max_length=150,
        description="write letters, digits, - and _, with dots between",
    )
    group: str = Field(
        "", pattern=r"^[A-Za-z0-9._-]*$", max_length=150, description="write letters, digits, dots, - and _"
    )
    instance: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._-]+$",
        max_length=200,
        description="write a name that no other worker of the group has, of letters, digits, dots, - and _",
    )
    partitions: int = Field(4, ge=1, le=1024, description="write a number from 1 to 1024, the same on every worker")
    replication: int = Field(1, ge=1, le=100, description="write how many brokers keep a copy, at most all there are")
    state_dir: Path = Field(Path("state"), description="name a directory")
    agreements: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description=f"name directories of YAML files, with {os.pathsep!r} between"
    )
    agreement: Annotated[tuple[str, ...], NoDecode] = Field((), description="name agreements, with commas between")
    http: str = Field("127.0.0.1:8090", description="write HOST:PORT")
    api_keys: FilePath | None = Field(
        None, description="name a TOML file of API keys, `cohstream apikeys new` prints what belongs there"
    )
    session_timeout: float = Field(10.0, ge=1.0, le=300.0, description="write seconds from 1 to 300")
    commit_interval: float = Field(1.0, gt=0.0, le=60.0, description="write seconds up to 60, more than 0")
    batch_records: int = Field(5_000, ge=1, le=1_000_000, description="write a number from 1 to 1000000")
    batch_bytes: int = Field(4 << 20, ge=1 << 16, le=1 << 30, description="write bytes from 65536 to 1073741824")
    claims_in_memory: int = Field(1_000_000, ge=1, description="write a number of claims, at least 1")
    linger: float = Field(0.0, ge=0.0, le=1.0, description="write seconds from 0 to 1")
    log: Literal["auto", "json", "text"] = Field("auto", description="write auto, json or text")
    tls: bool = Field(False, description="write true or false")
    tls_ca: FilePath | None = Field(None, description="name a PEM file, and set tls to true")
    tls_certificate: FilePath | None = Field(None, description="name a PEM file, and set tls to true")
    tls_key: FilePath | None = Field(None, description="name a PEM file, and set tls_certificate too")
    sasl_mechanism: Mechanism | None = Field(None, description="write PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
    sasl_username: str = Field("", description="set sasl_mechanism, sasl_username and sasl_password together")
    sasl_password: SecretStr = Field(
        SecretStr(""), description="set sasl_mechanism, sasl_username and sasl_password together"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options, else the environment, else the file that one of them names."""
        file = init_settings().get("config") or env_settings().get("config")
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)

    @field_validator("brokers", mode="before")
    @classmethod
    def _addresses(cls, value: object) -> object:
        """A list of a TOML file is as good as commas."""
        parts = value if isinstance(value, list) else str(value).split(",")
        return ",".join(_address(str(part).strip()) for part in parts)

    @field_validator("http")
    @classmethod
    def _one_address(cls, value: str) -> str:
        return _address(value)

    @field_validator("agreements", mode="before")
    @classmethod
    def _paths(cls, value: object) -> object:
        return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value

    @field_validator("agreement", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("tls_ca", "tls_certificate")
    @classmethod
    def _with_tls(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value and info.data.get("tls") is False:
            raise ValueError("is of no use while tls is off")
        return value

    @field_validator("tls_key")
    @classmethod
    def _with_certificate(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value and info.data.get("tls_certificate", value) is None:
            raise ValueError("is of no use without tls_certificate")
        return value

    @field_validator("sasl_username", "sasl_password")
    @classmethod
    def _with_mechanism(cls, value: Any, info: ValidationInfo) -> Any:
        given = bool(value if isinstance(value, str) else value.get_secret_value())
        mechanism = info.data.get("sasl_mechanism", "unknown")
        if mechanism is None and given:
            raise ValueError("is of no use without sasl_mechanism")
        if mechanism not in (None, "unknown") and not given:
            raise ValueError(f"is needed with {mechanism}")
        return value

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
            files = ", ".join(str(one) for one in (self.tls_ca, self.tls_certificate, self.tls_key) if one)
            raise ConfigError(
                f"the TLS files ({files}) cannot be used: {error}; "
                "give PEM files by tls_ca, tls_certificate and tls_key"
            ) from None
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


class ServeSettings(LiveSettings):
    """The same, with the address of a page."""

    http: str = Field("127.0.0.1:8080", description="write HOST:PORT")


def load_settings(kind: type[LiveSettings] = LiveSettings, /, **given: Any) -> LiveSettings:
    """Settings from what is ``given``, else the environment, else the file.

    Raises :class:`ConfigError` with every fault there is, a line each.
    """
    given = {name: value for name, value in given.items() if value is not None}
    named = given.get("config") or os.environ.get(f"{PREFIX}CONFIG")
    file = Path(named) if named else None
    if file and not file.is_file():
        raise ConfigError(f"there is no settings file {file}; name one by --config or {PREFIX}CONFIG")
    lines = faults.misspelt(PREFIX, LiveSettings.model_fields)
    try:
        settings = kind(**given)
    except ValidationError as error:
        lines += [faults.told(one, PREFIX, LiveSettings.model_fields, given, file) for one in error.errors()]
    except (TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f'{file} is not TOML: {error}; write lines like: brokers = "kafka:9092"') from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}; name a file that we may read") from None
    if lines:
        raise ConfigError("\n".join(lines))
    return settings


def _address(text: str) -> str:
    found = ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found[2]) <= 65_535:
        raise ValueError(f"{text!r} is no address")
    return text
