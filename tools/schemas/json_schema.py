"""JSON Schema 2020-12 from the models of values and headers.

A field's description is the text below it in the code. Objects are open: a reader passes over what it does not know.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct
from pydantic import BaseModel

from cohstream.domain import vocabulary
from cohstream.publish.values import EXTENSIBLE

Schema = dict[str, Any]
Model = type[Struct] | type[BaseModel]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
GROWING = (vocabulary.Basis, vocabulary.Certainty, vocabulary.Kind, vocabulary.Stake, vocabulary.Statement)
"""Vocabularies of sources' words: as outputs they are open, because a source may bring a new one."""


def schema_of(model: Model, name: str, title: str, examples: list[Any]) -> Schema:
    """The schema of ``model`` as a document of its own, ``name`` being its file's."""
    made = _of_struct(model) if issubclass(model, Struct) else model.model_json_schema()
    defs = {key: _tidied(one) for key, one in made.pop("$defs", {}).items()}
    root = _tidied(defs.pop(made["$ref"].rpartition("/")[2]) if "$ref" in made else made)
    for one in _models(model):
        _describe(root if one is model else defs[one.__name__], one)
    _name_vocabularies([root, *defs.values()], defs)
    root.pop("title")
    head = {"$schema": DIALECT, "$id": f"urn:cohstream:{name}:v1", "title": title}
    return {**head, **root, "examples": examples, **({"$defs": dict(sorted(defs.items()))} if defs else {})}


def closed(schema: Schema) -> Schema:
    """``schema`` refusing what it does not name: for tests of what we write ourselves."""
    if isinstance(schema, dict):
        shut = {key: closed(one) if key not in ("examples", "enum") else one for key, one in schema.items()}
        return {"additionalProperties": False, **shut} if "properties" in schema else shut
    return [closed(one) for one in schema] if isinstance(schema, list) else schema


def _of_struct(model: type[Struct]) -> Schema:
    made = msgspec.json.schema(model)
    for one in GROWING:
        if one.__name__ in made.get("$defs", {}):
            found = made["$defs"][one.__name__]
            found["type"], found[EXTENSIBLE] = "string", found.pop("enum")
    return made


def _models(model: Model) -> list[Model]:
    """``model`` and all models that its fields hold."""
    found: dict[Model, None] = {}
    waiting: list[Any] = [model]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, Struct | BaseModel):
            if one not in found:
                found[one] = None
                waiting += [hint for name, hint in _hints(one).items()]
        else:
            waiting += getattr(one, "__args__", ())
    return list(found)


def _hints(model: Model) -> dict[str, Any]:
    if issubclass(model, Struct):
        return {one.name: one.type for one in msgspec.structs.fields(model)}
    return {name: one.annotation for name, one in model.model_fields.items()}


def _describe(schema: Schema, model: Model) -> None:
    """Add to the properties what stands below the fields in the code."""
    if issubclass(model, Struct):
        names = dict(zip(model.__struct_fields__, model.__struct_encode_fields__, strict=True))
    else:
        names = {name: one.alias or name for name, one in model.model_fields.items()}
    for name, text in _below_fields(sys.modules[model.__module__].__file__ or "").get(model.__name__, {}).items():
        if name in names:
            schema["properties"][names[name]]["description"] = text


@cache
def _below_fields(file: str) -> dict[str, dict[str, str]]:
    """The texts below the fields of each class of a module."""
    with open(file, encoding="utf-8") as code:  # noqa: PTH123
        tree = ast.parse(code.read())
    texts: dict[str, dict[str, str]] = {}
    for one in tree.body:
        if isinstance(one, ast.ClassDef):
            for field, below in zip(one.body, one.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
                    texts.setdefault(one.name, {})[ast.unparse(field.target)] = _plain(ast.literal_eval(below.value))
    return texts


def _tidied(schema: Schema) -> Schema:
    """``schema`` with plain descriptions, and without titles that only repeat a field's name."""
    schema = dict(schema)
    if "description" in schema:
        schema["description"] = _plain(schema["description"])
    if schema.get("additionalProperties") is True:
        del schema["additionalProperties"]
    for one in schema.get("properties", {}).values():
        if EXTENSIBLE not in one:
            one.pop("title", None)
    return schema


def _plain(text: str) -> str:
    """A docstring without what only those who read the code understand."""
    text = re.sub(r":\w+:`([^`]+)`", r"`\1`", inspect.cleandoc(text)).replace("``", "`")
    text = re.sub(r"\s*\((domain reference|taxonomy)[^)]*\)|\s+of domain reference §[\d.]+", "", text)
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text)


def _name_vocabularies(schemas: list[Schema], defs: dict[str, Schema]) -> None:
    """Move open vocabularies that have a title to ``defs``, so that their words stand there once."""
    for schema in schemas:
        for parent, key, one in list(_parts(schema)):
            if EXTENSIBLE in one and "title" in one:
                about = {"description": one.pop("description")} if "description" in one else {}
                defs[one["title"]] = one
                parent[key] = {"$ref": f"#/$defs/{one['title']}", **about}


def _parts(schema: Any) -> Any:
    """Every object within ``schema``, with what holds it and under which key."""
    if isinstance(schema, dict | list):
        for key, one in schema.items() if isinstance(schema, dict) else enumerate(schema):
            if isinstance(one, dict):
                yield schema, key, one
            yield from _parts(one)
