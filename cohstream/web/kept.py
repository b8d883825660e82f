"""Answers kept for a while, so that making them for many readers never takes the loop from the reading."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import perf_counter
from typing import NamedTuple

MOST_KEPT = 64
SHARE_OF_TIME = 0.2
"""Most of the loop's time that making one answer again and again may take."""

CHEAP = 0.05
"""An answer made within this many seconds is made afresh whenever the state has changed."""


class Answer(NamedTuple):
    """An encoded answer, the state it was made from, and until when it will do for a newer state."""

    state: Hashable
    body: bytes
    until: float


class Kept:
    """The latest answers by question. One that is dear to make may be a few times its cost behind."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._clock = clock

    def answer(self, question: Hashable, state: Hashable, make: Callable[[], bytes]) -> Answer:
        """The answer to ``question`` for ``state``, or a recent one."""
        known = self._answers.get(question)
        if known is not None and (known.state == state or self._clock() < known.until):
            self._answers.move_to_end(question)
            return known
        began = self._clock()
        body = make()
        now = self._clock()
        took = now - began
        made = Answer(state, body, now + took / SHARE_OF_TIME if took > CHEAP else now)
        self._answers[question] = made
        self._answers.move_to_end(question)
        if len(self._answers) > MOST_KEPT:
            self._answers.popitem(last=False)
        return made
