"""Every error the package raises on purpose.

CohstreamError
├── ReportError      one report cannot be read; carries a code for the dead letters
├── RecordError      a record of a topic is not what the topic holds
├── InputError       a whole input (file, stream) cannot be read
├── DataError        a YAML file of law or knowledge is wrong; carries file, line and remedy
├── StateError       the state directory cannot be used
├── NotKeptError     what was sent could not be kept durably now
└── ConfigError      a setting or an option is wrong
"""

from __future__ import annotations

from dataclasses import dataclass


class CohstreamError(Exception):
    """The base of all errors that cohstream raises on purpose."""


class ReportError(CohstreamError):
    """One report cannot be read.

    ``code`` is a stable word for the dead letters (``not_json``, ``naive_time`` ...); the message says
    what was wrong and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class RecordError(CohstreamError):
    """A record of a topic is not what the topic holds; the message names topic, partition and offset."""


class InputError(CohstreamError):
    """A whole input cannot be read: missing, a directory, truncated, of no known format."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a data file: where it is, what it is, and how to mend it."""

    file: str
    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}. {self.remedy}"


class DataError(CohstreamError):
    """A data file of law or knowledge is wrong; ``problems`` holds every fault found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class StateError(CohstreamError):
    """The state directory cannot be used: locked, damaged, or written by a newer version."""


class NotKeptError(CohstreamError):
    """What was sent could not be kept durably now; perhaps it was. Sending it again later does no harm."""


class ConfigError(CohstreamError):
    """A setting or command line option is wrong; the message names it and the remedy."""
