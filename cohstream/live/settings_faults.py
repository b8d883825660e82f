"""What is said about wrong settings: each by the name that the person wrote, with its value and what to do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

ALIKE = 0.8
"""How alike a name of the environment has to be to one of ours to count as a slip of the pen."""


def misspelt(prefix: str, fields: Mapping[str, FieldInfo]) -> list[str]:
    """A line for each name of the environment that is nearly ours; others may be of use to someone else."""
    lines = []
    for variable in sorted(os.environ):
        name = variable.removeprefix(prefix).lower()
        if variable.startswith(prefix) and name not in fields:
            close = get_close_matches(name, fields, 1, ALIKE)
            lines += [f"{variable} is no setting; did you mean {prefix}{one.upper()}?" for one in close]
    return lines


def told(
    fault: ErrorDetails, prefix: str, fields: Mapping[str, FieldInfo], given: Mapping[str, Any], file: Path | None
) -> str:
    """One line about one fault. The value is left out where it is a secret or not of one word."""
    name = str(fault["loc"][0])
    variable = f"{prefix}{name.upper()}"
    if name in given:
        where = f"--{name.replace('_', '-')}"
    elif os.environ.get(variable) or file is None:
        where = variable
    else:
        where = f"{variable}, or {name} in {file},"
    if name not in fields:
        close = get_close_matches(name, fields, 1)
        hint = f"did you mean {close[0]}?" if close else f"known are: {', '.join(fields)}"
        return f"{name} in {file} is no setting; {hint}"
    field, value = fields[name], fault["input"]
    secret = "Secret" in str(field.annotation)
    shown = "" if secret or value is None or value == "" else f" is {str(value)!r}:"
    what = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "string_pattern_mismatch":
        what = "that is not of its form"
    return f"{where}{shown} {what[:1].lower()}{what[1:]}; {field.description}"
