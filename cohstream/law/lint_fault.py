"""A fault that lint finds, and the text that it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from cohstream.law.text import AgreementText
from cohstream.strict_yaml import YamlMap, line_of

Path = tuple[int | str, ...]
"""Where in a file: keys and positions, as in ``("clauses", 3, "bound")``."""


class Severity(StrEnum):
    """``error``: it does not load or cannot mean what it says; ``warning``: probably a slip; ``note``: worth a look."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Fault(NamedTuple):
    """One thing to mend. ``rule`` is a stable word for the kind of fault."""

    severity: Severity
    rule: str
    file: str
    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.what}. {self.remedy} [{self.rule}]"


@dataclass(frozen=True)
class Subject:
    """The text under scrutiny: as its model, and as the tree that knows lines."""

    text: AgreementText
    tree: YamlMap
    file: str

    def error(self, rule: str, path: Path, what: str, remedy: str) -> Fault:
        return self._fault(Severity.ERROR, rule, path, what, remedy)

    def warning(self, rule: str, path: Path, what: str, remedy: str) -> Fault:
        return self._fault(Severity.WARNING, rule, path, what, remedy)

    def note(self, rule: str, path: Path, what: str, remedy: str) -> Fault:
        return self._fault(Severity.NOTE, rule, path, what, remedy)

    def _fault(self, severity: Severity, rule: str, path: Path, what: str, remedy: str) -> Fault:
        return Fault(severity, rule, self.file, line_of(self.tree, path), what, remedy)
