"""The house stands: imports point down only, the core is pure, modules stay small, errors come from one tree."""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cohstream import errors

ROOT = Path(__file__).parent.parent / "cohstream"
MODULES = sorted(ROOT.rglob("*.py"))

FLOORS = (
    {"cli"},
    {"web"},
    {"replay", "client"},
    {"live"},
    {"local"},
    {"publish"},
    {"samples"},
    {"importers", "simulate"},
    {"engine"},
    {"law"},
    {"knowledge"},
    {"domain"},
    {"strict_yaml"},
    {"errors"},
)
"""From the top of the house down. A package imports itself and lower floors, never its neighbour or a floor above."""

ALLOWED_ONLY = {
    "client": {"live", "publish", "domain", "errors"},
    "simulate": {"domain", "knowledge", "errors"},
    "errors": set(),
}
"""Packages that may use less than their floor allows."""

CORE = ("domain", "knowledge", "law", "engine")
IMPURE_MODULES = {
    "aiokafka",
    "asyncio",
    "faust",
    "http",
    "logging",
    "multiprocessing",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "starlette",
    "subprocess",
    "threading",
    "time",
    "urllib",
    "uuid",
    "uvicorn",
}
CLOCK_CALLS = {"now", "utcnow", "today"}
MAX_LINES = 500


class Import(NamedTuple):
    module: str
    line: int


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT.parent))


def package_of(path: Path) -> str:
    """The part of the house that a module belongs to: its top package, or itself."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> Iterator[Import]:
    """Every import of a module, also those inside functions, as absolute dotted names."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: import by absolute name"
            assert node.module is not None
            yield Import(node.module, node.lineno)
            if node.module == "cohstream":
                yield from (Import(f"cohstream.{alias.name}", node.lineno) for alias in node.names)


def floor_of(package: str) -> int:
    for floor, packages in enumerate(FLOORS):
        if package in packages:
            return floor
    raise AssertionError(
        f"cohstream/{package} has no floor; give it one in {Path(__file__).name} and in CONTRIBUTING.md"
    )


def may_import(package: str, other: str) -> bool:
    if package == other:
        return True
    return floor_of(other) > floor_of(package) and other in ALLOWED_ONLY.get(package, {other})


def house_imports() -> Iterator[tuple[Path, str, Import]]:
    for path in MODULES:
        if path.parent == ROOT and path.name in ("__init__.py", "__main__.py"):
            continue
        for one in imports_of(path):
            parts = one.module.split(".")
            if parts[0] == "cohstream" and len(parts) > 1 and not parts[1].startswith("__"):
                yield path, parts[1], one


def test_imports_point_down_only() -> None:
    wrong = [
        f"{name_of(path)}:{one.line}: {package_of(path)} must not import {other}"
        for path, other, one in house_imports()
        if not may_import(package_of(path), other)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("package", "other", "allowed"),
    [
        ("engine", "law", True),
        ("law", "engine", False),
        ("importers", "simulate", False),
        ("simulate", "engine", False),
        ("client", "live", True),
        ("live", "client", False),
    ],
)
def test_the_rule_itself(package: str, other: str, allowed: bool) -> None:
    assert may_import(package, other) is allowed


def core_modules() -> list[Path]:
    return [path for path in MODULES if package_of(path) in CORE]


def test_the_core_knows_no_input_output_clock_or_chance() -> None:
    wrong = [
        f"{name_of(path)}:{one.line}: the core must not import {one.module}"
        for path in core_modules()
        for one in imports_of(path)
        if one.module.split(".")[0] in IMPURE_MODULES
    ]
    assert wrong == []


def test_the_core_never_asks_for_the_time() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno}: .{node.func.attr}() reads the clock"
        for path in core_modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_CALLS
    ]
    assert wrong == []


def test_no_module_is_longer_than_its_reader_can_hold() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_every_module_says_what_it_is() -> None:
    silent = [name_of(path) for path in MODULES if not ast.get_docstring(tree_of(path))]
    assert [name for name in silent if not name.endswith("__main__.py")] == []


def test_errors_raised_on_purpose_come_from_the_one_tree() -> None:
    """A public exception class derives from cohstream.errors, so that one `except` catches them all."""
    known = {name for name, one in vars(errors).items() if inspect.isclass(one) and issubclass(one, Exception)}
    builtin = {name for name, one in vars(builtins).items() if inspect.isclass(one) and issubclass(one, BaseException)}
    stray = []
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.ClassDef) or path.name == "errors.py" or node.name.startswith("_"):
                continue
            bases = {ast.unparse(base).rsplit(".", 1)[-1] for base in node.bases}
            if bases & builtin and not bases & known:
                stray.append(f"{name_of(path)}:{node.lineno}: {node.name} derives from {', '.join(sorted(bases))}")
    assert stray == []
