"""API keys: who posts reports, and as which sources. The file of keys holds hashes only.

A key has 256 random bits, so its plain SHA-256 cannot be turned back, and needs no salt.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Annotated, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cohstream.errors import ConfigError
from cohstream.knowledge.sources import SourceRegistry

KEY_PREFIX = "cohs_"
EVERY_SOURCE = "*"


class Caller(Protocol):
    """Who posts; ``name`` is empty where nobody is asked for a key."""

    @property
    def name(self) -> str: ...

    def may_speak_for(self, source: str) -> bool:
        """Whether a report of ``source`` is taken from this caller."""


class Anyone:
    """Every caller, where no keys are asked for."""

    name = ""

    def may_speak_for(self, source: str) -> bool:  # noqa: ARG002 (the protocol's signature)
        return True


class KeyHolder:
    """The holder of a key. Another name of a registered source is the same source; other names count as written."""

    def __init__(self, name: str, sources: Iterable[str], registry: SourceRegistry) -> None:
        self.name = name
        self._names = frozenset(sources)
        self._registry = registry
        self._registered = {known.source_id for one in self._names if (known := registry.registered(one))}

    def may_speak_for(self, source: str) -> bool:
        if source in self._names or EVERY_SOURCE in self._names:
            return True
        known = self._registry.registered(source)
        return known is not None and known.source_id in self._registered


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[\w.@-]{1,100}$")]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _KeyFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: tuple[_Entry, ...] = ()

    @field_validator("key")
    @classmethod
    def _distinct(cls, entries: tuple[_Entry, ...]) -> tuple[_Entry, ...]:
        names = [one.name for one in entries]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"declared twice: {', '.join(twice)}")
        return entries


class ApiKeys:
    """The keys of a file."""

    def __init__(self, holders: dict[str, KeyHolder]) -> None:
        self._holders = holders

    @classmethod
    def load(cls, path: Path, registry: SourceRegistry) -> ApiKeys:
        """Read ``path``. Raises :class:`ConfigError` with every fault there is."""
        try:
            file = _KeyFile.model_validate(tomllib.loads(path.read_text("utf-8")))
        except OSError as error:
            raise ConfigError(
                f"the API keys {path} cannot be read: {error.strerror}; name a file that we may read"
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{path} is not TOML: {error}; `cohstream apikeys new` prints what belongs there"
            ) from None
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))
            raise ConfigError(
                f"{path} is no file of API keys: {'; '.join(faults)}; `cohstream apikeys new` prints what belongs there"
            ) from None
        return cls({one.sha256: KeyHolder(one.name, one.sources, registry) for one in file.key})

    def holder(self, key: str) -> KeyHolder | None:
        """The holder of ``key``; however much of a hash agrees, the answer takes equally long."""
        asked = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        found = None
        for known, holder in self._holders.items():
            if compare_digest(known, asked):
                found = holder
        return found


def name_of(source: str) -> str:
    """A name for a key of ``source``: of several each has another."""
    words = re.sub(r"[^\w.@]+", "-", source).strip("-")[:90]
    return f"{words or 'every-source'}-{token_hex(2)}"


class NewKey(NamedTuple):
    """A key, told once, and what the file of keys has of it."""

    key: str
    entry: str


def new_key(name: str, sources: Iterable[str]) -> NewKey:
    """Draw a key for ``sources``. Raises :class:`ConfigError` if ``name`` or ``sources`` cannot be used."""
    key = KEY_PREFIX + token_urlsafe(32)
    digest = sha256(key.encode()).hexdigest()
    try:
        entry = _Entry(name=name, sources=tuple(sources), sha256=digest)
    except ValidationError:
        raise ConfigError(
            f"--name {name!r} cannot be used; write up to 100 letters, digits, dots, -, _ and @"
        ) from None
    text = ", ".join(json.dumps(one, ensure_ascii=False) for one in entry.sources)
    return NewKey(key, f'[[key]]\nname = "{entry.name}"\nsources = [{text}]\nsha256 = "{digest}"\n')
