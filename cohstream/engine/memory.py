"""What is remembered of pure look-ups."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

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
