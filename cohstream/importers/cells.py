"""The cells of one CSV record, taken one by one, so that what nobody took can be kept and told."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence

from cohstream.errors import ReportError

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"\d+(\.0+)?", re.ASCII)
_NO_NUMBER = frozenset({"nan", "inf", "infinity"})


class Cells:
    """One record by column name. Values come without surrounding space; an empty cell is ``None``."""

    def __init__(self, columns: Sequence[str], values: Sequence[str]) -> None:
        self._values = {name: value.strip() for name, value in zip(columns, values, strict=True)}
        self._taken: set[str] = set()

    def text(self, name: str) -> str | None:
        """The cell, or ``None`` if it is empty or the column is absent."""
        self._taken.add(name)
        return self._values.get(name) or None

    def needed(self, name: str) -> str:
        """The cell. Raises :class:`ReportError` (``missing_field``) if it is empty."""
        value = self.text(name)
        if value is None:
            raise ReportError("missing_field", f"the column '{name}' is empty; fill it")
        return value

    def number(self, name: str, low: float, high: float) -> float | None:
        """The cell as a number in [low, high]. Raises ``wrong_type``, ``not_finite`` or ``out_of_range``."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower().lstrip("+-") in _NO_NUMBER:
            raise ReportError("not_finite", f"'{name}' is {value!r}; write a number, or leave the cell empty")
        if not _NUMBER.fullmatch(value):
            raise ReportError("wrong_type", f"'{name}' is {_shown(value)}; write a number")
        read = float(value)
        if not math.isfinite(read) or not low <= read <= high:
            raise ReportError("out_of_range", f"'{name}' is {_shown(value)}, outside {low:g} to {high:g}; correct it")
        return read

    def whole(self, name: str) -> int | None:
        """The cell as a count from 0 up. Raises ``wrong_type``, ``not_finite`` or ``out_of_range``."""
        read = self.number(name, 0, 10_000_000)
        if read is not None and not _WHOLE.fullmatch(self._values[name]):
            raise ReportError("wrong_type", f"'{name}' is {_shown(self._values[name])}; write a whole number")
        return None if read is None else int(read)

    def kept(self, names: Collection[str]) -> dict[str, str]:
        """The cells of ``names`` that are not empty."""
        self._taken.update(names)
        return {name: value for name in names if (value := self._values.get(name))}

    def left(self) -> dict[str, str]:
        """The cells that nobody took and that are not empty."""
        return {name: value for name, value in self._values.items() if value and name not in self._taken}


def _shown(value: str) -> str:
    return repr(value if len(value) <= 40 else value[:37] + "...")


def unknown_columns(columns: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """A notice for each column that the format does not know; an importer gives them with its first report."""
    return tuple(f"unknown_column:{name[:60]}" for name in columns if name not in known)
