"""Words of free text, and the longest known phrases among them.

Spellings that differ only in case, diacritics, apostrophes, hyphens, dots of abbreviation, Arabic letter
forms, vowel signs, tatweel, marks of direction or articles (``al-``, ``ال``) meet in the same words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from cohstream.errors import DataError, Problem

Meaning = TypeVar("Meaning")

SEPARATORS = frozenset(",;:/|&+")
"""Punctuation that stays in the words of a text as words of its own; phrases hold none."""

_APOSTROPHES = re.compile("['’‘`´ʿʾʼʻ′ʹ\"“”]")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_WORD = re.compile(r"[^\W\d_]+|\d+|[,;:/|&+]")
_ARTICLES = frozenset({"al", "el", "ul", "the"})
_ARABIC_LETTERS = str.maketrans({"ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ٱ": "ا", "ء": None, "ـ": None})
_ARABIC_PREFIXES = (("وال", 6, True), ("بال", 6, False), ("لل", 5, False), ("ال", 4, False))
_AND = "و"


class Word(NamedTuple):
    """One word as it is compared, and whether the text wrote it in capitals throughout."""

    text: str
    capitals: bool


def words_of(text: str) -> list[Word]:
    """The words of ``text`` in order, without articles; separators are words of their own."""
    plain = _DOTTED.sub(lambda dotted: dotted[0].replace(".", ""), unicodedata.normalize("NFKC", text))
    plain = _APOSTROPHES.sub("", _POSSESSIVE.sub("", plain))
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFD", plain)
        plain = "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Cf")).translate(_ARABIC_LETTERS)
    words: list[Word] = []
    for match in _WORD.findall(plain):
        folded = match.casefold()
        if folded not in _ARTICLES:
            words += (Word(part, match.isupper()) for part in _without_arabic_article(folded))
    return words


def _without_arabic_article(word: str) -> tuple[str, ...]:
    for prefix, length, conjunction in _ARABIC_PREFIXES:
        if len(word) >= length and word.startswith(prefix):
            return (_AND, word[len(prefix) :]) if conjunction else (word[len(prefix) :],)
    return (word,)


def key_of(text: str) -> str:
    """The words of ``text`` as one string: equal for spellings that count as equal; ``""`` if it has none."""
    return " ".join(word.text for word in words_of(text) if word.text not in SEPARATORS)


class Hit(NamedTuple, Generic[Meaning]):
    """A known phrase at ``words[start:end]``; ``joined`` if an Arabic "and" is written onto it."""

    start: int
    end: int
    meaning: Meaning
    joined: bool = False


class PhraseTable(Generic[Meaning]):
    """Known phrases, found longest first, left to right, on word boundaries.

    ``capitals`` are one-word phrases that count only where the text writes them in capitals (``IS``, ``US``),
    and only if the text is not written in capitals as a whole.
    """

    def __init__(self, phrases: Mapping[str, Meaning], capitals: Mapping[str, Meaning] | None = None) -> None:
        self._meanings = {key_of(phrase): meaning for phrase, meaning in phrases.items()}
        self._capitals = {key_of(phrase): meaning for phrase, meaning in (capitals or {}).items()}
        self._longest: dict[str, int] = {}
        for key in (*self._meanings, *self._capitals):
            first, *others = key.split(" ")
            self._longest[first] = max(self._longest.get(first, 0), 1 + len(others))

    def find(self, words: list[Word]) -> list[Hit[Meaning]]:
        """The known phrases in ``words``; they do not overlap."""
        shouted = len(words) > 1 and all(word.capitals for word in words if word.text.isalpha())
        hits: list[Hit[Meaning]] = []
        at = 0
        while at < len(words):
            hit = self._hit_at(words, at, shouted)
            if hit is None:
                at += 1
            else:
                hits.append(hit)
                at = hit.end
        return hits

    def _hit_at(self, words: list[Word], at: int, shouted: bool) -> Hit[Meaning] | None:
        first = words[at].text
        for spelling in (first, first[1:]) if first.startswith(_AND) and len(first) > 3 else (first,):
            for length in range(min(self._longest.get(spelling, 0), len(words) - at), 0, -1):
                key = " ".join((spelling, *(word.text for word in words[at + 1 : at + length])))
                meaning = self._meanings.get(key)
                if meaning is None and length == 1 and words[at].capitals and not shouted:
                    meaning = self._capitals.get(key)
                if meaning is not None:
                    return Hit(at, at + length, meaning, spelling != first)
        return None

    def exact(self, text: str) -> Meaning | None:
        """The meaning of ``text`` if it is one known phrase as a whole."""
        return self._meanings.get(key_of(text))


def one_meaning_each(phrases: Iterable[tuple[str, Meaning]], file: str) -> dict[str, Meaning]:
    """``phrases`` by their text. Raises :class:`DataError` where one phrase, as compared, has two meanings."""
    kept: dict[str, tuple[str, Meaning]] = {}
    problems: list[Problem] = []
    for phrase, meaning in phrases:
        key = key_of(phrase)
        known = kept.setdefault(key, (phrase, meaning))
        if not key:
            problems.append(Problem(file, 1, f"the phrase '{phrase}' has no words", "Remove it."))
        elif known[1] != meaning:
            what = f"'{phrase}' and '{known[0]}' are one phrase of two meanings"
            problems.append(Problem(file, 1, what, "Keep one of them."))
    if problems:
        raise DataError(problems)
    return dict(kept.values())
