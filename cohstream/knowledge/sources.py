"""Who reports: stake, independence group and Admiralty grade of a source."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cohstream.domain.vocabulary import Reliability, Stake
from cohstream.knowledge.wording import key_of, one_meaning_each
from cohstream.strict_yaml import read_model

FILE = "sources.yaml"
CARRIED = re.compile(r"^(?P<origin>.+?)\s*[(\[]?\s*\bvia\s+(?P<carrier>[^)\]]+?)\s*[)\]]?\s*$", re.IGNORECASE)
"""A source name that names its carrier: "opposition activists (via Reuters)", "SOHR via AFP"."""

OUTLETS = frozenset({Stake.NEWS_AGENCY, Stake.ALIGNED_MEDIA})
"""Stakes of sources that carry the words of others."""


class Source(NamedTuple):
    """A source. Claims of one ``group`` never corroborate each other; only registered sources become metric labels."""

    source_id: str
    name: str
    stake: Stake
    group: str
    reliability: Reliability
    registered: bool


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceEntry(Entry):
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    name: str
    aliases: tuple[str, ...] = ()
    stake: Stake
    group: str | None = None
    reliability: Reliability | None = None
    why: str | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> SourceEntry:
        if self.reliability is not None and self.why is None:
            raise ValueError("a grade of its own needs a reason | Add 'why'.")
        return self


class SourceFile(Entry):
    """``reliability`` is the grade of every source without one of its own, for the reason ``why``."""

    reliability: Reliability
    why: str
    sources: tuple[SourceEntry, ...]

    @model_validator(mode="after")
    def _distinct(self) -> SourceFile:
        ids = [source.id for source in self.sources]
        if twice := {one for one in ids if ids.count(one) > 1}:
            raise ValueError(f"declared twice: {', '.join(sorted(twice))} | Keep one entry of each.")
        return self


class SourceRegistry:
    """The sources of ``data/sources.yaml``."""

    def __init__(self, file: SourceFile, file_name: str = FILE) -> None:
        self._default = file.reliability
        names: list[tuple[str, Source]] = []
        for entry in file.sources:
            source = Source(
                entry.id, entry.name, entry.stake, entry.group or entry.id, entry.reliability or file.reliability, True
            )
            names += [(name, source) for name in (entry.id, entry.name, *entry.aliases)]
        self._by_key = {key_of(name): source for name, source in one_meaning_each(names, file_name).items()}

    @classmethod
    def load(cls) -> Self:
        """The registry that ships with the package. Raises :class:`DataError` if its file is damaged."""
        text = files("cohstream.knowledge").joinpath("data", FILE).read_text(encoding="utf-8")
        return cls(read_model(SourceFile, text, FILE))

    def sources(self) -> tuple[Source, ...]:
        """Every registered source, by id."""
        return tuple(sorted(set(self._by_key.values())))

    def registered(self, name: str) -> Source | None:
        """The registered source that has ``name`` as its id, name or alias; not one that is only carried by another."""
        return self._by_key.get(key_of(name))

    def lookup(self, name: str) -> Source:
        """The source of that name or alias.

        A name with its carrier ("SOHR (via AFP)") is its originator's if that is registered; an outlet that has its
        words "via" a monitor or a party speaks with that one's voice. An unregistered originator ("activists (via
        Reuters)") is in the carrier's group: what one wire carries is one voice. Any other name is its own group.
        """
        known = self._by_key.get(key_of(name))
        if known is not None:
            return known
        carried = CARRIED.match(name)
        if carried is not None:
            origin, carrier = (self._by_key.get(key_of(carried[part])) for part in ("origin", "carrier"))
            if origin is not None:
                quotes = carrier is not None and origin.stake in OUTLETS and carrier.stake not in OUTLETS
                return origin._replace(group=carrier.group) if carrier is not None and quotes else origin
            return self._unregistered(name, carrier.group if carrier else key_of(carried["carrier"]))
        return self._unregistered(name, key_of(name))

    def _unregistered(self, name: str, group: str) -> Source:
        return Source(name, name, Stake.UNKNOWN, group or name, self._default, False)
