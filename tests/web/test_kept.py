from __future__ import annotations

from cohstream.web.kept import MOST_KEPT, Kept


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_cheap_answer_is_made_afresh_for_every_state() -> None:
    kept = Kept(Clock())
    assert [kept.answer("q", state, lambda: b"x").state for state in (1, 2, 3)] == [1, 2, 3]


def test_the_same_state_is_answered_once() -> None:
    kept, made = Kept(Clock()), []
    for _ in range(3):
        kept.answer("q", 1, lambda: made.append(1) or b"x")
    assert made == [1]


def test_a_dear_answer_serves_for_a_while() -> None:
    clock = Clock()
    kept = Kept(clock)

    def dear() -> bytes:
        clock.now += 1.0
        return b"x"

    assert kept.answer("q", 1, dear).state == 1
    clock.now += 4.9
    assert kept.answer("q", 2, dear).state == 1
    clock.now += 0.2
    assert kept.answer("q", 2, dear).state == 2


def test_old_questions_are_forgotten() -> None:
    kept, made = Kept(Clock()), []
    for question in (*range(MOST_KEPT + 1), 0):
        kept.answer(question, 1, lambda: made.append(1) or b"x")
    assert len(made) == MOST_KEPT + 2
