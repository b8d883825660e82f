"""YAML means what it looks like, and every fault is told with file, line and remedy."""

from __future__ import annotations

from enum import StrEnum

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from cohstream.errors import DataError
from cohstream.strict_yaml import MAX_BYTES, MAX_DEPTH, YamlList, YamlMap, line_of, parse_yaml, read_model


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    name: str
    count: int = 0
    colour: Colour = Colour.RED
    since: str | None = Field(default=None, alias="from")


class Box(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    items: list[Item] = []


def problems_of(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(DataError) as caught:
        parse_yaml(text, "law.yaml")
    assert all(problem.file == "law.yaml" and problem.remedy for problem in caught.value.problems)
    return [(one.line, one.what, one.remedy) for one in caught.value.problems]


@pytest.mark.parametrize(
    "scalar", ["NO", "no", "yes", "on", "14:00", "04:00", "1.10", "010", "0x1F", "2016-02-27", "1e3"]
)
def test_a_scalar_stays_the_text_that_it_is(scalar: str) -> None:
    assert parse_yaml(f"key: {scalar}", "f")["key"] == scalar


def test_a_key_stays_text_too() -> None:
    assert list(parse_yaml("on: a\nNO: b\n14:00: c\n", "f")) == ["on", "NO", "14:00"]


@pytest.mark.parametrize("blank", ["", "~", "null"])
def test_an_empty_value_is_none_and_a_quoted_one_is_text(blank: str) -> None:
    assert parse_yaml(f"key: {blank}", "f")["key"] is None
    assert parse_yaml(f'key: "{blank}"', "f")["key"] == blank


def test_lines_are_those_of_the_file() -> None:
    tree = parse_yaml("a: 1\nb:\n  - x\n  - y: 2\n    z: 3\n", "f")
    assert (tree.line, tree.lines) == (1, {"a": 1, "b": 2})
    items = tree["b"]
    assert isinstance(items, YamlList)
    assert items.lines == [3, 4]
    assert isinstance(items[1], YamlMap)
    assert line_of(tree, ("b", 1, "z")) == 5
    assert line_of(tree, ("b", 1, "absent")) == 4


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands twice, first in line 1"),
        ("a: &x 1\n", 1, "anchors and aliases"),
        ("a: 1\nb: *x\n", 2, "anchors and aliases"),
        ("base: 1\n<<: {b: 1}\n", 2, "merge keys"),
        ("a: !!python/object:os.system x\n", 1, "tags"),
        ("a: 1\nb: !custom x\n", 2, "tags"),
        ("a: 1\n\tb: 2\n", 2, "this is not YAML"),
        ("a: [1, 2\n", 2, "this is not YAML"),
        ("a: 1\n---\nb: 2\n", 1, "one mapping"),
        ("- 1\n- 2\n", 1, "one mapping"),
        ("", 1, "one mapping"),
        ("? [a, b]\n: 1\n", 1, "a key must be a word"),
        ("a: \x00\n", 1, "this is not YAML"),
    ],
)
def test_surprises_are_refused_with_their_line(text: str, line: int, said: str) -> None:
    assert any(at == line and said in what for at, what, _ in problems_of(text))


def test_all_duplicates_are_told_at_once() -> None:
    assert [line for line, _, _ in problems_of("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n")] == [2, 5]


def test_depth_and_size_are_bounded() -> None:
    deepest = MAX_DEPTH - 1  # the file's own mapping is the first level
    assert parse_yaml("a: " + "[" * deepest + "]" * deepest, "f")
    assert "levels" in problems_of("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)[0][1]
    assert "levels" in problems_of("a: " + "[" * 3000)[0][1]
    assert "characters" in problems_of("a: " + "x" * MAX_BYTES)[0][1]


def test_an_alias_bomb_is_refused_before_it_is_walked() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{to}: &{to} [{','.join(['*' + of] * 9)}]\n" for of, to in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert "anchors" in problems_of(bomb)[0][1]


def test_a_model_converts_what_it_asks_for() -> None:
    box = read_model(Box, "title: 007\nitems:\n  - {name: NO, count: 3, colour: green, from: 14:00}\n", "f")
    assert box.title == "007"
    assert box.items == [Item(name="NO", count=3, colour=Colour.GREEN, since="14:00")]


def test_every_fault_of_a_model_is_told_with_line_and_remedy() -> None:
    text = (
        "title: a\nitems:\n  - name: x\n    colr: red\n    count: many\n  - colour: blue\n    name: y\n  - count: 1\n"
    )
    with pytest.raises(DataError) as caught:
        read_model(Box, text, "boxes.yaml")
    told = {problem.line: str(problem) for problem in caught.value.problems}
    assert told[4] == "boxes.yaml:4: 'items.1.colr' is not a known key. Did you mean 'colour'?"
    assert "'items.1.count'" in told[5]
    assert "'many'" in told[5]
    assert told[6] == "boxes.yaml:6: 'items.2.colour' is 'blue', not a known word. Write one of 'red' or 'green'."
    assert told[8] == "boxes.yaml:8: 'items.3.name' is missing. Add it."


def test_a_key_unlike_any_other_is_answered_with_all_keys() -> None:
    with pytest.raises(DataError) as caught:
        read_model(Box, "title: a\nqqq: b\n", "f")
    assert caught.value.problems[0].remedy == "Known keys here: items, title."


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_but_never_raises_otherwise(text: str) -> None:
    try:
        assert isinstance(parse_yaml(text, "f"), YamlMap)
    except DataError as error:
        assert error.problems  # noqa: PT017


TREES = st.recursive(
    st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefgh", min_size=1, max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=6), TREES, min_size=1, max_size=5))
def test_what_yaml_writes_as_text_is_read_back_as_it_was(tree: dict[str, object]) -> None:
    text = yaml.dump(tree, default_style='"', allow_unicode=True)
    assert parse_yaml(text, "f") == tree
