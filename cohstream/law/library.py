"""The files that an author of rules works on: the built-in ones, those of directories, and those named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cohstream.errors import ConfigError, DataError, Problem
from cohstream.law.agreement import Agreement
from cohstream.law.loader import CASES_SUFFIX, law_texts, read_agreement

_ID = re.compile(r"^agreement:\s*['\"]?([^\s'\"#]+)", re.MULTILINE)


class File(NamedTuple):
    """One file with its text; ``agreement`` is the id it gives, ``""`` if none is to be seen."""

    name: str
    text: str
    agreement: str


@dataclass(frozen=True)
class Library:
    """Every file at hand; ``asked`` are the names of those meant, all if none was named, ``ids`` the ids named."""

    texts: tuple[File, ...]
    cases: tuple[File, ...]
    asked: frozenset[str]
    ids: frozenset[str]

    def others(self, file: File) -> Mapping[str, str]:
        """The names of the other files of agreements, by id."""
        return {one.agreement: one.name for one in self.texts if one.name != file.name and one.agreement}

    def agreements(self) -> dict[str, Agreement]:
        """All agreements by id; of two with one id, the one asked for. Raises :class:`DataError`."""
        problems: list[Problem] = []
        found: dict[str, Agreement] = {}
        for one in sorted(self.texts, key=lambda one: one.name in self.asked):
            try:
                agreement = read_agreement(one.text, one.name)
            except DataError as error:
                problems += error.problems
                continue
            found[agreement.agreement_id] = agreement
        if problems:
            raise DataError(problems)
        return found


def open_library(names: Sequence[str], directories: Sequence[Path] = ()) -> Library:
    """The built-in files, those of ``directories`` and what ``names`` name: a file, a directory, or an agreement's id.

    With a file comes what stands beside it: an agreement's cases, or the agreement of cases. Raises
    :class:`ConfigError` for a name that means nothing, :class:`DataError` for a file that cannot be read.
    """
    problems: list[Problem] = []
    asked, ids, folders = set(), set(), list(directories)
    single: dict[Path, None] = {}
    for name in names:
        path = Path(name)
        if path.is_dir():
            folders.append(path)
            asked |= {str(one) for one in path.iterdir()}
        elif path.is_file():
            asked.add(str(path))
            single |= dict.fromkeys(one for one in (path, _beside(path)) if one.is_file())
        else:
            ids.add(name)
    texts = [_file(*one) for one in law_texts(folders, problems)]
    cases = [_file(*one) for one in law_texts(folders, problems, cases=True)]
    for path in single:
        try:
            file = _file(str(path), path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(str(path), 1, f"the file cannot be read: {error}", "Save it as UTF-8."))
            continue
        (cases if path.name.endswith(CASES_SUFFIX) else texts).append(file)
    if problems:
        raise DataError(problems)
    unknown = sorted(ids - {one.agreement for one in texts})
    if unknown:
        known = ", ".join(sorted({one.agreement for one in texts if one.agreement}))
        raise ConfigError(f"{unknown[0]!r} is no file, no directory and no agreement; known agreements are: {known}")
    if not names:
        asked = {one.name for one in (*texts, *cases)}
    asked |= {one.name for one in texts if one.agreement in ids}
    asked |= {one.name for one in cases if _beside(Path(one.name)).name in {Path(name).name for name in asked}}
    return Library(tuple(dict.fromkeys(texts)), tuple(dict.fromkeys(cases)), frozenset(asked), frozenset(ids))


def _file(name: str, text: str) -> File:
    found = _ID.search(text)
    return File(name, text, found.group(1) if found else "")


def _beside(path: Path) -> Path:
    """The file of cases beside an agreement, or the agreement beside cases."""
    if path.name.endswith(CASES_SUFFIX):
        return path.with_name(path.name.removesuffix(CASES_SUFFIX) + ".yaml")
    return path.with_name(path.stem + CASES_SUFFIX)
