"""YAML as law and knowledge are written in: strict, so that a text means what it looks like.

Every scalar stays text (``NO``, ``14:00``, ``1.10`` and ``010`` are not booleans, minutes or numbers); Pydantic
converts where a model asks for more. Anchors, aliases, merge keys, tags, duplicate keys, several documents,
deep nesting and large files are refused. Every fault is reported with file, line and remedy.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cohstream.errors import DataError, Problem

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""The loader that keeps scalars text; libyaml's where PyYAML has it, thirty times as fast."""

MAX_BYTES = 1_000_000
MAX_DEPTH = 30

Model = TypeVar("Model", bound=BaseModel)


class YamlMap(dict[str, object]):
    """A mapping with the line it begins on (``line``) and the line of each of its keys (``lines``)."""

    line: int
    lines: dict[str, int]


class YamlList(list[object]):
    """A sequence with the line of each of its items (``lines``)."""

    lines: list[int]


def parse_yaml(text: str, file: str) -> YamlMap:
    """The mapping that ``text`` is. ``file`` names it in messages. Raises :class:`DataError` with every fault."""
    problems = _refused_wholesale(text, file)
    if problems:
        raise DataError(problems)
    try:
        documents = list(yaml.compose_all(text, Loader=LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        what = " ".join(str(part) for part in (error.context, error.problem) if part)
        raise DataError(
            [Problem(file, line, f"this is not YAML: {what}", "Correct the line; mind indentation and quotes.")]
        ) from None
    except yaml.YAMLError as error:
        raise DataError(
            [Problem(file, 1, f"this is not YAML: {error}", "Save the file as plain UTF-8 text.")]
        ) from None
    if len(documents) != 1 or not isinstance(documents[0], yaml.MappingNode):
        raise DataError(
            [
                Problem(
                    file,
                    1,
                    "the file must be one mapping",
                    "Write 'key: value' lines, and no second document.",
                )
            ]
        )
    value = _value(documents[0], file, problems)
    if problems:
        raise DataError(problems)
    assert isinstance(value, YamlMap)
    return value


def read_model(model: type[Model], text: str, file: str) -> Model:
    """``text`` as an instance of ``model``. Raises :class:`DataError` with file, line and remedy for every fault."""
    return model_of(model, parse_yaml(text, file), file)


def model_of(model: type[Model], value: YamlMap, file: str) -> Model:
    """A mapping of a parsed file as an instance of ``model``, reading text as what the model asks for.

    Raises :class:`DataError` as :func:`read_model` does.
    """
    try:
        return model.model_validate(value, strict=False)
    except ValidationError as error:
        raise DataError([_problem(one, value, model, file) for one in error.errors(include_url=False)]) from None


def line_of(value: object, path: tuple[int | str, ...]) -> int:
    """The line of the deepest part of ``path`` that ``value`` has."""
    line = value.line if isinstance(value, YamlMap) else 1
    for step in path:
        match value, step:
            case YamlMap(), str() if step in value:
                line, value = value.lines[step], value[step]
            case YamlList(), int() if step < len(value):
                line, value = value.lines[step], value[step]
    return line


def _refused_wholesale(text: str, file: str) -> list[Problem]:
    """Faults that must be found before anything is composed: size, aliases, depth."""
    if len(text) > MAX_BYTES:
        return [Problem(file, 1, f"the file has more than {MAX_BYTES:,} characters", "Split it.")]
    depth = 0
    try:
        for event in yaml.parse(text, Loader=LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                return [Problem(file, line, "anchors and aliases (& and *) are not allowed", "Write the value out.")]
            if getattr(event, "tag", None) not in {None, "!"}:
                return [Problem(file, line, "tags (!) are not allowed", "Remove the tag.")]
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH:
                return [_too_deep(file, line)]
    except yaml.MarkedYAMLError as error:
        if "nesting depth" in str(error):  # the reader has a bound of its own, since PyYAML 6.0.4
            return [_too_deep(file, error.problem_mark.line + 1 if error.problem_mark else 1)]
    except (yaml.YAMLError, RecursionError):
        pass
    return []  # composing meets any other fault too, and words it with its place


def _too_deep(file: str, line: int) -> Problem:
    return Problem(file, line, f"more than {MAX_DEPTH} levels are nested here", "Flatten the text.")


def _value(node: yaml.Node, file: str, problems: list[Problem]) -> object:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, file, problems)
    if isinstance(node, yaml.SequenceNode):
        items = YamlList(_value(item, file, problems) for item in node.value)
        items.lines = [item.start_mark.line + 1 for item in node.value]
        return items
    assert isinstance(node, yaml.ScalarNode)
    if not node.style and node.value in {"", "null", "~"}:
        return None
    return str(node.value)


def _mapping(node: yaml.MappingNode, file: str, problems: list[Problem]) -> YamlMap:
    result = YamlMap()
    result.line = node.start_mark.line + 1
    result.lines = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = str(key_node.value)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(file, line, "a key must be a word", "Write 'word: value'."))
        elif key == "<<":
            problems.append(Problem(file, line, "merge keys (<<) are not allowed", "Write the values out."))
        elif key in result:
            problems.append(
                Problem(
                    file,
                    line,
                    f"the key '{key}' stands twice, first in line {result.lines[key]}",
                    "Keep one of them.",
                )
            )
        else:
            result[key] = _value(value_node, file, problems)
            result.lines[key] = line
    return result


def _problem(error: ErrorDetails, value: YamlMap, model: type[BaseModel], file: str) -> Problem:
    path = error["loc"]
    where = ".".join(str(step + 1) if isinstance(step, int) else step for step in path)
    line = line_of(value, path)
    kind = error["type"]
    if kind == "missing":
        return Problem(file, line, f"'{where}' is missing", "Add it.")
    if kind == "extra_forbidden":
        return Problem(file, line, f"'{where}' is not a known key", _known_keys(model, path))
    if kind in {"enum", "literal_error"}:
        expected = str(error.get("ctx", {}).get("expected", ""))
        return Problem(file, line, f"'{where}' is {error['input']!r}, not a known word", f"Write one of {expected}.")
    what, _, remedy = error["msg"].removeprefix("Value error, ").partition(" | ")
    said = f"'{where}': {what}" if where else what
    given = error["input"]
    return Problem(file, line, said, remedy or ("Correct it." if isinstance(given, dict) else f"Correct {given!r}."))


def _known_keys(model: type[BaseModel], path: tuple[int | str, ...]) -> str:
    """The remedy for an unknown key: the nearest known one, or all of them."""
    fields = _fields_at(model, path[:-1])
    near = get_close_matches(str(path[-1]), fields, n=1)
    if near:
        return f"Did you mean '{near[0]}'?"
    return f"Known keys here: {', '.join(sorted(fields))}." if fields else "Remove it."


def _fields_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    current: Any = model
    for step in path:
        if isinstance(step, int) or current is None:
            continue
        field = current.model_fields.get(step) or next(
            (one for one in current.model_fields.values() if one.alias == step), None
        )
        current = _model_in(field.annotation) if field else None
    return [field.alias or name for name, field in current.model_fields.items()] if current else []


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
