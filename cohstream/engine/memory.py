"""What is remembered of pure look-ups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

CACHE_ENTRIES = 200_000
"""Answers kept per kind of lookup. Sources repeat their words; beyond this the cache starts afresh."""


class Remembered(dict[Question, Answer]):
    """The answers of a pure ``lookup`` by question, found on demand and bounded by :data:`CACHE_ENTRIES`."""

    def __init__(self, lookup: Callable[[Question], Answer]) -> None:
        self._lookup = lookup

    def __missing__(self, question: Question) -> Answer:
        if len(self) >= CACHE_ENTRIES:
            self.clear()
        answer = self[question] = self._lookup(question)
        return answer


class RememberedByIdentity(Generic[Question, Answer]):
    """The answers of a pure ``lookup`` by *object*: for what many share, and what takes long to hash.

    The objects asked about are kept, so that the id of one is never that of another. At most ``entries`` are kept.
    """

    def __init__(self, lookup: Callable[[Question], Answer], entries: int) -> None:
        self._lookup = lookup
        self._entries = entries
        self._answers: dict[int, tuple[Question, Answer]] = {}

    def __call__(self, asked: Question) -> Answer:
        known = self._answers.get(id(asked))
        if known is None:
            if len(self._answers) >= self._entries:
                self._answers.clear()
            known = self._answers[id(asked)] = asked, self._lookup(asked)
        return known[1]
