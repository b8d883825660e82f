"""Whether a schema of the topics may take the place of the released one.

What others write (``report``) is read by us, old records again with every rebuild: **whatever was accepted must be
accepted still, and mean the same.** So a field may be added, but not required; words, types and bounds may be widened.
What we write is read by others, and old records stay on the topics for ever: **the old reader must read new records,
and the new reader old ones.** So an optional field may be added; nothing else may change, but that an open vocabulary
(``x-extensible-enum``) gets more words. Texts (title, description, examples) are free.

The rules cover the keywords that our generator writes; where another one differs, that is a break.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cohstream.publish.values import EXTENSIBLE
from tools.schemas.json_schema import Schema

INPUTS = frozenset({"report"})
RELEASED = Path(__file__).parents[2] / "schemas/released"
TEXTS = {"title", "description", "examples", "default", "$id", "$schema", "$defs"}
LOWER, UPPER = {"minimum", "minLength", "minItems"}, {"maximum", "maxLength", "maxItems"}
RULED = {"type", "enum", EXTENSIBLE, "properties", "required", "items", "prefixItems", "additionalProperties", "anyOf"}


class Break(NamedTuple):
    """What a change of a schema breaks; ``where`` is the path of a field."""

    schema: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.schema}: {self.where or 'value'}: {self.what}"


def breaks(released: Mapping[str, Schema], now: Mapping[str, Schema]) -> list[Break]:
    """Every break between the released schemas and those of now, both by name."""
    gone = [Break(name, "", "the schema is gone; keep it") for name in released if name not in now]
    return [*gone, *(one for name in released if name in now for one in _compared(name, released[name], now[name]))]


def last_released() -> dict[str, Schema]:
    """The schemas of the last release, by name."""
    return {one.stem: json.loads(one.read_text("utf-8")) for one in sorted(RELEASED.glob("*.json"))}


def _compared(name: str, old: Schema, new: Schema) -> Iterator[Break]:
    comparison = _Comparison(name in INPUTS, old, new)
    return (Break(name, where, what) for where, what in comparison.of(old, new, ""))


class _Comparison:
    """Two versions of one document; ``read`` says that it describes what we read."""

    def __init__(self, read: bool, old: Schema, new: Schema) -> None:
        self._read = read
        self._old, self._new = old.get("$defs", {}), new.get("$defs", {})
        self._under_way: set[tuple[str, str]] = set()

    def of(self, old: Any, new: Any, where: str) -> Iterator[tuple[str, str]]:
        names = _named(old), _named(new)
        if names in self._under_way:
            return
        if all(names):
            self._under_way.add(names)
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        if not isinstance(old, dict) or not isinstance(new, dict):
            if old != new:
                yield where, f"{old!r} has become {new!r}"
            return
        if ("anyOf" in old) != ("anyOf" in new):
            yield from self._choices(old.get("anyOf", [old]), new.get("anyOf", [new]), where)
            return
        yield from self._types(old, new, where)
        yield from self._words(old, new, where)
        yield from self._bounds(old, new, where)
        yield from self._fields(old, new, where)
        yield from self._parts(old, new, where)
        if self._read and old.get("default") != new.get("default") and not isinstance(old.get("default"), dict):
            yield where, f"left out it means {new.get('default')!r}, it meant {old.get('default')!r}"
        for key in (old.keys() | new.keys()) - TEXTS - LOWER - UPPER - RULED - {"$ref"}:
            if old.get(key) != new.get(key):
                yield where, f"{key} is {new.get(key)!r}, it was {old.get(key)!r}; no rule says what that breaks"
        self._under_way.discard(names)

    def _types(self, old: Schema, new: Schema, where: str) -> Iterator[tuple[str, str]]:
        was, now = _types(old), _types(new)
        wider = self._read and was and (not now or was <= now or ("number" in now and was <= now | {"integer"}))
        if was != now and not wider:
            yield where, f"the type is {_told(now)}, it was {_told(was)}"

    def _words(self, old: Schema, new: Schema, where: str) -> Iterator[tuple[str, str]]:
        was, now = set(old.get("enum", ())), set(new.get("enum", ()))
        gone, come = was - now if now or not self._read else set(), now - was
        if gone:
            yield where, f"the words {_told(gone)} are gone"
        if come and not (self._read and was):
            yield (
                where,
                f"the words {_told(come)} are new, and the vocabulary is closed" if was else "it has become closed",
            )
        lost = set(old.get(EXTENSIBLE, ())) - set(new.get(EXTENSIBLE, ()))
        if lost:
            yield where, f"the words {_told(lost)} are gone; keep them, even if nothing is called so any longer"
        if EXTENSIBLE in new and EXTENSIBLE not in old:
            yield where, "the vocabulary has become open"

    def _bounds(self, old: Schema, new: Schema, where: str) -> Iterator[tuple[str, str]]:
        for key in sorted(LOWER | UPPER):
            was, now = old.get(key), new.get(key)
            wider = now is None or (was is not None and (now <= was if key in LOWER else now >= was))
            if was != now and not (self._read and wider):
                yield where, f"{key} is {now}, it was {was}"

    def _fields(self, old: Schema, new: Schema, where: str) -> Iterator[tuple[str, str]]:
        was, now = old.get("properties", {}), new.get("properties", {})
        for name in was.keys() - now.keys():
            yield _below(where, name), "the field is gone"
        for name in was.keys() & now.keys():
            yield from self.of(was[name], now[name], _below(where, name))
        needed, needs = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(needs - needed):
            reason = "whoever wrote it without this field" if self._read else "old records, which stay on the topic,"
            yield _below(where, name), f"the field is required; {reason} would be refused: make it optional"
        for name in sorted(needed - needs) if not self._read else ():
            yield _below(where, name), "the field is no longer required; readers rely on it"

    def _parts(self, old: Schema, new: Schema, where: str) -> Iterator[tuple[str, str]]:
        for key, sign in (("items", "[]"), ("additionalProperties", ".*")):
            if key in old or key in new:
                yield from self.of(old.get(key, True), new.get(key, True), where + sign)
        was, now = old.get("prefixItems", ()), new.get("prefixItems", ())
        if len(was) != len(now):
            yield where, f"the list has {len(now)} places, it had {len(was)}"
        for number, (one, other) in enumerate(zip(was, now, strict=False)):
            yield from self.of(one, other, f"{where}[{number}]")
        yield from self._choices(old.get("anyOf", []), new.get("anyOf", []), where)

    def _choices(self, old: list[Any], new: list[Any], where: str) -> Iterator[tuple[str, str]]:
        """Every choice of ``old`` must have its like in ``new``; for what we write, the other way round too."""
        for one in old:
            found = [list(self.of(one, other, where)) for other in new]
            if all(found):
                yield from min(found, key=len)
        if not self._read and len(new) > len(old):
            yield where, "it may be something else too"


def _named(schema: Any) -> str:
    return schema.get("$ref", "") if isinstance(schema, dict) else ""


def _resolved(schema: Any, defs: Schema) -> Any:
    if not _named(schema):
        return schema
    return {**defs[schema["$ref"].rpartition("/")[2]], **{key: one for key, one in schema.items() if key != "$ref"}}


def _types(schema: Schema) -> set[str]:
    named = schema.get("type", ())
    return {named} if isinstance(named, str) else set(named)


def _told(words: set[Any]) -> str:
    return ", ".join(sorted(map(str, words))) or "any"


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
