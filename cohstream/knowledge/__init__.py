"""Dated facts: actors, sources, places and terms; lookups and their data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from cohstream.knowledge.actors import ActorRegistry
from cohstream.knowledge.places import Gazetteer
from cohstream.knowledge.sources import SourceRegistry
from cohstream.knowledge.terms import Terms

__all__ = ["ActorRegistry", "Gazetteer", "Knowledge", "SourceRegistry", "Terms", "load_knowledge"]


@dataclass(frozen=True)
class Knowledge:
    """All registries, and ``digest``: the hash of the data they were read from."""

    actors: ActorRegistry
    sources: SourceRegistry
    places: Gazetteer
    terms: Terms
    digest: str


@cache
def load_knowledge() -> Knowledge:
    """The knowledge that ships with the package. Raises :class:`cohstream.errors.DataError` if it is damaged."""
    hashed = sha256()
    for entry in sorted(files("cohstream.knowledge").joinpath("data").iterdir(), key=lambda one: one.name):
        if entry.is_file() and entry.name.endswith((".yaml", ".csv", ".gz")):
            hashed.update(entry.name.encode() + b"\0" + entry.read_bytes())
    return Knowledge(
        ActorRegistry.load(),
        SourceRegistry.load(),
        Gazetteer.load(),
        Terms.load(),
        f"sha256:{hashed.hexdigest()}",
    )
