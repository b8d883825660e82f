"""Factories of replays: rows to gather, and runs that can be stopped after any step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from cohstream.engine.context import Context
from cohstream.importers import Row
from cohstream.knowledge import load_knowledge
from cohstream.local.session import Settings, chosen_agreements
from cohstream.replay.gather import gather
from cohstream.replay.order import Order
from cohstream.replay.replay import Replay
from cohstream.replay.run import agreement_kept
from cohstream.replay.run_file import RunFile

KNOWLEDGE = load_knowledge()
LAW = chosen_agreements(Settings())
CONTEXT = Context.of(KNOWLEDGE, LAW, judgements=50)

Play = Callable[..., Replay]


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """``play(lines, by=Order.EVENT, stops=(2, 1), tick=None)``: a finished replay, stopped after so many steps each."""
    numbers = count()
    opened: list[RunFile] = []

    def make(
        lines: Iterable[bytes],
        by: Order = Order.EVENT,
        stops: Iterable[int] = (),
        tick: float | None = None,
        run_id: str | None = None,
    ) -> Replay:
        directory = tmp_path / "runs" / (run_id or f"run{next(numbers)}")
        run = RunFile.create(directory)
        with run.transaction():
            run["id"] = directory.name
            run["agreements"] = [agreement_kept(one) for one in LAW.values()]
            run["law"], run["knowledge"] = "sha256:law", KNOWLEDGE.digest
        gather(run, (Row(line, f"test:{at}", line) for at, line in enumerate(lines, 1)), by, CONTEXT)
        for steps in stops:
            played = replay_of(run)
            for step in islice(played.steps(tick), steps):
                played.apply(step)
            run.close()
            run = RunFile.open(directory)
        played = replay_of(run)
        for step in played.steps(tick):
            played.apply(step)
        played.finish()
        opened.append(run)
        return played

    yield make
    for run in opened:
        run.close()


def replay_of(run: RunFile) -> Replay:
    played = Replay(run, KNOWLEDGE, LAW, CONTEXT, shown=True)
    played.rebuild()
    return played


def digest_of(played: Replay) -> Any:
    return played.summary()["digest"]
